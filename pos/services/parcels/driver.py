"""Senders' parcels and the driver who leaves: drop-offs, returns, and days typed in totals."""

from collections.abc import Sequence

from pos.engines import labels
from pos.ids import new_id
from pos.services.parcels import events, names, numbers, reading, refs, search, words
from pos.services.parcels import refusals as no
from pos.services.parcels.handing import a_visit
from pos.services.parcels.intake import (
    ANNOUNCED_MAX,
    SAME_LABEL_MS,
    Intake,
    a_place,
    known_terms,
    working_with,
)
from pos.services.parcels.reading import Parcel
from pos.services.parcels.tables import OUT, REFUSED, STORED
from pos.store import Store, Writing


def drop_off(
    store: Store, *, by: str, attempt: str = "", carrier: str, code: str = "", name: str = "", place: str = "",
    asked: str = "", visit: str = "",
) -> Intake:  # fmt: skip
    """Take a sender's parcel for the next driver."""
    with store.writing(by=by, attempt=attempt) as tx:
        agreed = working_with(tx.conn, carrier, tx.today)
        joined = a_visit(visit)
        where = a_place(place) if place else ""
        if not labels.clean(code):
            raise no.NothingRead
        for seen in search.by_code(tx.conn, code):
            if seen.state == OUT and tx.now - seen.came_at < SAME_LABEL_MS:
                return Intake(seen.parcel_id, "repeated", seen.check_status)
            if seen.state in (OUT, STORED):
                raise no.AlreadyOnShelf(place=seen.place or "?")
        label = numbers.understand(code, carrier)
        if label.check == numbers.INVALID and labels.clean(asked) != labels.clean(code):
            raise no.ReadAgain(number=label.number)
        parcel, together = new_id(tx.now), joined or new_id(tx.now)
        tx.record(events.DroppedOff(
            parcel=parcel, carrier=agreed.carrier, check=label.check, shape=label.shape, visit=together, day=tx.today,
            ref=refs.ref_of(refs.key_or_new(tx.conn), agreed.carrier, label.number), place=where,
            visit_by="tap" if joined else "", visit_again=reading.parcels_of_visit(tx.conn, together) > 0,
        ))  # fmt: skip
        names.keep(tx.conn, parcel, day=tx.today, now_ms=tx.now, number=label.number, said=label.said, name=name)
        return Intake(parcel, "received", label.check)


def refuse_drop_off(store: Store, *, by: str, attempt: str = "", carrier: str, reason: str) -> None:
    """Do not take a sender's parcel, and say why."""
    with store.writing(by=by, attempt=attempt) as tx:
        known_terms(tx.conn, carrier, tx.today)
        if reason not in words.DROP_OFF_REASONS:
            raise no.NotAReason
        tx.record(events.DropOffRefused(carrier=carrier, reason=reason, day=tx.today))


def take_back(store: Store, *, by: str, attempt: str = "", parcel: str) -> None:
    """Give a sender's parcel back before the driver came."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = search.the_parcel(tx.conn, parcel)
        if found.state != OUT:
            raise no.NotHere(state=words.state(found.state))
        alone = found.came_on == tx.today and reading.parcels_of_visit(tx.conn, found.visit) == 1
        tx.record(events.TakenBack(parcel=found.parcel_id, visit=found.visit, day=tx.today, cancels=alone))
        names.left(tx.conn, found.parcel_id, tx.today)


def return_to_driver(
    store: Store, *, by: str, attempt: str = "", carrier: str = "", parcels: Sequence[str] = (), recalled: bool = False
) -> int:
    """Give back to the driver `parcels`, or all that is due for `carrier`; return how many."""
    with store.writing(by=by, attempt=attempt) as tx:
        known_terms(tx.conn, carrier, tx.today) if carrier else None
        wanted = [search.the_parcel(tx.conn, code) for code in parcels] or reading.to_return(tx.conn, tx.today, carrier)
        if not wanted:
            raise no.NothingToGive
        for found in wanted:
            _return(tx, found, recalled=recalled)
        return len(wanted)


def _return(tx: Writing, found: Parcel, *, recalled: bool) -> None:
    if found.state not in (STORED, REFUSED):
        raise no.NotHere(state=words.state(found.state))
    if not found.to_return(tx.today) and not recalled:
        raise no.NotYetDue(day=words.long_day(found.deadline_on))
    reason = "refused" if found.state == REFUSED else "overdue" if found.overdue(tx.today) else "recalled"
    tx.record(events.ReturnedToDriver(parcel=found.parcel_id, carrier=found.carrier, reason=reason, day=tx.today))
    names.left(tx.conn, found.parcel_id, tx.today)


def give_to_driver(store: Store, *, by: str, attempt: str = "", carrier: str = "", parcels: Sequence[str] = ()) -> int:
    """Give the driver senders' `parcels`, or all that wait for `carrier`; return how many."""
    with store.writing(by=by, attempt=attempt) as tx:
        wanted = [search.the_parcel(tx.conn, code) for code in parcels] or reading.outgoing(tx.conn, carrier)
        if not wanted:
            raise no.NothingToGive
        for found in wanted:
            _give(tx, found)
        return len(wanted)


def _give(tx: Writing, found: Parcel) -> None:
    if found.state != OUT:
        raise no.NotHere(state=words.state(found.state))
    tx.record(events.GivenToDriver(parcel=found.parcel_id, carrier=found.carrier, day=tx.today))
    names.left(tx.conn, found.parcel_id, tx.today)


def driver_leaves(
    store: Store, *, by: str, attempt: str = "", returned: Sequence[str] = (), given: Sequence[str] = ()
) -> None:
    """Let the driver go with returns and senders' parcels together: all of it, or nothing."""
    with store.writing(by=by, attempt=attempt) as tx:
        if not returned and not given:
            raise no.NothingToGive
        for code in returned:
            _return(tx, search.the_parcel(tx.conn, code), recalled=False)
        for code in given:
            _give(tx, search.the_parcel(tx.conn, code))


def count_only(
    store: Store, *, by: str, attempt: str = "", carrier: str, arrived: int, handed: int, dropped: int,
    returned: int = 0, customers: int = -1, day: str = "",
) -> None:  # fmt: skip
    """Type a day's totals of what was not read label by label; typing again replaces them.

    Without `customers`, each parcel is taken for a customer.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = day or tx.today
        working_with(tx.conn, carrier, tx.today)
        for count in (arrived, handed, dropped, returned):
            if not 0 <= count <= ANNOUNCED_MAX:
                raise no.NotACount(count=count)
        came = handed + dropped if customers < 0 else customers
        if came > handed + dropped:
            raise no.NotACount(count=customers)
        if not _has_come(day, tx.today):
            raise no.NotYet(day=day[:12])
        before = reading.count_of(tx.conn, day, carrier)
        tx.record(events.Counted(
            carrier=carrier, day=day, arrived=arrived, handed=handed, dropped=dropped, returned=returned,
            customers=came, customers_before=before["customers"] if before else 0,
        ))  # fmt: skip


def _has_come(day: str, today: str) -> bool:
    try:
        return words.days_between(day, today) >= 0
    except ValueError:
        return False
