"""The café's end: send HQ what it has not, believe only its signed ack, and never stop selling (§2.6).

The cursor is HQ's alone; the box asks, shows that it has the same hash there, and sends what follows.
"""

import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import msgspec

from pos import drafts, journal
from pos.i18n import _
from pos.journal import Journal, Stored, Tip
from pos.release import VERSION
from pos.store import NotEnrolled, Store
from pos.system import SyncAcked, SyncOpened, TroubleNoted
from pos.till import offer
from sync import ackfile, downstream, hqkeys, published, trouble, wire
from sync.ackfile import KeptAck
from sync.health import Stats
from sync.line import Cursor, Hq, Told, Welcome
from sync.trouble import LineTrouble
from sync.wire import Ack, Head

BOX = "box"
STATE = drafts.LINE
FIRST_SIZE, LEAST, MOST = 400, 10, wire.ENTRIES_MAX
# Well under the 2 MiB packed and 16 MiB inflated that HQ takes.
BYTES_MOST = 8 * 1024 * 1024
QUICK_S = 5.0
# Journals heard in one call: the one at hand, that of a key that waited for its answer, that of the one HQ asks for.
HEARD_AT_ONCE = 3

_sending: WeakKeyDictionary[Store, threading.Lock] = WeakKeyDictionary()
_guard = threading.Lock()

# What the box writes about the line itself does not make it call again.
_WAITING = (
    'SELECT count(*) FILTER (WHERE instr(CAST(body AS TEXT), \'"kind":"sync.\') = 0), max(seq)'
    " FROM journal_entry WHERE jn = ? AND seq > ?"
)
# What was counted of each store: (journal, acknowledged), up to which entry, how many. Every page shows the
# mark, and months without a line are many entries: those counted before are not read again, they never change.
_counted: WeakKeyDictionary[Store, tuple[tuple[int, int], int, int]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Pushed:
    """What one push did."""

    sent: int
    batches: int
    seq: int
    # The coordinator has not confirmed the check number yet.
    pending: bool = False
    # When in the night HQ wants the next call; −1: it does not say.
    slot: int = -1


_NOTHING = Pushed(0, 0, -1)


@dataclass(frozen=True, slots=True)
class Status:
    """How the line stands, for the mark at the bottom of the screen."""

    enrolled: bool
    last_heard: int | None
    waiting: int
    # normal, anomaly or locked
    state: str
    trouble: str = ""
    remedy: str = ""
    pending: bool = False
    slot: int = -1


def push(
    store: Store, line: Hq, *, keep: Path | None = None, sw: str = VERSION, size: int = FIRST_SIZE,
    about: Stats | None = None,
) -> Pushed:  # fmt: skip
    """Send HQ everything it has not, `size` entries at first; keep its last ack. Raises SyncTrouble.

    `about` tells how the box fares.
    """
    opened = store.journal
    if opened is None:
        raise NotEnrolled
    with _guard:
        lock = _sending.setdefault(store, threading.Lock())
    if not lock.acquire(blocking=False):
        raise trouble.AlreadySending
    try:
        for _again in range(HEARD_AT_ONCE):
            done = Session(store, opened, line, keep, sw, size, about).run()
            if store.journal is None or store.journal is opened:
                break
            # The box has taken another key: its new journal is heard in the same call.
            opened = store.journal
    except LineTrouble as problem:
        _remember(store, problem)
        raise
    else:
        _remember(store, None, done)
        return done
    finally:
        lock.release()


def backlog(store: Store) -> int:
    """Return how many entries HQ has not acknowledged, what the line writes about itself apart."""
    if store.journal is None:
        return 0
    ack = ackfile.last(store)
    since = (store.journal.jn, ack.seq if ack else -1)
    known, last, n = _counted.get(store, (since, since[1], 0))
    if known != since:
        last, n = since[1], 0
    with store.reading() as conn:
        more, upto = conn.execute(_WAITING, (since[0], last)).fetchone()
        # Inside a transaction what was read may still be taken back.
        if upto is not None and not conn.in_transaction:
            _counted[store] = (since, int(upto), n + int(more))
    return n + int(more)


def status(store: Store) -> Status:
    """Return how the line stands."""
    with store.reading() as conn:
        told: dict[str, Any] = drafts.get(conn, STATE, {})
    if store.journal is None:
        return Status(False, None, 0, "normal", _(NotEnrolled.sentence), _(NotEnrolled.remedy))
    ack = ackfile.last(store)
    return Status(
        enrolled=True, last_heard=ack.heard_at if ack else None, waiting=backlog(store),
        state=told.get("state", "normal"), trouble=told.get("trouble", ""), remedy=told.get("remedy", ""),
        pending=told.get("pending", False), slot=told.get("slot", -1),
    )  # fmt: skip


def went_back(store: Store, detail: str) -> None:
    """Note that the box's file is older than what HQ acknowledged, before anybody asked HQ (R23)."""
    with store.writing(by=BOX) as tx:
        tx.trust_clock()
        tx.record(TroubleNoted(what="rollback", detail=detail))
    _remember(store, trouble.WentBack())


def _remember(store: Store, problem: LineTrouble | None, done: Pushed = _NOTHING) -> None:
    """Keep the state of the line; a trouble that says nothing of it leaves it."""
    with store.writing(by=BOX) as tx:
        told: dict[str, Any] = {"pending": done.pending, "slot": done.slot}
        if problem is not None:
            told = drafts.get(tx.conn, STATE, {})
            told |= {"trouble": problem.what(), "remedy": problem.how(), "code": problem.code}
            if problem.state:
                told["state"] = problem.state
        drafts.put(tx.conn, STATE, told)


class Session:
    """One push, from the nonce to the ack."""

    def __init__(
        self, store: Store, opened: Journal, line: Hq, keep: Path | None, sw: str, size: int,
        about: Stats | None = None,
    ) -> None:  # fmt: skip
        self.store, self.journal, self.line, self.keep, self.sw = store, opened, line, keep, sw
        self.about = about
        self.hq_key = hqkeys.current(store, opened)
        self.sent = self.batches = 0
        self.size = size

    def run(self) -> Pushed:
        """Go through one push, from the nonce to the ack."""
        from sync import former

        known = ackfile.last(self.store)
        self._note(known, opening=True)
        tip = self._reread(known.seq + 1 if known else 0)
        welcome = self.welcome(tip)
        self.hq_key = hqkeys.learn(self.store, self.journal, welcome.keys)
        self._compare(welcome, tip, known)
        if welcome.log is not None:
            published.take(self.store, self.journal, welcome.log, known.seq if known else -1)
        if welcome.services is not None and not downstream.says_services(self.store):
            # Before the entries go: what HQ asked for is answered in the same call.
            offer.switch_services(self.store, welcome.services, by="hq")
            tip = self._reread(max(tip.seq, 0))
        try:
            seq, last = self.send_all(welcome, tip)
        except trouble.UpgradeNeeded:
            # HQ no longer reads what this release writes: the next release comes down all the same (§2.5).
            downstream.follow(self.store, self.journal, self.line, welcome)
            raise
        if former.bring(self.store, self.line, welcome, self.sw, self.size):
            more = msgspec.structs.replace(welcome, cursor=Cursor(seq, self._hash(seq).hex()))
            seq, last = self.send_all(more, self._reread(seq + 1))
        self._note(last)
        if (welcome.rotate and self.store.keyring.kept) or self.store.keyring.may_follow:
            self._renew(welcome)
        if welcome.status == "superseded" and self.store.journal is self.journal:
            raise trouble.BoxReplaced
        if self.store.journal is self.journal:
            # After the acks: what HQ sends down never holds up what goes up.
            downstream.follow(self.store, self.journal, self.line, welcome)
        return Pushed(self.sent, self.batches, seq, welcome.pending, welcome.slot)

    def _renew(self, welcome: Welcome) -> None:
        """Take another key. HQ may have given the café to another box, or two have this key: that is said elsewhere."""
        from sync import rotation

        with suppress(trouble.BoxReplaced, trouble.HistoriesDiffer):
            rotation.renew(self.store, self.line, welcome.token)

    def send_all(self, welcome: Welcome, tip: Tip) -> tuple[int, KeptAck | None]:
        """Send what follows HQ's cursor, up to `tip`; return up to where, and the last ack."""
        seq, last = welcome.cursor.seq, None
        while seq < tip.seq:
            last = self._send(seq, tip.seq, welcome.token)
            seq = last.seq
        return seq, last

    def _note(self, ack: KeptAck | None, *, opening: bool = False) -> None:
        """Write HQ's signed head into the chain, once; at the opening, then a fresh nonce."""
        with self.store.writing(by=BOX) as tx:
            tx.trust_clock()
            if ack is not None and not ack.noted:
                tx.record(SyncAcked(seq=ack.seq, head=ack.head, kid=ack.kid, sig=ack.sig, t=ack.t))
                ackfile.keep(tx, KeptAck(**{f: getattr(ack, f) for f in KeptAck.__struct_fields__} | {"noted": True}))
            if opening:
                tx.record(SyncOpened(nonce=secrets.token_hex(16)))

    def _reread(self, first: int) -> Tip:
        """Read the rows back from disk and fold the chain again before any head is signed over them."""
        with self.store.reading() as conn:
            tip, fault = journal.verify(conn, self.journal, first=first, seals=False)
        if fault:
            raise trouble.JournalDamaged(seq=fault.seq)
        return tip

    def welcome(self, tip: Tip) -> Welcome:
        """Say hello; show the grant to an HQ that has forgotten it (§2.8)."""
        try:
            return self._hello(tip)
        except Told as no:
            if no.code != "unknown_journal":
                raise meant(no, tip.seq) from no
        with self.store.reading() as conn:
            row = conn.execute("SELECT grant_bytes, grant_sig FROM journal WHERE jn = ?", (self.journal.jn,)).fetchone()
        try:
            self.line.show_grant(row[0].decode(), row[1].hex())
            return self._hello(tip)
        except Told as no:
            raise meant(no, tip.seq) from no

    def _hello(self, tip: Tip) -> Welcome:
        return greet(self.store, self.journal, self.line, tip, self.sw, self.about)

    def _compare(self, welcome: Welcome, tip: Tip, known: KeptAck | None) -> None:
        """HQ's last entry must be one of ours; what it once acknowledged and lost is sent again."""
        cursor = welcome.cursor
        if cursor.seq > tip.seq or cursor.seq < -1:
            raise trouble.HistoriesDiffer
        ours = self._hash(cursor.seq)
        if ours.hex() != cursor.head:
            # HQ cannot know it from a longer history: it is shown our head at its own place, and keeps the proof.
            with suppress(Told):
                self._hello(Tip(cursor.seq, ours, tip.t))
            raise trouble.HistoriesDiffer
        if known and cursor.seq < known.seq:
            self._reread(cursor.seq + 1)
            with self.store.writing(by=BOX) as tx:
                tx.trust_clock()
                tx.record(TroubleNoted(what="hq_rollback", detail=f"{known.seq}>{cursor.seq}"))

    def _hash(self, seq: int) -> bytes:
        if seq < 0:
            return self.journal.genesis
        with self.store.reading() as conn:
            row = conn.execute(
                "SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (self.journal.jn, seq)
            ).fetchone()
        return bytes(row[0]) if row else b""

    def _send(self, after: int, upto: int, token: str) -> KeptAck:
        """Send entries that follow `after`: more each time the line is quick, fewer when it or HQ cannot take them."""
        while True:
            rows = self._rows(after, min(self.size, upto - after))
            started = time.monotonic()
            try:
                ack = self._batch(after, rows, token)
            except trouble.HqUnreachable:
                if len(rows) <= LEAST:
                    raise
                self.size = max(LEAST, len(rows) // 2)
                continue
            except Told as no:
                if no.status not in (413, 422) or len(rows) <= LEAST:
                    raise meant(no, after + 1) from no
                self.size = max(LEAST, len(rows) // 2)
                continue
            if time.monotonic() - started < QUICK_S:
                self.size = min(MOST, self.size * 2)
            return ack

    def _rows(self, after: int, size: int) -> list[Stored]:
        rows: list[Stored] = []
        total = 0
        with self.store.reading() as conn:
            for row in journal.entries(conn, self.journal, after + 1, after + size):
                total += len(row.body)
                if rows and total > BYTES_MOST:
                    break
                rows.append(row)
        return rows

    def _batch(self, after: int, rows: list[Stored], token: str) -> KeptAck:
        last = rows[-1]
        head, signature = _head_of(self.store, self.journal, last.seq, last.hash)
        raw = wire.make_batch(head, signature, self._hash(after), after + 1, [row.body for row in rows])
        receipt, ack = self.line.batch(raw, token)
        self._believe(ack, receipt.sig, last.seq)
        keeping = ackfile.kept(self.hq_key, receipt, ack, self.store.clock.now_ms())
        with self.store.writing(by=BOX) as tx:
            ackfile.keep(tx, keeping)
        ackfile.write_file(self.keep, keeping)
        self.sent += ack.seq - after
        self.batches += 1
        return keeping

    def _believe(self, ack: Ack, sig: str, sent: int) -> None:
        """Take the ack only if HQ signed it, for our own bytes; it stands further where its last answer was lost."""
        try:
            signature = wire.unhex(sig, 64)
        except wire.Malformed as problem:
            raise trouble.HqTalksRubbish from problem
        ours = (self.journal.cafe, self.journal.jid, self._hash(ack.seq).hex()) == (ack.cafe, ack.j, ack.head)
        if ack.seq < sent or not ours or not wire.ack_is_good(self.hq_key, ack, signature):
            raise trouble.HqTalksRubbish


def holds(store: Store, told: Journal, seq: int, head: str) -> bool:
    """Tell whether an entry of a journal of this box has this hash (−1: the journal's first hash)."""
    if seq < 0:
        return told.genesis.hex() == head
    with store.reading() as conn:
        return any(one.hash.hex() == head for one in journal.entries(conn, told, seq, seq))


def greet(store: Store, opened: Journal, line: Hq, tip: Tip, sw: str, about: Stats | None = None) -> Welcome:
    """Say hello for a journal that stands at `tip`; return HQ's welcome. Raises Told."""
    challenge = line.challenge()
    head, signature = _head_of(store, opened, tip.seq, tip.hash)
    with store.reading() as conn:
        told: dict[str, Any] = drafts.get(conn, STATE, {})
    stats = msgspec.structs.replace(
        about or Stats(), backlog=backlog(store), disk_free=shutil.disk_usage(store.path.parent).free,
        state=told.get("state", "normal"), trouble=told.get("code", ""),
    )  # fmt: skip
    hello = wire.Hello(
        challenge=challenge.challenge, head=head, head_sig=signature.hex(), sw=sw, stats=stats,
        log=published.note_known(store, opened),
    )  # fmt: skip
    return line.hello(wire.sign_hello(store.keyring, hello))


def _head_of(store: Store, opened: Journal, seq: int, digest: bytes) -> tuple[Head, bytes]:
    clock, keyring = store.clock, store.keyring
    head = Head(
        boot=store.boot, cafe=opened.cafe, head=digest.hex(), j=opened.jid, kid=keyring.kid, mono=clock.mono_ms(),
        seq=seq, t=clock.now_ms(), tq=clock.quality(),
    )  # fmt: skip
    return head, wire.sign_head(keyring, head)


def meant(no: Told, seq: int) -> LineTrouble:
    """Return what HQ's word means for the café."""
    meanings: dict[str, Callable[[], LineTrouble]] = {
        "fork": trouble.HistoriesDiffer, "behind": trouble.HistoriesDiffer, "revoked": trouble.BoxRevoked,
        "superseded": trouble.BoxReplaced, "bad_signature": trouble.BoxUnknown, "unknown_key": trouble.BoxUnknown,
        "unknown_journal": trouble.BoxUnknown, "gap": trouble.HqFailed, "pending": trouble.NotConfirmed,
        "not_a_replacement": trouble.NotAReplacement,
    }  # fmt: skip
    if no.code in meanings:
        return meanings[no.code]()
    if no.status in (413, 422):
        return trouble.BatchRefused(seq=seq)
    return trouble.HqTalksRubbish(status=no.status)
