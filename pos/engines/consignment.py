"""Goods sold for someone else: contracts, deliveries, returns, losses, and the statement that settles them.

For each article, always: received = sold + returned + lost + still on sale. A late sale or return
opens a correction in the next statement; nothing is edited (services.md B.0.3).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from pos.engines import consignment_tables as tables
from pos.engines.consignment_events import (
    EVENTS,
    ContractSet,
    Goods,
    GoodsLost,
    GoodsReceived,
    GoodsReturned,
    StatedLine,
    StatedRate,
    StatementClosed,
)  # fmt: skip
from pos.engines.consignment_tables import CAFE, CAPPED, FIRM, OWNER, RETURNED
from pos.errors import Refusal
from pos.feature import Feature
from pos.i18n import N_
from pos.ids import paper_number
from pos.money import format_quantity, line_total
from pos.store import Store, Writing
from pos.till import catalogue
from pos.till import tables as till
from pos.till.events import CommissionKept, ProductListed, ThirdPartyMoved
from pos.till.sell import day_label

ON_BEHALF, OWN_NAME, PRESS = "on_behalf", "own_name", "press"
# What a tax mode makes of a product at the till (R85).
_ROLES = {ON_BEHALF: "agent_disclosed", OWN_NAME: "own", PRESS: "press"}
PERIODS = ("day", "week", "month")
LOSS_REASONS = ("damaged", "stale", "stolen", "missing", "other")


class BadContract(Refusal):
    """A term is out of its range."""

    sentence = N_("The contract does not hold: %(field)s.")
    remedy = N_("Correct it from the paper that both signed.")


class NoContract(Refusal):
    """Nothing is agreed with this owner."""

    sentence = N_("There is no contract with %(owner)s yet.")
    remedy = N_("Enter the contract first: commission, unsold goods, statements.")


class NotThatMany(Refusal):
    """More would leave than is there."""

    sentence = N_("Only %(there)s of %(product)s are on sale.")
    remedy = N_("Count again, or enter the delivery that is missing.")


class NothingToState(Refusal):
    """No move since the last statement."""

    sentence = N_("Nothing was sold or returned for %(owner)s since the last statement.")
    remedy = N_("Wait for the next period.")


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
        good = (
            0 <= commission_bp <= 10_000 and tax_mode in _ROLES and unsold in (RETURNED, CAPPED, FIRM)
            and 0 <= cap_bp <= 10_000 and waste in (OWNER, CAFE) and period in PERIODS and owner.strip()
        )  # fmt: skip
        if not good:
            raise BadContract(field=owner or "?")
        tx.record(
            ContractSet(
                owner=owner, valid_from=valid_from or tx.today, commission_bp=commission_bp, tax_mode=tax_mode,
                unsold=unsold, cap_bp=cap_bp if unsold == CAPPED else 0, waste=waste, period=period,
                reference=reference[:40],
            )
        )  # fmt: skip
        for product in products:
            put_under(tx, product, owner, tax_mode)


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
    if tax_mode != OWN_NAME:
        fields["nature"] = "third_party"
    catalogue.put_on_menu(tx, ProductListed(**fields))


def receive(
    store: Store, owner: str, lines: Sequence[Line], *, note_no: str = "", by: str, attempt: str = ""
) -> GoodsReceived:
    """Take a delivery in; ordered quantities that differ are kept. Raises NoContract."""
    with store.writing(by=by, attempt=attempt) as tx:
        return receive_in(tx, owner, lines, note_no=note_no)


def receive_in(tx: Writing, owner: str, lines: Sequence[Line], *, note_no: str = "") -> GoodsReceived:
    """Do `receive` inside another act."""
    _terms(tx.conn, owner, tx.today)
    event = GoodsReceived(
        owner=owner, note_no=paper_number(note_no), day=tx.today, lines=[_goods(tx.conn, line) for line in lines]
    )
    tx.record(event)
    return event


def give_back(
    store: Store, owner: str, lines: Sequence[Line], *, slip: str = "", by: str, attempt: str = ""
) -> GoodsReturned:
    """Give unsold goods back. Raises NoContract, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        return give_back_in(tx, owner, lines, slip=slip)


def give_back_in(tx: Writing, owner: str, lines: Sequence[Line], *, slip: str = "") -> GoodsReturned:
    """Do `give_back` inside another act."""
    _terms(tx.conn, owner, tx.today)
    _require(tx.conn, owner, lines)
    event = GoodsReturned(owner=owner, slip=slip[:24], day=tx.today, lines=[_goods(tx.conn, line) for line in lines])
    tx.record(event)
    return event


def lose(store: Store, owner: str, lines: Sequence[Line], reason: str, *, by: str, attempt: str = "") -> GoodsLost:
    """Write goods off; the contract says who bears it. Raises NoContract, NotThatMany."""
    with store.writing(by=by, attempt=attempt) as tx:
        return lose_in(tx, owner, lines, reason)


def lose_in(tx: Writing, owner: str, lines: Sequence[Line], reason: str) -> GoodsLost:
    """Do `lose` inside another act."""
    terms = _terms(tx.conn, owner, tx.today)
    _require(tx.conn, owner, lines)
    event = GoodsLost(
        owner=owner, reason=reason if reason in LOSS_REASONS else "other", bears=terms["waste"], day=tx.today,
        lines=[_goods(tx.conn, line) for line in lines],
    )  # fmt: skip
    tx.record(event)
    return event


def _goods(conn: sqlite3.Connection, line: Line) -> Goods:
    row = till.product(conn, line.product)
    if row is None:
        from pos.till.refusals import NoSuchProduct

        raise NoSuchProduct(product=line.product)
    ordered = line.ordered if line.ordered != line.quantity else -1
    return Goods(product=line.product, label=row["label"], quantity=line.quantity, price=row["price"], ordered=ordered)


def _terms(conn: sqlite3.Connection, owner: str, day: str) -> sqlite3.Row:
    found = tables.contract(conn, owner, day)
    if found is None:
        raise NoContract(owner=owner)
    return found


def _require(conn: sqlite3.Connection, owner: str, lines: Sequence[Line]) -> None:
    held = tables.stock(conn, owner)
    leaving: dict[str, int] = {}
    for line in lines:
        leaving[line.product] = leaving.get(line.product, 0) + line.quantity
        there = held.get(line.product)
        if there is None or line.quantity <= 0 or leaving[line.product] > there.on_sale:
            raise NotThatMany(product=line.product, there=format_quantity(max(0, there.on_sale if there else 0)))


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement as it would be closed now."""

    event: StatementClosed


def draft_statement(conn: sqlite3.Connection, owner: str, day: str, upto: int) -> StatementClosed:
    """Return what a statement up to `day` would say. Raises NoContract, NothingToState."""
    terms = _terms(conn, owner, day)
    before = tables.last_statement(conn, owner)
    moves = tables.not_stated(conn, owner, day)
    if not moves:
        raise NothingToState(owner=owner)
    lines = _stated(moves, before["last"] if before else "")
    revenue = sum(line.revenue for line in lines)
    rates = _commissions(conn, moves, terms)
    commission = sum(rate.commission for rate in rates)
    charged = _charged(moves, terms)
    return StatementClosed(
        owner=owner, number=(before["number"] if before else 0) + 1, first=min(move["day"] for move in moves), last=day,
        upto_seq=upto, lines=lines, revenue=revenue, commission_bp=terms["commission_bp"], commission=commission,
        charged=charged, due=revenue - commission + charged, tax_mode=terms["tax_mode"], day=day, rates=rates,
    )  # fmt: skip


def _commissions(conn: sqlite3.Connection, moves: list[sqlite3.Row], terms: sqlite3.Row) -> list[StatedRate]:
    """Return the commission by rate: each move at the rate of its day, rounded half up once per rate.

    The seller of press answers for what is missing as if it were sold, so its commission counts there too.
    """
    missing_is_sold = terms["tax_mode"] == PRESS and terms["waste"] == CAFE
    bases: dict[int, int] = {}
    for move in moves:
        if move["what"] == "sold" or (missing_is_sold and move["what"] == "lost"):
            then = tables.contract(conn, move["owner"], move["day"]) or terms
            bases[then["commission_bp"]] = bases.get(then["commission_bp"], 0) + move["cents"]
    return [StatedRate(bp=bp, base=base, commission=half_up(base, bp)) for bp, base in sorted(bases.items())]


def half_up(amount: int, bp: int) -> int:
    """Return `amount` × basis points, half up to the cent on the absolute value."""
    size = (2 * abs(amount) * bp + 10_000) // 20_000
    return -size if amount < 0 else size


def _stated(moves: list[sqlite3.Row], closed_until: str) -> list[StatedLine]:
    """Return lines by product; what belongs to days already stated is a correction line of its own."""
    sums: dict[tuple[str, bool], dict[str, int]] = {}
    for move in moves:
        row = sums.setdefault((move["product"], bool(closed_until) and move["day"] <= closed_until), {})
        row[move["what"]] = row.get(move["what"], 0) + move["quantity"]
        if move["what"] == "sold":
            row["revenue"] = row.get("revenue", 0) + move["cents"]
    return [
        StatedLine(
            product=product, received=row.get("received", 0), sold=row.get("sold", 0), returned=row.get("returned", 0),
            lost=row.get("lost", 0), revenue=row.get("revenue", 0), correction=late,
        )
        for (product, late), row in sorted(sums.items())
    ]  # fmt: skip


def _charged(moves: list[sqlite3.Row], terms: sqlite3.Row) -> int:
    """Return what the café owes beyond its sales: losses it bears, unsold beyond the cap, firm buying."""
    value: dict[str, int] = {
        what: sum(m["cents"] for m in moves if m["what"] == what) for what in ("received", "returned", "lost")
    }
    borne = value["lost"] if terms["waste"] == CAFE else 0
    if terms["unsold"] == CAPPED:
        cap: int = value["received"] * int(terms["cap_bp"]) // 10_000
        return borne + max(0, value["returned"] - cap)
    if terms["unsold"] == FIRM:
        return borne + value["returned"]
    return borne


def close_statement(store: Store, owner: str, *, last: str = "", by: str, attempt: str = "") -> StatementClosed:
    """State what is due to an owner and put it on their account; it is then settled like any third party's.

    Raises NoContract, NothingToState.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        event = draft_statement(tx.conn, owner, last or tx.today, tables.last_seq(tx.conn, owner))
        tx.record(event)
        ref, day = f"statement {event.number}", day_label(tx)
        if event.tax_mode == OWN_NAME:
            _on_account(tx, owner, event.due, ref, day)
        else:
            if event.commission:
                tx.record(CommissionKept(owner=owner, amount=event.commission, day=day, ref=ref))
            _on_account(tx, owner, event.charged, ref, day)
        return event


def _on_account(tx: Writing, owner: str, cents: int, ref: str, day: str) -> None:
    """Owe an owner more (or less) without any cash moving."""
    if cents:
        tx.record(ThirdPartyMoved(owner=owner, amount=cents, means="account", reason="statement", day=day, ref=ref))


def identity_faults(conn: sqlite3.Connection) -> list[str]:
    """Return articles of which more left than came: the identity that must always hold."""
    return [
        f"{owner}/{product}: on sale {held.on_sale}"
        for owner in tables.owners(conn)
        for product, held in tables.stock(conn, owner).items()
        if held.on_sale < 0 or held.received != held.sold + held.returned + held.lost + held.on_sale
    ]


def value_of(lines: Sequence[Goods]) -> int:
    """Return what goods are worth at their public price, in cents."""
    return sum(line_total(line.quantity, line.price) for line in lines)


FEATURE = Feature(
    slug="consignment", title=N_("Goods on consignment"), events=EVENTS, projection=tables.PROJECTION,
    acts=(set_contract, receive, give_back, lose, close_statement),
)  # fmt: skip
