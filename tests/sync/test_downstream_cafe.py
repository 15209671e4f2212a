"""What the signed manifest says of one café: its services, its distances, the release it may take."""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import insert, select

from hq import channels, distances, register, releases
from hq.access import OFFICE
from hq.local import LocalHq
from hq.network_tables import manifest
from hq.register import Sheet, add_cafe, change_cafe
from hq.tables import distance
from hq.wiring import Office
from pos.store import Store
from pos.till import close, network, offer
from sync import agent
from sync.line import Answer, Line
from tests.hq.conftest import ENGINES, JoinCafe
from tests.sync.coming_down import DAY, Bad, applied, confirmed_box, say

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
SHEET = Sheet(name="Café", insee="53195", antenna=4, model="managed", services=("bread", "parcel"))


@pytest.fixture
def store(join: JoinCafe, office: Office) -> Store:
    """A café of the register, its box confirmed."""
    with office.db.writing() as conn:
        add_cafe(conn, SHEET, by="t", now_ms=office.clock.now_ms(), cafe_id=17)
    return confirmed_box(join, office)


def services(office: Office, *codes: str) -> None:
    """Change which services are counted."""
    with office.db.writing() as conn:
        change_cafe(conn, 17, replace(SHEET, services=codes), by="t", now_ms=office.clock.now_ms())


def confirm(office: Office, service: str, metres: int | None, first: str = DAY) -> None:
    """Confirm a distance."""
    with office.db.writing() as conn:
        cafe = register.find_cafe(conn, 17, OFFICE)
        distances.confirm(
            conn, cafe, service, metres, by="t", now_ms=office.clock.now_ms(), valid_from=first, town="53130",
            town_name="Laval", source="compteur", note="mesuré",
        )  # fmt: skip


def switched(store: Store) -> frozenset[str] | None:
    """The services counted here."""
    with store.reading() as conn:
        return offer.switched(conn)


def trips(store: Store, day: str = DAY) -> list[tuple[str, int]]:
    """The distances shown here."""
    with store.reading() as conn:
        return [(one.service, one.metres) for one in network.trips(conn, day)]


@both
def test_services_counted_by_hq_come_signed_and_an_unsigned_word_counts_no_more(
    store: Store, office: Office, line: LocalHq
) -> None:
    """At first the welcome says them; once a signed list does, a welcome that says otherwise changes nothing."""
    agent.push(store, line)
    assert switched(store) == {"bread", "parcel"}
    assert applied(store) == []
    services(office, "bread", "cash_out")
    agent.push(store, line)
    assert switched(store) == {"bread", "cash_out"}
    assert ("config", 1) in applied(store)

    def lie(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        if path != "/v1/hello" or answer.status != 200:
            return answer
        return Answer(200, msgspec.json.encode({**msgspec.json.decode(answer.body), "services": []}))

    agent.push(store, Line(Bad(office, lie)))
    assert switched(store) == {"bread", "cash_out"}
    services(office, "bread")
    services(office, "parcel")
    agent.push(store, line)
    assert switched(store) == {"parcel"}
    assert store.tables_that_differ() == []


@both
def test_distances_go_to_their_cafe_and_wait_for_the_closing(store: Store, office: Office, line: LocalHq) -> None:
    """Those in force and to come, each from its day on; another café's manifest is not made anew."""
    confirm(office, "bread", 7_400)
    confirm(office, "bread", 8_000, "2026-12-01")
    confirm(office, "post", 9_000)
    confirm(office, "post", None, "2026-11-21")
    close.open_day(store, 15_000, by="g1")
    agent.push(store, line)
    assert trips(store) == []
    with store.reading() as conn:
        assert [(one.channel, one.n, one.waits) for one in network.sent(conn)] == [
            ("announce", 0, 1), ("prices", 0, 1), ("config", 1, 0), ("alternatives", 0, 1),
        ]  # fmt: skip
    close.close_day(store, counted=15_000, by="g1")
    agent.push(store, line)
    assert trips(store) == [("bread", 7_400), ("post", 9_000)]
    assert trips(store, "2026-12-02") == [("bread", 8_000)]
    with office.db.reading() as conn:
        told = channels.alternatives(conn, 17, "2026-12-02").trips
        assert [(one.service, one.first) for one in told] == [("bread", "2026-12-01"), ("post", "2026-11-21")]


def test_a_change_of_one_cafe_leaves_the_manifests_of_others(
    store: Store, office: Office, line: LocalHq, join: JoinCafe
) -> None:
    """A thousand cafés do not fetch a list because one distance was measured."""
    other = confirmed_box(join, office, 18)
    say(office)
    agent.push(store, line)
    agent.push(other, line)

    def serials() -> dict[int, int]:
        with office.db.reading() as conn:
            return {row.cafe_id: row.serial for row in conn.execute(select(manifest.c.cafe_id, manifest.c.serial))}

    before = serials()
    confirm(office, "bread", 7_400)
    agent.push(store, line)
    agent.push(other, line)
    after = serials()
    assert (after[17] > before[17], after[18]) == (True, before[18])
    with office.db.writing() as conn:
        change_cafe(conn, 17, SHEET, by="t", now_ms=office.clock.now_ms())
    agent.push(store, line)
    assert serials() == after


def test_a_distance_of_a_service_this_release_does_not_know_stays_at_hq(office: Office, store: Store) -> None:
    """An older sheet may name what is no service any more: no box is told of it."""
    with office.db.writing() as conn:
        conn.execute(insert(distance).values(cafe_id=17, service="fax", valid_from=DAY, metres=1))
        assert channels.alternatives(conn, 17, DAY).trips == []
        assert releases.for_cafe(conn, 17, 4) is None
