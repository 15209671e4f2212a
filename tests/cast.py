"""The café of the tests: Bea who runs it, Victor who helps, ten products, a day that is open.

Prices are those of the worked ticket of the fiscal notes (16.1), so that its sums are known.
"""

from collections.abc import Sequence
from typing import Any

from pos.store import Store
from pos.till import card, close, sell
from pos.till.events import CafeDescribed, CategoryListed, OperatorAdded, ProductListed
from pos.till.sell import Outcome, SoldLine
from pos.till.tab import Tab

BEA, VICTOR = "g1", "v1"
FLOAT = 15_000

CAFE = CafeDescribed(
    sign="Café de la Place", legal_entity="SAS Exemple", siret="12345678900011", street="1 place de l’Église",
    postcode="10190", town="Village", insee="10276", model="associatif", regime="reel", valid_from="2026-01-01",
)  # fmt: skip


def product(code: str, label: str, price: int, vat_class: str, **more: Any) -> ProductListed:
    """Return a product of the menu."""
    return ProductListed(product=code, label=label, category="bar", price=price, vat_class=vat_class, **more)


MENU: tuple[ProductListed, ...] = (
    product("cafe", "Café", 160, "hot_drink", nature="service", ean="3250390000426"),
    product("demi", "Demi pression 25 cl", 350, "alcohol", nature="service", min_age=18),
    product("croque", "Croque-monsieur", 750, "meal", nature="service"),
    product("baguette", "Baguette", 120, "bread", takeaway=True, service="bread"),
    product("confiture", "Confiture 350 g", 435, "grocery", takeaway=True),
    product("perrier", "Perrier 33 cl", 260, "closed_drink"),
    product("tomme", "Tomme au poids", 1890, "grocery", unit="kg", takeaway=True),
    product("progres", "Le Progrès", 140, "", role="press", owner="presse"),
    product("timbre", "Timbre", 152, "", role="agent_disclosed", owner="laposte"),
    product("divers", "Divers 20 %", 0, "general", open_price=True),
)
# 16.1, line by line: 24,57 € to pay.
MIXED = ("demi", "demi", "cafe", "croque", "baguette", "confiture", "progres", "timbre")


def furnish(store: Store) -> None:
    """Describe the café, name who serves, put the menu up."""
    with store.writing(by="") as tx:
        tx.record(CAFE)
        tx.record(OperatorAdded(op=BEA, role="manager"))
        tx.record(OperatorAdded(op=VICTOR, role="seller"))
        tx.record(CategoryListed(category="bar", label="Bar", accent="hot", icon="cup", position=0))
        for one in MENU:
            tx.record(one)


def open_cafe(store: Store, float_cents: int = FLOAT) -> None:
    """Furnish the café and open its day."""
    furnish(store)
    close.open_day(store, float_cents, by=BEA)


def ring(store: Store, tab_id: str, *products: str, by: str = VICTOR) -> Tab:
    """Put products on a bill and return it."""
    for code in products:
        sell.add_product(store, tab_id, code, by=by)
    with store.reading() as conn:
        tab = sell.current_tab(conn, tab_id)
    assert tab is not None
    return tab


def sold(store: Store, *products: str, by: str = VICTOR, **more: Any) -> Outcome:
    """Ring up and complete a sale at once, in cash unless said otherwise."""
    lines: Sequence[SoldLine] = [SoldLine(product=code) for code in products]
    return sell.sell(store, lines=lines, by=by, **more)


def paid_by_card(store: Store, tab_id: str, amount: int | None = None, by: str = VICTOR) -> Outcome:
    """Show the card amount of a bill, and accept it."""
    tab = card.start_card(store, tab_id, amount=amount, by=by)
    return card.settle_card(store, tab.card, card.ACCEPTED, by=by)


def of(outcome: Outcome) -> Any:
    """Return the sale that an act completed; fail when it did not."""
    assert outcome.sale is not None
    return outcome.sale
