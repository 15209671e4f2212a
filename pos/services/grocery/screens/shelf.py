"""The shelf at the counter: goods by weight, labels of the scale, what an article is, shelf labels."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting, stock
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.grocery import desk, labels, pictures, reading, slips, words
from pos.services.grocery.screens.blueprint import around, bp
from pos.services.grocery.tables import GROCERY
from pos.till import tables as till
from pos.till.screens import bill, months
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros, quantity, whole


@bp.get("")
def home() -> str:
    """Show goods by weight, and the ways to the stock."""
    with screens.store().reading() as conn:
        articles, uncounted = reading.how_many(conn)
        return screens.draw(
            "grocery/home.html", weighed=reading.weighed(conn), uncounted=uncounted, articles=articles, **around(conn)
        )


@bp.post("/list")
def list_shelf() -> Response:
    """Count the grocery row as grocery."""
    with suppress(AlreadyDone):
        n = desk.list_shelf(screens.store(), **act())
        screens.say(ngettext("%(n)s article counts as grocery", "%(n)s articles count as grocery", n))
    return screens.go(url_for("grocery.home"))


@bp.get("/weigh/<product>")
def weighing(product: str) -> str:
    """Ask for the grams that the scale shows."""
    with screens.store().reading() as conn:
        row = till.product(conn, product)
        if row is None:
            abort(404)
        return screens.draw("grocery/weigh.html", row=row, **around(conn))


@bp.post("/weigh/<product>")
def weigh(product: str) -> Response:
    """Put the weight on the bill and go to it."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        tab = desk.weigh(screens.store(), product, whole("grams"), price=euros("price", None), tab_id=tab_id, **act())
        bill.hold(tab.tab_id)
    return screens.go("/")


@bp.get("/label/<code>")
def label(code: str) -> str:
    """Show what a scale's label says, before it goes on the bill."""
    with screens.store().reading() as conn:
        told = labels.read(code, reading.patterns(conn, screens.today()))
        product = reading.by_plu(conn, told.item) if told else ""
        row = till.product(conn, product) if product else None
        if told is None or row is None:
            abort(404)
        return screens.draw("grocery/label.html", told=told, row=row, code=code, **around(conn))


@bp.post("/label/<code>")
def add_label(code: str) -> Response:
    """Put the goods of the label on the bill and go to it."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        bill.hold(desk.add_label(screens.store(), code, tab_id=tab_id, **act()).tab_id)
    return screens.go("/")


@bp.get("/articles")
def articles() -> str:
    """Show every article of the grocery, and the layouts of labels."""
    with screens.store().reading() as conn:
        rows = [
            (row, reading.item(conn, row["product"]), stock.item(conn, row["product"]))
            for row in reading.articles(conn)
        ]
        return screens.draw(
            "grocery/articles.html", rows=rows, patterns=reading.patterns(conn, screens.today()),
            values=[(c, _(w)) for c, w in words.VALUES.items()], value=lambda c: _(words.VALUES[c]), **around(conn),
        )  # fmt: skip


@bp.get("/article/<product>")
def article(product: str) -> str:
    """Show an article: content, dates, number on the scale, cap, least stock."""
    with screens.store().reading() as conn:
        row = till.product(conn, product)
        if row is None:
            abort(404)
        held = reading.item(conn, product)
        return screens.draw(
            "grocery/article.html", row=row, item=held, held=stock.item(conn, product), suppliers=pictures.suppliers(conn),
            kinds=[(c, _(w)) for c, w in words.DATES.items()], unit_price=reading.per_unit(row, held, row["price"]), **around(conn),
        )  # fmt: skip


@bp.post("/article/<product>")
def set_article(product: str) -> Response:
    """Save what is said of an article."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_item(
            screens.store(), product, content=whole("content"), content_unit=form.get("content_unit", "") if whole("content") else "",
            dates_kind=form.get("dates", ""), plu=form.get("plu", ""), cap=euros("cap"), by_weight=form.get("by_weight") == "1", **act(),
        )  # fmt: skip
        screens.say(_("Article saved"))
    return screens.go(url_for("grocery.article", product=product))


@bp.post("/article/<product>/follow")
def follow(product: str) -> Response:
    """Say from which supplier it comes, and how many must stay."""
    with suppress(AlreadyDone):
        stock.follow(
            screens.store(),
            product,
            minimum=quantity("minimum"),
            order=quantity("order"),
            supplier=request.form.get("supplier", ""),
            **act(),
        )
        screens.say(_("Stock followed"))
    return screens.go(url_for("grocery.article", product=product))


@bp.post("/article/<product>/label")
def print_label(product: str) -> str:
    """Print the label of the shelf."""
    with screens.store().reading() as conn:
        row = till.product(conn, product)
        if row is None:
            abort(404)
        by_unit, unit = reading.per_unit(row, reading.item(conn, product), row["price"])
    print_slip(
        slips.shelf_label(label=row["label"], price=row["price"], by_unit=by_unit, unit=unit, ean=row["ean"]),
        _("Shelf label printed"),
    )
    return screens.draw("grocery/_said.html")


@bp.post("/pattern")
def set_pattern() -> Response:
    """Enter a layout of the scale's labels."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_pattern(
            screens.store(), form.get("prefix", "").strip(), item_digits=whole("item_digits"), value=form.get("value", ""),
            value_digits=whole("value_digits"), in_use=form.get("in_use", "1") == "1",
            checked=form.get("checked") == "1", **act(),
        )  # fmt: skip
        screens.say(_("Label layout noted"))
    return screens.go(url_for("grocery.articles"))


@bp.post("/count")
def count() -> Response:
    """Type the day's total, when there was no time for more."""
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), GROCERY, whole("total", -1), **act())
        screens.say(_("Day’s total noted"))
    return screens.go(url_for("grocery.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: tickets, sales, lines above the network's price, local money of the year."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        local, spend = reading.local(conn, month[:4])
        return screens.draw(
            "grocery/month.html", sold=reading.sales_of(conn, shown.first, shown.last), over=reading.over_cap(conn, shown.first, shown.last),
            local=local, spend=spend, **shown.drawn(), **around(conn),
        )  # fmt: skip
