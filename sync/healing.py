"""What rotted on a card after HQ had it comes back from HQ, byte for byte (§2.8).

Only what this box once signed takes its place: it follows the entry before, and leads to a head that bears the
box's own signature. What HQ does not have is healed by a repair code instead (`sync/orphans.py`).
"""

from contextlib import suppress

from pos import journal, seal
from pos.journal import Fault, Journal, Stored, Tip
from pos.release import VERSION
from pos.store import Store
from pos.system import TroubleNoted
from sync import ackfile, agent, restore, trouble
from sync.line import Hq, Told
from sync.wire import Malformed

# Faults that a card makes of a row: its bytes, its hash or its seal are others.
_SPOILT = ("chain", "seal", "envelope")
# A card with more than so many is thrown away, not healed.
AT_ONCE = 100


def heal(store: Store, line: Hq, sw: str = VERSION) -> int:
    """Put back what rotted in the journals of this box and HQ has; return how many entries. Raises SyncTrouble."""
    healed, token = 0, ""
    for told in store.journals():
        first = 0
        while healed < AT_ONCE:
            with store.reading() as conn:
                before, fault = journal.verify(conn, told, first=first)
            if fault is None or fault.code not in _SPOILT or before.seq != fault.seq - 1:
                break
            token = token or _let_in(store, line, sw)
            if not _put_back(store, line, told, before, fault, token):
                break
            # The seal of another key cannot be made again: the check goes on behind it.
            healed, first = healed + 1, fault.seq + 1
    return healed


def _let_in(store: Store, line: Hq, sw: str) -> str:
    """Say hello over what can be read since HQ's last word; return the pass."""
    opened, known = store.journal, ackfile.last(store)
    assert opened is not None
    with store.reading() as conn:
        tip, fault = journal.verify(conn, opened, first=known.seq + 1 if known else 0, seals=False)
    if fault:
        raise trouble.JournalDamaged(seq=fault.seq)
    try:
        return agent.greet(store, opened, line, tip, sw).token
    except Told as no:
        raise agent.meant(no, tip.seq) from no


def _put_back(store: Store, line: Hq, told: Journal, before: Tip, fault: Fault, token: str) -> bool:
    """Bring one entry from HQ and write it again; tell whether HQ had it, as this box signed it."""
    with suppress(Told, Malformed):
        _packed, batch = next(restore.members(line.piece(told.jid, fault.seq, restore.LEAST, token)))
        restore.follows(told, before, batch)
        body = batch.bodies[fault.seq - batch.header.first]
        digest = seal.chain(before.hash, body)
        with store.writing(by=agent.BOX) as tx:
            tx.trust_clock()
            ours = store.keyring.public == told.box_key
            journal.put_back(tx.conn, told, Stored(
                fault.seq, digest, body, store.keyring.sign(seal.SEAL, digest) if ours else _seal(store, told, fault.seq),
            ))  # fmt: skip
            tx.record(TroubleNoted(what="entry_healed", detail=f"{told.jn}:{fault.seq}"))
        return True
    return False


def _seal(store: Store, told: Journal, seq: int) -> bytes | None:
    with store.reading() as conn:
        return next(journal.entries(conn, told, seq)).seal
