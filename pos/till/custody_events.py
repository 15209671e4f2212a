"""Facts of money that is not the café's: handed over, moved without a ticket, the share kept (R90, R91)."""

from pos.events import Event


class ThirdPartySettled(Event, frozen=True, kw_only=True):
    """Money held for a third party was handed to them (R91)."""

    kind = "till.third_party_settled"
    owner: str
    amount: int
    means: str
    day: str
    ref: str = ""


class ThirdPartyMoved(Event, frozen=True, kw_only=True):
    """A third party's money came in (positive) or went out (negative) without a ticket.

    A withdrawal paid for the post, winnings, a guarantee deposit held: never turnover.
    """

    kind = "till.third_party_moved"
    owner: str
    amount: int
    means: str
    reason: str
    day: str
    ref: str = ""
    visit: str = ""


class CommissionKept(Event, frozen=True, kw_only=True):
    """The café keeps its agreed share of a third party's money, by a statement."""

    kind = "till.commission_kept"
    owner: str
    amount: int
    day: str
    ref: str = ""
