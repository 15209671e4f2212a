"""The account with an owner of consigned goods: the statement as it stands, closing it, paying it.

due = sold + adjusted − commission + what the café bears − what both agreed to take off. What is stated is
never edited: what changes of it afterwards is a correction line in the next statement.
"""

import sqlite3

import msgspec

from pos.engines import consignment_tables as tables
from pos.engines.consignment_events import StatedLine, StatedRate, StatementClosed, StatementDetailed, StatementPaid
from pos.engines.consignment_tables import CAFE, CAPPED, FIRM
from pos.errors import Refusal
from pos.events import shared_out
from pos.i18n import N_
from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import refusals as till_no
from pos.till import sell
from pos.till import tables as till
from pos.till.events import CashMoved, CommissionKept, ThirdPartyMoved, ThirdPartySettled
from pos.till.owners import owner_said
from pos.till.tab import CASH

# How goods are sold (R85, R90): in the owner's name, in ours for the owner, as our own (bought), as press.
ON_BEHALF, OWN_NAME, BOUGHT, PRESS = "on_behalf", "own_name", "own", "press"
_SUMS = ("received", "sold", "returned", "lost")


class NoContract(Refusal):
    """Nothing is agreed with this owner."""

    sentence = N_("There is no contract with %(owner)s yet.")
    remedy = N_("Enter the contract first: commission, unsold goods, statements.")


class NothingToState(Refusal):
    """No move since the last statement."""

    sentence = N_("Nothing was sold or returned for %(owner)s since the last statement.")
    remedy = N_("Wait for the next period.")


def terms_on(conn: sqlite3.Connection, owner: str, day: str) -> sqlite3.Row:
    """Return the terms in force with an owner on a day. Raises NoContract."""
    found = tables.contract(conn, owner, day[:10])
    if found is None:
        raise NoContract(owner=owner_said(owner))
    return found


def draft_statement(
    conn: sqlite3.Connection, owner: str, day: str, upto: int, *, deduction: int = 0, reason: str = ""
) -> StatementClosed:
    """Return what a statement up to `day` would say. Raises NoContract, NothingToState."""
    terms = terms_on(conn, owner, day)
    before = tables.last_statement(conn, owner)
    moves = tables.not_stated(conn, owner, day)
    if not moves:
        raise NothingToState(owner=owner_said(owner))
    stated_until = before["last"] if before else ""
    value = {what: sum(m["cents"] for m in moves if m["what"] == what) for what in (*_SUMS, "adjusted")}
    uncredited = _uncredited(terms, value["received"], value["returned"])
    rates = _commissions(conn, moves, terms, uncredited)
    commission = sum(rate.commission for rate in rates)
    charged = uncredited + (value["lost"] if terms["waste"] == CAFE else 0)
    return StatementClosed(
        owner=owner, number=(before["number"] if before else 0) + 1, last=day, day=day, upto_seq=upto,
        first=min((m["day"] for m in moves if m["day"] > stated_until), default=day), lines=_stated(moves, stated_until),
        revenue=value["sold"], commission_bp=terms["commission_bp"], commission=commission, charged=charged,
        due=value["sold"] + value["adjusted"] - commission + charged - deduction, tax_mode=terms["tax_mode"], rates=rates,
        received_value=value["received"], returned_value=value["returned"], lost_value=value["lost"],
        adjusted=value["adjusted"], uncredited=uncredited, deduction=deduction,
        deduction_reason=reason[:24] if deduction else "",
    )  # fmt: skip


def _commissions(
    conn: sqlite3.Connection, moves: list[sqlite3.Row], terms: sqlite3.Row, uncredited: int
) -> list[StatedRate]:
    """Return the commission by rate: each move at the rate of its day, rounded half up once per rate.

    Where the café answers for missing goods as if they were sold (press, and contracts that say so), its
    commission counts there too.
    """
    net = terms["borne_net"] or terms["tax_mode"] == PRESS
    counted = ("sold", "adjusted", "lost") if net and terms["waste"] == CAFE else ("sold", "adjusted")
    bases: dict[int, int] = {terms["commission_bp"]: uncredited} if net and uncredited else {}
    of_day: dict[str, int] = {}
    for move in moves:
        if move["what"] in counted:
            if move["day"] not in of_day:
                then = tables.contract(conn, move["owner"], move["day"]) or terms
                of_day[move["day"]] = then["commission_bp"]
            bp = of_day[move["day"]]
            bases[bp] = bases.get(bp, 0) + move["cents"]
    return [StatedRate(bp=bp, base=base, commission=half_up(base, bp)) for bp, base in sorted(bases.items())]


def half_up(amount: int, bp: int) -> int:
    """Return `amount` × basis points, half up to the cent on the absolute value."""
    size = (2 * abs(amount) * bp + 10_000) // 20_000
    return -size if amount < 0 else size


def _stated(moves: list[sqlite3.Row], stated_until: str) -> list[StatedLine]:
    """Return lines by product; what belongs to days already stated is a correction line of its own."""
    sums: dict[tuple[str, bool], dict[str, int]] = {}
    words: dict[str, tuple[str, int]] = {}
    for move in moves:
        words[move["product"]] = (move["label"], move["price"])
        row = sums.setdefault((move["product"], move["day"] <= stated_until), {})
        row[move["what"]] = row.get(move["what"], 0) + move["quantity"]
        row[f"{move['what']}_value"] = row.get(f"{move['what']}_value", 0) + move["cents"]
    return [
        StatedLine(
            product=product, label=words[product][0], price=words[product][1], correction=late,
            received=row.get("received", 0), sold=row.get("sold", 0), returned=row.get("returned", 0),
            lost=row.get("lost", 0), revenue=row.get("sold_value", 0), received_value=row.get("received_value", 0),
            returned_value=row.get("returned_value", 0), lost_value=row.get("lost_value", 0),
            adjusted=row.get("adjusted_value", 0),
        )
        for (product, late), row in sorted(sums.items()) if any(row.values())
    ]  # fmt: skip


def _uncredited(terms: sqlite3.Row, received: int, returned: int) -> int:
    """Return the unsold goods the café pays all the same."""
    if terms["unsold"] == FIRM:
        return returned
    if terms["unsold"] == CAPPED:
        return max(0, returned - half_up(received, terms["cap_bp"]))
    return 0


def close_statement(store: Store, owner: str, *, last: str = "", by: str, attempt: str = "") -> StatementClosed:
    """State what is due to an owner and put it on their account; it is then settled like any third party's.

    Raises NoContract, NothingToState.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        event = draft_statement(tx.conn, owner, last or tx.today, tables.last_seq(tx.conn, owner))
        close_in(tx, event)
        return event


def close_in(tx: Writing, event: StatementClosed) -> None:
    """Record a statement that was drafted in the same act, and what it moves on the owner's account."""
    parts = shared_out(event.lines)
    if len(parts) == 1:
        tx.record(event)
    else:
        for part in parts:
            tx.record(StatementDetailed(owner=event.owner, number=event.number, lines=part))
        tx.record(msgspec.structs.replace(event, lines=[], parts=len(parts)))
    ref, day = _ref(event.number), sell.day_label(tx)
    if event.tax_mode == OWN_NAME:
        _on_account(tx, event.owner, event.due, ref, day)
    elif event.tax_mode != BOUGHT:
        kept = event.commission + event.deduction
        if kept:
            tx.record(CommissionKept(owner=event.owner, amount=kept, day=day, ref=ref))
        _on_account(tx, event.owner, event.charged, ref, day)


def statement_at(store: Store, conn: sqlite3.Connection, seq: int) -> StatementClosed:
    """Return the statement at a place, whole: its lines may be in entries just before."""
    closed = store.event(conn, seq).event
    assert isinstance(closed, StatementClosed)  # the table is told by it
    if not closed.parts:
        return closed
    parts = [store.event(conn, at).event for at in range(seq - closed.parts, seq)]
    lines = [line for part in parts if isinstance(part, StatementDetailed) for line in part.lines]
    return msgspec.structs.replace(closed, lines=lines)


def _ref(number: int) -> str:
    return f"statement {number}"


def _on_account(tx: Writing, owner: str, cents: int, ref: str, day: str) -> None:
    """Owe an owner more (or less) without any cash moving."""
    if cents:
        tx.record(ThirdPartyMoved(owner=owner, amount=cents, means="account", reason="statement", day=day, ref=ref))


def pay_in(tx: Writing, statement: sqlite3.Row, *, means: str = CASH) -> int:
    """Pay what a statement leaves due, inside another act; return the cents.

    A third party is handed its money (R91); goods that were bought are paid as a purchase. Raises DrawerTooLow, NotOwed.
    """
    owner, owed = statement["owner"], int(statement["due"] - statement["paid"])
    day = sell.require_day(tx)
    held = till.drawer_expected(tx.conn, day)
    if means == CASH and owed > held:
        raise till_no.DrawerTooLow(held=format_euros(held), amount=format_euros(owed))
    if terms_on(tx.conn, owner, statement["last"])["tax_mode"] == BOUGHT:
        if means == CASH:
            tx.record(CashMoved(amount=-owed, reason="purchase", day=day))
        tx.record(StatementPaid(owner=owner, number=statement["number"], amount=owed, means=means, day=day))
        return owed
    balance = till.third_parties(tx.conn).get(owner, 0)
    if owed > balance:
        raise till_no.NotOwed(owner=owner, owed=format_euros(balance), amount=format_euros(owed))
    tx.record(ThirdPartySettled(owner=owner, amount=owed, means=means, day=day, ref=_ref(statement["number"])))
    return owed
