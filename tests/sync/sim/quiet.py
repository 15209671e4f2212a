"""After the storm: every line is good, everybody calls, every anomaly is repaired; then all invariants (§2.18).

Each `must` begins with the invariant it asserts. Where they are:

    B1, B4, H1, H4   check_all here                     B2, B3   world.check_tips, at each start and here
    B5, B6, B9, W2   line.watch, each request           B7       world.Box.note_serial, each call and start
    B8               acts.sell_one, each sale           W1, P2   _united here; be_quiet (everything settles)
    W3               line.BadLine._spoilt               W4       line.deliver, each answer
    H2, H5, P3       office.check_step, after each act  H3, H7   _counted, learn_at_last here
    H6               office.smuggle                     H8, P1   acts.call, each call
    H10              _checkpoints here                  §2.10    back._bring, R6: continue_totals here
    §2.8             healed.check_healed
    §2.11            lists.check_in_force

Elsewhere: W1 for any split and W3 for every bit in tests/sync/test_wire.py and test_bits.py; W4's memory in
tests/hq/test_hostile.py; H6's speed in tests/hq/test_shaping.py and test_herd.py; H9 in tests/hq/test_cited.py; H10 for
any two sizes in tests/sync/test_merkle.py; B2 for every write of the counter in tests/faults/test_power_cut.py.
"""

from collections import Counter

import msgspec
from sqlalchemy import Connection, func, select

from hq import audit, db, enrolment
from pos import journal
from pos.audit import check_everything
from pos.journal import Envelope, read_envelope
from pos.system import JournalImport, TroubleNoted
from pos.till import tables
from pos.till.events import SaleCompleted
from sync import agent, books, imports, ingest
from tests.sync.sim import office
from tests.sync.sim.acts import call, join, state_of
from tests.sync.sim.line import must
from tests.sync.sim.machine import TOMORROW, Tomorrow
from tests.sync.sim.world import Box, World, check_tips

ROUNDS = 12
# All tables of a box are told again, and totals continued, in one run of eight: each takes as long as a short run.
FULL_CHECKS = 0.125


def be_quiet(w: World) -> None:
    """Let everything settle: until nobody had anything left to do."""
    w.tell("— quiet —")
    w.badness = w.weakness = 0.0
    for box in [box for box in w.boxes if box.stolen]:
        if w.chance.random() < 0.5:
            w.bury(box)
    for _ in range(ROUNDS):
        w.clock.tick(60_000)
        settled = [_settle(w, box) for box in list(w.boxes)]
        if all(settled):
            return
    must("P2 everything settles", False, [(box.name, state_of(box)) for box in w.boxes])


def _settle(w: World, box: Box) -> bool:
    """Let one box call; repair it when it must be. Tells whether it had nothing left to do."""
    if box.store.journal is None:
        _join(w, box)
        return False
    word = call(w, box, good=True)
    if word == "BoxReplaced":
        return True
    if word == "level":
        # What came down is put in force after the acknowledgement: its entries go up with the next call.
        return agent.backlog(box.store) == 0
    if word == "HqBusy":
        # Many copies of one café share its calls of an hour.
        w.clock.tick(3_600_000)
    elif word != "cut":
        _join(w, box)
    return False


def _join(w: World, box: Box) -> None:
    # What stood in the way on a good line is that its café has called too often.
    if not join(w, box, good=True):
        w.clock.tick(3_600_000)


def continue_totals(w: World) -> None:
    """R6: a box repaired last continues the totals of all that HQ counts, whatever came before."""
    if w.rollbacks or w.rotten or w.chance.random() > FULL_CHECKS:
        # What an HQ put back has lost, or a card has, stays in the totals of the box that took it up.
        return
    # Sixty calls an hour: nobody is put off now.
    w.clock.tick(3_600_000)
    for cafe in w.cafes:
        mine = [box for box in w.boxes if box.cafe == cafe]
        if mine:
            last = w.chance.choice(mine)
            last.code = ""
            must("R6 the last repair is done", join(w, last, good=True), last.name)
            must("R6 the repaired box is heard", call(w, last, good=True) == "level", last.name)
            day = db.rollup_day.c
            with w.office.db.reading() as conn, last.store.reading() as own:
                there = conn.execute(select(func.sum(day.turnover_cents)).where(day.cafe_id == cafe)).scalar() or 0
                here = tables.total(own, tables.EVER, "turnover", "algebraic")
                numbers = tables.next_no(own) - 1
                given = max((no for (no,) in own.execute("SELECT no FROM till_ticket")), default=0)
            must("R6 totals go on", here == there, (last.name, here, there))
            must("R6 ticket numbers go on", numbers >= given, (last.name, numbers, given))


def check_all(w: World) -> None:
    """Check every invariant that can be checked at the end."""
    for box in w.boxes:
        check_tips(box)
        for told in box.store.journals():
            with box.store.reading() as conn:
                tip, fault = journal.verify(conn, told, seals=False)
            if fault is not None and _digest(box, told.jn, fault.seq) in w.rotten:
                continue
            must("B1 numbers have no gap and the chain verifies", fault is None, (box.name, fault))
            must(
                "B1 a journal begins with its opening",
                tip.seq < 0 or _kind(box, told.jn, 0) == "journal.open",
                box.name,
            )
    if w.chance.random() < FULL_CHECKS and not w.rotten:
        chosen = w.chance.choice(w.boxes)
        findings = check_everything(chosen.store).findings
        must("B4 tables are what the journal tells", findings == (), (chosen.name, findings))
    checked = audit.check(w.office)
    must("H1 H4 segments verify and figures are told from them", checked.faults == [], checked.faults)
    with w.office.db.reading() as conn:
        for cafe in w.cafes:
            _counted(w, conn, cafe)
            _united(w, conn, cafe)
    for box in w.boxes:
        _checkpoints(w, box)


def learn_at_last(w: World) -> None:
    """H7 again: what HQ kept without knowing it is counted by the release that knows it, once."""
    if not w.learnt and w.seen["release: a kind of tomorrow is kept for later"]:
        office.learn(w)
        with w.office.db.reading() as conn:
            for cafe in w.cafes:
                _counted(w, conn, cafe)


def _checkpoints(w: World, box: Box) -> None:
    """H10: an HQ that was never put back shows each box one log that only grows; what boxes noted is counted."""
    entries = [entry for _digest, entry in entries_of(w, box, TroubleNoted.kind) if entry.kind == TroubleNoted.kind]
    said = {msgspec.json.decode(entry.data, type=TroubleNoted).what for entry in entries}
    must("H10 checkpoints are consistent", w.rollbacks or "hq_log" not in said, (box.name, said))
    w.seen.update(f"box notes: {what}" for what in said)


def _digest(box: Box, jn: int, seq: int) -> bytes:
    with box.on_disk() as conn:
        row = conn.execute("SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (jn, seq)).fetchone()
    return bytes(row[0]) if row else b""


def _kind(box: Box, jn: int, seq: int) -> str:
    with box.on_disk() as conn:
        row = conn.execute("SELECT body FROM journal_entry WHERE jn = ? AND seq = ?", (jn, seq)).fetchone()
    return read_envelope(row[0]).kind


def _counted(w: World, conn: Connection, cafe: int) -> None:
    """H3, H7: each sale that survives on a box counts once at HQ, what HQ does not know yet is kept until it does."""
    counted: Counter[bytes] = Counter()
    tomorrow: set[bytes] = set()
    cents = 0
    for told in enrolment.boxes(conn, cafe):
        for one in ingest.entries_after(conn, told, -1):
            if one.entry.kind == SaleCompleted.kind:
                counted[one.first] += 1
                cents += _cents(one.entry.data)
            elif one.entry.kind == Tomorrow.kind:
                tomorrow.add(one.first)
    figure, opaque = db.rollup_figure.c, db.opaque_kind.c
    told_of = int(
        conn.execute(select(func.sum(figure.amount)).where(figure.cafe_id == cafe, figure.code == TOMORROW)).scalar()
        or 0
    )
    kept = int(
        conn.execute(
            select(func.sum(opaque.entries)).where(opaque.cafe_id == cafe, opaque.kind == Tomorrow.kind)
        ).scalar()
        or 0
    )
    expected = (len(tomorrow), 0) if w.learnt else (0, len(tomorrow))
    must("H7 unknown kinds are kept, and counted once known", (told_of, kept) == expected, (told_of, kept, expected))
    if tomorrow:
        w.seen[f"release: a kind of tomorrow {'is counted' if w.learnt else 'is kept for later'}"] += 1
    alive = {digest for box in w.boxes if box.cafe == cafe for digest in sales_of(w, box)}
    twice = [digest.hex()[:12] for digest, n in counted.items() if n > 1]
    must("H3 no sale counts twice", not twice, twice)
    lost = [digest.hex()[:12] for digest in alive - set(counted)]
    must("H3 no surviving sale is lost", not lost, lost)
    day = db.rollup_day.c
    row = conn.execute(select(func.sum(day.tickets), func.sum(day.turnover_cents)).where(day.cafe_id == cafe)).one()
    figures = (int(row[0] or 0), int(row[1] or 0))
    must("H3 the figures are those of the sales", figures == (len(counted), cents), (figures, len(counted), cents))


def _cents(data: bytes) -> int:
    return msgspec.json.decode(data, type=SaleCompleted).turnover


def sales_of(w: World, box: Box) -> list[bytes]:
    """Return the hashes of the sales in all journals of a box."""
    return [digest for digest, entry in entries_of(w, box, SaleCompleted.kind) if entry.kind == SaleCompleted.kind]


def entries_of(w: World, box: Box, kind: str) -> list[tuple[bytes, Envelope]]:
    """Return the entries of a box that speak of a kind, those excepted that its card has spoilt."""
    with box.on_disk() as conn:
        rows = conn.execute(
            "SELECT hash, body FROM journal_entry WHERE instr(body, ?) > 0 ORDER BY jn, seq",
            (f'"kind":"{kind}"'.encode(),),
        ).fetchall()
    return [(bytes(digest), read_envelope(body)) for digest, body in rows if bytes(digest) not in w.rotten]


def _united(w: World, conn: Connection, cafe: int) -> None:
    """P2, W1, H7: every entry of every surviving box is at HQ, byte for byte, in its place or as an import."""
    held: set[bytes] = set()
    for told in enrolment.boxes(conn, cafe):
        segments = books.segment.c
        for row in conn.execute(
            select(books.segment).where(segments.cafe_id == cafe, segments.jn == told.jn).order_by(segments.last)
        ):
            bodies = ingest.bodies_of(row)
            held.update(ingest.hashes_of(row, bodies))
            for body in bodies:
                if b'"kind":"journal.import"' in body and (entry := read_envelope(body)).kind == JournalImport.kind:
                    carried = imports.carried(entry)
                    if carried is not None:
                        held.add(carried[0])
    for box in w.boxes:
        if box.cafe != cafe:
            continue
        with box.on_disk() as file:
            rows = file.execute("SELECT jn, seq, hash, body FROM journal_entry ORDER BY jn, seq").fetchall()
        missing = [
            (jn, seq, read_envelope(body).kind) for jn, seq, digest, body in rows
            if bytes(digest) not in held | w.rotten and read_envelope(body).kind not in ("sync.acked", "journal.import", "box.trouble_noted")
        ]  # fmt: skip
        must("P2 HQ is the union of the boxes", not missing, (box.name, missing))
