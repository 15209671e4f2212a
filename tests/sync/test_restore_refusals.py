"""What a new box does not believe while its café comes back, and what comes back where not everything can (§2.10)."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hq import enrolment
from hq.local import LocalHq
from hq.wiring import Office
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.events import Event
from pos.feature import Feature
from pos.house import FEATURES
from pos.store import Store
from pos.system import JournalContinued, JournalImport, JournalOpened
from sync import ackfile, agent, former, found_copy, orphans, rebuild, repair, restore, trouble, wire
from sync.brought import CHECK, TELL, Brought
from sync.line import Answer, Enrolled, Line
from tests.cast import open_cafe
from tests.conftest import grant_for, key_of
from tests.hq.conftest import JoinCafe
from tests.sync.coming_down import Bad
from tests.sync.test_repair import CAFE, PRICE, copy_of, heal, sales, sold
from tests.sync.test_restore import asked, blank, restored, tables


@pytest.fixture
def cafe(join: JoinCafe, line: LocalHq) -> Store:
    """A café with three sales, all at HQ."""
    store = join()
    open_cafe(store)
    sales(store, 3)
    agent.push(store, line)
    return store


@pytest.fixture
def spare(cafe: Store, office: Office, line: LocalHq) -> tuple[Store, Enrolled]:
    """A new box that was let in, and HQ's word to it."""
    box = blank(cafe, "spare")
    return box, asked(office, line, box)


def fetched(line: Line, box: Store, told: Enrolled) -> Brought:
    """Bring what HQ holds beside the box's file."""
    return restore.fetch(box, line, told, box.path.with_name("coming.db"))


def nothing_came(box: Store) -> bool:
    """Tell whether no batch was kept."""
    with closing(sqlite3.connect(box.path.with_name("coming.db"))) as conn:
        return conn.execute("SELECT count(*) FROM coming").fetchone() == (0,)


def piecewise(office: Office, bend: Callable[[int, Callable[[], Answer]], Answer]) -> Line:
    """HQ whose n-th piece is bent."""
    n = [0]

    def change(path: str, ask: Callable[[], Answer]) -> Answer:
        if not path.startswith("/v1/restore/"):
            return ask()
        n[0] += 1
        return bend(n[0], ask)

    return Line(Bad(office, change))


def listing(office: Office, bend: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]) -> Line:
    """HQ whose list of journals is bent."""

    def change(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if path != "/v1/restore":
            return answer
        return Answer(200, json.dumps({"journals": bend(json.loads(answer.body)["journals"])}).encode())

    return Line(Bad(office, change))


def test_a_pass_that_ended_is_asked_anew(cafe: Store, spare: tuple[Store, Enrolled], office: Office) -> None:
    """A slow line outlives the pass of half an hour: the box says hello again and goes on; any other no is told."""
    box, told = spare
    no = Answer(403, b'{"code":"revoked"}')
    with pytest.raises(trouble.BoxRevoked):
        fetched(piecewise(office, lambda _n, _ask: no), box, told)
    late = Answer(401, b'{"code":"unknown_key"}')
    brought = fetched(piecewise(office, lambda n, ask: late if n == 1 else ask()), box, told)
    assert brought.entries == brought.journals[0].seq + 1 > 0
    box.close()


def test_pieces_grow_while_the_line_is_quick_only(
    cafe: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each quick piece doubles the next up to a limit; slow ones leave it as it is."""
    for _ in range(3):
        agent.push(cafe, line)
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    monkeypatch.setattr(restore, "FIRST_MOST", 1)
    monkeypatch.setattr(restore, "MOST", 4)
    for quick, sizes in ((5.0, [1, 2, 4, 4]), (0.0, [1, 1, 1, 1])):
        monkeypatch.setattr(restore, "QUICK_S", quick)
        bad = one_by_one(office)
        restore.fetch(box, Line(bad), told, box.path.with_name(f"coming-{quick}.db"))
        assert [int(path.rpartition("=")[2]) for path in bad.asked if "most=" in path] == sizes
    box.close()


@pytest.mark.parametrize("what", ["grant", "signature", "hex", "name", "cafe", "hq"])
def test_a_journal_hq_never_granted_is_not_taken(
    spare: tuple[Store, Enrolled], office: Office, line: LocalHq, what: str
) -> None:
    """A grant that is none, another hand's signature, another name, café or HQ: nothing is asked of it."""
    box, told = spare
    other, signature = grant_for(
        key_of("b"), office.keyring if what == "cafe" else key_of("stranger"), cafe=18 if what == "cafe" else CAFE
    )
    change = {
        "grant": {"grant": "{}"}, "signature": {"sig": "00" * 64}, "hex": {"sig": "zz"}, "name": {"jid": "0" * 16},
    }.get(what, {"grant": other.decode(), "sig": signature.hex()})  # fmt: skip
    if what in ("cafe", "hq"):
        change["jid"] = wire.seal.ds(wire.seal.GENESIS, other)[:8].hex()
    with pytest.raises(trouble.HqTalksRubbish):
        fetched(listing(office, lambda told: [one | change for one in told]), box, told)
    assert nothing_came(box)
    fetched(line, box, told)
    box.close()


def test_batches_the_dead_box_did_not_sign_are_not_taken(
    cafe: Store, spare: tuple[Store, Enrolled], office: Office, line: LocalHq
) -> None:
    """No entry, a hole, an entry changed, another journal's head or another key's signature: refused, nothing kept."""
    box, told = spare
    good: list[bytes] = []
    fetched(piecewise(office, lambda _n, ask: (good.append((answer := ask()).body), answer)[1]), box, told)
    batch = wire.read_batch(wire.unpack(good[0]))
    header, bodies, key = batch.header, list(batch.bodies), cafe.keyring
    prev, name = bytes.fromhex(header.prev), header.head
    end = wire.fold(prev, bodies)

    def made(first: int, told: list[bytes], **more: Any) -> bytes:
        before = end[first - 1] if first else prev
        head = msgspec.structs.replace(name, **{
            "head": wire.fold(before, told)[-1].hex() if told else before.hex(), "seq": first + len(told) - 1, **more,
        })  # fmt: skip
        return wire.pack(wire.make_batch(head, wire.sign_head(key, head), before, first, told))

    unsigned = wire.pack(wire.make_batch(name, b"\0" * 64, prev, 0, bodies))
    miscounted = msgspec.structs.replace(header, count=header.count + 1)
    for raw in (
        made(0, []), made(1, bodies[1:]), made(0, bodies, seq=99), made(0, bodies, j="0" * 16), made(0, bodies, cafe=18),
        made(0, [*bodies[:-1], bodies[-1] + b" "], head=header.head.head), made(0, bodies, head="00" * 32), unsigned,
        wire.pack(wire.dump(miscounted) + b"\n" + b"\n".join((*bodies, b""))),
    ):  # fmt: skip
        box.path.with_name("coming.db").unlink()
        with pytest.raises(trouble.HqTalksRubbish):
            fetched(piecewise(office, lambda _n, _ask, raw=raw: Answer(200, raw)), box, told)
        assert nothing_came(box)
    fetched(piecewise(office, lambda _n, _ask: Answer(200, made(0, bodies))), box, told)
    box.close()


@pytest.mark.parametrize("bend", [lambda _told: [], lambda told: [one | {"seq": one["seq"] - 1} for one in told]])
def test_what_comes_must_go_through_the_entry_of_the_grant(
    spare: tuple[Store, Enrolled], office: Office, bend: Callable[[list[Any]], list[Any]]
) -> None:
    """HQ granted the café upon an entry; a list that stops short of it is not the café's."""
    box, told = spare

    def cut(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if path == "/v1/restore":
            return Answer(200, json.dumps({"journals": bend(json.loads(answer.body)["journals"])}).encode())
        if path.startswith("/v1/restore/"):
            batch = wire.read_batch(wire.unpack(answer.body))
            head = msgspec.structs.replace(
                batch.header.head, seq=len(batch.bodies) - 2,
                head=wire.fold(bytes.fromhex(batch.header.prev), batch.bodies)[-2].hex(),
            )  # fmt: skip
            signature = wire.sign_head(key_of("box17"), head)
            raw = wire.make_batch(head, signature, bytes.fromhex(batch.header.prev), 0, batch.bodies[:-1])
            return Answer(200, wire.pack(raw))
        return answer

    with pytest.raises(trouble.HqTalksRubbish):
        fetched(Line(Bad(office, cut)), box, told)
    box.close()


def test_a_file_spoilt_before_it_is_put_together_is_damaged(
    cafe: Store, spare: tuple[Store, Enrolled], line: LocalHq, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card changed what had come: no café is opened upon it, and whoever waits was told how far it went."""
    box, told = spare
    brought = fetched(line, box, told)
    monkeypatch.setattr(rebuild, "TOLD_EVERY", 4)
    steps: list[tuple[str, int, int]] = []
    beside, path = box.path.with_name("coming.db"), box.path.with_name("restored.db")
    back = rebuild.build(beside, brought, told, path, box, progress=lambda *step: steps.append(step))
    total = brought.entries
    assert steps == [
        *((CHECK, n, total) for n in range(4, total + 1, 4)), (TELL, 0, total), (TELL, total, total),
    ]  # fmt: skip
    assert tables(back) == tables(cafe)
    back.close()
    with closing(sqlite3.connect(beside)) as conn:
        (packed,) = conn.execute("SELECT body FROM coming").fetchone()
        raw = wire.unpack(packed).replace(b'"op":"g1"', b'"op":"g2"')
        conn.execute("UPDATE coming SET body = ?", (wire.pack(raw),))
        conn.commit()
    with pytest.raises(trouble.JournalDamaged):
        rebuild.build(beside, brought, told, path, box)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT count(*) FROM journal_entry").fetchone() == (0,)
    box.close()


def one_by_one(office: Office, bend: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = list) -> Bad:
    """HQ whose list of journals is bent, and which gives one batch at a time."""

    def change(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if path == "/v1/restore":
            return Answer(200, json.dumps({"journals": bend(json.loads(answer.body)["journals"])}).encode())
        if path.startswith("/v1/restore/"):
            return Answer(answer.status, next(restore.members(answer.body))[0])
        return answer

    return Bad(office, change)


@pytest.mark.parametrize("lost", ["grant", "end", "carried"])
def test_a_journal_hq_does_not_hold_to_its_end_is_not_half_restored(
    cafe: Store, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """An HQ put back lost a journal's grant or its end, which the next one names: sums go on, none with a hole is opened."""
    kept = ackfile.last(cafe)
    assert kept is not None
    agent.push(cafe, line)
    if lost == "carried":
        # Nothing of its end came again either: too long to be.
        monkeypatch.setattr(orphans, "CARRIED_MAX", 100)
    heal(office, cafe, line)
    sales(cafe, 1)
    agent.push(cafe, line)
    box = blank(cafe, "spare")
    told = asked(office, line, box)

    def bend(named: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return named[1:] if lost == "grant" else [named[0] | {"seq": kept.seq, "head": kept.head}, *named[1:]]

    brought = fetched(Line(one_by_one(office, bend)), box, told)
    back = rebuild.build(box.path.with_name("coming.db"), brought, told, box.path.with_name("restored.db"), box)
    assert back.journals() == []
    repair.follow(back, line, told)
    assert sold(back) == (4, 4 * PRICE)
    back.close()
    box.close()


def test_an_older_stick_or_another_café_s_adds_no_entry(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path, join: JoinCafe
) -> None:
    """A copy that does not reach HQ's last entry, of another history or of another café: HQ's entries alone come back."""
    older = tmp_path / "older.db"
    cafe._writer.execute("VACUUM INTO ?", (str(older),))
    twin = copy_of(cafe, tmp_path / "twin.db")
    sales(twin, 9)
    sales(cafe, 2)
    agent.push(cafe, line)
    foreign = join(18)
    whole = tables(cafe)
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    brought = fetched(line, box, told)
    for copy in (older, twin.path, foreign.path):
        back = rebuild.build(
            box.path.with_name("coming.db"), brought, told, box.path.with_name("restored.db"), box, copy=copy
        )
        assert tables(back) == whole
        back.close()
    twin.close()
    box.close()


def test_a_box_that_carries_other_histories_comes_back_with_its_own(
    cafe: Store, office: Office, line: LocalHq, tmp_path: Path
) -> None:
    """Repaired, then two sticks of other histories and an entry that had rotted: its own end stands where it was."""
    sticks = [copy_of(cafe, tmp_path / "early.db"), cafe]
    sales(cafe, 1)
    agent.push(cafe, line)
    old = copy_of(cafe, tmp_path / "old.db")
    sales(cafe, 2)
    agent.push(cafe, line)
    sales(old, 2)
    heal(office, old, line)
    for n, one in enumerate(sticks):
        sales(one, 9)
        stick = tmp_path / f"stick{n}.db"
        one._writer.execute("VACUUM INTO ?", (str(stick),))
        found_copy.take(old, stick, by="g1")
    with old.writing(by="box") as tx:
        tx.record(JournalImport(orig="11" * 32, prev="22" * 32, entry="", packed=wire.pack_entry(b"rotten")))
    agent.push(old, line)
    agent.push(old, line)
    box = blank(cafe, "spare")
    told = asked(office, line, box)
    back = restored(line, box, told)
    assert tables(back) == tables(old)
    assert check_everything(back).findings == ()
    for one in (back, box, old, sticks[0]):
        one.close()


@pytest.fixture
def cards(join: JoinCafe, office: Office, line: LocalHq, tmp_path: Path, clock: StoppedClock) -> list[Store]:
    """A card copied before it joined, one code typed on both: two sales on each, and HQ heard the first."""
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, CAFE, enrolment.NEW, by="test", at=clock.now_ms())
    made = [Store(tmp_path / f"{n}.db", clock=clock, keyring=key_of("box17"), features=FEATURES) for n in range(2)]
    for one in made:
        repair.reopen(one, line, str(code), hw="test")
        clock.tick(1_000)
        open_cafe(one)
        sales(one, 2)
    agent.push(made[0], line)
    return made


def test_a_card_that_parted_at_the_first_entry_comes_back_with_its_own(
    cards: list[Store], office: Office, line: LocalHq
) -> None:
    """Both have the same first journal, and not one entry of it in common: the one that was repaired is what comes."""
    heal(office, cards[1], line)
    box = blank(cards[1], "spare")
    back = restored(line, box, asked(office, line, box))
    assert tables(back) == tables(cards[1])
    assert check_everything(back).findings == ()
    for one in (back, box, *cards):
        one.close()


def test_a_stick_that_parted_at_the_first_entry_gives_all_it_has(
    cards: list[Store], office: Office, line: LocalHq
) -> None:
    """The café came back as HQ heard it; the stick is of the other card: every sale of it is new."""
    box = blank(cards[0], "spare")
    told = asked(office, line, box)
    back = restored(line, box, told)
    repair.follow(back, line, told)
    found = found_copy.take(back, cards[1].path, by="g1")
    assert (found.after, found.kinds["till.sale_completed"], sold(back)[1]) == (-1, 2, 4 * PRICE)
    for one in (back, box, *cards):
        one.close()


# A box that fell back to the release before


class LaterImport(Event, frozen=True, kw_only=True):
    """An import as a later release might write it."""

    kind = JournalImport.kind
    kv = 2
    orig: str


class LaterContinued(Event, frozen=True, kw_only=True):
    """A journal's going on, as a later release might write it."""

    kind = JournalContinued.kind
    kv = 2
    taken: list[str] = []


def test_what_a_later_release_wrote_is_passed_over(cafe: Store, office: Office, line: LocalHq) -> None:
    """The box fell back after an update: imports and repairs it cannot read are no fault, and stop no repair."""
    later = Feature(slug="later", title="Later", events=(LaterImport, LaterContinued))
    path, clock, keyring = cafe.path, cafe.clock, cafe.keyring
    cafe.close()
    with closing(Store(path, clock=clock, keyring=keyring, features=(*FEATURES, later))) as newer:
        grant, signature = grant_for(keyring, office.keyring, issued=clock.now_ms() + 1, n=2)
        newer.open_journal(grant=grant, signature=signature, hq_key=office.keyring.public)
        with newer.writing(by="box") as tx:
            tx.record(JournalOpened(grant="0" * 64, hw="test", sw="9"))
            tx.record(LaterContinued(taken=["a"]))
            tx.record(LaterImport(orig="00" * 32))
    with closing(Store(path, clock=clock, keyring=keyring, features=FEATURES)) as store:
        assert list(former.carried(store, 0)) == []
        assert repair._taken_up(store) == {}
