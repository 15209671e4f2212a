"""Goods sold for someone else: contracts, deliveries, returns, losses, and the statement that settles them.

For each article, always: received = sold + returned + lost + still on sale. A late sale or return
opens a correction in the next statement; nothing is edited (services.md B.0.3).
"""

import sqlite3
from collections.abc import Sequence

import msgspec

from pos.engines import consignment_tables as tables
from pos.engines.consignment_accounts import (
    BOUGHT,
    ON_BEHALF,
    OWN_NAME,
    PRESS,
    NoContract,
    NothingToState,
    close_statement,
    draft_statement,
    half_up,
    terms_on,
)  # fmt: skip
from pos.engines.consignment_events import (
    EVENTS,
    ContractSet,
    CountedGoods,
    Goods,
    GoodsCounted,
    GoodsLost,
    GoodsReceived,
    GoodsReturned,
    ReceiptCorrected,
)  # fmt: skip
from pos.engines.consignment_tables import CAFE, CAPPED, DAY_OLD, DONATED, FIRM, OWNER, RETURNED
from pos.errors import Refusal
from pos.events import parted
from pos.feature import Feature
from pos.i18n import N_
from pos.ids import paper_number
from pos.money import format_quantity, line_total
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till import tables as till
from pos.till.events import ProductListed

__all__ = [
    "BOUGHT", "CAFE", "CAPPED", "DAY_OLD", "DONATED", "FEATURE", "FIRM", "ON_BEHALF", "OWNER", "OWN_NAME", "PERIODS", "PRESS",
    "RETURNED", "BadContract", "Line", "NoContract", "NoSuchReceipt", "NotThatMany", "NothingToState", "agree",
    "close_statement", "correct_receipt", "correct_receipt_in", "count", "count_in", "draft_statement", "give_back",
    "give_back_in", "half_up", "identity_faults", "lose", "lose_in", "put_under", "receive", "receive_in", "set_contract",
    "value_of",
]  # fmt: skip

# What a tax mode makes of a product at the till (R85).
_ROLES = {ON_BEHALF: "agent_disclosed", OWN_NAME: "own", BOUGHT: "own", PRESS: "press"}
PERIODS = ("day", "week", "month")
LOSS_REASONS = ("damaged", "stale", "stolen", "missing", "staff", "offered", "other")


class BadContract(Refusal):
    """A term is out of its range."""

    sentence = N_("The contract does not hold: %(field)s.")
    remedy = N_("Correct it from the paper that both signed.")


class NotThatMany(Refusal):
    """More would leave than is there."""

    sentence = N_("Only %(there)s of %(product)s are on sale.")
    remedy = N_("Count again, or enter the delivery that is missing.")


class NoSuchReceipt(Refusal):
    """Nothing to correct."""

    sentence = N_("This delivery was not found.")
    remedy = N_("Choose it among the deliveries received.")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """So many of a product, as an act takes them (thousandths); `ordered` when it differs."""

    product: str
    quantity: int = 1000
    ordered: int = -1


def set_contract(
    store: Store, owner: str, *, commission_bp: int, tax_mode: str = ON_BEHALF, unsold: str = RETURNED,
    cap_bp: int = 0, waste: str = OWNER, period: str = "month", products: Sequence[str] = (), valid_from: str = "",
    reference: str = "", by: str, attempt: str = "",
) -> None:  # fmt: skip
    """Agree terms with an owner from a day on, and put `products` under them.

    `waste` says who bears losses. Raises BadContract, NoSuchProduct.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        agree(tx, ContractSet(
            owner=owner, valid_from=valid_from or tx.today, commission_bp=commission_bp, tax_mode=tax_mode, unsold=unsold,
            cap_bp=cap_bp, waste=waste, period=period, reference=reference[:40],
        ))  # fmt: skip
        for product in products:
            put_under(tx, product, owner, tax_mode)


def agree(tx: Writing, terms: ContractSet) -> None:
    """Record terms with an owner inside another act. Raises BadContract."""
    good = (
        0 <= terms.commission_bp <= 10_000 and terms.tax_mode in _ROLES and terms.unsold in (RETURNED, CAPPED, FIRM)
        and 0 <= terms.cap_bp <= 10_000 and terms.waste in (OWNER, CAFE) and terms.period in PERIODS and terms.owner.strip()
    )  # fmt: skip
    if not good:
        raise BadContract(field=terms.owner or "?")
    tx.record(terms if terms.unsold == CAPPED else msgspec.structs.replace(terms, cap_bp=0))


def put_under(tx: Writing, product: str, owner: str, tax_mode: str) -> None:
    """List a product again as an owner's, in the role of the tax mode."""
    row = till.product(tx.conn, product)
    if row is None:
        from pos.till.refusals import NoSuchProduct

        raise NoSuchProduct(product=product)
    fields = {name: row[name] for name in row.keys() if name in ProductListed.__struct_fields__}  # noqa: SIM118
    fields |= {
        "role": _ROLES[tax_mode],
        "owner": owner,
        "takeaway": bool(row["takeaway"]),
        "open_price": bool(row["open_price"]),
    }
    if tax_mode not in (OWN_NAME, BOUGHT):
        fields["nature"] = "third_party"
    catalogue.put_on_menu(tx, ProductListed(**fields))


def receive(
    store: Store, owner: str, lines: Sequence[Line], *, note_no: str = "", by: str, attempt: str = ""
) -> GoodsReceived:
    """Take a delivery in; ordered quantities that differ are kept. Raises NoContract."""
    with store.writing(by=by, attempt=attempt) as tx:
        return receive_in(tx, owner, lines, note_no=note_no)


def receive_in(tx: Writing, owner: str, lines: Sequence[Line], *, note_no: str = "", lot: str = "") -> GoodsReceived:
    """Do `receive` inside another act; a long delivery is several entries under its number."""
    terms_on(tx.conn, owner, tx.today)
    event = GoodsReceived(
        owner=owner, note_no=paper_number(note_no), day=tx.today, lot=lot, number=tables.next_receipt(tx.conn),
        lines=[_goods(tx.conn, owner, line) for line in lines],
    )  # fmt: skip
    for part in parted(event):
        tx.record(part)
    return event


def correct_receipt(
    store: Store, number: int, product: str, counted: int, *, by: str, attempt: str = ""
) -> ReceiptCorrected:
    """Say that a delivery held another number of an article. Raises NoSuchReceipt."""
    with store.writing(by=by, attempt=attempt) as tx:
        return correct_receipt_in(tx, number, product, counted)


def correct_receipt_in(tx: Writing, number: int, product: str, counted: int) -> ReceiptCorrected:
    """Do `correct_receipt` inside another act."""
    row = tables.receipt(tx.conn, number, product)
    if row is None or counted < 0:
        raise NoSuchReceipt
    event = ReceiptCorrected(
        owner=row["owner"], number=number, day=tx.today, product=product, label=row["label"], was=row["counted"],
        counted=counted, price=row["price"], lot=row["lot"],
    )  # fmt: skip
    tx.record(event)
    return event


def give_back(
    store: Store, owner: str, lines: Sequence[Line], *, slip: str = "", by: str, attempt: str = ""
) -> GoodsReturned:
    """Give unsold goods back. Raises NoContract, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        return give_back_in(tx, owner, lines, slip=slip)


def give_back_in(
    tx: Writing, owner: str, lines: Sequence[Line], *, slip: str = "", lot: str = "", how: str = ""
) -> GoodsReturned:
    """Do `give_back` inside another act; `how` when they are donated, or kept as the café's own, instead."""
    terms_on(tx.conn, owner, lot or tx.today)
    _require(tx.conn, owner, lines, lot)
    event = GoodsReturned(
        owner=owner, slip=slip[:24], day=tx.today, lot=lot, how=how if how in (DONATED, DAY_OLD) else "",
        lines=[_goods(tx.conn, owner, line, lot) for line in lines],
    )  # fmt: skip
    for part in parted(event):
        tx.record(part)
    return event


def lose(store: Store, owner: str, lines: Sequence[Line], reason: str, *, by: str, attempt: str = "") -> GoodsLost:
    """Write goods off; the contract says who bears it. Raises NoContract, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        return lose_in(tx, owner, lines, reason)


def lose_in(tx: Writing, owner: str, lines: Sequence[Line], reason: str, *, lot: str = "") -> GoodsLost:
    """Do `lose` inside another act."""
    terms = terms_on(tx.conn, owner, lot or tx.today)
    _require(tx.conn, owner, lines, lot)
    event = GoodsLost(
        owner=owner, reason=reason if reason in LOSS_REASONS else "other", bears=terms["waste"], day=tx.today, lot=lot,
        lines=[_goods(tx.conn, owner, line, lot) for line in lines],
    )  # fmt: skip
    for part in parted(event):
        tx.record(part)
    return event


def count(
    store: Store, owner: str, lines: Sequence[Line], *, lot: str = "", by: str, attempt: str = ""
) -> GoodsCounted:
    """Count what is there: what is missing is lost, what is too many is found again. Raises NoContract, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        held = {line.product: tables.lot(tx.conn, owner, line.product, lot) for line in lines}
        there = {product: int(row["on_sale"]) for product, row in held.items() if row is not None}
        return count_in(tx, owner, [(line, there.get(line.product, 0)) for line in lines], lot=lot)


def count_in(tx: Writing, owner: str, counted: Sequence[tuple[Line, int]], *, lot: str = "") -> GoodsCounted:
    """Do `count` inside another act, each line with what should be left of it."""
    terms = terms_on(tx.conn, owner, lot or tx.today)
    lines = []
    for line, expected in counted:
        if line.quantity < 0:
            raise NotThatMany(product=label_of(tx.conn, line.product), there=format_quantity(max(0, expected)))
        goods = _goods(tx.conn, owner, line, lot)
        lines.append(
            CountedGoods(
                product=line.product, label=goods.label, expected=expected, counted=line.quantity, price=goods.price
            )
        )
    event = GoodsCounted(owner=owner, day=tx.today, bears=terms["waste"], lines=lines, lot=lot)
    tx.record(event)
    return event


def _goods(conn: sqlite3.Connection, owner: str, line: Line, lot: str = "") -> Goods:
    """Return a line in words and money: of a day's lot, at the price it came at."""
    row = (tables.lot(conn, owner, line.product, lot) if lot else None) or till.product(conn, line.product)
    if row is None:
        from pos.till.refusals import NoSuchProduct

        raise NoSuchProduct(product=line.product)
    ordered = line.ordered if line.ordered != line.quantity else -1
    return Goods(product=line.product, label=row["label"], quantity=line.quantity, price=row["price"], ordered=ordered)


def label_of(conn: sqlite3.Connection, product: str) -> str:
    """Return what people call a product, for a sentence; its code when nobody knows it."""
    row = till.product(conn, product)
    return str(row["label"]) if row is not None else product


def _require(conn: sqlite3.Connection, owner: str, lines: Sequence[Line], lot: str) -> None:
    leaving: dict[str, int] = {}
    for line in lines:
        leaving[line.product] = leaving.get(line.product, 0) + line.quantity
        held = tables.lot(conn, owner, line.product, lot)
        there = held["on_sale"] if held is not None else 0
        if line.quantity <= 0 or leaving[line.product] > there:
            raise NotThatMany(product=label_of(conn, line.product), there=format_quantity(max(0, there)))


def identity_faults(conn: sqlite3.Connection) -> list[str]:
    """Return lots whose identity does not hold, and goods of which more left than came."""
    return [f"{row['owner']}/{row['product']}: on sale {row['on_sale']}" for row in tables.faults(conn)]


def value_of(lines: Sequence[Goods]) -> int:
    """Return what goods are worth at their public price, in cents."""
    return sum(line_total(line.quantity, line.price) for line in lines)


FEATURE = Feature(
    slug="consignment", title=N_("Goods on consignment"), events=EVENTS, projection=tables.PROJECTION,
    acts=(set_contract, receive, correct_receipt, give_back, lose, count, close_statement),
)  # fmt: skip
