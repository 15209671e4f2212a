"""A bike leaves: the contract, its price on the bill, its deposit.

out → back → (late or repair paid) → deposit handed back, or kept in part
 └→ cancelled                        lost, stolen
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from pos.engines import persons
from pos.i18n import _
from pos.ids import new_id
from pos.money import format_euros
from pos.services.bikes import events as ev
from pos.services.bikes import fleet, reading, rules, words
from pos.services.bikes import refusals as no
from pos.services.bikes.tables import AVAILABLE, CASH, HIRE, NONE, OUT, OWNER, ref
from pos.store import Store, Writing
from pos.till import cash, sell
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.tab import Tab

PURPOSE = "bikes"
BIKES_MAX = 8


@dataclass(frozen=True, slots=True)
class Hired:
    """What left: the contract, its number, one rental per bike, the bill its price is on."""

    contract: str
    number: int
    rentals: list[str] = field(default_factory=list)
    tab: str = ""

    @property
    def first(self) -> str:
        """The rental of the only bike, or of the first."""
        return self.rentals[0]


def hire(
    store: Store, *, bikes: Sequence[str], rule: str, deposit: str = "cheque", proof: str = "id_card", name: str = "",
    phone: str = "", cheque: str = "", accessories: Sequence[str] = (), condition: str = "good", tab_id: str = "",
    happened_at: int = 0, by: str, attempt: str = "",
) -> Hired:  # fmt: skip
    """Let somebody leave with bikes: one contract, the price on the bill, a deposit per bike.

    Only the kind of proof is noted. Name, phone and cheque number stay in the private store; without a
    name they are written on the paper contract by hand. Raises NotAvailable, NoPrice, NotAKind,
    DepositMissing, DayNotOpen, CardPending.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        chosen = _chosen(tx, bikes)
        _kinds(deposit, proof, condition, accessories)
        contract, number = new_id(tx.now), reading.next_number(tx.conn)
        person = _known(tx, contract, name, phone, cheque)
        tab = bill(tx, tab_id)
        rentals = []
        for bike in chosen:
            length = next((one for one in rules.lengths(tx.conn, bike["sort"], tx.today) if one.rule == rule), None)
            if length is None:
                raise no.NoPrice
            if bike["deposit"] and deposit == NONE:
                raise no.DepositMissing(number=bike["number"], amount=format_euros(bike["deposit"]))
            out_at = happened_at or tx.now
            event = ev.BikeHired(
                rental=new_id(tx.now), contract=contract, number=number, bike=bike["bike"], rule=rule, minutes=length.minutes,
                price=length.price, out_at=out_at, due_at=out_at + length.minutes * 60_000,
                deposit_kind=deposit if bike["deposit"] else NONE, deposit=bike["deposit"], proof=proof, condition=condition,
                accessories=list(accessories), person=person, visit=tab.visit, day=tx.today, happened_at=happened_at,
            )  # fmt: skip
            tx.record(event)
            _take_deposit(tx, event)
            add_line(tx, tab, HIRE, event.rental, length.price, f"{_('Bike')} {bike['number']}, {words.rule(rule)}")
            rentals.append(event.rental)
        sell.keep(tx, tab)
        return Hired(contract, number, rentals, tab.tab_id)


def _chosen(tx: Writing, bikes: Sequence[str]) -> list[sqlite3.Row]:
    wanted = list(dict.fromkeys(bikes))
    if not 0 < len(wanted) <= BIKES_MAX:
        raise no.NoSuchBike
    rows = [reading.bike(tx.conn, bike) for bike in wanted]
    for row in rows:
        if row["state"] != AVAILABLE:
            raise no.NotAvailable(number=row["number"], state=words.said(words.STATES, row["state"]))
    return rows


def _kinds(deposit: str, proof: str, condition: str, accessories: Sequence[str]) -> None:
    for code, known in ((deposit, words.DEPOSITS), (proof, words.PROOFS), (condition, words.CONDITIONS)):
        if code not in known:
            raise no.NotAKind(code=code[:16])
    for code in accessories:
        if code not in words.ACCESSORIES:
            raise no.NotAKind(code=code[:16])


def _known(tx: Writing, contract: str, name: str, phone: str, cheque: str) -> str:
    if not name.strip():
        return ""
    facts = {f"cheque_{contract}": "".join(c for c in cheque if c.isalnum())[:20]} if cheque.strip() else {}
    return persons.known(tx, PURPOSE, name, phone=phone, **facts)


def _take_deposit(tx: Writing, hired: ev.BikeHired) -> None:
    """Cash given as a guarantee lies in the drawer and is the customer's (R106)."""
    if hired.deposit_kind == CASH and hired.deposit:
        cash.third_party_move(tx, OWNER, hired.deposit, reason="deposit_taken", ref=hired.rental, visit=hired.visit)


def bill(tx: Writing, tab_id: str) -> Tab:
    """Return the open bill, or a new one; raise CardPending, DayNotOpen."""
    sell.require_day(tx)
    tab = sell.current_tab(tx.conn, tab_id) if tab_id else None
    if tab is None:
        paid = till.ticket_of_tab(tx.conn, tab_id) if tab_id else None
        return sell.new_tab(tx, "" if paid else tab_id)
    if tab.card:
        raise till_no.CardPending(amount=format_euros(tab.card_amount))
    return tab


def add_line(tx: Writing, tab: Tab, what: str, rental: str, amount: int, label: str = "") -> None:
    """Put a charge of a hire on a bill in hand, once."""
    if amount <= 0 or any(line.ref == ref(what, rental) for line in tab.lines):
        return
    line = sell.line_of_product(fleet.article(tx, what), new_id(tx.now))
    line.unit_price, line.ref, line.label = amount, ref(what, rental), label[:60] or line.label
    tab.lines.append(line)
    if len(tab.lines) > sell.LINES_MAX:
        raise till_no.TooManyLines


def hand_back(tx: Writing, row: sqlite3.Row, amount: int) -> None:
    """Hand a deposit back: cash leaves the drawer, a cheque or an imprint only its list."""
    if row["deposit_kind"] == CASH:
        cash.third_party_move(tx, OWNER, -amount, reason="deposit_back", ref=row["rental"], visit=row["visit"])
    tx.record(ev.DepositReleased(rental=row["rental"], deposit_kind=row["deposit_kind"], amount=amount, day=tx.today))


def cancel(store: Store, rental: str, *, by: str, attempt: str = "") -> ev.HireCancelled:
    """The bike did not leave after all: its line comes off the bill, its deposit goes back.

    Raises NotOut, AlreadyPaidHire, DrawerTooLow.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.known(tx.conn, rental)
        if row["state"] != OUT:
            raise no.NotOut
        paid = sum(charge["paid"] for charge in reading.charges(tx.conn, rental))
        if paid > 0:
            raise no.AlreadyPaidHire(amount=format_euros(paid))
        for tab in sell.open_tabs(tx.conn):
            _take_off(tx, tab, rental)
        event = ev.HireCancelled(rental=rental, bike=row["bike"], visit=row["visit"], day=tx.today)
        tx.record(event)
        if row["held"] > 0:
            hand_back(tx, row, row["held"])
        return event


def _take_off(tx: Writing, tab: Tab, rental: str) -> None:
    """Take the lines of a hire off a bill that nothing was paid of."""
    mine = [line for line in tab.lines if line.ref.endswith(f":{rental}") and line.ref.startswith("bikes.")]
    if not mine:
        return
    if tab.payments or tab.card:
        raise no.AlreadyPaidHire(amount=format_euros(tab.paid))
    sell.free_bill(tx, tab.tab_id)
    for line in mine:
        tab.lines.remove(line)
    sell.keep(tx, tab)


def charge_again(store: Store, rental: str, *, tab_id: str = "", by: str, attempt: str = "") -> Tab:
    """Put what a hire still owes on the bill again: its first bill was abandoned. Raises NothingOwed."""
    with store.writing(by=by, attempt=attempt) as tx:
        owed = reading.open_charges(tx.conn, rental)
        waiting = {line.ref for tab in sell.open_tabs(tx.conn) if tab.tab_id != tab_id for line in tab.lines}
        owed = [row for row in owed if ref(row["what"], rental) not in waiting]
        if not owed:
            raise no.NothingOwed
        tab = bill(tx, tab_id)
        for row in owed:
            add_line(tx, tab, row["what"], rental, row["due"], charge_label(row["bike_number"], row["what"]))
        sell.keep(tx, tab)
        return tab


def charge_label(number: int, what: str) -> str:
    """Return what a charge is called on the ticket."""
    return f"{_('Bike')} {number}, {words.said(words.CHARGES, what).lower()}"
