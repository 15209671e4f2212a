"""Whose thing it is, what it is, who the provider is: private, with a date to forget it."""

import sqlite3

from pos import private
from pos.engines import persons, shelf
from pos.store import Writing

Conn = sqlite3.Connection

PURPOSE, NOTE, PROVIDER = "relays", "relays.note", "relays.provider"
# A provider is named on the café's accounts for as long as it deals with them.
FOREVER = "9999-12-31"


def owner(tx: Writing, *, name: str, person: str, phone: str, days: int) -> str:
    """Return whose thing it is, known for as long as it may wait; empty when nobody was named."""
    if not name.strip() and not person:
        return ""
    known = persons.known(tx, PURPOSE, name or private.name_of(tx.conn, person), phone=phone, person=person)
    needed(tx, known, days)
    return known


def needed(tx: Writing, kept_as: str, days: int) -> None:
    """Put the date to forget off: it may wait `days` more, then the usual time after."""
    if not kept_as:
        return
    until = persons.keep_until(shelf.days_after(tx.today, days), PURPOSE)
    row = tx.conn.execute("SELECT purge_after FROM private_person WHERE person_id = ?", (kept_as,)).fetchone()
    if row is not None:
        private.keep_until(tx.conn, kept_as, max(until, row[0]))


def note(tx: Writing, thing: str, text: str, days: int) -> None:
    """Keep what a thing is (two white shirts; a code name) apart from the journal."""
    text = " ".join(text.split())[:60]
    if text:
        until = persons.keep_until(shelf.days_after(tx.today, days), PURPOSE)
        private.remember(tx.conn, purpose=NOTE, purge_after=until, now_ms=tx.now, person_id=thing, text=text)


def note_of(conn: Conn, thing: str) -> str:
    """Return what a thing is, empty once forgotten."""
    return str(private.recall(conn, thing).get("text", ""))


def keep_provider(tx: Writing, relay: str, *, name: str, phone: str) -> None:
    """Keep who a provider is."""
    private.remember(
        tx.conn, purpose=PROVIDER, purge_after=FOREVER, now_ms=tx.now, person_id=f"relay-{relay}",
        name=" ".join(name.split())[:60], phone=phone.strip()[:20],
    )  # fmt: skip


def provider(conn: Conn, relay: str) -> dict[str, str]:
    """Return what is known of a provider: name and phone, empty when this box never learnt them."""
    known = private.recall(conn, f"relay-{relay}")
    return {"name": str(known.get("name", "")), "phone": str(known.get("phone", ""))}


def of(conn: Conn, person: str) -> str:
    """Return a person's name, empty once forgotten."""
    return private.name_of(conn, person)


def phone_of(conn: Conn, person: str) -> str:
    """Return a person's telephone number."""
    return str(private.recall(conn, person).get("phone", "")) if person else ""
