"""What the relays' screens show, read at once: rows with their state, a thing, a hand-over of baskets."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from pos.engines import counting
from pos.engines.shelf import BACK, CALLED, COLLECTED, GIVEN_UP, KEPT, MOVES, SENT, Thing
from pos.i18n import _
from pos.services.relays import keeping, keys, kinds, names, reading, words
from pos.services.relays.kinds import Relay
from pos.services.relays.tables import CODES
from pos.till import tables as till
from pos.till import uses

Conn = sqlite3.Connection


@dataclass(frozen=True, slots=True)
class Row:
    """A thing as a line."""

    thing: str
    number: str
    label: str
    place: str
    name: str
    what: str
    state: str
    said: str
    tone: str
    pieces: int
    due: int
    sort: str


def row(conn: Conn, thing: Thing, relay: Relay, day: str) -> Row:
    """Return a thing as a line."""
    key, basket = relay.sort == kinds.KEYS, relay.sort == kinds.BASKETS
    name, what = names.of(conn, thing.person), names.note_of(conn, thing.thing)
    said, tone = words.state(thing.state, relay.sort), ""
    absent = reading.key_due(conn, thing.thing) if key and thing.state == SENT else ""
    if reading.late(thing, relay, day) or (absent and absent < day):
        said, tone = _("late"), "warn"
    elif thing.state in (BACK, CALLED) and not key:
        tone = "good"
    return Row(
        thing.thing, thing.number, relay.label, thing.place, (what if key else name) or (name if key else what) or relay.label,
        "" if key or basket else what, thing.state, said, tone, thing.pieces, reading.due_of(conn, thing), relay.sort,
    )  # fmt: skip


def rows(conn: Conn, day: str, show: str = "") -> list[Row]:
    """Return what waits, those asked for when `show` says which."""
    relays = {relay.relay: relay for relay in kinds.every(conn, day)}
    out = []
    for thing in reading.waiting(conn):
        relay = relays.get(thing.sort)
        if relay is not None and _shown(conn, thing, relay, day, show):
            out.append(row(conn, thing, relay, day))
    return out


def _shown(conn: Conn, thing: Thing, relay: Relay, day: str, show: str) -> bool:
    if show == "call":
        return relay.works and thing.state == BACK
    if show == "late":
        return relay.sort != kinds.BASKETS and reading.late(thing, relay, day)
    if show == "keys":
        return relay.sort == kinds.KEYS
    if show == "baskets":
        return relay.sort == kinds.BASKETS and thing.due_on <= day
    return relay.sort != kinds.BASKETS or thing.due_on <= day


def side(conn: Conn, day: str, show: str = "") -> dict[str, Any]:
    """Return the day at the right of every screen."""
    now, used = reading.standing(conn, day), uses.of_day(conn, day)
    counted = sum(used.get(code, 0) for code in CODES)
    return {"rows": rows(conn, day, show)[:60], "now": now, "uses": counted, "day": day, "show": show}


@dataclass(frozen=True, slots=True)
class Tile:
    """A relay on the home screen."""

    relay: Relay
    here: int
    away: int
    icon: str
    sort: str


def tiles(conn: Conn, day: str) -> list[Tile]:
    """Return the relays in use."""
    out = []
    for relay in kinds.offered(conn, day):
        things = reading.of_relay(conn, relay)
        here, away = sum(thing.here for thing in things), sum(thing.state == SENT for thing in things)
        out.append(Tile(relay, here, away, relay.form.icon, _(relay.form.label)))
    return out


def desk(conn: Conn, relay: Relay, day: str) -> dict[str, Any]:
    """Return a relay's own page: what leaves, what is away, its account."""
    things = [(thing, row(conn, thing, relay, day)) for thing in reading.of_relay(conn, relay)]
    return {
        "relay": relay, "sort": _(relay.form.label), "provider": names.provider(conn, relay.relay),
        "to_send": [shown for thing, shown in things if relay.works and thing.state == KEPT],
        "away": [shown for thing, shown in things if thing.state == SENT],
        "envelopes": [shown for _thing, shown in things] if relay.sort == kinds.KEYS else [],
        "owed": reading.owed(conn, relay), "batches": batches(conn, relay) if relay.sort == kinds.BASKETS else [],
        "last_people": [names.of(conn, person) for person in reading.last_people(conn, relay.relay)],
    }  # fmt: skip


def batches(conn: Conn, relay: Relay) -> list[tuple[reading.Batch, str, int, int]]:
    """Return the hand-overs of a relay: the day in words, baskets to collect, baskets in all."""
    out = []
    for batch in reading.batches(conn, relay.relay):
        things = reading.baskets(conn, batch.batch)
        out.append((batch, words.long_day(batch.on), sum(thing.here for thing in things), len(things)))
    return out


def batch(conn: Conn, found: reading.Batch, relay: Relay, day: str) -> dict[str, Any]:
    """Return a hand-over: every basket to tick."""
    things = reading.baskets(conn, found.batch)
    return {
        "batch": found, "relay": relay, "on": words.long_day(found.on), "open": found.on <= day and not found.ended,
        "baskets": [row(conn, thing, relay, day) for thing in things], "left": sum(thing.here for thing in things),
        "collected": COLLECTED, "given_up": GIVEN_UP,
    }  # fmt: skip


def thing(conn: Conn, found: Thing, day: str) -> dict[str, Any]:
    """Return one thing and what can be done with it."""
    relay = kinds.one(conn, found.sort, day)
    assert relay is not None
    term = reading.term_of(found, relay)
    return {
        "it": row(conn, found, relay, day), "relay": relay, "gone": not MOVES[found.state], "phone": names.phone_of(conn, found.person),
        "owner": names.of(conn, found.person), "kept_on": words.long_day(found.kept_on), "moved_on": words.long_day(found.moved_on),
        "term": words.long_day(term) if term else "", "late": reading.late(found, relay, day), "can": MOVES[found.state],
        "reasons": [(code, _(word)) for code, word in keeping.GIVE_UP.items() if code != keeping.UNCLAIMED],
        "batch": reading.batch_of(conn, found.thing),
        **(_key(conn, found) if relay.sort == kinds.KEYS else {}),
    }  # fmt: skip


def _key(conn: Conn, found: Thing) -> dict[str, Any]:
    moves = reading.register(conn, found.thing)
    return {
        "allowed": [(person, names.of(conn, person) or _("forgotten"), person == found.person) for person in reading.allowed(conn, found.thing)],
        "proofs": [(code, _(word)) for code, word in keys.PROOFS.items()],
        "moves": [(move, names.of(conn, move["person"])) for move in moves], "out": found.state == SENT,
        "holder": names.of(conn, moves[0]["person"]) if moves and moves[0]["what"] == "out" else "",
    }  # fmt: skip


def settings(conn: Conn, day: str) -> list[tuple[Relay, str, dict[str, str]]]:
    """Return every relay with its sort in words and its provider."""
    return [(relay, _(relay.form.label), names.provider(conn, relay.relay)) for relay in kinds.every(conn, day)]


def totals(conn: Conn, day: str) -> dict[str, int]:
    """Return the day's totals typed at once, by counted service."""
    return {code: counting.total_of(conn, day, code) for code in CODES}


def manages(conn: Conn, by: str) -> bool:
    """Tell whether somebody may change the settings."""
    return till.role_of(conn, by) == "manager"
