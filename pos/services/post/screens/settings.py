"""Behind the counter of La Poste: stock of stamps, agreement and prices, totals typed, the month's sheet."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import consignment, counting
from pos.engines.consignment import Line
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.post import desk, pictures, prices, reading, terms, words
from pos.services.post import refusals as no
from pos.services.post.screens.blueprint import around, bp
from pos.services.post.tables import OWNER, POST
from pos.till.screens import months
from pos.till.screens.typed import act, euros, whole


@bp.get("/stock")
def stock() -> str:
    """Show stamps received, sold and left."""
    with screens.store().reading() as conn:
        return screens.draw("post/stock.html", **pictures.stock(conn), **around(conn))


@bp.post("/stock/<what>")
def move_stock(what: str) -> Response:
    """Receive stamps, give them back, or write off what is missing."""
    line = Line(product=request.form.get("product", ""), quantity=whole("quantity") * 1000)
    with suppress(AlreadyDone):
        if what == "receive" and line.quantity > 0:
            consignment.receive(screens.store(), OWNER, [line], **act())
        elif what == "back":
            consignment.give_back(screens.store(), OWNER, [line], **act())
        elif what == "lose":
            consignment.lose(screens.store(), OWNER, [line], "missing", **act())
        else:
            raise no.NotAPrice(value=request.form.get("quantity", ""))
        screens.say(_("Stock noted"))
    return screens.go(url_for("post.stock"))


@bp.post("/statement")
def statement() -> Response:
    """Close the statement of stamps and postage."""
    with suppress(AlreadyDone):
        closed = consignment.close_statement(screens.store(), OWNER, **act())
        screens.say(_("Statement %(n)s closed: %(amount)s", n=closed.number, amount=format_euros(closed.revenue)))
    return screens.go(url_for("post.stock"))


@bp.get("/terms")
def agreement() -> str:
    """Show the agreement and the price list."""
    day = screens.today()
    with screens.store().reading() as conn:
        return screens.draw(
            "post/terms.html", agreed=terms.in_force(conn, day), modes=[(c, _(w)) for c, w in terms.MODES.items()],
            limits={mode: terms.published(mode, day) for mode in terms.MODES}, prices=prices.in_force(conn, day),
            stale={row.product for row in prices.stale(conn, day)}, defaults=terms, **around(conn),
        )  # fmt: skip


@bp.post("/terms")
def set_terms() -> Response:
    """Agree from today on."""
    with suppress(AlreadyDone):
        desk.set_terms(
            screens.store(), mode=request.form.get("mode", ""), weekly_limit=euros("weekly_limit"), reserve=euros("reserve"),
            hold_days=whole("hold_days", terms.HOLD_DAYS), monthly_pay=euros("monthly_pay"), commission_bp=whole("commission") * 100,
            **act(),
        )  # fmt: skip
    screens.say(_("Agreement noted, prices on the menu"))
    return screens.go(url_for("post.home"))


@bp.post("/price/<product>")
def set_price(product: str) -> Response:
    """Enter a price of the official list, from today or a later day."""
    with screens.store().reading() as conn:
        row = next((p for p in prices.in_force(conn, screens.today()) if p.product == product), None)
    if row is None:
        abort(404)
    with suppress(AlreadyDone):
        desk.set_price(
            screens.store(), product, label=row.label, price=euros("price"), goods=row.goods,
            valid_from=request.form.get("valid_from", ""), **act(),
        )  # fmt: skip
    screens.say(_("Price noted"))
    return screens.go(url_for("post.agreement"))


@bp.post("/prices")
def apply_prices() -> Response:
    """Put the prices in force on the menu."""
    with suppress(AlreadyDone):
        n = desk.apply_prices(screens.store(), **act())
        screens.say(ngettext("%(n)s price brought up to date", "%(n)s prices brought up to date", n))
    return screens.go(url_for("post.agreement"))


@bp.post("/count")
def count() -> Response:
    """Type the day's total, when there was no time for more."""
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), POST, whole("total", -1), **act())
    screens.say(_("Day’s total noted"))
    return screens.go(url_for("post.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: visits, mail, notices, money, what La Poste should pay."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        told, agreed = reading.sheet(conn, shown.first, shown.last), terms.in_force(conn, shown.last)
        commission = (told.money.stamps + told.money.postage) * (agreed.commission_bp if agreed else 0) // 10_000
        return screens.draw(
            "post/month.html", told=told, commission=commission, pay=(agreed.monthly_pay if agreed else 0) + commission,
            **shown.drawn(), sorts=words.sort, **around(conn),
        )  # fmt: skip
