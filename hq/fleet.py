"""The boxes of the network: how each fares, why it needs help, and what people at HQ do about one.

Everything is as last told by the box. A café is read with one line; nothing is read per café.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select
from sqlalchemy.engine import RowMapping

from hq import enrolment, eyes, register, servers
from hq.access import User
from hq.acts import note_act
from hq.antennas import ANTENNAS
from hq.box_alerts import Alert, BoxSigns, alerts_of_box
from hq.days import back, span
from hq.db import box_report, cafe_health
from hq.kept import among
from hq.limits import limits
from hq.register import Calendar
from hq.tables import cafe as cafe_table
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_
from sync import books, ingest

HOUR_MS = 3600 * 1000
LEVELS = ("call", "watch", "usual", "soon")
REASON_MOST = 200


class WrongCheckNumber(Refusal):
    """The number heard is not the one HQ worked out."""

    sentence = N_("This is not the check number HQ has worked out: nothing was confirmed.")
    remedy = N_("Have it read again, slowly. If it still differs, make a new code: somebody may be in between.")


class NotMeant(Refusal):
    """What cannot be undone is typed, not tapped."""

    sentence = N_("Nothing was done: the number of the café and a reason are asked for.")
    remedy = N_("Type the café’s number, as it stands on this page, and why.")


class NoReason(Refusal):
    """A second box or a repair is asked about later."""

    sentence = N_("Nothing was done: a reason is asked for.")
    remedy = N_("Write in a few words why, and make the code again.")


class BoxGone(Refusal):
    """Somebody else was quicker, or the page is an old one."""

    sentence = N_("Nothing was done: this box calls no longer.")
    remedy = N_("Open the café’s page of boxes again: it shows which one does.")


@dataclass(slots=True)
class Line:
    """One box on the page."""

    cafe: RowMapping
    health: RowMapping | None
    report: RowMapping | None
    box: Any
    boxes: int
    alerts: list[Alert] = field(default_factory=list)

    @property
    def level(self) -> str:
        """Return `call`, `watch`, `usual` or `soon` (no box yet)."""
        if not self.boxes:
            return "soon"
        return self.alerts[0].level if self.alerts else "usual"


def lines(conn: Connection, user: User, now_ms: int, *, cafe_id: int | None = None) -> list[Line]:
    """Return the box of every café `user` may see, those in need first."""
    rows = [r for r in register.cafes(conn, user, cafe_id=cafe_id) if r["status"] != "closed"]
    numbers = [r["id"] for r in rows]

    def told(table: Table) -> dict[int, RowMapping]:
        query = select(table).where(among(conn, table.c.cafe_id, numbers))
        return {r["cafe_id"]: r for r in conn.execute(query).mappings()}

    health, reports = told(cafe_health), told(box_report)
    journals: dict[int, list[RowMapping]] = defaultdict(list)
    columns = [
        books.journal.c[name] for name in ("cafe_id", "jn", "state", "confirmed_at", "made_at", "check_number", "hw")
    ]
    for r in conn.execute(
        select(*columns).where(among(conn, books.journal.c.cafe_id, numbers)).order_by(books.journal.c.jn)
    ).mappings():
        journals[r["cafe_id"]].append(r)
    forks, poison, plans, known = _forks(conn), _poison(conn), register.calendars(conn, rows), limits(conn)
    found = []
    for row in rows:
        number, mine = row["id"], journals.get(row["id"], [])
        opened = next((j for j in mine if j["state"] == ingest.OPEN), None)
        line = Line(row, health.get(number), reports.get(number), opened, len(mine))
        heard = line.health["last_contact_at"] if line.health else None
        line.alerts = alerts_of_box(BoxSigns(
            line.health, opened, line.report, number in forks, poison.get(number, 0), known,
            silent_hours(heard, plans[number], now_ms), withdrawn=bool(mine) and opened is None, now_ms=now_ms,
        ))  # fmt: skip
        found.append(line)
    found.sort(key=lambda ln: (-max((a.weight for a in ln.alerts), default=0), ln.cafe["name"]))
    return found


def _forks(conn: Connection) -> set[int]:
    """Return the cafés whose open journal has two histories."""
    proof, journal = books.fork_proof.c, books.journal.c
    same = and_(journal.cafe_id == proof.cafe_id, journal.jn == proof.jn, journal.state == ingest.OPEN)
    return {r[0] for r in conn.execute(select(proof.cafe_id).distinct().join(books.journal, same))}


def _poison(conn: Connection) -> dict[int, int]:
    table = books.quarantine.c
    return {r[0]: r[1] for r in conn.execute(select(table.cafe_id, func.count()).group_by(table.cafe_id))}


def silent_hours(heard: int | None, plan: Calendar, now_ms: int) -> int | None:
    """Return the hours since a box was heard, whole days of planned rest or declared closure left out."""
    if not heard:
        return None
    first, last = business_day(heard), business_day(now_ms)
    between = (back(first, -n) for n in range(1, min(span(first, last), 400)))
    resting = sum(1 for day in between if plan.plan(day) in ("rest", "away"))
    return max(0, (now_ms - heard) // HOUR_MS - 24 * resting)


def counts(found: list[Line]) -> dict[int | None, dict[str, int]]:
    """Return how many boxes there are of each level, in each antenne and in all."""
    levels = Counter((line.cafe["antenna"], line.level) for line in found)
    return {
        antenna: {level: sum(levels[at, level] for at in ANTENNAS if antenna in (None, at)) for level in LEVELS}
        for antenna in (None, *ANTENNAS)
    }


def log_doubts(conn: Connection, user: User) -> list[RowMapping]:
    """Return the cafés `user` may see whose box shows a checkpoint that HQ signed and its log does not continue."""
    doubt, note = books.log_doubt.c, books.log_checkpoint.c
    query = (
        select(cafe_table.c.id, cafe_table.c.name, func.max(doubt.at).label("at"), func.max(doubt.size).label("size"))
        .join_from(books.log_doubt, cafe_table, cafe_table.c.id == doubt.cafe_id)
        .outerjoin(books.log_checkpoint, (note.size == doubt.size) & (note.root == doubt.root))
        .where(note.size.is_(None))
        .group_by(cafe_table.c.id, cafe_table.c.name)
        .order_by(cafe_table.c.name)
    )
    return list(conn.execute(user.within(query)).mappings())


def versions(conn: Connection, user: User) -> list[tuple[str, int]]:
    """Return how many boxes `user` may see run each version, as they said last, the most frequent first."""
    query = select(cafe_health.c.version).join_from(cafe_health, cafe_table, cafe_table.c.id == cafe_health.c.cafe_id)
    return Counter(one for one in conn.execute(user.within(query)).scalars() if one).most_common()


# What people do about a box


def make_code(conn: Connection, cafe: int, purpose: str, *, by: str, why: str, now_ms: int) -> str:
    """Make the one-time code of a first box, another box or a repair; it is shown once. Raises NoReason."""
    there = enrolment.boxes(conn, cafe)
    if not there:
        purpose = enrolment.NEW
    elif purpose != enrolment.REPAIR:
        purpose = enrolment.REPLACE
    why = why.strip()[:REASON_MOST]
    if there and not why:
        raise NoReason
    eyes.must_be_agreed(conn, eyes.CODE, purpose, by=by, now_ms=now_ms, cafe_id=cafe, why=why)
    code = enrolment.make_code(conn, cafe, purpose, by=by, at=now_ms)
    note_code(conn, cafe, purpose, by=by, why=why, now_ms=now_ms)
    return str(code)


def note_code(conn: Connection, cafe: int, purpose: str, *, by: str, why: str = "", now_ms: int) -> None:
    """Keep in the trail that a code was made."""
    act = "repair.allowed" if purpose == enrolment.REPAIR else "code.made"
    note_act(conn, now_ms, by, act, cafe, purpose=purpose, **({"why": why} if why else {}))


def confirm(conn: Connection, cafe: int, jn: int, heard: str, *, by: str, now_ms: int) -> None:
    """Confirm that the check number heard by telephone is the right one. Raises WrongCheckNumber."""
    servers.hold(conn, cafe)
    box = next((b for b in enrolment.boxes(conn, cafe) if b.jn == jn), None)
    if box is None or not box.check_number or _plain(heard) != _plain(box.check_number):
        raise WrongCheckNumber
    enrolment.confirm(conn, cafe, jn, by=by, at=now_ms)
    note_act(conn, now_ms, by, "box.confirmed", cafe, jn=jn)


def ask_rotation(conn: Connection, cafe: int, *, typed: str, why: str, by: str, now_ms: int) -> None:
    """Ask a café's box to take another key at its next call: in doubt about it. Raises NotMeant, BoxGone."""
    why = _meant(cafe, typed, why)
    if not enrolment.ask_rotation(conn, cafe):
        raise BoxGone
    note_act(conn, now_ms, by, "box.rotation_asked", cafe, why=why)


def revoke(conn: Connection, cafe: int, jn: int, *, typed: str, why: str, by: str, now_ms: int) -> None:
    """Refuse a box from its next request on: stolen, lost, or not the café's. Raises NotMeant, BoxGone."""
    why = _meant(cafe, typed, why)
    servers.hold(conn, cafe)
    if not any(box.jn == jn and box.state != ingest.REVOKED for box in enrolment.boxes(conn, cafe)):
        raise BoxGone
    eyes.must_be_agreed(conn, eyes.REVOKE, str(jn), by=by, now_ms=now_ms, cafe_id=cafe, why=why)
    enrolment.revoke(conn, cafe, jn)
    note_act(conn, now_ms, by, "box.revoked", cafe, jn=jn, why=why)


def _meant(cafe: int, typed: str, why: str) -> str:
    """Return the reason, when it is given and the café's number was typed. Raises NotMeant."""
    why = why.strip()[:REASON_MOST]
    if typed.strip() != str(cafe) or not why:
        raise NotMeant
    return why


def _plain(number: str) -> str:
    return "".join(c for c in number if c.isalnum()).upper()


__all__ = [
    "BoxGone", "Line", "NoReason", "NotMeant", "WrongCheckNumber", "ask_rotation", "confirm", "counts", "lines", "make_code", "note_code", "revoke", "versions",
]  # fmt: skip
