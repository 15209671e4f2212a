"""The menu: categories and products, each change an event with its author; CSV in and out."""

import csv
import io
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pos.clock import business_day
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.money import NotAnAmount, parse_euros
from pos.private import fold
from pos.store import Store, Writing
from pos.till import menu_words, network, set_menus, tables
from pos.till import refusals as no
from pos.till.events import CategoryListed, ProductListed, ProductRanOut, ProductRetired
from pos.till.tab import OFF_CODES, THIRD_PARTY_ROLES
from pos.vat import vat_class

STARTER = Path(__file__).parent / "starter.csv"
COLUMNS = (
    "product", "label", "category", "price", "vat_class", "ean", "favourite", "takeaway", "open_price", "role",
    "owner", "service", "nature", "min_age", "icon", "unit", "components",
)  # fmt: skip
# First signs that a spreadsheet takes for a formula, and the apostrophe that hides them.
_FORMULA = tuple("=+-@\t\r'")
ROLES = ("own", *OFF_CODES)

# The rows of tiles a new café starts with: code, French label, accent, icon.
CATEGORIES: tuple[tuple[str, str, str, str], ...] = (
    ("chaud", N_("Hot"), "hot", "cup"),
    ("froid", N_("Cold"), "cold", "glass"),
    ("biere_vin", N_("Beer and wine"), "beer", "beer"),
    ("manger", N_("Food"), "food", "plate"),
    ("pain", N_("Bread"), "bread", "bread"),
    ("epicerie", N_("Grocery"), "grocery", "basket"),
    ("divers", N_("Other"), "press", "paper"),
)


class BadProduct(Refusal):
    """A product's field is wrong."""

    sentence = N_("%(field)s: “%(value)s” does not fit.")
    remedy = N_("Correct it and save again.")


class EanTaken(Refusal):
    """Two products cannot bear one barcode."""

    sentence = N_("The barcode %(ean)s is already on %(label)s.")
    remedy = N_("Scan the product again, or change the other one first.")


class TwiceInFile(Refusal):
    """Two lines of a file are the same product."""

    sentence = N_("%(label)s is already in line %(row)s.")
    remedy = N_("Give it another code or barcode, or remove one of the two lines.")


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one line of an imported file."""

    row: int
    text: str


def ean_is_right(ean: str) -> bool:
    """Tell whether an EAN-8 or EAN-13 has its right check digit."""
    if not (ean.isascii() and ean.isdigit()) or len(ean) not in (8, 13):
        return False
    digits = [int(c) for c in reversed(ean)]
    return sum(d * (3 if i % 2 else 1) for i, d in enumerate(digits)) % 10 == 0


def list_category(
    store: Store, category: str, *, label: str, accent: str = "food", icon: str = "plate", position: int = 99, by: str,
    attempt: str = "",
) -> None:  # fmt: skip
    """Name a row of tiles, or change it."""
    with store.writing(by=by, attempt=attempt) as tx:
        tx.record(
            CategoryListed(category=category, label=label.strip()[:30], accent=accent, icon=icon, position=position)
        )


def list_product(store: Store, product: ProductListed, *, reason: str = "", by: str, attempt: str = "") -> None:
    """Put a product on the menu or change it; the old price and class are kept in the event.

    `reason` says why it costs more than the network's ceiling (`network.REASONS`).
    Raises BadProduct, EanTaken, UnknownVatClass, AboveCeiling.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        put_on_menu(tx, product, reason)


def put_on_menu(tx: Writing, product: ProductListed, reason: str = "") -> None:
    """Check a product and record it, with what its price means against the network's."""
    _check(tx.conn, product, tx.today)
    old = tables.product(tx.conn, product.product)
    if old is not None:
        import msgspec

        # A form or a file that says nothing of a set menu's parts leaves them as they are.
        parts = product.components or set_menus.components(tx.conn, product.product)
        product = msgspec.structs.replace(
            product, was_price=old["price"], was_vat_class=old["vat_class"], components=parts
        )
    set_menus.check_components(tx.conn, product)
    meant = network.judge(tx.conn, product, old, reason, tx.today)
    tx.record(product)
    if meant is not None:
        tx.record(meant)


def open_price_article(tx: Writing, product: str, label: str, *, category: str, icon: str) -> sqlite3.Row:
    """Return the article a service asks a price for; put on the menu when it is not there, never as a tile."""
    row = tables.product(tx.conn, product)
    if row is None or row["retired"]:
        listed = ProductListed(
            product=product, label=label, category=category, price=0, vat_class="service", open_price=True, nature="service",
            icon=icon,
        )  # fmt: skip
        put_on_menu(tx, listed)
        row = tables.product(tx.conn, product)
        assert row is not None
    return row


def _check(conn: sqlite3.Connection, product: ProductListed, day: str) -> None:
    _check_fields(product, day)
    other = tables.by_ean(conn, product.ean) if product.ean else None
    if other is not None and other["product"] != product.product:
        raise EanTaken(ean=product.ean, label=other["label"])


def _check_fields(product: ProductListed, day: str) -> None:
    if not product.label.strip() or len(product.label) > 60:
        raise BadProduct(field=_("Name"), value=product.label[:60])
    if product.price < 0 or product.price > 1_000_000:
        raise BadProduct(field=_("Price"), value=product.price)
    if product.role not in ROLES:
        raise BadProduct(field=_("Role"), value=product.role)
    if product.role == "own" and vat_class(product.vat_class, day) is None:
        raise BadProduct(field=_("VAT class"), value=product.vat_class)
    if product.role in THIRD_PARTY_ROLES and not product.owner:
        raise BadProduct(field=_("Third party"), value="")
    if product.ean and not ean_is_right(product.ean):
        raise BadProduct(field=_("Barcode"), value=product.ean)


def retire_product(store: Store, product: str, *, by: str, attempt: str = "") -> None:
    """Take a product off the menu."""
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.product(tx.conn, product) is None:
            raise no.NoSuchProduct(product=product)
        tx.record(ProductRetired(product=product))


def run_out(store: Store, product: str, out: bool, *, by: str, attempt: str = "") -> None:
    """Say that a product is sold out, or back."""
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.product(tx.conn, product) is None:
            raise no.NoSuchProduct(product=product)
        tx.record(ProductRanOut(product=product, out=out))


def export_csv(conn: sqlite3.Connection) -> str:
    """Return the menu as French CSV (`;`), headers and values in the words that `import_csv` reads back."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([menu_words.header(c) for c in COLUMNS])
    names = {row["category"]: row["label"] for row in tables.categories(conn)}
    for row in tables.products(conn):
        parts = "+".join(set_menus.components(conn, row["product"]))
        cells = [menu_words.word(c, parts if c == "components" else row[c]) for c in COLUMNS]
        cells[2] = names.get(row["category"], row["category"])
        cells[3] = f"{row['price'] // 100},{row['price'] % 100:02d}"
        writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula; an apostrophe of its own is doubled."""
    return "'" + cell if cell[:1] in _FORMULA else cell


def _plain(cell: str) -> str:
    """Undo `_harmless`."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell


def read_csv(text: str) -> tuple[list[ProductListed], list[RowFault]]:
    """Return products and faults by line of a CSV with `;` or `,` and the columns of `export_csv`.

    Headers and values are codes or the words of `menu_words`. `label`, `category`, `price` and
    `vat_class` are needed; the others may be missing.
    """
    rows, faults = _read(text, {})
    return [product for _row, product in rows], faults


def _read(text: str, named: dict[str, str]) -> tuple[list[tuple[int, ProductListed]], list[RowFault]]:
    text = text.lstrip("\ufeff")
    first = text.split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") >= first.count(",") else ",")
    columns = menu_words.columns_of(reader.fieldnames or [])
    missing = [menu_words.header(c) for c in ("label", "category", "price", "vat_class") if c not in columns]
    if missing:
        return [], [RowFault(1, _("Missing columns: %(names)s", names=", ".join(missing)))]
    reader.fieldnames = columns
    named = {fold(_(label)): code for code, label, *_more in CATEGORIES} | named
    rows: list[tuple[int, ProductListed]] = []
    faults: list[RowFault] = []
    seen: dict[str, int] = {}
    try:
        for position, row in enumerate(reader):
            try:
                product = _product_of(row, position, named)
                for key in filter(None, (product.product, product.ean)):
                    if key in seen:
                        raise TwiceInFile(label=product.label, row=seen[key])
                    seen[key] = reader.line_num
                rows.append((reader.line_num, product))
            except Refusal as refusal:
                faults.append(RowFault(reader.line_num, refusal.what()))
    except csv.Error as problem:
        faults.append(RowFault(reader.line_num, str(problem)))
    return rows, faults


def _product_of(row: dict[str, str | None], position: int, named: dict[str, str]) -> ProductListed:
    cell = menu_words.codes_of({key: _plain((value or "").strip()) for key, value in row.items() if key})
    cell["category"] = named.get(fold(cell["category"]), cell["category"])
    try:
        price = parse_euros(cell["price"]) if cell["price"] else 0
    except NotAnAmount:
        raise BadProduct(field=_("Price"), value=cell["price"]) from None
    product = ProductListed(
        product=cell.get("product") or slug(cell["label"]), label=cell["label"], category=cell["category"] or "divers",
        price=price, vat_class=cell["vat_class"], ean=cell.get("ean", ""), favourite=_int(cell.get("favourite")),
        position=position, takeaway=_flag(cell.get("takeaway")), open_price=_flag(cell.get("open_price")),
        role=cell.get("role") or "own", owner=cell.get("owner", ""), service=cell.get("service", ""),
        nature=cell.get("nature") or "goods", min_age=_int(cell.get("min_age")), icon=cell.get("icon", ""),
        unit=cell.get("unit") or "piece",
        components=[part.strip() for part in cell.get("components", "").split("+") if part.strip()],
    )  # fmt: skip
    _check_fields(product, "9999-12-31")
    return product


def _int(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def _flag(text: str | None) -> bool:
    return (text or "").lower() in ("1", "oui", "yes", "true", "x")


def slug(label: str) -> str:
    """Return a product code for a label: lower case, ASCII, underscores."""
    import re

    return re.sub(r"[^a-z0-9]+", "_", fold(label)).strip("_")[:40] or "article"


def import_csv(store: Store, text: str, *, by: str, attempt: str = "") -> tuple[int, list[RowFault]]:
    """Put a whole file on the menu, or nothing when a line is wrong; return (products, faults)."""
    with store.reading() as conn:
        rows, faults = _read(text, {fold(row["label"]): row["category"] for row in tables.categories(conn)})
        today = business_day(store.clock.now_ms())
        for row, product in rows:
            try:
                _check(conn, product, today)
                network.judge(conn, product, tables.product(conn, product.product), "", today)
            except Refusal as refusal:
                faults.append(RowFault(row, refusal.what()))
    if faults:
        return 0, sorted(faults, key=lambda fault: fault.row)
    with store.writing(by=by, attempt=attempt) as tx:
        _list_all(tx, [product for _row, product in rows])
    return len(rows), []


def _list_all(tx: Writing, products: Iterable[ProductListed]) -> None:
    known = {row["category"] for row in tables.categories(tx.conn)}
    # Set menus last: their parts may stand below them in the file.
    for product in sorted(products, key=lambda one: bool(one.components)):
        if product.category not in known:
            known.add(product.category)
            tx.record(_category(product.category, len(known)))
        put_on_menu(tx, product)


def _category(code: str, position: int) -> CategoryListed:
    for place, (known, label, accent, icon) in enumerate(CATEGORIES):
        if known == code:
            return CategoryListed(category=code, label=_(label), accent=accent, icon=icon, position=place)
    return CategoryListed(
        category=code,
        label=code[:30].replace("_", " ").capitalize(),
        accent="food",
        icon="plate",
        position=50 + position,
    )


def load_starter(store: Store, *, by: str, attempt: str = "") -> int:
    """Put the starter menu on the till; return the number of products."""
    n, faults = import_csv(store, STARTER.read_text(encoding="utf-8"), by=by, attempt=attempt)
    if faults:
        raise AssertionError(f"starter menu: {faults[0]}")
    return n
