"""A bike comes back, or does not: late time, damage, and what becomes of the deposit.

A cash deposit is the customer's money in our drawer: it goes back in cash, or pays a bill of its own
hire (`bike_deposit`), and what it pays is then turnover (R106). A cheque or an imprint is no money yet.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from pos.money import format_euros
from pos.services.bikes import events as ev
from pos.services.bikes import hiring, reading, rules, words
from pos.services.bikes import refusals as no
from pos.services.bikes.tables import (
    AVAILABLE,
    CASH,
    CHEQUE,
    KEPT,
    LATE,
    LOST,
    MAINTENANCE,
    MEANS,
    OUT,
    OWNER,
    REPAIR,
    STOLEN,
    referred,
)
from pos.store import Store, Writing
from pos.till import sell
from pos.till.tab import Tab, TabPayment

REPAIR_MAX = 500_000


@dataclass(frozen=True, slots=True)
class Returned:
    """What came of a return: minutes late, cents due, the bill or the ticket, the deposit handed back."""

    rental: str
    late_minutes: int
    due: int
    tab: str = ""
    ticket: int = 0
    released: int = 0
    deposit_kind: str = ""


def take_back(
    store: Store, rental: str, *, condition: str = "good", damages: Sequence[str] = (), missing: Sequence[str] = (),
    repair: int = 0, maintenance: bool = False, forgive_late: bool = False, from_deposit: bool = False, tab_id: str = "",
    happened_at: int = 0, by: str, attempt: str = "",
) -> Returned:  # fmt: skip
    """Take a bike back. Nothing due: its deposit is handed back at once. Else what is due goes on the bill.

    `from_deposit` pays it from a cash deposit and hands back the rest. A damaged bike goes to
    maintenance. Raises NotOut, NotAKind, NotFromDeposit, DayNotOpen, DrawerTooLow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.known(tx.conn, rental)
        if row["state"] != OUT:
            raise no.NotOut
        _checked(condition, damages, missing, repair)
        back_at = happened_at or tx.now
        # The rules of the day the bike left: what was signed holds.
        minutes, late = rules.in_force(tx.conn, row["day"]).late(row["due_at"], back_at)
        late = 0 if forgive_late else late
        broken = maintenance or bool(damages) or condition == "damaged"
        tx.record(
            ev.BikeReturned(
                rental=rental, bike=row["bike"], back_at=back_at, late_minutes=minutes, late_due=late, repair_due=repair,
                condition="damaged" if damages else condition, damages=list(damages), missing=list(missing),
                state=MAINTENANCE if broken else AVAILABLE, day=tx.today, happened_at=happened_at,
            )
        )  # fmt: skip
        return _settle(tx, reading.known(tx.conn, rental), {LATE: late, REPAIR: repair}, from_deposit, tab_id, minutes)


def _checked(condition: str, damages: Sequence[str], missing: Sequence[str], repair: int) -> None:
    for codes, known in (([condition], words.CONDITIONS), (damages, words.DAMAGES), (missing, words.ACCESSORIES)):
        for code in codes:
            if code not in known:
                raise no.NotAKind(code=code[:16])
    if not 0 <= repair <= REPAIR_MAX:
        raise no.NotAKind(code=format_euros(repair))


def _settle(
    tx: Writing, row: sqlite3.Row, due: dict[str, int], from_deposit: bool, tab_id: str, minutes: int
) -> Returned:
    """Release the deposit, pay from it, or put what is due on the bill."""
    owed = sum(due.values())
    kind, rental = row["deposit_kind"], row["rental"]
    if owed and from_deposit:
        if kind != CASH or owed > row["held"]:
            raise no.NotFromDeposit(held=format_euros(row["held"] if kind == CASH else 0))
        ticket = _pay_from(tx, row, due)
        # A hire still unpaid keeps the rest of its guarantee.
        left = 0 if reading.open_charges(tx.conn, rental) else int(row["held"]) - owed
        if left:
            hiring.hand_back(tx, row, left)
        return Returned(rental, minutes, owed, ticket=ticket, released=left, deposit_kind=kind)
    if owed:
        tab = hiring.bill(tx, tab_id)
        for what, cents in due.items():
            hiring.add_line(tx, tab, what, rental, cents, hiring.charge_label(row["bike_number"], what))
        sell.keep(tx, tab)
        return Returned(rental, minutes, owed, tab=tab.tab_id, deposit_kind=kind)
    # An unpaid hire keeps its guarantee.
    if row["held"] and not reading.open_charges(tx.conn, rental):
        hiring.hand_back(tx, row, row["held"])
        return Returned(rental, minutes, 0, released=row["held"], deposit_kind=kind)
    return Returned(rental, minutes, 0, deposit_kind=kind)


def _pay_from(tx: Writing, row: sqlite3.Row, due: dict[str, int]) -> int:
    """Make a ticket of charges, paid from the cash deposit; return its number."""
    sell.require_day(tx)
    tab = sell.new_tab(tx)
    for what, cents in due.items():
        hiring.add_line(tx, tab, what, row["rental"], cents, hiring.charge_label(row["bike_number"], what))
    paid = TabPayment(means=MEANS, amount=tab.due, ref=row["rental"], before=False, owner=OWNER)
    done = sell.complete(tx, tab, paid)
    return done.sale.no if done.sale else 0


def release(store: Store, rental: str, *, by: str, attempt: str = "") -> int:
    """Hand the deposit of an ended hire back; return the cents. Raises NotBackYet, NoDepositHeld, ChargesOpen."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _ended(tx, rental)
        owed = sum(charge["due"] for charge in reading.open_charges(tx.conn, rental))
        if owed:
            raise no.ChargesOpen(amount=format_euros(owed))
        hiring.hand_back(tx, row, row["held"])
        return int(row["held"])


def _ended(tx: Writing, rental: str) -> sqlite3.Row:
    row = reading.known(tx.conn, rental, no.NoDepositHeld)
    if row["state"] == OUT:
        raise no.NotBackYet
    if row["held"] <= 0:
        raise no.NoDepositHeld
    return row


def keep_deposit(
    store: Store, rental: str, amount: int = 0, *, tab_id: str = "", by: str, attempt: str = ""
) -> Returned:
    """Keep all of a deposit (0) or `amount` of it: a sale of a service at 20 % (R106).

    Cash is settled at once by its own ticket, the rest handed back. A cheque or an imprint becomes a
    line of the bill, to be paid by that cheque or at the card terminal. Charges still open count as
    kept. Raises NotBackYet, NoDepositHeld, NotFromDeposit, ChequeIsWhole.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _ended(tx, rental)
        amount, kind = amount or row["held"], row["deposit_kind"]
        if not 0 < amount <= row["held"]:
            raise no.NotFromDeposit(held=format_euros(row["held"]))
        if kind == CASH:
            return _keep_cash(tx, row, amount)
        if kind == CHEQUE and amount != row["held"]:
            raise no.ChequeIsWhole(amount=format_euros(row["held"]))
        tab = hiring.bill(tx, tab_id)
        hiring.add_line(tx, tab, KEPT, rental, amount, hiring.charge_label(row["bike_number"], KEPT))
        sell.keep(tx, tab)
        return Returned(rental, row["late_minutes"], amount, tab=tab.tab_id, deposit_kind=kind)


def _keep_cash(tx: Writing, row: sqlite3.Row, amount: int) -> Returned:
    """Pay open charges first, then keep the remainder of `amount`; what is left goes back in cash."""
    left, due = amount, {}
    for charge in reading.open_charges(tx.conn, row["rental"]):
        if charge["due"] <= left:
            due[charge["what"]] = int(charge["due"])
            left -= charge["due"]
    if left:
        due[KEPT] = left
    ticket = _pay_from(tx, row, due)
    rest = 0 if reading.open_charges(tx.conn, row["rental"]) else int(row["held"]) - amount
    if rest:
        hiring.hand_back(tx, row, rest)
    return Returned(row["rental"], row["late_minutes"], amount, ticket=ticket, released=rest, deposit_kind=CASH)


def not_back(store: Store, rental: str, state: str, *, by: str, attempt: str = "") -> ev.BikeReturned:
    """Say that a hired bike is lost or stolen: the hire ends, its deposit stays to be kept. Raises NotOut, NotAKind."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.known(tx.conn, rental)
        if row["state"] != OUT:
            raise no.NotOut
        if state not in (LOST, STOLEN):
            raise no.NotAKind(code=state[:16])
        event = ev.BikeReturned(
            rental=rental, bike=row["bike"], back_at=tx.now, late_minutes=0, late_due=0, repair_due=0, condition="", damages=[],
            missing=[], state=state, day=tx.today,
        )  # fmt: skip
        tx.record(event)
        return event


def deposit_pays(conn: sqlite3.Connection, day: str, tab: Tab, amount: int, ref: str) -> str:
    """Let a cash deposit pay the whole of its own hire's bill (`Feature.means`). Raises NotFromDeposit."""
    row = reading.rental(conn, ref) if ref else None
    held = int(row["held"]) if row is not None and row["deposit_kind"] == CASH and row["state"] != OUT else 0
    mine = all(referred(line.ref)[1] == ref for line in tab.lines)
    if not mine or amount != tab.due or amount > held:
        raise no.NotFromDeposit(held=format_euros(held))
    return ref
