"""What the parcel relay tells the network: parcels in, out and back, and those past their day."""

from pos.feature import Figure, Indicator, Tells, Wait, Waiting, Waits
from pos.i18n import N_
from pos.services.parcels import events

PARCEL = "parcel"


def _goes(
    event: events.HandedOver | events.WentMissing | events.DeclaredLost | events.ReturnedToDriver,
) -> tuple[Wait, ...]:
    return (Wait(PARCEL, event.parcel, here=False),)


def _comes_back(event: events.HandOverUndone | events.ParcelFound) -> tuple[Wait, ...]:
    return (Wait(PARCEL, event.parcel, here=True),)


INDICATORS = (
    Indicator("parcels_received", N_("Parcels taken in")), Indicator("parcels_handed", N_("Parcels handed over")),
    Indicator("parcels_returned", N_("Parcels given back to drivers")),
)  # fmt: skip
TELLS: Tells = {
    events.ParcelReceived: lambda _event: (Figure("parcels_received", 1),),
    events.HandedOver: lambda _event: (Figure("parcels_handed", 1),),
    events.HandOverUndone: lambda _event: (Figure("parcels_handed", -1),),
    events.ReturnedToDriver: lambda _event: (Figure("parcels_returned", 1),),
}
WAITING = (Waiting(PARCEL, N_("Parcels"), partner=True),)
WAITS: Waits = {
    events.ParcelReceived: lambda came: (Wait(PARCEL, came.parcel, came.deadline, here=True),),
    # Nobody will fetch it: the next driver should.
    events.RefusedByRecipient: lambda refused: (Wait(PARCEL, refused.parcel, refused.day[:10], here=True),),
    events.HandedOver: _goes, events.WentMissing: _goes, events.DeclaredLost: _goes, events.ReturnedToDriver: _goes,
    events.HandOverUndone: _comes_back, events.ParcelFound: _comes_back,
}  # fmt: skip
