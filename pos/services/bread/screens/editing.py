"""Orders and customers: the day's list, the order being written, standing orders and pauses."""

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from pos import screens
from pos.clock import to_ms
from pos.errors import AlreadyDone
from pos.i18n import _
from pos.money import line_total
from pos.services.bread import names, orders, pictures, reading, words
from pos.services.bread.bags import order_lines, order_row
from pos.services.bread.schema import CANCELLED, COLLECTED, OPEN, UNCLAIMED
from pos.services.bread.screens.blueprint import SLICED, bp, bumped, typed, typed_lines
from pos.till.screens.typed import act

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _asked_day() -> str:
    day = request.values.get("day", "")
    return day if _DAY.fullmatch(day) else ""


@bp.get("/orders")
def order_list() -> str:
    """Show the orders of a day, and the customers to begin a new one."""
    today = screens.today()
    day = _asked_day() or today
    with screens.store().reading() as conn:
        rows = reading.orders(conn, day, (*OPEN, COLLECTED, UNCLAIMED, CANCELLED))
        bags = [*pictures.bags(conn, rows), *pictures.promised(conn, day)]
        return screens.draw(
            "bread/orders.html", day=day, today=today, days=[reading.day_after(today, n) for n in range(7)], bags=bags,
            people=names.find(conn, ""), q="",
        )  # fmt: skip


@bp.get("/people")
def people() -> str:
    """Show the customers whose name contains what is typed."""
    q = request.args.get("q", "").strip()[:40]
    with screens.store().reading() as conn:
        return screens.draw("bread/_people.html", people=names.find(conn, q), q=q, day=_asked_day())


@dataclass(frozen=True, slots=True)
class Basket:
    """The order being written."""

    person: str
    name: str
    day: str
    weekly: bool
    order: str
    standing: str
    lines: dict[str, int]
    # After the cut-off: the baker must be asked.
    late: bool
    cut_off: str
    reason: str


@bp.get("/new")
def new() -> Any:
    """Begin an order for a customer, or take one up to change it."""
    args = request.args
    with screens.store().reading() as conn:
        basket = _begun(conn, args.get("person", ""), args.get("order", ""), args.get("standing", ""))
        return screens.draw("bread/editor.html", **_editor(conn, basket))


@bp.get("/basket")
def basket() -> str:
    """Draw the order being written after a tap on it."""
    with screens.store().reading() as conn:
        return screens.draw("bread/_editor.html", **_editor(conn, _written(conn)))


def _begun(conn: Any, person: str, order: str, standing: str) -> Basket:
    day, weekly, lines = _asked_day(), request.args.get("weekly", "") == "1", {}
    row = order_row(conn, order) if order else None
    repeated = reading.standing(conn, standing) if standing else None
    if row is not None:
        person, day = row["person"], row["for_day"]
        lines = _summed(order_lines(conn, order))
    elif orders.AT in order:
        code, _at, day = order.partition(orders.AT)
        promised = reading.standing(conn, code)
        person = promised["person"] if promised is not None else ""
        lines = _summed(reading.standing_lines(conn, code))
    elif repeated is not None:
        person, weekly = repeated["person"], True
        day = _next_weekday(repeated["weekday"])
        lines = _summed(reading.standing_lines(conn, standing))
    return _basket(conn, person, "", day or _usual_day(conn), weekly, order, standing, lines)


def _summed(rows: list[Any]) -> dict[str, int]:
    out: dict[str, int] = {}
    for row in rows:
        name = row["article"] + (SLICED if row["sliced"] else "")
        out[name] = out.get(name, 0) + row["quantity"]
    return out


def _next_weekday(weekday: int) -> str:
    today = screens.today()
    return next(day for n in range(1, 8) if reading.weekday_of(day := reading.day_after(today, n)) == weekday)


def _usual_day(conn: Any) -> str:
    """Orders are mostly for the next delivery."""
    for baker in reading.bakers(conn):
        return reading.next_delivery(conn, baker, screens.today())
    return reading.day_after(screens.today())


def _written(conn: Any) -> Basket:
    args = request.args
    lines = bumped(typed())
    turned = args.get("slice", "")
    if turned in lines:
        other = turned.removesuffix(SLICED) if turned.endswith(SLICED) else turned + SLICED
        lines[other] = lines.get(other, 0) + lines.pop(turned)
    if args.get("again", ""):
        lines = _summed(reading.last_lines(conn, args.get("person", "")))
    weekly = args.get("set_weekly", args.get("weekly", "")) == "1"
    day = args.get("set_day", "") or _asked_day()
    return _basket(
        conn, args.get("person", ""), args.get("name", ""), day if _DAY.fullmatch(day) else _usual_day(conn), weekly,
        args.get("order", ""), args.get("standing", ""), lines,
    )  # fmt: skip


def _basket(
    conn: Any, person: str, name: str, day: str, weekly: bool, order: str, standing: str, lines: dict[str, int]
) -> Basket:
    now, today = screens.store().clock.now_ms(), screens.today()
    hours = [row["cut_off"] for b in reading.bakers(conn) if (row := reading.contract_on(conn, b, day)) is not None]
    cut_off = min(hours, default="")
    over = bool(cut_off) and now > to_ms(f"{reading.day_after(day, -1)}T{cut_off}:00")
    from_shelf = day == today and reading.delivered(conn, day)
    reason = request.values.get("reason", "")
    return Basket(
        person=person, name=names.of(conn, person) or name, day=day, weekly=weekly, order=order, standing=standing,
        lines={code: n for code, n in lines.items() if n}, late=over and not from_shelf and not weekly, cut_off=cut_off,
        reason=reason if reason in orders.REASONS else "customer",
    )  # fmt: skip


def _editor(conn: Any, written: Basket) -> dict[str, Any]:
    today = screens.today()
    articles = reading.articles(conn)
    labels = {row["article"]: row["label"] for row in articles}
    prices = {row["article"]: row["price"] for row in articles}
    taken = {
        row["article"]: written.lines.get(row["article"], 0) + written.lines.get(row["article"] + SLICED, 0)
        for row in articles
    }
    return {
        "basket": written, "articles": articles, "labels": labels, "taken": taken, "today": today,
        "total": sum(line_total(n, prices.get(name.removesuffix(SLICED), 0)) for name, n in written.lines.items()),
        "days": [reading.day_after(today, n) for n in range(7)],
        "closed": {n for n in range(7) if reading.closing_on(conn, reading.day_after(today, n)) is not None},
        "free": reading.free(conn, written.day) if written.day == today and reading.delivered(conn, today) else {},
        "again": words.said(reading.last_lines(conn, written.person)) if written.person and not written.order else "",
        "unclaimed": reading.unclaimed_count(conn, written.person, today) if written.person else 0,
        "weekday": reading.weekday_of(written.day), "weekdays": words.WEEKDAYS,
    }  # fmt: skip


@bp.post("/save")
def save() -> Any:
    """Record the order as written: placed, changed, or repeated every week."""
    form, store = request.form, screens.store()
    lines = [line for line in typed_lines() if line.quantity]
    person, name, phone = form.get("person", ""), form.get("name", ""), form.get("phone", "")
    day, order, late = _asked_day() or screens.today(), form.get("order", ""), form.get("late", "") == "1"
    with suppress(AlreadyDone):
        if form.get("weekly", "") == "1":
            orders.set_standing(
                store, lines, weekday=reading.weekday_of(day), person=person, name=name, phone=phone,
                standing=form.get("standing", ""), **act(),
            )  # fmt: skip
        elif order:
            orders.change_order(store, order, lines, reason=form.get("reason", "customer"), late=late, **act())
        else:
            orders.place_order(store, lines, for_day=day, person=person, name=name, phone=phone, late=late, **act())
    screens.say(_("Order noted for %(day)s", day=words.date_words(day)), icon="bread")
    return screens.go(url_for("bread.board") if day == screens.today() else url_for("bread.order_list", day=day))


@bp.get("/person/<person>")
def person(person: str) -> Any:
    """Show a customer: standing orders, pauses, what is ordered, bags never fetched."""
    today = screens.today()
    with screens.store().reading() as conn:
        name = names.of(conn, person)
        if not name:
            screens.say(_("This customer is no longer known"), tone="wait", icon="info")
            return screens.go(url_for("bread.order_list"))
        standing = [
            (row, words.said(reading.standing_lines(conn, row["standing"])))
            for row in reading.standings_of(conn, person, today)
        ]
        rows = conn.execute(
            "SELECT * FROM bread_order WHERE person = ? AND for_day >= ? ORDER BY for_day, no", (person, today)
        ).fetchall()
        return screens.draw(
            "bread/person.html", person=person, name=name, standing=standing, weekdays=words.WEEKDAYS, today=today,
            pauses=reading.pauses_of(conn, person, today), bags=pictures.bags(conn, rows),
            unclaimed=reading.unclaimed_count(conn, person, today),
            owed=sum(row["owed"] for row in reading.owed_by(conn, person)),
        )  # fmt: skip


@bp.post("/person/<person>/pause")
def pause(person: str) -> Any:
    """Skip a customer's standing orders for a while."""
    form, today = request.form, screens.today()
    with suppress(AlreadyDone):
        orders.pause_orders(
            screens.store(),
            person,
            from_day=form.get("from_day", "") or today,
            to_day=form.get("to_day", "") or today,
            **act(),
        )
    return screens.go(url_for("bread.person", person=person))


@bp.post("/person/<person>/resume/<pause>")
def resume(person: str, pause: str) -> Any:
    """End a pause."""
    with suppress(AlreadyDone):
        orders.lift_pause(screens.store(), pause, **act())
    return screens.go(url_for("bread.person", person=person))


@bp.post("/person/<person>/end/<standing>")
def end(person: str, standing: str) -> Any:
    """End a standing order."""
    with suppress(AlreadyDone):
        orders.end_standing(screens.store(), standing, **act())
    return screens.go(url_for("bread.person", person=person))
