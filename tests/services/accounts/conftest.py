"""A café with its menu and the day open, and accounts to pay with."""

import pytest

from pos.clock import StoppedClock
from pos.services.accounts import desk
from pos.store import Store
from pos.till import catalogue, close, sell
from pos.till.events import OperatorAdded, SaleCompleted
from pos.till.sell import SoldLine, TakenPayment

BY = "g1"
TODAY = "2026-11-20"


@pytest.fixture
def cafe(store: Store, clock: StoppedClock) -> Store:
    """A manager, a seller, the starter menu, the day open."""
    with store.writing(by=BY) as tx:
        tx.record(OperatorAdded(op=BY, role="manager"))
        tx.record(OperatorAdded(op="v1", role="seller"))
    catalogue.load_starter(store, by=BY)
    close.open_day(store, 10000, by=BY)
    return store


def account(store: Store, name: str = "Odile Perrin", *, slate: bool = False, ceiling: int = 0) -> str:
    """Open an account; return the opaque id."""
    return desk.open_account(store, name=name, slate=slate, ceiling=ceiling, by=BY).person


def paid(store: Store, tab_id: str, means: str = "cash", **told: object) -> SaleCompleted:
    """Pay an open bill; return its ticket."""
    sale = sell.take_payment(store, tab_id, means, by=BY, **told).sale  # type: ignore[arg-type]
    assert sale is not None
    return sale


def topped_up(store: Store, person: str, cents: int) -> SaleCompleted:
    """Top up an account in cash."""
    tab = desk.top_up(store, "", person, cents, by=BY)
    return paid(store, tab.tab_id)


def bought(
    store: Store, means: str, ref: str = "", *, product: str = "cafe", cents: int = 120, n: int = 1
) -> SaleCompleted:
    """Sell and pay at once."""
    sale = sell.sell(
        store,
        lines=[SoldLine(product=product, quantity=n * 1000, price=cents)],
        payments=[TakenPayment(means=means, ref=ref)],
        by=BY,
    ).sale
    assert sale is not None
    return sale
