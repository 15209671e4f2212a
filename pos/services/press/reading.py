"""What is asked of the press tables: titles, issues on sale, bundles to give back, accounts, the games' days."""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta

from pos.clock import business_day
from pos.services.press.tables import GAMES, OWNER, PRESS
from pos.store import Store
from pos.till import tables as till

Conn = sqlite3.Connection

_ISSUE = """SELECT product, delivery, label, issue, day, recall_on, price, announced, received, sold, returned, missing
FROM press_issue"""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as delivered, and what became of its copies (thousandths)."""

    product: str
    delivery: str
    label: str
    issue: str
    day: str
    recall_on: str
    price: int
    announced: int
    received: int
    sold: int
    returned: int
    missing: int

    @property
    def left(self) -> int:
        """Copies that must be on the shelf."""
        return self.received - self.sold - self.returned - self.missing


@dataclass(frozen=True, slots=True)
class GameDay:
    """A day of an operator: entered so far, and as the terminal's report was noted."""

    operator: str
    day: str
    stakes: int = 0
    wins: int = 0
    commission: int = 0
    noted_stakes: int = -1
    noted_wins: int = -1
    debit: int = 0

    @property
    def noted(self) -> bool:
        """Tell whether the report was noted and nothing moved since."""
        return (self.stakes, self.wins) == (self.noted_stakes, self.noted_wins)


def today_of(store: Store) -> str:
    """Return the business day it is now."""
    return business_day(store.clock.now_ms())


def day_before(day: str) -> str:
    """Return the day before."""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat()


def title(conn: Conn, product: str) -> sqlite3.Row | None:
    """Return what is known of a title."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM press_title WHERE product = ?", (product,)).fetchone()
    return row


def title_of_key(conn: Conn, key: str) -> str:
    """Return the product of a code's title part, or an empty text."""
    row = conn.execute(
        "SELECT t.product FROM press_title t JOIN till_product p USING (product) WHERE t.title_key = ? AND p.retired = 0",
        (key,),
    ).fetchone()
    return str(row[0]) if row else ""


def titles(conn: Conn) -> list[sqlite3.Row]:
    """Return titles on the menu with copies left, in alphabetical order."""
    return conn.execute(
        "SELECT p.product, p.label, p.price, p.ean, t.periodicity, t.recall_days,"
        " coalesce((SELECT sum(received - sold - returned - missing) FROM press_issue i WHERE i.product = p.product), 0)"
        " - coalesce((SELECT quantity FROM press_early e WHERE e.product = p.product), 0) AS on_sale"
        " FROM press_title t JOIN till_product p USING (product) WHERE p.retired = 0 ORDER BY p.label"
    ).fetchall()


def issue(conn: Conn, delivery: str, product: str) -> Issue | None:
    """Return an issue by its delivery."""
    row = conn.execute(f"{_ISSUE} WHERE delivery = ? AND product = ?", (delivery, product)).fetchone()
    return Issue(*row) if row else None


def on_sale(conn: Conn, product: str = "") -> list[Issue]:
    """Return issues with copies left, oldest first, of one title or of all."""
    rows = conn.execute(
        f"{_ISSUE} WHERE received - sold - returned - missing > 0 AND (? = '' OR product = ?) ORDER BY recall_on, label, seq",
        (product, product),
    )
    return [Issue(*row) for row in rows]


def to_return(conn: Conn, day: str) -> list[Issue]:
    """Return recalled issues with copies that must still be there."""
    return [one for one in on_sale(conn) if one.recall_on <= day]


def oversold(conn: Conn) -> dict[str, int]:
    """Return titles of which more was sold than entered: a delivery is missing."""
    return {
        row[0]: row[1]
        for row in conn.execute("SELECT product, quantity FROM press_early WHERE quantity > 0 ORDER BY product")
    }


def delivery(conn: Conn, delivery_id: str) -> sqlite3.Row | None:
    """Return a delivery."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM press_delivery WHERE delivery = ?", (delivery_id,)).fetchone()
    return row


def deliveries(conn: Conn, limit: int = 12) -> list[sqlite3.Row]:
    """Return the latest deliveries, newest first."""
    return conn.execute("SELECT * FROM press_delivery ORDER BY at DESC, delivery DESC LIMIT ?", (limit,)).fetchall()


def issues_of(conn: Conn, delivery_id: str) -> list[Issue]:
    """Return the issues of a delivery."""
    return [Issue(*row) for row in conn.execute(f"{_ISSUE} WHERE delivery = ? ORDER BY label", (delivery_id,))]


def differences(conn: Conn, delivery_id: str) -> list[Issue]:
    """Return the issues of a delivery that are not as its slip says."""
    return [one for one in issues_of(conn, delivery_id) if one.announced != one.received]


def to_claim(conn: Conn, day: str, claim_days: int) -> list[sqlite3.Row]:
    """Return deliveries with a difference that may still be claimed."""
    first = (date.fromisoformat(day) - timedelta(days=claim_days)).isoformat()
    return [
        row
        for row in deliveries(conn, 40)
        if row["day"] >= first and not row["claimed_on"] and differences(conn, row["delivery"])
    ]


def delivered_on(conn: Conn, day: str) -> bool:
    """Tell whether the depot's delivery of a day was entered."""
    return conn.execute("SELECT 1 FROM press_delivery WHERE day = ? LIMIT 1", (day,)).fetchone() is not None


def next_return(conn: Conn) -> int:
    """Return the number of the next bundle."""
    return int(conn.execute("SELECT coalesce(max(number), 0) + 1 FROM press_return").fetchone()[0])


def returned_on(conn: Conn, day: str) -> sqlite3.Row:
    """Return the sums of the bundles of a day."""
    row: sqlite3.Row = conn.execute(
        "SELECT coalesce(sum(returned), 0) AS returned, coalesce(sum(missing), 0) AS missing, coalesce(sum(charged), 0) AS charged"
        " FROM press_return WHERE day = ?", (day,),
    ).fetchone()  # fmt: skip
    return row


def statement(conn: Conn, number: int) -> sqlite3.Row | None:
    """Return a statement of the depot."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM press_statement WHERE number = ?", (number,)).fetchone()
    return row


def statements(conn: Conn, limit: int = 8) -> list[sqlite3.Row]:
    """Return the depot's statements, newest first."""
    return conn.execute("SELECT * FROM press_statement ORDER BY number DESC LIMIT ?", (limit,)).fetchall()


def owed(conn: Conn, owner: str = OWNER) -> int:
    """Return what the café owes an owner."""
    return till.third_parties(conn).get(owner, 0)


def sales_of(conn: Conn, first: str, last: str) -> sqlite3.Row:
    """Return tickets with press, copies and cents between two days."""
    row: sqlite3.Row = conn.execute(
        "SELECT coalesce(sum(tickets), 0) AS tickets, coalesce(sum(copies), 0) AS copies, coalesce(sum(cents), 0) AS cents"
        " FROM press_day WHERE day BETWEEN ? AND ?", (first, last),
    ).fetchone()  # fmt: skip
    return row


# Games

_GAME = "SELECT operator, day, stakes, wins, commission, noted_stakes, noted_wins, debit FROM press_game_day"


def game_day(conn: Conn, operator: str, day: str) -> GameDay:
    """Return a day of an operator, empty when nothing moved."""
    row = conn.execute(f"{_GAME} WHERE operator = ? AND day = ?", (operator, day)).fetchone()
    return GameDay(*row) if row else GameDay(operator, day)


def undebited(conn: Conn, operator: str, last: str) -> list[GameDay]:
    """Return the days that no debit holds yet, oldest first."""
    rows = conn.execute(f"{_GAME} WHERE operator = ? AND debit = 0 AND day <= ? ORDER BY day", (operator, last))
    return [GameDay(*row) for row in rows]


def debited_until(conn: Conn, operator: str) -> str:
    """Return the last day that a debit holds."""
    return str(
        conn.execute("SELECT coalesce(max(last), '') FROM press_game_debit WHERE operator = ?", (operator,)).fetchone()[
            0
        ]
    )


def next_debit(conn: Conn, operator: str) -> int:
    """Return the number of an operator's next debit."""
    return int(
        conn.execute(
            "SELECT coalesce(max(number), 0) + 1 FROM press_game_debit WHERE operator = ?", (operator,)
        ).fetchone()[0]
    )


def not_noted(conn: Conn, day: str) -> list[GameDay]:
    """Return what moved on a day and is not compared with the terminal's report."""
    return [one for one in (game_day(conn, op, day) for op in GAMES) if (one.stakes or one.wins) and not one.noted]


def games_between(conn: Conn, first: str, last: str) -> list[sqlite3.Row]:
    """Return sums by operator between two days."""
    return conn.execute(
        "SELECT operator, sum(stakes) AS stakes, sum(wins) AS wins, sum(commission) AS commission FROM press_game_day"
        " WHERE day BETWEEN ? AND ? GROUP BY operator ORDER BY operator", (first, last),
    ).fetchall()  # fmt: skip


def press_uses(conn: Conn, day: str) -> int:
    """Return the day's uses of press as the house counts them."""
    from pos.till import uses

    return uses.of_day(conn, day).get(PRESS, 0)
