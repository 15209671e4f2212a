"""Facts about archives: one was made, one was checked again (R54, R62)."""

from pos.events import Event


class ArchiveMade(Event, frozen=True, kw_only=True):
    """A signed archive of closed days was written: what it holds, and the hash of the file (R54)."""

    kind = "archive.made"
    # As asked: a day, a month, a year, from..to.
    period: str
    first_day: str
    last_day: str
    # Name in the register of formats.
    shape: str
    entries: int
    size: int
    # Of the file; and of its manifest, the same whatever the format.
    sha256: str
    manifest: str


class ArchiveChecked(Event, frozen=True, kw_only=True):
    """An archive was verified again; `fault` is empty when it is whole (R62)."""

    kind = "archive.checked"
    period: str
    manifest: str
    fault: str = ""


EVENTS: tuple[type[Event], ...] = (ArchiveMade, ArchiveChecked)
