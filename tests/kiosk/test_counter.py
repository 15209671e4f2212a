"""The counter over HTTP: selling, paying, double taps, two screens, refusals told in the message line."""

import re
import threading

import pytest

from kiosk.wiring import Kiosk
from pos import drafts
from pos.clock import StoppedClock
from pos.till import tables
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def tickets(kiosk: Kiosk) -> int:
    """How many tickets the till has."""
    with kiosk.store.reading() as conn:
        return tables.next_no(conn) - 1


def test_a_coffee_paid_with_a_note_gives_its_change(screen: Counter, kiosk: Kiosk) -> None:
    """A tile, a note: the sale is recorded and the change is in large type."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    answer = screen.tap("/bill/pay/cash", attempt="pay-0001", given="5")
    assert "3,70" in answer.text
    assert "À rendre" in answer.text
    assert tickets(kiosk) == 1
    assert kiosk.devices.simulated_drawer.is_open()


def test_a_part_that_is_paid_stands_on_the_bill_as_already_paid(screen: Counter, kiosk: Kiosk) -> None:
    """Whoever takes the rest reads what was settled and how, not a lone « reçu »."""
    screen.tap("/bill/add/croque_monsieur")
    screen.tap("/bill/pay/given", amount="2,00")
    bill = screen.page("/")
    assert "Espèces<small>déjà réglé</small>" in bill
    assert tickets(kiosk) == 0


def test_a_ticket_looked_for_without_its_number_asks_for_it(screen: Counter) -> None:
    """The key pressed too early says what is missing, not « pas de ticket » and nothing; a number nobody has is named."""
    assert "Le numéro du ticket manque" in screen.client.get("/tickets/look?no=").text
    assert "pas de ticket 99" in screen.client.get("/tickets/look?no=99").text


def test_two_taps_are_two_coffees_and_one_tap_sent_twice_is_one(screen: Counter) -> None:
    """Each press has its own attempt; the same attempt again changes nothing."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    answer = screen.tap("/bill/add/cafe", attempt="tap-0002")
    assert answer.status_code == 200
    assert "2 ×" in answer.text


def test_an_impatient_finger_pays_once(screen: Counter, kiosk: Kiosk) -> None:
    """The pay key sent twice is one sale, and both answers show it."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    tab = screen.tab
    first = screen.tap("/bill/pay/cash", attempt="pay-0001")
    screen.tab = tab
    second = screen.tap("/bill/pay/cash", attempt="pay-0001")
    assert first.status_code == second.status_code == 200
    assert "Ticket n° 1" in second.text.replace("\u00a0", " ")
    assert tickets(kiosk) == 1


def test_two_screens_pay_the_same_bill_once(screen: Counter, other_screen: Counter, kiosk: Kiosk) -> None:
    """The slower screen is told the ticket; nothing is taken twice."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    other_screen.tab = screen.tab
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    answer = other_screen.tap("/bill/pay/cash", attempt="pay-0002")
    assert answer.status_code == 200
    assert "déjà payée" in answer.text
    assert tickets(kiosk) == 1


def test_two_screens_at_the_same_instant(screen: Counter, other_screen: Counter, kiosk: Kiosk) -> None:
    """Sixteen taps from two screens on one bill leave one ticket."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    other_screen.tab = tab = screen.tab

    def pay(who: Counter, n: int) -> None:
        headers = {"HX-Request": "true"}
        who.client.application.test_client()
        who.client.post("/bill/pay/cash", data={"tab": tab, "attempt": f"race-{n:04}"}, headers=headers)

    threads = [
        threading.Thread(target=lambda w=w: [pay(w, id(w) % 1000 * 10 + n) for n in range(8)])
        for w in (screen, other_screen)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert tickets(kiosk) == 1


def test_each_screen_has_its_own_bill(screen: Counter, other_screen: Counter) -> None:
    """What one screen types is not on the other."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    assert "Touchez ou scannez" in other_screen.page()


def test_a_bill_is_found_again_when_its_browser_died(
    screen: Counter, other_screen: Counter, clock: StoppedClock
) -> None:
    """A screen silent for five minutes no longer keeps its bill: the others find it among those aside."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    assert "1 de côté" not in other_screen.page()
    clock.tick(4 * 60_000)
    other_screen.page()
    clock.tick(60_000)
    other_screen.sign_in(cafe.SELLER, cafe.SELLER_PIN)
    assert "1 de côté" in other_screen.page()
    assert "1 Café" in other_screen.page("/bills")


def test_a_bill_is_found_again_after_a_power_cut(screen: Counter, kiosk: Kiosk) -> None:
    """The browser forgot everything: the bill comes back on the first screen that shows up."""
    from kiosk.app import create_app

    screen.tap("/bill/add/cafe", attempt="tap-0001")
    fresh = Counter(create_app(kiosk).test_client())
    fresh.sign_in()
    assert "1 ×" in fresh.page()


def test_a_card_amount_is_shown_after_it_is_written(screen: Counter, kiosk: Kiosk) -> None:
    """The terminal's amount appears once the start is in the journal; accepted ends the sale."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    shown = screen.tap("/bill/card", attempt="card-0001").text
    with kiosk.store.reading() as conn:
        waiting = tables.unsettled_cards(conn)
    assert len(waiting) == 1
    assert "1,30" in shown
    payment = waiting[0]["payment"]
    assert "Acceptée" in shown
    refused = screen.tap(f"/bill/card/{payment}/refused", attempt="card-0002").text
    assert "rien n’a été pris" in refused
    shown = screen.tap("/bill/card", attempt="card-0003").text
    payment = re.search(r"/bill/card/(\w+)/accepted", shown)[1]  # type: ignore[index]
    done = screen.tap(f"/bill/card/{payment}/accepted", attempt="card-0004").text
    assert "C’est réglé" in done
    assert tickets(kiosk) == 1


def test_part_in_cash_rest_by_card(screen: Counter) -> None:
    """A note smaller than the bill is a part payment; the card takes the rest."""
    screen.tap("/product/plat_du_jour/add", attempt="tap-0001", quantity="1")
    answer = screen.tap("/bill/pay/cash", attempt="pay-0001", given="10")
    assert "Reste" in answer.text
    shown = screen.tap("/bill/card", attempt="card-0001").text
    payment = re.search(r"/bill/card/(\w+)/accepted", shown)[1]  # type: ignore[index]
    assert "C’est réglé" in screen.tap(f"/bill/card/{payment}/accepted", attempt="card-0002").text


@pytest.mark.parametrize(
    ("url", "form", "word"),
    [
        ("/bill/pay/cash", {"given": "50"}, "vide"),
        ("/bill/add/nothing_like_this", {}, "Catalogue"),
        ("/scan", {"code": "9999999999994", "bill": "1"}, "code"),
        ("/bill/pay/given", {"amount": "abc"}, "montant"),
        ("/bill/cancel/mistake", {}, "note"),
        ("/bill/pay/gold", {}, ""),
    ],
)
def test_a_refusal_is_one_french_sentence_in_the_message_line(
    screen: Counter, url: str, form: dict[str, str], word: str
) -> None:
    """422, aimed at #say, with a remedy; the bill is not touched."""
    answer = screen.tap(url, attempt="tap-0001", **form)
    assert answer.status_code == 422, answer.text
    assert answer.headers["HX-Retarget"] == "#say"
    assert 'class="remedy"' in answer.text
    assert word in answer.text
    assert 'id="bill"' not in answer.text


def test_names_with_quotes_html_and_emoji_are_shown_as_typed(screen: Counter) -> None:
    """What a person types is text, everywhere."""
    name = 'Tarte "Tatin" <b>d\'O’Brien</b> & co 🥧'
    screen.tap(
        "/catalogue/save",
        attempt="save-0001",
        label=name,
        category="manger",
        price="4,50",
        vat_class="meal",
        favourite="1",
    )
    page = screen.page()
    assert "<b>d'O" not in page
    assert "&lt;b&gt;" in page
    assert "🥧" in page


def test_an_ean_adds_its_product_from_any_screen(screen: Counter, kiosk: Kiosk) -> None:
    """A scan away from the counter adds to the bill and says so, without leaving the page."""
    screen.tap(
        "/catalogue/save",
        attempt="s-0001",
        label="Sablés",
        category="epicerie",
        price="3,20",
        vat_class="grocery",
        ean="3017620422003",
    )
    answer = screen.tap("/scan", attempt="scan-0001", code="3017620422003")
    assert "Sablés" in answer.text
    assert answer.status_code == 200
    assert "Sablés" in screen.page()


def test_a_dead_printer_never_holds_a_sale(screen: Counter, kiosk: Kiosk) -> None:
    """No paper: the sale stands, the drawer's trouble and the slip's are told with a remedy."""
    kiosk.devices.simulated_printer.switch("off", True)
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    paid = screen.tap("/bill/pay/cash", attempt="pay-0001")
    assert paid.status_code == 200
    assert "C’est réglé" in paid.text
    printed = screen.tap("/tickets/1/print", attempt="print-0001")
    assert printed.status_code == 200
    assert tickets(kiosk) == 1
    waiting = screen.page("/settings/machines")
    assert "Ticket" in waiting


def test_the_second_print_is_a_duplicate(screen: Counter, kiosk: Kiosk) -> None:
    """The first paper is the ticket, the next says DUPLICATA (R46)."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    screen.tap("/tickets/1/print", attempt="print-0001")
    screen.tap("/tickets/1/print", attempt="print-0002")
    texts = ["\n".join(line.text for line in slip) for slip in kiosk.devices.simulated_printer.paper()]
    assert "DUPLICATA" not in texts[0]
    assert "DUPLICATA" in texts[-1]


def test_a_clock_three_days_back_is_told_with_its_remedy(screen: Counter, clock, kiosk: Kiosk) -> None:  # type: ignore[no-untyped-def]
    """The till refuses to write the past and says where to confirm the time."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    clock.set(clock.now_ms() - 3 * 86_400_000)
    answer = screen.tap("/bill/pay/cash", attempt="pay-0001")
    assert answer.status_code == 422
    assert "Date et heure" in answer.text or "journée" in answer.text
    assert tickets(kiosk) == 0


def test_after_a_power_cut_the_card_question_is_asked_again(screen: Counter, kiosk: Kiosk) -> None:
    """An amount on the terminal without answer is asked at the next start, never guessed (R15)."""
    from kiosk.app import create_app

    screen.tap("/bill/add/cafe", attempt="tap-0001")
    screen.tap("/bill/card", attempt="card-0001")
    fresh = Counter(create_app(kiosk).test_client())
    fresh.sign_in()
    assert "Acceptée" in fresh.page()
    assert "1,30" in fresh.page("/cards")
    assert fresh.tap("/day/close", attempt="close-0001").status_code == 422


def test_the_compulsory_note_is_printed_and_no_other_ticket(screen: Counter, kiosk: Kiosk) -> None:
    """Services of 25 € and more get their note; a coffee prints nothing by itself (R63, R64)."""
    printer = kiosk.devices.simulated_printer
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    assert printer.state()["slips"] == 0
    screen.tap("/product/plat_du_jour/add", attempt="tap-0002", quantity="3")
    screen.tap("/bill/pay/cash", attempt="pay-0002")
    assert printer.state()["slips"] == 1


def test_a_printer_in_trouble_is_told_with_the_way_to_print_again(screen: Counter, kiosk: Kiosk) -> None:
    """The sentence, its remedy, and the page where slips wait; printed once the paper is back."""
    printer = kiosk.devices.simulated_printer
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    printer.switch("no_paper", True)
    said = screen.tap("/tickets/1/print", attempt="print-0001")
    assert "papier" in said.text
    assert "/settings/machines" in said.text
    assert said.headers["HX-Trigger"] == "machines"
    assert "en attente" in screen.client.get("/machines").text
    printer.switch("no_paper", False)
    screen.tap("/settings/slips/1/retry")
    assert printer.state()["slips"] == 1


def test_the_next_bill_is_known_before_it_is_begun(screen: Counter, kiosk: Kiosk) -> None:
    """A payment signs no cookie: the empty bill it draws is only remembered, and is this screen's until a tap begins it."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    paid = screen.tap("/bill/pay/cash", attempt="pay-0001")
    assert "Set-Cookie" not in paid.headers
    drawn = screen.tab
    screen.page("/")
    assert screen.tab == drawn
    screen.tap("/bill/add/cafe", attempt="add-0002")
    screen.tap("/bill/park", attempt="park-001")
    assert ">1 de côté<" in screen.page("/").replace("\u00a0", " ")
    assert screen.tab != drawn


def test_a_replaced_till_says_so_and_sells_nothing(screen: Counter, kiosk: Kiosk) -> None:
    """HQ gave the café to another box: the bill stays, nothing is taken, one sentence says what to do."""
    screen.tap("/bill/add/cafe", attempt="tap-0001")
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, drafts.LINE, {"state": "locked"})
    for url, attempt in (("/bill/add/cafe", "tap-0002"), ("/bill/pay/cash", "pay-0001")):
        assert "Cette caisse a été remplacée" in screen.tap(url, attempt=attempt, given="5").text
    assert tickets(kiosk) == 0
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, drafts.LINE, {"state": "normal"})
    screen.tap("/bill/pay/cash", attempt="pay-0002", given="5")
    assert tickets(kiosk) == 1
