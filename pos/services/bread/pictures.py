"""What the bread screens show: bags with names and states, what to tell the baker, sheets to count on."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pos.clock import local, to_ms
from pos.i18n import _, ngettext
from pos.money import line_total
from pos.services.bread import names, orders, reading, unclaimed, words
from pos.services.bread.events import Wanted
from pos.services.bread.schema import COLLECTED, CONFIRMED, ORDERED, SET_ASIDE, UNCLAIMED

Conn = sqlite3.Connection
# More than this on the board helps nobody; the others are counted.
LATE_SHOWN, COLLECTED_SHOWN = 24, 5


@dataclass(frozen=True, slots=True)
class Bag:
    """One order as a tile: whose, what, and what is to pay."""

    order: str
    no: int
    name: str
    what: str
    state: str
    day: str
    due: int = 0
    paid_no: int = 0
    owed: int = 0
    person: str = ""
    charged: bool = False
    done_at: int = 0
    undoable: bool = False
    missing: str = ""

    @property
    def paid(self) -> bool:
        """Tell whether it leaves without a bill."""
        return bool(self.paid_no)


@dataclass(frozen=True, slots=True)
class Telling:
    """What a baker is told for a day, and until when."""

    baker: str
    name: str
    phone: str
    day: str
    lines: Sequence[Wanted]
    cut_off: str
    cut_off_ms: int
    sent_at: int
    late: bool
    changed: bool

    @property
    def anything(self) -> bool:
        """Tell whether there is something to bring."""
        return any(line.total for line in self.lines)


@dataclass(frozen=True, slots=True)
class Board:
    """The day's bread. Of late bags and of those handed over, the first are drawn and all are counted."""

    day: str
    bags: Sequence[Bag]
    waiting: Sequence[Bag]
    unclaimed: Sequence[Bag]
    unclaimed_n: int
    released_n: int
    collected: Sequence[Bag]
    collected_n: int
    shortages: str
    closed: str
    deliveries: Sequence[tuple[str, str]]
    left: int
    stock_known: bool
    nobody: bool
    over: Sequence[tuple[str, int, int]] = ()


def bag(conn: Conn, row: sqlite3.Row) -> Bag:
    """Return one order as it is drawn."""
    return bags(conn, [row])[0]


def bags(conn: Conn, rows: Sequence[sqlite3.Row]) -> list[Bag]:
    """Return orders as they are drawn, in as many questions whatever their number."""
    held = reading.lines_of(conn, (row["order_id"] for row in rows))
    debts = reading.owed_by_many(conn, (row["person"] for row in rows))
    known = names.of_many(conn, (row["person"] for row in rows))
    return [_bag(row, held.get(row["order_id"], []), debts.get(row["person"], []), known) for row in rows]


def _bag(row: sqlite3.Row, lines: list[sqlite3.Row], debts: list[sqlite3.Row], known: Mapping[str, str]) -> Bag:
    owed = sum(debt["owed"] for debt in debts if debt["order_id"] != row["order_id"])
    return Bag(
        order=row["order_id"], no=row["no"], name=known.get(row["person"], "") or _("Bag %(n)s", n=row["no"]),
        what=words.said(lines), state=row["state"], day=row["for_day"], owed=owed, person=row["person"],
        due=(0 if row["paid_no"] else _worth(lines)) + owed, paid_no=row["paid_no"], charged=bool(row["charged"]),
        done_at=row["done_at"], undoable=row["state"] == COLLECTED and not row["ticket"] and bool(row["done_at"]),
    )  # fmt: skip


def _worth(lines: Sequence[sqlite3.Row]) -> int:
    return sum(line_total(line["quantity"], line["price_now"]) for line in lines)


def name(conn: Conn, person: str, number: int) -> str:
    """Return a customer's name; the bag's number once it is forgotten."""
    return names.of(conn, person) or _("Bag %(n)s", n=number)


def promised(conn: Conn, day: str) -> list[Bag]:
    """Return the standing orders of a day that are not orders yet."""
    due = reading.standing_due(conn, day)
    held = reading.standing_lines_of(conn, (row["standing"] for row in due))
    known = names.of_many(conn, (row["person"] for row in due))
    return [
        Bag(
            order=f"{row['standing']}{orders.AT}{day}", no=0,
            name=known.get(row["person"], "") or _("Bag %(n)s", n=row["no"]), what=words.said(held.get(row["standing"], [])),
            state=ORDERED, day=day, person=row["person"], due=_worth(held.get(row["standing"], [])),
        )
        for row in due
    ]  # fmt: skip


def board(conn: Conn, day: str, now_ms: int, tab: object = None) -> Board:
    """Return the day's bread as the screen shows it."""
    rows = [*reading.kept_bags(conn, day), *reading.orders(conn, day)]
    late = {row["order_id"] for row in unclaimed.past_release_of(conn, rows, now_ms, day)}
    overdue, here = [r for r in rows if r["order_id"] in late], [r for r in rows if r["order_id"] not in late]
    collected = _collected(conn, day)
    drawn = bags(conn, [*here, *overdue[:LATE_SHOWN], *collected[:COLLECTED_SHOWN]])
    on_time, rest = drawn[: len(here)], drawn[len(here) :]
    closed = reading.closing_on(conn, day)
    return Board(
        day=day, bags=sorted((one for one in on_time if one.state == SET_ASIDE), key=_by_name),
        waiting=[*(one for one in on_time if one.state in (ORDERED, CONFIRMED)), *promised(conn, day)],
        unclaimed=rest[: len(overdue[:LATE_SHOWN])], unclaimed_n=len(overdue), collected_n=len(collected),
        collected=rest[len(overdue[:LATE_SHOWN]) :], released_n=len(reading.orders(conn, day, (UNCLAIMED,))),
        shortages=shortages(conn, day), closed=(closed["order_no"] or "–") if closed is not None else "",
        deliveries=_awaited(conn, day), left=_left(conn, day), stock_known=reading.delivered(conn, day),
        nobody=not reading.bakers(conn), over=_over(conn, day, tab),
    )  # fmt: skip


def _by_name(one: Bag) -> str:
    from pos.private import fold

    # « Mme Aubert » stands at A: the last word is what is called out.
    return fold(one.name.split()[-1] if one.name.split() else one.name)


def _collected(conn: Conn, day: str) -> list[sqlite3.Row]:
    since = to_ms(f"{day}T05:00:00")
    return conn.execute(
        "SELECT * FROM bread_order WHERE state = ? AND done_at >= ? AND for_day >= ? ORDER BY done_at DESC",
        (COLLECTED, since, reading.day_after(day, -7)),
    ).fetchall()


def _left(conn: Conn, day: str) -> int:
    return sum(max(0, n) for n in reading.free(conn, day).values()) // 1000


def _over(conn: Conn, day: str, tab: object) -> Sequence[tuple[str, int, int]]:
    from pos.services.bread.rules import over_free
    from pos.till.tab import Tab

    return over_free(conn, day, tab) if isinstance(tab, Tab) else ()


def _awaited(conn: Conn, day: str) -> list[tuple[str, str]]:
    return [
        (baker, names.baker_name(conn, baker))
        for baker in reading.bakers(conn)
        if reading.delivers_on(conn, baker, day)
        and not reading.delivered(conn, day, baker)
        and any(row.expected for row in delivery_rows(conn, baker, day))
    ]


def shortages(conn: Conn, day: str) -> str:
    """Return what the day's deliveries lacked: `Missing: 2 Brioche`."""
    sums: dict[str, int] = {}
    for row in reading.deliveries(conn, day):
        sums[row["label"]] = sums.get(row["label"], 0) + row["announced"] - row["counted"]
    short = [_("%(n)s %(bread)s", n=reading.said_quantity(n), bread=label) for label, n in sums.items() if n > 0]
    return _("Missing: %(what)s", what=", ".join(short)) if short else ""


def telling(conn: Conn, baker: str, now_ms: int, day: str) -> Telling:
    """Return what to tell a baker for the next day it comes."""
    for_day = reading.next_delivery(conn, baker, day)
    contract = reading.contract_on(conn, baker, for_day)
    hour = contract["cut_off"] if contract is not None else ""
    at = to_ms(f"{reading.day_after(for_day, -1)}T{hour}:00") if hour else 0
    lines = orders.to_tell(conn, baker, for_day)
    told = {row["article"]: row["total"] for row in reading.requested(conn, baker, for_day)}
    sent = conn.execute(
        "SELECT max(sent_at) FROM bread_request WHERE baker = ? AND for_day = ?", (baker, for_day)
    ).fetchone()[0]
    return Telling(
        baker=baker, name=names.baker_name(conn, baker), phone=names.phone_of_baker(conn, baker), day=for_day, lines=lines,
        cut_off=hour, cut_off_ms=at, sent_at=sent or 0, late=bool(at) and now_ms > at,
        changed=bool(sent) and any(line.total != told.get(line.article, 0) for line in lines),
    )  # fmt: skip


def time_left(at_ms: int, now_ms: int) -> str:
    """Return `in 6 h 18`, `in 12 min`, or an empty text when it is over."""
    minutes = (at_ms - now_ms) // 60_000
    if minutes < 0:
        return ""
    if minutes < 60:
        return ngettext("in %(n)s minute", "in %(n)s minutes", minutes)
    if minutes < 24 * 60:
        return _("in %(hours)s h %(minutes)s", hours=minutes // 60, minutes=f"{minutes % 60:02d}")
    return ""


@dataclass(frozen=True, slots=True)
class Row:
    """One article of a sheet to count on."""

    article: str
    label: str
    expected: int
    quantity: int
    price: int = 0
    note: str = ""


def delivery_rows(conn: Conn, baker: str, day: str) -> list[Row]:
    """Return the baker's articles with what was ordered of each, first time round."""
    told = {row["article"]: row["total"] for row in reading.requested(conn, baker, day)}
    if not told:
        told = {wanted.article: wanted.total for wanted in orders.to_tell(conn, baker, day)}
    if reading.delivered(conn, day, baker):
        told = {}
    return [
        Row(row["article"], row["label"], told.get(row["article"], 0), told.get(row["article"], 0), row["price"])
        for row in reading.articles(conn, baker)
    ]


def unsold_rows(conn: Conn, day: str) -> list[Row]:
    """Return what should be on the shelf, article by article."""
    kept = reading.reserved(conn, day)
    out = []
    for row in reading.stock(conn, day):
        if not row["received"]:
            continue
        there = max(0, row["on_sale"] - kept.get(row["article"], 0))
        aside = kept.get(row["article"], 0)
        note = _("%(n)s in bags", n=reading.said_quantity(aside)) if aside else ""
        out.append(Row(row["article"], row["label"], there, there, row["price"], note))
    return out


def needs_rows(conn: Conn, baker: str, weekday: int) -> list[Row]:
    """Return what the counter wants of each article on a weekday."""
    rows = conn.execute(
        "SELECT article, quantity FROM bread_need WHERE baker = ? AND moment = ?", (baker, str(weekday))
    )
    known = {row[0]: row[1] for row in rows}
    return [
        Row(row["article"], row["label"], known.get(row["article"], 0), known.get(row["article"], 0), row["price"])
        for row in reading.articles(conn, baker)
    ]


def counted(conn: Conn, day: str) -> bool:
    """Tell whether all that came on a day was counted in the evening."""
    rows = [row for row in reading.stock(conn, day) if row["received"]]
    return bool(rows) and all(row["counted"] >= 0 for row in rows)


def pending_days(conn: Conn, day: str) -> list[str]:
    """Return days before on which bread was never counted or placed."""
    rows = conn.execute(
        "SELECT DISTINCT lot FROM consign_lot WHERE owner BETWEEN 'baker:' AND 'baker;' AND lot < ? AND received > 0"
        " AND on_sale <> 0 ORDER BY lot DESC LIMIT 5",
        (day,),
    ).fetchall()
    return [row[0] for row in rows if any(reading.free(conn, row[0]).values())]


def hour(at_ms: int) -> str:
    """Return `10:42`."""
    return local(at_ms).strftime("%H:%M")
