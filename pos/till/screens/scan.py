"""A scan, from any screen: what the code is decides where it goes."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ClassVar

from flask import Response, make_response, request, url_for

from pos import barcodes, screens
from pos.barcodes import Scanned
from pos.errors import AlreadyDone, Refusal
from pos.feature import ScanHit
from pos.i18n import N_, _
from pos.till import sell, slip_parts, tables
from pos.till.screens.counter import answer, asked_tab, bp

CODE_MAX = 256


class UnknownCode(Refusal):
    """Nobody in the house knows this code."""

    sentence = N_("Nobody here knows the code %(code)s.")
    remedy = N_("Look for the article by its name, or ask the manager to create it.")
    act: ClassVar[str] = N_("Create it")
    url = ""


class UnknownArticle(UnknownCode):
    """Somebody may create the article of this code, here and now."""

    remedy = N_("Create the product, or look for it by its name.")


class UnknownBook(UnknownArticle):
    """A book is sold at its publisher's price."""

    remedy = N_("Create the product at the price on its cover: a book has one price everywhere.")


class UnknownShopLabel(UnknownCode):
    """A label that a shop made for itself, or a scale."""

    sentence = N_("The code %(code)s is a shop's or a scale's own label, and none of ours.")
    remedy = N_("Touch the article, or type its price.")


class AskedFirst(Refusal):
    """An article sold by weight, at a price typed each time, or sold out: one question before it is on the bill."""

    sentence = N_("%(label)s is sold at the counter: its price or weight is typed there.")
    remedy = N_("Go to the counter and scan it again.")
    act: ClassVar[str] = N_("Counter")
    url = "/"


class CouponRead(UnknownCode):
    """A brand's coupon: nobody pays the café back for it."""

    sentence = N_("The code %(code)s is a coupon: the till does not take coupons.")
    remedy = N_("Give it back to the customer; the price stays as it is.")


class ReadWrong(UnknownCode):
    """Thirteen digits whose last one does not check the others."""

    sentence = N_("The code %(code)s was read wrong: its last digit does not fit.")
    remedy = N_("Scan it again, flat and clean; or look for the article by its name.")


@bp.post("/scan")
def scan() -> Any:
    """Add the product that bears the code, or go where a service wants it."""
    code = barcodes.read(request.form.get("code", "").strip()[:CODE_MAX])
    with screens.store().reading() as conn:
        hit = _meant(conn, code)
        if hit is None:
            # Nothing went wrong: somebody held up a code.
            return screens.refused(_unknown(conn, code), tone="wait")
    if hit.on_bill is not None and request.form.get("bill"):
        return _changed(hit.on_bill)
    if hit.url:
        return screens.go(hit.url)
    if (asked := _asks(hit.product_id)) is not None:
        return asked
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        tab = sell.add_product(screens.store(), tab_id, hit.product_id, by=screens.clerk(), attempt=screens.attempt())
        screens.say(_("%(label)s added", label=tab.lines[-1].label))
    if request.form.get("bill"):
        return answer(tab_id)
    return screens.render("_message.html", oob=False)


def _asks(product: str) -> Response | None:
    """Ask what a tile would ask: the weight, the price; a whole kilo must not be sold by accident."""
    with screens.store().reading() as conn:
        row = tables.product(conn, product)
    if row is None or not (row["ran_out"] or row["open_price"] or row["unit"] != "piece"):
        return None
    if not request.form.get("bill"):
        return screens.refused(AskedFirst(label=row["label"]), tone="wait")
    answer = make_response(screens.draw("till/_product.html", product=row))
    answer.headers["HX-Retarget"] = "#work"
    return answer


def _changed(on_bill: Callable[..., str]) -> str:
    """Let the code change the bill on the screen: a member's card makes it theirs."""
    tab_id = asked_tab()
    with suppress(AlreadyDone):
        screens.say(on_bill(screens.store(), tab_id, by=screens.clerk(), attempt=screens.attempt()), icon="id")
    return answer(tab_id)


def _meant(conn: sqlite3.Connection, code: Scanned) -> ScanHit | None:
    """Return the product a code is, one of our tickets, or what the service that knows it makes of it."""
    for form in dict.fromkeys((code.text, *code.forms)):
        row = tables.by_ean(conn, form)
        if row is not None:
            return ScanHit(product_id=str(row["product"]))
    number = slip_parts.ticket_of_code(screens.store(), conn, code.text)
    if number:
        return ScanHit(url=url_for("tickets.one", no=number))
    for feature in screens.store().features:
        hit = feature.scan(conn, screens.today(), code.text) if feature.scan else None
        if hit is not None:
            return hit
    return None


def _unknown(conn: sqlite3.Connection, code: Scanned) -> Refusal:
    """Say what nobody knows, as well as it can be said, and where it leads."""
    for feature in screens.store().features:
        told = feature.unknown(conn, screens.today(), code.text) if feature.unknown else None
        if told is not None:
            return told
    if code.misread:
        return ReadWrong(code=code.text)
    by_sort = {barcodes.COUPON: CouponRead, barcodes.IN_STORE: UnknownShopLabel}
    kind = by_sort.get(code.sort, UnknownCode)
    told = kind(code=code.listed or code.text[:24])
    if kind is UnknownCode and code.listed and tables.role_of(conn, screens.clerk()) == "manager":
        told = (UnknownBook if code.sort == barcodes.BOOK else UnknownArticle)(code=code.listed)
        told.url = url_for("catalogue.new", ean=code.listed)
    return told
