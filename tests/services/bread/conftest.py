"""A depot ready to work: one baker on behalf at 18 %, four articles, the day open."""

import pytest

from pos.clock import StoppedClock
from pos.services.bread import contracts, day
from pos.services.bread.contracts import Line
from pos.services.bread.day import Came
from pos.store import Store
from pos.till import catalogue, close
from pos.till.events import OperatorAdded

BY = "g1"
TODAY = "2026-11-20"  # a Friday
TOMORROW = "2026-11-21"
TRADITION, BAGUETTE, BOULE, CROISSANT = "tradition_250_g", "baguette", "boule_de_campagne", "croissant"
PRICES = {TRADITION: 120, BAGUETTE: 105, BOULE: 240, CROISSANT: 110}


def loaves(**pieces: int) -> list[Line]:
    """`loaves(tradition=2)` as the acts take them."""
    codes = {"tradition": TRADITION, "baguette": BAGUETTE, "boule": BOULE, "croissant": CROISSANT}
    return [Line(article=codes[name], quantity=n * 1000) for name, n in pieces.items()]


def came(**pieces: int) -> list[Came]:
    """What was counted out of the van."""
    return [Came(article=line.article, counted=line.quantity) for line in loaves(**pieces)]


def agree(store: Store, **terms: object) -> None:
    """Enter a baker, a contract and four articles."""
    contracts.list_baker(store, name="M. Aubry", by=BY)
    told = {"mode": "on_behalf", "commission_bp": 1800, "unsold": "returned_100", **terms}
    contracts.set_contract(store, "b1", by=BY, **told)  # type: ignore[arg-type]
    for article, price in PRICES.items():
        contracts.set_article(store, "b1", article, price=price, by=BY)


@pytest.fixture
def menu(store: Store, clock: StoppedClock) -> Store:
    """A café with its starter menu, a manager and the day open."""
    with store.writing(by=BY) as tx:
        tx.record(OperatorAdded(op=BY, role="manager"))
        tx.record(OperatorAdded(op="v1", role="seller"))
    catalogue.load_starter(store, by=BY)
    close.open_day(store, 10000, by=BY)
    return store


@pytest.fixture
def depot(menu: Store) -> Store:
    """The same café with its baker."""
    agree(menu)
    return menu


@pytest.fixture
def morning(depot: Store) -> Store:
    """The delivery is in: ten of each."""
    day.receive_delivery(depot, "b1", came(tradition=10, baguette=10, boule=10, croissant=10), by=BY)
    return depot
