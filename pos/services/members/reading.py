"""What the screens and reports read of members: lists, counts, shifts, refusals, the month."""

import sqlite3
from typing import Any

from pos import private
from pos.i18n import _
from pos.services.members import rules, tables, volunteers
from pos.services.members.rules import OWN
from pos.services.members.tables import TAKEN

_SHIFTS = """SELECT s.*, (SELECT count(*) FROM members_place p WHERE p.shift = s.shift) AS taken
FROM members_shift s WHERE s.cancelled = 0 AND s.day BETWEEN ? AND ? ORDER BY s.day, s.begins"""
_UNSETTLED = """SELECT DISTINCT s.* FROM members_shift s JOIN members_place p ON p.shift = s.shift
WHERE s.cancelled = 0 AND p.state = ? AND s.day <= ? ORDER BY s.day, s.begins"""
_REFUSED = "SELECT reason, sum(n) FROM members_refused WHERE day BETWEEN ? AND ? GROUP BY reason ORDER BY reason"
_DUES = "SELECT count(*), coalesce(sum(amount - back), 0) FROM members_dues WHERE day BETWEEN ? AND ?"
_DRINKS = """SELECT p.product, p.label, coalesce(d.drink_group, 0) AS drink_group FROM till_product p
LEFT JOIN members_drink d ON d.product = p.product WHERE p.retired = 0 AND p.vat_class = 'alcohol' ORDER BY p.label"""
_HOURS = """SELECT coalesce(sum(p.minutes), 0) FROM members_place p JOIN members_shift s ON s.shift = p.shift
WHERE p.state = 'done' AND s.day BETWEEN ? AND ?"""
_GUESTS = "SELECT coalesce(sum(n), 0) FROM members_guest WHERE day BETWEEN ? AND ?"


def all_members(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return every member, by number."""
    return conn.execute("SELECT * FROM members_member ORDER BY number").fetchall()


def counts(conn: sqlite3.Connection, day: str) -> dict[str, int]:
    """Return how many members stand where on a day."""
    now = rules.in_force(conn, day)
    found = dict.fromkeys((rules.ACTIVE, rules.GRACE, rules.LAPSED, rules.APPLIED, rules.GONE), 0)
    for row in all_members(conn):
        found[rules.state_of(row, day, now)] += 1
    return found


def name_of(conn: sqlite3.Connection, row: sqlite3.Row) -> str:
    """Return a member's name, or the number once the name is forgotten."""
    return private.name_of(conn, row["member"]) or _("Member no. %(number)s", number=row["number"])


def picture(conn: sqlite3.Connection, row: sqlite3.Row, day: str) -> dict[str, Any]:
    """Return what a screen shows of a member."""
    return {
        "member": row["member"], "number": row["number"], "name": name_of(conn, row), "until": row["until"],
        "until_said": rules.day_said(row["until"]) if row["until"] else "", "gone": row["gone"], "card": row["card"],
        "state": rules.state_of(row, day, rules.in_force(conn, day)), "association": row["association"],
        "own": row["association"] == OWN, "balance": volunteers.balance(conn, row["member"], day),
        "phone": str(private.recall(conn, row["member"]).get("phone", "")),
    }  # fmt: skip


def find(conn: sqlite3.Connection, text: str, day: str, limit: int = 24) -> list[dict[str, Any]]:
    """Return members whose name or number fits; all of them, by name, for an empty text."""
    text = text.strip()
    if text.isdecimal():
        row = tables.by_number(conn, int(text))
        return [picture(conn, row, day)] if row is not None else []
    rows = []
    for person, _facts in private.search(conn, "members", text, limit):
        row = tables.member(conn, person)
        if row is not None and not row["gone"]:
            rows.append(picture(conn, row, day))
    return rows


def said_on_bill(conn: sqlite3.Connection, member: str, day: str) -> str:
    """Return what the message line says once a member is on the bill; in grace, that dues are late."""
    row = tables.member(conn, member)
    if row is None:
        return ""
    name = name_of(conn, row)
    if rules.state_of(row, day, rules.in_force(conn, day)) == rules.GRACE:
        return _("%(name)s: membership to renew, ended on %(until)s", name=name, until=rules.day_said(row["until"]))
    return _("On the bill: %(name)s", name=name)


def shifts(conn: sqlite3.Connection, first: str, last: str) -> list[sqlite3.Row]:
    """Return the shifts of some days, with how many places are taken."""
    return conn.execute(_SHIFTS, (first, last)).fetchall()


def places(conn: sqlite3.Connection, shift: str) -> list[sqlite3.Row]:
    """Return who is on a shift."""
    return conn.execute("SELECT * FROM members_place WHERE shift = ? ORDER BY member", (shift,)).fetchall()


def shifts_of(conn: sqlite3.Connection, member: str, limit: int = 8) -> list[sqlite3.Row]:
    """Return a member's last shifts."""
    return conn.execute(
        "SELECT s.day, s.begins, s.task, p.state, p.minutes FROM members_place p JOIN members_shift s ON s.shift = p.shift"
        " WHERE p.member = ? ORDER BY s.day DESC, s.begins DESC LIMIT ?",
        (member, limit),
    ).fetchall()


def unsettled(conn: sqlite3.Connection, day: str) -> list[sqlite3.Row]:
    """Return shifts up to a day on which somebody's presence was not said."""
    return conn.execute(_UNSETTLED, (TAKEN, day)).fetchall()


def refused(conn: sqlite3.Connection, first: str, last: str) -> dict[str, int]:
    """Return how many people were not served, by reason."""
    return {row[0]: row[1] for row in conn.execute(_REFUSED, (first, last))}


def dues(conn: sqlite3.Connection, first: str, last: str) -> tuple[int, int]:
    """Return how often dues were paid, and how much."""
    n, cents = conn.execute(_DUES, (first, last)).fetchone()
    return int(n), int(cents)


def drinks(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the drinks with alcohol on the menu and their groups."""
    return conn.execute(_DRINKS).fetchall()


def drinks_without_group(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the drinks with alcohol whose group nobody said."""
    return [row for row in drinks(conn) if not row["drink_group"]]


def associations(conn: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the associations whose dues are taken here, the café's own first."""
    return conn.execute("SELECT * FROM members_association ORDER BY association <> 'own', label").fetchall()


def tickets_without_member(conn: sqlite3.Connection, day: str) -> int:
    """Return how many tickets of a day bear no member."""
    return int(conn.execute("SELECT count(*) FROM members_ticket WHERE day = ? AND member = ''", (day,)).fetchone()[0])


def month(conn: sqlite3.Connection, month_code: str) -> dict[str, Any]:
    """Return the lines of a month's sheet."""
    first, last = f"{month_code}-01", f"{month_code}-31"
    n, cents = dues(conn, first, last)
    return {
        "paid": n, "cents": cents, "minutes": int(conn.execute(_HOURS, (first, last)).fetchone()[0]),
        "guests": int(conn.execute(_GUESTS, (first, last)).fetchone()[0]), "refused": refused(conn, first, last),
        "entered": conn.execute("SELECT count(*) FROM members_member WHERE entered BETWEEN ? AND ?", (first, last)).fetchone()[0],
    }  # fmt: skip
