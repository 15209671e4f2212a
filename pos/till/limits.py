"""Alcohol: of age or not, and what the café's licence covers (R113, R115). Dated settings of the café."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos.feature import Notice
from pos.i18n import N_, _
from pos.journal import Envelope
from pos.projections import Projection
from pos.store import Store
from pos.till import law, sell, tables
from pos.till import refusals as no
from pos.till.limit_events import AgeChecked, DrinkGroupSet, SaleLimitsSet
from pos.till.lines import take_off
from pos.till.tab import Tab

OFF, ASK = "off", "ask"
PERMITS = {
    "none": N_("No licence"), "small_restaurant": N_("Small restaurant licence"), "restaurant": N_("Restaurant licence"),
    "III": N_("Licence III"), "IV": N_("Licence IV"), "small_takeaway": N_("Small takeaway licence"),
    "takeaway": N_("Takeaway licence"),
}  # fmt: skip
# An alcoholic drink nobody grouped is taken as wine and beer.
UNKNOWN_GROUP = 3

SCHEMA = """
CREATE TABLE till_sale_limits (valid_from TEXT NOT NULL, seq INTEGER NOT NULL, permit TEXT NOT NULL, age TEXT NOT NULL, PRIMARY KEY (valid_from, seq)) STRICT, WITHOUT ROWID;
CREATE TABLE till_drink (product TEXT PRIMARY KEY, drink_group INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE till_age (tab TEXT PRIMARY KEY, adult INTEGER NOT NULL) STRICT, WITHOUT ROWID
"""


def _set(conn: sqlite3.Connection, entry: Envelope, e: SaleLimitsSet) -> None:
    conn.execute(
        "INSERT INTO till_sale_limits (valid_from, seq, permit, age) VALUES (?, ?, ?, ?)",
        (e.valid_from, entry.seq, e.permit, e.age),
    )


def _grouped(conn: sqlite3.Connection, entry: Envelope, e: DrinkGroupSet) -> None:
    conn.execute("INSERT OR REPLACE INTO till_drink (product, drink_group) VALUES (?, ?)", (e.product, e.group))


def _checked(conn: sqlite3.Connection, entry: Envelope, e: AgeChecked) -> None:
    conn.execute("INSERT OR REPLACE INTO till_age (tab, adult) VALUES (?, ?)", (e.tab, int(e.adult)))


PROJECTION = Projection("limits", SCHEMA, {SaleLimitsSet: _set, DrinkGroupSet: _grouped, AgeChecked: _checked})


@dataclass(frozen=True, slots=True)
class Limits:
    """What the café said, as it holds on a day."""

    permit: str = ""
    age: str = OFF


def in_force(conn: sqlite3.Connection, day: str) -> Limits:
    """Return the café's licence and whether proof of age is asked, on `day`."""
    row = conn.execute(
        "SELECT permit, age FROM till_sale_limits WHERE valid_from <= ? ORDER BY valid_from DESC, seq DESC LIMIT 1",
        (day[:10],),
    ).fetchone()
    return Limits(*row) if row else Limits()


def set_limits(store: Store, *, permit: str, age: str, by: str, attempt: str = "") -> SaleLimitsSet:
    """Say which licence the café has and whether the till asks for proof of age. Raises ManagerNeeded, NoSuchLicence."""
    if (permit and permit not in law.LICENCES) or age not in (OFF, ASK):
        raise no.NoSuchLicence(licence=permit or age)
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.role_of(tx.conn, by) != "manager":
            raise no.ManagerNeeded
        event = SaleLimitsSet(permit=permit, age=age, valid_from=tx.today)
        tx.record(event)
        return event


def set_drink_group(store: Store, product: str, group: int, *, by: str, attempt: str = "") -> None:
    """Say the group of a drink (1, 3, 4, 5). Raises NoSuchProduct, NoSuchLicence."""
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.product(tx.conn, product) is None:
            raise no.NoSuchProduct(product=product)
        if group not in law.GROUPS:
            raise no.NoSuchLicence(licence=group)
        tx.record(DrinkGroupSet(product=product, group=group))


def drinks(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the alcoholic drinks on the menu with their group, and whether somebody said it."""
    groups = dict(conn.execute("SELECT product, drink_group FROM till_drink").fetchall())
    return [
        {"product": row["product"], "label": row["label"], "group": groups.get(row["product"], UNKNOWN_GROUP),
         "said": row["product"] in groups}
        for row in tables.products(conn)
        if row["vat_class"] == "alcohol" and not row["retired"]
    ]  # fmt: skip


def not_covered(conn: sqlite3.Connection, day: str) -> list[str]:
    """Return the labels of drinks that the café's licence does not cover; nothing while no licence was said."""
    permit = in_force(conn, day).permit
    if not permit:
        return []
    return [one["label"] for one in drinks(conn) if one["group"] not in law.LICENCES[permit]]


def licence_notices(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """Warn, at the opening, of drinks that the licence does not cover (R115)."""
    labels = not_covered(conn, day)
    if not labels:
        return []
    said = ", ".join(labels[:3]) + (" …" if len(labels) > 3 else "")
    return [Notice(_("Not covered by the licence: %(drinks)s", drinks=said), url="/limits/", grave=True)]


def for_adults(conn: sqlite3.Connection, tab: Tab) -> list[str]:
    """Return the line ids of a bill that are for adults only."""
    codes = {line.product for line in tab.lines} | {part.product for line in tab.lines for part in line.parts}
    found = {code: tables.product(conn, code) for code in codes}
    adult = {code for code, row in found.items() if row is not None and row["min_age"] and row["role"] == "own"}
    return [
        line.line_id for line in tab.lines
        if line.product in adult or any(part.product in adult for part in line.parts)
    ]  # fmt: skip


def age_rule(conn: sqlite3.Connection, day: str, tab: Tab) -> None:
    """Refuse a bill with alcohol while the café asks for proof of age and nobody said it was seen (R113)."""
    if in_force(conn, day).age != ASK or not for_adults(conn, tab):
        return
    row = conn.execute("SELECT adult FROM till_age WHERE tab = ?", (tab.tab_id,)).fetchone()
    if row is None or not row[0]:
        raise no.AgeUnknown(tab=tab.tab_id, age=law.value("sale.min_age", day))


def check_age(store: Store, tab_id: str, adult: bool, *, by: str, attempt: str = "") -> Tab:
    """Say whether the customer proved to be of age; if not, what is for adults leaves the bill. Raises NoSuchBill."""
    with store.writing(by=by, attempt=attempt) as tx:
        tab = sell.free_bill(tx, tab_id)
        tx.record(AgeChecked(tab=tab_id, adult=adult, day=sell.day_label(tx)))
        take_off(tx, tab, () if adult else for_adults(tx.conn, tab))
        return tab
