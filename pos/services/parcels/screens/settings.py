"""Behind the counter: totals typed at once, carriers and their terms, the month's sheet."""

from contextlib import suppress
from typing import Any

from flask import request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import parse_euros
from pos.services.parcels import desk, reading, terms, words
from pos.services.parcels.screens.blueprint import around, bp, number
from pos.till.screens import months
from pos.till.screens.typed import act


@bp.get("/parcels/count")
def counting() -> str:
    """Show where a day's totals are typed."""
    with screens.store().reading() as conn:
        ours = reading.carriers_in_use(conn, screens.today())
        carrier = request.args.get("carrier", ours[0].carrier if ours else "")
        before = reading.count_of(conn, screens.today(), carrier)
        return screens.draw(
            "parcels/count.html", carriers=[(t.carrier, words.carrier(t.carrier)) for t in ours], carrier=carrier,
            before=dict(before) if before else {}, **around(conn),
        )  # fmt: skip


@bp.post("/parcels/count")
def count() -> Any:
    """Record the day's totals of a carrier."""
    carrier = request.form.get("carrier", "")
    with suppress(AlreadyDone):
        desk.count_only(
            screens.store(), carrier=carrier, arrived=number("arrived"), handed=number("handed"),
            dropped=number("dropped"), returned=number("returned"), customers=number("customers", -1), **act(),
        )  # fmt: skip
    screens.say(_("Totals of %(carrier)s noted", carrier=words.carrier(carrier)))
    return screens.go(url_for("parcels.shelf"))


@bp.get("/parcels/carriers")
def carriers() -> str:
    """Show every carrier, and the terms of the one that is touched."""
    day = screens.today()
    with screens.store().reading() as conn:
        every = [(reading.terms_on(conn, slug, day), words.carrier(slug)) for slug in terms.NAMES]
        chosen = request.args.get("carrier", next((t.carrier for t, _name in every if t.in_use), "mondial-relay"))
        one = next((t for t, _name in every if t.carrier == chosen), every[0][0])
        return screens.draw(
            "parcels/carriers.html", every=every, one=one, name=words.carrier(one.carrier), modes=terms.MODES,
            third=words.proofs(one.third_proofs), unknown=terms.NOT_TYPED, any_in_use=any(t.in_use for t, _name in every),
            published=terms.built_in(one.carrier, day),
        )  # fmt: skip


@bp.post("/parcels/carriers/<carrier>")
def set_carrier(carrier: str) -> Any:
    """Agree terms with a carrier from today on."""
    pays = {
        name: parse_euros(text) if (text := request.form.get(name, "").strip()) else terms.NOT_TYPED
        for name in ("pay_handed", "pay_dropped")
    }
    published = terms.built_in(carrier, screens.today()) if carrier in terms.NAMES else None
    days, mode = number("hold_days", -1), request.form.get("mode", "")
    if published and days == published.hold_days:
        # As published: the café goes on following the carrier's own changes.
        days = 0
    with suppress(AlreadyDone):
        desk.set_carrier(
            screens.store(), carrier=carrier, in_use=request.form.get("in_use") == "1", hold_days=days, mode=mode,
            pay_handed=pays["pay_handed"], pay_dropped=pays["pay_dropped"], **act(),
        )  # fmt: skip
    screens.say(_("Terms of %(carrier)s noted", carrier=words.carrier(carrier)))
    return screens.go(url_for("parcels.carriers", carrier=carrier))


@bp.get("/parcels/month/<month>")
def month(month: str) -> str:
    """Show a month's acts per carrier, and what they should be paid."""
    shown = months.asked(month)
    with screens.store().reading() as conn:
        lines = reading.sheet(conn, shown.first, shown.last)
        return screens.draw(
            "parcels/month.html", lines=[(line, words.carrier(line.carrier)) for line in lines],
            unknown=terms.NOT_TYPED, total=sum(line.pay for line in lines if line.pay != terms.NOT_TYPED),
            **shown.drawn(), **around(conn),
        )  # fmt: skip
