"""What is asked of the information point: the day by theme, the stand, tickets sold for others, a month."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos.services.info import refusals as no
from pos.till import tables as till

Conn = sqlite3.Connection

_BY_THEME = """SELECT theme, count(*) FROM info_answer WHERE undone = 0 AND day BETWEEN ? AND ? GROUP BY theme"""
_LAST = "SELECT * FROM info_answer WHERE undone = 0 AND day = ? ORDER BY seq DESC LIMIT ?"
_RATE = "SELECT commission_bp FROM info_ticket WHERE product = ? AND valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"
_SINCE = """SELECT s.day, s.product, s.quantity, s.amount FROM info_ticket_sale s WHERE s.owner = ?
AND s.seq > coalesce((SELECT max(upto_seq) FROM info_statement t WHERE t.owner = s.owner), -1) ORDER BY s.seq"""


def by_theme(conn: Conn, first: str, last: str) -> dict[str, int]:
    """Return how many asked about each theme between two days, leaflets included."""
    return {row[0]: int(row[1]) for row in conn.execute(_BY_THEME, (first, last))}


def last_taps(conn: Conn, day: str, limit: int = 30) -> list[sqlite3.Row]:
    """Return the taps of a day, newest first."""
    return conn.execute(_LAST, (day[:10], limit)).fetchall()


def leaflets(conn: Conn) -> list[sqlite3.Row]:
    """Return the leaflets on the stand."""
    return conn.execute("SELECT * FROM info_leaflet WHERE in_use = 1 ORDER BY label").fetchall()


def leaflet(conn: Conn, leaflet_id: str) -> sqlite3.Row:
    """Return a leaflet; raise NoSuchLeaflet."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM info_leaflet WHERE leaflet = ?", (leaflet_id,)).fetchone()
    if row is None:
        raise no.NoSuchLeaflet
    return row


def low(conn: Conn) -> list[sqlite3.Row]:
    """Return the leaflets of which more should be asked for."""
    return [row for row in leaflets(conn) if row["low"] and row["copies"] <= row["low"]]


def rate(conn: Conn, product: str, day: str) -> int:
    """Return the commission agreed for a ticket on a day, in basis points."""
    row = conn.execute(_RATE, (product, day)).fetchone()
    return int(row[0]) if row else 0


def tickets(conn: Conn) -> list[sqlite3.Row]:
    """Return the tickets of others that are on the menu."""
    return conn.execute(
        "SELECT p.product, p.label, p.price, p.owner FROM till_product p WHERE p.retired = 0 AND p.owner LIKE 'ticket:%' ORDER BY p.label"
    ).fetchall()


def owners(conn: Conn) -> list[str]:
    """Return those for whom tickets are or were sold."""
    return [row[0] for row in conn.execute("SELECT DISTINCT owner FROM info_ticket ORDER BY owner")]


def called(owner: str) -> str:
    """Return what an owner is called: `ticket:office_de_tourisme` is « Office de tourisme »."""
    return owner.removeprefix("ticket:").replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Account:
    """What was sold for an owner since the last statement."""

    owner: str
    sold: int
    pieces: int
    commission: int
    # What the café holds for the owner in all.
    held: int
    number: int

    @property
    def due(self) -> int:
        """What goes to the owner."""
        return self.sold - self.commission


def account(conn: Conn, owner: str) -> Account:
    """Return an owner's account: commission half up on the total of each agreed rate."""
    by_rate: dict[int, int] = {}
    pieces = 0
    for row in conn.execute(_SINCE, (owner,)):
        bp = rate(conn, row["product"], row["day"])
        by_rate[bp] = by_rate.get(bp, 0) + row["amount"]
        pieces += row["quantity"] // 1000
    commission = sum((2 * amount * bp + 10_000) // 20_000 for bp, amount in by_rate.items() if amount > 0)
    number = conn.execute(
        "SELECT coalesce(max(number), 0) + 1 FROM info_statement WHERE owner = ?", (owner,)
    ).fetchone()[0]
    return Account(
        owner, sum(by_rate.values()), pieces, commission, till.third_parties(conn).get(owner, 0), int(number)
    )


def statements(conn: Conn, owner: str) -> list[sqlite3.Row]:
    """Return an owner's statements, newest first."""
    return conn.execute(
        "SELECT * FROM info_statement WHERE owner = ? ORDER BY number DESC LIMIT 6", (owner,)
    ).fetchall()


def given(conn: Conn, first: str, last: str) -> list[tuple[str, int]]:
    """Return how many copies of each leaflet were handed out between two days."""
    rows = conn.execute(
        "SELECT l.label, count(*) FROM info_answer a JOIN info_leaflet l ON l.leaflet = a.leaflet"
        " WHERE a.undone = 0 AND a.day BETWEEN ? AND ? GROUP BY a.leaflet ORDER BY l.label",
        (first, last),
    )
    return [(row[0], int(row[1])) for row in rows]


def sold_tickets(conn: Conn, first: str, last: str) -> tuple[int, int]:
    """Return pieces and cents of others' tickets sold between two days."""
    row = conn.execute(
        "SELECT coalesce(sum(quantity), 0), coalesce(sum(amount), 0) FROM info_ticket_sale WHERE day BETWEEN ? AND ?",
        (first, last),
    ).fetchone()
    return int(row[0]) // 1000, int(row[1])


def figures(conn: Conn, day: str) -> dict[str, Any]:
    """Return a day in figures: taps by theme, leaflets, tickets sold for others."""
    n, cents = sold_tickets(conn, day[:10], day[:10])
    return {
        "asked": by_theme(conn, day[:10], day[:10]), "leaflets": sum(n for _label, n in given(conn, day[:10], day[:10])),
        "tickets": n, "ticket_cents": cents, "low": len(low(conn)),
    }  # fmt: skip
