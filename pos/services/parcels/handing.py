"""Handing over: proof, third persons, several parcels for one person, mistakes undone the same day."""

import re
from collections.abc import Sequence

from pos.ids import new_id
from pos.services.parcels import events, names, reading, search, terms, words
from pos.services.parcels import refusals as no
from pos.services.parcels.intake import a_place, known_terms
from pos.services.parcels.reading import Parcel
from pos.services.parcels.tables import HANDED, MISSING, STORED
from pos.store import Store, Writing

_VISIT = re.compile(r"[0-9A-Za-z:._-]{1,40}")


def hand_over(
    store: Store, *, by: str, attempt: str = "", parcel: str = "", parcels: Sequence[str] = (),
    proof: str = terms.CODE, third_party: bool = False, visit: str = "",
) -> str:  # fmt: skip
    """Give a parcel, or several of one person, against a proof; return the visit.

    `visit` joins the visit of the open bill or of the parcel before (« même client »); several
    parcels given together are one visit.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        joined = a_visit(visit)
        wanted = list(dict.fromkeys([*([parcel] if parcel else []), *parcels]))
        if not wanted:
            raise no.NoSuchParcel(code="")
        together = joined or new_id(tx.now)
        for place, code in enumerate(wanted):
            found = search.the_parcel(tx.conn, code)
            _check_here(found)
            check_proof(tx, found, proof, third_party=third_party)
            tx.record(events.HandedOver(
                parcel=found.parcel_id, carrier=found.carrier, proof=proof, third_party=third_party, day=tx.today,
                visit=together, visit_by="person" if place else ("tap" if joined else ""),
                visit_again=reading.parcels_of_visit(tx.conn, together) > 0,
            ))  # fmt: skip
            names.left(tx.conn, found.parcel_id, tx.today)
        return together


def _check_here(found: Parcel) -> None:
    if found.state == HANDED:
        raise no.AlreadyHandedOver(day=words.short_day(found.left_on), hour=words.hour(found.left_at))
    if found.state not in (STORED, MISSING):
        raise no.NotHere(state=words.state(found.state))


def check_proof(tx: Writing, found: Parcel, proof: str, *, third_party: bool) -> None:
    """Refuse a proof the carrier does not take from this person."""
    agreed = known_terms(tx.conn, found.carrier, tx.today)
    carrier = words.carrier(found.carrier)
    if proof not in terms.PROOFS:
        raise no.ProofNotAccepted(carrier=carrier, proof=proof[:24], accepted=words.proofs(agreed.proofs))
    if third_party:
        if proof in agreed.third_proofs:
            return
        accepted = words.proofs(agreed.third_proofs)
        if proof == terms.PROXY:
            raise no.WrittenProxyRefused(carrier=carrier, accepted=accepted)
        raise no.ThirdPersonNeeds(carrier=carrier, proof=words.proof(proof), accepted=accepted)
    if proof not in agreed.proofs:
        raise no.ProofNotAccepted(carrier=carrier, proof=words.proof(proof), accepted=words.proofs(agreed.proofs))


def undo_hand_over(store: Store, *, by: str, attempt: str = "", parcel: str) -> None:
    """Put a parcel handed over today by mistake back on its shelf, by a new entry."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = search.the_parcel(tx.conn, parcel)
        if found.state != HANDED:
            raise no.NotHere(state=words.state(found.state))
        if found.left_on != tx.today:
            raise no.TooLateToUndo(day=words.long_day(found.left_on))
        last = reading.parcels_of_visit(tx.conn, found.visit) == 1
        tx.record(events.HandOverUndone(parcel=found.parcel_id, visit=found.visit, day=tx.today, cancels=last))
        names.came_back(tx.conn, found.parcel_id, tx.today)


def refuse_by_recipient(store: Store, *, by: str, attempt: str = "", parcel: str, reason: str) -> None:
    """The person does not want the parcel: it waits for the driver."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = search.the_parcel(tx.conn, parcel)
        if reason not in words.RECIPIENT_REASONS:
            raise no.NotAReason
        if found.state != STORED:
            raise no.NotHere(state=words.state(found.state))
        tx.record(events.RefusedByRecipient(parcel=found.parcel_id, reason=reason, day=tx.today))


def mark_missing(store: Store, *, by: str, attempt: str = "", parcel: str) -> None:
    """Note that a parcel is not at its place."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = search.the_parcel(tx.conn, parcel)
        if found.state != STORED:
            raise no.NotHere(state=words.state(found.state))
        tx.record(events.WentMissing(parcel=found.parcel_id, day=tx.today))


def mark_found(store: Store, *, by: str, attempt: str = "", parcel: str, place: str = "") -> None:
    """Note that a missing parcel was found, and where it now is."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = _missing(tx, parcel)
        where = a_place(place) if place else found.place
        tx.record(events.ParcelFound(parcel=found.parcel_id, place=where, day=tx.today))


def declare_lost(store: Store, *, by: str, attempt: str = "", parcel: str) -> None:
    """Declare a missing parcel lost to its carrier."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = _missing(tx, parcel)
        tx.record(events.DeclaredLost(parcel=found.parcel_id, day=tx.today))
        names.left(tx.conn, found.parcel_id, tx.today)


def _missing(tx: Writing, parcel: str) -> Parcel:
    found = search.the_parcel(tx.conn, parcel)
    if found.state != MISSING:
        raise no.NotHere(state=words.state(found.state))
    return found


def a_visit(text: str) -> str:
    """Return the visit to join, or an empty text; raise NotAVisit."""
    if text and not _VISIT.fullmatch(text):
        raise no.NotAVisit
    return text
