"""Whose bag it is, who the baker is: private, with a date to forget customers."""

import sqlite3
from collections.abc import Iterable

from pos import private
from pos.services.bread import refusals as no
from pos.services.bread.reading import day_after
from pos.services.bread.schema import OWNER
from pos.store import Writing
from pos.till.owners import owner_said

CUSTOMER, BAKER = "bread", "bread.baker"
# A regular may stay away a season; after a year without an order the name goes.
KEPT_DAYS = 365
# A baker is named on the café's accounts for as long as it deals with them.
BAKER_KEPT = "9999-12-31"


def customer(tx: Writing, *, person: str, name: str, phone: str, until: str) -> str:
    """Return the customer's id: the one given, the one who bears exactly this name, or a new one."""
    name = " ".join(name.split())[:40]
    known = private.recall(tx.conn, person) if person else {}
    if not person and name:
        person, known = _of_name(tx.conn, name)
    if not name and not known:
        raise no.NameMissing
    return private.remember(
        tx.conn, purpose=CUSTOMER, purge_after=_later(tx.conn, person, until), now_ms=tx.now, person_id=person,
        name=name or known["name"], phone=phone.strip()[:20] or known.get("phone", ""),
    )  # fmt: skip


def _of_name(conn: sqlite3.Connection, name: str) -> tuple[str, dict[str, str]]:
    folded = private.fold(name)
    for person, known in private.search(conn, CUSTOMER, name):
        if private.fold(str(known.get("name", ""))) == folded:
            return person, known
    return "", {}


def _later(conn: sqlite3.Connection, person: str, day: str) -> str:
    """Return the date to forget: a year after the last day ordered for, never earlier than before."""
    until = day_after(day, KEPT_DAYS)
    row = conn.execute("SELECT purge_after FROM private_person WHERE person_id = ?", (person,)).fetchone()
    return max(until, row[0]) if row else until


def keep(conn: sqlite3.Connection, person: str, day: str) -> None:
    """Count the year from `day`."""
    private.keep_until(conn, person, _later(conn, person, day))


def of(conn: sqlite3.Connection, person: str) -> str:
    """Return a customer's name, or an empty text once forgotten."""
    return private.name_of(conn, person)


def of_many(conn: sqlite3.Connection, persons: Iterable[str]) -> dict[str, str]:
    """Return the names of many customers in one look."""
    return private.names_of(conn, persons)


def find(conn: sqlite3.Connection, text: str) -> list[tuple[str, str]]:
    """Return (person, name) of customers whose name contains `text`."""
    return [(person, str(known["name"])) for person, known in private.search(conn, CUSTOMER, text, limit=40)]


def _baker_id(baker: str) -> str:
    return f"bread-{baker}"


def keep_baker(tx: Writing, baker: str, *, name: str, phone: str) -> None:
    """Keep who a baker is."""
    name = " ".join(name.split())[:40]
    if not name:
        raise no.NameMissing
    private.remember(
        tx.conn, purpose=BAKER, purge_after=BAKER_KEPT, now_ms=tx.now, person_id=_baker_id(baker), name=name,
        phone=phone.strip()[:20],
    )  # fmt: skip


def of_baker(conn: sqlite3.Connection, baker: str) -> str:
    """Return a baker's name, or an empty text when this box never learnt it."""
    return private.name_of(conn, _baker_id(baker))


def baker_name(conn: sqlite3.Connection, baker: str) -> str:
    """Return a baker's name, or its number in words."""
    return of_baker(conn, baker) or owner_said(f"{OWNER}{baker}")


def phone_of_baker(conn: sqlite3.Connection, baker: str) -> str:
    """Return a baker's telephone number."""
    return str(private.recall(conn, _baker_id(baker)).get("phone", ""))
