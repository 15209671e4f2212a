"""At the counter: titles to sell, the morning's delivery, its differences."""

from contextlib import suppress
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.services.press import codes, desk, pictures, reading, slips, terms
from pos.services.press import refusals as no
from pos.services.press.deliveries import Copies
from pos.services.press.screens.blueprint import around, bp
from pos.till import sell
from pos.till import tables as till
from pos.till.screens import bill, paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, whole


@bp.get("")
def home() -> Any:
    """Show the titles on sale; a café that agreed nothing yet starts with the depot's terms."""
    with screens.store().reading() as conn:
        if terms.in_force(conn, screens.today()) is None:
            return screens.go(url_for("press.account"))
        return screens.draw(
            "press/home.html", titles=reading.titles(conn), games=pictures.games(conn, screens.today()), **around(conn)
        )


@bp.post("/sell/<product>")
def sell_copy(product: str) -> Response:
    """Put a copy on the bill and go to it: its money is the next tap."""
    with screens.store().reading() as conn:
        tab_id = bill.current_id(conn)
    with suppress(AlreadyDone):
        bill.hold(sell.add_product(screens.store(), tab_id, product, **act()).tab_id)
    return screens.go("/")


@bp.post("/scan")
def scan() -> Any:
    """Sell the cover that was scanned, or enter its title."""
    code = request.form.get("code", "")
    read = codes.parse(code)
    if read is None:
        raise no.NotAPressCode(code=code.strip()[:24])
    with screens.store().reading() as conn:
        row, known = till.by_ean(conn, read.ean), reading.title_of_key(conn, read.key)
    if row is not None:
        return sell_copy(str(row["product"]))
    if known:
        return screens.go(url_for("press.one_title", product=known, code=read.ean))
    return screens.go(url_for("press.titles", code=read.ean + read.addon))


@bp.get("/delivery")
def delivery() -> str:
    """Show the page of a delivery: scan the covers, or type how many came."""
    return _delivery({})


def _delivery(typed: dict[str, str]) -> str:
    with screens.store().reading() as conn:
        shown = "press/_delivery.html" if screens.is_htmx() and request.method == "POST" else "press/delivery.html"
        return screens.draw(
            shown, rows=pictures.delivery_rows(conn, screens.today(), typed), slip=typed.get("slip", ""), **around(conn)
        )


@bp.post("/delivery/scan")
def scan_delivery() -> Any:
    """Count one more copy of the cover that was scanned."""
    typed = dict(request.form.items())
    read = codes.parse(typed.get("code", ""))
    if read is None:
        raise no.NotAPressCode(code=typed.get("code", "").strip()[:24])
    with screens.store().reading() as conn:
        row = till.by_ean(conn, read.ean)
        product = str(row["product"]) if row is not None else reading.title_of_key(conn, read.key)
    if not product:
        return screens.go(url_for("press.titles", code=read.ean + read.addon))
    n = typed.get(f"got:{product}", "")
    typed |= {f"got:{product}": str((int(n) if n.isdecimal() else 0) + 1), "lit": product}
    if read.addon and not typed.get(f"issue:{product}"):
        typed[f"issue:{product}"] = read.addon
    return _delivery(typed)


@bp.post("/delivery")
def receive() -> Response:
    """Take the delivery in under its slip."""
    form, lines = request.form, []
    for name in form:
        kind, _colon, product = name.partition(":")
        if kind == "got" and (form[name].strip() or form.get(f"said:{product}", "").strip()):
            lines.append(Copies(
                product=product, received=whole(name) * 1000, announced=whole(f"said:{product}", -1) * 1000 if form.get(f"said:{product}") else -1,
                issue=form.get(f"issue:{product}", ""), recall_on=form.get(f"recall:{product}", ""),
            ))  # fmt: skip
    with suppress(AlreadyDone):
        told = desk.receive_delivery(screens.store(), form.get("slip", ""), lines, **act())
        differs = sum(line.announced != line.received for line in told.lines)
        if differs:
            text = ngettext(
                "Delivered; %(n)s title differs from the slip", "Delivered; %(n)s titles differ from the slip", differs
            )
            screens.say(text, tone="wait", icon="alert")
            return screens.go(url_for("press.past"))
        screens.say(ngettext("%(n)s title delivered", "%(n)s titles delivered", len(told.lines)), icon="truck")
    return screens.go(url_for("press.home"))


@bp.get("/deliveries")
def past() -> str:
    """Show the latest deliveries, to correct or to claim."""
    with screens.store().reading() as conn:
        return screens.draw(
            "press/deliveries.html", past=pictures.past_deliveries(conn, screens.today()), **around(conn)
        )


@bp.post("/deliveries/<delivery_id>/<product>")
def correct(delivery_id: str, product: str) -> Response:
    """Say how many copies really came."""
    with suppress(AlreadyDone):
        desk.correct_delivery(screens.store(), delivery_id, product, whole("received", -1) * 1000, **act())
        screens.say(_("Delivery corrected"))
    return screens.go(url_for("press.past"))


@bp.post("/claim/<delivery_id>")
def claim(delivery_id: str) -> Response:
    """Note that the depot is told, and print what is claimed."""
    with suppress(AlreadyDone):
        desk.claim(screens.store(), delivery_id, ref=request.form.get("ref", ""), **act())
        with screens.store().reading() as conn:
            row, issues = reading.delivery(conn, delivery_id), reading.differences(conn, delivery_id)
            cafe = paper.cafe_of(conn).sign
        if row is not None:
            print_slip(
                slips.claim_slip(cafe=cafe, slip=row["slip"], day=row["day"], issues=issues),
                _("Claim noted and printed"),
            )
    return screens.go(url_for("press.past"))
