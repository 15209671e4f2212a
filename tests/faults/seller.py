"""A till that sells as fast as it can until somebody pulls the plug: `python -m tests.faults.seller FILE FIRST`.

Prints one line when a sale is acknowledged, and only then: the attempt and the receipt number.
"""

import sys
from contextlib import suppress
from pathlib import Path

from pos.clock import StoppedClock
from pos.errors import AlreadyDone
from pos.store import Store
from pos.till import card, refund, sell
from pos.till.sell import Outcome, SoldLine
from pos.till.tab import CASH
from tests.cast import BEA, VICTOR, open_cafe
from tests.conftest import MORNING, open_test_store


def one_sale(store: Store, n: int) -> Outcome:
    """Make sale `n`, one of several kinds; the last act bears the attempt `sale-n`."""
    attempt = f"sale-{n}"
    if n % 4 == 0:
        return sell.sell(
            store, lines=[SoldLine(product="cafe"), SoldLine(product="progres")], by=VICTOR, attempt=attempt
        )
    tab_id = f"tab-{n}"
    for product in ("demi", "cafe", "baguette")[: n % 4]:
        # The second try of an interrupted bill finds its lines again.
        try:
            sell.add_product(store, tab_id, product, by=VICTOR, attempt=f"{attempt}-{product}")
        except AlreadyDone:
            continue
    if n % 4 == 1:
        return sell.take_payment(store, tab_id, CASH, given=2000, by=VICTOR, attempt=attempt)
    with store.reading() as conn:
        waiting = [row["payment"] for row in card.unsettled(conn) if row["tab"] == tab_id]
    payment = waiting[0] if waiting else card.start_card(store, tab_id, by=VICTOR, attempt=f"{attempt}-card").card
    return card.settle_card(store, payment, card.ACCEPTED, by=VICTOR, attempt=attempt)


def done_already(store: Store, n: int) -> Outcome | None:
    """Return the sale that attempt `sale-n` was, when the plug was pulled between the disk and the answer."""
    with store.reading() as conn:
        row = conn.execute("SELECT first, last FROM draft_attempt WHERE attempt = ?", (f"sale-{n}",)).fetchone()
    return sell.done_before(store, AlreadyDone(f"sale-{n}", row[0], row[1])) if row else None


def main(path: str, first: int) -> None:
    """Sell from attempt `first` on, for ever."""
    store = open_test_store(Path(path), StoppedClock(MORNING))
    with store.reading() as conn:
        opened = conn.execute("SELECT count(*) FROM till_day").fetchone()[0]
    if not opened:
        open_cafe(store)
    print("open", flush=True)
    n = first
    while True:
        outcome = done_already(store, n) or one_sale(store, n)
        assert outcome.sale is not None
        print(f"sold {n} {outcome.sale.no} {outcome.sale.total}", flush=True)
        if n % 11 == 0:
            with suppress(AlreadyDone):
                refund.refund_sale(store, outcome.sale.no, reason="mistake", by=BEA, attempt=f"back-{n}")
        n += 1


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
