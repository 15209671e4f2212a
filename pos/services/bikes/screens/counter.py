"""Bikes at the counter. Out: the bike, its length, the money. Back: its row, one key."""

from contextlib import suppress
from typing import Any

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import private, screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.bikes import desk, pictures, reading, rules, slips, words
from pos.services.bikes.returning import Returned
from pos.services.bikes.screens.blueprint import around, bp
from pos.services.bikes.tables import CASH
from pos.slips import Slip
from pos.till.screens import bill, paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros


@bp.get("")
def home() -> Any:
    """Show the rack; a café without bikes starts with its fleet."""
    with screens.store().reading() as conn:
        if not reading.fleet(conn):
            return screens.go(url_for("bikes.fleet"))
        return screens.draw("bikes/home.html", **pictures.board(conn, screens.today()), **around(conn))


@bp.get("/out/<bike>")
def leaving(bike: str) -> str:
    """Show a bike about to leave: each length is a key."""
    with screens.store().reading() as conn:
        return screens.draw(
            "bikes/out.html", **pictures.leaving(conn, reading.bike(conn, bike), screens.today()), **around(conn)
        )


@bp.post("/out/<bike>/<rule>")
def hire(bike: str, rule: str) -> Any:
    """Let the bike leave: contract on paper, price on the bill."""
    form = request.form
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    try:
        hired = desk.hire(
            screens.store(), bikes=[bike, *form.getlist("also")], rule=rule, deposit=form.get("deposit", "none"),
            proof=form.get("proof", "id_card"), name=form.get("name", ""), phone=form.get("phone", ""),
            cheque=form.get("cheque", ""), accessories=form.getlist("accessories"), condition=form.get("condition", "good"),
            tab_id=tab_id, **act(),
        )  # fmt: skip
    except AlreadyDone:
        return screens.go(url_for("till.counter"))
    bill.hold(hired.tab)
    print_slip(_contract(hired.contract), _("Contract printed: to sign, with the deposit"))
    return screens.go(url_for("till.counter"))


def _contract(contract: str) -> Slip:
    with screens.store().reading() as conn:
        rows = reading.of_contract(conn, contract)
        facts = private.recall(conn, rows[0]["person"]) if rows[0]["person"] else {}
        return slips.contract_slip(
            cafe=paper.cafe_of(conn, rows[0]["day"]).sign, rows=rows, terms=rules.in_force(conn, rows[0]["day"]),
            name=str(facts.get("name", "")), phone=str(facts.get("phone", "")), cheque=str(facts.get(f"cheque_{contract}", "")),
        )  # fmt: skip


@bp.get("/rental/<rental>")
def one(rental: str) -> str:
    """Show one hire: back, late, damaged, its deposit."""
    with screens.store().reading() as conn:
        row = reading.rental(conn, rental)
        if row is None:
            abort(404)
        return screens.draw(
            "bikes/rental.html", **pictures.hire(conn, row, screens.store().clock.now_ms()), **around(conn)
        )


@bp.post("/rental/<rental>/back")
def back(rental: str) -> Response:
    """Take the bike back: all well, late, or damaged as touched."""
    form = request.form
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        came = desk.take_back(
            screens.store(), rental, damages=form.getlist("damages"), missing=form.getlist("missing"), repair=euros("repair"),
            maintenance=bool(form.get("maintenance")), forgive_late=bool(form.get("forgive")),
            from_deposit=bool(form.get("from_deposit")), tab_id=tab_id, **act(),
        )  # fmt: skip
        return _said_back(came)
    return screens.go(url_for("bikes.home"))


def _said_back(came: Returned) -> Response:
    """Say what is to do with the hands now, and go where the money is."""
    amount = format_euros(came.released)
    if came.tab:
        bill.hold(came.tab)
        screens.say(
            _("To pay: %(amount)s, then the deposit is handed back", amount=format_euros(came.due)),
            tone="wait",
            icon="bike",
        )
        return screens.go(url_for("till.counter"))
    if came.ticket:
        screens.say(
            _("%(kept)s kept, hand back %(amount)s", kept=format_euros(came.due), amount=amount),
            tone="wait",
            icon="coins",
        )
    elif came.released and came.deposit_kind == CASH:
        screens.say(_("Back. Hand back %(amount)s in cash", amount=amount), tone="wait", icon="coins")
    elif came.released:
        screens.say(_("Back. Hand back: %(what)s", what=words.said(words.DEPOSITS, came.deposit_kind)))
    else:
        screens.say(_("Back on the rack"))
    return screens.go(url_for("bikes.home"))


@bp.post("/rental/<rental>/release")
def release(rental: str) -> Response:
    """Hand the deposit back."""
    with suppress(AlreadyDone):
        amount = desk.release(screens.store(), rental, **act())
        screens.say(_("Deposit of %(amount)s handed back", amount=format_euros(amount)))
    return screens.go(url_for("bikes.home"))


@bp.post("/rental/<rental>/keep")
def keep(rental: str) -> Response:
    """Keep the deposit, or a part of it."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        return _said_back(desk.keep_deposit(screens.store(), rental, euros("amount"), tab_id=tab_id, **act()))
    return screens.go(url_for("bikes.home"))


@bp.post("/rental/<rental>/not-back/<state>")
def not_back(rental: str, state: str) -> Response:
    """Say that the bike is lost or stolen."""
    with suppress(AlreadyDone):
        desk.not_back(screens.store(), rental, state, **act())
        screens.say(_("Noted. The deposit is still here: keep it or hand it back"), tone="wait", icon="alert")
    return screens.go(url_for("bikes.one", rental=rental))


@bp.post("/rental/<rental>/cancel")
def cancel(rental: str) -> Response:
    """The bike did not leave after all."""
    with suppress(AlreadyDone):
        desk.cancel(screens.store(), rental, **act())
        screens.say(_("Hire cancelled: hand the deposit back"), tone="wait", icon="undo")
    return screens.go(url_for("bikes.home"))


@bp.post("/rental/<rental>/bill")
def charge(rental: str) -> Response:
    """Put what is still owed on the bill."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        bill.hold(desk.charge_again(screens.store(), rental, tab_id=tab_id, **act()).tab_id)
    return screens.go(url_for("till.counter"))


@bp.post("/rental/<rental>/contract")
def contract(rental: str) -> str:
    """Print the contract again."""
    with screens.store().reading() as conn:
        row = reading.known(conn, rental)
    print_slip(_contract(row["contract"]), _("Contract printed"))
    return screens.draw("bikes/_said.html")


@bp.post("/welcome/<what>")
def welcome(what: str) -> str:
    """Count a passing cyclist."""
    with suppress(AlreadyDone):
        desk.welcome(screens.store(), what, n=-1 if request.form.get("undo") else 1, **act())
        screens.say(_("Counted") if not request.form.get("undo") else _("One taken back"))
    with screens.store().reading() as conn:
        return screens.draw("bikes/_welcome.html", welcomes=pictures.board(conn, screens.today())["welcomes"])
