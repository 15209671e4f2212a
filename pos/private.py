"""Names and phone numbers: tied to an opaque id, erasable, with a date to forget them (R140–R148).

Nothing here ever enters the journal or leaves the café with it.
"""

import sqlite3
import unicodedata
from collections.abc import Iterable
from typing import Any

import msgspec

from pos.ids import new_id

SCHEMA = """
CREATE TABLE IF NOT EXISTS private_person (
  person_id TEXT PRIMARY KEY, purpose TEXT NOT NULL, purge_after TEXT NOT NULL, body TEXT NOT NULL,
  search TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS private_person_by_date ON private_person (purge_after);
"""


def remember(
    conn: sqlite3.Connection, *, purpose: str, purge_after: str, now_ms: int, person_id: str = "", **facts: Any
) -> str:
    """Keep facts about a person until `purge_after` (`YYYY-MM-DD`); return the opaque id."""
    person_id = person_id or new_id(now_ms)
    conn.execute(
        "INSERT INTO private_person (person_id, purpose, purge_after, body, search) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (person_id) DO UPDATE SET purge_after = excluded.purge_after, body = excluded.body,"
        " search = excluded.search",
        (person_id, purpose, purge_after, msgspec.json.encode(facts).decode(), fold(str(facts.get("name", "")))),
    )
    return person_id


def recall(conn: sqlite3.Connection, person_id: str) -> dict[str, Any]:
    """Return what is known of a person; empty once forgotten."""
    row = conn.execute("SELECT body FROM private_person WHERE person_id = ?", (person_id,)).fetchone()
    return msgspec.json.decode(row[0]) if row else {}


def name_of(conn: sqlite3.Connection, person_id: str) -> str:
    """Return a person's name, or an empty text once forgotten."""
    return str(recall(conn, person_id).get("name", "")) if person_id else ""


def names_of(conn: sqlite3.Connection, persons: Iterable[str]) -> dict[str, str]:
    """Return the names of many persons at once; who is forgotten is left out."""
    rows = conn.execute(
        "SELECT person_id, body FROM private_person WHERE person_id IN (SELECT value FROM json_each(?))",
        (msgspec.json.encode(sorted(set(persons))).decode(),),
    )
    return {row[0]: str(msgspec.json.decode(row[1]).get("name", "")) for row in rows}


def search(conn: sqlite3.Connection, purpose: str, text: str, limit: int = 20) -> list[tuple[str, dict[str, Any]]]:
    """Return persons of a purpose whose name contains `text`, accents and case apart."""
    rows = conn.execute(
        "SELECT person_id, body FROM private_person WHERE purpose = ? AND instr(search, ?) > 0 ORDER BY search LIMIT ?",
        (purpose, fold(text), limit),
    )
    return [(row[0], msgspec.json.decode(row[1])) for row in rows]


def forget(conn: sqlite3.Connection, person_id: str) -> None:
    """Erase one person."""
    conn.execute("DELETE FROM private_person WHERE person_id = ?", (person_id,))


def keep_until(conn: sqlite3.Connection, person_id: str, purge_after: str) -> None:
    """Change the date to forget a person."""
    conn.execute("UPDATE private_person SET purge_after = ? WHERE person_id = ?", (purge_after, person_id))


def forget_due(conn: sqlite3.Connection, today: str) -> int:
    """Erase everybody whose date has passed; return how many."""
    return conn.execute("DELETE FROM private_person WHERE purge_after < ?", (today,)).rowcount


def fold(text: str) -> str:
    """Return `text` without accents, ligatures and case, for searching."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
