"""Nothing is printed unless asked for, but the note the law wants; why is recorded."""

from kiosk.app import create_app, finish_last_sale
from kiosk.wiring import Kiosk
from pos import journal
from pos.clock import StoppedClock
from pos.hardware import queue
from pos.till import sell
from pos.till.events import ReceiptPrinted
from pos.till.sell import SoldLine
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def whys(kiosk: Kiosk) -> list[tuple[int, int, str]]:
    """Number, copy and reason of every ticket printed."""
    found = []
    with kiosk.store.reading() as conn:
        for entry in journal.entries(conn, kiosk.store.journals()[0]):
            told = journal.read_envelope(entry.body)
            event = kiosk.store.types.decode(told.kind, told.kv, told.data)
            if isinstance(event, ReceiptPrinted):
                found.append((event.no, event.copy, event.why))
    return found


def test_a_coffee_prints_nothing_and_a_meal_for_three_its_note(screen: Counter, kiosk: Kiosk) -> None:
    """3 €: no paper; 34,50 € of services: the note; a ticket asked for, then its duplicate (R46, R63, R64)."""
    screen.tap("/bill/add/cafe", attempt="a1")
    screen.tap("/bill/pay/cash", attempt="a2")
    assert whys(kiosk) == []
    for n in range(3):
        screen.tap("/bill/add/plat_du_jour", attempt=f"b{n}")
    screen.tap("/bill/pay/cash", attempt="b9")
    assert whys(kiosk) == [(2, 0, "note")]
    screen.tap("/tickets/1/print", attempt="c1")
    screen.tap("/tickets/1/print", attempt="c2")
    assert whys(kiosk)[1:] == [(1, 0, "asked"), (1, 1, "asked")]


def test_the_same_tap_twice_prints_one_note(screen: Counter, kiosk: Kiosk) -> None:
    """A tap whose answer was lost is tapped again: the note it printed is not printed as a duplicate."""
    for n in range(3):
        screen.tap("/bill/add/plat_du_jour", attempt=f"b{n}")
    tab = screen.tab
    for _tap in range(2):
        assert "/tickets/1/print" in screen.tap("/bill/pay/cash", attempt="pay-0001", tab=tab).text
    assert whys(kiosk) == [(1, 0, "note")]


def test_a_note_that_a_power_cut_left_out_is_printed_at_the_next_start(kiosk: Kiosk, clock: StoppedClock) -> None:
    """The sale is on the disk, the power goes before its note is: it is owed all the same, once, and not on Monday."""
    meals = [SoldLine(product="plat_du_jour")] * 3
    sell.sell(kiosk.store, lines=meals, by=cafe.SELLER)
    app = create_app(kiosk)
    for _start in range(2):
        finish_last_sale(app)
    assert whys(kiosk) == [(1, 0, "note")]
    sell.sell(kiosk.store, lines=[SoldLine(product="cafe")], by=cafe.SELLER)
    finish_last_sale(app)
    sell.sell(kiosk.store, lines=meals, by=cafe.SELLER)
    clock.tick(2 * 3_600_000)
    finish_last_sale(app)
    assert whys(kiosk) == [(1, 0, "note")]


def test_the_notice_comes_out_of_the_printer(screen: Counter, kiosk: Kiosk) -> None:
    """One key, on the page of invoices."""
    assert 'id="notice"' in screen.page("/invoices/")
    screen.tap("/invoices/notice", attempt="n1")
    with kiosk.store.reading() as conn:
        assert any("Affiche" in job.what for job in queue.jobs(conn, 5))
