"""How long HQ keeps what is not needed for ever: dated settings, and what `zinc-hq forget` takes away each night.

Journals and figures are kept; of a box HQ holds one row, its last contact. What is forgotten here is about people:
sessions, wrong passwords, used codes, and in the end the trail of acts.
"""

import json
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, delete, select

from hq.acts import note_act
from hq.db import Upsert
from hq.tables import hq_act, hq_session, hq_setting, sign_in_try
from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_
from sync import books

DAY_MS = 24 * 3_600_000
PREFIX = "keep."
_PUT = Upsert(hq_setting, replace=("value",))


class BadRetention(Refusal):
    """Nothing of that name is kept for a while, or not for so long."""

    sentence = N_("HQ cannot keep “%(name)s” for %(days)s days.")
    remedy = N_("zinc-hq keep lists what is kept.")


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows that are forgotten some days after a moment of theirs."""

    name: str
    table: Table
    moment: Column[int]
    days: int
    # The trail of who did what is never shorter than a year.
    fewest: int = 1


KEPT = (
    Kept("sessions", hq_session, hq_session.c.seen_at, 30),
    Kept("wrong_passwords", sign_in_try, sign_in_try.c.blocked_until, 30),
    Kept("codes", books.enrol_code, books.enrol_code.c.expires_at, 400),
    Kept("acts", hq_act, hq_act.c.at, 3 * 365, 365),
)  # fmt: skip


def days_kept(conn: Connection, day: str) -> dict[str, int]:
    """Return for how many days each kind is kept, as the settings say on a day."""
    names = [PREFIX + one.name for one in KEPT]
    rows = conn.execute(select(hq_setting.c.name, hq_setting.c.value).where(hq_setting.c.name.in_(names)))
    said = {row.name: json.loads(row.value) for row in rows}
    found = {}
    for one in KEPT:
        dated = [(since, days) for since, days in said.get(PREFIX + one.name, {}).items() if since <= day]
        found[one.name] = max(dated)[1] if dated else one.days
    return found


def keep(conn: Connection, name: str, days: int, *, since: str, by: str, now_ms: int) -> None:
    """Keep something for so many days from a day on; raise BadRetention."""
    one = next((one for one in KEPT if one.name == name), None)
    if one is None or not one.fewest <= days <= 36_500:
        raise BadRetention(name=name, days=days)
    before = conn.execute(select(hq_setting.c.value).where(hq_setting.c.name == PREFIX + name)).scalar()
    dated = {**json.loads(before or "{}"), since: days}
    _PUT.run(conn, [{"name": PREFIX + name, "value": json.dumps(dated, sort_keys=True)}])
    note_act(conn, now_ms, by, "retention.set", name=name, days=days, since=since)


def forget(conn: Connection, *, by: str, now_ms: int) -> dict[str, int]:
    """Take away what is past its day; return how many rows of each."""
    gone = {}
    kept = days_kept(conn, business_day(now_ms))
    for one in KEPT:
        past = delete(one.table).where(one.moment < now_ms - kept[one.name] * DAY_MS)
        gone[one.name] = conn.execute(past).rowcount
    if any(gone.values()):
        note_act(conn, now_ms, by, "retention.forgot", **gone)
    return gone
