"""What people do at a café: sell, close, call HQ, type a code. Each act is a function of the world."""

from sqlalchemy import select

from hq import enrolment
from pos import drafts, seal
from pos.errors import AlreadyDone, Refusal, SyncTrouble
from pos.store import ClockBehind, ClockLeapt
from pos.till import catalogue, clockset, close, network_apply, sell
from pos.till import refusals as no
from pos.till.sell import SoldLine
from sync import agent, books, repair, trouble, wire
from tests.cast import BEA, MENU, furnish
from tests.sync.sim.line import must
from tests.sync.sim.machine import Tomorrow
from tests.sync.sim.world import Box, World, acked, tip_of

CODE_TROUBLES = tuple(trouble.CODE_TROUBLES.values())


def some(w: World) -> Box | None:
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
    box = some(w)
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
                    w.seen["sale: refused, the till is locked"] += 1
                    return False
                _put_right(w, box, refusal)
                continue
            w.tell(f"{box.name} sells for {cents}", f"sale: {state}")
            must("B8 a locked box does not sell", state != "locked", box.name)
            box.note_tip()
            w.sales += 1
            return True
    must("B8 a box sells, in anomaly too", False, (box.name, state))
    return False


def _put_right(w: World, box: Box, refusal: Refusal) -> None:
    """Do what the remedy of a refusal says."""
    store = box.store
    w.tell(f"    {box.name} says {type(refusal).__name__}", f"till: {type(refusal).__name__}")
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
        clockset.confirm_clock(box.store, right, sure=True, by=BEA)
    except clockset.FarFromLastEntry:
        # The box hears the time of the network again.
        box.clock.offset_ms += right - box.clock.now_ms()
        clockset.confirm_clock(box.store, right, sure=True, by=BEA)


def close_day(w: World) -> None:
    """Close the day of a box."""
    box = some(w)
    if box is None or state_of(box) == "locked":
        return
    with w.danger(box):
        try:
            close.close_day(box.store, by=BEA)
            w.tell(f"{box.name} closes its day", "till: a day is closed")
            box.note_tip()
        except Refusal as refusal:
            w.tell(f"{box.name} cannot close: {type(refusal).__name__}")


def close_surely(w: World, box: Box) -> None:
    """Close the day of a box, doing what its refusals say."""
    for _ in range(4):
        try:
            close.close_day(box.store, by=BEA)
        except no.DayNotOpen:
            return
        except Refusal as refusal:
            _put_right(w, box, refusal)
        else:
            return


def tomorrow(w: World) -> None:
    """A box of a later release writes a kind that an older HQ does not know."""
    box = some(w)
    if box is not None and box.later:
        with w.danger(box), box.store.writing(by="box") as tx:
            tx.trust_clock()
            tx.record(Tomorrow(n=w.n))
        w.tell(f"{box.name} writes a kind of tomorrow", "release: a kind of tomorrow is written")


def own_price(w: World) -> None:
    """The café sets a price of its own, or takes the network's again."""
    box = some(w)
    if box is None:
        return
    chosen = w.chance.choice(MENU[:5])
    with w.danger(box):
        try:
            if w.chance.random() < 0.5:
                price = w.chance.randrange(50, 900)
                listed = type(chosen)(**{f: getattr(chosen, f) for f in chosen.__struct_fields__} | {"price": price})
                catalogue.list_product(box.store, listed, reason=w.chance.choice(("", "other")), by=BEA)
                w.tell(f"{box.name} sells {chosen.product} at {price}", "lists: a price of the café's own")
            else:
                network_apply.take_network_price(box.store, chosen.product, by=BEA)
                w.tell(f"{box.name} takes the network's price", "lists: the network's price is taken again")
        except Refusal as refusal:
            w.tell(f"    {box.name} says {type(refusal).__name__}", f"till: {type(refusal).__name__}")


# Calling


def call_some(w: World) -> None:
    """A box calls HQ."""
    box = some(w)
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
        w.tell(f"{box.name} calls: {word}", f"call: {word}")
        box.note_tip()
    box.note_serial(w.manifests)
    must("B5 a journal is damaged where its card is", word != "JournalDamaged" or w.rotten, box.name)
    if w.faults == faults and word not in ("cut", "HqBusy", "JournalDamaged"):
        if revoked:
            must("H8 a revoked box is refused at its next request", word == "BoxRevoked", word)
        elif differ:
            must("P1 a copy is found at its first contact", word == "HistoriesDiffer", (box.name, word))
            must("P1 the proof is kept", proven(w, box), box.name)
            w.caught += 1
            w.seen["copy: found at its first contact, with its proof"] += 1
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
            said = repair.reopen(box.store, w.line(box, good=good), box.code, hw="sim")
            box.ack.unlink(missing_ok=True)
            box.note_tip()
            box.stolen, done = False, True
            if w.chance.random() < 0.7:
                hear_number(w, box.cafe, said.check_number)
            if w.chance.random() < 0.9:
                box.code = ""
        except CODE_TROUBLES as told:
            word, box.code = f"joins: {type(told).__name__}", ""
        except SyncTrouble as told:
            word = f"joins: {type(told).__name__}"
        w.tell(f"{box.name} {word}", f"code: {'a first journal' if new else 'a repair'} {word}")
        if done and new:
            furnish(box.store)
    return done


def hear_number(w: World, cafe: int, number: str) -> None:
    """The coordinator hears the check number of a box on the telephone."""
    with w.office.db.writing() as conn:
        if enrolment.confirm_number(conn, cafe, number, by="sim", at=w.clock.now_ms()):
            w.seen["code: the check number is confirmed"] += 1
