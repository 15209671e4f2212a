"""Parcel relay: carriers' parcels wait here for their recipients, senders leave theirs for the driver.

For whoever would drive to the next town's relay. Partners: carriers, each with its own rules
(`terms.py`). One use is one visit in which at least one parcel is handed over or dropped off, never
one per parcel; it is « périmètre étendu », beside the 2023 headline.

Where to look: `numbers` reads labels, `intake`, `handing` and `driver` are the acts (`desk` lists
them), `tables` what the journal tells, `reading` and `search` what is asked, `names` what is private.
"""

import sqlite3
from dataclasses import asdict
from typing import Any

from pos.errors import Refusal
from pos.feature import Feature, Notice, ScanHit, ServiceCode, Use
from pos.i18n import N_, _, ngettext
from pos.services.parcels import desk, events, indicators, numbers, reading, search, words
from pos.services.parcels.refusals import NotHereYet
from pos.services.parcels.tables import PARCELS
from pos.services.parcels.terms import NOT_TYPED

HOME = "/parcels/"
CODE = "parcel"


def _handed_over(event: events.HandedOver) -> list[Use]:
    return [] if event.visit_again else [Use(CODE, event.visit)]


def _hand_over_undone(event: events.HandOverUndone) -> list[Use]:
    return [Use(CODE, event.visit, -1)] if event.cancels else []


def _dropped_off(event: events.DroppedOff) -> list[Use]:
    return [] if event.visit_again else [Use(CODE, event.visit)]


def _taken_back(event: events.TakenBack) -> list[Use]:
    return [Use(CODE, event.visit, -1)] if event.cancels else []


def _counted(event: events.Counted) -> list[Use]:
    more = event.customers - event.customers_before
    return [Use(CODE, f"counted:{event.carrier}:{event.day}", more, aggregated=True)] if more else []


def _badge(conn: sqlite3.Connection, day: str) -> str:
    on_shelf, _due = reading.kept(conn, day)
    return ngettext("%(n)s kept", "%(n)s kept", on_shelf)


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Return the page of a parcel that is here, or left today; an article's code is none of ours."""
    for found in search.by_code(conn, code):
        if not found.left_on or found.left_on == day:
            return ScanHit(url=f"{HOME}{found.parcel_id}")
    return None


# A shape that fits this well is a carrier's label and nothing else.
_SURE = 90


def _unknown(conn: sqlite3.Connection, day: str, code: str) -> Refusal | None:
    """Say whose label it is, when the café works with that carrier; letters are not ours."""
    best = next(iter(numbers.readings(code)), None)
    if best is None or best.confidence < _SURE or best.check == numbers.INVALID or best.number[0] in "RL":
        return None
    if best.carrier not in [agreed.carrier for agreed in reading.carriers_in_use(conn, day[:10])]:
        return None
    return NotHereYet(carrier=words.carrier(best.carrier), tail=best.said[-4:])


def _to_return(conn: sqlite3.Connection, day: str) -> list[Notice]:
    due = reading.to_return(conn, day)
    if not due:
        return []
    text = ngettext("%(n)s parcel to give back to the driver", "%(n)s parcels to give back to the drivers", len(due))
    return [Notice(text, url=f"{HOME}driver")]


def _left_open(conn: sqlite3.Connection, day: str) -> list[Notice]:
    notices = [
        Notice(_("A delivery is still open: %(announced)s parcels announced", announced=d.announced), f"{HOME}intake")
        for d in reading.open_deliveries(conn)
    ]
    nowhere = sum(1 for p in reading.waiting(conn) if not p.place)
    if nowhere:
        text = ngettext(
            "%(n)s parcel has no place on the shelves", "%(n)s parcels have no place on the shelves", nowhere
        )
        notices.append(Notice(text, url=HOME))
    return [*notices, *_to_return(conn, day)]


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: arrived, handed, dropped, kept, to_return, visits, pay in cents."""
    told = reading.tally(conn, day)
    pays = [line.pay for line in reading.sheet(conn, day, day) if line.pay != NOT_TYPED]
    return {**asdict(told), "pay": sum(pays)}


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    """Each parcel past its days leads to itself; what is left open leads to where it is finished."""
    due = [
        Notice(_("Shelf %(place)s: give back to the driver", place=p.place or "?"), f"{HOME}{p.parcel_id}")
        for p in reading.to_return(conn, day)
    ]
    return [*due, *(notice for notice in _left_open(conn, day) if notice.url != f"{HOME}driver")]


SERVICE = Feature(
    slug="parcels",
    title=N_("Parcels"),
    events=events.EVENTS,
    projection=PARCELS,
    acts=desk.ACTS,
    services=(
        ServiceCode(
            CODE, N_("Parcels"), headline=False, alternatives=("post_office", "postal_agency", "postal_relay"),
            accent="parcels",
        ),
    ),
    uses={
        events.HandedOver: _handed_over,
        events.HandOverUndone: _hand_over_undone,
        events.DroppedOff: _dropped_off,
        events.TakenBack: _taken_back,
        events.Counted: _counted,
    },
    day_open_checks=(_to_return,),
    day_close_checks=(_left_open,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    unknown=_unknown,
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    waiting=indicators.WAITING,
    waits=indicators.WAITS,
    figures=_figures,
    icon="parcel",
    home=HOME,
)  # fmt: skip
