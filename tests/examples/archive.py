"""Examples of facts about archives."""

from pos.archive.events import ArchiveChecked, ArchiveMade
from pos.events import Event

HASH = "a98daafafbbc9272b21655c5f6c5cd78004db78de04695e05a887c9e0d64ff2d"

_ALL: tuple[Event, ...] = (
    ArchiveMade(
        period="2026-10", first_day="2026-10-01", last_day="2026-10-31", shape="zip", entries=9_412, size=2_345_678,
        sha256=HASH, manifest=HASH[::-1],
    ),
    ArchiveChecked(period="2026", manifest=HASH, fault="found"),
)  # fmt: skip
EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
