"""The poster of a gathering, on the till's own paper, to pin up. Pure."""

import sqlite3

from pos.i18n import _, ngettext
from pos.services.gatherings import words
from pos.slips import Feed, Part, Rule, Slip, Text


def poster(*, cafe: str, town: str, row: sqlite3.Row, day: str, partner: str) -> Slip:
    """Return the poster: what, when, where, with whom, how many places."""
    head = [Text(cafe, bold=True, align="center"), Text(town, align="center")]
    body = [
        Text(row["title"], bold=True, wide=True, align="center"),
        Text(words.said(words.SORTS, row["sort"]), align="center"),
        Text(day, bold=True, tall=True, align="center"),
        Text(_("at %(hour)s", hour=row["begins"]), bold=True, tall=True, align="center"),
        Text(words.said(words.PLACES, row["place"]), align="center"),
        Text(_("with %(partner)s", partner=partner) if partner else "", align="center"),
    ]
    parts: list[Part] = [*(line for line in head if line.text), Rule("=")]
    for line in body:
        parts += [Feed(1), line] if line.text else []
    parts += [Feed(1), Rule("="), Text(_places(row["capacity"]), align="center")]
    return Slip(_("Poster"), tuple(parts), titled=False)


def _places(capacity: int) -> str:
    if not capacity:
        return _("Everybody is welcome, no need to register.")
    return ngettext("%(n)s place: register at the counter.", "%(n)s places: register at the counter.", capacity)
