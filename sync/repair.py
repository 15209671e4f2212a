"""A box whose history is not HQ's opens a new journal, on the coordinator's word (§2.9).

What HQ holds and the box does not is taken up as numbers and sums; what the box holds and HQ does
not is appended again, entry by entry, with its first hash. Nothing old is changed or removed.
"""

import hashlib
from dataclasses import dataclass

from pos import box, drafts, journal, seal
from pos.i18n import N_
from pos.journal import Journal, Stored, Tip
from pos.release import VERSION
from pos.seal import Keyring
from pos.store import Store, Writing
from pos.system import Carried, JournalContinued, JournalOpened
from sync import agent, enrol, orphans, trouble, wire
from sync.line import Balances, Enrolled, Hq, Told
from sync.trouble import LineTrouble

# Hashes of one's own entries that HQ must not count twice: those that move money.
_MONEY, MINE_MAX = b'"kind":"till.', 40_000


class AnotherCafe(LineTrouble):
    """The code was made for another café."""

    code = "another_cafe"
    sentence = N_("This code was made for café %(cafe)s; this till belongs to café %(own)s.")
    remedy = N_("Ask your coordinator for a code of this café.")


@dataclass(frozen=True, slots=True)
class Reopened:
    """What a repair did: the number to say on the telephone, entries taken up as sums, entries sent again."""

    check_number: str
    lost: int
    kept: int
    # The next receipt goes on from this number.
    no: int


def reopen(store: Store, line: Hq, code: str, *, hw: str) -> Reopened:
    """Open the journal of a code from HQ: the first one of a new café, or one that continues. Raises SyncTrouble."""
    return follow(store, line, enrol.enrol(store, line, code, hw=hw))


def follow(store: Store, line: Hq, told: Enrolled) -> Reopened:
    """Open the journal of a grant, upon whatever this box has of the café. Raises SyncTrouble."""
    grant = wire.parse(told.grant.encode(), wire.Grant)
    if store.journal is not None and store.journal.cafe != grant.cafe:
        raise AnotherCafe(cafe=grant.cafe, own=store.journal.cafe)
    genesis = seal.ds(seal.GENESIS, told.grant.encode())
    if store.journal is not None and store.journal.genesis == genesis:
        # Typed twice: the power failed before the screen could say that it was done.
        return Reopened(told.check_number, 0, 0, _last_no(store))
    if any(one.genesis == genesis for one in store.journals()):
        raise trouble.CodeUsed
    if grant.base is None:
        enrol.open_first_journal(store, told)
        return Reopened(told.check_number, 0, 0, 0)
    pass_ = let_in(store, line, told, grant.cafe, VERSION)
    locals_ = store.journals()
    known = {one.jid: orphans.common(store, line, one, pass_) for one in locals_}
    common = known[locals_[-1].jid] if locals_ else -1
    ours = orphans.after(store, locals_[-1], common) if locals_ else []
    # What HQ holds of our own journals we have ourselves; of theirs, what an earlier repair took up.
    taken = _taken_up(store)
    have = taken | {jid: max(seq, taken.get(jid, seq)) for jid, seq in known.items()}
    if locals_:
        have[locals_[-1].jid] = common
    # HQ may hold our own entries in a journal that is not ours: sent again by another copy of this box.
    mine = [
        stored.hash.hex()[:16]
        for one in locals_ for _before, stored in orphans.after(store, one, known[one.jid]) if _MONEY in stored.body
    ]  # fmt: skip
    try:
        balances = line.balances(wire.BalancesAsked(have=have, mine=mine[:MINE_MAX]), pass_)
    except Told as no:
        raise agent.meant(no, 0) from no
    new = Opening(told.grant.encode(), bytes.fromhex(told.sig), bytes.fromhex(told.hq_key), told.check_number)
    return go_on(store, new, grant.base, common, balances, ours)


def _last_no(store: Store) -> int:
    from pos.till import tables

    with store.reading() as conn:
        return tables.next_no(conn) - 1


def continuations(store: Store) -> list[JournalContinued]:
    """Return what each journal of this box but the first one continued, oldest first."""
    with store.reading() as conn:
        found = conn.execute(
            "SELECT body FROM journal_entry WHERE seq = 1 AND instr(body, ?) > 0 ORDER BY jn",
            (b'"kind":"journal.continued"',),
        ).fetchall()
    entries = [journal.read_envelope(row[0]) for row in found]
    events = [store.types.decode(one.kind, one.kv, one.data) for one in entries]
    return [one for one in events if isinstance(one, JournalContinued)]


def _taken_up(store: Store) -> dict[str, int]:
    """Return up to where HQ's journals were taken up by earlier repairs of this box."""
    return {one.key: one.amount for event in continuations(store) for one in event.taken}


def let_in(store: Store, line: Hq, told: Enrolled, cafe: int, sw: str) -> str:
    """Say hello for the journal that is not yet open, to be let in."""
    genesis = seal.ds(seal.GENESIS, told.grant.encode())
    opened = Journal(0, genesis[:8].hex(), cafe, genesis, store.keyring.public, bytes.fromhex(told.hq_key))
    try:
        return agent.greet(store, opened, line, Tip(-1, genesis, 0), sw).token
    except Told as no:
        raise agent.meant(no, 0) from no


@dataclass(frozen=True, slots=True)
class Opening:
    """What a journal is opened with: HQ's grant, its keys, and whether a person still has to confirm it."""

    grant: bytes
    signature: bytes
    hq_key: bytes
    check_number: str = ""
    # Another key than the box has had until now.
    keyring: Keyring | None = None


def go_on(
    store: Store, new: Opening, base: wire.Base, common: int, balances: Balances, ours: list[tuple[bytes, Stored]]
) -> Reopened:
    """Open a journal that continues: what HQ holds as sums, then each of our entries that it does not; all or nothing."""
    imports = [found for before, stored in ours if (found := orphans.as_import(store, before, stored)) is not None]
    before = store.keyring
    try:
        with store.bulk():
            held = _held(store)
            store.keyring = new.keyring or before
            store.open_journal(grant=new.grant, signature=new.signature, hq_key=new.hq_key)
            with store.writing(by=agent.BOX) as tx:
                tx.trust_clock()
                opened = JournalOpened(grant=hashlib.sha256(new.grant).hexdigest(), hw=box.hardware_name(), sw=VERSION)
                tx.record(opened)
                continued = tx.record(_continued(tx, base, common, balances, (len(imports), held))).event
                for event in imports:
                    tx.record(event)
                if new.check_number:
                    drafts.put(tx.conn, agent.STATE, {"pending": True})
    except BaseException:
        store.keyring = before
        raise
    assert isinstance(continued, JournalContinued)
    return Reopened(new.check_number, balances.lost, len(imports), continued.no)


def _held(store: Store) -> list[Carried]:
    """Return the journals this box has: by name and the beginning of the last hash, up to which entry."""
    with store.reading() as conn:
        tips = [(one.jid, journal.tip(conn, one)) for one in store.journals()]
    return [Carried(key=held_key(jid, tip.hash), amount=tip.seq) for jid, tip in tips]


def held_key(jid: str, last: bytes) -> str:
    """Return how a journal that ends with this hash is named in `JournalContinued.held`."""
    return f"{jid}.{last.hex()[:16]}"


def _continued(
    tx: Writing, base: wire.Base, common: int, balances: Balances, own: tuple[int, list[Carried]]
) -> JournalContinued:
    from pos.till import tables

    kept, held = own
    return JournalContinued(
        base=base.j, base_seq=base.seq, base_head=base.head, common=common, lost=balances.lost, kept=kept,
        no=max(balances.no, tables.next_no(tx.conn) - 1), z=max(balances.z, tables.next_z(tx.conn) - 1),
        turnover=balances.turnover, absolute=balances.absolute,
        taken=[Carried(key=jid, amount=seq) for jid, seq in sorted(balances.upto.items())],
        spans=balances.spans, owners=balances.owners, held=held,
    )  # fmt: skip
