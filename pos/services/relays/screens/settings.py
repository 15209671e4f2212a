"""Behind the counter: the relays a café chooses, providers settled with, totals typed, the month's sheet."""

from contextlib import suppress

from flask import abort, request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.engines import counting
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.services.relays import desk, kinds, names, pictures, reading, slips
from pos.services.relays.screens.blueprint import around, bp, cafe, relay_or_404
from pos.services.relays.tables import CODES
from pos.till.catalogue import slug
from pos.till.screens import months
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, whole


@bp.get("/settings")
def settings() -> str:
    """Show what this café takes in, and what it could."""
    with screens.store().reading() as conn:
        return screens.draw(
            "relays/settings.html", relays=pictures.settings(conn, screens.today()), manager=pictures.manages(conn, screens.clerk()),
            sorts=[(sort.code, _(sort.label), sort.icon, sort.hold_days) for sort in kinds.SORTS.values()], **around(conn),
        )  # fmt: skip


@bp.post("/settings")
def set_relay() -> Response:
    """Choose a relay, or change it, from today on."""
    form = request.form
    label = form.get("label", "")
    with suppress(AlreadyDone):
        desk.set_relay(
            screens.store(), form.get("relay", "") or slug(label)[:16], sort=form.get("sort", ""), label=label,
            commission_bp=whole("commission") * 100, hold_days=whole("hold_days"), in_use=form.get("in_use", "1") == "1",
            provider=form.get("provider", ""), phone=form.get("phone", ""), **act(),
        )  # fmt: skip
        screens.say(_("Relay noted"))
    return screens.go(url_for("relays.settings"))


@bp.post("/of/<relay>/settle")
def settle(relay: str) -> Response:
    """Hand the provider its money, less the café's share, with a receipt."""
    with suppress(AlreadyDone):
        told = desk.settle_provider(
            screens.store(), relay, means=request.form.get("means", "cash"), ref=request.form.get("ref", ""), **act()
        )
        with screens.store().reading() as conn:
            provider = names.provider(conn, relay)["name"]
            slip = slips.settlement_slip(
                cafe=cafe(conn),
                relay=relay_or_404(conn, relay),
                provider=provider,
                told=told,
                at_ms=screens.store().clock.now_ms(),
            )
        print_slip(slip, _("Settled; the receipt is printed"))
    return screens.go(url_for("relays.relay_desk", relay=relay))


@bp.post("/count/<service>")
def count(service: str) -> Response:
    """Type the day's total, when there was no time for more."""
    if service not in CODES:
        abort(404)
    total = whole("total", -1)
    with suppress(AlreadyDone):
        counting.count_day(screens.store(), service, total, **act())
        screens.say(_("Total noted"))
    return screens.go(url_for("relays.month", month=screens.today()[:7]))


@bp.get("/month/<month>")
def month(month: str) -> str:
    """Show a month: what was left and fetched, the providers' money, the café's share."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        told = reading.sheet(conn, shown.first, shown.last)
        return screens.draw(
            "relays/month.html", rows=told, totals=pictures.totals(conn, screens.today()),
            **shown.drawn(), **around(conn),
        )  # fmt: skip
