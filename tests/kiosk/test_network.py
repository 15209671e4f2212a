"""The network at the till: news with their unread mark, prices with their ceilings, one tap to take them again."""

from typing import Any

import pytest

from kiosk import scheduler
from kiosk.wiring import Kiosk
from pos import drafts
from pos.till import close, network, network_apply, network_lists, sell, tables
from pos.till.network_apply import Listed
from pos.till.network_lists import Catalogue, News, NewsList, Price, PriceList, Product, Software, Trip, TripList
from sync import ackfile, downstream
from tests.kiosk.conftest import Counter

DAY = "2026-11-20"


def bring(kiosk: Kiosk, channel: str, what: network_lists.List, *, urgent: bool = False, n: int = 1) -> None:
    """Lay down a list as the line does, and let the box apply what may be."""
    text = network_lists.write(what).decode()
    one = Listed(channel=channel, n=n, sha256=f"{n:064x}", serial=n, text=text, urgent=urgent)
    with kiosk.store.writing(by="box") as tx:
        network_apply.keep_waiting(tx, [one], {channel: one.sha256})
    network_apply.apply_waiting(kiosk.store)


def test_news_are_marked_until_somebody_opens_them(kiosk: Kiosk, screen: Counter) -> None:
    """Calm in the status line and on the list of things to do; opened once, the mark is gone and the words stay."""
    assert "Pas de nouvelles" in screen.page("/network/")
    word = News(
        id="a",
        title="Rappel : lot 12",
        words="Mettez-le de côté.\n<b>Merci</b>",
        first=DAY,
        urgent=True,
        author="Inès R.",
    )
    later = News(id="b", title="Plus tard", words="…", first="2026-12-01")
    bring(kiosk, "announce", NewsList(news=[word, later]), urgent=True)
    assert "1 nouvelle" in screen.page("/machines")
    assert "1 nouvelle à lire" in screen.page("/todo/")
    news = screen.page("/network/")
    assert "Rappel : lot 12" in news
    assert "&lt;b&gt;Merci" in news
    assert "Inès R." in news
    assert "Plus tard" not in news
    assert "nouvelle" not in screen.page("/machines")
    assert "Rappel : lot 12" in screen.page("/network/")


def test_a_network_price_is_marked_overridden_with_a_reason_and_taken_again(kiosk: Kiosk, screen: Counter) -> None:
    """The tile changes at the closing; above the ceiling the card asks why; one tap takes the network's price."""
    listed = PriceList(prices=[Price(ref="cafe", first=DAY, price=125, ceiling=150)])
    bring(kiosk, "prices", listed)
    assert "prix réseau" not in screen.page("/catalogue/?category=chaud")
    # It waits for the closing: nothing is known of the menu's prices until then.
    for page in ("/network/", "/network/prices"):
        assert "Pas encore connu" in screen.page(page)
    assert "Rien ne s’écarte" not in screen.page("/network/")
    close.close_day(kiosk.store, by="g1")
    assert "network" in scheduler.tick(kiosk)
    assert "prix réseau" in screen.page("/catalogue/?category=chaud")
    card = screen.page("/catalogue/cafe")
    assert "plafond" in card
    form = {
        "product": "cafe",
        "label": "Café",
        "category": "chaud",
        "vat_class": "hot_drink",
        "price": "1,60",
        "icon": "cup",
    }
    refused = screen.tap("/catalogue/save", **form)
    assert (refused.status_code, "plafond du réseau" in refused.text) == (422, True)
    assert price_of(kiosk) == 125
    assert screen.tap("/catalogue/save", **form, reason="agreed").status_code == 204
    assert price_of(kiosk) == 160
    page = screen.page("/network/prices")
    assert "Convenu avec le coordinateur" in page
    assert "au-dessus du plafond" in page
    assert screen.tap("/network/prices/cafe/take").status_code == 204
    assert price_of(kiosk) == 125
    assert "Reprendre" not in screen.page("/network/prices")
    assert "Rien ne s’écarte" in screen.page("/network/")
    assert kiosk.store.tables_that_differ() == []
    # A box that took the café over knows that a list was in force, not what it said.
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, network.IN_FORCE + network.PRICES, None)
    assert "Pas encore connu" in screen.page("/network/")
    assert "en vigueur depuis" not in screen.page("/network/prices")


def test_a_file_with_a_price_above_a_ceiling_is_refused_by_its_line(kiosk: Kiosk, screen: Counter) -> None:
    """A whole menu brought as a file is held to the same ceilings, and says which line."""
    from pos.till import catalogue

    close.close_day(kiosk.store, by="g1")
    bring(kiosk, "prices", PriceList(prices=[Price(ref="cafe", first=DAY, ceiling=150)]))
    text = "product;label;category;price;vat_class\ncafe;Café;chaud;1,60;hot_drink\n"
    n, faults = catalogue.import_csv(kiosk.store, text, by="g1")
    assert (n, [fault.row for fault in faults]) == (0, [2])


def test_no_manifest_for_a_month_is_an_amber_light(kiosk: Kiosk, screen: Counter) -> None:
    """The status line says for how many days no list came (freeze)."""
    from sync import agent

    with kiosk.store.writing(by="box") as tx:
        downstream.raise_floor(tx.conn, 7, tx.now - 31 * 86_400_000)
        ackfile.keep(tx, _acked(kiosk))
    assert agent.status(kiosk.store).last_heard
    assert "pas de liste depuis 31 jours" in screen.page("/machines")


def _acked(kiosk: Kiosk) -> ackfile.KeptAck:
    opened = kiosk.store.journal
    assert opened is not None
    return ackfile.KeptAck(
        jid=opened.jid, seq=0, head="0" * 64, kid="0" * 16, t=1, ack="{}", sig="0" * 128, hq_key="0" * 64,
        heard_at=kiosk.store.clock.now_ms(), noted=True,
    )  # fmt: skip


def price_of(kiosk: Kiosk) -> int:
    """The coffee's price on the menu."""
    with kiosk.store.reading() as conn:
        row = tables.product(conn, "cafe")
    assert row is not None
    return int(row["price"])


def test_what_hq_sent_is_listed_with_the_distances_it_confirmed(kiosk: Kiosk, screen: Counter) -> None:
    """Which list is in force since when, and what a customer is spared by each service, in kilometres."""
    assert "aucune liste" in screen.page("/network/sent")
    bring(kiosk, "alternatives", TripList(trips=[
        Trip(service="bread", first="2026-01-01", metres=7_450, town="Laval", source="compteur"),
        Trip(service="post", first="2026-01-01", metres=-1),
        Trip(service="parcel", first="2099-01-01", metres=1_000),
    ]), urgent=True)  # fmt: skip
    bring(kiosk, "software", Software(version="9.0.0", size=1, sha256="0" * 64), n=2, urgent=True)
    page = screen.page("/network/sent")
    assert "7,5\xa0km" in page
    assert "Laval" in page
    assert "Zinc 9.0.0" in page
    assert "1,0" not in page
    assert "/network/sent" in screen.page("/network/")


def test_a_price_typed_for_one_line_stays_under_the_ceiling_and_names_who_typed_it(
    kiosk: Kiosk, screen: Counter
) -> None:
    """Above the ceiling it is refused in a sentence, with what to do; below, the bill says who typed it."""
    bring(kiosk, "prices", PriceList(prices=[Price(ref="cafe", first=DAY, ceiling=170)]), urgent=True)
    screen.page("/")
    screen.tap("/bill/add/cafe")
    with kiosk.store.reading() as conn:
        (tab,) = sell.open_tabs(conn)
        menu = tables.product(conn, "cafe")["price"]  # type: ignore[index]
    line = tab.lines[0].line_id

    def typed(text: str) -> Any:
        return screen.tap(f"/bill/line/{line}", what="price", amount=text, tab=tab.tab_id)

    refused = typed("1,80")
    assert refused.status_code == 422
    assert "plafond du réseau pour" in refused.text
    assert "sur sa fiche" in refused.text
    assert "prix de Maëlle" in typed("1,70").text
    assert "prix de Maëlle" not in typed(f"{menu // 100},{menu % 100:02}").text


def test_what_the_menu_costs_is_never_refused_on_a_line(kiosk: Kiosk) -> None:
    """A ceiling that came after the price, or one the café keeps its price above: a customer is served at it, not beyond."""
    bring(kiosk, "prices", PriceList(prices=[Price(ref="cafe", first=DAY, ceiling=100)]), urgent=True)
    tab = sell.add_product(kiosk.store, "t9", "cafe", by="g1")
    line = tab.lines[0].line_id
    assert sell.set_price(kiosk.store, "t9", line, 90, by="g1").total == 90
    menu = tab.lines[0].unit_price
    assert sell.set_price(kiosk.store, "t9", line, menu, by="g1").total == menu
    with pytest.raises(network.AboveCeiling):
        sell.set_price(kiosk.store, "t9", line, menu + 1, by="g1")


def test_an_article_the_network_knows_begins_its_card_with_what_it_says(kiosk: Kiosk, screen: Counter) -> None:
    """Scanned for the first time: name, VAT class and the network's price are there; another code begins an empty card."""
    ean = "3012345678902"
    bring(kiosk, "catalogue", Catalogue(products=[
        Product(ref=ean, label="Café moulu 250 g", category="epicerie", vat_class="grocery"),
        Product(ref="3017620422003", label="Pâte à tartiner", vat_class="grocery"),
    ]), urgent=True)  # fmt: skip
    bring(kiosk, "prices", PriceList(prices=[Price(ref=ean, first=DAY, price=385)]), urgent=True)
    page = screen.page(f"/catalogue/new?ean={ean}")
    assert "Connu du réseau" in page
    assert "Café moulu 250 g" in page
    assert "3,85" in page
    assert 'value="grocery" selected' in page
    assert "Connu du réseau" in screen.page("/catalogue/new?ean=3017620422003")
    assert "Connu du réseau" not in screen.page("/catalogue/new?ean=4006381333931")
    assert "Articles du réseau" in screen.page("/network/sent")
