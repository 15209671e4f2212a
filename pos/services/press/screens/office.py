"""Behind the press counter: titles, the depot's terms and account, licences, totals typed, the month's sheet."""

from contextlib import suppress
from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.press import codes, desk, pictures, reading, terms, words
from pos.services.press.screens.blueprint import around, bp
from pos.services.press.tables import PRESS
from pos.till import tables as till
from pos.till.screens import months
from pos.till.screens.typed import act, euros, percent, whole


@bp.get("/titles")
def titles() -> str:
    """Show the titles, and the form of a new one: its code read from the cover."""
    code = request.args.get("code", "")
    with screens.store().reading() as conn:
        return screens.draw(
            "press/titles.html", titles=reading.titles(conn), code=code, read=codes.parse(code), periodicity=words.periodicity,
            periodicities=[(c, _(word)) for c, (word, _days) in terms.PERIODICITIES.items()], **around(conn),
        )  # fmt: skip


@bp.get("/title/<product>")
def one_title(product: str) -> str:
    """Show a title: its price and code, to confirm when the cover changed."""
    code = request.args.get("code", "")
    with screens.store().reading() as conn:
        row, known = till.product(conn, product), reading.title(conn, product)
        if row is None or known is None:
            abort(404)
        read = codes.parse(code)
        return screens.draw(
            "press/title.html", row=row, known=known, code=code, hint=read.price_hint if read else 0, issues=reading.on_sale(conn, product),
            periodicities=[(c, _(word)) for c, (word, _days) in terms.PERIODICITIES.items()], **around(conn),
        )  # fmt: skip


@bp.post("/titles")
def list_title() -> Response:
    """Put a title on the menu, or change it."""
    form = request.form
    with suppress(AlreadyDone):
        desk.list_title(
            screens.store(), label=form.get("label", ""), price=euros("price"), code=form.get("code", ""), product=form.get("product", ""),
            periodicity=form.get("periodicity", "daily"), recall_days=whole("recall_days"), **act(),
        )  # fmt: skip
        screens.say(_("Title on the menu"))
    return screens.go(url_for("press.titles"))


@bp.post("/title/<product>/off")
def write_off(product: str) -> Response:
    """Write damaged or stolen copies off."""
    with suppress(AlreadyDone):
        desk.write_off(screens.store(), product, whole("quantity") * 1000, request.form.get("reason", ""), **act())
        screens.say(_("Copies written off; the café answers for them"), tone="wait")
    return screens.go(url_for("press.one_title", product=product))


@bp.get("/account")
def account() -> Any:
    """Show the depot's terms and account, and the licences."""
    day = screens.today()
    with screens.store().reading() as conn:
        return screens.draw(
            "press/account.html", told=pictures.account(conn, day), periods=[(c, _(w)) for c, w in words.PERIODS.items()],
            licences=[(op, _(word), terms.licence(conn, op, day)) for op, word in terms.OPERATORS.items()], defaults=terms, **around(conn),
        )  # fmt: skip


@bp.post("/terms")
def set_terms() -> Response:
    """Agree with the depot from a day on."""
    form = request.form
    with suppress(AlreadyDone):
        desk.set_depot(
            screens.store(), commission_bp=percent("commission"), period=form.get("period", "week"), claim_days=whole("claim_days"),
            valid_from=form.get("valid_from", ""), **act(),
        )  # fmt: skip
        screens.say(_("Depot’s terms noted"))
    return screens.go(url_for("press.account"))


@bp.post("/statement")
def close_statement() -> Response:
    """Close the depot's statement: the finished period, or up to today."""
    last = screens.today() if request.form.get("upto") == "today" else ""
    with suppress(AlreadyDone):
        told = desk.close_statement(screens.store(), last=last, **act())
        screens.say(_("Statement %(n)s closed: %(amount)s to the depot", n=told.number, amount=format_euros(told.due)))
    return screens.go(url_for("press.account"))


@bp.post("/statement/<int:number>/pay")
def pay_statement(number: int) -> Response:
    """Note what the depot debited."""
    with suppress(AlreadyDone):
        told = desk.pay_statement(
            screens.store(), number, amount=euros("amount", None), ref=request.form.get("ref", ""), **act()
        )
        if told.difference:
            screens.say(
                _("Noted; a difference of %(amount)s stays on the account", amount=format_euros(told.difference)),
                tone="wait",
            )
        else:
            screens.say(_("Noted: debited as stated"))
    return screens.go(url_for("press.account"))


@bp.post("/count")
def count() -> Response:
    """Type the day's total, when there was no time for more."""
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), PRESS, whole("total", -1), **act())
        screens.say(_("Day’s total noted"))
    return screens.go(url_for("press.home"))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: customers, copies, statements, games."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        return screens.draw(
            "press/month.html", told=pictures.month(conn, shown.first, shown.last), **shown.drawn(),
            operator=words.operator, **around(conn),
        )  # fmt: skip
