"""What the relay's screens show: one parcel in all its states, the day's list, shelves, a delivery.

Pure reading; every word is French already, so that templates only place it.
"""

import sqlite3
from dataclasses import dataclass, field

from pos.i18n import N_, _, ngettext
from pos.services.parcels import reading, search, terms, words
from pos.services.parcels.reading import Delivery, Parcel
from pos.services.parcels.search import Found
from pos.services.parcels.tables import (
    AT_INTAKE,
    GIVEN,
    HANDED,
    LOST,
    MISSING,
    OUT,
    OUTBOUND,
    REFUSED,
    STORED,
    TAKEN,
)

# The side list is a list, not a book: search finds the rest.
ROWS_MAX = 60
USUAL_SHELVES = "ABCDEF"

_SIGNS = {
    STORED: ("shelf", "info"), "overdue": ("clock", "warn"), HANDED: ("check", "good"), "returned": ("truck", ""),
    REFUSED: ("clock", "warn"), MISSING: ("alert", "warn"), LOST: ("alert", ""), AT_INTAKE: ("truck", ""),
    OUT: ("parcel", "info"), GIVEN: ("truck", ""), TAKEN: ("undo", ""),
}  # fmt: skip
_PROOF_KEYS = (
    (terms.CODE, N_("Code or QR"), "qr"),
    (terms.ID_SEEN, N_("Document seen"), "id"),
    (terms.PIN, N_("Release code"), "lock"),
    (terms.SIGNED, N_("Signed on the device"), "pen"),
)
_THIRD_KEYS = (
    (terms.CODE, N_("Somebody else, with the code")),
    (terms.BOTH_IDS, N_("Somebody else, both documents")),
    (terms.ID_AND_COPY, N_("Somebody else, document and copy")),
    (terms.PIN, N_("Somebody else, release code")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel in a list."""

    parcel_id: str
    place: str
    title: str
    detail: str
    # Last characters of its number, empty once forgotten.
    end: str
    state: str
    sign: str
    tone: str
    gone: bool


@dataclass(frozen=True, slots=True)
class ProofKey:
    """A proof the carrier takes, as a key."""

    value: str
    label: str
    sign: str


@dataclass(frozen=True, slots=True)
class Card:
    """One parcel, whole."""

    row: Row
    code: str
    name: str
    carrier: str
    # The number, its end apart: that is what people read aloud.
    number: str
    number_end: str
    place: str
    facts: list[tuple[str, str, str]]
    steps: list[tuple[str, str, bool]]
    proofs: list[ProofKey]
    third_rule: str
    others: list[Row]
    undoable: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class Side:
    """The day at the right: four figures and the list."""

    tally: reading.DayTally
    rows: list[Row]
    more: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A letter of the shelves and what lies there."""

    letter: str
    n: int
    due: int


@dataclass(frozen=True, slots=True)
class DeliveryCard:
    """A delivery while it is read."""

    delivery: Delivery
    carrier: str
    read: int
    rows: list[Row]
    missing: int
    last: Row | None = None


@dataclass(frozen=True, slots=True)
class DriverCard:
    """What one carrier's driver takes away, and whether his parcels are being read."""

    carrier: str
    name: str
    reading: bool
    returns: list[Row] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)


def row(conn: sqlite3.Connection, parcel: Parcel, day: str) -> Row:
    """Return a parcel as a line of a list."""
    found = search.with_words(conn, parcel)
    state = "overdue" if parcel.overdue(day) else parcel.state
    sign, tone = _SIGNS[state]
    gone = bool(parcel.left_on)
    title = found.name or _untitled(found)
    end = found.number[-4:]
    carrier = words.carrier(parcel.carrier)
    when = _("at %(hour)s", hour=words.hour(parcel.left_at)) if gone else end if found.name else ""
    if parcel.direction == OUTBOUND:
        carrier = _("sent by %(carrier)s", carrier=carrier)
    return Row(
        parcel_id=parcel.parcel_id, place="–" if gone else parcel.place or "?", title=title,
        detail=", ".join(part for part in (carrier, when) if part), end=end, state=words.state(state), sign=sign,
        tone=tone, gone=gone,
    )  # fmt: skip


def _untitled(found: Found) -> str:
    if found.number:
        return f"…{found.number[-4:]}"
    return _("Number forgotten")


def card(conn: sqlite3.Connection, parcel: Parcel, day: str) -> Card:
    """Return a parcel's page."""
    found = search.with_words(conn, parcel)
    agreed = reading.terms_on(conn, parcel.carrier, day)
    here = parcel.state in (STORED, MISSING)
    return Card(
        row=row(conn, parcel, day), code=parcel.state, name=found.name, carrier=words.carrier(parcel.carrier),
        number=found.number[:-4], number_end=found.number[-4:], place=parcel.place, facts=_facts(parcel, day),
        steps=_steps(parcel), proofs=proof_keys(agreed) if here else [], third_rule=_third_rule(agreed) if here else "",
        others=[row(conn, other.parcel, day) for other in search.same_person(conn, parcel)] if here else [],
        undoable=parcel.state == HANDED and parcel.left_on == day, overdue=parcel.overdue(day),
    )  # fmt: skip


def proof_keys(agreed: terms.Terms) -> list[ProofKey]:
    """Return the proofs of a carrier, what the recipient shows first, then what somebody else shows."""
    own = [ProofKey(kind, _(label), sign) for kind, label, sign in _PROOF_KEYS if kind in agreed.proofs]
    third = [ProofKey(f"{kind}+", _(label), "two") for kind, label in _THIRD_KEYS if kind in agreed.third_proofs]
    return own + third


def _third_rule(agreed: terms.Terms) -> str:
    # Where there is a choice, the keys say it.
    if agreed.third_proofs != (terms.BOTH_IDS,):
        return ""
    return _("Somebody else: %(accepted)s; no written proxy.", accepted=words.proofs(agreed.third_proofs))


def _facts(parcel: Parcel, day: str) -> list[tuple[str, str, str]]:
    if parcel.direction == OUTBOUND:
        facts = [(_("Dropped off here"), words.long_day(parcel.came_on), "")]
    else:
        facts = [(_("Arrived here"), words.long_day(parcel.came_on), "")]
    if parcel.state in (STORED, MISSING):
        facts.append(
            (_("Kept until"), f"{words.short_day(parcel.deadline_on)}, {_left(parcel, day)}", _tone(parcel, day))
        )
    if parcel.left_on:
        facts.append((words.state(parcel.state), f"{words.long_day(parcel.left_on)}, {words.hour(parcel.left_at)}", ""))
    if parcel.proof:
        third = _(", to somebody else") if parcel.third_party else ""
        facts.append((_("Proof seen"), words.proof(parcel.proof) + third, ""))
    look = [_(words.SIZES[parcel.size])] if parcel.size else []
    look += [_("damaged on arrival")] if parcel.damaged else []
    if parcel.check_status == "invalid":
        look.append(words.check(parcel.check_status))
    if look:
        facts.append((_("Look of the parcel"), ", ".join(look), "warn" if parcel.damaged else ""))
    reasons = {**words.INTAKE_REASONS, **words.RECIPIENT_REASONS, **words.RETURN_REASONS}
    if parcel.reason:
        facts.append((_("Reason noted"), _(reasons.get(parcel.reason, parcel.reason)), ""))
    return facts


def _left(parcel: Parcel, day: str) -> str:
    left = words.days_between(day, parcel.deadline_on)
    if left > 0:
        return ngettext("%(n)s day more", "%(n)s days more", left)
    if left == 0:
        return _("last day kept")
    return ngettext("overdue by %(n)s day", "overdue by %(n)s days", -left)


def _tone(parcel: Parcel, day: str) -> str:
    return "warn" if words.days_between(day, parcel.deadline_on) <= 0 else ""


def _steps(parcel: Parcel) -> list[tuple[str, str, bool]]:
    """Return the life of a parcel in three words: (word, icon or nothing when to come, current)."""
    if parcel.direction == OUTBOUND:
        here, gone = (_("Dropped off here"), "check"), (words.state(parcel.state if parcel.left_on else GIVEN), "truck")
        return [(*here, parcel.state == OUT), (gone[0], gone[1] if parcel.left_on else "", bool(parcel.left_on))]
    if parcel.state == AT_INTAKE:
        return [(words.state(AT_INTAKE), "truck", True)]
    last = words.state(parcel.state) if parcel.left_on else _("Handed over")
    now = words.state(parcel.state) if not parcel.left_on else _("On the shelf")
    return [
        (_("Arrived here"), "check", False),
        (now, _SIGNS[parcel.state][0] if not parcel.left_on else "check", not parcel.left_on),
        (last, _SIGNS[parcel.state][0] if parcel.left_on else "", bool(parcel.left_on)),
    ]


def side(conn: sqlite3.Connection, day: str) -> Side:
    """Return the day's list: what is to return, what waits, what waits for the driver, what left."""
    here = sorted(
        reading.waiting(conn), key=lambda p: (not p.to_return(day), p.state != MISSING, -p.came_at, -p.came_seq)
    )
    every = [*here, *reading.outgoing(conn), *reading.left_on(conn, day)]
    return Side(reading.tally(conn, day), [row(conn, p, day) for p in every[:ROWS_MAX]], max(0, len(every) - ROWS_MAX))


def shelves(conn: sqlite3.Connection, day: str) -> list[Shelf]:
    """Return every shelf letter, the usual ones and those in use, with what lies there."""
    lying: dict[str, list[Parcel]] = {letter: [] for letter in USUAL_SHELVES}
    for parcel in [*reading.waiting(conn), *reading.outgoing(conn)]:
        lying.setdefault(parcel.place.rstrip("0123456789") or "?", []).append(parcel)
    return [
        Shelf(letter, len(parcels), sum(p.to_return(day) for p in parcels))
        for letter, parcels in sorted(lying.items(), key=lambda item: (item[0] == "?", item[0]))
    ]


def on_shelf(conn: sqlite3.Connection, letter: str, day: str) -> list[Row]:
    """Return what lies on a shelf, or nowhere for "?"."""
    lying = [
        p for p in [*reading.waiting(conn), *reading.outgoing(conn)] if (p.place.rstrip("0123456789") or "?") == letter
    ]
    return [row(conn, p, day) for p in sorted(lying, key=lambda p: (p.place, p.came_at))]


def delivery_card(conn: sqlite3.Connection, found: Delivery, day: str) -> DeliveryCard:
    """Return a delivery with its counter and its parcels, the latest first."""
    parcels = reading.of_delivery(conn, found.delivery_id)
    rows = [row(conn, p, day) for p in parcels[:ROWS_MAX]]
    read = found.accepted + found.refused
    last = next((r for r, p in zip(rows, parcels, strict=False) if p.state == STORED), None)
    return DeliveryCard(found, words.carrier(found.carrier), read, rows, max(0, found.announced - read), last)


def driver_cards(conn: sqlite3.Connection, day: str) -> list[DriverCard]:
    """Return what each carrier's driver should take away."""
    open_now = {d.carrier for d in reading.open_deliveries(conn)}
    due, sent = reading.to_return(conn, day), reading.outgoing(conn)
    carriers = [t.carrier for t in reading.carriers_in_use(conn, day)]
    carriers += [p.carrier for p in [*due, *sent] if p.carrier not in carriers]
    return [
        DriverCard(
            carrier, words.carrier(carrier), carrier in open_now,
            [row(conn, p, day) for p in due if p.carrier == carrier],
            [row(conn, p, day) for p in sent if p.carrier == carrier],
        )
        for carrier in dict.fromkeys(carriers)
    ]  # fmt: skip


def open_now(conn: sqlite3.Connection) -> list[Delivery]:
    """Return deliveries being read, with their counts so far, the latest first."""
    return [d for one in reading.open_deliveries(conn) if (d := reading.delivery(conn, one.delivery_id))]
