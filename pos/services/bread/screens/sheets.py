"""Sheets to count on: a delivery, the evening's unsold, what the counter wants on a weekday."""

from contextlib import suppress
from typing import Any

from flask import request, url_for

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import _, ngettext
from pos.money import line_total, parse_quantity
from pos.services.bread import contracts, names, pictures, reading, words
from pos.services.bread import day as days
from pos.services.bread.day import Came
from pos.services.bread.pictures import Row
from pos.services.bread.screens.blueprint import bp, bumped, typed, typed_lines
from pos.till.screens.typed import act

# Up to this share of what came, unsold bread is no news; above the second, it costs.
UNSOLD_GOOD_BP, UNSOLD_BAD_BP = 1000, 2000


def _rows(conn: Any, kind: str, key: str) -> list[Row]:
    if kind == "delivery":
        return pictures.delivery_rows(conn, key, screens.today())
    if kind == "needs":
        baker, _slash, weekday = key.partition("-")
        return pictures.needs_rows(conn, baker, int(weekday) if weekday.isdecimal() else 0)
    return pictures.unsold_rows(conn, key)


def _sheet(conn: Any, kind: str, key: str, found: dict[str, int] | None = None) -> dict[str, Any]:
    rows = _rows(conn, kind, key)
    if found is not None:
        rows = [Row(r.article, r.label, r.expected, found.get(r.article, r.quantity), r.price, r.note) for r in rows]
    return {
        "kind": kind, "key": key, "rows": rows, "value": sum(line_total(r.quantity, r.price) for r in rows),
        "pieces": sum(r.quantity for r in rows),
    }  # fmt: skip


@bp.get("/sheet/<kind>/<key>")
def sheet(kind: str, key: str) -> str:
    """Draw a sheet after a tap on − or +."""
    with screens.store().reading() as conn:
        return screens.draw("bread/_sheet.html", **_sheet(conn, kind, key, bumped(typed())))


@bp.get("/delivery")
def delivery() -> Any:
    """Show what should come, to be counted."""
    with screens.store().reading() as conn:
        bakers = [(one, names.baker_name(conn, one)) for one in reading.bakers(conn)]
        if not bakers:
            return screens.go(url_for("bread.bakers"))
        asked = request.args.get("baker", "")
        baker = asked if asked in dict(bakers) else bakers[0][0]
        return screens.draw(
            "bread/delivery.html", bakers=bakers, baker=baker, name=dict(bakers)[baker],
            before=reading.deliveries(conn, screens.today()), **_sheet(conn, "delivery", baker),
        )  # fmt: skip


@bp.post("/delivery")
def receive() -> Any:
    """Record what was counted."""
    baker = request.form.get("baker", "")
    with screens.store().reading() as conn:
        shown = {row.article: row.expected for row in _rows(conn, "delivery", baker)}
    # A second van of the day was not ordered: what it brings is what it announces.
    first = any(shown.values())
    lines = [Came(article=a, counted=n, announced=shown.get(a, 0) if first else None) for a, n in typed().items()]
    with suppress(AlreadyDone):
        event = days.receive_delivery(screens.store(), baker, lines, note_no=request.form.get("note_no", ""), **act())
        short = [(line.label, line.ordered - line.quantity) for line in event.lines if line.ordered > line.quantity]
        if short:
            what = ", ".join(_("%(n)s %(bread)s", n=reading.said_quantity(n), bread=label) for label, n in short)
            screens.say(_("Delivery counted. Missing: %(what)s", what=what), tone="wait", icon="alert")
        else:
            screens.say(_("Delivery counted, all is there"), icon="truck")
    return screens.go(url_for("bread.board"))


@bp.post("/delivery/<int:delivery>/<article>")
def correct(delivery: int, article: str) -> Any:
    """Correct what was counted of one article."""
    with suppress(AlreadyDone):
        days.correct_delivery(
            screens.store(), delivery, article, parse_quantity(request.form.get("fixed", "")), **act()
        )
        screens.say(_("Delivery corrected"))
    return screens.go(url_for("bread.delivery"))


@bp.get("/unsold")
def unsold() -> str:
    """Show what should be left, to be counted; then where it goes."""
    day = request.args.get("day", "") or screens.today()
    with screens.store().reading() as conn:
        figures = reading.figures_of(conn, day)
        row = conn.execute("SELECT customers FROM bread_customers WHERE day = ?", (day,)).fetchone()
        return screens.draw(
            "bread/unsold.html", day=day, today=screens.today(), figures=figures, counted=pictures.counted(conn, day),
            stock=reading.stock(conn, day), pending=pictures.pending_days(conn, screens.today()), gone=words.GONE,
            tone="good" if figures.unsold_bp <= UNSOLD_GOOD_BP else "warn", customers=row[0] if row else 0,
            bad=figures.unsold_bp > UNSOLD_BAD_BP, withdrawn=words.WITHDRAWN, **_sheet(conn, "unsold", day),
        )  # fmt: skip


@bp.post("/unsold/count")
def count() -> Any:
    """Record what is left."""
    day = request.form.get("day", "")
    with suppress(AlreadyDone):
        found = days.count_unsold(screens.store(), typed_lines(), day=day, **act())
        lost = sum(line.expected - line.counted for line in found)
        if lost > 0:
            n = -(-lost // 1000)
            screens.say(
                ngettext("Counted: %(n)s is missing", "Counted: %(n)s are missing", n), tone="wait", icon="alert"
            )
        else:
            screens.say(_("Unsold bread counted"))
    return screens.go(url_for("bread.unsold", day=day))


@bp.post("/unsold/<how>")
def place(how: str) -> Any:
    """Record where the unsold bread went."""
    day = request.form.get("day", "")
    with suppress(AlreadyDone):
        days.settle_unsold(screens.store(), how, typed_lines(), day=day, **act())
        screens.say(_("Unsold bread: %(how)s", how=_(words.GONE.get(how, how))))
    return screens.go(url_for("bread.unsold", day=day))


@bp.post("/withdraw")
def withdraw() -> Any:
    """Take a loaf off the shelf that will not be sold."""
    form = request.form
    with suppress(AlreadyDone):
        days.withdraw(screens.store(), form.get("article", ""), 1000, form.get("reason", ""), **act())
        screens.say(_("Taken off the shelf"), tone="wait", icon="minus")
    return screens.go(url_for("bread.unsold"))


@bp.post("/customers")
def customers() -> Any:
    """Note how many customers came, for a café that does not ring up its bread."""
    typed_number = request.form.get("customers", "").strip()
    with suppress(AlreadyDone):
        n = int(typed_number) if typed_number.isdecimal() else -1
        days.count_customers(screens.store(), n, day=request.form.get("day", ""), **act())
        screens.say(ngettext("%(n)s customer noted", "%(n)s customers noted", n))
    return screens.go(url_for("bread.unsold"))


@bp.get("/baker/<baker>/needs")
def needs(baker: str) -> Any:
    """Show what the counter wants on a weekday, orders apart."""
    asked = request.args.get("weekday", "")
    weekday = (
        int(asked) if asked.isdecimal() and int(asked) < 7 else reading.weekday_of(reading.day_after(screens.today()))
    )
    with screens.store().reading() as conn:
        if baker not in reading.bakers(conn):
            return screens.go(url_for("bread.bakers"))
        return screens.draw(
            "bread/needs.html", baker=baker, name=names.baker_name(conn, baker), weekday=weekday,
            weekdays=words.WEEKDAYS, **_sheet(conn, "needs", f"{baker}-{weekday}"),
        )  # fmt: skip


@bp.post("/baker/<baker>/needs")
def set_needs(baker: str) -> Any:
    """Record what the counter wants on a weekday."""
    asked = request.form.get("weekday", "")
    weekday = int(asked) if asked.isdecimal() else -1
    with suppress(AlreadyDone):
        contracts.set_needs(screens.store(), baker, typed_lines(), weekday=weekday, **act())
        screens.say(_("Noted for every %(weekday)s", weekday=_(words.WEEKDAYS[weekday])))
    return screens.go(url_for("bread.needs", baker=baker, weekday=weekday))
