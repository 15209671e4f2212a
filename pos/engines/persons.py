"""People the café knows for a purpose: kept apart from the journal, exported and erased on request (R140–R148).

The journal says only that a person became known or was forgotten, by opaque id.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from pos import private
from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature
from pos.i18n import N_
from pos.store import Store, Writing


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a person is known, and how long after the last need (services.md B.0.5)."""

    code: str
    label: str
    days: int


# Dated by the release; the retention is a proposal of the domain notes, to be reviewed with the DPO.
PURPOSES = {
    purpose.code: purpose
    for purpose in (
        Purpose("bread", N_("Bread orders"), 365),
        Purpose("parcels", N_("Parcels"), 30),
        Purpose("post", N_("Letters and parcels waiting for La Poste"), 30),
        Purpose("meals", N_("Meals"), 730),
        Purpose("members", N_("Members"), 1095),
        Purpose("accounts", N_("Customer accounts and slate"), 1825),
        Purpose("bikes", N_("Bike rentals"), 365),
        Purpose("loans", N_("Loans"), 365),
        Purpose("relays", N_("Things left in keeping"), 90),
        Purpose("gatherings", N_("Registrations"), 90),
        Purpose("partners", N_("Suppliers and partners"), 3650),
        # Code de commerce L. 123-22: an invoice is kept ten years, with the name on it.
        Purpose("invoices", N_("Invoices to persons"), 3660),
    )
}


class NameMissing(Refusal):
    """A person needs a name to be found again."""

    sentence = N_("The name is missing.")
    remedy = N_("Type a name, or the first letters to find it.")


class NobodyKnown(Refusal):
    """The person is not known, or was forgotten."""

    sentence = N_("This person is no longer known here.")
    remedy = N_("Enter the name again.")


class PersonErased(Event, frozen=True, kw_only=True):
    """Somebody was erased on request, or every date had passed."""

    kind = "persons.erased"
    person: str
    purpose: str


class PersonExported(Event, frozen=True, kw_only=True):
    """What is known of somebody was handed to them."""

    kind = "persons.exported"
    person: str


EVENTS = (PersonErased, PersonExported)


def known(tx: Writing, purpose: str, name: str, *, phone: str = "", person: str = "", **facts: Any) -> str:
    """Keep or refresh a person for a purpose; return the opaque id. Raises NameMissing."""
    name = " ".join(name.split())[:60]
    if not name:
        raise NameMissing
    if not person:
        same = [
            p
            for p, f in private.search(tx.conn, purpose, name)
            if private.fold(str(f.get("name"))) == private.fold(name)
        ]
        person = same[0] if same else ""
    old = private.recall(tx.conn, person) if person else {}
    facts = {**{k: v for k, v in old.items() if k not in ("name", "phone")}, **facts}
    return private.remember(
        tx.conn, purpose=purpose, purge_after=keep_until(tx.today, purpose), now_ms=tx.now, person_id=person, name=name,
        phone=phone.strip()[:20] or str(old.get("phone", "")), **facts,
    )  # fmt: skip


def keep_until(day: str, purpose: str) -> str:
    """Return the date to forget somebody last needed on `day`."""
    return (date.fromisoformat(day) + timedelta(days=PURPOSES[purpose].days)).isoformat()


def still_needed(tx: Writing, person: str, purpose: str) -> None:
    """Put the date to forget a person off: they were served today. Never sooner than another need asked."""
    row = tx.conn.execute("SELECT purge_after FROM private_person WHERE person_id = ?", (person,)).fetchone()
    private.keep_until(tx.conn, person, max(keep_until(tx.today, purpose), row[0] if row else ""))


def find(conn: sqlite3.Connection, purpose: str, text: str) -> list[tuple[str, str]]:
    """Return (id, name) of persons whose name contains `text`."""
    return [(person, str(facts.get("name", ""))) for person, facts in private.search(conn, purpose, text)]


@dataclass(frozen=True, slots=True)
class Count:
    """How many persons are known for a purpose, and the first date one is forgotten."""

    n: int = 0
    first: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A person found by name."""

    person: str
    purpose: str
    name: str


def counts(conn: sqlite3.Connection) -> dict[str, Count]:
    """Return how many persons are known for each purpose."""
    rows = conn.execute("SELECT purpose, count(*), min(purge_after) FROM private_person GROUP BY purpose").fetchall()
    return dict.fromkeys(PURPOSES, Count()) | {row[0]: Count(row[1], row[2]) for row in rows}


def search_all(conn: sqlite3.Connection, text: str, limit: int = 20) -> list[Found]:
    """Return the persons whose name contains `text`, whatever they are known for."""
    rows = conn.execute(
        "SELECT person_id, purpose FROM private_person WHERE instr(search, ?) > 0 ORDER BY search LIMIT ?",
        (private.fold(text), limit),
    )
    return [Found(row[0], row[1], private.name_of(conn, row[0])) for row in rows.fetchall()]


def known_of(conn: sqlite3.Connection, person: str) -> dict[str, Any]:
    """Return what is known of a person, to look at; raise NobodyKnown."""
    row = conn.execute("SELECT purpose, purge_after FROM private_person WHERE person_id = ?", (person,)).fetchone()
    if row is None:
        raise NobodyKnown
    return {**private.recall(conn, person), "purpose": row[0], "kept_until": row[1]}


def export(store: Store, person: str, *, by: str, attempt: str = "") -> dict[str, Any]:
    """Return all that is known of a person, to hand to them. Raises NobodyKnown."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = tx.conn.execute(
            "SELECT purpose, purge_after FROM private_person WHERE person_id = ?", (person,)
        ).fetchone()
        if row is None:
            raise NobodyKnown
        tx.record(PersonExported(person=person))
        return {"purpose": row[0], "kept_until": row[1], **private.recall(tx.conn, person)}


def erase(store: Store, person: str, *, by: str, attempt: str = "") -> None:
    """Forget a person now; counts and amounts stay. Raises NobodyKnown."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = tx.conn.execute("SELECT purpose FROM private_person WHERE person_id = ?", (person,)).fetchone()
        if row is None:
            raise NobodyKnown
        private.forget(tx.conn, person)
        tx.record(PersonErased(person=person, purpose=row[0]))


FEATURE = Feature(slug="persons", title=N_("People"), events=EVENTS, acts=(export, erase))
