"""Who has meals: proposed, accepted with consent, subscribed by weekday, paused, ended.

    proposed → accepted → (paused) → ended

What is known of them (name, phone, address, diet, allergies, contact person) is in the private store
under purpose « meals », erased on request or two years after the last meal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pos import private
from pos.clock import parse_day
from pos.engines import persons
from pos.ids import new_id
from pos.services.meals import events as ev
from pos.services.meals import reading, rules
from pos.services.meals import refusals as no
from pos.services.meals.schema import ACCEPTED, ENDED, PLACES, PURPOSE
from pos.store import Store, Writing

ORIGINS = ("town_hall", "ccas", "cafe", "family", "self", "other")
END_REASONS = ("asked", "moved", "care_home", "other")
# What is kept only with consent, and how long each text may be.
FACTS = {
    "address": 120, "way": 120, "diet": 80, "allergies": 120, "contact_name": 60, "contact_phone": 20,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody was entered: the opaque id and the number on papers."""

    beneficiary: str
    number: int


def enter(
    store: Store, *, name: str, phone: str = "", origin: str = "cafe", consent: bool = False, address: str = "",
    way: str = "", diet: str = "", allergies: str = "", contact_name: str = "", contact_phone: str = "", by: str,
    attempt: str = "",
) -> Entered:  # fmt: skip
    """Propose somebody for meals; with consent the person is accepted at once and more may be kept.

    Raises NameMissing, ConsentMissing, NotAnOutcome.
    """
    told = _facts(
        address=address, way=way, diet=diet, allergies=allergies, contact_name=contact_name, contact_phone=contact_phone
    )
    if origin not in ORIGINS:
        raise no.NotAnOutcome(value=origin[:24])
    if told and not consent:
        raise no.ConsentMissing
    with store.writing(by=by, attempt=attempt) as tx:
        # The same name may be two people: nobody takes over somebody's id.
        beneficiary = persons.known(tx, PURPOSE, name, phone=phone, person=new_id(tx.now), **told)
        number = int(tx.conn.execute("SELECT coalesce(max(number), 0) + 1 FROM meal_person").fetchone()[0])
        tx.record(ev.BeneficiaryProposed(beneficiary=beneficiary, number=number, origin=origin, day=tx.today))
        if consent:
            tx.record(ev.BeneficiaryAccepted(beneficiary=beneficiary, day=tx.today))
        return Entered(beneficiary, number)


def _facts(**given: str) -> dict[str, str]:
    return {key: text for key, value in given.items() if (text := " ".join(value.split())[: FACTS[key]])}


def change(
    store: Store, beneficiary: str, *, name: str, phone: str = "", consent: bool = False, address: str = "", way: str = "",
    diet: str = "", allergies: str = "", contact_name: str = "", contact_phone: str = "", by: str, attempt: str = "",
) -> None:  # fmt: skip
    """Correct what is known of somebody; consent accepts who was only proposed, or had ended.

    Raises NoSuchBeneficiary, NobodyKnown, NameMissing, ConsentMissing.
    """
    told = _facts(
        address=address, way=way, diet=diet, allergies=allergies, contact_name=contact_name, contact_phone=contact_phone
    )
    with store.writing(by=by, attempt=attempt) as tx:
        row = reading.person(tx.conn, beneficiary)
        if not private.recall(tx.conn, beneficiary):
            raise persons.NobodyKnown
        if told and not consent and row["state"] != ACCEPTED:
            raise no.ConsentMissing
        name = " ".join(name.split())[:60]
        if not name:
            raise persons.NameMissing
        # An emptied field is forgotten, not kept as it was.
        private.remember(
            tx.conn, purpose=PURPOSE, purge_after=persons.keep_until(tx.today, PURPOSE), now_ms=tx.now, person_id=beneficiary,
            name=name, phone=phone.strip()[:20], **told,
        )  # fmt: skip
        if consent and row["state"] != ACCEPTED:
            tx.record(ev.BeneficiaryAccepted(beneficiary=beneficiary, day=tx.today))


def end(store: Store, beneficiary: str, *, reason: str = "asked", by: str, attempt: str = "") -> None:
    """Stop somebody's meals: subscription and planned meals end. Raises NoSuchBeneficiary, NotAccepted, NotAnOutcome."""
    with store.writing(by=by, attempt=attempt) as tx:
        if reason not in END_REASONS:
            raise no.NotAnOutcome(value=reason[:24])
        if reading.person(tx.conn, beneficiary)["state"] == ENDED:
            raise no.NotAccepted
        tx.record(ev.BeneficiaryEnded(beneficiary=beneficiary, reason=reason, day=tx.today))


def accepted(tx: Writing, beneficiary: str) -> None:
    """Refuse who has not agreed: NoSuchBeneficiary, NotAccepted."""
    if reading.person(tx.conn, beneficiary)["state"] != ACCEPTED:
        raise no.NotAccepted


def subscribe(
    store: Store, beneficiary: str, *, weekdays: Sequence[int], place: str, funder: str = "", valid_from: str = "", by: str,
    attempt: str = "",
) -> None:  # fmt: skip
    """Order meals on weekdays (Monday is 0) from a day on; none ends the subscription.

    A funder's quota is looked at when each meal is planned. Raises NotAccepted, NoWeekday, NoSuchFunder, NotThatDay.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        accepted(tx, beneficiary)
        days = sorted(set(weekdays))
        if place not in PLACES or any(not 0 <= day <= 6 for day in days):
            raise no.NoWeekday
        first = _day(valid_from) if valid_from else tx.today
        if funder and rules.funder(tx.conn, funder, first[:7]) is None:
            raise no.NoSuchFunder(funder=funder[:24], month=rules.said_month(first))
        tx.record(ev.Subscribed(beneficiary=beneficiary, weekdays=days, place=place, funder=funder, valid_from=first))


def pause(store: Store, beneficiary: str, *, first: str, last: str = "", by: str, attempt: str = "") -> int:
    """Take no meal from a day to another; meals planned there are cancelled. Return how many.

    Raises NoSuchBeneficiary, NotTheseDays, NotThatDay.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        reading.person(tx.conn, beneficiary)
        begin, until = _day(first), _day(last or first)
        if until < begin or until < tx.today:
            raise no.NotTheseDays(first=begin, last=until)
        tx.record(ev.Paused(beneficiary=beneficiary, first=begin, last=until))
        gone = tx.conn.execute(
            "SELECT meal FROM meal_meal WHERE beneficiary = ? AND for_day >= ? AND for_day <= ? AND state = 'planned'",
            (beneficiary, max(begin, tx.today), until),
        ).fetchall()
        for row in gone:
            tx.record(ev.MealCancelled(meal=row[0], reason="paused", day=tx.today))
        return len(gone)


def resume(store: Store, beneficiary: str, *, day: str = "", by: str, attempt: str = "") -> None:
    """End the pauses of somebody from a day on, today when left out. Raises NoSuchBeneficiary, NotThatDay."""
    with store.writing(by=by, attempt=attempt) as tx:
        reading.person(tx.conn, beneficiary)
        tx.record(ev.Resumed(beneficiary=beneficiary, day=_day(day) if day else tx.today))


def _day(text: str) -> str:
    try:
        return parse_day(text[:10]).isoformat()
    except ValueError:
        raise no.NotThatDay(day=text[:12]) from None
