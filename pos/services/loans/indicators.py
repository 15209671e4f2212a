"""What the loans tell the network: things lent, lost, missing from the library's boxes; what is late."""

from pos.feature import Figure, Indicator, Tells, Wait, Waiting, Waits
from pos.i18n import N_
from pos.services.loans import events

ITEM, BOX = "loan", "library_box"

INDICATORS = (
    Indicator("loans_lent", N_("Things lent")), Indicator("loans_back", N_("Things brought back")),
    Indicator("loans_lost", N_("Things lost")), Indicator("library_missing", N_("Things missing from the library’s boxes")),
)  # fmt: skip
TELLS: Tells = {
    events.ItemLent: lambda _lent: (Figure("loans_lent", 1),),
    events.ItemReturned: lambda _back: (Figure("loans_back", 1),),
    events.ItemLost: lambda _lost: (Figure("loans_lost", 1),),
    events.BoxReturned: lambda back: (Figure("library_missing", back.missing),),
}
WAITING = (Waiting(ITEM, N_("Loans to bring back")), Waiting(BOX, N_("Library boxes"), partner=True))
WAITS: Waits = {
    events.ItemLent: lambda lent: (Wait(ITEM, lent.loan, lent.due_on, here=True),),
    events.LoanExtended: lambda kept: (Wait(ITEM, kept.loan, kept.due_on),),
    events.ItemReturned: lambda back: (Wait(ITEM, back.loan, here=False),),
    events.ItemLost: lambda lost: (Wait(ITEM, lost.loan, here=False),),
    events.BoxReceived: lambda came: (Wait(BOX, came.box, came.due_on, here=True),),
    events.BoxReturned: lambda back: (Wait(BOX, back.box, here=False),),
}
