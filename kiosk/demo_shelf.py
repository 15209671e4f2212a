"""Made-up days of goods and things: a grocery with its stock and a producer, books and games lent."""

from contextlib import suppress

from kiosk.demo_village import BY, NAMES, Village
from pos.engines import consignment_tables as consigned
from pos.engines import stock
from pos.engines.labels import ean_digit
from pos.errors import Refusal
from pos.services.grocery import producers, shelf
from pos.services.loans import desk as loans
from pos.services.loans import reading as library
from pos.till import catalogue, tables
from pos.till.menu_events import ProductListed
from pos.till.sell import SoldLine

# What the café follows the stock of.
FOLLOWED = (
    "lait_demi_ecreme_1_l",
    "oeufs_la_boite_de_6",
    "pates_500_g",
    "beurre_doux_250_g",
    "sucre_en_poudre_1_kg",
    "emmental_rape_200_g",
)
DEPOSITED = "conserve_de_haricots_verts"
BOOKS = tuple(
    f"{title} (démo)"
    for title in ("Le Lavoir", "La Halle", "Le Tilleul", "Le Pont", "Le Moulin", "La Place", "Le Puits", "La Treille")
)


def begin_grocery(v: Village) -> None:
    """Count the shelf as grocery; agree with a supplier and a producer."""
    shelf.list_shelf(v.store, by=BY)
    for n, product in enumerate((*FOLLOWED, DEPOSITED), start=1):
        _give_barcode(v, product, f"040000000{n:03}")
    v.kept["supplier"] = stock.list_supplier(v.store, name="Grossiste Exemple (démo)", by=BY)
    for product in FOLLOWED:
        stock.follow(v.store, product, supplier=v.kept["supplier"], minimum=3000, by=BY)
    v.kept["producer"] = producers.set_producer(
        v.store, name="Ferme Exemple (démo)", commission_bp=1500, products=[DEPOSITED], by=BY
    ).producer


def _give_barcode(v: Village, product: str, digits: str) -> None:
    """Give a product a barcode among those that companies keep for themselves (GS1: 040 to 049)."""
    with v.store.reading() as conn:
        row = tables.product(conn, product)
    if row is not None:
        told = {name: row[name] for name in ProductListed.__struct_fields__ if name in row.keys()}  # noqa: SIM118
        told |= {
            "ean": f"{digits}{ean_digit(digits)}",
            "takeaway": bool(row["takeaway"]),
            "open_price": bool(row["open_price"]),
        }
        catalogue.list_product(v.store, ProductListed(**told), by=BY)


def grocery_day(v: Village) -> None:
    """Baskets; the supplier on Tuesdays, the producer on Fridays, its statement once a month."""
    first = not v.kept.get("shelf_filled")
    v.kept["shelf_filled"] = True
    if first or v.day.weekday() == 1:
        came = [
            stock.Received(product=product, quantity=_fill(left, 40, v.dice.randint(4, 12)), cost=90)
            for product, left in _left_of_stock(v)
        ]
        shelf.receive_delivery(v.store, v.kept["supplier"], came, note_no=f"BL{v.number()}", by=BY)
    if first or v.day.weekday() == 4:
        with v.store.reading() as conn:
            held = consigned.stock(conn, f"producer:{v.kept['producer']}").get(DEPOSITED, consigned.Held())
        brought = [producers.Deposited(product=DEPOSITED, quantity=_fill(held.on_sale, 25, v.dice.randint(3, 8)))]
        producers.take_deposit(v.store, v.kept["producer"], brought, by=BY)
    for _basket in range(v.often(2.5)):
        v.minutes()
        v.buy(SoldLine(product=v.dice.choice((*FOLLOWED, DEPOSITED))))
    if v.day.day == 2:
        with suppress(Refusal):  # nothing was sold, or less than is worth a transfer
            producers.close_statement(v.store, v.kept["producer"], by=BY)
            producers.pay_producer(v.store, v.kept["producer"], by=BY)


def _left_of_stock(v: Village) -> list[tuple[str, int]]:
    with v.store.reading() as conn:
        left = {row["product"]: row["on_hand"] for row in stock.items(conn)}
    return [(product, left.get(product, 0)) for product in FOLLOWED]


def _fill(left: int, wanted: int, least: int) -> int:
    """Return what is brought, in thousandths: as much as a week sells, so that nothing is sold that never came."""
    return 1000 * max(least, wanted - left // 1000)


def begin_loans(v: Village) -> None:
    """Put books and games on the shelf."""
    v.kept["things"] = [
        loans.list_item(v.store, label=label, sort="book", by=BY).item
        for label in BOOKS
        for _copy in range(max(1, round(v.busy * 4)))
    ]


def loans_day(v: Village) -> None:
    """Some things come back, some leave."""
    with v.store.reading() as conn:
        out = library.open_loans(conn)
    for loan in out:
        if v.day.isoformat() >= loan.due_on or v.dice.random() < 0.05:
            v.minutes(2)
            loans.take_back(v.store, loan.item, by=BY)
    for _reader in range(v.often(0.9)):
        v.minutes()
        with suppress(Refusal):  # somebody else reads it
            loans.lend(v.store, v.dice.choice(v.kept["things"]), name=v.dice.choice(NAMES), by=BY)
