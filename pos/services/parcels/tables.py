"""Parcels as the journal tells them: where each is, deliveries, days counted by hand, terms.

Pure tellers; what they are read with is in `reading.py`.
"""

import sqlite3

from pos.journal import Envelope
from pos.projections import Projection
from pos.services.parcels import events

# Where a parcel stands. Overdue is no state: it is a stored parcel whose deadline has passed.
STORED, HANDED, RETURNED, REFUSED, MISSING, LOST = "stored", "handed", "returned", "refused", "missing", "lost"
AT_INTAKE, OUT, GIVEN, TAKEN = "refused_at_intake", "out", "given", "taken_back"
INBOUND, OUTBOUND = "in", "out"

SCHEMA = """
CREATE TABLE parcel (
  parcel_id TEXT PRIMARY KEY, direction TEXT NOT NULL, carrier TEXT NOT NULL, ref TEXT NOT NULL,
  check_status TEXT NOT NULL, shape TEXT NOT NULL, delivery_id TEXT NOT NULL, state TEXT NOT NULL,
  place TEXT NOT NULL, size TEXT NOT NULL, damaged INTEGER NOT NULL, came_at INTEGER NOT NULL, came_seq INTEGER NOT NULL,
  came_on TEXT NOT NULL, deadline_on TEXT NOT NULL, left_at INTEGER NOT NULL, left_on TEXT NOT NULL,
  proof TEXT NOT NULL, third_party INTEGER NOT NULL, visit TEXT NOT NULL, reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX parcel_by_ref ON parcel (ref);
CREATE INDEX parcel_by_state ON parcel (state, deadline_on);
CREATE INDEX parcel_by_left ON parcel (left_on);
CREATE INDEX parcel_by_came ON parcel (came_on);
CREATE INDEX parcel_by_visit ON parcel (visit);
CREATE TABLE parcel_delivery (
  delivery_id TEXT PRIMARY KEY, carrier TEXT NOT NULL, announced INTEGER NOT NULL, opened_at INTEGER NOT NULL,
  opened_on TEXT NOT NULL, closed_at INTEGER NOT NULL, accepted INTEGER NOT NULL, refused INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE parcel_day_count (
  day TEXT NOT NULL, carrier TEXT NOT NULL, arrived INTEGER NOT NULL, handed INTEGER NOT NULL,
  dropped INTEGER NOT NULL, returned INTEGER NOT NULL, customers INTEGER NOT NULL,
  PRIMARY KEY (day, carrier)
) STRICT, WITHOUT ROWID;
CREATE TABLE parcel_drop_off_refused (
  day TEXT NOT NULL, carrier TEXT NOT NULL, reason TEXT NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (day, carrier, reason)
) STRICT, WITHOUT ROWID;
CREATE TABLE parcel_terms (
  carrier TEXT NOT NULL, valid_from TEXT NOT NULL, in_use INTEGER NOT NULL, detail INTEGER NOT NULL,
  hold_days INTEGER NOT NULL, mode TEXT NOT NULL, proofs TEXT NOT NULL, third_proofs TEXT NOT NULL,
  pay_received INTEGER NOT NULL, pay_handed INTEGER NOT NULL, pay_dropped INTEGER NOT NULL,
  pay_returned INTEGER NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY (carrier, valid_from)
) STRICT, WITHOUT ROWID;
CREATE TABLE parcel_closed_weekday (weekday INTEGER PRIMARY KEY) STRICT;
CREATE TABLE parcel_rest_known (known INTEGER PRIMARY KEY) STRICT
"""

_PARCEL = (
    "INSERT INTO parcel (parcel_id, direction, carrier, ref, check_status, shape, delivery_id, state, place, size,"
    " damaged, came_at, came_seq, came_on, deadline_on, left_at, left_on, proof, third_party, visit, reason)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, ?, ?)"
)
_LEFT = (
    "UPDATE parcel SET state = ?, left_at = ?, left_on = ?, proof = ?, third_party = ?, visit = ?, reason = ?"
    " WHERE parcel_id = ?"
)
_WENT = "UPDATE parcel SET state = ?, left_at = ?, left_on = ? WHERE parcel_id = ?"
_RETURNED = "UPDATE parcel SET state = 'returned', left_at = ?, left_on = ?, reason = ? WHERE parcel_id = ?"
_STATE = "UPDATE parcel SET state = ?, reason = ? WHERE parcel_id = ?"
_PLACE = "UPDATE parcel SET place = ? WHERE parcel_id = ?"
_FOUND = "UPDATE parcel SET state = 'stored', reason = '', place = ? WHERE parcel_id = ?"
_DELIVERY = "INSERT INTO parcel_delivery VALUES (?, ?, ?, ?, ?, 0, 0, 0)"
_DELIVERY_CLOSED = "UPDATE parcel_delivery SET closed_at = ?, accepted = ?, refused = ? WHERE delivery_id = ?"
_COUNT = (
    "INSERT INTO parcel_day_count VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day, carrier) DO UPDATE SET"
    " arrived = excluded.arrived, handed = excluded.handed, dropped = excluded.dropped,"
    " returned = excluded.returned, customers = excluded.customers"
)
_DROP_REFUSED = (
    "INSERT INTO parcel_drop_off_refused VALUES (?, ?, ?, 1) ON CONFLICT (day, carrier, reason) DO UPDATE SET n = n + 1"
)
_TERMS = "INSERT OR REPLACE INTO parcel_terms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _received(conn: sqlite3.Connection, entry: Envelope, e: events.ParcelReceived) -> None:
    conn.execute(
        _PARCEL,
        (e.parcel, INBOUND, e.carrier, e.ref, e.check, e.shape, e.delivery, STORED, e.place, e.size, int(e.damaged),
         entry.t, entry.seq, e.day, e.deadline, 0, "", "", ""),
    )  # fmt: skip


def _refused_at_intake(conn: sqlite3.Connection, entry: Envelope, e: events.RefusedAtIntake) -> None:
    conn.execute(
        _PARCEL,
        (e.parcel, INBOUND, e.carrier, e.ref, "", "", e.delivery, AT_INTAKE, "", "", 0,
         entry.t, entry.seq, e.day, "", entry.t, e.day, "", e.reason),
    )  # fmt: skip


def _dropped_off(conn: sqlite3.Connection, entry: Envelope, e: events.DroppedOff) -> None:
    conn.execute(
        _PARCEL,
        (e.parcel, OUTBOUND, e.carrier, e.ref, e.check, e.shape, "", OUT, e.place, "", 0,
         entry.t, entry.seq, e.day, "", 0, "", e.visit, ""),
    )  # fmt: skip


def _placed(conn: sqlite3.Connection, _entry: Envelope, e: events.ParcelPlaced) -> None:
    conn.execute(_PLACE, (e.place, e.parcel))


def _handed_over(conn: sqlite3.Connection, entry: Envelope, e: events.HandedOver) -> None:
    conn.execute(_LEFT, (HANDED, entry.t, e.day, e.proof, int(e.third_party), e.visit, "", e.parcel))


def _hand_over_undone(conn: sqlite3.Connection, _entry: Envelope, e: events.HandOverUndone) -> None:
    conn.execute(_LEFT, (STORED, 0, "", "", 0, "", "", e.parcel))


def _refused_by_recipient(conn: sqlite3.Connection, _entry: Envelope, e: events.RefusedByRecipient) -> None:
    conn.execute(_STATE, (REFUSED, e.reason, e.parcel))


def _went_missing(conn: sqlite3.Connection, _entry: Envelope, e: events.WentMissing) -> None:
    conn.execute(_STATE, (MISSING, "", e.parcel))


def _found(conn: sqlite3.Connection, _entry: Envelope, e: events.ParcelFound) -> None:
    conn.execute(_FOUND, (e.place, e.parcel))


def _declared_lost(conn: sqlite3.Connection, entry: Envelope, e: events.DeclaredLost) -> None:
    conn.execute(_WENT, (LOST, entry.t, e.day, e.parcel))


def _returned_to_driver(conn: sqlite3.Connection, entry: Envelope, e: events.ReturnedToDriver) -> None:
    conn.execute(_RETURNED, (entry.t, e.day, e.reason, e.parcel))


def _given_to_driver(conn: sqlite3.Connection, entry: Envelope, e: events.GivenToDriver) -> None:
    conn.execute(_WENT, (GIVEN, entry.t, e.day, e.parcel))


def _taken_back(conn: sqlite3.Connection, entry: Envelope, e: events.TakenBack) -> None:
    conn.execute(_WENT, (TAKEN, entry.t, e.day, e.parcel))


def _drop_off_refused(conn: sqlite3.Connection, _entry: Envelope, e: events.DropOffRefused) -> None:
    conn.execute(_DROP_REFUSED, (e.day, e.carrier, e.reason))


def _delivery_opened(conn: sqlite3.Connection, entry: Envelope, e: events.DeliveryOpened) -> None:
    conn.execute(_DELIVERY, (e.delivery, e.carrier, e.announced, entry.t, e.day))


def _delivery_closed(conn: sqlite3.Connection, entry: Envelope, e: events.DeliveryClosed) -> None:
    conn.execute(_DELIVERY_CLOSED, (entry.t, e.accepted, e.refused, e.delivery))


def _counted(conn: sqlite3.Connection, _entry: Envelope, e: events.Counted) -> None:
    conn.execute(_COUNT, (e.day, e.carrier, e.arrived, e.handed, e.dropped, e.returned, e.customers))


def _carrier_set(conn: sqlite3.Connection, _entry: Envelope, e: events.CarrierSet) -> None:
    conn.execute(
        _TERMS,
        (e.carrier, e.valid_from, int(e.in_use), int(e.detail), e.hold_days, e.mode, " ".join(e.proofs),
         " ".join(e.third_proofs), e.pay_received, e.pay_handed, e.pay_dropped, e.pay_returned, e.source),
    )  # fmt: skip


def _closed_weekdays_set(conn: sqlite3.Connection, _entry: Envelope, e: events.ClosedWeekdaysSet) -> None:
    conn.execute("DELETE FROM parcel_closed_weekday")
    conn.execute("INSERT OR IGNORE INTO parcel_rest_known VALUES (1)")
    conn.executemany("INSERT INTO parcel_closed_weekday VALUES (?)", [(weekday,) for weekday in e.weekdays])


PARCELS = Projection(
    "parcels",
    SCHEMA,
    {
        events.CarrierSet: _carrier_set,
        events.ClosedWeekdaysSet: _closed_weekdays_set,
        events.DeliveryOpened: _delivery_opened,
        events.DeliveryClosed: _delivery_closed,
        events.ParcelReceived: _received,
        events.ParcelPlaced: _placed,
        events.RefusedAtIntake: _refused_at_intake,
        events.HandedOver: _handed_over,
        events.HandOverUndone: _hand_over_undone,
        events.RefusedByRecipient: _refused_by_recipient,
        events.WentMissing: _went_missing,
        events.ParcelFound: _found,
        events.DeclaredLost: _declared_lost,
        events.ReturnedToDriver: _returned_to_driver,
        events.DroppedOff: _dropped_off,
        events.DropOffRefused: _drop_off_refused,
        events.GivenToDriver: _given_to_driver,
        events.TakenBack: _taken_back,
        events.Counted: _counted,
    },
)
