"""The information point as the journal tells it: taps, the stand of leaflets, tickets sold for others."""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.info import events as ev
from pos.till.events import SaleCompleted, SaleLine, SaleRefunded

Conn = sqlite3.Connection

INFO, TOURISM = "info", "tourism"
OWNER = "ticket:"

SCHEMA = """
CREATE TABLE info_answer (
  answer TEXT PRIMARY KEY, theme TEXT NOT NULL, leaflet TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL,
  visit TEXT NOT NULL, undone INTEGER NOT NULL, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX info_answer_by_day ON info_answer (day);
CREATE TABLE info_leaflet (
  leaflet TEXT PRIMARY KEY, label TEXT NOT NULL, theme TEXT NOT NULL, low INTEGER NOT NULL, in_use INTEGER NOT NULL,
  copies INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE info_ticket (
  product TEXT NOT NULL, valid_from TEXT NOT NULL, seq INTEGER NOT NULL, owner TEXT NOT NULL, commission_bp INTEGER NOT NULL,
  PRIMARY KEY (product, valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE info_ticket_sale (
  seq INTEGER NOT NULL, place INTEGER NOT NULL, day TEXT NOT NULL, owner TEXT NOT NULL, product TEXT NOT NULL,
  quantity INTEGER NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (seq, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX info_ticket_sale_by_owner ON info_ticket_sale (owner, seq);
CREATE TABLE info_statement (
  owner TEXT NOT NULL, number INTEGER NOT NULL, sold INTEGER NOT NULL, commission INTEGER NOT NULL, due INTEGER NOT NULL,
  upto_seq INTEGER NOT NULL, day TEXT NOT NULL, PRIMARY KEY (owner, number)
) STRICT, WITHOUT ROWID
"""

_ANSWER = "INSERT INTO info_answer VALUES (?, ?, ?, ?, ?, ?, 0, ?)"
_LEAFLET = """INSERT INTO info_leaflet (leaflet, label, theme, low, in_use, copies) VALUES (?, ?, ?, ?, ?, 0)
ON CONFLICT (leaflet) DO UPDATE SET label = excluded.label, theme = excluded.theme, low = excluded.low, in_use = excluded.in_use"""


def _answered(conn: Conn, entry: Envelope, e: ev.QuestionAnswered) -> None:
    conn.execute(_ANSWER, (e.answer, e.theme, "", e.day, entry.t, e.visit, entry.seq))


def _undone(conn: Conn, _entry: Envelope, e: ev.AnswerUndone) -> None:
    row = conn.execute("SELECT leaflet FROM info_answer WHERE answer = ?", (e.answer,)).fetchone()
    conn.execute("UPDATE info_answer SET undone = 1 WHERE answer = ?", (e.answer,))
    if row and row[0]:
        conn.execute("UPDATE info_leaflet SET copies = copies + 1 WHERE leaflet = ?", (row[0],))


def _leaflet_listed(conn: Conn, _entry: Envelope, e: ev.LeafletListed) -> None:
    conn.execute(_LEAFLET, (e.leaflet, e.label, e.theme, e.low, int(e.in_use)))


def _received(conn: Conn, _entry: Envelope, e: ev.LeafletReceived) -> None:
    conn.execute("UPDATE info_leaflet SET copies = ? WHERE leaflet = ?", (e.copies, e.leaflet))


def _given(conn: Conn, entry: Envelope, e: ev.LeafletGiven) -> None:
    conn.execute(_ANSWER, (e.answer, e.theme, e.leaflet, e.day, entry.t, e.visit, entry.seq))
    # Below zero the count on the stand was wrong: the next counting says.
    conn.execute("UPDATE info_leaflet SET copies = copies - 1 WHERE leaflet = ?", (e.leaflet,))


def _ticket(conn: Conn, entry: Envelope, e: ev.TicketListed) -> None:
    conn.execute(
        "INSERT INTO info_ticket VALUES (?, ?, ?, ?, ?)", (e.product, e.valid_from, entry.seq, e.owner, e.commission_bp)
    )


def _stated(conn: Conn, _entry: Envelope, e: ev.TicketsStated) -> None:
    conn.execute(
        "INSERT INTO info_statement VALUES (?, ?, ?, ?, ?, ?, ?)",
        (e.owner, e.number, e.sold, e.commission, e.due, e.upto_seq, e.day),
    )


def _lines(conn: Conn, entry: Envelope, day: str, lines: list[SaleLine]) -> None:
    for place, line in enumerate(lines):
        if line.owner.startswith(OWNER):
            conn.execute(
                "INSERT INTO info_ticket_sale VALUES (?, ?, ?, ?, ?, ?, ?)",
                (entry.seq, place, day[:10], line.owner, line.product, line.quantity, line.gross),
            )


def _sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    _lines(conn, entry, e.day, e.lines)


def _refunded(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    _lines(conn, entry, e.day, e.lines)


PROJECTION = Projection(
    "info",
    SCHEMA,
    {
        ev.QuestionAnswered: _answered, ev.AnswerUndone: _undone, ev.LeafletListed: _leaflet_listed, ev.LeafletReceived: _received,
        ev.LeafletGiven: _given, ev.TicketListed: _ticket, ev.TicketsStated: _stated, SaleCompleted: _sold, SaleRefunded: _refunded,
    },
)  # fmt: skip
