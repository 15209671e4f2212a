"""What HQ sends down, after the storm: each café has in force what HQ's manifest names, and said so once (§2.11)."""

from hq import downstream, enrolment
from pos.till import network_apply
from pos.till.network_events import ConfigApplied
from sync import agent, ingest, wire
from sync.manifest import Manifest
from tests.sync.sim.acts import call, close_surely
from tests.sync.sim.line import must
from tests.sync.sim.quiet import entries_of
from tests.sync.sim.world import Box, World


def check_in_force(w: World) -> None:
    """Close the day of each café's box and let it call: HQ's lists are in force, whatever came before."""
    # Sixty calls an hour: nobody is put off now.
    w.clock.tick(3_600_000)
    for cafe in w.cafes:
        with w.office.db.writing() as conn:
            for row in enrolment.pending(conn):
                enrolment.confirm(conn, row.cafe_id, row.jn, by="sim", at=w.clock.now_ms())
            opened = next((row for row in enrolment.boxes(conn, cafe) if row.state == ingest.OPEN), None)
        box = next(
            (one for one in w.boxes if opened and one.store.journal and one.store.journal.jid == opened.jid), None
        )
        if box is not None:
            close_surely(w, box)
            words = _calls(w, box)
            must("P2 the box in use is level", words[-1] == "level" and not agent.backlog(box.store), words)
            _compare(w, box)
    for box in w.boxes:
        _applied_once(w, box)


def _calls(w: World, box: Box) -> list[str]:
    """Let a box call three times: what the first brings is said by the second; a doubt noted in that one, by the third."""
    words: list[str] = []
    while words.count("level") < 3 and len(words) < 6:
        words.append(call(w, box, good=True))
        if words[-1] == "HqBusy":
            w.clock.tick(3_600_000)
    return words


def _compare(w: World, box: Box) -> None:
    with w.office.db.writing() as conn:
        signed = downstream.give(w.office.db, w.office.keyring, conn, box.cafe, w.clock.now_ms(), have=box.serial)
    if signed is None:
        return
    named = {
        channel: one.sha256 for channel, one in wire.parse(signed.manifest, Manifest).channels.items()
        if channel in network_apply.CHANNELS
    }  # fmt: skip
    with box.on_disk() as conn:
        found = dict(conn.execute("SELECT channel, sha256 FROM network_applied").fetchall())
    must("§2.11 what HQ sends down is in force", named == found, (box.name, named, found))
    w.seen["lists: in force at the end"] += 1


def _applied_once(w: World, box: Box) -> None:
    """Each application is one entry: the same list is never put in force twice in a row, nor an older one (B7)."""
    last: dict[str, tuple[int, str]] = {}
    highest: dict[str, int] = {}
    for _digest, entry in entries_of(w, box, ConfigApplied.kind):
        event = box.store.types.decode(entry.kind, entry.kv, entry.data)
        if isinstance(event, ConfigApplied):
            now = (event.n, event.sha256)
            must("§2.11 a list is put in force once", last.get(event.channel) != now, (box.name, event.channel, now))
            before = highest.get(event.channel, 0)
            must("B7 no older list is put in force", event.serial >= before, (box.name, event.serial, before))
            last[event.channel], highest[event.channel] = now, event.serial
            w.seen["lists: put in force"] += 1
