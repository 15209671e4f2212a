"""Facts of consigned goods. Quantities are thousandths, prices public TTC cents, rates basis points."""

from pos.events import Event, Part


class Goods(Part, frozen=True, kw_only=True):
    """So many of a product at its public price; `ordered` when another quantity was expected."""

    product: str
    label: str
    quantity: int
    price: int
    ordered: int = -1


class ContractSet(Event, frozen=True, kw_only=True):
    """Terms with an owner from a day on: commission, tax mode, unsold goods, who bears waste."""

    kind = "consignment.contract_set"
    owner: str
    valid_from: str
    commission_bp: int
    tax_mode: str
    unsold: str
    waste: str
    period: str
    cap_bp: int = 0
    reference: str = ""
    # What the café bears is billed less its commission, as if it were sold.
    borne_net: bool = False
    # Goods that do not keep: each day's are a lot of their own, and their service tells what tickets move.
    daily: bool = False


class GoodsReceived(Event, frozen=True, kw_only=True):
    """An owner delivered goods; `ordered` of a line is what the note announced when it differs."""

    kind = "consignment.goods_received"
    owner: str
    day: str
    lines: list[Goods]
    note_no: str = ""
    # Deliveries of all owners are numbered in one row, to be corrected by their number.
    number: int = 0
    # The day whose goods they are, for goods that do not keep.
    lot: str = ""


class ReceiptCorrected(Event, frozen=True, kw_only=True):
    """A delivery was counted again: of this article there were so many, not so many."""

    kind = "consignment.receipt_corrected"
    owner: str
    number: int
    day: str
    product: str
    label: str
    was: int
    counted: int
    price: int
    lot: str = ""


class GoodsReturned(Event, frozen=True, kw_only=True):
    """Unsold goods went back to their owner, or where the owner lets them go."""

    kind = "consignment.goods_returned"
    owner: str
    day: str
    lines: list[Goods]
    slip: str = ""
    lot: str = ""
    # Empty: to the owner. donated: to an association. day_old: kept, to be sold as the café's own.
    how: str = ""


class GoodsLost(Event, frozen=True, kw_only=True):
    """Goods were written off; `bears` is who pays for them."""

    kind = "consignment.goods_lost"
    owner: str
    day: str
    reason: str
    bears: str
    lines: list[Goods]
    lot: str = ""


class CountedGoods(Part, frozen=True, kw_only=True):
    """What is left of an article, and what should be."""

    product: str
    label: str
    expected: int
    counted: int
    price: int


class GoodsCounted(Event, frozen=True, kw_only=True):
    """Goods were counted: what is missing is lost, what is too many is found again."""

    kind = "consignment.goods_counted"
    owner: str
    day: str
    bears: str
    lines: list[CountedGoods]
    lot: str = ""


class StatedLine(Part, frozen=True, kw_only=True):
    """One article of a statement; a correction belongs to days stated before."""

    product: str
    received: int = 0
    sold: int = 0
    returned: int = 0
    lost: int = 0
    revenue: int = 0
    correction: bool = False
    label: str = ""
    price: int = 0
    received_value: int = 0
    returned_value: int = 0
    lost_value: int = 0
    # Money without goods: charged though nobody fetched them, less refunds of earlier days.
    adjusted: int = 0


class StatedRate(Part, frozen=True, kw_only=True):
    """The commission of a statement at one rate: on how much, and how much."""

    bp: int
    base: int
    commission: int


class StatementDetailed(Event, frozen=True, kw_only=True):
    """Lines of the statement that the next `StatementClosed` of this owner closes: more than one entry holds."""

    kind = "consignment.statement_detailed"
    owner: str
    number: int
    lines: list[StatedLine]


class StatementClosed(Event, frozen=True, kw_only=True):
    """What is due to an owner for a period: sales − commission + what the café bears − what both agreed to take off."""

    kind = "consignment.statement_closed"
    owner: str
    number: int
    first: str
    last: str
    day: str
    upto_seq: int
    lines: list[StatedLine]
    revenue: int
    commission_bp: int
    commission: int
    charged: int
    due: int
    tax_mode: str
    # One row per rate in force during the period; `commission_bp` is the last.
    rates: list[StatedRate] = []
    # Values at the public price; `charged` is what the café bears of losses, and unsold goods not credited.
    received_value: int = 0
    returned_value: int = 0
    lost_value: int = 0
    adjusted: int = 0
    uncredited: int = 0
    deduction: int = 0
    deduction_reason: str = ""
    # Its lines are in so many entries just before (`StatementDetailed`), and none here.
    parts: int = 0


class StatementPaid(Event, frozen=True, kw_only=True):
    """An owner whose goods the café buys was paid what a statement says: a purchase, no third party's money."""

    kind = "consignment.statement_paid"
    owner: str
    number: int
    amount: int
    means: str
    day: str


EVENTS: tuple[type[Event], ...] = (
    ContractSet, GoodsReceived, ReceiptCorrected, GoodsReturned, GoodsLost, GoodsCounted, StatementDetailed,
    StatementClosed, StatementPaid,
)  # fmt: skip
