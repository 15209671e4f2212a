"""The blueprint of accounts, and what all its pages share."""

from contextlib import suppress
from typing import Any

from flask import Blueprint, request

from pos import screens
from pos.errors import AlreadyDone
from pos.i18n import N_
from pos.money import parse_euros
from pos.services.accounts import paying, reading, slips, tables
from pos.services.accounts.tables import PREPAID, SLATE, SUSPENDED
from pos.till import sell
from pos.till import tables as till_tables
from pos.till.screens import bill, paper
from pos.till.screens.typed import act

bp = Blueprint("accounts", "pos.services.accounts.screens", url_prefix="/accounts", template_folder="../templates")

AMOUNTS = (1000, 2000, 5000)
REASONS = {
    "gone": N_("Gone, cannot be found"), "gesture": N_("A gesture of the café"), "mistake": N_("Charged by mistake"),
    "deceased": N_("Deceased"), "other": N_("Another reason"),
}  # fmt: skip
HANDED = {
    "transfer": N_("To the issuer, euros by transfer"), "cash": N_("To the issuer, euros in cash"),
    "supplier": N_("To a supplier"),
}  # fmt: skip


def typed_amount(name: str = "amount") -> int:
    """Return the cents typed in a field; nothing typed is nothing."""
    text = request.form.get(name, "").strip()
    return parse_euros(text) if text else 0


def open_tab() -> str:
    """Return the bill on the screen, a new one when there is none."""
    return bill.held() or bill.begin()


@bp.app_context_processor
def on_bill() -> dict[str, Any]:
    """Give every template `accounts_on(tab_id)`."""
    return {"accounts_on": accounts_on}


def accounts_on(tab_id: str) -> dict[str, Any]:
    """Return what may pay a bill: the account of who is on it, the fund, local notes."""
    with screens.store().reading() as conn:
        tab = sell.current_tab(conn, tab_id)
        if tab is None:
            return {"due": 0, "prepaid": 0, "slate": 0, "person": "", "fund": 0, "local": "", "member": ""}
        row = tables.account(conn, tab.member) if tab.member else None
        mine = row if row is not None and not row["closed"] else None
        money = tables.currency(conn)
        left = paying.available(conn, PREPAID, tab.member, tab) if mine is not None else 0
        return {
            "due": tab.due, "person": tab.member if mine is not None else "", "prepaid": min(left, tab.due), "left": left,
            "slate": max(0, min(tab.due, paying.payable(tab, SLATE))) if mine is not None and mine["slate_allowed"] else 0,
            "fund": min(tab.due, max(0, paying.available(conn, SUSPENDED, "", tab))),
            "local": money["label"] if money is not None and money["accepted"] else "", "member": tab.member,
        }  # fmt: skip


def side(conn: Any) -> dict[str, Any]:
    """Return what every page of accounts shows beside its own matter."""
    day = screens.today()
    money = tables.currency(conn)
    return {
        "sums": {what: tables.sum_of(conn, what) for what in tables.OWNERS}, "fund": reading.fund(conn, day),
        "limits": paying.in_force(conn, day), "late": reading.late(conn, day), "currency": money, "month": day[:7],
        "tab": sell.current_tab(conn, bill.held()) if bill.held() else None,
        "manager": till_tables.role_of(conn, screens.clerk()) == "manager", "why": slips.WHY,
    }  # fmt: skip


def print_slip(slip: Any) -> None:
    """Print a slip of accounts, once per tap."""
    with suppress(AlreadyDone), screens.store().writing(**act()) as tx:
        paper.enqueue(tx, slip.title, slip)
