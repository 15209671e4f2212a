"""Working state that is not truth: open bills, slips waiting for paper, box settings, HQ's last ack.

Losing it is annoying, never fatal. Every draft of the house is listed here.
"""

import sqlite3
from typing import Any

import msgspec

SCHEMA = """
CREATE TABLE IF NOT EXISTS draft_value (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS draft_tab (
  tab_id TEXT PRIMARY KEY, parked INTEGER NOT NULL, changed_at INTEGER NOT NULL, body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS draft_attempt (
  attempt TEXT PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS draft_print (
  job_id INTEGER PRIMARY KEY, made_at INTEGER NOT NULL, what TEXT NOT NULL, state TEXT NOT NULL,
  bytes BLOB NOT NULL, error TEXT NOT NULL DEFAULT ''
) STRICT;
"""
# Columns that came later: a box opened by an older version gets them at its next start.
LATER = {
    "draft_print": {
        "printer": "TEXT NOT NULL DEFAULT 'counter'", "ticket": "INTEGER NOT NULL DEFAULT 0",
        "tries": "INTEGER NOT NULL DEFAULT 0", "not_before": "INTEGER NOT NULL DEFAULT 0",
        "evidence": "TEXT NOT NULL DEFAULT ''",
    },
}  # fmt: skip
# How the line to HQ stands: normal, anomaly or locked.
LINE = "hq_state"
_CONFIRMED = "UPDATE draft_print SET state = 'confirmed', evidence = 'written' WHERE state = 'printed'"


def prepare(conn: sqlite3.Connection) -> None:
    """Make the tables of drafts, or bring those of an older version up to today's."""
    conn.executescript(SCHEMA)
    for table, columns in LATER.items():
        known = {row[1] for row in conn.execute(f"PRAGMA table_info({table})")}
        for name, kind in columns.items():
            if name not in known:
                conn.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    if conn.execute("SELECT 1 FROM draft_print WHERE state = 'printed' LIMIT 1").fetchone():
        conn.execute(_CONFIRMED)


def get(conn: sqlite3.Connection, name: str, default: Any = None) -> Any:
    """Return a small named value (JSON), or `default`."""
    row = conn.execute("SELECT value FROM draft_value WHERE name = ?", (name,)).fetchone()
    return msgspec.json.decode(row[0]) if row else default


def put(conn: sqlite3.Connection, name: str, value: Any) -> None:
    """Keep a small named value (JSON)."""
    conn.execute(
        "INSERT INTO draft_value (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, msgspec.json.encode(value).decode()),
    )


def is_locked(conn: sqlite3.Connection) -> bool:
    """Tell whether HQ has given the café to another box, or withdrawn this one's permission (ZJP/1 §2.9)."""
    return bool(get(conn, LINE, {}).get("state") == "locked")


def save_tab(conn: sqlite3.Connection, tab_id: str, body: bytes, *, parked: bool, at: int) -> None:
    """Keep an open bill."""
    conn.execute(
        "INSERT INTO draft_tab (tab_id, parked, changed_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (tab_id)"
        " DO UPDATE SET parked = excluded.parked, changed_at = excluded.changed_at, body = excluded.body",
        (tab_id, int(parked), at, body.decode()),
    )


def load_tab(conn: sqlite3.Connection, tab_id: str) -> bytes | None:
    """Return an open bill's bytes, or None when it was paid, voided or never opened."""
    row = conn.execute("SELECT body FROM draft_tab WHERE tab_id = ?", (tab_id,)).fetchone()
    return row[0].encode() if row else None


def drop_tab(conn: sqlite3.Connection, tab_id: str) -> None:
    """Forget an open bill."""
    conn.execute("DELETE FROM draft_tab WHERE tab_id = ?", (tab_id,))


def tabs(conn: sqlite3.Connection) -> list[tuple[str, bool, bytes]]:
    """Return all open bills, oldest change first."""
    rows = conn.execute("SELECT tab_id, parked, body FROM draft_tab ORDER BY changed_at, tab_id")
    return [(row[0], bool(row[1]), row[2].encode()) for row in rows]
