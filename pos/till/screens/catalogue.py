"""The menu of the café: its products and rows of tiles, one card each; the whole as a CSV file."""

from contextlib import suppress
from typing import Any

import msgspec
from flask import Blueprint, Response, request, url_for

from pos import barcodes, screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _
from pos.money import format_euros, parse_euros
from pos.private import fold
from pos.till import catalogue, menu_words, network, people, tables
from pos.till import refusals as no
from pos.till.events import ProductListed
from pos.till.network_lists import NONE
from pos.vat import VAT_CLASSES

bp = Blueprint("catalogue", __name__, url_prefix="/catalogue", template_folder="../templates")

ACCENTS = ("hot", "cold", "beer", "wine", "food", "bread", "grocery", "press", "cash", "parcels", "meals", "bikes")
ICONS = (
    "cup",
    "glass",
    "beer",
    "wine",
    "plate",
    "bread",
    "croissant",
    "bag",
    "tin",
    "egg",
    "candy",
    "ice",
    "bottle",
    "sponge",
    "paper",
    "gift",
)
ROLES = (
    ("own", N_("The café’s own")), ("agent_disclosed", N_("Sold for a producer")), ("press", N_("Press")),
    ("game", N_("Games")), ("tobacco", N_("Tobacco")),
)  # fmt: skip


@bp.get("/")
def home() -> str:
    """Show the products, by row of tiles or by name."""
    text, category = request.args.get("text", ""), request.args.get("category", "")
    with screens.store().reading() as conn:
        categories = tables.categories(conn)
        rows = tables.products(conn, retired=category == "retired")
        priced = {line.product["product"]: line for line in network.lines(conn, screens.today())}
    if text.strip():
        rows = [row for row in rows if fold(text) in fold(row["label"]) or text.strip() in row["ean"]]
    elif category == "retired":
        rows = [row for row in rows if row["retired"]]
    else:
        category = category or (categories[0]["category"] if categories else "")
        rows = [row for row in rows if row["category"] == category]
    return screens.draw(
        "till/catalogue.html", categories=categories, category=category, products=rows, text=text, priced=priced
    )  # fmt: skip


@bp.get("/new")
def new() -> str:
    """Show an empty card."""
    told = request.args
    blank = ProductListed(
        product="", label=told.get("label", ""), category=told.get("category", ""), price=0, vat_class="",
        ean=told.get("ean", ""),
    )  # fmt: skip
    with screens.store().reading() as conn:
        known = network.articles(conn).get(blank.ean)
        offer = network.offer_in(network.prices(conn), "", blank.ean, screens.today()) if known else None
    if known is None:
        return _card(blank, is_new=True)
    # The café has the last word: this is what the card begins with.
    price = offer.price if offer is not None and offer.price != NONE else 0
    return _card(
        msgspec.structs.replace(blank, label=known.label, category=known.category, vat_class=known.vat_class, price=price),
        is_new=True, from_network=True,
    )  # fmt: skip


@bp.get("/<product>")
def one(product: str) -> str:
    """Show a product's card."""
    with screens.store().reading() as conn:
        row = tables.product(conn, product)
    if row is None:
        raise no.NoSuchProduct(product=product)
    fields = {name: row[name] for name in msgspec.structs.asdict(_blank()) if name in row.keys()}  # noqa: SIM118
    fields["takeaway"], fields["open_price"] = bool(row["takeaway"]), bool(row["open_price"])
    return _card(ProductListed(**fields), is_new=False, retired=bool(row["retired"]), ran_out=bool(row["ran_out"]))


def _blank() -> ProductListed:
    return ProductListed(product="", label="", category="", price=0, vat_class="")


def _card(
    product: ProductListed, *, is_new: bool, retired: bool = False, ran_out: bool = False, from_network: bool = False
) -> str:
    with screens.store().reading() as conn:
        categories = tables.categories(conn)
        line = network.line_of(conn, product.product, screens.today()) if not is_new else None
        keeper = people.name_of(conn, line.aside["op"]) if line is not None and line.aside is not None else ""
    return screens.draw(
        "till/product_card.html", line=line, keeper=keeper, reasons=network.REASONS, product=product, is_new=is_new, categories=categories, vat_classes=VAT_CLASSES,
        roles=ROLES, icons=ICONS, retired=retired, ran_out=ran_out, from_network=from_network,
    )  # fmt: skip


@bp.post("/save")
def save() -> Any:
    """Put the card on the menu, new or changed."""
    form = request.form
    label = form.get("label", "").strip()
    code = form.get("product", "") or _free_code(label)
    price = form.get("price", "").strip()
    with screens.store().reading() as conn:
        old = tables.product(conn, code)
        places = [row["position"] for row in tables.products(conn) if row["category"] == form.get("category")]
        favourites = [row["favourite"] for row in tables.products(conn) if row["favourite"]]
    wanted = form.get("favourite") == "1"
    kept = int(old["favourite"]) if old is not None else 0
    product = ProductListed(
        product=code, label=label, category=form.get("category", ""), price=parse_euros(price) if price else 0,
        vat_class=form.get("vat_class", ""), ean=barcodes.read(form.get("ean", "")).listed or form.get("ean", "").strip(),
        favourite=(kept or max(favourites, default=0) + 1) if wanted else 0,
        position=old["position"] if old is not None else max(places, default=-1) + 1,
        takeaway=form.get("takeaway") == "1", open_price=form.get("open_price") == "1", role=form.get("role") or "own",
        owner=form.get("owner", "").strip(), service=old["service"] if old is not None else "",
        nature=old["nature"] if old is not None else "goods", min_age=18 if form.get("adult") == "1" else 0,
        icon=form.get("icon", ""),
    )  # fmt: skip
    with suppress(AlreadyDone):
        catalogue.list_product(
            screens.store(), product, reason=form.get("reason", ""), by=screens.clerk(), attempt=screens.attempt()
        )
    screens.say(_("%(label)s is on the menu at %(sum)s", label=label, sum=format_euros(product.price)))
    return screens.go(url_for("catalogue.home", category=product.category))


def _free_code(label: str) -> str:
    code = catalogue.slug(label)
    with screens.store().reading() as conn:
        taken, n = code, 2
        while tables.product(conn, taken) is not None:
            taken, n = f"{code}_{n}", n + 1
    return taken


@bp.post("/<product>/retire")
def retire(product: str) -> Any:
    """Take a product off the menu; its past sales keep it."""
    with suppress(AlreadyDone):
        catalogue.retire_product(screens.store(), product, by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Off the menu"))
    return screens.go(url_for("catalogue.home"))


@bp.get("/rows")
def rows() -> str:
    """Show the rows of tiles."""
    with screens.store().reading() as conn:
        categories = tables.categories(conn)
    return screens.draw("till/rows.html", categories=categories, accents=ACCENTS, icons=ICONS)


@bp.post("/rows/save")
def save_row() -> Any:
    """Name a row of tiles, or change it."""
    form = request.form
    label = form.get("label", "").strip()
    if not label:
        raise catalogue.BadProduct(field=_("Name"), value="")
    place = form.get("position", "")
    with suppress(AlreadyDone):
        catalogue.list_category(
            screens.store(), form.get("category", "") or catalogue.slug(label), label=label, accent=_among(form.get("accent"), ACCENTS),
            icon=_among(form.get("icon"), ICONS), position=int(place) if place.isdecimal() else 99, by=screens.clerk(),
            attempt=screens.attempt(),
        )  # fmt: skip
    screens.say(_("Saved"))
    return screens.go(url_for("catalogue.rows"))


def _among(given: str | None, known: tuple[str, ...]) -> str:
    return given if given in known else known[0]


@bp.get("/file")
def file() -> str:
    """Show how the whole menu goes out and comes in as a file."""
    return screens.draw("till/catalogue_file.html", faults=[], name="")


@bp.get("/file.csv")
def export() -> Response:
    """Give the menu as a CSV file that a spreadsheet opens."""
    with screens.store().reading() as conn:
        text = catalogue.export_csv(conn)
    name = f"zinc-carte-{screens.today()}.csv"
    return Response(
        "\ufeff" + text, mimetype="text/csv", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@bp.post("/file")
def import_file() -> Any:
    """Take a CSV file: all of it, or nothing and what is wrong, line by line."""
    sent = request.files.get("file")
    try:
        text = menu_words.text_of(sent.read() if sent is not None and sent.filename else b"")
    except menu_words.NotText as refusal:
        # A plain form, not a tap: the refusal is drawn on the same page, so that another file can be sent.
        return screens.draw("till/catalogue_file.html", faults=[], name="", refused=refusal), 422
    name = str(sent.filename)[:60] if sent is not None else ""
    try:
        n, faults = catalogue.import_csv(screens.store(), text, by=screens.clerk(), attempt=screens.attempt())
    except AlreadyDone:
        n, faults = 0, []
    if faults:
        return screens.draw("till/catalogue_file.html", faults=faults, name=name), 422
    screens.say(_("%(n)s products on the menu", n=n))
    return screens.go(url_for("catalogue.home"))
