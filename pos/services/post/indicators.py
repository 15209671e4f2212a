"""What the postal relay tells the network: mail, notices, cash of La Poste, what waits past its day."""

from pos.engines.shelf import COLLECTED, HERE, ThingKept, ThingMoved
from pos.feature import Figure, Indicator, Tells, Wait, Waiting, Waits
from pos.i18n import N_
from pos.services.post import events
from pos.services.post.prices import POST

NOTICE = "post_notice"


def _handed(moved: ThingMoved) -> tuple[Figure, ...]:
    return (Figure("post_notices", 1),) if moved.service == POST and moved.state == COLLECTED else ()


def _paid_out(paid: events.PaidOut) -> tuple[Figure, ...]:
    return (Figure("post_withdrawals", 1), Figure("post_paid_out", paid.amount))


def _kept(kept: ThingKept) -> tuple[Wait, ...]:
    return (Wait(NOTICE, kept.thing, kept.due_on, here=True),) if kept.service == POST else ()


def _moved(moved: ThingMoved) -> tuple[Wait, ...]:
    return (Wait(NOTICE, moved.thing, here=moved.state in HERE),) if moved.service == POST else ()


INDICATORS = (
    Indicator("post_mail", N_("Letters and parcels taken in for La Poste")),
    Indicator("post_notices", N_("Notices of La Poste handed over")),
    Indicator("post_returned", N_("Notices given back to La Poste")),
    Indicator("post_withdrawals", N_("Withdrawals at the postal relay")),
    Indicator("post_paid_out", N_("Paid out for La Poste"), "cents"),
)
TELLS: Tells = {
    events.MailTaken: lambda taken: (Figure("post_mail", taken.pieces),),
    events.MailCollected: lambda collected: (Figure("post_returned", len(collected.returned)),),
    events.PaidOut: _paid_out,
    ThingMoved: _handed,
}
WAITING = (Waiting(NOTICE, N_("Notices of La Poste"), partner=True),)
WAITS: Waits = {ThingKept: _kept, ThingMoved: _moved}
