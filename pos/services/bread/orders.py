"""Orders: standing ones by weekday with pauses, one-off ones for a day, and the total to tell the baker."""

import sqlite3
from collections.abc import Sequence

from pos.clock import to_ms
from pos.services.bread import names, reading
from pos.services.bread import refusals as no
from pos.services.bread.contracts import Line, loaves
from pos.services.bread.events import (
    Loaves,
    OrderCancelled,
    OrderChanged,
    OrderPlaced,
    OrdersPaused,
    PauseLifted,
    RequestSent,
    StandingOrderEnded,
    StandingOrderSet,
    Wanted,
)  # fmt: skip
from pos.services.bread.schema import CONFIRMED, OPEN, ORDERED
from pos.services.bread.words import STATES, WEEKDAYS, date_words
from pos.store import Store, Writing

CHANNELS = ("phone", "print", "text", "email")
REASONS = ("customer", "short", "mistake")
# Joins a standing order and a day into the name of an order that does not exist yet.
AT = "@"


def set_standing(
    store: Store, lines: Sequence[Line], *, weekday: int, person: str = "", name: str = "", phone: str = "",
    standing: str = "", valid_from: str = "", valid_until: str = "", by: str, attempt: str = "",
) -> StandingOrderSet:  # fmt: skip
    """Let a customer have the same bread every week on a weekday, or change what it is.

    Raises NameMissing, NotBakersArticle, NothingOrdered, BadContract.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if not 0 <= weekday <= 6:
            raise no.BadContract(field="weekday", value=weekday)
        old = reading.standing(tx.conn, standing) if standing else None
        if old is not None:
            person, valid_from = old["person"], valid_from or old["valid_from"]
        start = valid_from or tx.today
        event = StandingOrderSet(
            standing=standing or f"s{reading.next_number(tx.conn, 'bread_standing')}",
            person=names.customer(tx, person=person, name=name, phone=phone, until=valid_until or start),
            weekday=weekday, lines=loaves(tx, lines), valid_from=start, valid_until=valid_until,
        )  # fmt: skip
        tx.record(event)
        return event


def end_standing(store: Store, standing: str, *, last_day: str = "", by: str, attempt: str = "") -> StandingOrderEnded:
    """End a standing order after a day (yesterday when left out). Raises NoSuchOrder."""
    with store.writing(by=by, attempt=attempt) as tx:
        if reading.standing(tx.conn, standing) is None:
            raise no.NoSuchOrder
        event = StandingOrderEnded(standing=standing, last_day=last_day or reading.day_after(tx.today, -1))
        tx.record(event)
        return event


def pause_orders(store: Store, person: str, *, from_day: str, to_day: str, by: str, attempt: str = "") -> OrdersPaused:
    """Skip a customer's standing orders from one day to another, both included."""
    with store.writing(by=by, attempt=attempt) as tx:
        if to_day < from_day:
            raise no.DayGone(day=date_words(to_day))
        count = tx.conn.execute("SELECT count(*) FROM bread_pause").fetchone()[0]
        event = OrdersPaused(pause=f"p{tx.now:x}{count}", person=person, from_day=from_day, to_day=to_day)
        tx.record(event)
        return event


def lift_pause(store: Store, pause: str, *, by: str, attempt: str = "") -> PauseLifted:
    """End a pause early."""
    with store.writing(by=by, attempt=attempt) as tx:
        event = PauseLifted(pause=pause)
        tx.record(event)
        return event


def place_order(
    store: Store, lines: Sequence[Line], *, for_day: str, person: str = "", name: str = "", phone: str = "",
    late: bool = False, by: str, attempt: str = "",
) -> OrderPlaced:  # fmt: skip
    """Take an order for a day. For today it comes out of the free bread.

    `late`: the baker agreed after the cut-off. Raises NameMissing, NotBakersArticle, NothingOrdered,
    DayGone, BreadForbidden, NoDelivery, CutOffPassed, NotEnoughFree.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = loaves(tx, lines)
        is_late = _may_order(tx, found, for_day, late=late)
        person = names.customer(tx, person=person, name=name, phone=phone, until=for_day)
        return _place(tx, person, for_day, found, late=is_late)


def _place(
    tx: Writing, person: str, day: str, lines: list[Loaves], *, standing: str = "", late: bool = False
) -> OrderPlaced:
    number = reading.next_number(tx.conn, "bread_order")
    event = OrderPlaced(order=str(number), person=person, for_day=day, lines=lines, standing=standing, late=late)
    tx.record(event)
    return event


def _may_order(tx: Writing, lines: list[Loaves], day: str, *, late: bool) -> bool:
    """Check that bread can still be had for `day`; return whether it is after the cut-off."""
    if day < tx.today:
        raise no.DayGone(day=date_words(day))
    closed = reading.closing_on(tx.conn, day)
    if closed is not None:
        raise forbidden(closed)
    for baker in bakers_of(tx.conn, lines):
        if not reading.delivers_on(tx.conn, baker, day):
            raise no.NoDelivery(day=date_words(day))
    if day == tx.today and reading.delivered(tx.conn, day):
        _require_free(tx.conn, lines, day, late=late)
        return True
    return _past_cut_off(tx, lines, day, late=late)


def _require_free(conn: sqlite3.Connection, lines: list[Loaves], day: str, *, late: bool) -> None:
    free = reading.free(conn, day)
    for line in lines:
        if not late and line.article in free and free[line.article] < line.quantity:
            raise no.NotEnoughFree(label=line.label, free=reading.said_quantity(max(0, free[line.article])))


def _past_cut_off(tx: Writing, lines: Sequence[Loaves], day: str, *, late: bool) -> bool:
    hour = cut_off_hour(tx.conn, lines, day)
    if not hour or tx.now <= to_ms(f"{reading.day_after(day, -1)}T{hour}:00"):
        return False
    if not late:
        raise no.CutOffPassed(day=date_words(day), cut_off=hour)
    return True


def bakers_of(conn: sqlite3.Connection, lines: Sequence[Loaves]) -> list[str]:
    """Return the bakers whose bread is in these lines."""
    found = (reading.article(conn, line.article) for line in lines)
    return sorted({row["baker"] for row in found if row is not None})


def cut_off_hour(conn: sqlite3.Connection, lines: Sequence[Loaves], day: str) -> str:
    """Return the earliest hour, on the day before, by which the bakers of these lines must know."""
    contracts = (reading.contract_on(conn, baker, day) for baker in bakers_of(conn, lines))
    return min((row["cut_off"] for row in contracts if row is not None), default="")


def forbidden(closed: sqlite3.Row) -> no.BreadForbidden:
    """Return the refusal of a day on which bread is forbidden."""
    from pos.i18n import _

    return no.BreadForbidden(weekday=_(WEEKDAYS[closed["weekday"]]), order_no=closed["order_no"] or "–")


# Standing orders become orders of a day


def raise_standing(tx: Writing, day: str) -> list[OrderPlaced]:
    """Turn the standing orders of a day into orders, once."""
    out = []
    for row in reading.standing_due(tx.conn, day):
        placed = _raise_one(tx, row["standing"], row["person"], day)
        if placed is not None:
            out.append(placed)
    return out


def _raise_one(tx: Writing, standing: str, person: str, day: str) -> OrderPlaced | None:
    lines = []
    for line in reading.standing_lines(tx.conn, standing):
        row = reading.article(tx.conn, line["article"])
        if row is not None:
            lines.append(
                Loaves(
                    article=line["article"],
                    label=row["label"],
                    quantity=line["quantity"],
                    price=row["price"],
                    sliced=bool(line["sliced"]),
                )
            )
    if not lines:
        return None
    names.keep(tx.conn, person, day)
    return _place(tx, person, day, lines, standing=standing)


def found(tx: Writing, order: str) -> sqlite3.Row:
    """Return an order; one that a standing order only promises (`s3@2025-06-14`) is made now. Raises NoSuchOrder."""
    from pos.services.bread.bags import order_row

    if AT in order:
        standing, _at, day = order.partition(AT)
        made = "SELECT * FROM bread_order WHERE standing = ? AND for_day = ?"
        row: sqlite3.Row | None = tx.conn.execute(made, (standing, day)).fetchone()
        if row is None:
            due = [s for s in reading.standing_due(tx.conn, day) if s["standing"] == standing]
            placed = _raise_one(tx, standing, due[0]["person"], day) if due else None
            row = order_row(tx.conn, placed.order) if placed else None
    else:
        row = order_row(tx.conn, order)
    if row is None:
        raise no.NoSuchOrder
    return row


def require_open(row: sqlite3.Row) -> None:
    """Raise OrderGone unless the order still keeps bread back."""
    if row["state"] not in OPEN:
        from pos.i18n import _

        raise no.OrderGone(state=_(STATES[row["state"]]))


def change_order(
    store: Store, order: str, lines: Sequence[Line], *, reason: str = "customer", late: bool = False, by: str,
    attempt: str = "",
) -> OrderChanged:  # fmt: skip
    """Say anew what an order holds. `short`: the baker brought less. After the cut-off `late` says it is agreed.

    Raises NoSuchOrder, OrderGone, OrderPaid, CutOffPassed, NothingOrdered.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = found(tx, order)
        require_open(row)
        wanted = loaves(tx, lines)
        if row["paid_no"] and reason != "short":
            raise no.OrderPaid(no=row["paid_no"])
        agreed = late or reason == "short"
        is_late = _past_cut_off(tx, wanted, row["for_day"], late=agreed)
        event = OrderChanged(
            order=row["order_id"], lines=wanted, reason=reason if reason in REASONS else "customer", late=is_late
        )
        tx.record(event)
        return event


def cancel_order(
    store: Store, order: str, *, reason: str = "customer", late: bool = False, by: str, attempt: str = ""
) -> OrderCancelled:
    """Cancel an order: free before the cut-off; after it, `late` gives its bread to the shelf.

    Raises NoSuchOrder, OrderGone, OrderPaid, CutOffPassed.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = found(tx, order)
        require_open(row)
        if row["paid_no"]:
            raise no.OrderPaid(no=row["paid_no"])
        lines = [
            Loaves(article=line["article"], label=line["label"], quantity=line["quantity"])
            for line in tx.conn.execute("SELECT * FROM bread_order_line WHERE order_id = ?", (row["order_id"],))
        ]
        is_late = _past_cut_off(tx, lines, row["for_day"], late=late or reason == "short")
        event = OrderCancelled(order=row["order_id"], reason=reason if reason in REASONS else "customer", late=is_late)
        tx.record(event)
        return event


# What the baker is told


def to_tell(conn: sqlite3.Connection, baker: str, day: str) -> list[Wanted]:
    """Return what a baker should bring on a day: the counter's own needs and all orders, standing ones included."""
    ordered = dict(reading.reserved(conn, day))
    due = reading.standing_due(conn, day)
    for lines in reading.standing_lines_of(conn, (row["standing"] for row in due)).values():
        for line in lines:
            ordered[line["article"]] = ordered.get(line["article"], 0) + line["quantity"]
    counter = reading.needs(conn, baker, day)
    out = []
    for row in reading.articles(conn, baker):
        own, theirs = counter.get(row["article"], 0), ordered.get(row["article"], 0)
        # Half loaves are cut from whole ones.
        total = -(-(own + theirs) // 1000) * 1000
        out.append(Wanted(article=row["article"], label=row["label"], counter=own, ordered=theirs, total=total))
    return out


def send_request(
    store: Store, baker: str, *, for_day: str, channel: str = "phone", by: str, attempt: str = ""
) -> RequestSent:
    """Record that the baker was told what to bring; the day's orders are confirmed. It may be told again.

    Raises NoSuchBaker, NothingToTell.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if baker not in reading.bakers(tx.conn):
            raise no.NoSuchBaker
        raise_standing(tx, for_day)
        lines = [wanted for wanted in to_tell(tx.conn, baker, for_day) if wanted.total]
        if not lines:
            raise no.NothingToTell(day=date_words(for_day))
        codes = {wanted.article for wanted in lines}
        event = RequestSent(
            baker=baker, for_day=for_day, lines=lines, channel=channel if channel in CHANNELS else "phone",
            orders=[row["order_id"] for row in reading.orders(tx.conn, for_day, (ORDERED, CONFIRMED)) if _of(tx.conn, row, codes)],
        )  # fmt: skip
        tx.record(event)
        return event


def _of(conn: sqlite3.Connection, row: sqlite3.Row, codes: set[str]) -> bool:
    lines = conn.execute("SELECT article FROM bread_order_line WHERE order_id = ?", (row["order_id"],))
    return any(line[0] in codes for line in lines)
