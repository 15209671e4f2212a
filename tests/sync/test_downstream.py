"""What HQ sends down: every rule by the name of the attack it stops (ZJP/1 §2.11)."""

import sqlite3
from collections.abc import Callable

import msgspec
import pytest
from sqlalchemy import delete, select, update

from hq import downstream, revisions
from hq.local import LocalHq
from hq.network_tables import announcement, manifest
from hq.tables import hq_setting
from hq.wiring import Office
from pos import seal
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.store import Store
from sync import agent, trouble, wire
from sync import downstream as box
from sync import manifest as manifests
from sync.line import Answer, Line
from tests.conftest import key_of
from tests.hq.conftest import JoinCafe
from tests.sync.coming_down import (
    Bad,
    confirmed_box,
    price,
    price_of,
    say,
    serial,
    titles,
    troubles,
)


@pytest.fixture
def store(join: JoinCafe, office: Office) -> Store:
    """A café whose box is confirmed, with one product on its menu."""
    return confirmed_box(join, office)


def test_rollback_is_refused(store: Store, office: Office, line: LocalHq) -> None:
    """An older manifest, signed by HQ itself, changes nothing; the refusal is an entry, written once."""
    say(office, "Ancienne")
    old: list[bytes] = []

    def keep(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if "manifest" in path:
            old.append(answer.body)
        return answer

    agent.push(store, Line(Bad(office, keep)))
    say(office, "Nouvelle")
    agent.push(store, line)
    highest = serial(store)
    say(office, "Suivante")
    replaying = Line(Bad(office, lambda path, ask: Answer(200, old[0]) if "manifest" in path else ask()))
    agent.push(store, replaying)
    agent.push(store, replaying)
    assert set(titles(store)) == {"Ancienne", "Nouvelle"}
    assert serial(store) == highest
    assert troubles(store) == ["rollback"]
    agent.push(store, line)
    assert "Suivante" in titles(store)


def test_mix_and_match_is_refused(store: Store, office: Office, line: LocalHq) -> None:
    """A blob that is not the one the manifest names is not applied, nor anything that came with it."""
    say(office)
    price(office)
    other = wire.pack(b'{"prices":[],"type":"prices","v":1}')
    agent.push(store, Line(Bad(office, lambda path, ask: Answer(200, other) if "blob" in path else ask())))
    assert (titles(store), price_of(store), serial(store)) == ([], 200, 0)
    assert troubles(store) == ["mix_and_match"]
    agent.push(store, line)
    assert (len(titles(store)), price_of(store)) == (1, 180)


def signed_by(keyring: seal.Keyring, **fields: object) -> bytes:
    """A manifest somebody signed."""
    values = {"cafe": 17, "channels": {}, "serial": 1, "t": 1} | fields
    return wire.dump(msgspec.to_builtins(manifests.sign(keyring, manifests.Manifest(**values))))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attack", "answer"),
    [
        ("fast_forward", signed_by(key_of("hq"), serial=10**6 + 10**5)),
        ("bad_signature", signed_by(key_of("somebody"), serial=9_000)),
        ("other_cafe", signed_by(key_of("hq"), cafe=18, serial=9_000)),
    ],
)
def test_a_manifest_that_is_not_to_be_believed_is_refused(
    store: Store, office: Office, attack: str, answer: bytes
) -> None:
    """A leap beyond a million, another key, another café's: refused by name, and the next true one is taken."""
    say(office)
    agent.push(store, Line(Bad(office, lambda path, ask: Answer(200, answer) if "manifest" in path else ask())))
    assert troubles(store) == [attack]
    assert serial(store) == 0
    agent.push(store, LocalHq(office))
    assert len(titles(store)) == 1


def test_the_highest_serial_cannot_be_written_down(store: Store, office: Office, line: LocalHq) -> None:
    """The table refuses a lower number, another row and a deletion; retelling leaves it; the journal alone gives it back."""
    say(office)
    agent.push(store, line)
    highest = serial(store)
    for statement in (
        "UPDATE sync_manifest SET serial = serial - 1", "DELETE FROM sync_manifest",
        "INSERT OR REPLACE INTO sync_manifest (one, serial, at) VALUES (1, 1, 1)",
    ):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError), store.writing(by="box") as tx:
            tx.conn.execute(statement)
    store.retell()
    assert serial(store) == highest
    with store.writing(by="box") as tx:
        tx.conn.execute("DROP TABLE sync_manifest")
    assert serial(store) == highest


def test_freeze_raises_an_amber_light_at_both_ends(store: Store, office: Office, clock: StoppedClock) -> None:
    """Held on an old manifest, a box says so after 30 days; HQ signs anew each week, so that this is no false alarm."""
    assert (box.stale_days(store), box.wanted(store)) == (0, False), "no manifest was ever promised"
    say(office)
    agent.push(store, LocalHq(office))
    clock.tick(box.STALE_MS)
    assert box.stale_days(store) == 0
    clock.tick(-box.STALE_MS)
    frozen = Line(Bad(office, _frozen))
    for _week in range(5):
        clock.tick(7 * 86_400_000)
        agent.push(store, frozen)
    assert box.stale_days(store) == 35
    with office.db.reading() as conn:
        assert downstream.behind(conn, clock.now_ms(), {17}) == {17}
    agent.push(store, LocalHq(office))
    assert box.stale_days(store) == 0
    with office.db.reading() as conn:
        assert downstream.behind(conn, clock.now_ms(), {17}) == set()


def _frozen(path: str, ask: Callable[[], Answer]) -> Answer:
    answer = ask()
    if "hello" not in path:
        return answer
    told = msgspec.json.decode(answer.body)
    return Answer(answer.status, msgspec.json.encode(told | {"manifest": 0}))


@pytest.mark.parametrize("at", ["manifest", "blob"])
def test_a_line_cut_in_between_changes_nothing_and_is_taken_up_again(store: Store, office: Office, at: str) -> None:
    """Half of what came is never kept; the sales went before; the box knows that it has to call again."""
    say(office)
    price(office)
    seen: list[str] = []

    def cut(path: str, ask: Callable[[], Answer]) -> Answer:
        if at in path:
            seen.append(path)
            # The second blob, when blobs are cut.
            if len(seen) == (2 if at == "blob" else 1):
                raise trouble.HqUnreachable
        return ask()

    with pytest.raises(SyncTrouble):
        agent.push(store, Line(Bad(office, cut)))
    assert agent.backlog(store) == 0
    assert (titles(store), price_of(store), serial(store)) == ([], 200, 0)
    assert box.wanted(store)
    agent.push(store, LocalHq(office))
    assert not box.wanted(store)
    assert (len(titles(store)), price_of(store)) == (1, 180)


def test_an_old_box_and_an_old_hq_are_served_as_before(store: Store, office: Office, line: LocalHq) -> None:
    """A welcome without the field asks for nothing; channels and fields of later releases are left aside."""
    say(office)

    def old_hq(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        told = msgspec.json.decode(answer.body) if "hello" in path else None
        if told is None:
            return answer
        del told["manifest"]
        return Answer(answer.status, msgspec.json.encode(told))

    counting = Bad(office, old_hq)
    agent.push(store, Line(counting))
    assert not [path for path in counting.asked if "manifest" in path]
    text = wire.dump({
        "cafe": 17, "channels": {"weather": {"n": 1, "sha256": "0" * 64, "colour": "grey"}}, "later": 1, "serial": 8_000,
        "t": 1, "type": "manifest", "v": 1,
    })  # fmt: skip
    later = wire.dump({"manifest": text.decode(), "sig": key_of("hq").sign(manifests.MANIFEST, text).hex(), "more": 2})
    agent.push(store, Line(Bad(office, lambda path, ask: Answer(200, later) if "manifest" in path else ask())))
    assert (serial(store), troubles(store)) == (8_000, [])


def test_an_hq_that_does_not_name_its_manifest_is_asked_once(store: Store, office: Office, line: LocalHq) -> None:
    """The serial is the one held, and no word says that it is another manifest: nothing is fetched again."""
    say(office)
    agent.push(store, line)

    def unnamed(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        told = msgspec.json.decode(answer.body) if "hello" in path else {}
        return Answer(answer.status, msgspec.json.encode(told | {"manifest_mark": ""})) if told else answer

    for counting in (Bad(office), Bad(office, unnamed)):
        agent.push(store, Line(counting))
        assert not [path for path in counting.asked if "manifest" in path]


def test_an_hq_put_back_from_an_older_copy_goes_on_above_what_it_had_given(
    store: Store, office: Office, line: LocalHq
) -> None:
    """It never gives a number twice with other content: the box says what it has, and HQ goes beyond."""
    say(office, "Première")
    agent.push(store, line)
    with office.db.reading() as conn:
        copy = dict(conn.execute(select(manifest)).mappings().one())
    for n in range(3):
        say(office, f"Suite {n}")
        agent.push(store, line)
    highest = serial(store)
    with office.db.writing() as conn:
        conn.execute(update(manifest).values(copy))
        conn.execute(update(hq_setting).where(hq_setting.c.name == revisions.REVISION).values(value="1"))
    say(office, "Après")
    agent.push(store, line)
    assert serial(store) == highest + 1
    assert "Après" in titles(store)
    assert troubles(store) == []


def test_an_hq_put_back_that_gives_a_number_twice_is_found_out(store: Store, office: Office, line: LocalHq) -> None:
    """One list was lost with the backup, another made in the same hour: the box asks for a higher number, and has it."""
    say(office, "Première")
    agent.push(store, line)
    with office.db.reading() as conn:
        copy = dict(conn.execute(select(manifest)).mappings().one())
    lost = say(office, "Perdue")
    agent.push(store, line)
    had = serial(store)
    with office.db.writing() as conn:
        conn.execute(delete(announcement).where(announcement.c.id == lost))
        conn.execute(update(manifest).values(copy))
    say(office, "Après")
    with office.db.writing() as conn:
        assert downstream.named(office.db, office.keyring, conn, 17, office.clock.now_ms())[0] == had
    agent.push(store, line)
    assert serial(store) > had
    assert sorted(titles(store)) == ["Après", "Première"]
    assert troubles(store) == []


@pytest.mark.parametrize("blob", [b"\xff\xfe", b"{}", b"[" * 5_000])
def test_a_list_that_cannot_be_read_changes_nothing(store: Store, office: Office, blob: bytes) -> None:
    """Whatever HQ signed by mistake: refused, told, and the next good list is taken."""
    named = {"announce": manifests.Channel(n=1, sha256=manifests.digest(blob))}
    answer = signed_by(key_of("hq"), serial=10, channels=named)
    given = {"manifest": answer, "blob": wire.pack(blob)}
    bad = Bad(office, lambda path, ask: next((Answer(200, b) for k, b in given.items() if k in path), None) or ask())
    say(office)
    agent.push(store, Line(bad))
    assert (troubles(store), serial(store)) == (["unreadable"], 0)
    assert not box.wanted(store), "no call of its own for what is refused again"
    agent.push(store, LocalHq(office))
    assert len(titles(store)) == 1


def test_what_hq_no_longer_has_is_asked_again_another_time(store: Store, office: Office) -> None:
    """A blob replaced between two requests is no fault of anybody: nothing is told, nothing kept."""
    say(office)
    gone = Answer(404, b'{"code":"no_blob"}')
    agent.push(store, Line(Bad(office, lambda path, ask: gone if "blob" in path else ask())))
    assert (troubles(store), titles(store)) == ([], [])
    agent.push(store, LocalHq(office))
    assert len(titles(store)) == 1
