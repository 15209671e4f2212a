"""What a stick of the box before holds: each service whose things a sale settled is on the list of what to type again."""

from kiosk import found
from kiosk.wiring import Kiosk
from pos import journal
from pos.till.events import SaleCompleted
from sync import orphans
from sync.found_copy import Tail
from sync.sums import Sums
from tests.kiosk.conftest import Counter


def test_a_sale_that_settled_a_services_things_is_listed_with_it(kiosk: Kiosk, screen: Counter) -> None:
    """A baguette and a coffee were sold: bread's shelf did not move here, the till's own sale needs no hand."""
    for product in ("cafe", "baguette"):
        screen.tap(f"/bill/add/{product}")
    assert screen.tap("/bill/pay/cash").status_code == 200
    told = kiosk.store.journal
    assert told is not None
    with kiosk.store.reading() as conn:
        rows = [
            one for one in journal.entries(conn, told, 0) if journal.read_envelope(one.body).kind == SaleCompleted.kind
        ]
        before = bytes(conn.execute("SELECT hash FROM journal_entry WHERE seq = ?", (rows[0].seq - 1,)).fetchone()[0])
    brought = orphans.as_import(kiosk.store, before, rows[0])
    assert brought is not None
    tail = Tail(told.jid, 0, rows[0].seq, [brought], Sums(kiosk.store.types))
    tail.kinds[SaleCompleted.kind] = 1
    by_hand = found._told(kiosk, tail)["by_hand"]
    assert [(one["title"], one["n"]) for one in by_hand] == [("Bread", 1)]
