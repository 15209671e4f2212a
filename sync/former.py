"""The box's former journals: an HQ put back from a backup may have lost what only they hold (§2.8, §2.9).

At each hello HQ says where it stands in every journal of the café. Where it stops within one of ours, the rest
is sent again; where it holds another history, our entries are appended to the open journal, each with its
first hash, as a repair does. HQ counts each first hash once, so that doing it once too often does no harm.
"""

from collections.abc import Iterator

from pos import drafts, journal, seal
from pos.journal import Journal, Tip
from pos.store import Store
from pos.system import JournalImport
from sync import ackfile, agent, orphans, trouble
from sync.line import Cursor, Hq, Told, Welcome

# HQ's head of a former journal when nothing more could be done about it, and the journal open then, by the journal's
# name: in another one what was carried before may have rotted meanwhile.
DONE = "hq_former"
# A sale waits no longer than for so many: after a power cut those that are there are not appended again.
AT_ONCE = 200
_IMPORTS = (
    "SELECT before.hash, entry.hash, entry.body FROM journal_entry AS entry"
    " JOIN journal_entry AS before ON before.jn = entry.jn AND before.seq = entry.seq - 1"
    " WHERE entry.jn > ? AND instr(entry.body, ?) > 0"
)


class _Sending(agent.Session):
    """Entries of a former journal on their way: what HQ acknowledges of it is not the box's last ack."""

    def _keep(self, ack: ackfile.KeptAck) -> None:
        """Keep nothing."""


def bring(store: Store, line: Hq, welcome: Welcome, sw: str, size: int) -> bool:
    """See that HQ has every former journal of this box; tell whether the open one has got new entries by it."""
    if welcome.former is None:
        return False
    with store.reading() as conn:
        done: dict[str, str] = drafts.get(conn, DONE, {})
    appended = False
    *former, opened = store.journals()
    for told in former:
        there = welcome.former.get(told.jid, Cursor(-1, told.genesis.hex()))
        last = _last(store, told)
        nothing_more = f"{there.head} {opened.jid}"
        if done.get(told.jid) == nothing_more or (
            there.seq >= last.seq and agent.holds(store, told, there.seq, there.head)
        ):
            continue
        if not (agent.holds(store, told, there.seq, there.head) and _send(store, line, told, there.seq, sw, size)):
            appended |= _append(store, told, orphans.common(store, line, told, welcome.token))
            done[told.jid] = nothing_more
            with store.writing(by=agent.BOX) as tx:
                drafts.put(tx.conn, DONE, done)
    return appended


def _last(store: Store, told: Journal) -> Tip:
    with store.reading() as conn:
        return journal.tip(conn, told)


def _send(store: Store, line: Hq, told: Journal, after: int, sw: str, size: int) -> bool:
    """Send what HQ lacks of a former journal; tell whether it took it. Read again first, as before every head."""
    with store.reading() as conn:
        last, fault = journal.verify(conn, told, first=after + 1, seals=False)
    if fault is not None or told.box_key != store.keyring.public:
        return False
    sending = _Sending(store, told, line, None, sw, size)
    try:
        sending.send_all(sending.welcome(last), last)
    except (Told, trouble.LineTrouble) as no:
        if isinstance(no, trouble.HqUnreachable | trouble.HqBusy | trouble.HqFailed):
            raise
        return False
    return True


def _append(store: Store, told: Journal, common: int) -> bool:
    """Append to the open journal what HQ does not hold of a former one and no later journal carries yet."""
    taken = set(carried(store, told.jn))
    found = [
        event for before, stored in orphans.after(store, told, common)
        if (event := orphans.as_import(store, before, stored)) is not None and event.orig not in taken
    ]  # fmt: skip
    for start in range(0, len(found), AT_ONCE):
        with store.writing(by=agent.BOX) as tx:
            tx.trust_clock()
            for event in found[start : start + AT_ONCE]:
                tx.record(event)
    return bool(found)


def carried(store: Store, jn: int) -> Iterator[str]:
    """Yield the first hash of each entry that an import in a later journal of this box carries; one that rotted, none."""
    with store.reading() as conn:
        for before, digest, body in conn.execute(_IMPORTS, (jn, f'"kind":"{JournalImport.kind}"'.encode())):
            if seal.chain(before, body) == digest:
                entry = journal.read_envelope(body)
                event = store.types.decode(entry.kind, entry.kv, entry.data)
                if isinstance(event, JournalImport):
                    yield event.orig
