"""Facts about the box itself: opened, started, asked HQ, heard HQ, clock set. Kinds of ZJP/1 §2.3."""

from pos.events import Event, Part


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
    # Version of the fiscal perimeter (R4).
    fiscal: str = ""


class SoftwareUpdated(Event, frozen=True, kw_only=True):
    """The box started with another release, or another fiscal version, than it last ran (R5)."""

    kind = "box.software_updated"
    old: str
    new: str


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
    # When HQ signed it: with it the signature can be checked from the entry alone.
    t: int = 0


class ClockSet(Event, frozen=True, kw_only=True):
    """Date and time were confirmed by a person or by HQ (R13).

    `last` is the latest time that was believed before (UTC ms); 0 from a release that did not say it.
    """

    kind = "clock.set"
    old: int
    new: int
    source: str
    last: int = 0


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
    # `stick`, or empty when somebody took it as a file.
    where: str = ""
    # It was read back from there, opened, and its chain found whole.
    checked: bool = False


class BackupChecked(Event, frozen=True, kw_only=True):
    """A copy on a stick was restored apart and everything in it checked: the restore drill (R30)."""

    kind = "box.backup_checked"
    last: int
    entries: int
    # A short code when it does not hold; empty: all is well.
    fault: str = ""


class BackupRestored(Event, frozen=True, kw_only=True):
    """The till's file was put back from a copy (R30)."""

    kind = "box.backup_restored"
    last: int


class Carried(Part, frozen=True, kw_only=True):
    """A number carried into a new journal: of a month or year (`2026-10`), a third party or a journal."""

    key: str
    amount: int


class JournalContinued(Event, frozen=True, kw_only=True):
    """A journal opened by a repair takes up what HQ holds and this box does not: numbers and totals (R6, R23)."""

    kind = "journal.continued"
    # The last entry HQ holds of the journal before, as its grant says.
    base: str
    base_seq: int
    base_head: str
    # The last entry that the box and HQ both hold of it; −1: none.
    common: int
    # Entries HQ holds and this box does not; entries of this box that HQ did not, appended again below.
    lost: int
    kept: int
    # Last numbers given, in the box or at HQ.
    no: int
    z: int
    # Turnover in the lost entries.
    turnover: int
    absolute: int
    # Up to which entry HQ's journals are taken up, by the journal's name.
    taken: list[Carried] = []
    spans: list[Carried] = []
    owners: list[Carried] = []
    # The journals this box has and tells, each by its name and the beginning of its last hash, up to which entry.
    held: list[Carried] = []


class JournalImport(Event, frozen=True, kw_only=True):
    """An entry of the journal before that HQ did not hold, with its first hash: counted once (ZJP/1 §2.9)."""

    kind = "journal.import"
    orig: str
    prev: str
    # The exact text of the entry; empty when it would be too long here: then `packed` is its zlib in base 64.
    entry: str
    packed: str = ""


class JournalTailFound(Event, frozen=True, kw_only=True):
    """A copy found later held entries of the box before that HQ did not: the imports written before this, as totals (§2.10)."""

    kind = "journal.tail_found"
    # The journal of the box that is no more; what was known of it, and up to where the copy went.
    jid: str
    after: int
    last: int
    kept: int
    # Last numbers given in them, and their turnover.
    no: int
    z: int
    turnover: int
    absolute: int
    spans: list[Carried] = []
    owners: list[Carried] = []


EVENTS: tuple[type[Event], ...] = (
    JournalOpened, JournalContinued, JournalImport, JournalTailFound, BoxBooted, SyncOpened, SyncAcked, ClockSet, TroubleNoted,
    BackupDone, BackupChecked, BackupRestored, SoftwareUpdated,
)  # fmt: skip
