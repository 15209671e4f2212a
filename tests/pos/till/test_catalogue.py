"""The menu: changes with their author, a starter a café can open with, files in and out with errors by line (R43, R84)."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.store import Store
from pos.till import catalogue, tables
from pos.till import refusals as no
from pos.till.catalogue import BadProduct, EanTaken, TwiceInFile
from pos.till.events import ProductListed
from pos.vat import VAT_CLASSES
from tests.cast import BEA, furnish, open_cafe, product, sold

HEAD = "label;category;price;vat_class;ean\n"


def menu(store: Store) -> dict[str, dict[str, object]]:
    """Return the menu by product."""
    with store.reading() as conn:
        return {row["product"]: dict(row) for row in tables.products(conn)}


def test_the_starter_menu_opens_a_village_cafe(store: Store) -> None:
    """At least 120 products in all rows of tiles, each with a VAT class; hot drinks and alcohol as the law taxes them."""
    n = catalogue.load_starter(store, by=BEA)
    products = menu(store)
    assert n == len(products) >= 120
    classes = {row.code: row for row in VAT_CLASSES}
    assert all(p["role"] != "own" or p["vat_class"] in classes for p in products.values())
    assert all(0 < p["price"] < 10_000 or p["open_price"] for p in products.values())  # type: ignore[operator]
    assert classes[str(products["cafe"]["vat_class"])].onsite_bp == 1000
    alcohol = [p for p in products.values() if p["vat_class"] == "alcohol"]
    assert len(alcohol) >= 10
    assert all(p["min_age"] == 18 for p in alcohol)
    with store.reading() as conn:
        rows = [row["category"] for row in tables.categories(conn)]
    assert rows == [code for code, *_more in catalogue.CATEGORIES]
    assert sum(1 for p in products.values() if p["favourite"]) >= 8


def test_the_menu_goes_out_and_comes_back(store: Store) -> None:
    """Exported and imported, every product is the same; imported again, nothing is doubled."""
    catalogue.load_starter(store, by=BEA)
    catalogue.list_product(store, product("tomme", "Tomme; « à la coupe »", 1890, "grocery", unit="kg"), by=BEA)
    catalogue.list_product(store, product("punch", "'Ti punch", 450, "alcohol"), by=BEA)
    catalogue.list_product(store, product("plus", "=1+1", 450, "general", ean="3250390000426"), by=BEA)
    before = menu(store)
    with store.reading() as conn:
        text = catalogue.export_csv(conn)
    assert catalogue.import_csv(store, text, by=BEA) == (len(before), [])
    after = menu(store)
    same = [{k: v for k, v in p.items() if k != "position"} for p in after.values()]
    assert same == [{k: v for k, v in p.items() if k != "position"} for p in before.values()]
    assert list(after) == list(before)


def test_the_file_speaks_french(store: Store) -> None:
    """Headers and values are the words of the café, read back to the same codes, whatever their case and accents."""
    catalogue.load_starter(store, by=BEA)
    with store.reading() as conn:
        head, *lines = catalogue.export_csv(conn).splitlines()
    assert head.startswith("Code;Libellé;Rayon;Prix;TVA;Code-barres;Favori;Toujours à emporter;Prix libre;")
    assert (
        next(line for line in lines if line.startswith("cafe;"))
        == "cafe;Café;Chaud;1,30;Boisson chaude;;1;;;Du café;;;Prestation;;cup;Pièce;"
    )
    text = "LIBELLE;rayon;Prix;tva;toujours a emporter\nPoiré;biere_vin;3,00;boisson alcoolisée;oui\nCidre;Bières et vins;3,00;alcohol;\n"
    read, faults = catalogue.read_csv(text)
    assert faults == []
    assert [(p.category, p.vat_class, p.takeaway) for p in read] == [
        ("biere_vin", "alcohol", True),
        ("biere_vin", "alcohol", False),
    ]


def test_a_spreadsheet_takes_no_name_for_a_formula(store: Store) -> None:
    """A product named « =HYPERLINK » stays a name."""
    catalogue.list_product(store, product("odd", '=HYPERLINK("http://x")', 100, "general"), by=BEA)
    with store.reading() as conn:
        assert "\n'=HYP" not in catalogue.export_csv(conn)
        assert "'=HYPERLINK" in catalogue.export_csv(conn)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    label=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60)
    .map(str.strip)
    .filter(bool)
)
def test_any_name_comes_back(store: Store, label: str) -> None:
    """Quotes, separators, emoji, signs of formulas."""
    catalogue.list_product(store, product("odd", label, 100, "general"), by=BEA)
    name = str(menu(store)["odd"]["label"])
    with store.reading() as conn:
        (read,), faults = catalogue.read_csv(catalogue.export_csv(conn))
    assert faults == []
    assert read.label == name


@pytest.mark.parametrize(
    ("lines", "row", "said"),
    [
        ("Café;chaud;cher;hot_drink;\n", 2, "cher"),
        ("Thé;chaud;2,00;hot_drink;\nCafé;chaud;1,30;boisson;\n", 3, "boisson"),
        (";chaud;1,30;hot_drink;\n", 2, "Nom"),
        ("Thé;chaud;2,00;hot_drink;\n\nCafé;chaud;1,30;hot_drink;3250390000427\n", 4, "3250390000427"),
        ("Café;chaud;1,30;hot_drink;²²²²²²²²\n", 2, "²²²²²²²²"),
        ("Café;chaud;-1,30;hot_drink;\n", 2, "-130"),
        ("Café;chaud;99999,00;hot_drink;\n", 2, "9999900"),
        (f"{'x' * 61};chaud;1,30;hot_drink;\n", 2, "xxx"),
        ("Café;chaud;1,30;hot_drink;\nCafé;chaud;1,40;hot_drink;\n", 3, "2"),
        ("Thé;chaud;1;hot_drink;3250390000426\nAutre;chaud;1;hot_drink;3250390000426\n", 3, "2"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_imported(store: Store, lines: str, row: int, said: str) -> None:
    """The line's number as a spreadsheet shows it, and what is wrong with it; all or nothing."""
    n, faults = catalogue.import_csv(store, HEAD + lines, by=BEA)
    assert n == 0
    assert [fault.row for fault in faults] == [row]
    assert said in faults[0].text
    assert menu(store) == {}


def test_all_wrong_lines_are_named_at_once(store: Store) -> None:
    """So that the file is corrected once; barcodes that clash with the menu too."""
    furnish(store)
    text = HEAD + "A;bar;x;general;\nB;bar;1;general;3250390000426\nC;bar;1;nope;\nD;bar;1;general;\n"
    n, faults = catalogue.import_csv(store, text, by=BEA)
    assert (n, [fault.row for fault in faults]) == (0, [2, 3, 4])
    assert "Café" in faults[1].text
    assert "D" not in menu(store)


@pytest.mark.parametrize("text", ["", "\n", "nom;prix\nCafé;1\n", "\x00\x01", "label,category,price\n"])
def test_a_file_without_the_columns_says_which(store: Store, text: str) -> None:
    """Whatever it is."""
    n, faults = catalogue.import_csv(store, text, by=BEA)
    assert (n, len(faults), faults[0].row) == (0, 1, 1)
    assert "TVA" in faults[0].text


def test_a_file_from_elsewhere_is_read(store: Store) -> None:
    """Commas, a byte order mark, a missing code, a category of one's own, « oui »."""
    text = "\ufefflabel,category,price,vat_class,takeaway,extra\nTarte aux pommes,desserts_maison,3.5,bread,oui,x,y\n"
    assert catalogue.import_csv(store, text, by=BEA) == (1, [])
    (only,) = menu(store).values()
    assert (only["product"], only["price"], only["takeaway"]) == ("tarte_aux_pommes", 350, 1)
    with store.reading() as conn:
        assert [row["label"] for row in tables.categories(conn)] == ["Desserts maison"]


def test_an_unending_cell_is_a_fault_and_no_crash(store: Store) -> None:
    """A quote never closed over a large file."""
    _n, faults = catalogue.import_csv(store, HEAD + '"' + "x" * 200_000, by=BEA)
    assert faults


def test_a_change_keeps_what_was_before(store: Store) -> None:
    """Old price and class are in the event; the author is the entry's (R43)."""
    open_cafe(store)
    catalogue.list_product(store, product("cafe", "Café", 170, "hot_drink"), by=BEA)
    with store.reading() as conn:
        event = store.event(conn, store.tip().seq).event
    assert isinstance(event, ProductListed)
    assert (event.price, event.was_price, event.was_vat_class) == (170, 160, "hot_drink")
    sale = sold(store, "cafe").sale
    assert sale is not None
    assert sale.total == 170


@pytest.mark.parametrize(
    "change",
    [
        {"label": "  "}, {"label": "x" * 61}, {"price": -1}, {"price": 1_000_001}, {"role": "friend"},
        {"vat_class": "none"}, {"role": "press", "owner": ""}, {"ean": "3250390000427"}, {"ean": "12"}, {"ean": "²" * 13},
    ],
)  # fmt: skip
def test_a_bad_product_is_refused_with_its_field(store: Store, change: dict[str, object]) -> None:
    """Name, price, role, class, third party, barcode."""
    good = product("x", "Chose", 100, "general")
    with pytest.raises(BadProduct) as told:
        catalogue.list_product(store, msgspec.structs.replace(good, **change), by=BEA)
    assert told.value.what()


def test_a_barcode_is_borne_by_one_product(store: Store) -> None:
    """And free again when that one is retired."""
    furnish(store)
    other = product("other", "Autre", 100, "general", ean="3250390000426")
    with pytest.raises(EanTaken) as told:
        catalogue.list_product(store, other, by=BEA)
    assert "Café" in told.value.what()
    catalogue.retire_product(store, "cafe", by=BEA)
    catalogue.list_product(store, other, by=BEA)
    with store.reading() as conn:
        assert tables.by_ean(conn, "3250390000426")["product"] == "other"  # type: ignore[index]
        assert tables.by_ean(conn, "") is None
    with pytest.raises(no.NoSuchProduct):
        catalogue.retire_product(store, "nobody", by=BEA)
    with pytest.raises(no.NoSuchProduct):
        catalogue.run_out(store, "nobody", out=True, by=BEA)


def test_eans_have_their_check_digit() -> None:
    """EAN-13 and EAN-8."""
    assert catalogue.ean_is_right("3250390000426")
    assert catalogue.ean_is_right("96385074")
    assert not catalogue.ean_is_right("3250390000427")
    assert TwiceInFile(label="Café", row=2).how()
