"""Fingers that do not wait: a money key tapped again while the till is slow, a tile tapped again after no answer."""

import pytest

from kiosk.wiring import Kiosk
from pos.till import sell
from tests.browser.conftest import Screen
from tests.browser.test_taps import tickets

pytestmark = pytest.mark.browser

# Longer than the guard of 0.4 s against a bouncing finger.
SLOW_MS = 450


def parts(kiosk: Kiosk) -> list[tuple[str, int]]:
    """What was paid so far of the bill that is open."""
    with kiosk.store.reading() as conn:
        return [(payment.means, payment.amount) for tab in sell.open_tabs(conn) for payment in tab.payments]


def slowly(screen: Screen, kiosk: Kiosk, key: str) -> None:
    """Tap twice while somebody else holds the file."""
    with kiosk.store.writing(by="box"):
        screen.tap(key)
        screen.page.wait_for_timeout(SLOW_MS)
        screen.tap(key)
    screen.settle()
    # A tap that waited its turn would go now.
    screen.page.wait_for_timeout(100)
    screen.settle()


@pytest.mark.parametrize(("key", "means"), [("#means-cash", "cash"), ("#means-cheque", "cheque")])
@pytest.mark.parametrize("slow", [True, False])
def test_a_part_typed_and_taken_twice_is_one_part(
    screen: Screen, kiosk: Kiosk, key: str, means: str, slow: bool
) -> None:
    """The second tap came to the key drawn anew, beside an empty amount: it took all the rest as received."""
    screen.tap("#tile-plat_du_jour").tap("#other-way").sees("#work.pay")
    for digit in "500":
        screen.page.click(f".pay [data-type='{digit}']")
    if slow:
        slowly(screen, kiosk, key)
    else:
        screen.tap(key).sees(".line.paid").tap(key).settle()
    assert parts(kiosk) == [(means, 500)]
    assert tickets(kiosk) == 0


def test_a_note_and_undo_tapped_twice_at_a_slow_till_are_one_each(screen: Screen, kiosk: Kiosk) -> None:
    """Ten euros received are ten euros; of two parts paid, one goes back."""
    for product in ("plat_du_jour", "plat_du_jour", "plat_du_jour"):
        screen.tap(f"#tile-{product}").settle()
    slowly(screen, kiosk, "#pay-1000")
    assert parts(kiosk) == [("cash", 1000)]
    screen.rest().tap("#pay-1000").settle()
    screen.rest()
    slowly(screen, kiosk, "#undo")
    assert parts(kiosk) == [("cash", 1000)]


def test_a_tile_tapped_again_after_no_answer_is_one_coffee(screen: Screen, kiosk: Kiosk) -> None:
    """« Nothing is recorded twice »: the answer was lost, the coffee was not; once seen, the next tap is a second one."""
    lost = []

    def swallow(route) -> None:  # type: ignore[no-untyped-def]
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch())
            route.abort()

    screen.page.route("**/bill/add/cafe", swallow)
    try:
        screen.tap("#tile-cafe").sees("#say.bad").tap("#tile-cafe")
        screen.page.wait_for_function(
            "() => document.querySelector('#bill .due .sum').textContent.includes('1,30')", timeout=5000
        )
        screen.settle().tap("#tile-cafe")
        screen.page.wait_for_function(
            "() => document.querySelector('#bill .due .sum').textContent.includes('2,60')", timeout=5000
        )
    finally:
        screen.page.unroute("**/bill/add/cafe")
    with kiosk.store.reading() as conn:
        assert [line.quantity for tab in sell.open_tabs(conn) for line in tab.lines] == [2000]
