"""Nothing is printed unless asked for, but the note the law wants; why is recorded."""

from kiosk.wiring import Kiosk
from pos import journal
from pos.hardware import queue
from pos.till.events import ReceiptPrinted
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


def test_the_notice_comes_out_of_the_printer(screen: Counter, kiosk: Kiosk) -> None:
    """One key, on the page of invoices."""
    assert 'id="notice"' in screen.page("/invoices/")
    screen.tap("/invoices/notice", attempt="n1")
    with kiosk.store.reading() as conn:
        assert any("Affiche" in job.what for job in queue.jobs(conn, 5))
