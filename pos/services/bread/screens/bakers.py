"""Bakers: who they are, the contract, their articles and prices, the prefect's weekday."""

from contextlib import suppress
from typing import Any

from flask import request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import parse_euros
from pos.services.bread import contracts, names, reading, words
from pos.services.bread import refusals as no
from pos.services.bread.screens.blueprint import bp
from pos.till import tables as till
from pos.till.screens.typed import act


@bp.get("/bakers")
def bakers() -> str:
    """Show who delivers here, or how to begin."""
    today = screens.today()
    with screens.store().reading() as conn:
        found = [
            (one, names.baker_name(conn, one), reading.contract_on(conn, one, today)) for one in reading.bakers(conn)
        ]
        row = conn.execute(
            "SELECT * FROM bread_closing WHERE valid_from <= ? ORDER BY valid_from DESC LIMIT 1", (today,)
        ).fetchone()
        closing = row if row is not None and row["weekday"] >= 0 else None
        return screens.draw(
            "bread/bakers.html", bakers=found, closing=closing, weekdays=words.WEEKDAYS, modes=words.MODES
        )


@bp.post("/bakers")
def add() -> Any:
    """Enter a baker with the terms most have; they are then corrected."""
    store, form = screens.store(), request.form
    with suppress(AlreadyDone):
        event = contracts.list_baker(store, name=form.get("name", ""), phone=form.get("phone", ""), **act())
        contracts.set_contract(store, event.baker, by=screens.clerk())
        return screens.go(url_for("bread.baker", baker=event.baker))
    return screens.go(url_for("bread.bakers"))


@bp.get("/baker/<baker>")
def baker(baker: str) -> Any:
    """Show a baker's terms and articles."""
    today = screens.today()
    with screens.store().reading() as conn:
        if baker not in reading.bakers(conn):
            return screens.go(url_for("bread.bakers"))
        mine = reading.articles(conn, baker)
        taken = {row["article"] for row in reading.articles(conn)}
        others = [row for row in till.products(conn) if row["service"] == "bread" and row["product"] not in taken]
        return screens.draw(
            "bread/baker.html", baker=baker, name=names.baker_name(conn, baker), phone=names.phone_of_baker(conn, baker),
            contract=reading.contract_on(conn, baker, today), articles=mine, others=others, weekdays=words.WEEKDAYS,
            modes=words.MODES, unsold=words.UNSOLD, unclaimed=words.UNCLAIMED_POLICIES, periods=words.PERIODS, today=today,
        )  # fmt: skip


@bp.post("/baker/<baker>/who")
def rename(baker: str) -> Any:
    """Correct a baker's name and telephone."""
    with suppress(AlreadyDone):
        contracts.list_baker(
            screens.store(),
            baker=baker,
            name=request.form.get("name", ""),
            phone=request.form.get("phone", ""),
            **act(),
        )
        screens.say(_("Noted"))
    return screens.go(url_for("bread.baker", baker=baker))


@bp.post("/baker/<baker>/contract")
def agree(baker: str) -> Any:
    """Record the terms from today on."""
    form = request.form
    with suppress(AlreadyDone):
        contracts.set_contract(
            screens.store(), baker, mode=form.get("mode", ""), commission_bp=_rate(_("Commission"), form.get("commission", "")),
            unsold=form.get("unsold", ""), unsold_cap_bp=_rate(_("Share taken back"), form.get("cap", "") or "0"),
            period=form.get("period", ""), cut_off=form.get("cut_off", ""), release=form.get("release", ""),
            unclaimed=form.get("unclaimed", ""), weekdays=[int(n) for n in form.getlist("weekdays") if n.isdecimal()], **act(),
        )  # fmt: skip
        screens.say(_("Contract noted, from today on"))
    return screens.go(url_for("bread.baker", baker=baker))


def _rate(field: str, text: str) -> int:
    """Return basis points for a typed percentage like `18` or `12,5`."""
    whole, _comma, part = text.strip().rstrip("%").strip().replace(".", ",").partition(",")
    if not whole.isdecimal() or len(whole) > 3 or (part and not part.isdecimal()):
        raise no.BadContract(field=field, value=text[:12])
    return int(whole) * 100 + int((part + "00")[:2])


@bp.post("/baker/<baker>/article")
def set_article(baker: str) -> Any:
    """Add an article of a baker, or change its price."""
    form = request.form
    price = form.get("price", "")
    with suppress(AlreadyDone):
        contracts.set_article(
            screens.store(), baker, form.get("article", ""), price=parse_euros(price) if price else None, **act()
        )
        screens.say(_("Price noted; the menu follows"))
    return screens.go(url_for("bread.baker", baker=baker))


@bp.post("/baker/<baker>/drop/<article>")
def drop_article(baker: str, article: str) -> Any:
    """Take an article off a baker."""
    with suppress(AlreadyDone):
        contracts.drop_article(screens.store(), article, **act())
    return screens.go(url_for("bread.baker", baker=baker))


@bp.post("/closing")
def closing() -> Any:
    """Record the weekday without bread."""
    asked = request.form.get("weekday", "-1")
    with suppress(AlreadyDone):
        contracts.forbid_weekday(
            screens.store(), int(asked) if asked.isdecimal() else -1, order_no=request.form.get("order_no", ""), **act()
        )
        screens.say(_("Noted"))
    return screens.go(url_for("bread.bakers"))
