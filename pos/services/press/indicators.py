"""What the press counter tells the network: copies delivered, given back, missing at recall; the games' pay."""

from collections.abc import Iterable

from pos.feature import Figure, Indicator, Tells
from pos.i18n import N_
from pos.services.press import events


def _delivered(came: events.DeliveryReceived) -> Iterable[Figure]:
    return (Figure("press_delivered", line.received) for line in came.lines)


def _unsold(back: events.UnsoldReturned) -> Iterable[Figure]:
    for line in back.lines:
        yield Figure("press_returned", line.returned)
        yield Figure("press_missing", line.missing)


INDICATORS = (
    Indicator("press_delivered", N_("Copies of the press delivered"), "thousandths"),
    Indicator("press_returned", N_("Copies of the press given back"), "thousandths"),
    Indicator(
        "press_unsold_rate", N_("Share of the press given back"), "share", share=("press_returned", "press_delivered")
    ),
    Indicator("press_missing", N_("Copies missing at recall"), "thousandths"),
    Indicator("games_commission", N_("Commission on games"), "cents"),
)
TELLS: Tells = {
    events.DeliveryReceived: _delivered,
    events.DeliveryCorrected: lambda again: (Figure("press_delivered", again.received - again.was),),
    events.UnsoldReturned: _unsold,
    events.GamesDebited: lambda debit: (Figure("games_commission", debit.commission),),
}
