"""Volunteers' shifts: asked for, taken, done, missed, excused; what each member gave and owes in hours."""

import re
import sqlite3
from datetime import date

from pos.clock import parse_day
from pos.ids import new_id
from pos.services.members import events as ev
from pos.services.members import refusals as no
from pos.services.members import rules, tables
from pos.services.members.tables import DONE, EXCUSED, TAKEN
from pos.store import Store, Writing

TASKS = ("bar", "cleaning", "shopping", "kitchen", "event", "repairs", "other")
MINUTES_MAX, PLACES_MAX = 12 * 60, 20
_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def open_shift(
    store: Store, *, day: str, begins: str, minutes: int, places: int = 1, task: str = "bar", by: str, attempt: str = ""
) -> str:
    """Ask for volunteers; return the shift. Raises BadShift."""
    with store.writing(by=by, attempt=attempt) as tx:
        return _open(tx, day, begins, minutes, places, task)


def _open(tx: Writing, day: str, begins: str, minutes: int, places: int, task: str) -> str:
    try:
        day = parse_day(day).isoformat()
    except ValueError:
        raise no.BadShift from None
    hour = _HOUR.fullmatch(begins.strip().replace("h", ":"))
    if hour is None or not 0 < minutes <= MINUTES_MAX or not 0 < places <= PLACES_MAX or task not in TASKS:
        raise no.BadShift
    shift = new_id(tx.now)
    begins = f"{int(hour[1]):02d}:{hour[2]}"
    tx.record(ev.ShiftOpened(shift=shift, day=day, begins=begins, minutes=minutes, places=places, task=task))
    return shift


def cancel_shift(store: Store, shift: str, *, by: str, attempt: str = "") -> None:
    """Call a shift off."""
    with store.writing(by=by, attempt=attempt) as tx:
        _shift(tx, shift)
        tx.record(ev.ShiftCancelled(shift=shift))


def take_shift(store: Store, shift: str, member: str, *, by: str, attempt: str = "") -> None:
    """Write a member down for a shift. Raises NoSuchShift, NoSuchMember, ShiftFull, AlreadyOnShift."""
    with store.writing(by=by, attempt=attempt) as tx:
        _take(tx, shift, member)


def _take(tx: Writing, shift: str, member: str) -> sqlite3.Row:
    row = _shift(tx, shift)
    if tables.member(tx.conn, member) is None:
        raise no.NoSuchMember
    if tables.place(tx.conn, shift, member) is not None:
        raise no.AlreadyOnShift
    taken = tx.conn.execute("SELECT count(*) FROM members_place WHERE shift = ?", (shift,)).fetchone()[0]
    if taken >= row["places"]:
        raise no.ShiftFull(n=row["places"])
    tx.record(ev.ShiftTaken(shift=shift, member=member))
    return row


def give_back_shift(store: Store, shift: str, member: str, *, by: str, attempt: str = "") -> None:
    """Free a member's place. Raises NotOnShift."""
    with store.writing(by=by, attempt=attempt) as tx:
        _waiting(tx, shift, member)
        tx.record(ev.ShiftGivenBack(shift=shift, member=member))


def finish_shift(store: Store, shift: str, member: str, *, minutes: int = 0, by: str, attempt: str = "") -> int:
    """Note that a member did a shift, as long as planned unless `minutes` says; return the minutes."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = _waiting(tx, shift, member)
        given = minutes or row["minutes"]
        if not 0 < given <= MINUTES_MAX:
            raise no.BadShift
        tx.record(ev.ShiftDone(shift=shift, member=member, minutes=given))
        return int(given)


def miss_shift(store: Store, shift: str, member: str, *, by: str, attempt: str = "") -> None:
    """Note that a member did not come."""
    with store.writing(by=by, attempt=attempt) as tx:
        _waiting(tx, shift, member)
        tx.record(ev.ShiftMissed(shift=shift, member=member))


def excuse_shift(store: Store, shift: str, member: str, *, by: str, attempt: str = "") -> None:
    """Note that a member could not come and said so: it counts as if done."""
    with store.writing(by=by, attempt=attempt) as tx:
        _waiting(tx, shift, member)
        tx.record(ev.ShiftExcused(shift=shift, member=member))


def credit_hours(
    store: Store, member: str, *, minutes: int, task: str = "bar", begins: str = "08:00", by: str, attempt: str = ""
) -> str:
    """Note in one act what a member gave today, without a shift asked for before; return the shift."""
    with store.writing(by=by, attempt=attempt) as tx:
        shift = _open(tx, tx.today, begins, minutes, 1, task)
        _take(tx, shift, member)
        tx.record(ev.ShiftDone(shift=shift, member=member, minutes=minutes))
        return shift


def _shift(tx: Writing, shift: str) -> sqlite3.Row:
    row = tables.shift(tx.conn, shift)
    if row is None or row["cancelled"]:
        raise no.NoSuchShift
    return row


def _waiting(tx: Writing, shift: str, member: str) -> sqlite3.Row:
    row, place = _shift(tx, shift), tables.place(tx.conn, shift, member)
    if place is None or place["state"] != TAKEN:
        raise no.NotOnShift
    return row


# Hours


def balance(conn: sqlite3.Connection, member: str, day: str) -> int:
    """Return a member's minutes ahead (positive) or behind: done and excused, less what each month asks.

    The month of joining asks nothing; each later month begun asks what the rules said on its first
    day, as long as the dues hold.
    """
    given = conn.execute(
        "SELECT coalesce(sum(minutes), 0) FROM members_place WHERE member = ? AND state IN (?, ?)",
        (member, DONE, EXCUSED),
    ).fetchone()[0]
    return int(given) - due(conn, member, day)


def due(conn: sqlite3.Connection, member: str, day: str) -> int:
    """Return the minutes the months since joining ask of a member."""
    row = tables.member(conn, member)
    if row is None or not row["since"]:
        return 0
    last = min(day[:10], row["until"] or day[:10])
    month, asked = _next_month(row["since"]), 0
    while month <= last:
        asked += rules.in_force(conn, month).minutes
        month = _next_month(month)
    return asked


def _next_month(day: str) -> str:
    first = date.fromisoformat(day).replace(day=1)
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1).isoformat()
