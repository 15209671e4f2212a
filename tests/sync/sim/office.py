"""What people do at HQ, and what strangers do to it: backups, upgrades, lists, revocations, old requests."""

from dataclasses import replace

from hq import announcing, enrolment, pricing
from hq.access import OFFICE
from hq.register import change_cafe
from pos.clock import business_day
from tests.cast import MENU
from tests.sync.sim.acts import some
from tests.sync.sim.line import code_of, deliver, must
from tests.sync.sim.world import World, acked


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
        # It takes a while: no grant is given in the millisecond of one that is forgotten.
        w.clock.tick(60_000)
        w.known_cursors = {}
        w.rollbacks += 1
        w.tell(f"HQ is put back from {path.stem}", "HQ: is put back from a backup")
        if w.learnt:
            learn(w)


def revoke(w: World) -> None:
    """A box is reported stolen: HQ refuses it from its next request on."""
    box = some(w)
    if box is None or len(w.boxes) < 2:
        return
    assert box.store.journal is not None
    with w.office.db.writing() as conn:
        row = next((r for r in enrolment.boxes(conn, box.cafe) if r.jid == box.store.journal.jid), None)
        if row is not None:
            enrolment.revoke(conn, box.cafe, row.jn)
    box.stolen = row is not None
    w.tell(f"{box.name} is reported stolen", "HQ: revokes a box")


def new_key(w: World) -> None:
    """HQ asks a café's box to take another key."""
    with w.office.db.writing() as conn:
        enrolment.ask_rotation(conn, w.chance.choice(w.cafes))
    w.tell("HQ asks for a new key", "HQ: asks for a new key")


def switch(w: World) -> None:
    """HQ switches services of a café."""
    codes = tuple(sorted(w.chance.sample(("bread", "cash_out", "parcel", "post"), 2)))
    cafe = w.chance.choice(w.cafes)
    with w.office.db.writing() as conn:
        change_cafe(conn, cafe, replace(w.sheet(cafe), services=codes), by="sim", now_ms=w.clock.now_ms())
    w.tell(f"HQ switches on {codes}", "HQ: switches services")


def announce(w: World) -> None:
    """HQ announces something to all or to one café, or takes an announcement back."""
    now = w.clock.now_ms()
    today = business_day(now)
    with w.office.db.writing() as conn:
        shown = announcing.listed(conn, OFFICE, today=today)
        if shown and w.chance.random() < 0.3:
            announcing.end(conn, OFFICE, w.chance.choice(shown)["id"], now_ms=now)
            w.tell("HQ takes an announcement back", "lists: an announcement is taken back")
            return
        w.n += 1
        draft = announcing.Draft(
            title=f"News {w.n}", words="Lundi.", first=today, last=w.chance.choice(("", today)),
            cafe_id=w.chance.choice((None, *w.cafes)), urgent=w.chance.random() < 0.3,
        )  # fmt: skip
        announcing.announce(conn, OFFICE, draft, now_ms=now)
    w.tell(f"HQ announces News {w.n}", f"lists: HQ announces{', urgent' if draft.urgent else ''}")


def price(w: World) -> None:
    """HQ sets the network's price or a ceiling, from today or later; or ends a price."""
    now, chosen = w.clock.now_ms(), w.chance.choice(MENU[:5])
    first = business_day(now + w.chance.choice((0, 0, 24 * 3_600_000)))
    with w.office.db.writing() as conn:
        if w.chance.random() < 0.2:
            pricing.end_price(conn, OFFICE, chosen.ean or chosen.product, first, now_ms=now)
        else:
            cents = w.chance.randrange(50, 900)
            typed = pricing.Typed(
                ref=chosen.ean or chosen.product, label=chosen.label, price=w.chance.choice(("", f"{cents},00")),
                ceiling=f"{cents + 50},00", first=first,
            )  # fmt: skip
            pricing.set_price(conn, OFFICE, typed, now_ms=now)
    w.tell(f"HQ prices {chosen.product} from {first} on", "lists: HQ prices")


def learn(w: World) -> None:
    """HQ is upgraded: it learns the kinds of tomorrow, and tells everything again."""
    w.learnt = True
    w.office.projections = w.shop.later
    with w.office.db.writing() as conn:
        w.office.projections.rebuild(conn)
    w.tell("HQ is upgraded", "release: HQ is upgraded")


def replay(w: World) -> None:
    """Somebody sends HQ requests that it heard, or should have heard, before, in any order."""
    for request in w.chance.sample(w.captured, min(len(w.captured), 4)):
        answer = deliver(w, request)
        w.tell(
            f"an old {request.path.partition('?')[0]} is heard again: {answer.status} {code_of(answer)}",
            "line: an old request is heard again",
        )


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
            w.tell("a batch is sent with another's pass: refused", "line: another's pass is refused")


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
