"""*Invendus*: covers scanned one after the other, then two taps: compare, give back."""

from contextlib import suppress
from typing import Any

from flask import request, url_for
from werkzeug.wrappers import Response

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import format_euros
from pos.services.press import codes, desk, pictures, slips
from pos.services.press import refusals as no
from pos.services.press.screens.blueprint import around, bp
from pos.services.press.unsold import Counted
from pos.till.screens import paper
from pos.till.screens.paper import print_slip
from pos.till.screens.typed import act, whole


@bp.get("/returns")
def returns() -> str:
    """Show what is recalled, nothing counted yet."""
    return _page({})


def _page(typed: dict[str, str], *, lit: str = "", compared: bool = False) -> str:
    with screens.store().reading() as conn:
        rows = pictures.returns(conn, screens.today(), typed, lit)
        charged = sum(row.missing * row.issue.price for row in rows if row.missing > 0)
        shown = "press/_returns.html" if screens.is_htmx() and request.method == "POST" else "press/returns.html"
        return screens.draw(
            shown, rows=rows, compared=compared, copies=sum(row.counted for row in rows), charged=charged,
            missing=sum(max(0, row.missing) for row in rows), **around(conn),
        )  # fmt: skip


@bp.post("/returns/scan")
def scan_return() -> Any:
    """Count the cover that was scanned."""
    typed = {key: value for key, value in request.form.items() if key.startswith("n:")}
    code = request.form.get("code", "")
    with screens.store().reading() as conn:
        key = pictures.scanned(conn, screens.today(), code, typed)
    if not key:
        if codes.parse(code) is None:
            raise no.NotAPressCode(code=code.strip()[:24])
        raise no.NoSuchIssue
    typed[key] = str((int(typed[key]) if typed.get(key, "").isdecimal() else 0) + 1)
    return _page(typed, lit=key)


@bp.post("/returns/compare")
def compare() -> str:
    """Show what is missing and what it costs, before anything leaves."""
    return _page({key: value for key, value in request.form.items() if key.startswith("n:")}, compared=True)


@bp.post("/returns")
def give_back() -> Response:
    """Give the bundle back and print its slip."""
    lines = []
    for name in request.form:
        if name.startswith("n:"):
            _n, delivery, product = name.split(":", 2)
            lines.append(Counted(delivery=delivery, product=product, counted=whole(name) * 1000))
    with suppress(AlreadyDone):
        told = desk.return_unsold(screens.store(), lines, slip=request.form.get("slip", ""), **act())
        with screens.store().reading() as conn:
            cafe = paper.cafe_of(conn).sign
        said = _("Bundle %(slip)s closed, its slip is printed", slip=told.slip)
        if told.charged:
            said = _(
                "Bundle %(slip)s closed; missing copies: %(amount)s", slip=told.slip, amount=format_euros(told.charged)
            )
        print_slip(slips.bundle_slip(cafe=cafe, told=told), said)
    return screens.go(url_for("press.home"))
