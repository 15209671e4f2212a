"""When HQ was last put away, and last put back beside to be checked: its commands note it, a page shows its age."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from hq.db import Upsert
from hq.tables import hq_setting, hq_user

BACKUP, DRILL = "backup", "drill"
# A night may fail; a month’s drill may be a week late.
MOST_DAYS = {BACKUP: 2, DRILL: 40}
_PREFIX, _DAY_MS = "safe.", 24 * 3_600_000
_PUT = Upsert(hq_setting, replace=("value",))


@dataclass(frozen=True, slots=True)
class Safe:
    """The last good backup or drill; `at` 0: there was none yet."""

    what: str
    at: int
    late: bool


def note(conn: Connection, what: str, at: int) -> None:
    """Note that a backup or a drill went well."""
    _PUT.run(conn, [{"name": _PREFIX + what, "value": str(at)}])


def found(conn: Connection, now_ms: int) -> list[Safe]:
    """Return the last good backup and drill. An office without any is late by its own age."""
    rows = conn.execute(select(hq_setting).where(hq_setting.c.name.in_([_PREFIX + what for what in MOST_DAYS])))
    noted = {row.name.removeprefix(_PREFIX): int(row.value) for row in rows}
    began = conn.execute(select(func.min(hq_user.c.created_at))).scalar() or now_ms
    return [
        Safe(what, noted.get(what, 0), now_ms - noted.get(what, began) > days * _DAY_MS)
        for what, days in MOST_DAYS.items()
    ]
