"""The kitchen's slip: what the cook must make of a bill, told once, and what changed since.

Which families of the menu go there is a setting of the box: `routes`, family to printer. What was told
is kept with the bills, in the draft `kitchen`; nothing of it is a fact of the journal.
"""

import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from pos import drafts
from pos.i18n import N_, _
from pos.money import format_quantity
from pos.slips import Columns, Part, Rule, Slip, Text
from pos.till.tab import Tab

DRAFT = "kitchen"
PRINTER = "kitchen"
TITLE = N_("KITCHEN SLIP")


@dataclass(frozen=True, slots=True)
class Change:
    """So many more of a dish, or fewer when below 0 (thousandths)."""

    line_id: str
    label: str
    quantity: int
    note: str = ""
    takeaway: bool = False


def routes(settings: Mapping[str, Any]) -> set[str]:
    """Return the families of the menu whose lines go to the kitchen."""
    told: Mapping[str, str] = settings.get("routes", {})
    return {family for family, printer in told.items() if printer == PRINTER}


def to_tell(conn: sqlite3.Connection, tab: Tab, families: Collection[str]) -> list[Change]:
    """Return what the kitchen has not been told of a bill: more, fewer, or written otherwise."""
    told: dict[str, list[Any]] = drafts.get(conn, DRAFT, {}).get(tab.tab_id, {})
    changes: list[Change] = []
    for line in tab.lines:
        before, label, note = told.pop(line.line_id, (0, line.label, line.note))
        if line.family not in families and not before:
            continue
        if before and note != line.note:
            # The cook reads it anew: the old one is called off.
            changes.append(Change(line.line_id, label, -before, note))
            before = 0
        if line.quantity != before:
            changes.append(Change(line.line_id, line.label, line.quantity - before, line.note, line.takeaway))
    changes += [Change(line_id, label, -before, note) for line_id, (before, label, note) in told.items()]
    return changes


def note_told(conn: sqlite3.Connection, tab: Tab, families: Collection[str]) -> None:
    """Remember that the kitchen knows the bill as it stands; bills that ended are forgotten."""
    open_now = {tab_id for tab_id, _parked, _body in drafts.tabs(conn)}
    kept = {tab_id: lines for tab_id, lines in drafts.get(conn, DRAFT, {}).items() if tab_id in open_now}
    mine = {line.line_id: [line.quantity, line.label, line.note] for line in tab.lines if line.family in families}
    drafts.put(conn, DRAFT, {**kept, tab.tab_id: mine})


def slip(tab: Tab, changes: list[Change], *, at: str, by: str) -> Slip:
    """Return the slip for the cook: large, without prices."""
    parts: list[Part] = [
        Columns(at, by),
        *([Text(tab.label, bold=True, tall=True)] if tab.label else []),
        Rule(),
    ]
    for change in sorted(changes, key=lambda one: one.quantity < 0):
        count = format_quantity(abs(change.quantity))
        if change.quantity < 0:
            parts.append(Text(_("CANCELLED: %(n)s × %(dish)s", n=count, dish=change.label), bold=True))
            continue
        parts.append(Text(f"{count} × {change.label}", bold=True, tall=True))
        if change.note:
            parts.append(Text(f"   {change.note}", bold=True))
        if change.takeaway:
            parts.append(Text("   " + _("To take away")))
    return Slip(_(TITLE), tuple(parts))
