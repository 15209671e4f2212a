"""The box follows HQ's key: each step is signed by the key it trusts; another step from the same key is refused (§2.11)."""

import itertools
import logging
from collections.abc import Sequence

from pos import drafts, hq_keys
from pos.hq_keys import Step
from pos.journal import Journal
from pos.store import Store
from pos.system import TroubleNoted
from pos.till.network_events import HqKeyFollowed

log = logging.getLogger("zinc.line")
BOX = "box"
# The second successor of one key that was shown, so that it is told once.
DOUBTED = "hq_key.doubted"


def current(store: Store, opened: Journal) -> bytes:
    """Return the key of HQ in force for a journal of this box."""
    return keys(store, opened)[-1]


def keys(store: Store, opened: Journal) -> list[bytes]:
    """Return every key of HQ from the one that granted a journal to the one in force."""
    with store.reading() as conn:
        return hq_keys.trusted(conn, opened.hq_key)


def learn(store: Store, opened: Journal, steps: Sequence[Step]) -> bytes:
    """Follow the steps HQ shows, each an entry; return the key in force. What does not hold changes nothing."""
    known = keys(store, opened)
    fresh = hq_keys.onward(known[-1], steps)
    _doubt(store, known, steps)
    if not fresh:
        return known[-1]
    with store.writing(by=BOX) as tx:
        tx.trust_clock()
        for told, step in fresh:
            tx.record(HqKeyFollowed(n=told.n, old=told.old, key=told.key, t=told.t, sig=step.sig, pop=step.pop))
    return bytes.fromhex(fresh[-1][0].key)


def _doubt(store: Store, known: list[bytes], steps: Sequence[Step]) -> None:
    """A key that was left names another successor: somebody else has it. Said once, followed never."""
    after = {old.hex(): new.hex() for old, new in itertools.pairwise(known)}
    read = [told for step in steps if (told := hq_keys.read(step)) is not None]
    other = next((told for told in read if after.get(told.old, told.key) != told.key), None)
    if other is None:
        return
    with store.writing(by=BOX) as tx:
        if drafts.get(tx.conn, DOUBTED, "") == other.key:
            return
        tx.trust_clock()
        tx.record(TroubleNoted(what="hq_key", detail=f"{other.n} {other.key[:16]}"))
        drafts.put(tx.conn, DOUBTED, other.key)
    log.warning("another successor of a former key of HQ was shown: it is not followed")
