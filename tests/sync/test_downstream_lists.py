"""Lists of the network from HQ's pages to the menu: when they are applied, what a café keeps, what HQ knows."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from hq import announcing, downstream, enrolment
from hq.access import OFFICE
from hq.db import price_aside
from hq.local import LocalHq
from hq.network_tables import announcement, blob, manifest
from hq.wiring import Office
from pos import drafts
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.store import Store
from pos.till import close, network, network_apply, network_lists, sell
from pos.till.network_lists import PriceList
from sync import agent, trouble, wire
from sync import manifest as manifests
from sync.line import Answer, Line
from tests.hq.conftest import ENGINES, JoinCafe
from tests.sync.coming_down import DAY, Bad, applied, confirmed_box, price, price_of, product, say, serial, titles

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


@pytest.fixture
def store(join: JoinCafe, office: Office) -> Store:
    """A café whose box is confirmed, with one product on its menu."""
    return confirmed_box(join, office)


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
    with office.db.reading() as conn:
        kept = conn.execute(select(price_aside)).mappings().one()
        assert (kept["product"], kept["price"], kept["ceiling"], kept["reason"]) == ("coffee", 220, 210, "supplier")
    with store.reading() as conn:
        line_now = network.line_of(conn, "coffee", DAY)
        assert line_now is not None and line_now.aside is not None and line_now.above
        assert (line_now.aside["op"], line_now.aside["reason"]) == ("g2", "supplier")
    assert network_apply.take_network_price(store, "coffee", by="g1") == 170
    price(office, "1,60")
    agent.push(store, line)
    assert price_of(store) == 160
    agent.push(store, line)
    with office.db.reading() as conn:
        assert conn.execute(select(price_aside.c.price)).scalar_one() is None
        told = [downstream.list_of(conn, 17, 1, seq) for seq in range(store.tip().seq + 1)]
    blobs = [network_lists.read(row["body"], PriceList).prices[-1].price for row in told if row is not None]
    assert (list(dict.fromkeys(blobs)), told[0]) == ([180, 170, 160], None)
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
