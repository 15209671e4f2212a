"""What the bread depot's tables say: the contract in force, orders of a day, what is free, what the baker is owed."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec

from pos.engines import consignment_tables as consigned
from pos.money import format_quantity, line_total
from pos.services.bread.schema import OPEN, OWNER, UNCLAIMED

Conn = sqlite3.Connection
Row = sqlite3.Row

_OPEN = ", ".join(f"'{state}'" for state in OPEN)
_RESERVED = f"""SELECT l.article, sum(l.quantity) FROM bread_order o JOIN bread_order_line l USING (order_id)
WHERE o.for_day = ? AND o.state IN ({_OPEN}) GROUP BY l.article"""
_DUE = """SELECT s.* FROM bread_standing s WHERE s.weekday = ? AND s.valid_from <= ?
AND (s.valid_until = '' OR s.valid_until >= ?)
AND NOT EXISTS (SELECT 1 FROM bread_pause p WHERE p.person = s.person AND p.from_day <= ? AND p.to_day >= ?)
AND NOT EXISTS (SELECT 1 FROM bread_order o WHERE o.standing = s.standing AND o.for_day = ?)
ORDER BY s.no"""
# Many at once: a board of four hundred bags asks as often as a board of four.
_LINES = """SELECT l.*, coalesce(a.price, l.price) AS price_now, coalesce(a.baker, '') AS baker
FROM bread_order_line l LEFT JOIN bread_article a USING (article)
WHERE l.order_id IN (SELECT value FROM json_each(?)) ORDER BY l.order_id, l.place"""
_STANDING_LINES = """SELECT l.*, coalesce(a.price, 0) AS price_now FROM bread_standing_line l
LEFT JOIN bread_article a USING (article)
WHERE l.standing IN (SELECT value FROM json_each(?)) ORDER BY l.standing, l.place"""
_OWED = """SELECT person, order_id, owed FROM bread_order
WHERE person IN (SELECT value FROM json_each(?)) AND owed > 0 ORDER BY no"""
# One row for each baker's lot of a day.
_STOCK = """SELECT product AS article, substr(owner, 7) AS baker, lot AS day, label, price, received, sold,
returned - donated - day_old AS returned, donated, day_old, lost, on_sale, counted, received_value, sold_value,
returned_value AS unsold_value, lost_value, adjusted_value FROM consign_lot
WHERE lot = ? AND owner BETWEEN 'baker:' AND 'baker;'"""
_RECEIPTS = """SELECT number AS delivery, substr(owner, 7) AS baker, day, at, note_no, product AS article, label,
ordered AS announced, counted, price FROM consign_receipt WHERE day = ? AND owner BETWEEN 'baker:' AND 'baker;'"""
_CONTRACT = """SELECT max(t.valid_from, c.valid_from) AS valid_from, t.baker, t.cut_off, t.release, t.unclaimed, t.weekdays,
c.tax_mode AS mode, c.commission_bp, c.unsold, c.cap_bp AS unsold_cap_bp, c.period
FROM bread_terms t JOIN consign_contract c ON c.owner = 'baker:' || t.baker
WHERE t.baker = ? AND t.valid_from <= ? AND c.valid_from <= ? ORDER BY t.valid_from DESC, c.valid_from DESC LIMIT 1"""


def weekday_of(day: str) -> int:
    """Return 0 for Monday … 6 for Sunday."""
    return date.fromisoformat(day[:10]).weekday()


def day_after(day: str, days: int = 1) -> str:
    """Return the day `days` later (or earlier when negative)."""
    return (date.fromisoformat(day[:10]) + timedelta(days=days)).isoformat()


# Agreements


def bakers(conn: Conn) -> list[str]:
    """Return the bakers who deliver here."""
    return [
        row[0] for row in conn.execute("SELECT baker FROM bread_baker WHERE active = 1 ORDER BY length(baker), baker")
    ]


def contract_on(conn: Conn, baker: str, day: str) -> Row | None:
    """Return the contract with a baker in force on a day."""
    row: Row | None = conn.execute(_CONTRACT, (baker, day[:10], day[:10])).fetchone()
    return row


def release_hours(conn: Conn) -> dict[str, list[tuple[str, str]]]:
    """Return by baker, the newest first, from which day on bags are kept until which hour."""
    out: dict[str, list[tuple[str, str]]] = {}
    for row in conn.execute("SELECT baker, valid_from, release FROM bread_terms ORDER BY baker, valid_from DESC"):
        out.setdefault(row[0], []).append((row[1], row[2]))
    return out


def articles(conn: Conn, baker: str = "") -> list[Row]:
    """Return the articles of a baker, or of all, in the order of the menu."""
    return conn.execute(
        "SELECT a.*, p.position FROM bread_article a JOIN till_product p ON p.product = a.article"
        " WHERE (? = '' OR a.baker = ?) AND p.retired = 0 ORDER BY p.favourite = 0, p.position, a.label",
        (baker, baker),
    ).fetchall()


def article(conn: Conn, code: str) -> Row | None:
    """Return a baker's article."""
    row: Row | None = conn.execute("SELECT * FROM bread_article WHERE article = ?", (code,)).fetchone()
    return row


def closing_on(conn: Conn, day: str) -> Row | None:
    """Return the prefect's order that forbids bread on `day`, or None."""
    row: Row | None = conn.execute(
        "SELECT * FROM bread_closing WHERE valid_from <= ? ORDER BY valid_from DESC LIMIT 1", (day[:10],)
    ).fetchone()
    return row if row is not None and row["weekday"] == weekday_of(day) else None


def delivers_on(conn: Conn, baker: str, day: str) -> bool:
    """Tell whether a baker brings bread on a day."""
    contract = contract_on(conn, baker, day)
    return closing_on(conn, day) is None and (contract is None or str(weekday_of(day)) in contract["weekdays"])


def next_delivery(conn: Conn, baker: str, after: str) -> str:
    """Return the next day a baker brings bread, after a day."""
    for days in range(1, 15):
        day = day_after(after, days)
        if delivers_on(conn, baker, day):
            return day
    return day_after(after)


def needs(conn: Conn, baker: str, day: str) -> dict[str, int]:
    """Return what the counter itself wants on a day: said for that day, else for that weekday."""
    for moment in (day[:10], str(weekday_of(day))):
        rows = conn.execute("SELECT article, quantity FROM bread_need WHERE baker = ? AND moment = ?", (baker, moment))
        found = {row[0]: row[1] for row in rows}
        if found:
            return found
    return {}


# Orders


def orders(conn: Conn, day: str, states: Iterable[str] = OPEN) -> list[Row]:
    """Return the orders for a day in these states, oldest number first."""
    marks = tuple(states)
    return conn.execute(
        f"SELECT * FROM bread_order WHERE for_day = ? AND state IN ({', '.join('?' * len(marks))}) ORDER BY no",
        (day[:10], *marks),
    ).fetchall()


def kept_bags(conn: Conn, day: str) -> list[Row]:
    """Return bags of earlier days that are still behind the counter."""
    return conn.execute(
        f"SELECT * FROM bread_order WHERE for_day < ? AND state IN ({_OPEN}) ORDER BY no", (day[:10],)
    ).fetchall()


def standing_due(conn: Conn, day: str) -> list[Row]:
    """Return the standing orders that become an order on a day, and have not yet."""
    day = day[:10]
    if closing_on(conn, day) is not None:
        return []
    return conn.execute(_DUE, (weekday_of(day), day, day, day, day, day)).fetchall()


def standing(conn: Conn, standing_id: str) -> Row | None:
    """Return a standing order."""
    row: Row | None = conn.execute("SELECT * FROM bread_standing WHERE standing = ?", (standing_id,)).fetchone()
    return row


def standing_lines(conn: Conn, standing_id: str) -> list[Row]:
    """Return the lines of a standing order."""
    return conn.execute(
        "SELECT * FROM bread_standing_line WHERE standing = ? ORDER BY place", (standing_id,)
    ).fetchall()


def lines_of(conn: Conn, order_ids: Iterable[str]) -> dict[str, list[Row]]:
    """Return the lines of many orders, each with the price and the baker of its article today."""
    return _grouped(conn.execute(_LINES, (_listed(order_ids),)), "order_id")


def standing_lines_of(conn: Conn, standings: Iterable[str]) -> dict[str, list[Row]]:
    """Return the lines of many standing orders, each with the price of its article today."""
    return _grouped(conn.execute(_STANDING_LINES, (_listed(standings),)), "standing")


def _listed(ids: Iterable[str]) -> str:
    return msgspec.json.encode(sorted(set(ids))).decode()


def _grouped(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = {}
    for row in rows:
        out.setdefault(row[column], []).append(row)
    return out


def standings_of(conn: Conn, person: str, day: str) -> list[Row]:
    """Return the standing orders of a person that still run."""
    return conn.execute(
        "SELECT * FROM bread_standing WHERE person = ? AND (valid_until = '' OR valid_until >= ?) ORDER BY weekday, no",
        (person, day),
    ).fetchall()


def pauses_of(conn: Conn, person: str, day: str) -> list[Row]:
    """Return the pauses of a person that are not over."""
    return conn.execute(
        "SELECT * FROM bread_pause WHERE person = ? AND to_day >= ? ORDER BY from_day", (person, day)
    ).fetchall()


def unclaimed_count(conn: Conn, person: str, day: str, within: int = 60) -> int:
    """Return how many bags a person left unclaimed in the last days."""
    row = conn.execute(
        "SELECT count(*) FROM bread_order WHERE person = ? AND state = ? AND for_day > ?",
        (person, UNCLAIMED, day_after(day, -within)),
    ).fetchone()
    return int(row[0])


def owed_by(conn: Conn, person: str) -> list[Row]:
    """Return bags a person never fetched and is charged for, not paid yet."""
    return conn.execute("SELECT * FROM bread_order WHERE person = ? AND owed > 0 ORDER BY no", (person,)).fetchall()


def owed_by_many(conn: Conn, persons: Iterable[str]) -> dict[str, list[Row]]:
    """Return by person the bags never fetched that are charged and not paid yet."""
    return _grouped(conn.execute(_OWED, (_listed(persons),)), "person")


def last_lines(conn: Conn, person: str) -> list[Row]:
    """Return what a person ordered last, to offer it again."""
    row = conn.execute(
        "SELECT order_id FROM bread_order WHERE person = ? ORDER BY no DESC LIMIT 1", (person,)
    ).fetchone()
    if row is None:
        return []
    return conn.execute("SELECT * FROM bread_order_line WHERE order_id = ? ORDER BY place", (row[0],)).fetchall()


# The day's bread


def stock(conn: Conn, day: str) -> list[Row]:
    """Return the day's articles."""
    return conn.execute(f"{_STOCK} ORDER BY label, owner", (day[:10],)).fetchall()


def stock_row(conn: Conn, day: str, code: str) -> Row | None:
    """Return the day's row of an article; where two bakers brought it, of the one with bread left."""
    row: Row | None = conn.execute(
        f"{_STOCK} AND product = ? ORDER BY on_sale > 0 DESC, received > 0 DESC, owner LIMIT 1", (day[:10], code)
    ).fetchone()
    return row


def delivered(conn: Conn, day: str, baker: str = "") -> bool:
    """Tell whether bread came on a day (from a baker)."""
    return any(not baker or row["baker"] == baker for row in conn.execute(_RECEIPTS, (day[:10],)))


def deliveries(conn: Conn, day: str) -> list[Row]:
    """Return the lines of the day's deliveries."""
    return conn.execute(f"{_RECEIPTS} ORDER BY number, label", (day[:10],)).fetchall()


def requested(conn: Conn, baker: str, day: str) -> list[Row]:
    """Return what a baker was told for a day."""
    return conn.execute(
        "SELECT * FROM bread_request WHERE baker = ? AND for_day = ? ORDER BY label", (baker, day[:10])
    ).fetchall()


def reserved(conn: Conn, day: str) -> dict[str, int]:
    """Return what open orders of a day keep back, by article."""
    return {row[0]: row[1] for row in conn.execute(_RESERVED, (day[:10],))}


def free(conn: Conn, day: str) -> dict[str, int]:
    """Return what anyone may buy, by article that came on the day."""
    there: dict[str, int] = {}
    for row in stock(conn, day):
        if row["received"]:
            there[row["article"]] = there.get(row["article"], 0) + row["on_sale"]
    kept = reserved(conn, day) if there else {}
    return {article: quantity - kept.get(article, 0) for article, quantity in there.items()}


def identity_faults(conn: Conn) -> list[tuple[str, str]]:
    """Return (day, article) where received is not sold + returned + lost + on sale."""
    return [(row["lot"], row["product"]) for row in consigned.faults(conn) if row["owner"].startswith(OWNER)]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What a day of bread came to; values in cents, the rate in basis points."""

    received: int
    sold: int
    unsold: int
    lost: int
    unsold_bp: int


def figures_of(conn: Conn, day: str) -> DayFigures:
    """Return the day's values. Unsold: what left the day unsold, and what was counted and is still there."""
    received = sold = unsold = lost = 0
    for row in stock(conn, day):
        received += row["received_value"]
        sold += row["sold_value"] + row["adjusted_value"]
        still = row["on_sale"] if row["counted"] >= 0 else 0
        unsold += row["unsold_value"] + line_total(still, row["price"])
        lost += row["lost_value"]
    rate = (unsold * 10_000 * 2 + received) // (2 * received) if received else 0
    return DayFigures(received, sold, unsold, lost, rate)


def quantities(conn: Conn, day: str, column: str) -> dict[str, int]:
    """Return one column of the day's bread by article, in thousandths."""
    return {row["article"]: row[column] for row in stock(conn, day)}


# Accounts


def statements(conn: Conn, baker: str) -> list[Row]:
    """Return the statements of a baker, newest first."""
    return consigned.statements(conn, f"{OWNER}{baker}")


def statement(conn: Conn, baker: str, number: int) -> Row | None:
    """Return a statement of a baker."""
    return next((row for row in statements(conn, baker) if row["number"] == number), None)


def next_number(conn: Conn, table: str) -> int:
    """Return the next number of an order or a standing order."""
    return int(conn.execute(f"SELECT coalesce(max(no), 0) + 1 FROM {table}").fetchone()[0])


def said_quantity(quantity: int) -> str:
    """Return `2`, `½` or `0,350`."""
    whole, part = divmod(quantity, 1000)
    if part == 500:
        return f"{whole or ''}½"
    return format_quantity(quantity)
