"""The contract on paper: what left, until when, against what, what being late costs. Pure."""

import sqlite3
from collections.abc import Sequence

from pos.i18n import _, ngettext
from pos.money import format_euros
from pos.services.bikes import words
from pos.services.bikes.rules import Terms
from pos.slips import Barcode, Columns, Feed, Part, Rule, Slip, Text


def contract_slip(
    *, cafe: str, rows: Sequence[sqlite3.Row], terms: Terms, name: str = "", phone: str = "", cheque: str = ""
) -> Slip:
    """Return the contract of the bikes that leave together; a name not typed is written by hand."""
    first = rows[0]
    number = f"VELO-{first['number']}"
    parts: list[Part] = [
        Text(cafe, align="center"),
        Barcode("CODE128", number),
        Text(number, bold=True, align="center"),
        Rule(),
        *(Columns(_said(row), format_euros(row["price"])) for row in rows),
        Columns(_("Leaves at"), words.moment(first["out_at"])),
        *(
            Columns(_("Back before"), words.moment(due), bold=True)
            for due in dict.fromkeys(row["due_at"] for row in rows)
        ),
        Columns(_("Condition at departure"), words.said(words.CONDITIONS, first["condition_out"])),
        *_accessories(first),
        Rule(),
        *_deposit(rows, cheque),
        Columns(_("Shown"), words.said(words.PROOFS, first["proof"])),
        *_who(name, phone),
        Rule(),
        *_conditions(terms),
        Text(_("Date and signature:")),
        Feed(4),
    ]
    return Slip(_("Bike hire contract"), tuple(parts))


def _said(row: sqlite3.Row) -> str:
    told = f"{words.said(words.SORTS, row['sort'])} {row['bike_number']}, {words.rule(row['rule']).lower()}"
    return f"{told} ({row['label']})" if row["label"] else told


def _accessories(row: sqlite3.Row) -> list[Part]:
    given = [words.said(words.ACCESSORIES, code) for code in row["accessories"].split()]
    return [Columns(_("With"), ", ".join(given).lower())] if given else []


def _deposit(rows: Sequence[sqlite3.Row], cheque: str) -> list[Part]:
    total = sum(row["deposit"] for row in rows)
    if not total:
        return [Text(_("No deposit"))]
    parts: list[Part] = [Columns(_("Deposit"), format_euros(total), bold=True)]
    parts.append(Text(words.said(words.DEPOSITS, rows[0]["deposit_kind"])))
    if cheque:
        parts.append(Columns(_("Cheque no."), cheque))
    return parts


def _who(name: str, phone: str) -> list[Part]:
    if name:
        return [Columns(_("Hired by"), name), *([Columns(_("Phone"), phone)] if phone else [])]
    return [Text(_("Name:")), Feed(2), Text(_("Phone:")), Feed(2)]


def _conditions(terms: Terms) -> list[Part]:
    grace = ngettext("%(n)s minute of grace", "%(n)s minutes of grace", terms.grace_minutes)
    late = _(
        "Late: %(amount)s per %(minutes)s min begun", amount=format_euros(terms.late_price), minutes=terms.late_minutes
    )
    return [
        Text(f"{late} ({grace})." if terms.late_price else f"{grace}."),
        Text(_("The bike is locked at each stop; theft and damage are at the hirer’s charge.")),
        Text(_("A helmet is compulsory under 12 years.")),
        Text(_("The deposit is handed back with the bike, in the same condition.")),
    ]
