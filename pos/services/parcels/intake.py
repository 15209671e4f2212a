"""Taking in: the driver's delivery, label after label, a place for each; carriers and their terms.

A parcel that stands on the counter is never blocked: a wrong number is asked once again, then kept.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pos.engines import labels
from pos.ids import new_id
from pos.services.parcels import events, names, numbers, reading, refs, search, terms, words
from pos.services.parcels import refusals as no
from pos.services.parcels.reading import Delivery
from pos.services.parcels.tables import OUT, STORED
from pos.store import Store, Writing

# The same label twice in this time is one hand that trembled.
SAME_LABEL_MS = 10_000
ANNOUNCED_MAX = 500
RECEIVED, REPEATED = "received", "repeated"


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a label: taken in, or ignored because it was read a moment ago."""

    parcel: str
    outcome: str
    check: str
    # The carrier this label looks like, when it is not the driver's.
    looks_like: str = ""


def set_carrier(
    store: Store, *, by: str, attempt: str = "", carrier: str, in_use: bool = True, valid_from: str = "",
    hold_days: int = -1, mode: str = "", proofs: Sequence[str] = (), third_proofs: Sequence[str] = (),
    pay_received: int = -2, pay_handed: int = -2, pay_dropped: int = -2, pay_returned: int = -2,
    detail: bool | None = None, source: str = "contract",
) -> None:  # fmt: skip
    """Agree terms with a carrier from a day on; what is not said stays as it was.

    A café that never said how long follows what the carrier publishes, changes included.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        day = valid_from or tx.today
        known_terms(tx.conn, carrier, day)
        now = reading.agreed_on(tx.conn, carrier, day) or terms.Terms(carrier, day, 0, "", (), ())
        event = events.CarrierSet(
            carrier=carrier, valid_from=day, in_use=in_use, source=source, mode=mode or now.mode,
            hold_days=now.hold_days if hold_days < 0 else hold_days,
            proofs=list(proofs or now.proofs), third_proofs=list(third_proofs or now.third_proofs),
            pay_received=now.pay_received if pay_received < -1 else pay_received,
            pay_handed=now.pay_handed if pay_handed < -1 else pay_handed,
            pay_dropped=now.pay_dropped if pay_dropped < -1 else pay_dropped,
            pay_returned=now.pay_returned if pay_returned < -1 else pay_returned,
            detail=now.detail if detail is None else detail,
        )  # fmt: skip
        _check_terms(event)
        tx.record(event)


def _check_terms(event: events.CarrierSet) -> None:
    pays = (event.pay_received, event.pay_handed, event.pay_dropped, event.pay_returned)
    try:
        date.fromisoformat(event.valid_from)
    except ValueError:
        raise no.NotTerms(field="valid_from", value=event.valid_from[:12]) from None
    for field, value, right in (
        ("hold_days", event.hold_days, 0 <= event.hold_days <= terms.HOLD_DAYS_MAX),
        ("mode", event.mode, event.mode in ("", *terms.MODES)),
        ("proofs", " ".join(event.proofs), set(event.proofs) <= set(terms.PROOFS)),
        ("third_proofs", " ".join(event.third_proofs), set(event.third_proofs) <= set(terms.PROOFS)),
        ("pay", max(pays, key=abs), all(-1 <= pay <= terms.PAY_MAX_CENTS for pay in pays)),
        ("source", event.source, event.source in terms.SOURCES),
    ):
        if not right:
            raise no.NotTerms(field=field, value=str(value)[:40])


def set_closed_weekdays(store: Store, *, by: str, attempt: str = "", weekdays: Sequence[int]) -> None:
    """Say which weekdays the café is closed (0 is Monday), for carriers that count working days."""
    with store.writing(by=by, attempt=attempt) as tx:
        if not all(0 <= weekday <= 6 for weekday in weekdays) or len(set(weekdays)) > 6:
            raise no.NotTerms(field="weekdays", value=str(list(weekdays))[:40])
        tx.record(events.ClosedWeekdaysSet(weekdays=sorted(set(weekdays))))


def open_delivery(store: Store, *, by: str, attempt: str = "", carrier: str, announced: int) -> str:
    """Begin to read a driver's parcels; return the delivery's id."""
    with store.writing(by=by, attempt=attempt) as tx:
        working_with(tx.conn, carrier, tx.today)
        if not 0 <= announced <= ANNOUNCED_MAX:
            raise no.NotACount(count=announced)
        if delivery_of(tx.conn, carrier):
            raise no.DeliveryAlreadyOpen(carrier=words.carrier(carrier))
        delivery = new_id(tx.now)
        tx.record(events.DeliveryOpened(delivery=delivery, carrier=carrier, announced=announced, day=tx.today))
        return delivery


def receive(
    store: Store, *, by: str, attempt: str = "", code: str = "", carrier: str = "", name: str = "", place: str = "",
    size: str = "", damaged: bool = False, asked: str = "", twin: bool = False,
) -> Intake:  # fmt: skip
    """Take in a parcel by its label, for the delivery that is open.

    `asked` is the code for which a second reading was already asked; `twin` says that this is
    another parcel with a number already here.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        place = a_place(place) if place else ""
        if not labels.clean(code) and not name.strip():
            raise no.NothingRead
        label, agreed, delivery = _label(tx, code, carrier)
        if code:
            seen = _seen(tx, code, twin=twin)
            if seen:
                return seen
            if label.check == numbers.INVALID and labels.clean(asked) != labels.clean(code):
                raise no.ReadAgain(number=label.number)
        parcel = new_id(tx.now)
        tx.record(events.ParcelReceived(
            parcel=parcel, carrier=agreed.carrier, ref=_ref(tx, agreed.carrier, label.number), check=label.check,
            shape=label.shape, day=tx.today, delivery=delivery.delivery_id if delivery else "", place=place,
            size=size if size in words.SIZES else "", damaged=damaged,
            deadline=terms.deadline_on(tx.today, agreed.hold_days, agreed.mode, reading.closed_weekdays(tx.conn)),
        ))  # fmt: skip
        names.keep(tx.conn, parcel, day=tx.today, now_ms=tx.now, number=label.number, said=label.said, name=name)
        likely = numbers.understand(code).carrier if code else ""
        alien = likely and likely != agreed.carrier and label.carrier not in (agreed.carrier, "")
        return Intake(parcel, RECEIVED, label.check, likely if alien and agreed.carrier != "pickup" else "")


def _label(tx: Writing, code: str, carrier: str) -> tuple[numbers.Reading, terms.Terms, Delivery | None]:
    """Return what the label says, whose it is taken to be, and the delivery it belongs to."""
    open_now = reading.open_deliveries(tx.conn)
    if not carrier and open_now:
        carrier = open_now[0].carrier
    label = numbers.understand(code, carrier) if code else numbers.Reading(carrier, "none", "", numbers.UNCHECKED, 0)
    if not carrier:
        carrier = _likely_carrier(tx, code)
    agreed = working_with(tx.conn, carrier, tx.today)
    return label, agreed, next((d for d in open_now if d.carrier == carrier), None)


def _likely_carrier(tx: Writing, code: str) -> str:
    ours = [t.carrier for t in reading.carriers_in_use(tx.conn, tx.today)]
    likely = [r.carrier for r in numbers.readings(code) if r.carrier in ours]
    if likely:
        return likely[0]
    if len(ours) == 1:
        return ours[0]
    raise no.WhichCarrier


def _seen(tx: Writing, code: str, *, twin: bool) -> Intake | None:
    for parcel in search.by_code(tx.conn, code):
        if parcel.state in (STORED, OUT) and tx.now - parcel.came_at < SAME_LABEL_MS:
            return Intake(parcel.parcel_id, REPEATED, parcel.check_status)
        if parcel.state in (STORED, OUT) and not twin:
            raise no.AlreadyOnShelf(place=parcel.place or "?")
    return None


def _ref(tx: Writing, carrier: str, number: str) -> str:
    return refs.ref_of(refs.key_or_new(tx.conn), carrier, number) if number else ""


def place(store: Store, *, by: str, attempt: str = "", parcel: str, place: str) -> None:
    """Put a parcel on a shelf, or move it."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = search.the_parcel(tx.conn, parcel)
        if found.state not in (*reading.WAITING, OUT):
            raise no.NotHere(state=words.state(found.state))
        where = a_place(place)
        if where != found.place:
            tx.record(events.ParcelPlaced(parcel=found.parcel_id, place=where, was=found.place))


def name_parcel(store: Store, *, by: str, attempt: str = "", parcel: str, name: str) -> None:
    """Note or correct the name on a parcel: private, nothing enters the journal."""
    with store.writing(by=by, attempt=attempt) as tx:
        found = search.the_parcel(tx.conn, parcel)
        until = names.until_without_exit(found.came_on)
        names.keep_name(tx.conn, found.parcel_id, name=name, until=until, now_ms=tx.now)


def refuse_at_intake(
    store: Store, *, by: str, attempt: str = "", reason: str, carrier: str = "", code: str = ""
) -> None:
    """Leave a parcel with the driver who brought it."""
    with store.writing(by=by, attempt=attempt) as tx:
        if reason not in words.INTAKE_REASONS:
            raise no.NotAReason
        label, agreed, delivery = _label(tx, code, carrier)
        tx.record(events.RefusedAtIntake(
            parcel=new_id(tx.now), carrier=agreed.carrier, reason=reason, day=tx.today,
            delivery=delivery.delivery_id if delivery else "", ref=_ref(tx, agreed.carrier, label.number),
        ))  # fmt: skip


def close_delivery(
    store: Store, *, by: str, attempt: str = "", carrier: str = "", accept_difference: bool = False
) -> None:
    """Stop reading: announced should be accepted plus refused, or the difference is accepted."""
    with store.writing(by=by, attempt=attempt) as tx:
        open_now = [d for d in reading.open_deliveries(tx.conn) if carrier in ("", d.carrier)]
        if not open_now:
            raise no.NoOpenDelivery
        found = reading.delivery(tx.conn, open_now[0].delivery_id) or open_now[0]
        read = found.accepted + found.refused
        if read != found.announced and not accept_difference:
            raise no.DeliveryDiffers(announced=found.announced, read=read)
        tx.record(events.DeliveryClosed(
            delivery=found.delivery_id, carrier=found.carrier, announced=found.announced, accepted=found.accepted,
            refused=found.refused, day=tx.today,
        ))  # fmt: skip


# What the other acts lean on


def known_terms(conn: sqlite3.Connection, carrier: str, day: str) -> terms.Terms:
    """Return a carrier's terms; raise NoSuchCarrier."""
    try:
        return reading.terms_on(conn, carrier, day)
    except KeyError:
        raise no.NoSuchCarrier(carrier=carrier[:24]) from None


def working_with(conn: sqlite3.Connection, carrier: str, day: str) -> terms.Terms:
    """Return the terms of a carrier the café works with; raise CarrierNotChosen."""
    agreed = known_terms(conn, carrier, day)
    if not agreed.in_use:
        raise no.CarrierNotChosen(carrier=words.carrier(carrier))
    return agreed


def delivery_of(conn: sqlite3.Connection, carrier: str) -> Delivery | None:
    """Return the open delivery of a carrier."""
    return next((d for d in reading.open_deliveries(conn) if d.carrier == carrier), None)


def a_place(text: str) -> str:
    """Return a place code in capitals; raise NotAPlace."""
    code = text.replace(" ", "").upper()
    if not search.is_place(code):
        raise no.NotAPlace(place=text[:12])
    return code
