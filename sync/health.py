"""How a box fares, as it tells HQ at each hello: numbers and short codes, nothing about anybody."""

import msgspec

# What a box does not tell: -1, or an empty word. An older box tells only the first four.
UNKNOWN = -1


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """What the fleet page is drawn from. Fields are only ever added, with a default."""

    backlog: int = 0
    disk_free: int = UNKNOWN
    state: str = "normal"
    trouble: str = ""
    # Version of the fiscal perimeter; empty from a box that tells nothing of what follows.
    fiscal: str = ""
    # When the last copy was written on a stick, and when one was last restored apart to see that it can be (UTC ms);
    # 0: never. A drill that failed says so.
    copy_at: int = UNKNOWN
    drill_at: int = UNKNOWN
    drill_failed: bool = False
    # Machines that do not do their part now: `printer.away`, `paper.low`…
    machines: list[str] = []
    # Microseconds of a durable commit, as last measured.
    commit: int = UNKNOWN
