"""Accounts with a baker: what was sold, what the café keeps, what is due; then paying it.

A day stated is never edited: what changes of it afterwards is a correction in the next statement.
"""

import sqlite3

from pos.money import format_euros
from pos.services.bread import reading
from pos.services.bread import refusals as no
from pos.services.bread.contracts import CAPPED, FIRM, ON_BEHALF
from pos.services.bread.events import Stated, StatementClosed, StatementPaid
from pos.services.bread.schema import OWNER
from pos.services.bread.words import date_words
from pos.store import Store, Writing
from pos.till import refusals as till_no
from pos.till import sell
from pos.till import tables as till
from pos.till.events import CashMoved, CommissionKept, ThirdPartySettled
from pos.till.tab import CASH

_MOVED = """SELECT b.day, b.article, b.label, b.price,
b.received - coalesce(s.received, 0) AS received, b.sold - coalesce(s.sold, 0) AS sold,
b.returned + b.donated + b.day_old - coalesce(s.unsold, 0) AS unsold, b.lost - coalesce(s.lost, 0) AS lost,
b.received_value - coalesce(s.received_value, 0) AS received_value,
b.sold_value - coalesce(s.sold_value, 0) AS sold_value,
b.unsold_value - coalesce(s.unsold_value, 0) AS unsold_value,
b.lost_value - coalesce(s.lost_value, 0) AS lost_value,
b.adjusted_value - coalesce(s.adjusted_value, 0) AS adjusted_value, s.day IS NOT NULL AS again
FROM bread_stock b LEFT JOIN bread_stated s USING (day, article)
WHERE b.baker = ? AND b.day <= ? ORDER BY b.day, b.label"""
_SUMS = (
    "received",
    "sold",
    "unsold",
    "lost",
    "received_value",
    "sold_value",
    "unsold_value",
    "lost_value",
    "adjusted_value",
)


def half_up(amount: int, bp: int) -> int:
    """Return `amount` × basis points, half up to the cent on the absolute value."""
    size = (2 * abs(amount) * bp + 10_000) // 20_000
    return -size if amount < 0 else size


def close_statement(
    store: Store,
    baker: str,
    *,
    to_day: str = "",
    deduction: int = 0,
    deduction_reason: str = "",
    by: str,
    attempt: str = "",
) -> StatementClosed:
    """State the account with a baker up to a day (today when left out) and keep the commission.

    Sold in the baker's name, what is due stays in the third party's balance until it is settled.
    `deduction` is what both agreed to take off (`quality`, `agreed`). Raises NoSuchBaker, UnsoldNotSettled,
    ContractChanged, NothingToState.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        event = drawn(
            tx.conn, baker, to_day or tx.today, deduction=deduction, reason=deduction_reason, day=sell.day_label(tx)
        )
        tx.record(event)
        kept = event.sold_value + event.adjusted_value - event.due
        if event.mode == ON_BEHALF and kept:
            # Commission and deduction, less what the café bears: lost and uncredited bread.
            tx.record(CommissionKept(owner=f"{OWNER}{baker}", amount=kept, day=event.day, ref=event.statement))
        return event


def drawn(
    conn: sqlite3.Connection, baker: str, to_day: str, *, deduction: int = 0, reason: str = "", day: str = ""
) -> StatementClosed:
    """Return the statement as it would be closed now, nothing recorded."""
    contract = reading.contract_on(conn, baker, to_day)
    if contract is None:
        raise no.NoSuchBaker
    rows = [row for row in conn.execute(_MOVED, (baker, to_day)) if any(row[name] for name in _SUMS)]
    if not rows:
        raise no.NothingToState
    from_day = min([row["day"] for row in rows if not row["again"]], default=to_day)
    _days_are_finished(conn, baker, to_day)
    before = reading.contract_on(conn, baker, from_day)
    if before is not None and before["valid_from"] != contract["valid_from"]:
        raise no.ContractChanged(day=date_words(contract["valid_from"]))
    lines, corrections = _stated([r for r in rows if not r["again"]]), _stated([r for r in rows if r["again"]])
    total = {name: sum(getattr(line, name) for line in (*lines, *corrections)) for name in _SUMS}
    uncredited = _uncredited(contract, total["received_value"], total["unsold_value"])
    billed = total["sold_value"] + total["adjusted_value"] + total["lost_value"] + uncredited
    commission = half_up(billed, contract["commission_bp"])
    return StatementClosed(
        statement=f"r{reading.next_number(conn, 'bread_statement')}", baker=baker, day=day or to_day, from_day=from_day,
        to_day=to_day, mode=contract["mode"], lines=lines, corrections=corrections,
        received_value=total["received_value"], sold_value=total["sold_value"], unsold_value=total["unsold_value"],
        lost_value=total["lost_value"], adjusted_value=total["adjusted_value"], uncredited=uncredited, billed=billed,
        commission_bp=contract["commission_bp"], commission=commission, deduction=deduction,
        deduction_reason=reason[:24] if deduction else "", due=billed - commission - deduction,
    )  # fmt: skip


def _uncredited(contract: sqlite3.Row, received: int, unsold: int) -> int:
    """Return the unsold bread the café pays all the same."""
    if contract["unsold"] == FIRM:
        return unsold
    if contract["unsold"] == CAPPED:
        return max(0, unsold - half_up(received, contract["unsold_cap_bp"]))
    return 0


def _days_are_finished(conn: sqlite3.Connection, baker: str, to_day: str) -> None:
    rows = conn.execute(
        "SELECT DISTINCT day FROM bread_stock WHERE baker = ? AND day <= ? AND received > 0 AND on_sale <> 0 ORDER BY day",
        (baker, to_day),
    )
    for (day,) in rows.fetchall():
        mine = {row["article"] for row in reading.stock(conn, day) if row["baker"] == baker}
        if any(quantity for code, quantity in reading.free(conn, day).items() if code in mine):
            raise no.UnsoldNotSettled(day=date_words(day))


def _stated(rows: list[sqlite3.Row]) -> list[Stated]:
    """Return one line per article, whatever the number of days."""
    out: dict[str, dict[str, int]] = {}
    said: dict[str, tuple[str, int]] = {}
    for row in rows:
        sums = out.setdefault(row["article"], dict.fromkeys(_SUMS, 0))
        said[row["article"]] = (row["label"], row["price"])
        for name in _SUMS:
            sums[name] += row[name]
    return [
        Stated(article=code, label=said[code][0], price=said[code][1], **sums)
        for code, sums in sorted(out.items(), key=lambda item: said[item[0]][0])
    ]


def pay_statement(store: Store, statement: str, *, means: str = CASH, by: str, attempt: str = "") -> int:
    """Pay a baker what a statement leaves due; return the cents paid.

    Money sold in the baker's name is handed over as a third party's (R91), bought bread is paid as a
    purchase. Raises NothingToState, StatementSettled, DrawerTooLow, NotOwed.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.statement(tx.conn, statement)
        if row is None:
            raise no.NothingToState
        owed = int(row["due"] - row["paid"])
        if owed <= 0:
            raise no.StatementSettled
        contract = reading.contract_on(tx.conn, row["baker"], row["to_day"])
        day = sell.require_day(tx)
        held = till.drawer_expected(tx.conn, day)
        if means == CASH and owed > held:
            raise till_no.DrawerTooLow(held=format_euros(held), amount=format_euros(owed))
        if contract is not None and contract["mode"] == ON_BEHALF:
            _hand_money(tx, row, owed, means, day)
        else:
            if means == CASH:
                tx.record(CashMoved(amount=-owed, reason="purchase", day=day))
            tx.record(StatementPaid(statement=statement, baker=row["baker"], amount=owed, means=means, day=day))
        return owed


def _hand_money(tx: Writing, row: sqlite3.Row, owed: int, means: str, day: str) -> None:
    owner = f"{OWNER}{row['baker']}"
    balance = till.third_parties(tx.conn).get(owner, 0)
    if owed > balance:
        raise till_no.NotOwed(owner=owner, owed=format_euros(balance), amount=format_euros(owed))
    tx.record(ThirdPartySettled(owner=owner, amount=owed, means=means, day=day, ref=row["statement"]))
