"""One file, one gate: every fact passes `Store.writing`, every look goes through `Store.reading`.

One writer connection that alone checkpoints (WAL, synchronous=FULL); readers are read-only (ADR 14).
An entry, the tables told from it, the draft it ends and the attempt id share one transaction.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec

from pos import disk, drafts, events, journal, private
from pos.clock import Clock, business_day, local
from pos.errors import AlreadyDone, Refusal, StoreUnreadable
from pos.events import Event, EventTypes
from pos.feature import Feature
from pos.i18n import N_
from pos.journal import Envelope, Journal, Tip
from pos.projections import Projector, digest
from pos.release import VERSION
from pos.seal import Keyring
from pos.system import EVENTS as SYSTEM_EVENTS

# A clock may drift back this much between two entries without a question; beyond, R13 applies.
CLOCK_TOLERANCE_MS = 2 * 60 * 1000
CLOCK_LEAP_MS = int(timedelta(days=45).total_seconds() * 1000)

# A reader writes nothing: neither rows nor, when it is the last to leave, the log back into the file.
_READ_PRAGMAS = ("PRAGMA query_only=ON", "PRAGMA wal_autocheckpoint=0", "PRAGMA busy_timeout=5000")
_PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000", "PRAGMA wal_autocheckpoint=1000", "PRAGMA journal_size_limit=8388608",
    "PRAGMA cell_size_check=ON", "PRAGMA trusted_schema=OFF", "PRAGMA mmap_size=0",
    "PRAGMA temp_store=MEMORY", "PRAGMA secure_delete=ON",
)  # fmt: skip


class NotEnrolled(Refusal):
    """This box has no journal yet."""

    sentence = N_("This till is not yet joined to HQ.")
    remedy = N_("Finish the installation: it takes the code given by your coordinator.")


class ClockBehind(Refusal):
    """The clock is earlier than the last entry (R13)."""

    sentence = N_("The box says %(now)s, but its last entry is of %(last)s.")
    remedy = N_("Confirm date and time in Menu, Date and time; then do it again.")


class ClockLeapt(Refusal):
    """The clock is far later than the last entry (R13)."""

    sentence = N_("The box says %(now)s, a long time after its last entry of %(last)s.")
    remedy = N_("Confirm date and time in Menu, Date and time; then do it again.")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as it was written; `seq` is its place among all the journals of the box."""

    seq: int
    t: int
    event: Event


class Writing:
    """An open transaction: read with `conn`, write facts with `record`."""

    def __init__(self, store: "Store", conn: sqlite3.Connection, by: str) -> None:
        self.conn = conn
        self.by = by
        self.recorded: list[Recorded] = []
        self._store = store
        self._tip: Tip | None = None
        self._first = 0
        self._clock_confirmed = self._may_leap = False

    @property
    def features(self) -> tuple[Feature, ...]:
        """Every part of the café: for rules that a sale must pass."""
        return self._store.features

    @property
    def store(self) -> "Store":
        """The store this transaction belongs to."""
        return self._store

    @property
    def now(self) -> int:
        """UTC milliseconds of this act."""
        return self._store.clock.now_ms()

    @property
    def today(self) -> str:
        """The business day of this act."""
        return business_day(self.now)

    def trust_clock(self, *, leap: bool = False) -> None:
        """Skip the check of the clock: for technical entries, and with `leap` for a person who confirmed it."""
        self._clock_confirmed, self._may_leap = True, leap

    def record(self, event: Event) -> Recorded:
        """Append `event` to the journal and tell the tables, in this transaction."""
        opened = self._store.journal
        if opened is None:
            raise NotEnrolled
        if self._tip is None:
            self._tip = _tip(self.conn, opened)
            self._first = self._tip.seq + 1
        data = events.encode(event)
        # What could not be read back is never written: no float, no unknown kind (R11).
        if self._store.types.decode(event.kind, event.kv, data) is None:
            raise ValueError(f"{event.kind} is no kind of this house")
        envelope = Envelope(
            boot=self._store.boot, cafe=opened.cafe, data=msgspec.Raw(data), j=opened.jid,
            kind=event.kind, kv=event.kv, mono=self._store.clock.mono_ms(), op=self.by,
            seq=self._tip.seq + 1, t=self._time(self._tip.t), tq=self._store.clock.quality(), v=1,
        )  # fmt: skip
        self._tip = journal.append(self.conn, opened, self._tip, self._store.keyring, envelope)
        self._store.projector.apply(self.conn, envelope, event, opened.jn)
        done = Recorded(journal.place(opened.jn, envelope.seq), envelope.t, event)
        self.recorded.append(done)
        return done

    def _time(self, last: int) -> int:
        if not self._clock_confirmed:
            self._check_clock(last)
        elif last and self.now > last + CLOCK_LEAP_MS and not self._may_leap:
            # No time goes back: one start at a false date would make it the earliest that can be, for ever.
            return last
        return max(self.now, last)

    def check_clock(self) -> None:
        """Raise ClockBehind or ClockLeapt when the clock cannot be believed, before anything else is said."""
        if self._store.journal is not None:
            self._check_clock(journal.tip(self.conn, self._store.journal).t)

    def _check_clock(self, last: int) -> None:
        now, believed = self.now, self._store.believed(last)
        if last and now < believed - CLOCK_TOLERANCE_MS:
            raise ClockBehind(now=_said(now), last=_said(believed))
        if last and now > last + CLOCK_LEAP_MS:
            raise ClockLeapt(now=_said(now), last=_said(last))

    def keep_attempt(self, attempt: str) -> None:
        """Remember that `attempt` made the entries of this transaction."""
        jn = self._store.journal.jn if self._store.journal else 1
        last = journal.place(jn, self._tip.seq) if self._tip else -1
        self.conn.execute(
            "INSERT INTO draft_attempt (attempt, first, last, at) VALUES (?, ?, ?, ?)",
            (attempt, journal.place(jn, self._first), last, self.now),
        )


def _tip(conn: sqlite3.Connection, opened: Journal) -> Tip:
    """Return where a journal stands; one that begins goes on from the time of the journal before (R13)."""
    tip = journal.tip(conn, opened)
    if tip.seq >= 0:
        return tip
    return Tip(tip.seq, tip.hash, journal.last_time(conn, opened.jn - 1))


def _said(at_ms: int) -> str:
    return local(at_ms).strftime("%d/%m/%Y %H:%M")


class Store:
    """The café's file. Made by `open_store`; closed by `close`.

    `looking`: beside the process that writes, which must stay the only one (ADR 14): nothing can be written.
    """

    def __init__(
        self, path: Path, *, clock: Clock, keyring: Keyring, features: Iterable[Feature], looking: bool = False
    ) -> None:
        self.path = path
        self.clock = clock
        self.keyring = keyring
        self.features = tuple(features)
        self.means = {code: means for feature in self.features for code, means in feature.means.items()}
        self.boot = 0
        types = [*SYSTEM_EVENTS, *(cls for feature in self.features for cls in feature.events)]
        self.types = EventTypes(types)
        self.projector = Projector((f.projection for f in self.features if f.projection), self.types)
        # When a clock set too far ahead was put right, and up to where entries say later than it was (R13).
        self.put_right = (0, 0)
        self._lock = threading.RLock()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._bulk_owner: int | None = None
        self.looking = looking
        self._writer = self._look() if looking else self._connect()
        if not looking:
            self._prepare()
        self.journal: Journal | None = journal.current(self._writer)
        if self.journal is not None:
            self.keyring = keyring.settled(self.journal.box_key)
        self.boot = drafts.get(self._writer, "boot", 0)

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        conn = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        conn.row_factory = sqlite3.Row
        try:
            for pragma in _PRAGMAS:
                conn.execute(pragma)
        except sqlite3.DatabaseError as problem:
            conn.close()
            raise disk.told(problem, self.path) from problem
        if conn.execute("PRAGMA synchronous").fetchone()[0] != 2:
            raise StoreUnreadable
        return conn

    def _look(self) -> sqlite3.Connection:
        conn = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        conn.row_factory = sqlite3.Row
        for pragma in _READ_PRAGMAS:
            conn.execute(pragma)
        return conn

    def _prepare(self) -> None:
        conn = self._writer
        for schema in (journal.SCHEMA, private.SCHEMA):
            conn.executescript(schema)
        drafts.prepare(conn)
        mark = self.projector.fingerprint(VERSION)
        if drafts.get(conn, "told_by") != mark:
            conn.execute("BEGIN IMMEDIATE")
            self.projector.retell(conn, conn, self._journals(conn))
            drafts.put(conn, "told_by", mark)
            conn.execute("COMMIT")

    def _journals(self, conn: sqlite3.Connection) -> list[Journal]:
        rows = conn.execute("SELECT jn, jid, cafe, genesis, box_key, hq_key FROM journal ORDER BY jn")
        return [Journal(*row) for row in rows]

    def close(self) -> None:
        """Close every connection; the last one checkpoints."""
        with self._lock:
            for conn in self._readers:
                conn.close()
            self._readers.clear()
            self._writer.close()

    def open_journal(self, *, grant: bytes, signature: bytes, hq_key: bytes) -> Journal:
        """Open the journal of HQ's grant, for this box's key."""
        with self.writing(by="box") as tx:
            opened = journal.open_journal(
                tx.conn, grant=grant, signature=signature, hq_key=hq_key, box_key=self.keyring.public
            )
        self.journal = opened
        return opened

    def believed(self, last: int) -> int:
        """Return the time it surely is by now, the last entry saying `last`."""
        since, ahead = self.put_right
        return since if last <= ahead else last

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a read-only connection of this thread (inside `bulk`, the writer: it sees its own)."""
        if self._bulk_owner == threading.get_ident():
            yield self._writer
            return
        conn = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._look()
            self._local.conn = conn
            self._readers.append(conn)
        try:
            yield conn
        except sqlite3.DatabaseError as problem:
            raise disk.told(problem, self.path, reading=True) from problem

    @contextmanager
    def writing(self, *, by: str, attempt: str = "") -> Iterator[Writing]:
        """Open the transaction of one act; commit at the end, or leave no trace.

        Raises AlreadyDone when `attempt` was recorded before: it is looked up before any rule,
        so that the second tap of an impatient finger is never told no.
        """
        with self._lock:
            conn = self._writer
            nested = self._bulk_owner is not None
            try:
                conn.execute("SAVEPOINT act" if nested else "BEGIN IMMEDIATE")
                try:
                    if attempt:
                        row = conn.execute(
                            "SELECT first, last FROM draft_attempt WHERE attempt = ?", (attempt,)
                        ).fetchone()
                        if row:
                            raise AlreadyDone(attempt, row[0], row[1])
                    tx = Writing(self, conn, by)
                    yield tx
                    if attempt:
                        tx.keep_attempt(attempt)
                    conn.execute("RELEASE act" if nested else "COMMIT")
                except BaseException:
                    if conn.in_transaction:
                        conn.execute("ROLLBACK TO act" if nested else "ROLLBACK")
                        if nested:
                            conn.execute("RELEASE act")
                    raise
            except sqlite3.DatabaseError as problem:
                raise disk.told(problem, self.path, reading=self.looking) from problem

    @contextmanager
    def bulk(self) -> Iterator[None]:
        """Put many acts in one transaction: seeding, replaying, restoring. Nothing is durable before its end."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self._bulk_owner = threading.get_ident()
            try:
                yield
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                self.journal = journal.current(self._writer)
                raise
            finally:
                self._bulk_owner = None

    def answers(self, seconds: float) -> bool:
        """Tell whether a writer would be let in within `seconds`, and the file behind the gate reads."""
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            self._writer.execute("SELECT max(seq) FROM journal_entry").fetchone()
        except sqlite3.Error:
            return False
        finally:
            self._lock.release()
        return True

    def retell(self) -> int:
        """Make all tables anew from the journal; return the entries told."""
        with self._lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                told = self.projector.retell(self._writer, self._writer, self._journals(self._writer))
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            return told

    def tables_that_differ(self) -> list[str]:
        """Retell into memory and return the names of tables that are not what the journal tells."""
        scratch = sqlite3.connect(":memory:", isolation_level=None)
        scratch.row_factory = sqlite3.Row
        scratch.execute("BEGIN")
        with self.reading() as conn:
            if not conn.in_transaction:
                conn.execute("BEGIN")
            try:
                self.projector.retell(conn, scratch, self._journals(conn))
                return [t for t in self.projector.tables if digest(conn, t) != digest(scratch, t)]
            finally:
                if self._bulk_owner is None:
                    conn.execute("ROLLBACK")
                scratch.close()

    def journals(self) -> list[Journal]:
        """Return every journal of this box, oldest first."""
        with self.reading() as conn:
            return self._journals(conn)

    def event(self, conn: sqlite3.Connection, seq: int) -> Recorded:
        """Return the event at the place `seq`, in whichever journal; KeyError when there is none."""
        if self.journal is None:
            raise NotEnrolled
        row = conn.execute("SELECT body FROM journal_entry WHERE jn = ? AND seq = ?", journal.at_place(seq)).fetchone()
        if row is None:
            raise KeyError(seq)
        entry = journal.read_envelope(row[0])
        event = self.types.decode(entry.kind, entry.kv, entry.data)
        if event is None:
            raise KeyError(seq)
        return Recorded(entry.seq, entry.t, event)

    def last_place(self) -> int:
        """Return the place of the last entry among all the journals of the box."""
        return journal.place(self.journal.jn if self.journal else 1, self.tip().seq)

    def tip(self) -> Tip:
        """Return where the open journal stands."""
        if self.journal is None:
            raise NotEnrolled
        with self.reading() as conn:
            return journal.tip(conn, self.journal)
