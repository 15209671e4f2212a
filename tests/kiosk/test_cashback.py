"""Cash-back at the counter: three taps after the last article, each refusal in the message line, the poster on paper."""

from html import unescape

from kiosk.wiring import Kiosk
from pos.clock import StoppedClock
from pos.services.cashback import tables
from pos.till import card
from tests.kiosk.conftest import Counter

DAY = "2026-11-20"


def taken(kiosk: Kiosk) -> tuple[int, int]:
    """Return operations and cash of the day."""
    with kiosk.store.reading() as conn:
        return tables.total_on(conn, DAY)


def waiting(kiosk: Kiosk) -> list[tuple[str, int]]:
    """Return card payments without answer: id and amount shown."""
    with kiosk.store.reading() as conn:
        return [(row["payment"], row["amount"]) for row in card.unsettled(conn)]


def test_a_coffee_and_twenty_euros_are_four_taps(screen: Counter, kiosk: Kiosk) -> None:
    """N + 3: coffee, card, + 20 €, accepted; the cash to hand over is on the screen in large."""
    screen.tap("/bill/add/cafe")
    shown = screen.tap("/bill/card").text
    assert 'id="cash-2000"' in shown
    agreed = screen.tap(f"/cashback/{screen.tab}/propose", amount="2000").text
    assert "21,30" in agreed
    assert 'id="no-cash"' in agreed
    ((payment, amount),) = waiting(kiosk)
    assert amount == 2130
    done = screen.tap(f"/bill/card/{payment}/accepted").text
    assert "20,00" in done
    assert taken(kiosk) == (1, 2000)


def test_its_ticket_offers_no_correction_it_would_refuse(screen: Counter, kiosk: Kiosk) -> None:
    """A card payment that notes hang on cannot be moved to another means: the ticket's page does not propose it."""
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card")
    screen.tap(f"/cashback/{screen.tab}/propose", amount="2000")
    ((payment, _amount),) = waiting(kiosk)
    screen.tap(f"/bill/card/{payment}/accepted")
    assert "other-means" not in screen.page("/tickets/1")


def test_the_cash_is_taken_off_again(screen: Counter, kiosk: Kiosk) -> None:
    """The amount for the terminal is the purchase alone."""
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card")
    screen.tap(f"/cashback/{screen.tab}/propose", amount="2000")
    screen.tap(f"/cashback/{screen.tab}/withdraw")
    assert [amount for _payment, amount in waiting(kiosk)] == [130]


def test_a_double_tap_asks_once(screen: Counter, kiosk: Kiosk) -> None:
    """The same attempt draws the bill as it stands."""
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card")
    for _tap in range(2):
        assert screen.tap(f"/cashback/{screen.tab}/propose", amount="2000", attempt="tap-1").status_code == 200
    assert [amount for _payment, amount in waiting(kiosk)] == [2130]


def test_what_the_law_forbids_is_said_with_what_to_do(screen: Counter, kiosk: Kiosk) -> None:
    """Too much, no number, for a business: 422 in the message line, the bill as it was."""
    screen.tap("/bill/add/cafe")
    for form in ({"amount": "7000"}, {"amount": "abc"}, {"amount": "-1000"}, {}, {"amount": "2000", "business": "1"}):
        answer = screen.tap(f"/cashback/{screen.tab}/propose", **form)
        assert answer.status_code == 422
        assert answer.headers["HX-Retarget"] == "#say"
        assert 'class="remedy"' in answer.text
    assert waiting(kiosk) == []


def test_nothing_is_offered_when_the_drawer_is_low(screen: Counter, kiosk: Kiosk) -> None:
    """The keys are not drawn."""
    from pos.till import cash

    cash.move_cash(kiosk.store, -10_500, "bank_deposit", by="g1")
    screen.tap("/bill/add/cafe")
    assert "cash-1000" not in screen.tap("/bill/card").text
    assert "Aucun retrait possible" in unescape(screen.page("/cashback"))


def test_the_page_shows_limits_poster_and_operations(screen: Counter, kiosk: Kiosk, clock: StoppedClock) -> None:
    """Its empty state, then the day's operation; the manager sets limits, the poster follows."""
    page = unescape(screen.page("/cashback"))
    assert "Pas encore de retrait" in page
    assert "60,00" in page
    answer = screen.tap("/cashback/limits", min_purchase="5", max_cash="40,00", step="20", reserve="80")
    assert answer.headers["HX-Redirect"] == "/cashback"
    page = unescape(screen.page("/cashback"))
    assert "40,00" in page
    for wrong in ({"max_cash": "61"}, {"max_cash": "soixante"}, {"step": "0"}, {"min_purchase": "0,99"}):
        form = {"min_purchase": "5", "max_cash": "40", "step": "20", "reserve": "80"} | wrong
        assert screen.tap("/cashback/limits", **form).status_code == 422


def test_who_serves_sees_limits_and_does_not_set_them(other_screen: Counter) -> None:
    """The form is the manager's, on the screen and behind it."""
    assert "min_purchase" not in other_screen.page("/cashback")
    form = {"min_purchase": "5", "max_cash": "40", "step": "20", "reserve": "80"}
    assert other_screen.tap("/cashback/limits", **form).status_code == 422


def test_the_poster_comes_out_of_the_printer(screen: Counter, kiosk: Kiosk) -> None:
    """On paper, as the settings say."""
    answer = screen.tap("/cashback/poster")
    assert answer.status_code == 200
    assert kiosk.devices.simulated_printer is not None
    with kiosk.store.reading() as conn:
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 1
