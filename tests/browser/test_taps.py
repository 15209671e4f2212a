"""Tap budgets of the counter, counted with real clicks; and what impatient fingers do."""

import pytest

from kiosk.wiring import Kiosk
from pos.till import sell, tables
from tests.browser.conftest import Screen
from tests.kiosk import cafe

pytestmark = pytest.mark.browser


def tickets(kiosk: Kiosk) -> int:
    """How many tickets the till has."""
    with kiosk.store.reading() as conn:
        return tables.next_no(conn) - 1


def last_sale(kiosk: Kiosk):  # type: ignore[no-untyped-def]
    """The last sale recorded."""
    with kiosk.store.reading() as conn:
        return sell.sale_of(kiosk.store, conn, tables.next_no(conn) - 1)[0]


@pytest.mark.parametrize("key", ["#pay-exact", "#pay-500"])
def test_one_coffee_in_cash_is_two_taps(screen: Screen, kiosk: Kiosk, key: str) -> None:
    """A tile, then Exact or the 5 € note: paid."""
    screen.tap("#tile-cafe").tap(key).sees("#bill.done")
    assert screen.taps == 2
    assert tickets(kiosk) == 1


def test_one_coffee_by_card_is_two_taps_and_the_terminals_answer(screen: Screen, kiosk: Kiosk) -> None:
    """A tile, Carte; one more tap says what the terminal answered."""
    screen.tap("#tile-cafe").tap("#pay-card").sees("#card-accepted")
    assert screen.taps == 2
    screen.rest().tap("#card-accepted").sees("#bill.done")
    assert screen.taps == 3
    assert tickets(kiosk) == 1


def test_cash_and_card_mixed_is_n_plus_two(screen: Screen, kiosk: Kiosk) -> None:
    """Three products, a 10 € note, the rest on the card: five taps and the terminal's answer."""
    products = ("plat_du_jour", "cafe", "croissant")
    for product in products:
        screen.tap(f"#tile-{product}")
    screen.tap("#pay-1000").sees(".line.paid")
    screen.rest().tap("#pay-card").sees("#card-accepted")
    assert screen.taps == len(products) + 2
    screen.rest().tap("#card-accepted").sees("#bill.done")
    assert [payment.means for payment in last_sale(kiosk).payments] == ["cash", "card"]


def test_a_paid_ticket_is_refunded_in_four_taps(screen: Screen, kiosk: Kiosk) -> None:
    """Tickets, the ticket, Refund, the reason."""
    screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done")
    screen.open().sees("#bill")
    screen.taps = 0
    screen.tap("#tickets").tap("#ticket-1").tap("#refund").tap("#why-mistake")
    screen.page.wait_for_url("**/tickets/2")
    assert screen.taps == 4
    assert tickets(kiosk) == 2


def test_a_sellers_refund_is_four_taps_and_the_managers_pin(other_screen: Screen, kiosk: Kiosk) -> None:
    """The sheet comes over the page, a wrong PIN leaves it there, the right one gives the money back; the seller goes on."""
    other_screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done")
    other_screen.open().sees("#bill")
    other_screen.taps = 0
    other_screen.tap("#tickets").tap("#ticket-1").tap("#refund").tap("#why-mistake").sees("#ask-manager")
    assert other_screen.taps == 4
    box = other_screen.page.locator("#ask-manager form").bounding_box()
    assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 600
    for digit in "9182":
        other_screen.page.click(f"#ask-manager [data-type='{digit}']")
    other_screen.page.click("#ask-manager .go")
    other_screen.sees("#say.bad").sees("#ask-manager")
    for digit in cafe.MANAGER_PIN:
        other_screen.page.click(f"#ask-manager [data-type='{digit}']")
    other_screen.page.click("#ask-manager .go")
    other_screen.page.wait_for_url("**/tickets/2")
    assert tickets(kiosk) == 2


def test_the_managers_sheet_goes_with_its_act_or_when_it_is_left(other_screen: Screen) -> None:
    """Over the counter too: left, nothing changed; agreed, the printed bill is cancelled and the sheet is gone."""
    other_screen.tap("#tile-cafe").settle()
    other_screen.page.evaluate(
        "() => htmx.ajax('POST', '/tickets/bill/print', {source: '#frame', target: '#say', swap: 'outerHTML'})"
    )
    other_screen.sees("#say.good").settle()
    for leave in (True, False):
        other_screen.tap("#cancel").tap("button[hx-post$='/cancel/mistake']").sees("#ask-manager")
        if leave:
            other_screen.tap("#ask-manager [data-close]")
            other_screen.open().sees(".line.lit")
    other_screen.page.fill("#manager-pin", cafe.MANAGER_PIN)
    other_screen.tap("#ask-manager .go").settle()
    other_screen.sees(".lines.none")
    assert other_screen.page.locator("#ask-manager").count() == 0


def test_the_day_opens_in_three_and_closes_in_four_taps(screen: Screen, kiosk: Kiosk) -> None:
    """Menu, Close, (the count), Close; then one tap opens it again."""
    screen.taps = 0
    screen.tap(".service.menu").tap(".door.strong")
    screen.page.fill("#n5000", "3")
    screen.tap("#close-day")
    screen.page.wait_for_url("**/day/z/1")
    assert screen.taps <= 4
    screen.open()
    screen.taps = 0
    screen.tap("#open-day").sees("#tile-cafe")
    assert screen.taps <= 3


def test_two_quick_taps_are_two_coffees(screen: Screen) -> None:
    """Taps are queued, never dropped, and counted on the tile at once."""
    for _n in range(6):
        screen.page.click("#tile-cafe", no_wait_after=True)
    screen.page.wait_for_function("() => document.querySelector('#bill .due .sum').textContent.includes('7,80')")
    assert screen.page.inner_text("#tile-cafe .count").startswith("×6")


def test_a_tap_on_a_money_key_waits_for_the_tile_before_it(screen: Screen, kiosk: Kiosk) -> None:
    """Tile and Exact tapped in one breath: the coffee is paid, the key was not lost."""
    screen.page.evaluate(
        "() => { document.getElementById('tile-cafe').click(); document.getElementById('pay-exact').click(); }"
    )
    screen.sees("#bill.done")
    assert last_sale(kiosk).total == 130


def test_a_double_tap_on_exact_is_one_sale_and_prints_nothing(screen: Screen, kiosk: Kiosk) -> None:
    """The second tap of the same finger falls on « Imprimer »: it does nothing."""
    screen.tap("#tile-cafe").settle()
    box = screen.page.locator("#pay-exact").bounding_box()
    assert box is not None
    screen.page.mouse.dblclick(box["x"] + 40, box["y"] + 40, delay=30)
    screen.sees("#bill.done").settle()
    screen.page.wait_for_timeout(300)
    assert tickets(kiosk) == 1
    assert kiosk.devices.simulated_printer.state()["slips"] == 0


def test_two_screens_show_who_was_quicker(screen: Screen, other_screen: Screen, kiosk: Kiosk) -> None:
    """Both show one bill; one pays; the other learns the ticket when it tries."""
    screen.tap("#tile-cafe").settle()
    screen.tap("#park").settle()
    other_screen.open().tap(".aside-bills").tap(".aside-bill").sees("#line-" + _line(kiosk))
    tab = other_screen.page.get_attribute("#bill", "data-tab")
    screen.page.evaluate("tab => { document.getElementById('bill').dataset.tab = tab }", tab)
    other_screen.tap("#pay-exact").sees("#bill.done")
    screen.rest().page.evaluate("() => document.getElementById('pay-exact').click()")
    screen.sees("#bill.done")
    assert "déjà payée" in screen.page.inner_text("#say")
    assert tickets(kiosk) == 1


def _line(kiosk: Kiosk) -> str:
    with kiosk.store.reading() as conn:
        return sell.open_tabs(conn)[0].lines[0].line_id


def test_an_expired_session_locks_and_keeps_the_bill(screen: Screen, clock, kiosk: Kiosk) -> None:  # type: ignore[no-untyped-def]
    """The tap after a long rest leads to the lock; the bill is there after the PIN."""
    screen.tap("#tile-cafe").settle()
    clock.tick(600_000)
    screen.tap("#tile-cafe")
    screen.page.wait_for_url("**/lock**")
    screen.page.keyboard.type(cafe.MANAGER_PIN)
    screen.page.keyboard.press("Enter")
    screen.sees("#tile-cafe")
    assert "1,30" in screen.page.inner_text("#bill .due")


def test_a_scan_adds_its_product_whatever_has_the_focus(screen: Screen, kiosk: Kiosk) -> None:
    """A burst of keys on a French keyboard is a scan; nothing lands in the field that had the focus."""
    from pos.till import catalogue
    from pos.till.events import ProductListed

    catalogue.list_product(
        kiosk.store, ProductListed(product="sables", label="Sablés", category="epicerie", price=320, vat_class="grocery", ean="3017620422003"),
        by="g1",
    )  # fmt: skip
    burst = """code => { const at = document.activeElement || document.body;
      for (const c of code) at.dispatchEvent(new KeyboardEvent('keydown', {code: 'Digit' + c, key: 'à', bubbles: true, cancelable: true}));
      at.dispatchEvent(new KeyboardEvent('keydown', {code: 'Enter', key: 'Enter', bubbles: true, cancelable: true})); }"""
    screen.page.evaluate(burst, "3017620422003")
    screen.page.wait_for_selector("text=Sablés")
    screen.open("/settings/cafe")
    sign = screen.page.input_value("#f-sign")
    screen.page.focus("#f-sign")
    screen.page.evaluate(burst, "3017620422003")
    screen.page.wait_for_function("() => document.getElementById('say').textContent.includes('Sablés')")
    assert screen.page.input_value("#f-sign") == sign
    screen.open()
    assert "6,40" in screen.page.inner_text("#bill .due")


@pytest.mark.parametrize("code", ["E-3", "P-42", "ZB-7"])
def test_our_own_labels_are_read_at_the_counter_however_few_their_signs(screen: Screen, code: str) -> None:
    """A loan, a notice, a bag: the first ones have short numbers; a PIN typed by a quick hand is no scan."""
    burst = """code => { const press = code => document.body.dispatchEvent(new KeyboardEvent('keydown', {code, bubbles: true, cancelable: true}));
      for (const c of code) press(c === '-' ? 'Minus' : /[0-9]/.test(c) ? 'Digit' + c : 'Key' + c);
      press('Enter'); }"""
    screen.page.evaluate(burst, "1407")
    screen.page.wait_for_timeout(200)
    assert "1407" not in screen.page.inner_text("#say")
    screen.page.evaluate(burst, code)
    screen.page.wait_for_function("code => document.getElementById('say').textContent.includes(code)", arg=code)


def test_no_field_has_the_focus_at_the_counter(screen: Screen) -> None:
    """Keys typed at the counter go to the scanner, never into a field."""
    assert screen.page.evaluate("() => document.activeElement.tagName") == "BODY"


def test_a_long_press_opens_the_products_keys(screen: Screen) -> None:
    """Held for half a second, a tile asks quantity and price instead of adding one."""
    box = screen.page.locator("#tile-cafe").bounding_box()
    assert box is not None
    screen.page.mouse.move(box["x"] + 40, box["y"] + 40)
    screen.page.mouse.down()
    screen.page.wait_for_timeout(700)
    screen.page.mouse.up()
    screen.sees("#work.keys")
    assert "0,00" in screen.page.inner_text("#bill .due")


def test_a_printer_without_paper_is_told_and_stays_told(screen: Screen, kiosk: Kiosk) -> None:
    """The sale is done, the message says what to do and leads there, and nothing wipes it."""
    kiosk.devices.simulated_printer.switch("no_paper", True)
    screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done").rest()
    screen.tap("#print").sees("#say.wait")
    screen.sees("#machines a.wait")
    screen.page.wait_for_timeout(300)
    assert "papier" in screen.page.inner_text("#say")
    screen.page.click("#say .say-act")
    screen.page.wait_for_url("**/settings/machines")
