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


class GoodsReceived(Event, frozen=True, kw_only=True):
    """An owner delivered goods."""

    kind = "consignment.goods_received"
    owner: str
    day: str
    lines: list[Goods]
    note_no: str = ""


class GoodsReturned(Event, frozen=True, kw_only=True):
    """Unsold goods went back to their owner."""

    kind = "consignment.goods_returned"
    owner: str
    day: str
    lines: list[Goods]
    slip: str = ""


class GoodsLost(Event, frozen=True, kw_only=True):
    """Goods were written off; `bears` is who pays for them."""

    kind = "consignment.goods_lost"
    owner: str
    day: str
    reason: str
    bears: str
    lines: list[Goods]


class StatedLine(Part, frozen=True, kw_only=True):
    """One article of a statement; a correction belongs to days stated before."""

    product: str
    received: int = 0
    sold: int = 0
    returned: int = 0
    lost: int = 0
    revenue: int = 0
    correction: bool = False


class StatedRate(Part, frozen=True, kw_only=True):
    """The commission of a statement at one rate: on how much, and how much."""

    bp: int
    base: int
    commission: int


class StatementClosed(Event, frozen=True, kw_only=True):
    """What is due to an owner for a period: sales − commission + what the café bears."""

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


EVENTS: tuple[type[Event], ...] = (ContractSet, GoodsReceived, GoodsReturned, GoodsLost, StatementClosed)
