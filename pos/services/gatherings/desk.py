"""What is done with gatherings: from an idea to looking back, who registers, who comes, hours given.

idea --> planned (date) --> announced (poster) --> held (attendance) --> reviewed
            |                    |
            +--------------------+--> cancelled (reason)
"""

import re
import sqlite3
from collections.abc import Sequence

from pos import private
from pos.clock import parse_day
from pos.engines import hosts, persons
from pos.ids import new_id
from pos.services.gatherings import events as ev
from pos.services.gatherings import reading, tables, words
from pos.services.gatherings import refusals as no
from pos.services.gatherings.tables import ANNOUNCED, COMING, DONE, HELD, IDEA, PLANNED, REVIEWED
from pos.store import Store, Writing

PURPOSE = "gatherings"
CLICKER, LIST, ESTIMATE = "clicker", "list", "estimate"
PEOPLE_MAX, CAPACITY_MAX, MINUTES_MAX = 3_000, 3_000, 24 * 60
_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


def note_idea(store: Store, title: str, *, sort: str = "other", by: str, attempt: str = "") -> ev.IdeaNoted:
    """Keep an idea. Raises BadPlan."""
    with store.writing(by=by, attempt=attempt) as tx:
        event = ev.IdeaNoted(gathering=new_id(tx.now), title=_title(title), sort=_sort(sort), day=tx.today)
        tx.record(event)
        return event


def _title(text: str) -> str:
    title = " ".join(text.split())[:60]
    if not title:
        raise no.BadPlan
    return title


def _sort(code: str) -> str:
    if code not in words.SORTS:
        raise no.BadPlan
    return code


def plan(
    store: Store, *, title: str, sort: str, on_day: str, begins: str, place: str = "cafe", partner: str = "",
    tags: Sequence[str] = (), capacity: int = 0, music: bool = False, gathering: str = "", by: str, attempt: str = "",
) -> ev.GatheringPlanned:  # fmt: skip
    """Put a gathering on the calendar, or change what is planned. Raises BadPlan, NoSuchGathering, WrongMoment."""
    with store.writing(by=by, attempt=attempt) as tx:
        if gathering:
            _in_state(tx, gathering, IDEA, *COMING)
        good = (
            place in words.PLACES and 0 <= capacity <= CAPACITY_MAX and set(tags) <= set(words.TAGS)
            and _HOUR.fullmatch(begins) and (not partner or hosts.name_of(tx.conn, partner))
        )  # fmt: skip
        if not good:
            raise no.BadPlan
        event = ev.GatheringPlanned(
            gathering=gathering or new_id(tx.now), title=_title(title), sort=_sort(sort), on_day=_day(on_day), begins=begins,
            place=place, partner=partner, tags=sorted(set(tags)), capacity=capacity, music=music, day=tx.today,
        )  # fmt: skip
        tx.record(event)
        return event


def _day(text: str) -> str:
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise no.BadPlan from None


def _in_state(tx: Writing, gathering: str, *states: str) -> sqlite3.Row:
    row = tables.one(tx.conn, gathering)
    if row is None:
        raise no.NoSuchGathering
    if row["state"] not in states:
        raise no.WrongMoment(state=words.said(words.STATES, row["state"]))
    return row


def announce(store: Store, gathering: str, *, by: str, attempt: str = "") -> None:
    """Say that the poster is up. Raises NoSuchGathering, WrongMoment."""
    with store.writing(by=by, attempt=attempt) as tx:
        _in_state(tx, gathering, PLANNED)
        tx.record(ev.GatheringAnnounced(gathering=gathering, day=tx.today))


def declare_music(store: Store, gathering: str, *, by: str, attempt: str = "") -> None:
    """Say that the music was declared to SACEM and SPRE. Raises NoSuchGathering, WrongMoment, NoMusic."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, gathering, *COMING, *DONE)
        if not row["music"]:
            raise no.NoMusic
        tx.record(ev.MusicDeclared(gathering=gathering, day=tx.today))


# The list


def register(
    store: Store, gathering: str, *, name: str, phone: str = "", children: int = 0, adults: int = 1, seniors: int = 0,
    by: str, attempt: str = "",
) -> ev.Registered:  # fmt: skip
    """Put somebody on the list, with whom they bring; the name stays on this box.

    Raises NoSuchGathering, WrongMoment, NobodyCounted, Full, NameMissing.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, gathering, *COMING)
        places = _people(children, adults, seniors)
        left = reading.places_left(tx.conn, row)
        if left is not None and places > left:
            raise no.Full(left=left)
        person = persons.known(tx, PURPOSE, name, phone=phone)
        # Known until well after the gathering, however far it is.
        until = max(persons.keep_until(day, PURPOSE) for day in (tx.today, row["on_day"]))
        private.keep_until(tx.conn, person, until)
        event = ev.Registered(
            registration=new_id(tx.now), gathering=gathering, person=person, day=tx.today, children=children,
            adults=adults, seniors=seniors,
        )  # fmt: skip
        tx.record(event)
        return event


def _people(children: int, adults: int, seniors: int) -> int:
    if min(children, adults, seniors) < 0 or not 0 < children + adults + seniors <= PEOPLE_MAX:
        raise no.NobodyCounted
    return children + adults + seniors


def drop_registration(store: Store, registration: str, *, by: str, attempt: str = "") -> None:
    """Take somebody off the list. Raises NoSuchRegistration."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _on_list(tx, registration)
        tx.record(ev.RegistrationDropped(registration=registration, gathering=row["gathering"], day=tx.today))


def mark_came(store: Store, registration: str, *, came: bool = True, by: str, attempt: str = "") -> None:
    """Tick somebody at the door, or untick. Raises NoSuchRegistration, WrongMoment."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _on_list(tx, registration)
        _in_state(tx, row["gathering"], *COMING, *DONE)
        tx.record(ev.CameMarked(registration=registration, gathering=row["gathering"], came=came, day=tx.today))


def _on_list(tx: Writing, registration: str) -> sqlite3.Row:
    row = tables.registration(tx.conn, registration)
    if row is None:
        raise no.NoSuchRegistration
    return row


# Who comes


def count_entry(
    store: Store, gathering: str, *, bracket: str = "adults", n: int = 1, by: str, attempt: str = ""
) -> ev.EntryCounted:
    """Count people coming in: one tap each. Raises NoSuchGathering, WrongMoment, TooSoon, NobodyCounted."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, gathering, *COMING)
        _not_before(tx, row)
        if bracket not in words.BRACKETS or not 0 < n <= 50:
            raise no.NobodyCounted
        event = ev.EntryCounted(gathering=gathering, bracket=bracket, n=n, day=row["on_day"])
        tx.record(event)
        return event


def _not_before(tx: Writing, row: sqlite3.Row) -> None:
    if tx.today < row["on_day"]:
        raise no.TooSoon(day=row["on_day"])


def undo_entry(store: Store, gathering: str, *, by: str, attempt: str = "") -> ev.EntryCounted:
    """Take the last tap back. Raises NoSuchGathering, WrongMoment, NothingToUndo."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, gathering, *COMING)
        last = tables.last_entry(tx.conn, gathering)
        if last is None:
            raise no.NothingToUndo
        event = ev.EntryCounted(gathering=gathering, bracket=last["bracket"], n=-last["n"], day=row["on_day"])
        tx.record(event)
        return event


def hold(
    store: Store, gathering: str, *, method: str = CLICKER, children: int = 0, adults: int = 0, seniors: int = 0, by: str,
    attempt: str = "",
) -> ev.GatheringHeld:  # fmt: skip
    """Say that it took place and how many came: as clicked, as ticked on the list, or estimated.

    Said again with other numbers it corrects. Raises NoSuchGathering, WrongMoment, TooSoon, NobodyCounted.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = _in_state(tx, gathering, *COMING, *DONE)
        _not_before(tx, row)
        if method == CLICKER:
            told = tables.entries(tx.conn, gathering)
        elif method == LIST:
            told = reading.came(tx.conn, gathering)
        elif method == ESTIMATE:
            told = {"children": children, "adults": adults, "seniors": seniors}
        else:
            raise no.NobodyCounted
        total = _people(**told)
        before = row["children"] + row["adults"] + row["seniors"] if row["state"] in DONE else 0
        event = ev.GatheringHeld(
            gathering=gathering,
            method=method,
            change=total - before,
            day=row["on_day"],
            again=row["state"] in DONE,
            **told,
        )
        tx.record(event)
        return event


def cancel(store: Store, gathering: str, reason: str, *, by: str, attempt: str = "") -> None:
    """Call a gathering off. Raises NoSuchGathering, WrongMoment, CancelReasonMissing."""
    with store.writing(by=by, attempt=attempt) as tx:
        _in_state(tx, gathering, IDEA, *COMING)
        if reason not in words.CANCELLED:
            raise no.CancelReasonMissing
        tx.record(ev.GatheringCancelled(gathering=gathering, reason=reason, day=tx.today))


def review(store: Store, gathering: str, rating: int, *, again: bool = True, by: str, attempt: str = "") -> None:
    """Look back: how it went, whether to do it again. Raises NoSuchGathering, WrongMoment, BadReview."""
    with store.writing(by=by, attempt=attempt) as tx:
        _in_state(tx, gathering, HELD, REVIEWED)
        if rating not in words.RATINGS:
            raise no.BadReview
        tx.record(ev.GatheringReviewed(gathering=gathering, rating=rating, again=again, day=tx.today))


def give_hours(store: Store, gathering: str, *, people: int, minutes: int, by: str, attempt: str = "") -> ev.HoursGiven:
    """Note what volunteers gave: how many, `minutes` each. Raises NoSuchGathering, WrongMoment, BadHours."""
    with store.writing(by=by, attempt=attempt) as tx:
        _in_state(tx, gathering, PLANNED, ANNOUNCED, *DONE)
        if not 0 < people <= 200 or not 0 < minutes <= MINUTES_MAX:
            raise no.BadHours
        event = ev.HoursGiven(gathering=gathering, people=people, minutes=people * minutes, day=tx.today)
        tx.record(event)
        return event
