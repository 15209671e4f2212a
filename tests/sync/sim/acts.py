"""What happens in a run: each act is a function of the world, drawn by its weight."""

from collections.abc import Callable

from sqlalchemy import select, update

from hq import enrolment
from hq.tables import cafe as cafe_table
from pos import drafts, seal
from pos.errors import AlreadyDone, Refusal, SyncTrouble
from pos.store import ClockBehind, ClockLeapt
from pos.till import clockset, close, sell
from pos.till import refusals as no
from pos.till.sell import SoldLine
from sync import agent, books, repair, trouble, wire
from tests.cast import BEA, furnish
from tests.sync.sim.line import code_of, deliver, must
from tests.sync.sim.machine import Tomorrow
from tests.sync.sim.world import Box, World, acked, tip_of

DAY = 24 * 3_600_000
CODE_TROUBLES = tuple(trouble.CODE_TROUBLES.values())
LEAPS = (-400 * DAY, -3_600_000, -60_000, 3_600_000, DAY, 20 * DAY, 200 * DAY)


def _some(w: World) -> Box | None:
    """Draw one of the boxes that have a journal."""
    found = [box for box in w.boxes if box.store.journal is not None]
    return w.chance.choice(found) if found else None


def state_of(box: Box) -> str:
    """Return normal, anomaly or locked."""
    with box.store.reading() as conn:
        return str(drafts.get(conn, agent.STATE, {}).get("state", "normal"))


# At the counter


def sell_some(w: World) -> None:
    """Sell one to four times on a box."""
    box = _some(w)
    if box is not None:
        for _ in range(w.chance.randrange(1, 5)):
            sell_one(w, box)


def sell_one(w: World, box: Box) -> bool:
    """Make one sale, trying again as a clerk does; tell whether it was made."""
    w.n += 1
    attempt, cents = f"sale-{w.n}", w.chance.randrange(1, 10_000)
    state = state_of(box)
    for _ in range(8):
        with w.danger(box):
            try:
                sell.sell(box.store, lines=[SoldLine(product="divers", price=cents)], by=BEA, attempt=attempt)
            except AlreadyDone:
                return True
            except Refusal as refusal:
                if state == "locked" and isinstance(refusal, no.TillLocked):
                    return False
                _put_right(w, box, refusal)
                continue
            w.tell(f"{box.name} sells for {cents}")
            must("B8 a locked box does not sell", state != "locked", box.name)
            box.note_tip()
            w.sales += 1
            return True
    must("B8 a box sells, in anomaly too", False, (box.name, state))
    return False


def _put_right(w: World, box: Box, refusal: Refusal) -> None:
    """Do what the remedy of a refusal says."""
    store = box.store
    w.tell(f"    {box.name} says {type(refusal).__name__}")
    if isinstance(refusal, ClockBehind | ClockLeapt | no.PeriodIsClosed):
        _set_clock(w, box)
    elif isinstance(refusal, no.NoSuchProduct):
        furnish(store)
    elif isinstance(refusal, no.DayNotOpen | no.DayIsOver):
        _open_day(w, box)
    else:
        raise refusal


def _open_day(w: World, box: Box) -> None:
    try:
        close.open_day(box.store, 15_000, by=BEA)
    except (ClockBehind, ClockLeapt, no.PeriodIsClosed):
        _set_clock(w, box)


def _set_clock(w: World, box: Box) -> None:
    """Confirm the hour of the church clock, or the last one the till knows when it has lived ahead of it."""
    tip = tip_of(box)
    right = max(w.clock.now_ms() - w.clock.offset_ms, tip.t if tip else 0)
    try:
        clockset.confirm_clock(box.store, right, by=BEA)
    except clockset.FarFromLastEntry:
        # The box hears the time of the network again.
        box.clock.offset_ms += right - box.clock.now_ms()
        clockset.confirm_clock(box.store, right, by=BEA)


def close_day(w: World) -> None:
    """Close the day of a box."""
    box = _some(w)
    if box is None or state_of(box) == "locked":
        return
    with w.danger(box):
        try:
            close.close_day(box.store, by=BEA)
            w.tell(f"{box.name} closes its day")
            box.note_tip()
        except Refusal as refusal:
            w.tell(f"{box.name} cannot close: {type(refusal).__name__}")


def tomorrow(w: World) -> None:
    """A box of a later release writes a kind that HQ does not know."""
    box = _some(w)
    if box is not None:
        with w.danger(box), box.store.writing(by="box") as tx:
            tx.trust_clock()
            tx.record(Tomorrow(n=w.n))
        w.tell(f"{box.name} writes a kind of tomorrow")


# Calling


def call_some(w: World) -> None:
    """A box calls HQ."""
    box = _some(w)
    if box is not None:
        call(w, box)


def call(w: World, box: Box, *, good: bool = False) -> str:
    """Let a box call; return the word of what came of it. Checks P1 and P3 where nothing came between."""
    faults, differ, revoked = w.faults, parted(w, box), is_revoked(w, box)
    word = "cut"
    with w.danger(box):
        try:
            agent.push(box.store, w.line(box, good=good), keep=box.ack, size=w.chance.choice((3, 12, 400)))
            word = "level"
        except SyncTrouble as told:
            word = type(told).__name__
        w.tell(f"{box.name} calls: {word}")
        box.note_tip()
    if w.faults == faults and word != "cut":
        if revoked:
            must("H8 a revoked box is refused at its next request", word == "BoxRevoked", word)
        elif differ:
            must("P1 a copy is found at its first contact", word == "HistoriesDiffer", (box.name, word))
            must("P1 the proof is kept", proven(w, box), box.name)
            w.caught += 1
    kept = acked(box)
    if kept is not None:
        good = wire.ack_is_good(w.office.keyring.public, wire.parse(kept.ack, wire.Ack), bytes.fromhex(kept.sig))
        must(
            "P3 the ack a box keeps is HQ's own", good and box.hash_at(kept.jid, kept.seq).hex() == kept.head, box.name
        )
    if word == "level":
        must("P1 a box that is level has HQ's history", not parted(w, box), box.name)
    return word


def parted(w: World, box: Box) -> bool:
    """Tell whether HQ's history of the open journal is not this box's."""
    opened = box.store.journal
    cursor = w.cursors().get(opened.jid) if opened else None
    if opened is None or cursor is None or cursor[0] < 0:
        return False
    return box.hash_at(opened.jid, cursor[0]) != cursor[1]


def is_revoked(w: World, box: Box) -> bool:
    """Tell whether HQ has revoked the box's open journal."""
    opened = box.store.journal
    with w.hq_file() as conn:
        row = conn.execute("SELECT state FROM journal WHERE jid = ?", (opened.jid if opened else "",)).fetchone()
    return row is not None and row[0] == "revoked"


def proven(w: World, box: Box) -> bool:
    """Tell whether HQ keeps a head of this box's journal, good by its signature, that is not in its own history."""
    opened = box.store.journal
    assert opened is not None
    proof, told = books.fork_proof.c, books.journal.c
    with w.office.db.reading() as conn:
        rows = conn.execute(
            select(proof.head_b_bytes, proof.sig_b, told.box_key)
            .join(books.journal, (told.cafe_id == proof.cafe_id) & (told.jn == proof.jn))
            .where(told.jid == opened.jid)
        ).all()
    return any(seal.verify(bytes(r[2]), seal.HEAD, bytes(r[0]), bytes(r[1])) for r in rows)


def mend(w: World) -> None:
    """A box without a journal joins; one in anomaly, or any other by mistake, is given a code."""
    wanting = [box for box in w.boxes if box.store.journal is None or state_of(box) != "normal"]
    if not wanting and w.chance.random() < 0.2:
        wanting = list(w.boxes)
    if wanting:
        join(w, w.chance.choice(wanting))


def join(w: World, box: Box, *, good: bool = False) -> bool:
    """Type a code of HQ on a box: its first journal, or one that continues."""
    new = box.store.journal is None
    if not box.code or w.chance.random() < 0.1:
        box.code = w.code(box.cafe, enrolment.NEW if new else enrolment.REPAIR)
    done = False
    with w.danger(box):
        word = "joins"
        try:
            repair.reopen(box.store, w.line(box, good=good), box.code, hw="sim")
            box.ack.unlink(missing_ok=True)
            box.note_tip()
            box.stolen, done = False, True
            if w.chance.random() < 0.9:
                box.code = ""
        except CODE_TROUBLES as told:
            word, box.code = f"joins: {type(told).__name__}", ""
        except SyncTrouble as told:
            word = f"joins: {type(told).__name__}"
        w.tell(f"{box.name} {word}")
        if done and new:
            furnish(box.store)
    return done


# Cards, deaths and copies


def copy_card(w: World) -> None:
    """Somebody makes an image of a card."""
    box = _some(w)
    if box is not None:
        w.images = [*w.images[-2:], (box, w.image_of(box))]
        w.tell(f"an image of {box.name} is made")


def clone(w: World) -> None:
    """The last image is put into a second box, or back into the first."""
    if w.images and len(w.boxes) < 5:
        of, image = w.chance.choice(w.images)
        in_place = of in w.boxes and w.chance.random() < 0.5
        made = w.copy_box(of, image, in_place=in_place)
        w.clones += 1
        w.tell(f"{made.name} is {of.name} as it was when {image.stem} was made{', in its place' if in_place else ''}")


def die(w: World) -> None:
    """A box dies with what only it knew; the café unpacks a new one."""
    box = _some(w)
    if box is not None:
        w.bury(box)
        made = w.new_box(box.cafe)
        w.tell(f"{box.name} is dead; {made.name} is unpacked")


def power(w: World) -> None:
    """The power fails between two acts."""
    w.reboot(w.chance.choice(w.boxes))


def clock_leap(w: World) -> None:
    """A clock leaps, at a box or at HQ."""
    box, by = w.chance.choice(w.boxes), w.chance.choice(LEAPS)
    if w.chance.random() < 0.2:
        w.clock.offset_ms += by
        w.tell(f"HQ's clock leaps by {by // 1000} s")
    else:
        box.clock.offset_ms += by
        w.tell(f"the clock of {box.name} leaps by {by // 1000} s")


# At HQ


def back_up(w: World) -> None:
    """HQ's database is copied."""
    path = w.new_path("backup")
    w.shop.image(path)
    w.backups = [*w.backups[-2:], path]
    w.tell(f"HQ is backed up to {path.stem}")


def put_back(w: World) -> None:
    """HQ is restored from a backup: what came after is gone there."""
    if w.backups:
        path = w.chance.choice(w.backups)
        w.shop.put_back(path)
        w.known_cursors = {}
        w.rollbacks += 1
        w.tell(f"HQ is put back from {path.stem}")
        if w.learnt:
            learn(w)


def revoke(w: World) -> None:
    """A box is reported stolen: HQ refuses it from its next request on."""
    box = _some(w)
    if box is None or len(w.boxes) < 2:
        return
    assert box.store.journal is not None
    with w.office.db.writing() as conn:
        row = next((r for r in enrolment.boxes(conn, box.cafe) if r.jid == box.store.journal.jid), None)
        if row is not None:
            enrolment.revoke(conn, box.cafe, row.jn)
    box.stolen = row is not None
    w.tell(f"{box.name} is reported stolen")


def new_key(w: World) -> None:
    """HQ asks a café's box to take another key."""
    with w.office.db.writing() as conn:
        enrolment.ask_rotation(conn, w.chance.choice(w.cafes))
    w.tell("HQ asks for a new key")


def switch(w: World) -> None:
    """HQ switches services of a café."""
    codes = " ".join(sorted(w.chance.sample(("bread", "cash_out", "parcel", "post"), 2)))
    with w.office.db.writing() as conn:
        conn.execute(update(cafe_table).where(cafe_table.c.id == w.chance.choice(w.cafes)).values(services=codes))
    w.tell(f"HQ switches on {codes}")


def learn(w: World) -> None:
    """HQ is upgraded: it learns the kinds of tomorrow, and tells everything again."""
    w.learnt = True
    w.office.projections = w.shop.later
    with w.office.db.writing() as conn:
        w.office.projections.rebuild(conn)
    w.tell("HQ is upgraded")


def replay(w: World) -> None:
    """Somebody sends HQ requests that it heard, or should have heard, before, in any order."""
    for request in w.chance.sample(w.captured, min(len(w.captured), 4)):
        answer = deliver(w, request)
        w.tell(f"an old {request.path.partition('?')[0]} is heard again: {answer.status} {code_of(answer)}")


def smuggle(w: World) -> None:
    """H6: a batch of one café sent with the pass of another is refused and changes nothing."""
    batches = [r for r in w.captured if r.path == "/v1/batch"]
    passes = [r for r in w.captured if r.token]
    if batches and passes:
        one, other = w.chance.choice(batches), w.chance.choice(passes)
        if one.token.split(".")[:2] != other.token.split(".")[:2]:
            before = w.cursors()
            answer = deliver(w, type(one)(**{**vars(one), "token": other.token}))
            must("H6 no journal writes another", answer.status == 401 and w.cursors() == before, answer.status)
            w.tell("a batch is sent with another's pass: refused")


def check_step(w: World) -> None:
    """What must hold at any moment: H2, H5, P3."""
    cursors = {jid: seq for jid, (seq, _head) in w.cursors().items()}
    for jid, seq in w.known_cursors.items():
        must("H2 HQ's cursor never goes back by itself", cursors.get(jid, -2) >= seq, (jid, seq, cursors.get(jid)))
    w.known_cursors = cursors
    with w.hq_file() as conn:
        rows = conn.execute("SELECT cafe_id, state, issued FROM journal").fetchall()
    for cafe in w.cafes:
        mine = [row for row in rows if row[0] == cafe]
        opened = [row for row in mine if row[1] == "open"]
        newest = max((row[2] for row in mine), default=0)
        must("H5 one open journal, the last granted", len(opened) <= 1 and all(r[2] == newest for r in opened), mine)
    if not w.rollbacks:
        for box in w.boxes:
            ack = acked(box)
            must("P3 no ack is ahead of HQ", ack is None or ack.seq <= cursors.get(ack.jid, -1), (box.name, ack))


def time_passes(w: World) -> None:
    """Minutes or hours pass everywhere."""
    ms = w.chance.choice((1_000, 60_000, 3_600_000, 9 * 3_600_000))
    w.clock.tick(ms)
    for box in w.boxes:
        box.clock.tick(ms)


ACTS: tuple[tuple[int, Callable[[World], None]], ...] = (
    (22, sell_some), (26, call_some), (12, mend), (6, copy_card), (6, clone), (3, die), (4, power), (4, clock_leap),
    (4, back_up), (3, put_back), (1, revoke), (3, new_key), (2, switch), (2, tomorrow), (1, learn), (4, replay), (2, smuggle),
    (7, close_day), (6, time_passes),
)  # fmt: skip

__all__ = ["ACTS", "call", "check_step", "join", "state_of"]
