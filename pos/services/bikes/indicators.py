"""What the bikes tell the network: hires that came back late or damaged, cyclists welcomed, bikes not back."""

from pos.clock import business_day
from pos.feature import Figure, Indicator, Tells, Wait, Waiting, Waits
from pos.i18n import N_
from pos.services.bikes import events

BIKE = "bike"


def _back(back: events.BikeReturned) -> list[Figure]:
    said = (("bikes_late", back.late_minutes > 0), ("bikes_damaged", bool(back.damages)))
    return [Figure(code, 1) for code, true in said if true]


INDICATORS = (
    Indicator("bikes_hired", N_("Bikes hired")), Indicator("bikes_late", N_("Bikes back late")),
    Indicator("bikes_damaged", N_("Bikes back damaged")), Indicator("cyclists", N_("Cyclists welcomed: pump, tools, water")),
)  # fmt: skip
TELLS: Tells = {
    events.BikeHired: lambda _hired: (Figure("bikes_hired", 1),),
    events.HireCancelled: lambda _cancelled: (Figure("bikes_hired", -1),),
    events.BikeReturned: _back,
    events.WelcomeGiven: lambda given: (Figure("cyclists", given.n),),
}
WAITING = (Waiting(BIKE, N_("Bikes to bring back")),)
WAITS: Waits = {
    events.BikeHired: lambda hired: (Wait(BIKE, hired.rental, business_day(hired.due_at), here=True),),
    events.HireCancelled: lambda cancelled: (Wait(BIKE, cancelled.rental, here=False),),
    events.BikeReturned: lambda back: (Wait(BIKE, back.rental, here=False),),
}
