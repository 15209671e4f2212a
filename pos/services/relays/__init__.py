"""Small relays: laundry, repairs, photos, keys of houses, baskets of producers, things left for somebody.

For neighbours without a shop near by; the partners are the providers a café chooses, whose money is
never turnover. One shelf, several names: each relay is a setting. One use is one visit in which
something is left or fetched: `laundry` for clothes, `relay` for all the rest (services.md B.10, C.2).
"""

import sqlite3
from typing import Any

from pos.engines.shelf import COLLECTED, ThingKept, ThingMoved
from pos.feature import Feature, Notice, ScanHit, ServiceCode, Use, uses_of_lines
from pos.i18n import N_, ngettext
from pos.services.relays import desk, events, indicators, kinds, reading, tables
from pos.services.relays.tables import CODES, LAUNDRY, RELAY
from pos.till.events import SaleCompleted, SaleRefunded

HOME = "/relays"


def _of_left(kept: ThingKept) -> list[Use]:
    return [Use(kept.service, kept.visit)] if kept.service in CODES and kept.counts else []


def _of_moved(moved: ThingMoved) -> list[Use]:
    fetched = moved.service in CODES and moved.state == COLLECTED and moved.counts
    return [Use(moved.service, moved.visit)] if fetched else []


def _of_key(event: Any) -> list[Use]:
    return [Use(RELAY, event.visit)]


def _of_sale(sale: SaleCompleted) -> list[Use]:
    return uses_of_lines(sale, *CODES)


def _of_refund(refund: SaleRefunded) -> list[Use]:
    return [Use(code, refund.visit, -1) for code in CODES if code in refund.cancels]


def _badge(conn: sqlite3.Connection, day: str) -> str:
    here = reading.standing(conn, day).here
    return ngettext("%(n)s here", "%(n)s here", here) if here else ""


def _todo(conn: sqlite3.Connection, day: str) -> list[Notice]:
    now = reading.standing(conn, day)
    said = (
        (
            now.to_call,
            ngettext("%(n)s thing is back: call its owner", "%(n)s things are back: call their owners", now.to_call),
            "call",
        ),
        (
            now.overdue,
            ngettext("%(n)s thing waits beyond its term", "%(n)s things wait beyond their term", now.overdue),
            "late",
        ),
        (now.keys_late, ngettext("%(n)s key should be back", "%(n)s keys should be back", now.keys_late), "keys"),
        (now.baskets, ngettext("%(n)s basket to hand over", "%(n)s baskets to hand over", now.baskets), "baskets"),
    )
    return [Notice(text, f"{HOME}?show={show}") for n, text, show in said if n]


def _on_closing(conn: sqlite3.Connection, day: str) -> list[Notice]:
    now = reading.standing(conn, day)
    text = ngettext("%(n)s basket was not collected", "%(n)s baskets were not collected", now.baskets)
    return [Notice(text, f"{HOME}?show=baskets")] if now.baskets else []


def _scan(conn: sqlite3.Connection, day: str, code: str) -> ScanHit | None:
    """Find a thing by the number on its ticket (`N-12`)."""
    found = reading.by_code(conn, code) if "-" in code else None
    return ScanHit(url=f"{HOME}/thing/{found.thing}") if found is not None else None


def _figures(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return a day in figures: what waits where, what is owed to providers."""
    now = reading.standing(conn, day)
    told = reading.sheet(conn, day, day)
    return {
        "here": now.here, "to_send": now.to_send, "away": now.away, "to_call": now.to_call, "overdue": now.overdue,
        "keys_out": now.keys_out, "keys_late": now.keys_late, "baskets": now.baskets,
        "left": sum(row.left for row in told), "collected": sum(row.collected for row in told),
        "given_up": sum(row.given_up for row in told), "money": sum(row.money for row in told),
        "commission": sum(row.commission for row in told), "owed": sum(reading.owed(conn, row.relay) for row in told),
    }  # fmt: skip


def _owners(conn: sqlite3.Connection) -> dict[str, str]:
    """Return the names of the providers' accounts."""
    return {relay.owner: relay.label for relay in kinds.every(conn, "9999-12-31")}


SERVICE = Feature(
    slug="relays",
    title=N_("Relays"),
    events=events.EVENTS,
    projection=tables.PROJECTION,
    acts=desk.ACTS,
    services=(
        ServiceCode(LAUNDRY, N_("Laundry"), headline=False, alternatives=(), accent="grocery"),
        ServiceCode(RELAY, N_("Small relay"), headline=False, alternatives=(), accent="grocery"),
    ),
    uses={
        ThingKept: _of_left, ThingMoved: _of_moved, events.KeyTaken: _of_key, events.KeyBrought: _of_key,
        SaleCompleted: _of_sale, SaleRefunded: _of_refund,
    },
    day_close_checks=(_on_closing,),
    todo=(_todo,),
    badge=_badge,
    scan=_scan,
    figures=_figures,
    owners=_owners,
    owner_names={events.RelaySet: lambda said: (f"relay:{said.relay}", said.label)},
    indicators=indicators.INDICATORS,
    tells=indicators.TELLS,
    waiting=indicators.WAITING,
    waits=indicators.WAITS,
    icon="bag",
    home=HOME,
)  # fmt: skip
