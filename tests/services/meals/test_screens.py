"""The meals tap by tap: one tap per meal delivered, two for the round, the number of whom to call in full view."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.hardware import queue
from pos.services.meals import SERVICE, desk, reading, schema
from pos.till import uses
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

BY, DAY = cafe.MANAGER, "2025-12-11"


@pytest.fixture
def clock() -> StoppedClock:
    """Thursday 11 December 2025, 8:00 in Paris."""
    return StoppedClock(f"{DAY}T08:00:00+01:00")


@pytest.fixture
def kiosk(tmp_path: Path, clock: StoppedClock) -> Iterator[Kiosk]:
    """A café open for the day, with prices and one partner."""
    kiosk = cafe.open_cafe(tmp_path, clock)
    desk.set_terms(kiosk.store, meal_price=1050, delivery_price=250, by=BY)
    desk.set_funder(kiosk.store, funder="klesia", label="KLESIA", quota=10, price=1200, target=5, by=BY)
    yield kiosk
    kiosk.store.close()


@pytest.fixture
def screen(kiosk: Kiosk) -> Counter:
    """The manager's screen."""
    screen = Counter(create_app(kiosk).test_client())
    screen.sign_in()
    screen.page()
    return screen


def enter(kiosk: Kiosk, name: str) -> str:
    """Enter somebody who agreed."""
    return desk.enter(
        kiosk.store, name=name, consent=True, address="4 rue Haute", allergies="arachides", contact_name="sa fille",
        contact_phone="06 12 34 56 78", by=BY,
    ).beneficiary  # fmt: skip


def cell(kiosk: Kiosk, sql: str) -> object:
    """One value of the café's file."""
    with kiosk.store.reading() as conn:
        return conn.execute(sql).fetchone()[0]


def printed(kiosk: Kiosk) -> list[str]:
    """What was printed, newest first."""
    with kiosk.store.reading() as conn:
        return [job.what for job in queue.jobs(conn)]


def test_a_whole_day_is_tapped(screen: Counter, kiosk: Kiosk, clock: StoppedClock) -> None:
    """Enter, order, cook, leave at 68 °C, one tap delivered, one nobody: the number is shown, the call noted, the km typed."""
    assert screen.tap("/meals/person", name="Mme Puech", allergies="noix").status_code == 422
    screen.tap(
        "/meals/person", name="Mme Puech", allergies="noix", contact_phone="06 11 22 33 44", consent="1", origin="ccas"
    )
    screen.tap("/meals/person", name="M. Bruel", consent="1")
    people = re.findall(r'<option value="([0-9a-f]{20})"', screen.page("/meals/plan"))
    assert len(people) == 2
    for person in people:
        screen.tap("/meals/order", beneficiary=person, day=DAY, place="home", funder="klesia", late="1")
    page = screen.page("/meals")
    assert "2 repas à préparer" in page
    assert "noix" in screen.page("/meals/kitchen")
    screen.tap("/meals/kitchen/print")
    screen.tap("/meals/prepare", chain="hot", witness="1")
    clock.set(f"{DAY}T12:00:00+01:00")
    screen.sign_in()
    assert "Degrés" in screen.page("/meals/leave")
    cold = screen.tap("/meals/leave", temperature="61", chain="hot")
    assert cold.status_code == 422
    assert "63" in cold.text
    screen.tap("/meals/leave", temperature="68", chain="hot")
    assert printed(kiosk)[:2] == ["Tournée 1", "À préparer"]
    rows = re.findall(r'hx-post="/meals/meal/([0-9a-f]+)/delivered"', screen.page("/meals"))
    assert len(rows) == 2
    assert screen.tap(f"/meals/meal/{rows[0]}/delivered", back="/meals").headers["HX-Redirect"] == "/meals"
    asked = screen.tap(f"/meals/meal/{rows[1]}/absent")
    assert "06 11 22 33 44" in screen.page(asked.headers["HX-Redirect"])
    assert "06 11 22 33 44" in screen.page("/meals")
    assert "appeler le contact" in screen.page("/todo/")
    screen.tap(f"/meals/meal/{rows[1]}/called", outcome="reassured")
    screen.tap(f"/meals/meal/{rows[1]}/destroyed")
    trip = str(cell(kiosk, "SELECT round FROM meal_round"))
    assert screen.tap(f"/meals/round/{trip}/close", km="far").status_code == 422
    screen.page(f"/meals/round/{trip}")
    screen.tap(f"/meals/round/{trip}/print")
    screen.tap(f"/meals/round/{trip}/close", km="11,5")
    with kiosk.store.reading() as conn:
        assert SERVICE.figures is not None
        told = SERVICE.figures(conn, DAY)
        assert (told["delivered"], told["destroyed"], told["calls"], told["round_metres"], told["claim"]) == (
            1,
            1,
            1,
            11500,
            1200,
        )
        assert uses.of_day(conn, DAY) == {"meal_offered": 1}
    assert "11,5" in screen.page(f"/meals/round/{trip}")


def test_a_second_tap_delivers_once(screen: Counter, kiosk: Kiosk) -> None:
    """The same attempt tapped twice is one meal; undone, it may be delivered again."""
    enter(kiosk, "Anne")
    person = str(cell(kiosk, "SELECT beneficiary FROM meal_person"))
    meal = desk.order(kiosk.store, beneficiary=person, for_day=DAY, funder="klesia", late=True, by=BY).meal
    desk.prepare(kiosk.store, by=BY)
    desk.leave(kiosk.store, temperature=680, by=BY)
    for _again in range(2):
        assert screen.tap(f"/meals/meal/{meal}/delivered", attempt="same-tap").status_code == 204
    assert cell(kiosk, "SELECT count(*) FROM journal_entry WHERE instr(body, 'meals.meal_delivered')") == 1
    assert "erreur" in screen.page(f"/meals/meal/{meal}")
    screen.tap(f"/meals/meal/{meal}/undone")
    cool = screen.tap(f"/meals/meal/{meal}/delivered", temperature="58", hour="")
    assert 'name="confirmed"' in cool.text
    screen.tap(f"/meals/meal/{meal}/delivered", temperature="58", confirmed="1")
    assert cell(kiosk, "SELECT state FROM meal_meal") == "delivered"


def test_people_subscribe_pause_pay_and_are_forgotten(screen: Counter, kiosk: Kiosk) -> None:
    """A card: week, absence, bill on the counter, what is kept on paper, forgetting."""
    person = enter(kiosk, "Mme Cros")
    here = f"/meals/person/{person}"
    screen.tap(f"{here}/week", weekday=["0", "4"], place="home", funder="klesia")
    assert "lun ven" in screen.page("/meals/people")
    assert "Mme Cros" in screen.page("/meals/people?allergies=1")
    screen.tap("/meals/close", day="2025-12-12")
    assert "Mme Cros" in screen.page("/meals/plan?day=2025-12-12")
    screen.tap(f"{here}/pause", first="2025-12-15", last="2025-12-19", back="/meals/plan?day=2025-12-15")
    assert "/resume" in screen.page(here)
    screen.tap(f"{here}/resume")
    screen.tap(f"{here}/facts", name="Mme Cros-Vidal", allergies="arachides")
    own = desk.order(kiosk.store, beneficiary=person, for_day=DAY, place="cafe", late=True, by=BY).meal
    screen.tap(f"/meals/meal/{own}/served")
    assert "1 repas à payer" in screen.page("/meals/people")
    assert screen.tap(f"{here}/bill").headers["HX-Redirect"] == "/"
    assert "Repas du jour" in screen.page("/")
    screen.tap(f"{here}/export")
    assert printed(kiosk)[0] == "Ce qui est gardé sur vous"
    screen.tap(f"{here}/end", reason="moved")
    screen.tap(f"{here}/erase")
    assert "oubliée" in screen.page(here)
    assert screen.client.get("/meals/person/unknown").status_code == 404
    assert screen.tap(f"{here}/dance").status_code == 404


def test_the_month_is_claimed_and_paid_on_its_page(screen: Counter, kiosk: Kiosk, clock: StoppedClock) -> None:
    """Counts, the claim's key on the last day, its statement on paper, the payment, totals typed at once."""
    person = enter(kiosk, "Anne")
    meal = desk.order(
        kiosk.store, beneficiary=person, for_day=DAY, place="cafe", funder="klesia", late=True, by=BY
    ).meal
    screen.tap(f"/meals/meal/{meal}/served")
    assert "fin de mois" in screen.page("/meals/month/2025-12")
    from pos.till import close

    close.close_day(kiosk.store, by=BY)
    clock.set("2025-12-31T09:00:00+01:00")
    close.open_day(kiosk.store, 10_000, by=BY)
    screen.sign_in()
    assert "Facturer 1 repas" in screen.page("/meals/month/2025-12")
    screen.tap("/meals/month/2025-12/claim", funder="klesia")
    assert printed(kiosk)[0] == "Repas offerts, décembre 2025"
    assert "Facture 1" in screen.page("/meals/month/2025-12")
    screen.tap("/meals/month/2025-12/paid", funder="klesia", amount="12,00", means="transfer", ref="VIR-1")
    screen.tap("/meals/month/2025-12/count", meal_offered="3", meal_delivered="")
    with kiosk.store.reading() as conn:
        assert uses.of_day(conn, "2025-12-31") == {"meal_offered": 3}
        assert reading.funder_months(conn, "2025-12")[0].owes == 0
    for url in ("/meals/month/2025-13", "/meals/plan?day=soon", "/meals/meal/unknown", "/meals/round/99"):
        assert screen.client.get(url).status_code == 404


def test_prices_and_partners_are_set_on_one_page(screen: Counter, kiosk: Kiosk) -> None:
    """What the manager types holds from this month on."""
    screen.tap("/meals/settings/terms", meal_price="11,00", delivery_price="3,00", cut_off="9h30")
    screen.tap("/meals/settings/funder", label="Commune", quota="20", price="11,50", target="0")
    page = screen.page("/meals/settings")
    assert "11,00" in page
    assert "Commune" in page
    assert "09:30" in page
    assert screen.tap("/meals/settings/funder", label="", quota="20", price="11,50").status_code == 422


def test_a_sheet_is_found_by_its_code_and_duty_by_its_list(screen: Counter, kiosk: Kiosk) -> None:
    """`ZT-1` opens the round; subscribers without a place, orders to close and claims left are told."""
    person = enter(kiosk, "Anne")
    meal = desk.order(kiosk.store, beneficiary=person, for_day=DAY, funder="klesia", late=True, by=BY).meal
    desk.prepare(kiosk.store, by=BY)
    desk.subscribe(kiosk.store, person, weekdays=[4], place="home", funder="klesia", by=BY)
    assert SERVICE.scan is not None and SERVICE.badge is not None
    with kiosk.store.reading() as conn:
        assert SERVICE.scan(conn, DAY, "ZT-1") is None
        texts = [notice.text for notice in SERVICE.todo[0](conn, DAY)]
        assert SERVICE.badge(conn, DAY) == "1 repas"
    assert texts == ["1 repas attend la tournée", "Demain : arrêter les commandes, 1 repas".replace(" :", "\u00a0:")]
    desk.leave(kiosk.store, temperature=680, by=BY)
    desk.deliver(kiosk.store, meal, by=BY)
    desk.set_funder(kiosk.store, funder="klesia", label="KLESIA", quota=1, price=1200, by=BY)
    desk.close_orders(kiosk.store, for_day="2025-12-12", by=BY)
    with kiosk.store.reading() as conn:
        hit = SERVICE.scan(conn, DAY, "zt-1")
        assert hit is not None and hit.url == "/meals/round/1"
        assert SERVICE.scan(conn, DAY, "3250390000426") is None
        assert next(notice.text for notice in SERVICE.todo[0](conn, DAY)).startswith("1 personne sans financeur")
        assert any("KLESIA" in notice.text for notice in SERVICE.todo[0](conn, "2026-01-05"))
        assert any("kilomètres" in notice.text for notice in SERVICE.day_close_checks[0](conn, DAY))
    assert "autre financeur" in screen.page("/meals/plan?day=2025-12-12")
    screen.tap(f"/meals/meal/{meal}/funder", funder="")
    assert schema.PURPOSE == "meals"
