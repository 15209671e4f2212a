"""What waits past its day, own kilometres, local suppliers and names of third parties, as HQ shows them."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hq import indicators, morning, overdue, register, reports
from hq.access import OFFICE
from hq.app import create_app
from hq.db import waiting
from hq.portrait import third_parties
from hq.wiring import Office
from kiosk.replay import begin_menu
from pos.clock import StoppedClock, business_day
from pos.engines import hosts, stock
from pos.feature import Feature, Figure, Wait
from pos.house import FEATURES
from pos.services.loans import desk as loans
from pos.services.meals.events import RoundClosed
from pos.services.parcels import handing, intake
from pos.services.relays import desk as relays
from pos.services.tour.events import StopReported
from pos.store import Store
from pos.till import cash, close
from pos.till.owners import owner_said
from sync import agent
from sync.line import Line
from tests.builders import an_event, every_event
from tests.hq.browsing import Browser
from tests.hq.conftest import ENGINES, JoinCafe
from tests.hq.made_up import people

BY = {"by": "g1"}


@pytest.fixture
def clock() -> StoppedClock:
    """Friday 13 March 2026, in the morning."""
    return StoppedClock("2026-03-13T09:00:00+01:00")


@pytest.fixture
def number(office: Office) -> int:
    """A café of the register that shares its money."""
    with office.db.writing() as conn:
        sheet = register.Sheet(name="Café", insee="53195", antenna=4, model="managed")
        return register.add_cafe(conn, sheet, by="office", now_ms=office.clock.now_ms())


def at(store: Store, when: str) -> None:
    """Move the clock."""
    store.clock.set(when)  # type: ignore[attr-defined]


def late_things(store: Store) -> list[Any]:
    """Two parcels, a coat back from the laundry and a book, each with its day; return the two parcels."""
    begin_menu(store)
    close.open_day(store, 10_000, **BY)
    intake.set_carrier(store, carrier="mondial-relay", **BY)
    parcels = [
        intake.receive(store, code=c, carrier="mondial-relay", place="A1", **BY) for c in ("12345678", "87654321")
    ]
    relays.set_relay(store, "pressing", sort="laundry", label="Pressing", hold_days=10, **BY)
    coat = relays.leave(store, "pressing", name="Mme Petit", **BY)
    relays.send(store, "pressing", **BY)
    relays.take_back(store, coat.thing, **BY)
    book = loans.list_item(store, label="Le Grand Meaulnes", loan_days=7, **BY)
    loans.lend(store, book.item, name="M. Roux", **BY)
    return parcels


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_what_waits_past_its_day_is_counted_by_service(
    office: Office, join: JoinCafe, line: Line, number: int, clock: StoppedClock
) -> None:
    """Counted from the day after the last one; what leaves is no longer there; a rebuild finds the same."""
    store = join(cafe=number)
    parcels = late_things(store)
    agent.push(store, line)
    at(store, "2026-03-25T09:00:00+01:00")
    with office.db.reading() as conn:
        assert overdue.late_by_cafe(conn, "2026-03-18") == {}
        late = overdue.late_by_cafe(conn, business_day(clock.now_ms()))[number]
    assert {code: one.n for code, one in late.items()} == {"parcel": 2, "relay_thing": 1, "loan": 1}
    assert late["parcel"].oldest == "2026-03-18"
    handing.hand_over(store, parcel=parcels[0].parcel, **BY)
    agent.push(store, line)
    with office.db.writing() as conn:
        assert overdue.late_by_cafe(conn, "2026-03-25")[number]["parcel"].n == 1
        before = conn.execute(select(waiting).order_by(waiting.c.thing)).all()
        office.projections.rebuild(conn)
        assert conn.execute(select(waiting).order_by(waiting.c.thing)).all() == before
        found = overdue.lines(conn, OFFICE, "2026-03-25")
        (one,) = morning.network(conn, OFFICE, clock.now_ms(), cafe_id=number)
    assert [(ln.cafe["id"], ln.total) for ln in found] == [(number, 3)]
    # Only what goes back to a partner makes HQ call: the parcel, not the book.
    assert [(a.code, a.level) for a in one.alerts if a.code == "A12"] == [("A12", "call")]


def test_the_page_of_what_waits_answers_in_french(
    office: Office, join: JoinCafe, line: Line, number: int, clock: StoppedClock
) -> None:
    """One line per café, one column per sort, a link to note the call, and a spreadsheet."""
    store = join(cafe=number)
    late_things(store)
    agent.push(store, line)
    at(store, "2026-03-25T09:00:00+01:00")
    people(office)
    browser = Browser(create_app(office))
    browser.sign_in("nadia")
    said = browser.read("/overdue")
    assert "Qu’est-ce qui attend au-delà de son jour" in said and "Colis" in said and "Objets des petits relais" in said
    assert f"/cafes/{number}#talk" in said
    assert "Colis;2;2026-03-18" in browser.read("/overdue.csv").replace('"', "")


def test_third_parties_are_named_in_words(office: Office, join: JoinCafe, line: Line, number: int) -> None:
    """The association's own name, La Poste's, and a kind in words for whom no name left the café."""
    store = join(cafe=number)
    close.open_day(store, 10_000, **BY)
    fete = hosts.list_association(store, "Comité des fêtes", **BY)
    for owner, cents in ((fete.owner, 500), ("laposte", 400), ("fdj", 300), ("producer:019c36d2f4107qx4", 200)):
        cash.move_third_party(store, owner, cents, reason="other", **BY)
    close.close_day(store, **BY)
    agent.push(store, line)
    with office.db.reading() as conn:
        held = third_parties(conn, number)
    assert held is not None
    assert dict(held.balances) == {"Comité des fêtes": 500, "La Poste": 400, "FDJ": 300, "Producteur 7QX4": 200}


def test_every_owner_a_part_declares_is_said_in_words() -> None:
    """No id, no colon, no underscore ever reaches a reader."""
    for feature in FEATURES:
        for means in feature.means.values():
            assert ":" not in owner_said(means.owner) and "_" not in owner_said(means.owner)
    for owner in ("presse", "relay:laundry", "assoc:la_ruche", "bank:ca", "funder:klesia", "ticket:office_de_tourisme"):
        said = owner_said(owner)
        assert ":" not in said and "_" not in said and said[0].isupper()


def test_the_cafés_own_kilometres_come_off(office: Office, join: JoinCafe, line: Line, number: int) -> None:
    """Net = de-duplicated × four in five − meal rounds − tours (services.md C.3)."""
    store = join(cafe=number)
    with store.writing(by="g1") as tx:
        tx.record(RoundClosed(round="r1", metres=11_500, day="2026-03-13"))
        tx.record(
            StopReported(
                stop="s1",
                commune="51358",
                takings=0,
                card=0,
                cash=0,
                turnover=0,
                attendance=0,
                day="2026-03-13",
                metres=40_000,
            )
        )
    agent.push(store, line)
    with office.db.reading() as conn:
        report = reports.impact_report(conn, reports.year_period(2026, "2026-03-14"), OFFICE, today="2026-03-14")
        (town,) = indicators.towns(conn, number, "2026-01-01", "2026-03-14")
    (mine,) = report.cafes
    assert (mine.own, mine.net) == (51_500, -51_500)
    assert (town.name, town.figures["tour_metres"]) == ("Maurupt-le-Montois", 40_000)


@pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
def test_a_local_supplier_counts_once_however_often_it_is_paid(
    office: Office, join: JoinCafe, line: Line, number: int
) -> None:
    """Distinct suppliers, of the month and of the year; their money adds up (services.md C.3)."""
    store = join(cafe=number)
    begin_menu(store)
    stock.follow(store, "cafe", **BY)
    near = stock.list_supplier(store, name="Ferme", local=True, **BY)
    far = stock.list_supplier(store, name="Grossiste", local=False, **BY)
    for day in ("2026-03-14", "2026-04-10", "2026-04-11"):
        at(store, f"{day}T10:00:00+01:00")
        for supplier in (near, far):
            stock.receive(store, supplier, [stock.Received(product="cafe", quantity=10_000, cost=100)], **BY)
    agent.push(store, line)
    with office.db.reading() as conn:
        rows = {row.indicator.code: row for row in indicators.table(conn, OFFICE, "2026-04-12")}
    assert rows["local_spend"].total == 3 * 1000
    assert dict(rows["local_suppliers"].months) == {"2026-03": 1, "2026-04": 1}
    assert rows["local_suppliers"].total == 1


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.indicators or f.waits], ids=lambda f: f.slug)
def test_what_is_told_to_hq_was_declared(feature: Feature) -> None:
    """From an example of each event: codes of its own indicators and of its own sorts of waiting things only."""
    examples = {cls: an_event(cls) for cls in every_event().values()}
    figures = {
        code
        for cls, say in feature.tells.items()
        for f in say(examples[cls])
        if isinstance(f, Figure)
        for code in [f.code]
    }
    waits = {w.code for cls, say in feature.waits.items() for w in say(examples[cls]) if isinstance(w, Wait)}
    assert figures <= {one.code for one in feature.indicators}
    assert waits <= {one.code for one in feature.waiting}


def test_nothing_is_hidden_in_an_id(tmp_path: Path) -> None:
    """The words of an opaque id are its last signs, enough to tell two producers apart."""
    assert owner_said("producer:019c36d2f4100a1b2c3d") == "Producteur 2C3D"
    # Ids that count say their number.
    assert owner_said("producer:p1") == "Producteur n°\u00a01"
    assert owner_said("baker:b12") == "Boulanger n°\u00a012"
    assert owner_said("producer:t1") == "Producteur T1"
    assert (
        owner_said("producer:019c36d2f4100a1b2c3d", {"producer:019c36d2f4100a1b2c3d": "Ferme du Pré"}) == "Ferme du Pré"
    )
