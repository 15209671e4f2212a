"""From when on HQ worries about a box, and how many boxes send at a time: settings of the office, each change an act."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, select

from hq.acts import note_act
from hq.db import Upsert
from hq.tables import hq_setting
from pos.errors import Because
from pos.i18n import N_

PREFIX = "fleet."
_PUT = Upsert(hq_setting, replace=("value",))


class BadLimit(Because):
    """A threshold cannot be that."""

    sentence = N_("This threshold cannot be saved: %(why)s.")
    remedy = N_("Whole numbers between the bounds; red comes after amber.")


@dataclass(frozen=True, slots=True)
class Limits:
    """Amber is to watch, red is to call. Hours, megabytes, seconds, entries, days."""

    silence_amber: int = 36
    silence_red: int = 72
    disk_amber: int = 500
    disk_red: int = 100
    clock_amber: int = 60
    clock_red: int = 300
    backlog_amber: int = 2_000
    backlog_red: int = 10_000
    copy_amber: int = 7
    copy_red: int = 30
    # Boxes that send their entries at the same time (§2.16).
    sending: int = 50


# (name, words, unit), in the order of the page.
PAIRS = (
    ("silence", N_("Without a word from the box"), N_("hours")), ("disk", N_("Free on the disk, under"), N_("MB")),
    ("clock", N_("Clock off by"), N_("seconds")), ("backlog", N_("Not sent yet"), N_("entries")),
    ("copy", N_("Without a copy on a stick"), N_("whole days")),
)  # fmt: skip
MOST = 1_000_000


def limits(conn: Connection) -> Limits:
    """Return the thresholds in force."""
    setting = hq_setting.c
    query = select(setting.name, setting.value).where(setting.name.in_([PREFIX + f.name for f in fields(Limits)]))
    kept = {row.name: row.value for row in conn.execute(query)}
    known = {name.removeprefix(PREFIX): int(value) for name, value in kept.items() if value.isdecimal()}
    return Limits(**known)


def set_limits(conn: Connection, typed: Mapping[str, str], *, by: str, now_ms: int) -> bool:
    """Put thresholds in force; tell whether any changed. Raises BadLimit."""
    before = asdict(limits(conn))
    after = dict(before)
    for name in before:
        text = typed.get(name, "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) < 8 and 0 < int(text) <= MOST):
            raise BadLimit(why=N_("a number is missing or out of bounds"))
        after[name] = int(text)
    for name, _words, _unit in PAIRS:
        amber, red = after[f"{name}_amber"], after[f"{name}_red"]
        if (red >= amber) if name == "disk" else (red <= amber):
            raise BadLimit(why=N_("red is not beyond amber"))
    changed = {name: [before[name], value] for name, value in after.items() if before[name] != value}
    if changed:
        _PUT.run(conn, [{"name": PREFIX + name, "value": str(after[name])} for name in changed])
        note_act(conn, now_ms, by, "fleet.limits_set", **changed)
    return bool(changed)
