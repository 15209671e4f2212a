"""« Le ticket est-il sorti ? » in a real browser: it comes by itself, covers nothing, and goes with the answer."""

import time

import pytest

from kiosk.wiring import Kiosk
from pos.hardware import queue
from pos.hardware.simulated import HANGS, NO_PAPER, RESETS
from tests.browser.conftest import Screen

pytestmark = pytest.mark.browser


def on_paper(kiosk: Kiosk) -> str:
    """What came out of the printer."""
    return "\n".join(line.text for slip in kiosk.devices.simulated_printer.paper() for line in slip)


def shown_at(screen: Screen, selector: str) -> tuple[float, float]:
    """Where something begins and ends, from the top."""
    box = screen.page.locator(selector).bounding_box()
    assert box is not None, selector
    return box["y"], box["y"] + box["height"]


@pytest.mark.parametrize("habit", [RESETS, HANGS])
def test_a_doubtful_ticket_is_asked_about_and_printed_again(screen: Screen, kiosk: Kiosk, habit: str) -> None:
    """One tap answers; the duplicate is on paper, the question is gone, and the money keys were never covered."""
    kiosk.devices.simulated_printer.switch(habit, True)
    screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done").rest()
    screen.tap("#print").sees("#not-out")
    top, bottom = shown_at(screen, "#ask")
    assert shown_at(screen, "#bill")[1] <= top
    assert bottom <= shown_at(screen, "footer.status")[0] + 1
    assert on_paper(kiosk) == ""
    screen.tap("#not-out")
    screen.page.wait_for_selector("#ask", state="hidden")
    deadline = time.monotonic() + 5
    while "DUPLICATA" not in on_paper(kiosk) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert "DUPLICATA n° 1" in on_paper(kiosk)
    assert screen.complaints == []


def test_selling_goes_on_while_a_question_waits(screen: Screen, kiosk: Kiosk) -> None:
    """A queue of customers is not kept by a printer: the question stays until somebody answers."""
    kiosk.devices.simulated_printer.switch(RESETS, True)
    screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done").rest()
    screen.tap("#print").sees("#came-out").rest()
    screen.tap("#tile-cafe").sees("#bill .lines ol").rest()
    screen.tap("#pay-exact").sees("#bill.done")
    screen.sees("#came-out").tap("#came-out")
    screen.page.wait_for_selector("#ask", state="hidden")
    assert on_paper(kiosk) == ""


def test_a_remedy_is_read_whole_and_goes_when_the_slip_is_out(screen: Screen, kiosk: Kiosk) -> None:
    """On the small screen too; « it will come out by itself » does not stay once it came."""
    screen.page.set_viewport_size({"width": 1024, "height": 600})
    kiosk.devices.simulated_printer.switch(NO_PAPER, True)
    screen.tap("#tile-cafe").tap("#pay-exact").sees("#bill.done").rest()
    screen.tap("#print").sees("#say .remedy").sees("#machines a.is.wait")
    assert screen.page.evaluate(
        "() => { const s = document.querySelector('#say > span'); return s.scrollHeight <= s.clientHeight; }"
    )
    kiosk.devices.simulated_printer.switch(NO_PAPER, False)
    # The clock of the tests stands still: the next round is asked for by hand, and the line rung.
    queue.work(kiosk.store, kiosk.devices)
    screen.page.evaluate("() => htmx.trigger(document.body, 'machines')")
    screen.page.wait_for_selector("#say .remedy", state="detached", timeout=3000)
    assert "Ticket" in on_paper(kiosk)
