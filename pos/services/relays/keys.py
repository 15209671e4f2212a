"""Keys of holiday homes: a sealed envelope under a code name, who may take it, when it went and came back.

Never the address: a key that is lost or stolen must open nothing that anybody could find.
"""

import re
from collections.abc import Sequence

from pos.engines import persons, shelf
from pos.engines.shelf import BACK, SENT, Thing
from pos.i18n import N_
from pos.ids import new_id
from pos.services.relays import events, kinds, names, reading
from pos.services.relays import refusals as no
from pos.services.relays.keeping import the_thing
from pos.services.relays.settings import in_use
from pos.store import Store, Writing

# What was seen, never what is written on it.
PROOFS = {"known": N_("Known to us"), "id_seen": N_("Identity document"), "message": N_("Message of the owner")}
_ADDRESS = re.compile(
    r"\d+\s*(?:bis|ter)?\s*,?\s*(?:rue|chemin|route|place|impasse|all[ée]e|avenue|boulevard|lotissement|quai|cours)\b"
    r"|\b(?:rue|chemin|route|impasse|avenue|boulevard|lieu-dit|hameau)\b|\b\d{5}\b",
    re.IGNORECASE,
)


def keep_key(
    store: Store, relay: str, *, name: str, code: str, phone: str = "", allowed: Sequence[str] = (), place: str = "",
    visit: str = "", by: str, attempt: str = "",
) -> Thing:  # fmt: skip
    """Keep an owner's key in a sealed envelope under a code name, with those who may take it.

    Raises NoSuchRelay, NameMissing, CodeNameMissing, AddressOnKey.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = in_use(tx, relay)
        if found.sort != kinds.KEYS:
            raise no.NoSuchRelay
        code = " ".join(code.split())[:30]
        if not code:
            raise no.CodeNameMissing
        if _ADDRESS.search(code):
            raise no.AddressOnKey(code=code)
        owner = persons.known(tx, names.PURPOSE, name, phone=phone)
        names.needed(tx, owner, found.hold_days)
        thing = shelf.keep(
            tx, found.service, prefix=found.form.prefix, sort=relay, place=place.strip().upper(), person=owner,
            owner=found.owner, visit=visit,
        )  # fmt: skip
        names.note(tx, thing.thing, code, found.hold_days)
        for one in (owner, *(_person(tx, who, found.hold_days) for who in allowed if who.strip())):
            _allow(tx, thing.thing, one)
        return thing


def _person(tx: Writing, name: str, days: int) -> str:
    known = persons.known(tx, names.PURPOSE, name)
    names.needed(tx, known, days)
    return known


def _allow(tx: Writing, thing: str, person: str) -> None:
    if person not in reading.allowed(tx.conn, thing):
        tx.record(events.RightGiven(thing=thing, person=person, day=tx.today))


def allow(store: Store, thing: str, name: str, *, by: str, attempt: str = "") -> str:
    """Let somebody take a key, as its owner asked; return their id. Raises NameMissing, NotOnShelf."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = _key(tx, thing)
        person = _person(tx, name, _days(tx, found))
        _allow(tx, found.thing, person)
        return person


def end_right(store: Store, thing: str, person: str, *, by: str, attempt: str = "") -> None:
    """Somebody may no longer take a key. Raises NotAuthorised."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = _key(tx, thing)
        if person not in reading.allowed(tx.conn, found.thing):
            raise no.NotAuthorised
        tx.record(events.RightEnded(thing=found.thing, person=person, day=tx.today))


def take_key(
    store: Store, thing: str, *, person: str, proof: str, due_on: str = "", visit: str = "", by: str, attempt: str = ""
) -> events.KeyTaken:
    """Somebody who may takes a key away; the register says when, and what was seen.

    Raises NotAuthorised, ProofOfKeyNeeded, KeyIsOut.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = _key(tx, thing)
        if found.state == SENT:
            raise no.KeyIsOut(number=found.number)
        if person not in reading.allowed(tx.conn, found.thing):
            raise no.NotAuthorised
        if proof not in PROOFS:
            raise no.ProofOfKeyNeeded
        days = _days(tx, found)
        for kept_as in (person, found.person, found.thing):
            names.needed(tx, kept_as, days)
        shelf.move(tx, found.thing, SENT, proof=proof)
        event = events.KeyTaken(
            thing=found.thing,
            person=person,
            proof=proof,
            day=tx.today,
            visit=visit or new_id(tx.now),
            due_on=due_on[:10],
        )
        tx.record(event)
        return event


def bring_key(
    store: Store, thing: str, *, place: str = "", visit: str = "", by: str, attempt: str = ""
) -> events.KeyBrought:
    """A key is back in its envelope. Raises NotOnShelf."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = _key(tx, thing)
        shelf.move(tx, found.thing, BACK, place=place.strip().upper())
        event = events.KeyBrought(thing=found.thing, day=tx.today, visit=visit or new_id(tx.now))
        tx.record(event)
        return event


def _key(tx: Writing, code: str) -> Thing:
    found = the_thing(tx, code)
    relay = kinds.one(tx.conn, found.sort, tx.today)
    if relay is None or relay.sort != kinds.KEYS:
        raise shelf.NoSuchThing(number=code[:20])
    if not shelf.MOVES[found.state]:
        raise shelf.NotOnShelf(number=found.number)
    return found


def _days(tx: Writing, thing: Thing) -> int:
    relay = kinds.one(tx.conn, thing.sort, tx.today)
    return relay.hold_days if relay else kinds.SORTS[kinds.KEYS].hold_days
