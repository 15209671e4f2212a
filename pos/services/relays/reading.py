"""What is asked of the relays' tables: what waits and for how long, keys and baskets, accounts, the month's sheet."""

import sqlite3
from dataclasses import dataclass

from pos.engines import shelf
from pos.engines.shelf import BACK, HERE, KEPT, SENT, Thing
from pos.services.relays import kinds
from pos.services.relays.kinds import Relay
from pos.services.relays.tables import CODES, GONE, LEFT
from pos.till import tables as till

Conn = sqlite3.Connection


def waiting(conn: Conn) -> list[Thing]:
    """Return everything not yet gone, oldest first."""
    return sorted((thing for code in CODES for thing in shelf.waiting(conn, code)), key=lambda thing: thing.kept_at)


def of_relay(conn: Conn, relay: Relay) -> list[Thing]:
    """Return what a relay holds or has sent, oldest first."""
    return [thing for thing in shelf.waiting(conn, relay.service) if thing.sort == relay.relay]


def to_send(conn: Conn, relay: Relay) -> list[Thing]:
    """Return what waits to leave for the workshop."""
    return [thing for thing in of_relay(conn, relay) if relay.works and thing.state == KEPT]


def by_code(conn: Conn, code: str) -> Thing | None:
    """Return a thing of ours by its number (`N-12`) or its id."""
    code = code.strip()
    for service in CODES:
        found = shelf.by_number(conn, service, code)
        if found is not None:
            return found
    row = conn.execute("SELECT 1 FROM relay_thing WHERE thing = ?", (code,)).fetchone()
    return shelf.one(conn, code) if row else None


def due_of(conn: Conn, thing: Thing) -> int:
    """Return what is to pay for a thing, in cents."""
    row = conn.execute("SELECT amount FROM relay_price WHERE thing = ?", (thing.thing,)).fetchone()
    return int(row[0]) if row else thing.due_cents


def term_of(thing: Thing, relay: Relay) -> str:
    """Return the last day a thing that may be collected is kept; empty while it may not."""
    if thing.state not in HERE or (relay.works and thing.state == KEPT):
        return ""
    return shelf.days_after(thing.due_on or thing.moved_on, relay.hold_days)


def late(thing: Thing, relay: Relay, day: str) -> bool:
    """Tell whether a thing waits beyond its term."""
    term = term_of(thing, relay)
    return bool(term) and term < day


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to do, as numbers of things."""

    here: int
    to_send: int
    away: int
    to_call: int
    overdue: int
    keys_out: int
    keys_late: int
    baskets: int


def standing(conn: Conn, day: str) -> Standing:
    """Return what there is to do on a day."""
    relays = {relay.relay: relay for relay in kinds.every(conn, day)}
    known = [(thing, relays[thing.sort]) for thing in waiting(conn) if thing.sort in relays]
    work = [(thing, relay) for thing, relay in known if relay.works]
    keys = [thing for thing, relay in known if relay.sort == kinds.KEYS and thing.state == SENT]
    return Standing(
        here=sum(thing.here for thing, _relay in known), to_send=sum(thing.state == KEPT for thing, _relay in work),
        away=sum(thing.state == SENT for thing, _relay in work), to_call=sum(thing.state == BACK for thing, _relay in work),
        overdue=sum(late(thing, relay, day) for thing, relay in known if relay.sort != kinds.BASKETS),
        keys_out=len(keys), keys_late=sum(bool(due) and due < day for due in (key_due(conn, thing.thing) for thing in keys)),
        baskets=sum(thing.here and thing.due_on <= day for thing, relay in known if relay.sort == kinds.BASKETS),
    )  # fmt: skip


# Keys


def allowed(conn: Conn, thing: str) -> list[str]:
    """Return the ids of those who may take a key."""
    return [row[0] for row in conn.execute("SELECT person FROM relay_right WHERE thing = ? ORDER BY person", (thing,))]


def register(conn: Conn, thing: str, limit: int = 30) -> list[sqlite3.Row]:
    """Return when a key went and came back, newest first."""
    return conn.execute(
        "SELECT * FROM relay_key_move WHERE thing = ? ORDER BY seq DESC LIMIT ?", (thing, limit)
    ).fetchall()


def key_due(conn: Conn, thing: str) -> str:
    """Return the day an absent key should be back, empty when none was said."""
    moves = register(conn, thing, 1)
    return str(moves[0]["due_on"]) if moves and moves[0]["what"] == "out" else ""


# Baskets


@dataclass(frozen=True, slots=True)
class Batch:
    """A hand-over of baskets."""

    batch: str
    relay: str
    on: str
    first: str
    last: str
    ended: bool


def _batch(row: sqlite3.Row) -> Batch:
    return Batch(row["batch"], row["relay"], row["on_day"], row["first"], row["last"], bool(row["ended"]))


def batch(conn: Conn, batch_id: str) -> Batch | None:
    """Return a hand-over."""
    row = conn.execute(
        "SELECT batch, relay, on_day, first, last, ended FROM relay_batch WHERE batch = ?", (batch_id,)
    ).fetchone()
    return _batch(row) if row else None


def batch_of(conn: Conn, thing: str) -> Batch | None:
    """Return the hand-over a basket belongs to."""
    row = conn.execute("SELECT batch FROM relay_thing WHERE thing = ? AND batch <> ''", (thing,)).fetchone()
    return batch(conn, row[0]) if row else None


def batches(conn: Conn, relay: str = "") -> list[Batch]:
    """Return hand-overs not ended, soonest first."""
    rows = conn.execute(
        "SELECT batch, relay, on_day, first, last, ended FROM relay_batch WHERE ended = 0 AND (? = '' OR relay = ?)"
        " ORDER BY on_day, first", (relay, relay),
    )  # fmt: skip
    return [_batch(row) for row in rows]


def baskets(conn: Conn, batch_id: str) -> list[Thing]:
    """Return the baskets of a hand-over, in the order of the list."""
    rows = conn.execute("SELECT thing FROM relay_thing WHERE batch = ?", (batch_id,)).fetchall()
    return sorted((shelf.one(conn, row[0]) for row in rows), key=lambda thing: int(thing.number.rpartition("-")[2]))


def last_people(conn: Conn, relay: str) -> list[str]:
    """Return the ids of those on the last list of baskets of a relay."""
    row = conn.execute(
        "SELECT batch FROM relay_batch WHERE relay = ? ORDER BY on_day DESC, batch DESC LIMIT 1", (relay,)
    ).fetchone()
    return [thing.person for thing in baskets(conn, row[0])] if row else []


# Money and the month


def owed(conn: Conn, relay: Relay) -> int:
    """Return what the café holds for a provider."""
    return till.third_parties(conn).get(relay.owner, 0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A relay's month."""

    relay: Relay
    left: int
    collected: int
    given_up: int
    money: int
    commission: int
    paid: int


def sheet(conn: Conn, first: str, last: str) -> list[Sheet]:
    """Return each relay's figures for a span of days."""
    counts: dict[tuple[str, str], tuple[int, int]] = {}
    for relay, what, n, amount in conn.execute(
        "SELECT relay, what, sum(n), sum(amount) FROM relay_count WHERE day >= ? AND day <= ? GROUP BY relay, what",
        (first, last),
    ):
        counts[relay, what] = (int(n), int(amount))
    paid = {
        row[0]: (int(row[1]), int(row[2]))
        for row in conn.execute(
            "SELECT relay, sum(commission), sum(paid) FROM relay_paid WHERE day >= ? AND day <= ? GROUP BY relay",
            (first, last),
        )
    }
    return [
        Sheet(
            relay, counts.get((relay.relay, LEFT), (0, 0))[0], *counts.get((relay.relay, GONE), (0, 0))[:1],
            counts.get((relay.relay, shelf.GIVEN_UP), (0, 0))[0], counts.get((relay.relay, GONE), (0, 0))[1],
            *paid.get(relay.relay, (0, 0)),
        )
        for relay in kinds.every(conn, last)
    ]  # fmt: skip
