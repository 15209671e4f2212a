"""A box takes another key: a new journal under it, granted on the word of the old one, nobody has to type a code (§2.7).

A journal keeps the key it was opened with, so that seals, archives and copies are checked with one key each.
The new key is on the disk before HQ hears of it: an answer that is lost is asked again.
"""

from pos import seal
from pos.store import Store
from sync import agent, hqkeys, orphans, repair, trouble, wire
from sync.line import Balances, Hq, Told


def renew(store: Store, line: Hq, token: str) -> None:
    """Ask HQ for a grant for this box's next key, and go on under it. Raises SyncTrouble; nothing changed then."""
    opened = store.journal
    assert opened is not None
    new = store.keyring.successor()
    request = wire.dump(wire.RotateRequest(cafe=opened.cafe, j=opened.jid, new=new.public.hex()))
    asked = wire.SignedRotation(
        pop=new.sign(wire.ROTATE, opened.box_key + new.public).hex(), request=request.decode(),
        sig=store.keyring.sign(wire.ROTATED_BY, request).hex(),
    )  # fmt: skip
    try:
        told = line.rotate(wire.dump(asked), token)
        signature, grant = wire.unhex(told.sig, 64), wire.parse(told.grant, wire.Grant)
    except Told as no:
        raise agent.meant(no, 0) from no
    except wire.Malformed as problem:
        raise trouble.HqTalksRubbish from problem
    hq_key = hqkeys.current(store, opened)
    good = seal.verify(hq_key, seal.GRANT, told.grant.encode(), signature)
    base = grant.base
    if not good or base is None or (grant.cafe, grant.key, base.j) != (opened.cafe, new.public.hex(), opened.jid):
        raise trouble.HqNotProven
    if not agent.holds(store, opened, base.seq, base.head):
        raise trouble.HistoriesDiffer
    ours = orphans.after(store, opened, base.seq)
    opening = repair.Opening(told.grant.encode(), signature, hq_key, keyring=new)
    nothing = Balances(upto={}, lost=0, no=0, z=0, turnover=0, absolute=0)
    old = store.keyring
    repair.go_on(store, opening, base, base.seq, nothing, ours)
    store.keyring = old.settled(new.public)
