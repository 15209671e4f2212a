"""Behind the shelf: deliveries, inventory, losses, dates, orders."""

from contextlib import suppress
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import stock
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.grocery import desk, pictures, reading, slips, words
from pos.services.grocery import refusals as no
from pos.services.grocery.screens.blueprint import around, bp
from pos.till import tables as till
from pos.till.screens import paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros, quantity


@bp.get("/delivery")
def delivery() -> str:
    """Show the articles of a supplier, to type what came."""
    return _delivery(dict(request.args.items()))


def _delivery(typed: dict[str, str], *, asked: bool = False) -> str:
    with screens.store().reading() as conn:
        every = pictures.suppliers(conn)
        supplier = typed.get("supplier", "") or (every[0][0] if every else "")
        shown = "grocery/_delivery.html" if screens.is_htmx() and request.method == "POST" else "grocery/delivery.html"
        return screens.draw(
            shown, suppliers=every, supplier=supplier, rows=pictures.delivery_rows(conn, supplier, typed), note_no=typed.get("note_no", ""),
            asked=asked, nameless=pictures.nameless_suppliers(conn), **around(conn),
        )  # fmt: skip


@bp.post("/supplier")
def list_supplier() -> Response:
    """Enter a supplier, or give its name back to one."""
    form = request.form
    with screens.store().reading() as conn:
        nameless = [code for code, _name, _local in pictures.nameless_suppliers(conn)]
    with suppress(AlreadyDone):
        stock.list_supplier(
            screens.store(), form.get("name", ""), phone=form.get("phone", ""), local=form.get("local") == "1",
            supplier=form["supplier"] if form.get("supplier") in nameless else "", **act(),
        )  # fmt: skip
        screens.say(_("Supplier entered"))
    return screens.go(url_for("grocery.delivery"))


@bp.post("/delivery/scan")
def scan_delivery() -> str:
    """Count one more of the article that was scanned."""
    typed = dict(request.form.items())
    with screens.store().reading() as conn:
        row = till.by_ean(conn, typed.get("code", "").strip())
    if row is None:
        raise no.NotALabel(code=typed.get("code", "").strip()[:24])
    before = typed.get(f"q:{row['product']}", "")
    typed |= {f"q:{row['product']}": str((int(before) if before.isdecimal() else 0) + 1), "lit": str(row["product"])}
    return _delivery(typed)


@bp.post("/delivery")
def receive() -> Any:
    """Take the delivery in; a cost above the network's price is asked once."""
    form = request.form
    lines = [
        stock.Received(product=name[2:], quantity=quantity(name), cost=euros(f"c:{name[2:]}"), use_by=form.get(f"d:{name[2:]}", ""))
        for name in form if name.startswith("q:") and form[name].strip()
    ]  # fmt: skip
    try:
        desk.receive_delivery(
            screens.store(),
            form.get("supplier", ""),
            lines,
            note_no=form.get("note_no", ""),
            above_cap=form.get("above_cap") == "1",
            **act(),
        )
    except AlreadyDone:
        return screens.go(url_for("grocery.home"))
    except no.AboveCap as told:
        screens.say(f"{told.what()} {told.how()}", tone="wait", icon="alert")
        return _delivery(dict(form.items()), asked=True)
    screens.say(ngettext("%(n)s article taken in", "%(n)s articles taken in", len(lines)), icon="truck")
    return screens.go(url_for("grocery.home"))


@bp.get("/stock")
def shelves() -> str:
    """Show what is on hand, to count it or to write off."""
    with screens.store().reading() as conn:
        return screens.draw(
            "grocery/stock.html",
            rows=pictures.shelf_rows(conn),
            reasons=[(c, _(w)) for c, w in words.LOSSES.items()],
            **around(conn),
        )


@bp.post("/stock")
def take_inventory() -> Response:
    """Record what was counted; differences are told."""
    counts = [
        stock.Count(product=name[2:], counted=quantity(name))
        for name in request.form
        if name.startswith("n:") and request.form[name].strip()
    ]
    with suppress(AlreadyDone):
        if not counts:
            raise stock.NotAStock(product="–")
        told = stock.take_inventory(screens.store(), counts, **act())
        differs = sum(line.counted != line.expected for line in told.lines)
        if differs:
            text = ngettext("Counted: %(n)s article differs, noted", "Counted: %(n)s articles differ, noted", differs)
            screens.say(text, tone="wait", icon="alert")
        else:
            screens.say(_("Counted: everything is there"))
    return screens.go(url_for("grocery.shelves"))


@bp.post("/lose")
def lose() -> Response:
    """Write goods off, for a reason."""
    with suppress(AlreadyDone):
        stock.lose(
            screens.store(),
            request.form.get("product", ""),
            quantity("quantity"),
            request.form.get("reason", ""),
            **act(),
        )
        screens.say(_("Loss noted"))
    return screens.go(url_for("grocery.shelves"))


@bp.get("/dates")
def dates() -> str:
    """Show what is past or near its date."""
    with screens.store().reading() as conn:
        return screens.draw("grocery/dates.html", rows=pictures.dated(conn, screens.today()), **around(conn))


@bp.post("/withdraw/<product>")
def withdraw(product: str) -> Response:
    """Take off the shelf what is past its use-by date."""
    with suppress(AlreadyDone):
        desk.withdraw(screens.store(), product, **act())
        screens.say(_("Off the shelf, the loss is noted"))
    return screens.go(url_for("grocery.dates"))


@bp.post("/markdown/<product>")
def mark_down(product: str) -> Response:
    """Sell for less until those are gone, or go back to the price."""
    with suppress(AlreadyDone):
        if request.form.get("lift"):
            desk.lift_markdown(screens.store(), product, **act())
            screens.say(_("Ordinary price again"))
        else:
            desk.mark_down(screens.store(), product, euros("price"), **act())
            screens.say(_("Marked down until they are gone"))
    return screens.go(url_for("grocery.dates"))


@bp.get("/orders")
def orders() -> str:
    """Show what to order, by supplier."""
    with screens.store().reading() as conn:
        return screens.draw("grocery/orders.html", orders=pictures.orders(conn), **around(conn))


@bp.post("/order")
def draw_order() -> Response:
    """Make the order of a supplier and print it."""
    with suppress(AlreadyDone):
        told = desk.draw_order(screens.store(), request.form.get("supplier", ""), **act())
        with screens.store().reading() as conn:
            named = pictures.labels(conn)
            cafe, name = paper.cafe_of(conn).sign, reading.supplier_name(conn, told.supplier) if told.supplier else ""
        lines = [(named.get(line.product, line.product), line.quantity) for line in told.lines]
        print_slip(
            slips.order_slip(cafe=cafe, supplier=name, number=told.number, day=told.day, lines=lines),
            _("Order printed"),
        )
    return screens.go(url_for("grocery.orders"))
