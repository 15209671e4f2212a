"""Bread with real clicks: bags handed over, orders taken, the van counted, reserved loaves kept."""

import pytest

from pos.services.bread import contracts, day, desk, orders, reading, unclaimed
from pos.services.bread.bags import order_row
from pos.till import sell, tables, uses
from tests.browser.conftest import SMALL
from tests.services.bread.conftest import BOULE, BY, CROISSANT, TODAY, TOMORROW, TRADITION, agree, came, loaves

pytestmark = pytest.mark.browser


@pytest.fixture
def depot(kiosk):
    """A baker, a delivery, one bag to pay and one paid ahead."""
    store = kiosk.store
    agree(store)
    contracts.set_needs(store, "b1", loaves(tradition=10), weekday=5, by=BY)
    day.receive_delivery(store, "b1", came(tradition=10, boule=5, croissant=10), by=BY)
    orders.place_order(store, loaves(tradition=2), for_day=TODAY, name="Mme Aubert", by=BY)
    orders.place_order(store, loaves(boule=1, croissant=2), for_day=TODAY, name="M. Besnard", by=BY)
    desk.prepay_order(store, "1", "ahead", by=BY)
    sell.take_payment(store, "ahead", "cash", by=BY)
    desk.set_aside(store, by=BY)
    return store


def used(store):
    with store.reading() as conn:
        return uses.of_day(conn, TODAY).get("bread", 0)


def state(store, order):
    with store.reading() as conn:
        return order_row(conn, order)["state"]


def test_a_bag_paid_ahead_is_handed_over_in_two_taps(screen, depot):
    """From the counter: Bread, the bag. One use; Undo puts it back."""
    screen.open().tap("a.service.bread").sees("#bag-1").tap("#bag-1").sees("#say:has-text('Mme Aubert')").settle()
    assert (screen.taps, used(depot), state(depot, "1")) == (2, 1, "collected")
    screen.page.click(".chip .undo")
    screen.sees("#bag-1").settle()
    assert (used(depot), state(depot, "1")) == (0, "set_aside")


def test_a_bag_to_pay_is_paid_and_handed_over_in_three_taps(screen, depot):
    """From the counter: Bread, the bag, Exact."""
    screen.open().tap("a.service.bread").sees("#bag-2").tap("#bag-2").sees("#bill .line").rest().tap("#pay-exact").sees(
        "#bill.done"
    )
    assert (screen.taps, used(depot), state(depot, "2")) == (3, 1, "collected")
    with depot.reading() as conn:
        assert tables.third_parties(conn)["baker:b1"] == 240 + 460


def test_a_double_tap_on_a_paid_bag_hands_it_over_once(screen, depot):
    """A bouncing screen is no second customer."""
    screen.open("/bread").page.dblclick("#bag-1")
    screen.sees("#say:has-text('Mme Aubert')").settle()
    assert used(depot) == 1


def test_a_regular_orders_for_tomorrow_in_five_taps(screen, depot):
    """From the counter: Bread, Order, who, what, Note."""
    screen.open().tap("a.service.bread").sees(".head a[href='/bread/orders']").tap(".head a[href='/bread/orders']")
    screen.sees(".face:has-text('M. Besnard')").tap(".face:has-text('M. Besnard')")
    screen.sees(f"#more-{TRADITION}").tap(f"#more-{TRADITION}").sees("#less-1").tap("#basket .key.main")
    screen.page.wait_for_url(lambda url: "/new" not in url)
    assert screen.taps == 5
    with depot.reading() as conn:
        assert [row["for_day"] for row in reading.orders(conn, TOMORROW)] == [TOMORROW]
        assert reading.reserved(conn, TOMORROW) == {TRADITION: 1000}


def test_a_new_customer_is_typed_on_the_screens_own_keyboard(screen, depot):
    """No keyboard on the counter: letters are tapped; two quick taps on a bread are two."""
    screen.open(f"/bread/new?day={TOMORROW}").page.click("#name")
    for letter in "zoé":
        screen.page.click(f"#keyboard [data-letter='{letter}']")
    screen.page.click("#keyboard [data-hide]")
    screen.page.click(f"#more-{CROISSANT}", click_count=1)
    screen.page.click(f"#more-{CROISSANT}", click_count=1)
    screen.sees("#less-1").settle()
    screen.page.wait_for_function("() => document.querySelector('#basket .line .n').textContent === '2'")
    screen.page.click("#weekly")
    screen.sees("#weekly[aria-pressed=true]").settle()
    screen.page.click("#basket .key.main")
    screen.page.wait_for_url(lambda url: "/new" not in url)
    with depot.reading() as conn:
        (due,) = reading.standing_due(conn, TOMORROW)
        assert reading.standing_lines(conn, due["standing"])[0]["quantity"] == 2000


def test_the_van_is_counted_with_minus_keys(screen, kiosk):
    """Only what differs is touched; what is missing is said."""
    store = kiosk.store
    agree(store)
    contracts.set_needs(store, "b1", loaves(tradition=10, boule=4), weekday=4, by=BY)
    screen.open("/bread").page.click("a.key.main[href*=delivery]")
    screen.sees(f"#less-{TRADITION}").page.click(f"#less-{TRADITION}")
    screen.sees(".sheet-row.differs").settle().page.click("button.key.main")
    screen.page.wait_for_url("**/bread")
    screen.sees("#say:has-text('Il manque')")
    with store.reading() as conn:
        assert reading.quantities(conn, TODAY, "received") == {
            TRADITION: 9000,
            BOULE: 4000,
            "baguette": 0,
            CROISSANT: 0,
        }


def test_a_wrong_count_is_corrected_beside_it(screen, depot):
    """Eleven traditions, not ten: typed beside what was counted, the new delivery's sheet untouched."""
    screen.open("/bread/delivery").page.fill(f"#fix-d1-{TRADITION}", "11")
    screen.page.click(f"#fix-d1-{TRADITION} + .key")
    screen.sees("#say:has-text('corrigée')").settle()
    with depot.reading() as conn:
        assert reading.quantities(conn, TODAY, "received")[TRADITION] == 11000


def test_a_long_press_opens_the_order(screen, depot):
    """A tap hands over; a long press shows all that can be done."""
    box = screen.open("/bread").page.query_selector("#bag-1").bounding_box()
    screen.page.mouse.move(box["x"] + 20, box["y"] + 20)
    screen.page.mouse.down()
    screen.page.wait_for_url("**/bread/order/1")
    screen.page.mouse.up()
    assert state(depot, "1") == "set_aside"


def test_the_evening_is_counted_returned_and_stated(screen, depot):
    """Count, to the baker, close the statement, pay it: four taps once there."""
    unclaimed.release_orders(depot, ["2"], by=BY)
    desk.hand_over(depot, "1", by=BY)
    screen.open("/bread/unsold").tap(".money .key.main").sees(".key.main:has-text('boulanger')").settle()
    screen.tap(".key.main:has-text('boulanger')").sees(".state.good.full").open("/bread/baker/b1/account")
    screen.tap("button.key.main").sees(".statement-row").settle()
    screen.tap(".statement-row .key:has-text('Espèces')").sees(".statement-row .state.good").settle()
    with depot.reading() as conn:
        assert tables.third_parties(conn)["baker:b1"] == 0
        assert reading.identity_faults(conn) == []


def test_reserved_bread_on_a_bill_is_the_managers_tap(screen, depot):
    """The till refuses, says how many are reserved; Bread shows the bill, the manager allows it."""
    tab = sell.add_product(depot, "big", BOULE, quantity=5000, by=BY)
    screen.open("/")
    if not screen.page.is_visible("#bill .line"):
        screen.page.click(".aside-bills")
        screen.page.click(".aside-bill")
    screen.sees("#bill .line").rest().page.click("#pay-exact")
    screen.sees("#say.bad:has-text('réserv')").page.click("a.service.bread")
    screen.sees(".bag-strip .key.main").page.click(".bag-strip .key.main")
    screen.sees("#bill .line").rest().page.click("#pay-exact")
    screen.sees("#bill.done")
    with depot.reading() as conn:
        assert sell.current_tab(conn, tab.tab_id) is None


@pytest.mark.parametrize(
    "path", ["/bread", "/bread/orders", "/bread/new", "/bread/unsold", "/bread/delivery", "/bread/order/2"]
)
def test_nothing_runs_off_a_small_screen(screen, depot, path):
    """1024 × 600: no page scrolls sideways, and the last key of the right side is within reach."""
    screen.page.set_viewport_size({"width": SMALL[0], "height": SMALL[1]})
    screen.open(path)
    width, height = screen.page.evaluate(
        "() => [document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    assert (width, height) == SMALL
    for key in screen.page.query_selector_all(".side .money .key"):
        box = key.bounding_box()
        assert box
        assert box["x"] + box["width"] <= SMALL[0]
        assert box["y"] + box["height"] <= SMALL[1]
