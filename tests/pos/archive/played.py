"""A café whose days are played quickly through the till's own acts, for archives and their mutations."""

import random
from datetime import date, timedelta

from pos.clock import StoppedClock
from pos.store import Store
from pos.till import cash, close, refund, sell
from pos.till.events import Pieces
from tests.cast import BEA, MIXED, VICTOR, furnish, ring, sold


def play(store: Store, clock: StoppedClock, first: str, days: int, *, sales: int = 6, seed: str = "archives") -> None:
    """Play days with sales, a refund, a bill abandoned, cash moved, some days counted."""
    chance = random.Random(seed)
    with store.reading() as conn:
        furnished = conn.execute("SELECT count(*) FROM till_operator").fetchone()[0]
    day = date.fromisoformat(first)
    clock.set(f"{day}T07:00:00")
    if not furnished:
        furnish(store)
    for n in range(days):
        clock.set(f"{day + timedelta(days=n)}T07:10:00")
        close.open_day(store, 15_000, by=BEA)
        for i in range(sales):
            clock.tick(600_000)
            sale = sold(store, *chance.sample(MIXED, 3)).sale
            assert sale is not None
            if i == 1:
                refund.refund_sale(store, sale.no, reason="mistake", by=BEA)
        ring(store, f"tab-{day}-{n}", "demi")
        sell.void_tab(store, f"tab-{day}-{n}", "left", by=VICTOR)
        cash.move_cash(store, 500, "float_added", by=BEA)
        clock.set(f"{day + timedelta(days=n)}T19:30:00")
        counted = [Pieces(value=10_000, n=1)] if n % 2 else []
        close.close_day(store, pieces=counted, reason="unknown" if counted else "", by=BEA)
