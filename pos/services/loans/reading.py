"""What is asked of the loans' tables: things, who has them, what is late, boxes, the month's sheet."""

import sqlite3
from dataclasses import dataclass

from pos import private
from pos.services.loans.tables import BACK, IN, LENT, LOST, OPEN

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Item:
    """A thing to lend."""

    item: str
    number: str
    label: str
    sort: str
    code: str
    loan_days: int
    box: str
    state: str
    loan: str


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan as it stands."""

    loan: str
    item: str
    person: str
    lent_on: str
    lent_at: int
    due_on: str
    state: str
    ended_on: str
    extended: int

    def late(self, day: str) -> bool:
        """Whether it should have been back before `day`."""
        return self.state == OPEN and self.due_on < day


@dataclass(frozen=True, slots=True)
class Box:
    """A box of the departmental library."""

    box: str
    number: int
    received_on: str
    due_on: str
    returned_on: str
    missing: int


def clean(code: str) -> str:
    """Return a barcode or number as it is kept: no spaces, capitals."""
    return "".join(code.split()).replace("]C1", "").upper()[:24]


def item(conn: Conn, code: str) -> Item | None:
    """Return a thing by its id, its number (`E-12`) or its barcode; the copy that is here before one that is lent."""
    row = conn.execute(
        "SELECT * FROM loan_item WHERE item = ? OR number = ? OR (code <> '' AND code = ?) ORDER BY state = 'in' DESC LIMIT 1",
        (code.strip(), clean(code), clean(code)),
    ).fetchone()
    return Item(*row) if row else None


def items(conn: Conn, text: str = "", sort: str = "", limit: int = 60) -> list[Item]:
    """Return things to lend whose label contains `text`, in alphabetical order."""
    wanted = private.fold(text)
    rows = conn.execute(
        "SELECT * FROM loan_item WHERE state <> 'gone' AND (? = '' OR sort = ?) ORDER BY label", (sort, sort)
    )
    found = (Item(*row) for row in rows)
    return [one for one in found if wanted in private.fold(one.label) or clean(text) == one.number][:limit]


def loan(conn: Conn, loan_id: str) -> Loan | None:
    """Return a loan."""
    row = conn.execute("SELECT * FROM loan_loan WHERE loan = ?", (loan_id,)).fetchone()
    return Loan(*row) if row else None


def open_loans(conn: Conn, person: str = "") -> list[Loan]:
    """Return loans not ended, the soonest due first, of one person or all."""
    rows = conn.execute(
        "SELECT * FROM loan_loan WHERE state = ? AND (? = '' OR person = ?) ORDER BY due_on, lent_at",
        (OPEN, person, person),
    )
    return [Loan(*row) for row in rows]


def late(conn: Conn, day: str) -> list[Loan]:
    """Return loans that should be back."""
    return [one for one in open_loans(conn) if one.late(day)]


def history(conn: Conn, item_id: str) -> list[Loan]:
    """Return the last loans of a thing, newest first."""
    return [
        Loan(*row)
        for row in conn.execute("SELECT * FROM loan_loan WHERE item = ? ORDER BY lent_at DESC LIMIT 8", (item_id,))
    ]


def box(conn: Conn, box_id: str) -> Box | None:
    """Return a box."""
    row = conn.execute("SELECT * FROM loan_box WHERE box = ?", (box_id,)).fetchone()
    return Box(*row) if row else None


def boxes(conn: Conn) -> list[Box]:
    """Return boxes that are here, or that things are still owed to, soonest due first."""
    return [
        Box(*row)
        for row in conn.execute(
            "SELECT * FROM loan_box WHERE returned_on = '' OR missing > 0 ORDER BY returned_on <> '', due_on"
        )
    ]


def of_box(conn: Conn, box_id: str) -> list[Item]:
    """Return the things of a box."""
    return [Item(*row) for row in conn.execute("SELECT * FROM loan_item WHERE box = ? ORDER BY label", (box_id,))]


def to_prepare(conn: Conn, until: str) -> list[Box]:
    """Return boxes the library takes back by a day."""
    return [one for one in boxes(conn) if not one.returned_on and one.due_on <= until]


def owed_to_library(conn: Conn) -> list[Item]:
    """Return things that came back after their box had left: the library still expects them."""
    rows = conn.execute(
        "SELECT i.* FROM loan_item AS i JOIN loan_box AS b ON b.box = i.box WHERE b.returned_on <> '' AND i.state = ? ORDER BY i.label",
        (IN,),
    )
    return [Item(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Standing:
    """Things as they stand."""

    here: int
    lent: int
    late: int
    lost: int


def standing(conn: Conn, day: str) -> Standing:
    """Return how many things are here, lent, late, lost."""
    counts = dict(conn.execute("SELECT state, count(*) FROM loan_item GROUP BY state").fetchall())
    return Standing(counts.get(IN, 0), counts.get(LENT, 0), len(late(conn, day)), counts.get(LOST, 0))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A month of loans."""

    lent: dict[str, int]
    readers: int
    back: int
    lost: int


def sheet(conn: Conn, first: str, last: str) -> Sheet:
    """Return the figures of a span of days: loans by sort, how many people, what came back, what was lost."""
    span = (first, last)
    lent = dict(conn.execute(
        "SELECT i.sort, count(*) FROM loan_loan AS l JOIN loan_item AS i USING (item) WHERE l.lent_on BETWEEN ? AND ? GROUP BY i.sort", span
    ).fetchall())  # fmt: skip
    readers = conn.execute(
        "SELECT count(DISTINCT person) FROM loan_loan WHERE lent_on BETWEEN ? AND ?", span
    ).fetchone()[0]
    ended = dict(
        conn.execute(
            "SELECT state, count(*) FROM loan_loan WHERE ended_on BETWEEN ? AND ? GROUP BY state", span
        ).fetchall()
    )
    return Sheet(lent, int(readers), ended.get(BACK, 0), ended.get(LOST, 0))
