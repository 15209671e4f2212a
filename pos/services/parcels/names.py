"""Who a parcel is for and what its label says: private, with a date to forget them.

Two rows per parcel in the private store, one searched by name, one by number. After a restore both
are gone: a waiting parcel is then known by its place and carrier.
"""

import sqlite3
from datetime import date, timedelta

from pos import private

PARCEL, NUMBER = "parcels", "parcels.number"
# R140, services.md B.0.5: thirty days after the parcel left.
KEPT_DAYS = 30
# A parcel whose exit nobody recorded must be forgotten too.
KEPT_WITHOUT_EXIT_DAYS = 90


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def keep(conn: sqlite3.Connection, parcel_id: str, *, day: str, now_ms: int, number: str, said: str, name: str) -> None:
    """Keep the number and name of a parcel that came on `day`."""
    until = _later(day, KEPT_WITHOUT_EXIT_DAYS)
    keep_name(conn, parcel_id, name=name, until=until, now_ms=now_ms)
    if number:
        private.remember(
            conn, purpose=NUMBER, purge_after=until, now_ms=now_ms, person_id=_number_id(parcel_id),
            name=f"{number} {said}" if said not in ("", number) else number, number=number, said=said,
        )  # fmt: skip


def keep_name(conn: sqlite3.Connection, parcel_id: str, *, name: str, until: str, now_ms: int) -> None:
    """Keep, or change, the name on a parcel."""
    name = " ".join(name.split())[:60]
    if name:
        private.remember(conn, purpose=PARCEL, purge_after=until, now_ms=now_ms, person_id=parcel_id, name=name)
    else:
        private.forget(conn, parcel_id)


def left(conn: sqlite3.Connection, parcel_id: str, day: str) -> None:
    """Count the days to forget from the day a parcel left."""
    _until(conn, parcel_id, _later(day, KEPT_DAYS))


def came_back(conn: sqlite3.Connection, parcel_id: str, day: str) -> None:
    """A hand-over was undone: the parcel waits again."""
    _until(conn, parcel_id, _later(day, KEPT_WITHOUT_EXIT_DAYS))


def until_without_exit(day: str) -> str:
    """Return when a parcel that came on `day` is forgotten if nobody records its exit."""
    return _later(day, KEPT_WITHOUT_EXIT_DAYS)


def _until(conn: sqlite3.Connection, parcel_id: str, day: str) -> None:
    private.keep_until(conn, parcel_id, day)
    private.keep_until(conn, _number_id(parcel_id), day)


def _number_id(parcel_id: str) -> str:
    return f"{parcel_id}.n"


def name_of(conn: sqlite3.Connection, parcel_id: str) -> str:
    """Return the name on a parcel, or an empty text."""
    return private.name_of(conn, parcel_id)


def number_of(conn: sqlite3.Connection, parcel_id: str) -> str:
    """Return the number as the recipient's notice shows it, or an empty text."""
    facts = private.recall(conn, _number_id(parcel_id))
    return str(facts.get("said") or facts.get("number", ""))


def by_name(conn: sqlite3.Connection, text: str, limit: int = 1000) -> list[str]:
    """Return ids of parcels whose name contains `text`."""
    return [found[0] for found in private.search(conn, PARCEL, text, limit)]


def by_number(conn: sqlite3.Connection, text: str, limit: int = 1000) -> list[tuple[str, bool]]:
    """Return ids of parcels whose number contains `text`, and whether one of its numbers ends with it."""
    wanted = private.fold(text)
    return [
        (
            found[0].removesuffix(".n"),
            any(part.endswith(wanted) for part in private.fold(str(found[1]["name"])).split()),
        )
        for found in private.search(conn, NUMBER, text, limit)
    ]
