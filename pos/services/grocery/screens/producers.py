"""Producers on the screen: contracts, deposits, returns, statements, payments."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.grocery import desk, pictures, reading, slips, words
from pos.services.grocery.producers import Deposited
from pos.services.grocery.screens.blueprint import around, bp
from pos.till.screens import paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros, percent, quantity


@bp.get("/producers")
def producers() -> str:
    """Show the producers and the form of a new one."""
    with screens.store().reading() as conn:
        free = [row for row in reading.articles(conn) if not row["owner"]]
        return screens.draw("grocery/producers.html", rows=pictures.producers(conn), articles=free, **around(conn))


@bp.post("/producers")
def set_producer() -> Response:
    """Enter a producer with the contract, or change it."""
    form = request.form
    with suppress(AlreadyDone):
        told = desk.set_producer(
            screens.store(), name=form.get("name", ""), phone=form.get("phone", ""), producer=form.get("producer", ""),
            commission_bp=percent("commission"), tax_mode=form.get("tax_mode", "on_behalf"), waste=form.get("waste", "owner"),
            minimum=euros("minimum"), local=form.get("local") == "1", self_billing=form.get("self_billing") == "1",
            products=form.getlist("products"), **act(),
        )  # fmt: skip
        screens.say(_("Contract noted"))
        return screens.go(url_for("grocery.one_producer", code=told.producer))
    return screens.go(url_for("grocery.producers"))


@bp.get("/producer/<code>")
def one_producer(code: str) -> str:
    """Show a producer."""
    with screens.store().reading() as conn:
        if reading.producer(conn, code) is None:
            abort(404)
        free = [row for row in reading.articles(conn) if not row["owner"]]
        return screens.draw(
            "grocery/producer.html", told=pictures.one_producer(conn, code, screens.today()), articles=free,
            means=[(c, _(w)) for c, w in words.MEANS.items()], **around(conn),
        )  # fmt: skip


@bp.post("/producer/<code>/name")
def name_producer(code: str) -> Response:
    """Give its name back to a producer."""
    with suppress(AlreadyDone):
        desk.name_producer(screens.store(), code, name=request.form.get("name", ""), **act())
        screens.say(_("Noted"))
    return screens.go(url_for("grocery.one_producer", code=code))


@bp.post("/producer/<code>/<what>")
def move(code: str, what: str) -> Response:
    """Take goods on deposit, give them back, or write them off."""
    form = request.form
    product, n = form.get("product", ""), quantity("quantity")
    with suppress(AlreadyDone):
        if what == "deposit":
            goods = [Deposited(product=product, quantity=n, use_by=form.get("use_by", ""))]
            desk.take_deposit(screens.store(), code, goods, note_no=form.get("note_no", ""), **act())
        elif what == "back":
            desk.give_back(screens.store(), code, product, n, **act())
        elif what == "lose":
            desk.lose(screens.store(), code, product, n, **act())
        else:
            abort(404)
        screens.say(_("Noted"))
    return screens.go(url_for("grocery.one_producer", code=code))


@bp.post("/statement/<code>")
def close_statement(code: str) -> Response:
    """Close the statement and print it, as the producer's bill under a self-billing agreement."""
    with suppress(AlreadyDone):
        told = desk.close_statement(screens.store(), code, **act())
        with screens.store().reading() as conn:
            cafe, row = paper.cafe_of(conn), reading.producer(conn, code)
            slip = slips.statement_slip(
                cafe=cafe.legal_entity or cafe.sign, siret=cafe.siret, producer=reading.producer_name(conn, code), code=code, told=told,
                labels=pictures.labels(conn), self_billing=bool(row["self_billing"]) if row is not None else False,
            )  # fmt: skip
        print_slip(slip, _("Statement %(n)s closed and printed", n=told.number))
    return screens.go(url_for("grocery.one_producer", code=code))


@bp.post("/pay/<code>")
def pay(code: str) -> Response:
    """Pay what the statements leave due."""
    form = request.form
    with suppress(AlreadyDone):
        told = desk.pay_producer(
            screens.store(),
            code,
            means=form.get("means", "transfer"),
            ref=form.get("ref", ""),
            anyway=form.get("anyway") == "1",
            **act(),
        )
        screens.say(_("%(amount)s paid", amount=format_euros(told.amount)))
    return screens.go(url_for("grocery.one_producer", code=code))
