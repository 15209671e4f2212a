"""What the press screens show, read at once."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pos.engines import consignment, consignment_tables
from pos.errors import Refusal
from pos.services.press import codes, deliveries, reading, terms, words
from pos.services.press.statements import period_end
from pos.services.press.tables import GAMES, OWNER
from pos.till import tables as till

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """An issue on the page of *invendus*: expected, and counted so far."""

    issue: reading.Issue
    counted: int
    recalled: bool
    lit: bool = False

    @property
    def key(self) -> str:
        """The name of its field."""
        return f"n:{self.issue.delivery}:{self.issue.product}"

    @property
    def missing(self) -> int:
        """Copies that should be there and are not counted."""
        return self.issue.left // 1000 - self.counted if self.recalled else 0


def side(conn: Conn, day: str) -> dict[str, Any]:
    """Return the day at the right of every screen."""
    sold = reading.sales_of(conn, day, day)
    return {
        "tickets": reading.press_uses(conn, day), "copies": sold["copies"] // 1000,
        "owed": reading.owed(conn), "due": reading.to_return(conn, day),
        "next": [one for one in reading.on_sale(conn) if one.recall_on > day][:24], "day": day,
    }  # fmt: skip


def returns(conn: Conn, day: str, typed: Mapping[str, str], lit: str = "") -> list[ReturnRow]:
    """Return the rows of *invendus*: every recalled issue, and the others already scanned or typed."""
    rows = []
    for issue in reading.on_sale(conn):
        key, recalled = f"n:{issue.delivery}:{issue.product}", issue.recall_on <= day
        if recalled or key in typed:
            text = typed.get(key, "")
            rows.append(ReturnRow(issue, int(text) if text.isdecimal() and len(text) < 4 else 0, recalled, key == lit))
    return rows


def scanned(conn: Conn, day: str, code: str, typed: Mapping[str, str]) -> str:
    """Return the field that a scanned cover adds one copy to: the issue recalled first that has room, or an empty text."""
    read = codes.parse(code)
    row = till.by_ean(conn, read.ean if read else code.strip())
    product = str(row["product"]) if row is not None else (reading.title_of_key(conn, read.key) if read else "")
    fallback = ""
    for issue in reading.on_sale(conn, product) if product else ():
        key = f"n:{issue.delivery}:{issue.product}"
        if read and read.addon and issue.issue and issue.issue.lstrip("0") == read.addon.lstrip("0"):
            return key
        text = typed.get(key, "")
        if not fallback and (int(text) if text.isdecimal() else 0) < issue.left // 1000:
            fallback = key
    return fallback


def delivery_rows(conn: Conn, day: str, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return a row per title for the delivery page, with what was typed or scanned so far."""
    return [
        {"product": row["product"], "label": row["label"], "price": row["price"], "got": typed.get(f"got:{row['product']}", ""),
         "said": typed.get(f"said:{row['product']}", ""), "issue": typed.get(f"issue:{row['product']}", ""),
         "recall": typed.get(f"recall:{row['product']}", ""), "days": row["recall_days"], "lit": typed.get("lit") == row["product"]}
        for row in reading.titles(conn)
    ]  # fmt: skip


def past_deliveries(conn: Conn, day: str) -> list[dict[str, Any]]:
    """Return the latest deliveries with their issues and whether a difference may be claimed."""
    agreed = terms.in_force(conn, day)
    out = []
    for row in reading.deliveries(conn):
        until = deliveries.claim_until(row["day"], agreed)
        differs = reading.differences(conn, row["delivery"])
        out.append({
            "row": row, "issues": reading.issues_of(conn, row["delivery"]), "differs": differs, "until": until,
            "claim": bool(differs) and not row["claimed_on"] and day <= until,
        })  # fmt: skip
    return out


def account(conn: Conn, day: str) -> dict[str, Any]:
    """Return the depot's account: terms, what the next statement would say, the statements."""
    agreed = consignment_tables.contract(conn, OWNER, day)
    last = period_end(agreed["period"], day) if agreed else day
    return {
        "terms": terms.in_force(conn, day), "contract": agreed, "owed": reading.owed(conn), "statements": reading.statements(conn),
        "finished": _draft(conn, last), "so_far": _draft(conn, day), "last": last,
    }  # fmt: skip


def _draft(conn: Conn, last: str) -> Any:
    try:
        return consignment.draft_statement(conn, OWNER, last, consignment_tables.last_seq(conn, OWNER))
    except Refusal:
        return None


def games(conn: Conn, day: str) -> list[dict[str, Any]]:
    """Return what the games page shows of each licensed operator."""
    out = []
    opened = till.open_day(conn)
    held = till.drawer_expected(conn, opened["day"]) if opened else 0
    for operator in GAMES:
        agreed = terms.licence(conn, operator, day)
        waiting = reading.undebited(conn, operator, reading.day_before(day))
        out.append({
            "operator": operator, "name": words.operator(operator), "licence": agreed, "day": reading.game_day(conn, operator, day),
            "owed": reading.owed(conn, operator), "waiting": waiting,
            "most": min(agreed.win_limit, max(0, held - agreed.reserve)) if agreed else 0,
            "due": sum(one.stakes - one.wins - one.commission for one in waiting),
        })  # fmt: skip
    return out


def month(conn: Conn, first: str, last: str) -> dict[str, Any]:
    """Return a month: tickets with press, copies, statements, games."""
    return {
        "sold": reading.sales_of(conn, first, last), "games": reading.games_between(conn, first, last),
        "statements": [row for row in reading.statements(conn, 40) if first <= row["last"] <= last],
    }  # fmt: skip
