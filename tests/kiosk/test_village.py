"""All services on one page, what is due on one list, the day's totals in five seconds."""

import html
import re

import msgspec

from kiosk.wiring import Kiosk
from pos.services.parcels import intake
from pos.till import offer, people, uses
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def test_every_service_has_its_key_and_leads_somewhere(screen: Counter, kiosk: Kiosk) -> None:
    """The page shows each service this café offers; each key opens a page in French."""
    text = screen.page("/services/")
    homes = {feature.home for feature in kiosk.store.features if feature.home}
    shown = set(re.findall(r'<a class="door service[^"]*" href="([^"]+)"', text))
    assert shown == homes
    for home in sorted(shown):
        assert screen.client.get(home, follow_redirects=True).status_code == 200, home


def test_a_service_switched_off_at_hq_is_not_shown(screen: Counter, kiosk: Kiosk) -> None:
    """What HQ switched off leaves the page and the counter."""
    offer.switch_services(kiosk.store, ["bread"], by="hq")
    text = screen.page("/services/")
    assert 'href="/bread' in text
    assert 'href="/parcels' not in text
    assert 'href="/parcels' not in screen.page("/")


def test_a_service_hq_switches_on_comes_to_the_counter_of_a_café_that_had_chosen(screen: Counter, kiosk: Kiosk) -> None:
    """After the village was asked, HQ adds it; the café may still take it off when it chooses again."""
    chosen = msgspec.structs.replace(cafe.CAFE, services=["bread", "accounts"], valid_from="2026-06-01")
    people.describe_cafe(kiosk.store, chosen, by="g1")
    offer.switch_services(kiosk.store, ["bread", "parcel"], by="hq")
    assert 'href="/parcels' not in screen.page("/services/")
    offer.switch_services(kiosk.store, ["bread", "parcel", "loan"], by="hq")
    text = screen.page("/services/")
    assert 'href="/loans' in text
    assert 'href="/parcels' not in text
    people.describe_cafe(kiosk.store, chosen, by="g1", attempt="again")
    assert 'href="/loans' not in screen.page("/services/")
    offer.switch_services(kiosk.store, ["bread", "loan", "post"], by="hq")
    assert 'href="/loans' not in screen.page("/services/")
    assert 'href="/post' in screen.page("/services/")
    assert kiosk.store.tables_that_differ() == []


def test_what_is_due_is_one_tap_from_its_act(screen: Counter, kiosk: Kiosk) -> None:
    """A parcel whose days are over is on the list, and its line leads to it; an empty list says so."""
    assert "Rien n’attend" in screen.page("/todo/")
    clock = kiosk.store.clock
    intake.set_carrier(kiosk.store, by="g1", carrier="mondial-relay")
    intake.receive(kiosk.store, by="g1", code="12345678", carrier="mondial-relay", place="A1")
    clock.tick(8 * 24 * 3600 * 1000)  # type: ignore[attr-defined]
    screen.sign_in()
    text = screen.page("/todo/")
    links = re.findall(r'<a class="row due-row" href="([^"]+)"', text)
    assert any(link.startswith("/parcels") for link in links)
    assert screen.client.get(links[0], follow_redirects=True).status_code == 200


def test_what_the_closing_will_ask_is_said_before(screen: Counter, kiosk: Kiosk) -> None:
    """A parcel ready to go back this evening stands under « Avant la clôture » if nothing else says it."""
    with kiosk.store.reading() as conn:
        asked = [
            n.text for f in kiosk.store.features for check in f.day_close_checks for n in check(conn, "2026-11-20")
        ]
    page = screen.page("/todo/")
    assert all(text in html.unescape(page) for text in asked)
    assert ("Avant la clôture" in page) == bool(asked)


def test_a_total_is_typed_beside_what_was_recorded(screen: Counter, kiosk: Kiosk) -> None:
    """Choose the service, type how many: counted as uses of the day; a wrong number is told."""
    assert "parcel" in screen.page("/totals/")
    assert 'name="total"' in screen.page("/totals/?service=parcel")
    answer = screen.tap("/totals/parcel", total="14", attempt="count-1")
    assert answer.status_code in (200, 204, 303)
    screen.tap("/totals/parcel", total="14", attempt="count-1")
    with kiosk.store.reading() as conn:
        assert uses.of_day(conn, "2026-11-20")["parcel"] == 14
    refused = screen.tap("/totals/parcel", total="lots", attempt="count-2")
    assert refused.status_code == 422
