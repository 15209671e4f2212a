"""What is asked of the postal relay's tables: mail on its way, money of a day, a person's week, the month's sheet."""

import sqlite3
from dataclasses import dataclass

from pos import private
from pos.engines import shelf
from pos.engines.labels import clean
from pos.services.post.tables import BAGGED, GONE, OWNER, POST, TAKEN
from pos.services.post.terms import WEEK_DAYS
from pos.till import tables as till

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of mail taken in."""

    item: str
    sort: str
    check_status: str
    tail: str
    pieces: int
    day: str
    taken_at: int
    visit: str
    due: int
    product: str
    paid_no: int
    state: str
    bag: str
    left_at: int

    @property
    def unpaid(self) -> bool:
        """Tell whether its postage is still to pay."""
        return self.due > 0 and not self.paid_no


def item(conn: Conn, item_id: str) -> Item | None:
    """Return a piece of mail."""
    row = conn.execute("SELECT * FROM post_item WHERE item = ?", (item_id,)).fetchone()
    return Item(*row) if row else None


def to_collect(conn: Conn) -> list[Item]:
    """Return mail that waits for La Poste, oldest first."""
    rows = conn.execute("SELECT * FROM post_item WHERE state IN (?, ?) ORDER BY taken_at, item", (TAKEN, BAGGED))
    return [Item(*row) for row in rows]


def loose(conn: Conn) -> list[Item]:
    """Return mail that is in no bag yet."""
    return [one for one in to_collect(conn) if one.state == TAKEN]


def in_bag(conn: Conn, bag: str) -> list[Item]:
    """Return the mail of a bag."""
    return [Item(*row) for row in conn.execute("SELECT * FROM post_item WHERE bag = ? ORDER BY taken_at, item", (bag,))]


def taken_on(conn: Conn, day: str) -> list[Item]:
    """Return mail taken in on a day, newest first."""
    return [
        Item(*row)
        for row in conn.execute("SELECT * FROM post_item WHERE day = ? ORDER BY taken_at DESC, item DESC", (day,))
    ]


def unpaid(conn: Conn, day: str) -> list[Item]:
    """Return mail whose postage nobody paid: what is here, and what left since it was taken in on `day`."""
    rows = conn.execute(
        "SELECT * FROM post_item WHERE due > 0 AND paid_no = 0 AND (state IN (?, ?) OR (day = ? AND state = ?))",
        (TAKEN, BAGGED, day, GONE),
    )
    return [Item(*row) for row in rows]


def waiting_bags(conn: Conn) -> list[sqlite3.Row]:
    """Return closed bags that La Poste did not take yet."""
    return conn.execute("SELECT * FROM post_bag WHERE collected_at = 0 ORDER BY number").fetchall()


def bag(conn: Conn, bag_id: str) -> sqlite3.Row | None:
    """Return a bag."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM post_bag WHERE bag = ?", (bag_id,)).fetchone()
    return row


def last_collection(conn: Conn, day: str) -> int:
    """Return when La Poste last came on a day, 0 when it did not."""
    return int(conn.execute("SELECT coalesce(max(collected_at), 0) FROM post_bag WHERE day = ?", (day,)).fetchone()[0])


# Numbers are private: found again as long as they are kept


def number_of(conn: Conn, kept_as: str) -> str:
    """Return the number of mail or of an instance, empty once forgotten."""
    return str(private.recall(conn, kept_as).get("number", ""))


def mail_by_number(conn: Conn, code: str) -> Item | None:
    """Return mail here that bears a number."""
    number = clean(code)
    return next((one for one in to_collect(conn) if number and number_of(conn, one.item) == number), None)


def instance_by_number(conn: Conn, code: str) -> shelf.Thing | None:
    """Return the instance of a notice's number (`P-12`) or of a label."""
    found = shelf.by_number(conn, POST, code.strip())
    if found is not None:
        return found
    number = clean(code)
    return next((one for one in instances(conn) if number and number_of(conn, one.person) == number), None)


def instances(conn: Conn) -> list[shelf.Thing]:
    """Return what waits for a recipient, oldest first."""
    return shelf.waiting(conn, POST, shelf.HERE)


# Money


@dataclass(frozen=True, slots=True)
class Money:
    """A day's or a month's money of La Poste, in cents."""

    collected: int = 0
    paid_out: int = 0
    settled: int = 0
    charged: int = 0
    stamps: int = 0
    postage: int = 0

    @property
    def balance(self) -> int:
        """What the café owes of it; below zero, La Poste owes."""
        return self.collected - self.paid_out


def money(conn: Conn, first: str, last: str = "") -> Money:
    """Return the money of a day, or of a span of days."""
    rows = conn.execute(
        "SELECT what, sum(amount) FROM post_money WHERE day >= ? AND day <= ? GROUP BY what", (first, last or first)
    )
    return Money(**{what: int(amount) for what, amount in rows})


def owed(conn: Conn) -> int:
    """Return what the café owes La Poste; below zero, what La Poste owes."""
    return till.third_parties(conn).get(OWNER, 0)


def balance_of(conn: Conn, day: str) -> sqlite3.Row | None:
    """Return how a day was compared with the terminal's slip."""
    row: sqlite3.Row | None = conn.execute("SELECT * FROM post_balance WHERE day = ?", (day,)).fetchone()
    return row


def given_in_week(conn: Conn, person: str, day: str) -> int:
    """Return what a known person withdrew in the seven days that end on `day`."""
    first = shelf.days_after(day, 1 - WEEK_DAYS)
    row = conn.execute(
        "SELECT coalesce(sum(amount), 0) FROM post_operation WHERE person = ? AND what = 'withdrawal' AND day >= ? AND day <= ?",
        (person, first, day),
    ).fetchone()
    return int(row[0]) if person else 0


def by_ref(conn: Conn, ref: str, day: str) -> sqlite3.Row | None:
    """Return the operation of a day whose terminal reference is `ref`."""
    row: sqlite3.Row | None = conn.execute(
        "SELECT * FROM post_operation WHERE ref = ? AND day = ?", (ref, day)
    ).fetchone()
    return row


def operations_on(conn: Conn, day: str) -> list[sqlite3.Row]:
    """Return what was paid out and in on a day, newest first."""
    return conn.execute("SELECT * FROM post_operation WHERE day = ? ORDER BY at DESC", (day,)).fetchall()


def to_balance(conn: Conn, day: str) -> bool:
    """Tell whether money moved since the day was last compared with the slip."""
    now, then = money(conn, day), balance_of(conn, day)
    if then is None:
        return bool(now.collected or now.paid_out)
    return (now.collected, now.paid_out) != (then["collected"], then["paid_out"])


# Uses and the month


def visits(conn: Conn, first: str, last: str = "") -> tuple[int, int]:
    """Return visits with a postal act, and those of them in which only stamps were bought."""
    row = conn.execute(
        "SELECT coalesce(sum(goods > 0 OR acts > 0), 0), coalesce(sum(goods > 0 AND acts <= 0), 0) FROM post_visit"
        " WHERE day >= ? AND day <= ?",
        (first, last or first),
    ).fetchone()
    return int(row[0]), int(row[1])


@dataclass(frozen=True, slots=True)
class Sheet:
    """A month of the relay: what the commune and La Poste ask."""

    visits: int
    stamps_only: int
    mail: dict[str, int]
    handed: int
    returned: int
    withdrawals: int
    withdrawn: int
    mandates: int
    mandated: int
    money: Money
    differences: int


def sheet(conn: Conn, first: str, last: str) -> Sheet:
    """Return the figures of a span of days."""
    span = (first, last)
    came, stamps = visits(conn, first, last)
    mail = dict(conn.execute(
        "SELECT sort, sum(pieces) FROM post_item WHERE day >= ? AND day <= ? AND state <> 'given_back' GROUP BY sort", span
    ).fetchall())  # fmt: skip
    ended = dict(
        conn.execute(
            "SELECT state, count(*) FROM post_handed WHERE day >= ? AND day <= ? GROUP BY state", span
        ).fetchall()
    )
    paid = {
        what: (n, amount)
        for what, n, amount in conn.execute(
            "SELECT what, count(*), sum(amount) FROM post_operation WHERE day >= ? AND day <= ? GROUP BY what", span
        )
    }
    off = conn.execute(
        "SELECT coalesce(sum(difference), 0) FROM post_balance WHERE day >= ? AND day <= ?", span
    ).fetchone()[0]
    return Sheet(
        came, stamps, mail, ended.get(shelf.COLLECTED, 0), ended.get(shelf.GIVEN_UP, 0), *paid.get("withdrawal", (0, 0)),
        *paid.get("mandate", (0, 0)), money(conn, first, last), off,
    )  # fmt: skip
