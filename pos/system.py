"""Facts about the box itself: opened, started, asked HQ, heard HQ, clock set. Kinds of ZJP/1 §2.3."""

from pos.events import Event


class JournalOpened(Event, frozen=True, kw_only=True):
    """A journal begins, under the grant HQ signed."""

    kind = "journal.open"
    grant: str
    hw: str
    sw: str


class BoxBooted(Event, frozen=True, kw_only=True):
    """The box started. The nonce makes two copies of a card part ways at once."""

    kind = "box.boot"
    nonce: str
    hw: str
    sw: str
    # False when the last run did not end by itself: a power cut, a kill.
    clean: bool = True


class SyncOpened(Event, frozen=True, kw_only=True):
    """The box tries to reach HQ. The nonce serves as in BoxBooted."""

    kind = "sync.open"
    nonce: str


class SyncAcked(Event, frozen=True, kw_only=True):
    """HQ acknowledged everything up to `seq`: its signed head, kept in the chain."""

    kind = "sync.acked"
    seq: int
    head: str
    kid: str
    sig: str


class ClockSet(Event, frozen=True, kw_only=True):
    """Date and time were confirmed by a person or by HQ (R13)."""

    kind = "clock.set"
    old: int
    new: int
    source: str


class TroubleNoted(Event, frozen=True, kw_only=True):
    """A machine, the line or a check failed (R42). `what` is a short code, never free text."""

    kind = "box.trouble_noted"
    what: str
    detail: str = ""


class BackupDone(Event, frozen=True, kw_only=True):
    """A copy of the till's file was written (R30)."""

    kind = "box.backup_done"
    last: int
    size: int


class BackupRestored(Event, frozen=True, kw_only=True):
    """The till's file was put back from a copy (R30)."""

    kind = "box.backup_restored"
    last: int


EVENTS: tuple[type[Event], ...] = (
    JournalOpened, BoxBooted, SyncOpened, SyncAcked, ClockSet, TroubleNoted, BackupDone, BackupRestored,
)  # fmt: skip
