"""The month: counts, partners' quotas and claims, kilometres; prices and partners; totals typed at once."""

from contextlib import suppress

from flask import abort, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.meals import desk, events, pictures, reading, rules, slips
from pos.services.meals import refusals as no
from pos.services.meals.schema import DELIVERED_USE, OFFERED
from pos.services.meals.screens.blueprint import around, bp
from pos.slips import Slip
from pos.till import tables as till
from pos.till.screens import paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, euros, text, whole


@bp.get("/month/<span>")
def month(span: str) -> str:
    """Show a month."""
    try:
        rules.month_of(span)
    except no.BadTerms:
        abort(404)
    with screens.store().reading() as conn:
        return screens.draw("meals/month.html", **pictures.month(conn, span[:7], screens.today()), **around(conn))


@bp.post("/month/<span>/claim")
def claim(span: str) -> Response:
    """Claim a month from a partner: its statement is printed."""
    with suppress(AlreadyDone):
        told = desk.claim_month(screens.store(), funder=text("funder"), month=span, **act())
        print_slip(
            _claim_slip(told), _("Claimed %(amount)s; the statement is printed", amount=format_euros(told.amount))
        )
    return screens.go(url_for("meals.month", span=span))


def _claim_slip(told: events.MonthClaimed) -> Slip:
    with screens.store().reading() as conn:
        cafe = paper.cafe_of(conn, told.day)
        days: dict[str, list[int]] = {}
        for row in (reading.meal(conn, meal) for meal in told.meals):
            count = days.setdefault(row["for_day"], [0, 0])
            count[row["state"] == "served"] += 1
        label = pictures.label_of_funder(conn, told.funder, told.month)
    issuer = slips.Issuer(cafe.sign, cafe.legal_entity, cafe.siret, f"{cafe.postcode} {cafe.town}".strip())
    return slips.claim_slip(
        told, funder=label, cafe=issuer, days=[(day, n[0], n[1]) for day, n in sorted(days.items())]
    )


@bp.post("/month/<span>/paid")
def paid(span: str) -> Response:
    """Note that a partner paid."""
    with suppress(AlreadyDone):
        desk.receive_payment(
            screens.store(),
            funder=text("funder"),
            amount=euros("amount"),
            means=text("means"),
            ref=text("ref"),
            **act(),
        )
        screens.say(_("Payment noted"), icon="coins")
    return screens.go(url_for("meals.month", span=span))


@bp.post("/month/<span>/count")
def count(span: str) -> Response:
    """Type the day's totals, when there was no time for more."""
    with suppress(AlreadyDone):
        for code in (OFFERED, DELIVERED_USE):
            if text(code):
                counting.count_day(
                    screens.store(), code, whole(code, -1), by=screens.clerk(), attempt=f"{screens.attempt()}:{code}"
                )
    screens.say(_("Day’s total noted"))
    return screens.go(url_for("meals.month", span=span))


@bp.get("/settings")
def settings() -> str:
    """Show prices, the hour to order and partners."""
    day = screens.today()
    with screens.store().reading() as conn:
        manager = till.role_of(conn, screens.clerk()) == "manager"
        return screens.draw(
            "meals/settings.html", **pictures.settings(conn, day), manager=manager, day=day, **around(conn)
        )


@bp.post("/settings/terms")
def set_terms() -> Response:
    """Set prices and the hour to order."""
    with suppress(AlreadyDone):
        desk.set_terms(
            screens.store(),
            meal_price=euros("meal_price"),
            delivery_price=euros("delivery_price"),
            cut_off=text("cut_off"),
            **act(),
        )
    screens.say(_("Prices noted, on the menu too"))
    return screens.go(url_for("meals.settings"))


@bp.post("/settings/funder")
def set_funder() -> Response:
    """Enter a partner, or what it agrees from a month on."""
    with suppress(AlreadyDone):
        desk.set_funder(
            screens.store(), funder=text("funder") or text("label"), label=text("label"), quota=whole("quota"), price=euros("price"),
            target=whole("target"), month=text("month"), **act(),
        )  # fmt: skip
    screens.say(_("Partner noted"))
    return screens.go(url_for("meals.settings"))
