"""What HQ sends down: every rule by the name of the attack it stops (ZJP/1 §2.11)."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hq import announcing, downstream, enrolment, pricing
from hq.access import OFFICE
from hq.local import LocalHq, LocalTransport
from hq.network_tables import announcement, blob, manifest
from hq.tables import hq_setting
from hq.wiring import Office
from pos import drafts, seal
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.store import Store
from pos.till import close, network, network_apply, sell, tables
from pos.till.events import ProductListed
from pos.till.network_events import ConfigApplied
from sync import agent, trouble, wire
from sync import downstream as box
from sync import manifest as manifests
from sync.line import Answer, Line
from tests.conftest import key_of
from tests.hq.conftest import ENGINES, JoinCafe

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
DAY = "2026-11-20"
COFFEE = "3012345678902"
Mistreat = Callable[[str, Callable[[], Answer]], Answer]


class Bad:
    """A transport that mistreats some answers of the real desk."""

    def __init__(self, office: Office, mistreat: Mistreat = lambda _path, ask: ask()) -> None:
        self.mistreat = mistreat
        self._real = LocalTransport(office)
        self.asked: list[str] = []

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        self.asked.append(path)
        return self.mistreat(path, lambda: self._real.send(method, path, body, packed=packed, token=token))


@pytest.fixture
def store(join: JoinCafe, office: Office) -> Store:
    """A café whose box is confirmed, with one product on its menu."""
    made = join(17)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 17, enrolment.boxes(conn, 17)[-1].jn, by="t", at=office.clock.now_ms())
    product(made, 200)
    return made


def product(store: Store, price: int, *, reason: str = "", by: str = "g1") -> None:
    """Put the coffee on the menu at a price."""
    from pos.till import catalogue

    listed = ProductListed(
        product="coffee", label="Café moulu 250 g", category="epicerie", price=price, vat_class="grocery", ean=COFFEE
    )
    catalogue.list_product(store, listed, reason=reason, by=by)


def price_of(store: Store) -> int:
    """The coffee's price on the menu."""
    with store.reading() as conn:
        row = tables.product(conn, "coffee")
    assert row is not None
    return int(row["price"])


def say(office: Office, title: str = "Livraison décalée", **more: object) -> str:
    """Announce something to everybody."""
    with office.db.writing() as conn:
        draft = announcing.Draft(title=title, words="Lundi au lieu de vendredi.", first=DAY, **more)  # type: ignore[arg-type]
        return announcing.announce(conn, OFFICE, draft, now_ms=office.clock.now_ms())


def price(office: Office, price: str = "1,80", ceiling: str = "", first: str = DAY) -> None:
    """Set the coffee's network price."""
    with office.db.writing() as conn:
        typed = pricing.Typed(ref=COFFEE, label="Café moulu 250 g", price=price, ceiling=ceiling, first=first)
        pricing.set_price(conn, OFFICE, typed, now_ms=office.clock.now_ms())


def titles(store: Store) -> list[str]:
    """The news shown."""
    with store.reading() as conn:
        return [one.title for one in network.news(conn, DAY)]


def applied(store: Store) -> list[tuple[str, int]]:
    """Channels and numbers as the journal says they came into force."""
    from pos import journal

    assert store.journal is not None
    with store.reading() as conn:
        bodies = [journal.read_envelope(one.body) for one in journal.entries(conn, store.journal)]
    events = (store.types.decode(one.kind, one.kv, one.data) for one in bodies if one.kind == ConfigApplied.kind)
    return [(one.channel, one.n) for one in events if isinstance(one, ConfigApplied)]


def troubles(store: Store) -> list[str]:
    """Why manifests were refused, as the journal says."""
    with store.reading() as conn:
        rows = conn.execute(
            "SELECT CAST(body AS TEXT) FROM journal_entry WHERE instr(CAST(body AS TEXT), 'manifest_refused')"
        )
        return [msgspec.json.decode(row[0])["data"]["detail"].partition(":")[0] for row in rows]


def serial(store: Store) -> int:
    """The highest serial believed."""
    with store.reading() as conn:
        return box.serial(conn)


@both
def test_what_hq_says_reaches_the_counter_and_the_journal_tells_which_list_is_in_force(
    store: Store, office: Office, line: LocalHq
) -> None:
    """Announcements and prices come in one call, each list an entry; the next call asks for nothing."""
    agent.push(store, line)
    assert serial(store) == 0
    say(office)
    price(office, "1,80", "2,10")
    counting = Bad(office)
    agent.push(store, Line(counting))
    assert [path.partition("?")[0] for path in counting.asked if "manifest" in path] == ["/v1/manifest"]
    assert titles(store) == ["Livraison décalée"]
    assert price_of(store) == 180
    assert applied(store) == [("announce", 1), ("prices", 1)]
    counting.asked.clear()
    agent.push(store, Line(counting))
    assert not [path for path in counting.asked if "manifest" in path or "blob" in path]
    with office.db.reading() as conn:
        kept = [bytes(row) for row in conn.execute(select(blob.c.body)).scalars()]
    with store.reading() as conn:
        named = {row["sha256"] for row in conn.execute("SELECT sha256 FROM network_applied")}
    assert named <= {manifests.digest(one) for one in kept}
    assert store.tables_that_differ() == []


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
    say(office)
    agent.push(store, LocalHq(office))
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


def test_nothing_is_applied_inside_an_open_bill_nor_before_the_closing_unless_urgent(
    store: Store, office: Office, line: LocalHq
) -> None:
    """Prices wait for the closing; an urgent word waits for the bill only."""
    close.open_day(store, 100_00, by="g1")
    price(office)
    agent.push(store, line)
    assert price_of(store) == 200
    tab = sell.add_product(store, None, "coffee", by="g1")
    say(office, "Rappel : lot 12", urgent=True)
    agent.push(store, line)
    assert titles(store) == []
    sell.void_tab(store, tab.tab_id, "mistake", by="g1")
    assert network_apply.apply_waiting(store) == ["announce"]
    assert (titles(store), price_of(store)) == (["Rappel : lot 12"], 200)
    assert network_apply.due(store)
    close.close_day(store, by="g1")
    assert network_apply.apply_waiting(store) == ["prices"]
    assert price_of(store) == 180
    assert not network_apply.due(store)


def test_a_price_takes_effect_on_its_day(store: Store, office: Office, clock: StoppedClock) -> None:
    """A list may say what is to come: the menu changes on that day, without another list."""
    price(office, "1,90", first="2026-11-22")
    agent.push(store, LocalHq(office))
    assert price_of(store) == 200
    clock.tick(2 * 86_400_000)
    assert network_apply.due(store)
    network_apply.apply_waiting(store)
    assert price_of(store) == 190


def test_a_box_not_confirmed_or_replaced_gets_no_list(join: JoinCafe, office: Office, line: LocalHq) -> None:
    """Until the check number is confirmed no price leaves HQ; a blob of another café's manifest is not given."""
    pending, other = join(17), join(18)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 18, enrolment.boxes(conn, 18)[-1].jn, by="t", at=office.clock.now_ms())
        draft = announcing.Draft(title="Pour l’antenne 3", words="…", first=DAY, antenna=3)
        announcing.announce(conn, OFFICE, draft, now_ms=office.clock.now_ms())
    say(office)
    agent.push(pending, line)
    assert titles(pending) == []
    agent.push(other, line)
    assert titles(other) == ["Livraison décalée"]
    with office.db.reading() as conn:
        named = (
            wire.parse(conn.execute(select(manifest.c.text)).scalar_one(), manifests.Manifest)
            .channels["announce"]
            .sha256
        )
        assert downstream.blob_for(conn, 18, named)
        assert downstream.blob_for(conn, 17, named) is None


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
        conn.execute(update(hq_setting).where(hq_setting.c.name == downstream.REVISION).values(value="1"))
    say(office, "Après")
    agent.push(store, line)
    assert serial(store) == highest + 1
    assert "Après" in titles(store)
    assert troubles(store) == []


def test_an_override_is_kept_against_the_next_list_until_the_network_price_is_taken_again(
    store: Store, office: Office, line: LocalHq
) -> None:
    """The café's own price stays, with its author; above a ceiling it needs a reason; one tap takes the network's."""
    price(office, "1,80", "2,10")
    agent.push(store, line)
    with pytest.raises(network.AboveCeiling):
        product(store, 220)
    product(store, 220, reason="supplier", by="g2")
    price(office, "1,70", "2,10")
    agent.push(store, line)
    assert price_of(store) == 220
    with store.reading() as conn:
        line_now = network.line_of(conn, "coffee", DAY)
        assert line_now is not None and line_now.aside is not None and line_now.above
        assert (line_now.aside["op"], line_now.aside["reason"]) == ("g2", "supplier")
    assert network_apply.take_network_price(store, "coffee", by="g1") == 170
    price(office, "1,60")
    agent.push(store, line)
    assert price_of(store) == 160
    assert store.tables_that_differ() == []


def test_a_lost_draft_is_fetched_again_without_a_second_entry(store: Store, office: Office, line: LocalHq) -> None:
    """Lists are working state: lost, they come again with the next call; what was in force still is."""
    price(office)
    agent.push(store, line)
    before = applied(store)
    with store.writing(by="box") as tx:
        for name in (network.IN_FORCE + "prices", network.IN_FORCE + "announce"):
            tx.conn.execute("DELETE FROM draft_value WHERE name = ?", (name,))
    agent.push(store, line)
    with store.reading() as conn:
        assert drafts.get(conn, network.IN_FORCE + "prices", "")
    assert applied(store) == before


ACTS = st.lists(st.sampled_from(["say", "price", "lost", "doubled", "old", "call"]), min_size=3, max_size=9)


class Mistreated:
    """A line that loses, doubles or delays what comes down, and nothing else."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {"manifest": [], "blob": []}
        self.how = "call"

    def __call__(self, path: str, ask: Callable[[], Answer]) -> Answer:
        kind = next((one for one in self.answers if one in path), "")
        if not kind:
            return ask()
        before = self.answers[kind]
        if self.how == "old" and before:
            return before[0]
        if self.how == "doubled":
            ask()
        before.append(ask())
        if self.how == "lost" and len(before) % 2:
            raise trouble.HqUnreachable
        return before[-1]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_after_any_sequence_of_lost_and_doubled_answers_the_box_has_the_newest(
    acts: list[str], store: Store, office: Office, line: LocalHq, clock: StoppedClock
) -> None:
    """Whatever was lost, came twice or late: one good call, and what is in force here is what HQ says."""
    clock.tick(3_600_000)
    with office.db.writing() as conn:
        conn.execute(update(announcement).values(ended_at=1))
    bad = Mistreated()
    for n, act in enumerate(acts):
        if act == "say":
            say(office, f"Mot {n}")
        elif act == "price":
            price(office, f"1,{50 + n}")
        else:
            bad.how = act
            with suppress(SyncTrouble):
                agent.push(store, Line(Bad(office, bad)))
    agent.push(store, line)
    with office.db.reading() as conn:
        row = conn.execute(select(manifest)).mappings().first()
        want = wire.parse(row["text"], manifests.Manifest) if row else None
    with store.reading() as conn:
        held = network_apply.held(conn)
    assert held == ({c: one.sha256 for c, one in want.channels.items()} if want else {})
    assert serial(store) == (want.serial if want else 0)
