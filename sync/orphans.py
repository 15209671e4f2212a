"""Entries the box holds and HQ does not, where both histories parted: found by their hashes, appended again (§2.9)."""

from pos import journal, seal, zcj
from pos.journal import Journal, Stored
from pos.store import Store
from pos.system import JournalImport
from sync import wire
from sync.agent import meant
from sync.line import Hq, Told

# An entry is carried as text inside another: quotes are doubled, and the envelope takes its part.
CARRIED_MAX = zcj.ENTRY_MAX_BYTES - 1024
ASKED_AT_ONCE = 60


def common(store: Store, line: Hq, told: Journal, token: str) -> int:
    """Return the last entry of a journal that HQ holds too, byte for byte; −1 when there is none."""
    with store.reading() as conn:
        low, high = -1, journal.tip(conn, told).seq + 1
        while high - low > 1:
            step = max(1, (high - low) // ASKED_AT_ONCE)
            places = list(range(low + step, high, step))[:ASKED_AT_ONCE]
            try:
                theirs = line.hashes(told.jid, places, token)
            except Told as no:
                if no.code == "unknown_journal":
                    return -1
                raise meant(no, 0) from no
            for place in places:
                if _hash(conn, told, place) != theirs[place]:
                    high = place
                    break
                low = place
    return low


def _hash(conn: object, told: Journal, seq: int) -> str:
    row = conn.execute(  # type: ignore[attr-defined]
        "SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (told.jn, seq)
    ).fetchone()
    # Gone from the card: HQ says an empty word of what it has not, and two gaps are nothing held in common.
    return bytes(row[0]).hex() if row else "gone"


def after(store: Store, told: Journal, last: int) -> list[tuple[bytes, Stored]]:
    """Return the entries that follow `last`, each with the hash before it."""
    found = []
    with store.reading() as conn:
        row = conn.execute("SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (told.jn, last)).fetchone()
        before = bytes(row[0]) if row else told.genesis
        for stored in journal.entries(conn, told, last + 1):
            found.append((before, stored))
            before = stored.hash
    return found


def as_import(store: Store, before: bytes, stored: Stored) -> JournalImport | None:
    """Return the entry as it is appended again; an import keeps its first hash, however often it travels.

    One that rotted on the card goes as the bytes it has now: they are no longer what its hash names, so that HQ keeps
    them apart and counts nothing of them.
    """
    if seal.chain(before, stored.body) != stored.hash:
        rotten = JournalImport(
            orig=stored.hash.hex(), prev=before.hex(), entry="", packed=wire.pack_entry(stored.body)
        )  # fmt: skip
        return rotten if len(zcj.encode(rotten)) <= CARRIED_MAX else None
    entry = journal.read_envelope(stored.body)
    if entry.kind == JournalImport.kind:
        event = store.types.decode(entry.kind, entry.kv, entry.data)
        return event if isinstance(event, JournalImport) else None
    orig, prev = stored.hash.hex(), before.hex()
    carried = JournalImport(orig=orig, prev=prev, entry=stored.body.decode())
    if len(zcj.encode(carried)) > CARRIED_MAX:
        carried = JournalImport(orig=orig, prev=prev, entry="", packed=wire.pack_entry(stored.body))
    # What no packing makes short enough stays in the old journal, which is kept whole and goes into the archives.
    return carried if len(zcj.encode(carried)) <= CARRIED_MAX else None


def carried_by(event: JournalImport) -> Stored | None:
    """Return the entry an import carries, with its first hash; None when it is not the one that hash names."""
    body = wire.unpack_entry(event.packed) if event.packed else event.entry.encode()
    orig = bytes.fromhex(event.orig)
    if seal.chain(bytes.fromhex(event.prev), body) != orig:
        return None
    return Stored(journal.read_envelope(body).seq, orig, body, None)
