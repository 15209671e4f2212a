"""What a long press or « Price » opens: quantity, price, note, discount, sold out; and the search."""

import sqlite3
from contextlib import suppress

from flask import request

from pos import screens
from pos.errors import AlreadyDone, Refusal
from pos.i18n import N_, _
from pos.money import parse_euros, parse_quantity
from pos.private import fold
from pos.till import catalogue, sell, tables
from pos.till import refusals as no
from pos.till.screens import bill
from pos.till.screens.counter import answer, asked_tab, bp
from pos.till.tab import OFF_CODES

OFFERS = (
    ("courtesy", N_("On the house"), "gift"),
    ("staff", N_("Staff meal"), "user"),
    ("mistake", N_("Our mistake"), "undo"),
)
FOUND_MAX = 12


class NotWeighed(Refusal):
    """What is weighed has no quantity before somebody reads it on the scale."""

    sentence = N_("%(label)s is sold by what it weighs.")
    remedy = N_("Type what the scale shows, like 0,350, then Add.")


@bp.get("/product/<product>/keys")
def product_keys(product: str) -> str:
    """Show what can be said of a product before it is on the bill."""
    with screens.store().reading() as conn:
        row = tables.product(conn, product)
        if row is None:
            raise no.NoSuchProduct(product=product)
    return screens.draw("till/_product.html", product=row)


@bp.post("/product/<product>/add")
def add_many(product: str) -> str:
    """Put a quantity of a product on the bill, at its price or at the one typed."""
    tab_id, form = asked_tab(), request.form
    amount = form.get("price", "").strip()
    with screens.store().reading() as conn:
        row = tables.product(conn, product)
    if row is not None and row["unit"] != "piece" and not amount and not form.get("quantity", "").strip():
        raise NotWeighed(label=row["label"])
    with suppress(AlreadyDone):
        sell.add_product(
            screens.store(), tab_id, product, quantity=parse_quantity(form.get("quantity") or "1"),
            price=parse_euros(amount) if amount else None, by=screens.clerk(), attempt=screens.attempt(),
        )  # fmt: skip
    return answer(tab_id, back_to_tiles=True)


@bp.post("/product/<product>/out/<int:out>")
def run_out(product: str, out: int) -> str:
    """Say that a product is sold out, or back."""
    with suppress(AlreadyDone):
        catalogue.run_out(screens.store(), product, bool(out), by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Sold out: its tile is struck through") if out else _("Back on sale"))
    return answer(asked_tab(), back_to_tiles=True)


@bp.get("/bill/line/<line_id>/keys")
def line_keys(line_id: str) -> str:
    """Show what can be changed on a line."""
    with screens.store().reading() as conn:
        found = bill.picture(conn, bill.current_id(conn), lit=line_id)
    line = next((line for line in found.lines if line.line_id == line_id), None)
    if line is None:
        raise no.NoSuchLine
    return screens.draw("till/_line_keys.html", line=line, offers=OFFERS, own=line.role not in OFF_CODES)


@bp.post("/bill/line/<line_id>")
def line_change(line_id: str) -> str:
    """Change a line as typed: quantity, unit price, discount or note."""
    store, by, tab_id, form = screens.store(), screens.clerk(), asked_tab(), request.form
    typed, what = form.get("amount", ""), form.get("what", "")
    with suppress(AlreadyDone):
        if what == "quantity":
            sell.change_quantity(store, tab_id, line_id, parse_quantity(typed), by=by, attempt=screens.attempt())
        elif what == "price":
            sell.set_price(store, tab_id, line_id, parse_euros(typed), by=by, attempt=screens.attempt())
        elif what == "discount":
            sell.discount_line(store, tab_id, line_id, parse_euros(typed or "0"), by=by, attempt=screens.attempt())
        elif what == "percent":
            sell.discount_line(
                store,
                tab_id,
                line_id,
                _percent(tab_id, line_id, int(form.get("percent", "0"))),
                by=by,
                attempt=screens.attempt(),
            )
        elif what == "offer":
            sell.offer_line(store, tab_id, line_id, form.get("reason", ""), by=by, attempt=screens.attempt())
        elif what == "note":
            sell.note_line(store, tab_id, line_id, form.get("note", ""), by=by, attempt=screens.attempt())
    return answer(tab_id, lit=line_id, back_to_tiles=True)


def _percent(tab_id: str, line_id: str, percent: int) -> int:
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
    full = next((line.full for line in tab.lines if line.line_id == line_id), 0) if tab else 0
    return (full * max(0, min(100, percent)) + 50) // 100


@bp.get("/find")
def finding() -> str:
    """Show the search: the keyboard lies under it, what is found between."""
    return screens.draw("till/_find.html", found=_found(""), text="")


@bp.get("/find/results")
def results() -> str:
    """Show the products whose name holds the text, or whose barcode ends with it."""
    return screens.render("till/_found.html", found=_found(request.args.get("text", "")))


def _found(text: str) -> list[sqlite3.Row]:
    wanted = fold(text.strip())
    with screens.store().reading() as conn:
        rows = tables.products(conn)
    if not wanted:
        return []
    starts = [row for row in rows if any(word.startswith(wanted) for word in fold(row["label"]).split())]
    holds = [row for row in rows if wanted in fold(row["label"]) or (len(wanted) > 3 and row["ean"].endswith(wanted))]
    return [*starts, *(row for row in holds if row not in starts)][:FOUND_MAX]
