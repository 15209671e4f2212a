"""Whom the café serves: the rules in force, a member's state, the gate before every sale.

CGI art. 1655: a circle that serves its members alone, without profit, drinks of groups 1 and 3, needs
no licence. A guest who drinks breaks it, so the default is none.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos.services.members import refusals as no
from pos.services.members import tables
from pos.services.members.tables import DUES
from pos.till.tab import Tab, TabLine

OPEN, MEMBERS_ONLY, MEMBERS_PRICE = "open", "members_only", "members_price"
ACCESS = (OPEN, MEMBERS_ONLY, MEMBERS_PRICE)
# The café's own association: its members are the ones the gate knows.
OWN = "own"
APPLIED, ACTIVE, GRACE, LAPSED, GONE = "applied", "active", "grace", "lapsed", "gone"
SERVED = (ACTIVE, GRACE)
GROUPS = (1, 3, 4, 5)
# What a private circle may serve without a licence.
CIRCLE_GROUPS = (1, 3)

_IN_FORCE = """SELECT access, discount_bp, guests, drink_groups, grace_days, minutes, valid_from FROM members_rules
WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Rules:
    """The association's rules from a day on."""

    access: str = OPEN
    discount_bp: int = 0
    guests: int = 0
    groups: tuple[int, ...] = GROUPS
    grace_days: int = 30
    minutes: int = 0
    valid_from: str = ""


def in_force(conn: sqlite3.Connection, day: str) -> Rules:
    """Return the rules on `day`; a café that said nothing serves everyone."""
    row = conn.execute(_IN_FORCE, (day[:10],)).fetchone()
    if row is None:
        return Rules()
    groups = tuple(int(group) for group in row["drink_groups"].split(",") if group)
    return Rules(
        row["access"], row["discount_bp"], row["guests"], groups, row["grace_days"], row["minutes"], row["valid_from"]
    )


def state_of(row: sqlite3.Row, day: str, rules: Rules) -> str:
    """Return where a member stands on `day`: applied, active, grace, lapsed or gone."""
    if row["gone"]:
        return GONE
    if not row["until"]:
        return APPLIED
    if day[:10] <= row["until"]:
        return ACTIVE
    last = date.fromisoformat(row["until"]) + timedelta(days=rules.grace_days)
    return GRACE if day[:10] <= last.isoformat() else LAPSED


def is_served(conn: sqlite3.Connection, member: str, day: str, rules: Rules) -> bool:
    """Tell whether a member of the café's own association is active or in grace."""
    row = tables.member(conn, member) if member else None
    return row is not None and row["association"] == OWN and state_of(row, day, rules) in SERVED


def require_served(row: sqlite3.Row | None, day: str, rules: Rules) -> None:
    """Refuse who is not, or no longer, a member; raise one of the gate's refusals."""
    if row is None or row["association"] != OWN:
        raise no.NotAMember
    state = state_of(row, day, rules)
    if state == APPLIED:
        raise no.NotJoinedYet(number=row["number"], member=row["member"])
    if state == GONE:
        raise no.LeftTheAssociation(number=row["number"], member=row["member"])
    if state == LAPSED:
        raise no.DuesExpired(number=row["number"], until=day_said(row["until"]), member=row["member"])


def day_said(day: str) -> str:
    """Return `20/11/2026`."""
    year, month, of_month = day.split("-")
    return f"{of_month}/{month}/{year}"


def is_dues(line: TabLine) -> bool:
    """Tell whether a line is membership dues."""
    return line.ref.startswith(DUES)


def gate(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a sale to somebody who is not a member, or of a drink the circle may not serve.

    Dues of the member on this very bill open the gate: joining and the first coffee are one ticket.
    """
    _dues_are_somebodys(conn, tab)
    rules = in_force(conn, day)
    served = [line for line in tab.lines if not is_dues(line)]
    if rules.access != MEMBERS_ONLY or not served:
        return
    row = tables.member(conn, tab.member) if tab.member else None
    joining = any(line.ref == DUES + tab.member for line in tab.lines)
    if not (joining and row is not None and row["association"] == OWN):
        require_served(row, day, rules)
    for line in served:
        check_drink(conn, rules, line.product, line.label, alcohol=line.vat_class == "alcohol")


def _dues_are_somebodys(conn: sqlite3.Connection, tab: Tab) -> None:
    products = {row[0] for row in conn.execute("SELECT product FROM members_association")}
    for line in tab.lines:
        if (line.product in products and not is_dues(line)) or (
            is_dues(line) and tables.member(conn, line.ref.removeprefix(DUES)) is None
        ):
            raise no.DuesWithoutMember


def check_drink(conn: sqlite3.Connection, rules: Rules, product: str, label: str, *, alcohol: bool) -> None:
    """Refuse a drink outside the circle's groups, or with alcohol and no group said."""
    group = tables.group_of(conn, product)
    if group == 0 and alcohol:
        raise no.DrinkWithoutGroup(label=label)
    if group and group not in rules.groups:
        raise no.DrinkGroupForbidden(label=label, group=group, allowed=groups_said(rules.groups))


def groups_said(groups: Sequence[int]) -> str:
    """Return `1, 3`."""
    return ", ".join(str(group) for group in groups)


def price_for(conn: sqlite3.Connection, day: str, tab: Tab, product: Any) -> int | None:
    """Return a member's price of a product, None when the listed one applies (`Feature.price`)."""
    if not tab.member or product["role"] != "own":
        return None
    rules = in_force(conn, day)
    if rules.access != MEMBERS_PRICE or not rules.discount_bp or not is_served(conn, tab.member, day, rules):
        return None
    return discounted(product["price"], rules.discount_bp)


def discounted(cents: int, bp: int) -> int:
    """Return a price less a discount in basis points, half a cent up."""
    return (2 * cents * (10_000 - bp) + 10_000) // 20_000


def dues_may_go_back(conn: sqlite3.Connection, day: str, sale: Any, lines: Any, payments: Any) -> None:
    """Refuse to give back dues on which later ones stand (`Feature.refund_rules`)."""
    for line in lines:
        if not line.ref.startswith(DUES):
            continue
        member = line.ref.removeprefix(DUES)
        row = tables.member(conn, member)
        paid = conn.execute("SELECT ends FROM members_dues WHERE no = ? AND member = ?", (sale.no, member)).fetchone()
        if row is not None and paid is not None and paid[0].split()[-1:] != [row["until"]]:
            raise no.DuesGivenBackTwice
