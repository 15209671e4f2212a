"""A scan, from any screen: what the code is decides where it goes."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from flask import request, url_for

from pos import screens
from pos.errors import AlreadyDone, Refusal
from pos.feature import ScanHit
from pos.i18n import N_, _
from pos.till import catalogue, sell, tables
from pos.till.screens.counter import answer, asked_tab, bp

CODE_MAX = 200


class UnknownCode(Refusal):
    """Nobody in the house knows this code."""

    sentence = N_("Nobody here knows the code %(code)s.")
    remedy = N_("Create the product, or look for it by its name.")
    act: ClassVar[str] = N_("Create it")

    @property
    def url(self) -> str:
        """Where the product is created, its barcode filled in."""
        code = str(self.params["code"])
        return url_for("catalogue.new", ean=code) if catalogue.ean_is_right(code) else ""


@bp.post("/scan")
def scan() -> Any:
    """Add the product that bears the code, or go where a service wants it."""
    code = request.form.get("code", "").strip()[:CODE_MAX]
    with screens.store().reading() as conn:
        hit = _meant(conn, code)
    if hit.on_bill is not None and request.form.get("bill"):
        return _changed(hit.on_bill)
    if hit.url:
        return screens.go(hit.url)
    product = hit.product_id
    if not product:
        raise UnknownCode(code=code[:24])
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        tab = sell.add_product(screens.store(), tab_id, product, by=screens.clerk(), attempt=screens.attempt())
        screens.say(_("%(label)s added", label=tab.lines[-1].label))
    if request.form.get("bill"):
        return answer(tab_id)
    return screens.render("_message.html", oob=False)


def _changed(on_bill: Callable[..., str]) -> str:
    """Let the code change the bill on the screen: a member's card makes it theirs."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        screens.say(on_bill(screens.store(), tab_id, by=screens.clerk(), attempt=screens.attempt()), icon="id")
    return answer(tab_id)


def _meant(conn: sqlite3.Connection, code: str) -> ScanHit:
    """Return the product a code is, or what the service that knows it makes of it."""
    row = tables.by_ean(conn, code)
    if row is not None:
        return ScanHit(product_id=str(row["product"]))
    for feature in screens.store().features:
        hit = feature.scan(conn, screens.today(), code) if feature.scan else None
        if hit is not None:
            return hit
    return ScanHit()
