"""Games on the screen: wins paid, stakes, the terminal's day, the debit, proof of age."""

from contextlib import suppress
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.press import desk, pictures, slips, words
from pos.services.press.screens.blueprint import around, bp
from pos.services.press.tables import GAMES
from pos.till import sell
from pos.till.screens import paper
from pos.till.screens.machines import kick_for
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros


@bp.get("/games")
def games() -> str:
    """Show the operators of the licence, and the day of the first or of the one that was touched."""
    with screens.store().reading() as conn:
        every = pictures.games(conn, screens.today())
        licensed = [one for one in every if one["licence"]]
        asked = request.args.get("operator", "")
        shown = next((one for one in licensed if one["operator"] == asked), licensed[0] if licensed else None)
        return screens.draw("press/games.html", every=licensed, one=shown, **around(conn))


@bp.post("/games/<operator>/win")
def win(operator: str) -> Response:
    """Pay a win from the drawer."""
    with suppress(AlreadyDone):
        amount = euros("amount")
        desk.pay_win(
            screens.store(),
            operator,
            amount,
            adult=bool(request.form.get("adult")),
            ref=request.form.get("ref", ""),
            **act(),
        )
        said = _("Win of %(amount)s paid", amount=format_euros(amount))
        kick_for(said, said)
    return screens.go(url_for("press.games", operator=operator))


@bp.post("/games/<operator>/stakes")
def stakes(operator: str) -> Response:
    """Take stakes in cash."""
    with suppress(AlreadyDone):
        amount = euros("amount")
        desk.take_stakes(screens.store(), operator, amount, adult=bool(request.form.get("adult")), **act())
        said = _("Stakes of %(amount)s taken", amount=format_euros(amount))
        kick_for(said, said)
    return screens.go(url_for("press.games", operator=operator))


@bp.post("/games/<operator>/day")
def note_day(operator: str) -> Response:
    """Note the totals that the terminal prints at the end of the day."""
    with suppress(AlreadyDone):
        desk.note_games(
            screens.store(),
            operator,
            stakes=euros("stakes"),
            wins=euros("wins"),
            commission=euros("commission", None),
            **act(),
        )
        screens.say(_("%(operator)s: the day’s totals are noted", operator=words.operator(operator)))
    return screens.go(url_for("press.games", operator=operator))


@bp.post("/games/<operator>/debit")
def debit(operator: str) -> Response:
    """Note the operator's debit, with its account on paper."""
    with suppress(AlreadyDone):
        told = desk.debit_games(
            screens.store(), operator, amount=euros("amount", None), ref=request.form.get("ref", ""), **act()
        )
        with screens.store().reading() as conn:
            cafe = paper.cafe_of(conn).sign
        slip = slips.games_slip(
            cafe=cafe, operator=words.operator(operator), first=told.first, last=told.last, stakes=told.stakes, wins=told.wins,
            commission=told.commission, due=told.due,
        )  # fmt: skip
        print_slip(slip, _("Debit noted, its account is printed"))
    return screens.go(url_for("press.games", operator=operator))


@bp.get("/age/<tab_id>")
def age(tab_id: str) -> Any:
    """Ask for proof of age for games on a bill."""
    with screens.store().reading() as conn:
        if sell.current_tab(conn, tab_id) is None:
            return screens.go("/")
        return screens.draw("press/age.html", tab_id=tab_id, **around(conn))


@bp.post("/age/<tab_id>/<answer>")
def say_age(tab_id: str, answer: str) -> Response:
    """Note the answer, and go back to the bill."""
    with suppress(AlreadyDone):
        desk.check_age(screens.store(), tab_id, answer == "adult", **act())
        if answer == "adult":
            screens.say(_("Proof of age seen"))
        else:
            screens.say(_("Games and tobacco left the bill"), tone="wait", icon="alert")
    return screens.go("/")


@bp.post("/licence/<operator>")
def set_licence(operator: str) -> Response:
    """Say whether the café is licensed, and on which terms."""
    licensed = request.form.get("licensed") == "1"
    with suppress(AlreadyDone):
        desk.set_licence(
            screens.store(), operator, licensed=licensed, commission_bp=euros("commission"), win_limit=euros("win_limit"),
            reserve=euros("reserve"), **act(),
        )  # fmt: skip
        screens.say(_("Licence noted"))
    return screens.go(
        url_for("press.games", operator=operator) if operator in GAMES and licensed else url_for("press.account")
    )
