"""Bikes for hire: fleet, contract on paper, deposit, return; and a stop for passing cyclists.

For visitors and villagers without a bike shop; no partner. One use is one hire, counted only, never
turned into kilometres; the pump, tools and water are counted apart and are no use. A cash deposit is the customer's
money in the drawer, out of turnover until a part is kept (services.md B.8, fiscal.md R106).

Where to look: `fleet` sets up, `hiring` and `returning` are the acts (`desk` lists them), `rules` prices
and lateness, `reading` what is asked, `slips` the contract.
"""

import sqlite3
from collections.abc import Iterable

from pos.feature import Feature, Means, Notice, ScanHit, ServiceCode, Use
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.services.bikes import desk, events, indicators, reading, returning, sale_rules, tables, words

HOME = "/bikes"


def _hired(event: events.BikeHired) -> Iterable[Use]:
    # Each hire counts, also two on one bill: the use is the hire's own.
    return (Use(tables.CODE, event.rental),)


def _cancelled(event: events.HireCancelled) -> Iterable[Use]:
    return (Use(tables.CODE, event.rental, -1),)


def _badge(conn: sqlite3.Connection, day: str) -> str:
    now = reading.rack(conn)
    if now.rented:
        return ngettext("%(n)s out", "%(n)s out", now.rented)
    return ngettext("%(n)s bike free", "%(n)s bikes free", now.available) if now.total else ""


def _not_back(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(
            _("Bike %(number)s is not back: due %(when)s", number=row["bike_number"], when=words.moment(row["due_at"])),
            f"{HOME}/rental/{row['rental']}",
        )
        for row in reading.out(conn)
        if words.day_of(row["due_at"]) <= day[:10]
    ]


def _deposits(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(
            _(
                "Bike %(number)s: deposit of %(amount)s to hand back",
                number=row["bike_number"],
                amount=format_euros(row["held"]),
            ),
            f"{HOME}/rental/{row['rental']}",
        )
        for row in reading.to_release(conn)
    ]


def _unpaid(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [
        Notice(
            _("Bike %(number)s: %(amount)s not paid", number=row["bike_number"], amount=format_euros(row["due"])),
            f"{HOME}/rental/{row['rental']}",
        )
        for row in reading.open_charges(conn)
    ]


def _due(conn: sqlite3.Connection, day: str) -> list[Notice]:
    return [*_not_back(conn, day), *_deposits(conn, day), *_unpaid(conn, day)]


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find the hire of a contract's slip (`VELO-12`); with several bikes, the first that is still out."""
    found = reading.by_number(conn, code)
    best = next((row for row in found if row["state"] == tables.OUT), found[0] if found else None)
    return ScanHit(url=f"{HOME}/rental/{best['rental']}") if best is not None else None


def _owners(_conn: sqlite3.Connection) -> dict[str, str]:
    return {tables.OWNER: _("Bike deposits")}


SERVICE = Feature(
    slug="bikes",
    title=N_("Bikes"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(ServiceCode(tables.CODE, N_("Bike hire"), headline=False, alternatives=(), accent="bikes"),),
    uses={events.BikeHired: _hired, events.HireCancelled: _cancelled},
    sale_rules=(sale_rules.hire_is_due,),
    means={tables.MEANS: Means(tables.OWNER, returning.deposit_pays)},
    day_open_checks=(_not_back,),
    day_close_checks=(_due,),
    todo=(_due,),
    badge=_badge,
    scan=_scan,
    figures=reading.figures,
    owners=_owners,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    waiting=indicators.WAITING,
    waits=indicators.WAITS,
    icon="bike",
    home=HOME,
)
