"""The acts of the loans: things listed, lent, kept longer, brought back, lost; boxes of the library.

    in → lent → in          lent → lost → in (found again)

No fines. A thing of the library is never lent beyond its box; a due day falls on a day the café is open.
"""

import re
from datetime import date

from pos import private
from pos.engines import calendar, persons, shelf
from pos.i18n import N_, _
from pos.ids import new_id
from pos.services.loans import events, reading, words
from pos.services.loans import refusals as no
from pos.services.loans.reading import Item, Loan
from pos.services.loans.tables import GONE, IN, LENT, LOST
from pos.store import Store, Writing

PURPOSE = "loans"
SORTS = {
    "book": N_("Book"),
    "game": N_("Game"),
    "tool": N_("Tool"),
    "music": N_("Record, film"),
    "other": N_("Shared thing"),
}
# Usual days of a loan, by sort.
DAYS = {"book": 21, "game": 14, "tool": 3, "music": 14, "other": 7}
REASONS = {"worn": N_("Worn out"), "donated": N_("Given away"), "lost": N_("Lost"), "mistake": N_("Listed by mistake")}
DAYS_MAX, PREFIX = 90, "E"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CODE = re.compile(r"[0-9A-Z-]{4,24}")


def list_item(
    store: Store, *, label: str, sort: str = "book", code: str = "", loan_days: int = 0, box: str = "", item: str = "", by: str,
    attempt: str = "",
) -> Item:  # fmt: skip
    """Add a thing to lend, or correct it; its own number (`E-12`) is printed when it bears no barcode.

    Raises NotAnItem, CodeTaken, NoSuchItem, NoSuchBox.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        label, code = " ".join(label.split())[:60], reading.clean(code)
        days = loan_days or DAYS.get(sort, 0)
        for field, good in ((_("its name"), label), (_("its sort"), sort in SORTS), (_("days"), 1 <= days <= DAYS_MAX),
                            (_("barcode"), not code or _CODE.fullmatch(code))):  # fmt: skip
            if not good:
                raise no.NotAnItem(field=field)
        old = the_item(tx, item) if item else None
        other = reading.item(tx.conn, code) if code else None
        if other is not None and (old is None or other.item != old.item):
            raise no.CodeTaken(label=other.label, number=other.number)
        if box and (reading.box(tx.conn, box) is None or not _here(tx, box)):
            raise no.NoSuchBox
        n = int(tx.conn.execute("SELECT count(*) FROM loan_item").fetchone()[0]) + 1
        event = events.ItemListed(
            item=old.item if old else new_id(tx.now), number=old.number if old else f"{PREFIX}-{n}", label=label, sort=sort, day=tx.today,
            code=code, loan_days=days, box=box or (old.box if old else ""),
        )  # fmt: skip
        tx.record(event)
        return the_item(tx, event.item)


def _here(tx: Writing, box: str) -> bool:
    found = reading.box(tx.conn, box)
    return found is not None and not found.returned_on


def retire_item(store: Store, item: str, reason: str, *, by: str, attempt: str = "") -> None:
    """A thing is no longer lent. Raises NoSuchItem, AlreadyLent, NotAnItem."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_item(tx, item)
        if found.state == LENT:
            raise no.AlreadyLent(label=found.label, day=words.long_day(_loan(tx, found).due_on))
        if reason not in REASONS:
            raise no.NotAnItem(field=_("reason"))
        tx.record(events.ItemRetired(item=found.item, day=tx.today, reason=reason))


def lend(
    store: Store, item: str, *, name: str = "", person: str = "", phone: str = "", due_on: str = "", visit: str = "", by: str,
    attempt: str = "",
) -> Loan:  # fmt: skip
    """Lend a thing to somebody until its usual day (the next open one), or `due_on`; one use of the visit.

    Raises NoSuchItem, AlreadyLent, NotLendable, NameMissing, NotAnItem, NoLongerThan.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_item(tx, item)
        if found.state == LENT:
            raise no.AlreadyLent(label=found.label, day=words.long_day(_loan(tx, found).due_on))
        if found.state != IN:
            raise no.NotLendable(label=found.label)
        due = _due(tx, found, due_on)
        known = persons.known(tx, PURPOSE, name or private.name_of(tx.conn, person), phone=phone, person=person)
        private.keep_until(tx.conn, known, _later(tx, known, due))
        loan = new_id(tx.now)
        tx.record(events.ItemLent(
            loan=loan, item=found.item, person=known, day=tx.today, due_on=due, visit=visit or loan, visit_by="tap" if visit else "",
        ))  # fmt: skip
        lent = reading.loan(tx.conn, loan)
        assert lent is not None
        return lent


def _later(tx: Writing, person: str, due: str) -> str:
    """Return the date to forget a borrower: the usual time after the thing is due, never sooner than before."""
    row = tx.conn.execute("SELECT purge_after FROM private_person WHERE person_id = ?", (person,)).fetchone()
    return max(persons.keep_until(due, PURPOSE), row[0] if row else "")


def _due(tx: Writing, item: Item, asked: str) -> str:
    if asked and (not _is_day(asked) or asked < tx.today):
        raise no.NotAnItem(field=_("the day it is due"))
    due = asked or shelf.days_after(tx.today, item.loan_days)
    if not asked and not calendar.is_open(tx.conn, due):
        due = calendar.next_open_day(tx.conn, due)
    box = reading.box(tx.conn, item.box) if item.box else None
    if box is not None and not box.returned_on and due > box.due_on:
        if asked or box.due_on < tx.today:
            raise no.NoLongerThan(day=words.long_day(box.due_on))
        due = box.due_on
    return due


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def extend(store: Store, item: str, *, due_on: str = "", by: str, attempt: str = "") -> Loan:
    """Somebody keeps a thing longer: as long again from today, or until `due_on`. Raises NotLent, NoLongerThan, NotAnItem."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_item(tx, item)
        loan = _loan(tx, found)
        due = _due(tx, found, due_on)
        if due <= loan.due_on:
            raise no.NoLongerThan(day=words.long_day(loan.due_on))
        tx.record(events.LoanExtended(loan=loan.loan, day=tx.today, due_on=due))
        private.keep_until(tx.conn, loan.person, _later(tx, loan.person, due))
        longer = reading.loan(tx.conn, loan.loan)
        assert longer is not None
        return longer


def take_back(store: Store, item: str, *, by: str, attempt: str = "") -> Loan:
    """A thing came back, or one said to be lost was found. Raises NoSuchItem, NotLent."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_item(tx, item)
        loan = _loan(tx, found)
        tx.record(events.ItemReturned(loan=loan.loan, item=found.item, day=tx.today))
        persons.still_needed(tx, loan.person, PURPOSE)
        back = reading.loan(tx.conn, loan.loan)
        assert back is not None
        return back


def lose(store: Store, item: str, *, by: str, attempt: str = "") -> Loan:
    """A thing lent will not come back. Raises NoSuchItem, NotLent."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_item(tx, item)
        loan = _loan(tx, found)
        if found.state != LENT:
            raise no.NotLent(label=found.label)
        tx.record(events.ItemLost(loan=loan.loan, item=found.item, day=tx.today))
        return loan


def receive_box(
    store: Store, *, due_on: str, labels: list[str], sort: str = "book", by: str, attempt: str = ""
) -> events.BoxReceived:
    """The departmental library left a box: its things, one label each (`barcode label` when it bears one), and its day.

    Raises NotAnItem, CodeTaken.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        chosen = [label for label in labels if label.strip()]
        if not _is_day(due_on) or due_on <= tx.today or not chosen or sort not in SORTS:
            raise no.NotAnItem(field=_("the day of the box, or its list"))
        number = int(tx.conn.execute("SELECT coalesce(max(number), 0) FROM loan_box").fetchone()[0]) + 1
        box = events.BoxReceived(box=new_id(tx.now), number=number, day=tx.today, due_on=due_on)
        tx.record(box)
        for line in chosen:
            _unpack(tx, line, sort, box.box)
        return box


def _unpack(tx: Writing, line: str, sort: str, box: str) -> None:
    code, _space, rest = line.strip().partition(" ")
    code = reading.clean(code) if code.isdecimal() and len(code) >= 8 else ""
    other = reading.item(tx.conn, code) if code else None
    if other is not None:
        raise no.CodeTaken(label=other.label, number=other.number)
    label = " ".join((rest or line if code else line).split())[:60]
    n = int(tx.conn.execute("SELECT count(*) FROM loan_item").fetchone()[0]) + 1
    tx.record(events.ItemListed(
        item=new_id(tx.now), number=f"{PREFIX}-{n}", label=label, sort=sort, day=tx.today, code=code, loan_days=DAYS[sort], box=box,
    ))  # fmt: skip


def return_box(store: Store, box: str, *, incomplete: bool = False, by: str, attempt: str = "") -> events.BoxReturned:
    """The library takes its box back; `incomplete` lets it go without what is lent or lost, still owed.

    Raises NoSuchBox, BoxNotWhole.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if not _here(tx, box):
            raise no.NoSuchBox
        things = reading.of_box(tx.conn, box)
        missing = sum(one.state in (LENT, LOST) for one in things)
        if missing and not incomplete:
            raise no.BoxNotWhole(n=missing)
        event = events.BoxReturned(
            box=box, day=tx.today, returned=sum(one.state == IN for one in things), missing=missing
        )
        tx.record(event)
        return event


def the_item(tx: Writing, code: str) -> Item:
    """Return a thing by its id, number or barcode; raise NoSuchItem."""
    found = reading.item(tx.conn, code)
    if found is None:
        raise no.NoSuchItem(code=code[:24])
    return found


def _loan(tx: Writing, item: Item) -> Loan:
    found = reading.loan(tx.conn, item.loan) if item.loan and item.state in (LENT, LOST) else None
    if found is None:
        raise no.NotLendable(label=item.label) if item.state == GONE else no.NotLent(label=item.label)
    return found


ACTS = (list_item, retire_item, lend, extend, take_back, lose, receive_box, return_box)
