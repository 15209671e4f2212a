"""Members, dues, cards, shifts and refusals as the journal tells them. Nobody has a name here."""

import sqlite3
from datetime import date, timedelta

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.members import events as ev
from pos.till.events import SaleCompleted, SaleRefunded

Conn = sqlite3.Connection

# What a line of dues settles: `members.dues:<member>`.
DUES = "members.dues:"
ROLLING, CIVIL = "rolling", "civil"
TAKEN, DONE, MISSED, EXCUSED = "taken", "done", "missed", "excused"

SCHEMA = """
CREATE TABLE members_rules (
  valid_from TEXT NOT NULL, seq INTEGER NOT NULL, access TEXT NOT NULL, discount_bp INTEGER NOT NULL,
  guests INTEGER NOT NULL, drink_groups TEXT NOT NULL, grace_days INTEGER NOT NULL, minutes INTEGER NOT NULL,
  PRIMARY KEY (valid_from, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE members_association (
  association TEXT PRIMARY KEY, label TEXT NOT NULL, owner TEXT NOT NULL, product TEXT NOT NULL, dues INTEGER NOT NULL,
  period TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE members_member (
  member TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, association TEXT NOT NULL, entered TEXT NOT NULL,
  since TEXT NOT NULL, until TEXT NOT NULL, gone TEXT NOT NULL DEFAULT '', card TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE INDEX members_member_by_card ON members_member (card) WHERE card <> '';
CREATE TABLE members_dues (
  no INTEGER NOT NULL, member TEXT NOT NULL, day TEXT NOT NULL, amount INTEGER NOT NULL, before TEXT NOT NULL,
  after TEXT NOT NULL, ends TEXT NOT NULL, back INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (no, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE members_ticket (no INTEGER PRIMARY KEY, day TEXT NOT NULL, member TEXT NOT NULL) STRICT;
CREATE INDEX members_ticket_by_day ON members_ticket (day);
CREATE TABLE members_guest (member TEXT NOT NULL, day TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (member, day)) STRICT, WITHOUT ROWID;
CREATE TABLE members_refused (day TEXT NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, reason)) STRICT, WITHOUT ROWID;
CREATE TABLE members_drink (product TEXT PRIMARY KEY, drink_group INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE members_shift (
  shift TEXT PRIMARY KEY, day TEXT NOT NULL, begins TEXT NOT NULL, minutes INTEGER NOT NULL, places INTEGER NOT NULL,
  task TEXT NOT NULL, cancelled INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX members_shift_by_day ON members_shift (day);
CREATE TABLE members_place (
  shift TEXT NOT NULL, member TEXT NOT NULL, state TEXT NOT NULL, minutes INTEGER NOT NULL, PRIMARY KEY (shift, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_place_by_member ON members_place (member)
"""

_RULES = """INSERT INTO members_rules (valid_from, seq, access, discount_bp, guests, drink_groups, grace_days, minutes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_ASSOCIATION = """INSERT OR REPLACE INTO members_association (association, label, owner, product, dues, period)
VALUES (?, ?, ?, ?, ?, ?)"""
_MEMBER = "INSERT INTO members_member (member, number, association, entered, since, until) VALUES (?, ?, ?, ?, ?, ?)"
_PAID = """UPDATE members_member SET until = ?, gone = '', since = CASE since WHEN '' THEN ? ELSE since END
WHERE member = ?"""
# `ends`: until when they hold after each year that was not given back, oldest first.
_DUES = "INSERT INTO members_dues (no, member, day, amount, before, after, ends) VALUES (?, ?, ?, ?, ?, ?, ?)"
_BACK = "UPDATE members_dues SET back = back + ?, ends = ? WHERE no = ? AND member = ?"
_GUEST = """INSERT INTO members_guest (member, day, n) VALUES (?, ?, 1)
ON CONFLICT (member, day) DO UPDATE SET n = n + 1"""
_REFUSED = """INSERT INTO members_refused (day, reason, n) VALUES (?, ?, 1)
ON CONFLICT (day, reason) DO UPDATE SET n = n + 1"""
_PLACE = "UPDATE members_place SET state = ?, minutes = ? WHERE shift = ? AND member = ?"


def _rules_set(conn: Conn, entry: Envelope, e: ev.RulesSet) -> None:
    groups = ",".join(str(group) for group in e.drink_groups)
    conn.execute(
        _RULES,
        (
            e.valid_from,
            entry.seq,
            e.access,
            e.member_discount_bp,
            e.guests_per_year,
            groups,
            e.grace_days,
            e.minutes_per_month,
        ),
    )


def _association_set(conn: Conn, entry: Envelope, e: ev.AssociationSet) -> None:
    conn.execute(_ASSOCIATION, (e.association, e.label, e.owner, e.product, e.dues, e.period))


def _entered(conn: Conn, entry: Envelope, e: ev.MemberEntered) -> None:
    conn.execute(_MEMBER, (e.member, e.number, e.association, e.day, e.day if e.until else "", e.until))


def _card(conn: Conn, entry: Envelope, e: ev.CardIssued) -> None:
    conn.execute("UPDATE members_member SET card = ? WHERE member = ?", (e.card, e.member))


def _left(conn: Conn, entry: Envelope, e: ev.MemberLeft) -> None:
    conn.execute("UPDATE members_member SET gone = ?, card = '' WHERE member = ?", (e.how, e.member))
    # A place taken and not settled is free again.
    conn.execute("DELETE FROM members_place WHERE member = ? AND state = ?", (e.member, TAKEN))


def until_after(period: str, day: str, before: str) -> str:
    """Return until when dues paid on `day` hold; paid ahead, they begin where the last ones end."""
    if period == CIVIL:
        year = int(day[:4])
        return f"{int(before[:4]) + 1 if before >= f'{year}-12-31' else year}-12-31"
    start = date.fromisoformat(before) + timedelta(days=1) if before >= day else date.fromisoformat(day)
    try:
        end = start.replace(year=start.year + 1)
    except ValueError:  # 29 February
        end = start.replace(year=start.year + 1, month=3, day=1)
    return (end - timedelta(days=1)).isoformat()


def _sold(conn: Conn, entry: Envelope, e: SaleCompleted) -> None:
    day = e.day[:10]
    conn.execute("INSERT INTO members_ticket (no, day, member) VALUES (?, ?, ?)", (e.no, day, e.member))
    for line in e.lines:
        row = member(conn, line.ref.removeprefix(DUES)) if line.ref.startswith(DUES) else None
        if row is None:
            continue
        period = association(conn, row["association"])
        ends = [row["until"]]
        for _year in range(max(1, line.quantity // 1000)):
            ends.append(until_after(period["period"] if period else ROLLING, day, ends[-1]))
        conn.execute(_DUES, (e.no, row["member"], day, line.gross, ends[0], ends[-1], " ".join(ends[1:])))
        conn.execute(_PAID, (ends[-1], day, row["member"]))


def _refunded(conn: Conn, entry: Envelope, e: SaleRefunded) -> None:
    for line in e.lines:
        if not line.ref.startswith(DUES):
            continue
        key = (e.original, line.ref.removeprefix(DUES))
        row = conn.execute("SELECT * FROM members_dues WHERE no = ? AND member = ?", key).fetchone()
        if row is not None:
            ends = row["ends"].split()
            left = ends[: len(ends) - max(1, -line.quantity // 1000)]
            conn.execute(_BACK, (-line.gross, " ".join(left), *key))
            conn.execute(
                "UPDATE members_member SET until = ? WHERE member = ? AND until = ?",
                (left[-1] if left else row["before"], key[1], ends[-1] if ends else ""),
            )


def _guest(conn: Conn, entry: Envelope, e: ev.GuestInvited) -> None:
    conn.execute(_GUEST, (e.member, e.day[:10]))


def _access_refused(conn: Conn, entry: Envelope, e: ev.AccessRefused) -> None:
    conn.execute(_REFUSED, (e.day[:10], e.reason))


def _grouped(conn: Conn, entry: Envelope, e: ev.DrinkGrouped) -> None:
    conn.execute("INSERT OR REPLACE INTO members_drink (product, drink_group) VALUES (?, ?)", (e.product, e.group))


def _shift_opened(conn: Conn, entry: Envelope, e: ev.ShiftOpened) -> None:
    conn.execute(
        "INSERT INTO members_shift (shift, day, begins, minutes, places, task) VALUES (?, ?, ?, ?, ?, ?)",
        (e.shift, e.day, e.begins, e.minutes, e.places, e.task),
    )


def _shift_cancelled(conn: Conn, entry: Envelope, e: ev.ShiftCancelled) -> None:
    conn.execute("UPDATE members_shift SET cancelled = 1 WHERE shift = ?", (e.shift,))
    conn.execute("DELETE FROM members_place WHERE shift = ? AND state = ?", (e.shift, TAKEN))


def _shift_taken(conn: Conn, entry: Envelope, e: ev.ShiftTaken) -> None:
    conn.execute(
        "INSERT INTO members_place (shift, member, state, minutes) VALUES (?, ?, ?, 0)", (e.shift, e.member, TAKEN)
    )


def _given_back(conn: Conn, entry: Envelope, e: ev.ShiftGivenBack) -> None:
    conn.execute("DELETE FROM members_place WHERE shift = ? AND member = ?", (e.shift, e.member))


def _shift_done(conn: Conn, entry: Envelope, e: ev.ShiftDone) -> None:
    conn.execute(_PLACE, (DONE, e.minutes, e.shift, e.member))


def _shift_missed(conn: Conn, entry: Envelope, e: ev.ShiftMissed) -> None:
    conn.execute(_PLACE, (MISSED, 0, e.shift, e.member))


def _shift_excused(conn: Conn, entry: Envelope, e: ev.ShiftExcused) -> None:
    row = shift(conn, e.shift)
    conn.execute(_PLACE, (EXCUSED, row["minutes"] if row else 0, e.shift, e.member))


PROJECTION = Projection(
    "members",
    SCHEMA,
    {
        ev.RulesSet: _rules_set, ev.AssociationSet: _association_set, ev.MemberEntered: _entered, ev.CardIssued: _card,
        ev.MemberLeft: _left, ev.GuestInvited: _guest, ev.AccessRefused: _access_refused, ev.DrinkGrouped: _grouped,
        ev.ShiftOpened: _shift_opened, ev.ShiftCancelled: _shift_cancelled, ev.ShiftTaken: _shift_taken,
        ev.ShiftGivenBack: _given_back, ev.ShiftDone: _shift_done, ev.ShiftMissed: _shift_missed,
        ev.ShiftExcused: _shift_excused, SaleCompleted: _sold, SaleRefunded: _refunded,
    },
)  # fmt: skip


# Readers


def _one(conn: Conn, sql: str, *values: object) -> sqlite3.Row | None:
    row: sqlite3.Row | None = conn.execute(sql, values).fetchone()
    return row


def member(conn: Conn, member_id: str) -> sqlite3.Row | None:
    """Return a member."""
    return _one(conn, "SELECT * FROM members_member WHERE member = ?", member_id)


def by_number(conn: Conn, number: int) -> sqlite3.Row | None:
    """Return the member with a number."""
    return _one(conn, "SELECT * FROM members_member WHERE number = ?", number)


def by_card(conn: Conn, card: str) -> sqlite3.Row | None:
    """Return the member whose card bears a code."""
    return _one(conn, "SELECT * FROM members_member WHERE card = ? AND card <> ''", card)


def association(conn: Conn, code: str) -> sqlite3.Row | None:
    """Return an association."""
    return _one(conn, "SELECT * FROM members_association WHERE association = ?", code)


def shift(conn: Conn, shift_id: str) -> sqlite3.Row | None:
    """Return a shift."""
    return _one(conn, "SELECT * FROM members_shift WHERE shift = ?", shift_id)


def place(conn: Conn, shift_id: str, member_id: str) -> sqlite3.Row | None:
    """Return a member's place on a shift."""
    return _one(conn, "SELECT * FROM members_place WHERE shift = ? AND member = ?", shift_id, member_id)


def group_of(conn: Conn, product: str) -> int:
    """Return a drink's group, 0 when nobody said it."""
    row = _one(conn, "SELECT drink_group FROM members_drink WHERE product = ?", product)
    return int(row[0]) if row else 0
