"""Instances: letters and parcels that wait here for their recipients, on the shelf engine.

Kept fifteen days after the notice, handed over against a kind of proof (never a number), or returned.
"""

from pos import private
from pos.engines import persons, shelf
from pos.engines.labels import INVALID, PARCEL, REGISTERED, TRACKED, clean, read_postal
from pos.i18n import N_
from pos.ids import new_id
from pos.services.post import reading, words
from pos.services.post import refusals as no
from pos.services.post.mail import in_use, keep_private
from pos.services.post.tables import POST
from pos.store import Store, Writing

PREFIX = "P"
SORTS = (REGISTERED, TRACKED, PARCEL)
# What was seen, never what is written on it.
PROOFS = {
    "id_seen": N_("Identity document"), "proxy": N_("Proxy and identity document"), "code": N_("Code of the notice"),
}  # fmt: skip
DEADLINE, REFUSED, WRONG = "deadline", "refused", "wrong_address"


def keep_instance(
    store: Store, *, code: str = "", sort: str = "", name: str = "", place: str = "", asked: str = "", by: str,
    attempt: str = "",
) -> shelf.Thing:  # fmt: skip
    """Keep mail for its recipient until the term of the notice; return it with its short number.

    Raises NotARelay, NumberMissing, NotASort, AlreadyTaken, ReadTwice.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        agreed = in_use(tx)
        label, name = read_postal(code), " ".join(name.split())[:60]
        if not label.number and not name:
            raise no.NumberMissing
        sort = sort or (label.sort if label.sort in SORTS else REGISTERED)
        if sort not in SORTS:
            raise no.NotASort(sort=sort[:12])
        if label.number and reading.instance_by_number(tx.conn, label.number):
            raise no.AlreadyTaken(tail=label.tail)
        if label.check == INVALID and clean(asked) != label.number:
            raise no.ReadTwice(number=label.number)
        person = keep_private(tx, new_id(tx.now), number=label.number, name=name)
        due_on = shelf.days_after(tx.today, agreed.hold_days)
        private.keep_until(tx.conn, person, persons.keep_until(due_on, POST))
        return shelf.keep(
            tx, POST, prefix=PREFIX, sort=sort, place=place.strip().upper(), person=person, due_on=due_on, counts=False
        )


def hand_instance(
    store: Store, thing: str, *, proof: str, notice: bool = True, visit: str = "", by: str, attempt: str = ""
) -> shelf.Thing:
    """Hand an instance over against a kind of proof, with its notice or without; one use of the visit.

    Raises ProofNeeded, NoSuchThing, NotOnShelf.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        if proof not in PROOFS:
            raise no.ProofNeeded
        found = the_instance(tx, thing)
        gone = shelf.move(
            tx, found.thing, shelf.COLLECTED, visit=visit or new_id(tx.now), proof=proof, reason="notice" if notice else "",
            counts=True,
        )  # fmt: skip
        private.keep_until(tx.conn, found.person, persons.keep_until(tx.today, POST))
        return gone


def return_instance(store: Store, thing: str, *, reason: str = DEADLINE, by: str, attempt: str = "") -> shelf.Thing:
    """Give an instance back to La Poste: its term is over, it was refused, or nobody knows the person.

    Raises NotYetReturned, NoSuchThing, NotOnShelf.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        found = the_instance(tx, thing)
        if reason not in (REFUSED, WRONG) and not found.overdue(tx.today):
            raise no.NotYetReturned(day=words.long_day(found.due_on))
        gone = shelf.move(tx, found.thing, shelf.GIVEN_UP, reason=reason if reason in (REFUSED, WRONG) else DEADLINE)
        private.keep_until(tx.conn, found.person, persons.keep_until(tx.today, POST))
        return gone


def the_instance(tx: Writing, code: str) -> shelf.Thing:
    """Return an instance by its id, its short number or its label; raise NoSuchThing."""
    found = reading.instance_by_number(tx.conn, code)
    if found is None:
        found = shelf.one(tx.conn, code)
    if found.service != POST:
        raise shelf.NoSuchThing(number=code[:20])
    return found
