"""Stops and what they came to, told from their own facts, tickets and the Z; then readers."""

import sqlite3

from pos.journal import Envelope
from pos.models import MODELS
from pos.projections import Projection
from pos.services.tour import events as ev
from pos.till import tables as till
from pos.till.events import DayClosed, SaleCompleted, SaleRefunded

Conn = sqlite3.Connection

PLANNED, SETTING_UP, OPEN, CLOSED, REPORTED, CANCELLED = (
    "planned",
    "setting_up",
    "open",
    "closed",
    "reported",
    "cancelled",
)
# Cups on the menu, the account of their deposits, the means by which a kept deposit pays its ticket.
CUP, CUP_KEPT, CUPS_OWNER, CUPS_MEANS = "gobelet_consigne", "gobelet_non_rendu", "deposit:cups", "cups"

# The account of a producer begins so.
PRODUCER = "producer:"

SCHEMA = """
CREATE TABLE tour_setting (
  one INTEGER PRIMARY KEY, itinerant INTEGER NOT NULL, cup_price INTEGER NOT NULL, kept_vat TEXT NOT NULL
) STRICT;
CREATE TABLE tour_tour (
  tour TEXT PRIMARY KEY, label TEXT NOT NULL, ended INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE TABLE tour_stop (
  stop TEXT PRIMARY KEY, tour TEXT NOT NULL, on_day TEXT NOT NULL, commune TEXT NOT NULL, delegated TEXT NOT NULL,
  town TEXT NOT NULL, place TEXT NOT NULL, host TEXT NOT NULL, authorisation TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'planned', label TEXT NOT NULL DEFAULT '', opened_at INTEGER NOT NULL DEFAULT 0,
  closed_at INTEGER NOT NULL DEFAULT 0, by_itself INTEGER NOT NULL DEFAULT 0, moved TEXT NOT NULL DEFAULT '',
  reason TEXT NOT NULL DEFAULT '', z INTEGER NOT NULL DEFAULT 0, attendance INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX tour_stop_by_day ON tour_stop (on_day);
CREATE TABLE tour_money (
  stop TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, amount INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (stop, what, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE tour_cup (
  stop TEXT PRIMARY KEY, went INTEGER NOT NULL DEFAULT 0, came INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID
"""

_MONEY = """INSERT INTO tour_money (stop, what, key, amount, n) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (stop, what, key) DO UPDATE SET amount = amount + excluded.amount, n = n + excluded.n"""
_CUPS = """INSERT INTO tour_cup (stop, went, came, kept) VALUES (?, ?, ?, ?)
ON CONFLICT (stop) DO UPDATE SET went = went + excluded.went, came = came + excluded.came, kept = kept + excluded.kept"""
_PLAN = """INSERT INTO tour_stop (stop, tour, on_day, commune, delegated, town, place, host) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (stop) DO UPDATE SET tour = excluded.tour, on_day = excluded.on_day, commune = excluded.commune,
delegated = excluded.delegated, town = excluded.town, place = excluded.place, host = excluded.host"""


def person_of(owner: str) -> str:
    """Return under which id the name behind an account is kept."""
    return owner.replace(":", "-")


def _settings(conn: Conn, entry: Envelope, e: ev.SettingsSet) -> None:
    conn.execute("INSERT OR REPLACE INTO tour_setting VALUES (1, ?, ?, ?)", (int(e.itinerant), e.cup_price, e.kept_vat))


def _tour(conn: Conn, entry: Envelope, e: ev.TourPlanned) -> None:
    conn.execute("INSERT INTO tour_tour (tour, label) VALUES (?, ?)", (e.tour, e.label))


def _tour_ended(conn: Conn, entry: Envelope, e: ev.TourEnded) -> None:
    conn.execute("UPDATE tour_tour SET ended = 1 WHERE tour = ?", (e.tour,))


def _planned(conn: Conn, entry: Envelope, e: ev.StopPlanned) -> None:
    conn.execute(_PLAN, (e.stop, e.tour, e.on_day, e.commune, e.delegated, e.town, e.place, e.host))


def _set_up(conn: Conn, entry: Envelope, e: ev.StopSetUp) -> None:
    conn.execute("UPDATE tour_stop SET state = ? WHERE stop = ?", (SETTING_UP, e.stop))


def _authorised(conn: Conn, entry: Envelope, e: ev.AuthorisationNoted) -> None:
    conn.execute("UPDATE tour_stop SET authorisation = ? WHERE stop = ?", (e.number, e.stop))


def _opened(conn: Conn, entry: Envelope, e: ev.StopOpened) -> None:
    conn.execute(
        "UPDATE tour_stop SET state = ?, label = ?, opened_at = ?, place = ?, authorisation = ? WHERE stop = ?",
        (OPEN, e.day, entry.t, e.place, e.authorisation, e.stop),
    )


def _moved(conn: Conn, entry: Envelope, e: ev.StopMoved) -> None:
    conn.execute("UPDATE tour_stop SET moved = ?, place = ? WHERE stop = ?", (e.reason, e.place, e.stop))


def _closed(conn: Conn, entry: Envelope, e: ev.StopClosed) -> None:
    conn.execute("UPDATE tour_stop SET state = ?, closed_at = ? WHERE stop = ?", (CLOSED, entry.t, e.stop))


def _day_closed(conn: Conn, entry: Envelope, e: DayClosed) -> None:
    # A stop nobody closed ends with its till day, by hand or at the cut-off (services.md B.15).
    conn.execute(
        "UPDATE tour_stop SET state = ?, closed_at = ?, by_itself = 1 WHERE label = ? AND state = ?",
        (CLOSED, entry.t, e.day, OPEN),
    )
    conn.execute("UPDATE tour_stop SET z = ? WHERE label = ?", (e.z, e.day))


def _reported(conn: Conn, entry: Envelope, e: ev.StopReported) -> None:
    conn.execute("UPDATE tour_stop SET state = ? WHERE stop = ?", (REPORTED, e.stop))


def _cancelled(conn: Conn, entry: Envelope, e: ev.StopCancelled) -> None:
    conn.execute("UPDATE tour_stop SET state = ?, reason = ? WHERE stop = ?", (CANCELLED, e.reason, e.stop))


def _entries(conn: Conn, entry: Envelope, e: ev.EntriesCounted) -> None:
    conn.execute("UPDATE tour_stop SET attendance = attendance + ? WHERE stop = ?", (e.n, e.stop))


def _cups(conn: Conn, entry: Envelope, e: ev.CupsMoved) -> None:
    conn.execute(_CUPS, (e.stop, max(0, e.n), max(0, -e.n), 0))
    conn.execute(_MONEY, (e.stop, "means", "cash", e.amount, 0))


def _sold(conn: Conn, entry: Envelope, e: SaleCompleted | SaleRefunded) -> None:
    _sold_cups(conn, e)
    if not e.stop:
        return
    sums: list[tuple[str, str, int]] = [("own", "", e.turnover)]
    # A kept deposit is paid by the deposit: no money moves.
    sums += [("means", p.means, p.amount) for p in e.payments if p.means != CUPS_MEANS]
    if isinstance(e, SaleCompleted) and e.cashback:
        sums += [("means", "card", e.cashback), ("means", "cash", -e.cashback)]
    for part in e.vat:
        sums += [("vat", str(part.bp), part.gross - part.net), ("gross", str(part.bp), part.gross)]
    sums += [("off", part.owner or part.code, part.amount) for part in e.off]
    sums += [("kept", "", line.gross) for line in e.lines if line.product == CUP_KEPT]
    for what, key, amount in sums:
        conn.execute(_MONEY, (e.stop, what, key, amount, 1))


def _sold_cups(conn: Conn, e: SaleCompleted | SaleRefunded) -> None:
    for line in e.lines:
        pieces = line.quantity // 1000
        if line.product == CUP:
            conn.execute(_CUPS, (e.stop, max(0, pieces), max(0, -pieces), 0))
        elif line.product == CUP_KEPT:
            conn.execute(_CUPS, (e.stop, 0, 0, pieces))


PROJECTION = Projection(
    "tour",
    SCHEMA,
    {
        ev.SettingsSet: _settings, ev.TourPlanned: _tour, ev.TourEnded: _tour_ended, ev.StopPlanned: _planned,
        ev.StopSetUp: _set_up, ev.AuthorisationNoted: _authorised, ev.StopOpened: _opened, ev.StopMoved: _moved,
        ev.StopClosed: _closed, ev.StopReported: _reported, ev.StopCancelled: _cancelled, ev.EntriesCounted: _entries,
        ev.CupsMoved: _cups, SaleCompleted: _sold, SaleRefunded: _sold, DayClosed: _day_closed,
    },
)  # fmt: skip


# Readers


def itinerant(conn: Conn, day: str) -> bool:
    """Tell whether this café travels: as it said itself, else by its model."""
    row = conn.execute("SELECT itinerant FROM tour_setting").fetchone()
    if row is not None:
        return bool(row[0])
    cafe = till.cafe(conn, day[:10])
    model = MODELS.get(cafe.model) if cafe is not None else None
    return model is not None and model.itinerant


def cup_price(conn: Conn) -> int:
    """Return the deposit of one cup, 0 when none is lent."""
    row = conn.execute("SELECT cup_price FROM tour_setting").fetchone()
    return int(row[0]) if row else 0


def kept_vat(conn: Conn) -> str:
    """Return the VAT class of deposits nobody brought back; empty: outside VAT."""
    row = conn.execute("SELECT kept_vat FROM tour_setting").fetchone()
    return str(row[0]) if row else ""


def stop(conn: Conn, stop_id: str) -> sqlite3.Row | None:
    """Return a stop."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM tour_stop WHERE stop = ?", (stop_id,)).fetchone()
    return row


def open_stop(conn: Conn) -> sqlite3.Row | None:
    """Return the stop that serves, or None."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM tour_stop WHERE state = ?", (OPEN,)).fetchone()
    return row


def stop_at(conn: Conn, at_ms: int) -> sqlite3.Row | None:
    """Return the stop that served at a moment: a late sale belongs there."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM tour_stop WHERE opened_at > 0 AND opened_at <= ? AND (closed_at = 0 OR closed_at >= ?)"
        " ORDER BY opened_at DESC LIMIT 1",
        (at_ms, at_ms),
    ).fetchone()
    return row


def stop_of_label(conn: Conn, label: str) -> sqlite3.Row | None:
    """Return the stop a till day belongs to."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM tour_stop WHERE label = ?", (label,)).fetchone()
    return row


def stops(conn: Conn, first: str, last: str) -> list[sqlite3.Row]:
    """Return stops between two days, oldest first."""
    return conn.execute(
        "SELECT * FROM tour_stop WHERE on_day BETWEEN ? AND ? ORDER BY on_day, stop", (first, last)
    ).fetchall()


def villages(conn: Conn) -> list[sqlite3.Row]:
    """Return the last stop planned at each place, the latest first: what the next one there is copied from."""
    return conn.execute(
        "SELECT s.* FROM tour_stop s JOIN (SELECT commune, place, max(on_day || stop) AS latest FROM tour_stop"
        " GROUP BY commune, place) l ON s.on_day || s.stop = l.latest ORDER BY s.on_day DESC, s.stop DESC"
    ).fetchall()


def tours(conn: Conn) -> list[sqlite3.Row]:
    """Return tours, newest first, those that are over last."""
    return conn.execute("SELECT * FROM tour_tour ORDER BY ended, tour DESC").fetchall()


def money(conn: Conn, stop_id: str, what: str) -> dict[str, int]:
    """Return a stop's amounts of a kind by key."""
    rows = conn.execute("SELECT key, amount FROM tour_money WHERE stop = ? AND what = ? ORDER BY key", (stop_id, what))
    return {row[0]: row[1] for row in rows}


def cups(conn: Conn, stop_id: str | None = None) -> tuple[int, int, int]:
    """Return cups out, back and kept: of a stop, or since the first one."""
    row = conn.execute(
        "SELECT coalesce(sum(went), 0), coalesce(sum(came), 0), coalesce(sum(kept), 0) FROM tour_cup"
        " WHERE ?1 IS NULL OR stop = ?1",
        (stop_id,),
    ).fetchone()
    return row[0], row[1], row[2]


def cups_held(conn: Conn) -> int:
    """Return how many cups are out against a deposit."""
    went, came, kept = cups(conn)
    return went - came - kept
