"""Finding a parcel: by its label, by the last characters of its number, by name, by place."""

import re
import sqlite3
from dataclasses import dataclass

from pos import private
from pos.engines import labels
from pos.services.parcels import names, numbers, reading, refs, terms
from pos.services.parcels.reading import WAITING, Parcel
from pos.services.parcels.refusals import NoSuchParcel, SeveralParcels
from pos.services.parcels.tables import OUT

_PLACE = re.compile(r"[A-Z]{1,3}\d{0,2}")
# One letter would find everybody.
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Found:
    """A parcel, with what the private store still knows of it."""

    parcel: Parcel
    name: str
    number: str


def is_place(text: str) -> bool:
    """Tell whether a text is a place: one to three letters, up to two digits."""
    return bool(_PLACE.fullmatch(text))


def by_code(conn: sqlite3.Connection, code: str) -> list[Parcel]:
    """Return the parcels a label belongs to, those still here first."""
    key = refs.key(conn)
    if key is None:
        return []
    exact = [r.number for r in numbers.readings(code)] or [labels.clean(code).strip("%")[:40]]
    wanted = [refs.ref_of(key, carrier, number) for number in dict.fromkeys(exact) if number for carrier in terms.NAMES]
    return reading.by_refs(conn, wanted)


def the_parcel(conn: sqlite3.Connection, code: str) -> Parcel:
    """Return the parcel of an id or a label; raise NoSuchParcel, or SeveralParcels when two wait."""
    one = reading.parcel(conn, code)
    if one is not None:
        return one
    found = by_code(conn, code)
    if not found:
        raise NoSuchParcel(code=code[-8:])
    here = [p for p in found if p.state in (*WAITING, OUT)]
    if len(here) > 1:
        raise SeveralParcels
    return found[0]


def with_words(conn: sqlite3.Connection, found: Parcel) -> Found:
    """Return a parcel with its name and number, empty once forgotten."""
    return Found(found, names.name_of(conn, found.parcel_id), names.number_of(conn, found.parcel_id))


def find(conn: sqlite3.Connection, text: str, limit: int = 8) -> list[Found]:
    """Return what a typed or scanned text may mean: here before gone, end of number before middle."""
    text = " ".join(text.split())
    if len(text) < _SHORTEST:
        return []
    ranked: dict[str, int] = {p.parcel_id: 0 for p in by_code(conn, text)} if len(labels.clean(text)) >= 8 else {}
    compact = text.replace(" ", "").upper()
    if is_place(compact):
        for parcel in reading.at_place(conn, compact):
            ranked.setdefault(parcel.parcel_id, 2)
    for parcel_id, ends in names.by_number(conn, compact):
        ranked.setdefault(parcel_id, 1 if ends else 4)
    wanted = private.fold(text)
    for parcel_id in names.by_name(conn, text):
        begins = any(word.startswith(wanted) for word in _words(conn, parcel_id))
        ranked.setdefault(parcel_id, 2 if begins else 3)
    found = [(rank, p) for parcel_id, rank in ranked.items() if (p := reading.parcel(conn, parcel_id))]
    found.sort(key=lambda item: (item[1].state not in (*WAITING, OUT), item[0], -item[1].came_at))
    return [with_words(conn, parcel) for _rank, parcel in found[:limit]]


def same_person(conn: sqlite3.Connection, parcel: Parcel) -> list[Found]:
    """Return the other parcels that wait under the same name."""
    name = names.name_of(conn, parcel.parcel_id)
    if not name:
        return []
    wanted = private.fold(name)
    others = (reading.parcel(conn, other) for other in names.by_name(conn, name) if other != parcel.parcel_id)
    here = [with_words(conn, p) for p in others if p and p.state == "stored"]
    return [found for found in here if private.fold(found.name) == wanted]


def _words(conn: sqlite3.Connection, parcel_id: str) -> list[str]:
    name = private.fold(names.name_of(conn, parcel_id))
    return [name, *name.split()]
