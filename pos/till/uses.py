"""How often each service was used today: told from every feature's own rule, one use per visit."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

from pos.clock import business_day
from pos.events import Event
from pos.feature import Feature, Use
from pos.journal import Envelope
from pos.projections import Projection, Teller

SCHEMA = """
CREATE TABLE use_visit (
  day TEXT NOT NULL, service TEXT NOT NULL, visit TEXT NOT NULL, n INTEGER NOT NULL, aggregated INTEGER NOT NULL,
  PRIMARY KEY (day, service, visit)
) STRICT, WITHOUT ROWID
"""

_ADD = """INSERT INTO use_visit (day, service, visit, n, aggregated) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (day, service, visit) DO UPDATE SET n = n + excluded.n"""
_COUNT = """SELECT service, sum(CASE WHEN aggregated THEN n WHEN n > 0 THEN 1 ELSE 0 END) FROM use_visit
WHERE day = ? GROUP BY service ORDER BY service"""


def projection(features: Iterable[Feature]) -> Projection:
    """Return the projection that counts uses by the rules of `features`."""
    rules: dict[type[Event], list[Callable[[Any], Iterable[Use]]]] = {}
    for feature in features:
        for cls, rule in feature.uses.items():
            rules.setdefault(cls, []).append(rule)
    return Projection("uses", SCHEMA, {cls: _teller(told) for cls, told in rules.items()})


def _teller(rules: list[Callable[[Any], Iterable[Use]]]) -> Teller:
    def tell(conn: sqlite3.Connection, entry: Envelope, event: Any) -> None:
        day = getattr(event, "day", "")[:10] or business_day(entry.t)
        for rule in rules:
            for use in rule(event):
                # A total typed for the day has no visit: the entry's own number stands for it.
                visit = f"#{entry.seq}" if use.aggregated else use.visit
                conn.execute(_ADD, (day, use.service, visit, use.count, int(use.aggregated)))

    return tell


def of_day(conn: sqlite3.Connection, day: str) -> dict[str, int]:
    """Return uses by service for a day (a second period of the day counts with it)."""
    return {row[0]: row[1] for row in conn.execute(_COUNT, (day[:10],)) if row[1]}
