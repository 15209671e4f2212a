"""The report of a stop, on paper: what came in, whose it is, cups, who came. Pure."""

import sqlite3
from collections.abc import Mapping

from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.tour import words
from pos.services.tour.reading import Report
from pos.slips import Columns, Part, Rule, Slip, Text
from pos.till.slip_parts import day_said

MEANS_FIRST = ("card", "cash")


def report_slip(
    *, cafe: str, stop: sqlite3.Row, told: Report, owners: Mapping[str, str], means: Mapping[str, str]
) -> Slip:
    """Return the report of a stop."""
    order = [*[m for m in MEANS_FIRST if m in told.means], *[m for m in told.means if m not in MEANS_FIRST]]
    kept = (
        [Columns(_("of which deposits kept"), format_euros(told.deposits_kept), indent=2)] if told.deposits_kept else []
    )
    tail = [
        (_("Cups out, back"), f"{told.went}, {told.came}" if told.went else ""),
        (_("Moved"), words.moved(stop["moved"])), (_("Mayor’s authorisation"), stop["authorisation"]),
        (_("Till closing"), f"Z {stop['z']}" if stop["z"] else ""),
    ]  # fmt: skip
    parts: list[Part] = [
        Text(cafe, align="center"),
        Text(f"{stop['town']}, {day_said(stop['on_day'])}", align="center"),
        Text(stop["place"], align="center"),
        Rule(),
        Columns(_("Taken in all"), format_euros(told.takings), bold=True),
        *(Columns(means.get(code, code), format_euros(told.means[code]), indent=2) for code in order),
        Rule(),
        Columns(_("Own turnover"), format_euros(told.turnover), bold=True),
        *kept,
        *(
            Columns(_("VAT %(rate)s %%", rate=int(bp) // 100), format_euros(tax), middle=format_euros(base), indent=2)
            for bp, (base, tax) in told.vat.items()
        ),
        Rule(),
        Text(_("Taken for others")),
        *(Columns(owners.get(owner, owner), format_euros(amount), indent=2) for owner, amount in told.owners.items()),
        Rule(),
        Columns(_("People"), str(stop["attendance"])),
        *(Columns(label, said) for label, said in tail if said),
    ]
    return Slip(_("Report of the stop"), tuple(parts))


def people(n: int) -> str:
    """Return how many came, in words."""
    return ngettext("%(n)s person", "%(n)s people", n)
