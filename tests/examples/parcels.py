"""Examples of the relay's facts: one parcel's whole life, one sender's, one day typed in totals."""

from pos.events import Event
from pos.services.parcels import events as e

PARCEL, SENT, DELIVERY = "019a4de14400d2e30beb", "019a4de1ba3f00c1d2e3", "019a4de1430011223344"
MR, DAY = "mondial-relay", "2025-11-04"
REF = "63e34a52ee309bcfd8245d24bf44de38"

_ALL: tuple[Event, ...] = (
    e.CarrierSet(
        carrier=MR, valid_from="2025-11-01", in_use=True, hold_days=5, mode="calendar",
        proofs=["code", "qr", "id_seen", "signature_on_carrier_pda"], third_proofs=["code", "qr"],
        pay_received=0, pay_handed=35, pay_dropped=20, pay_returned=0, source="contract",
    ),
    e.ClosedWeekdaysSet(weekdays=[0, 6]),
    e.DeliveryOpened(delivery=DELIVERY, carrier=MR, announced=30, day=DAY),
    e.DeliveryClosed(delivery=DELIVERY, carrier=MR, announced=30, accepted=29, refused=1, day=DAY),
    e.ParcelReceived(
        parcel=PARCEL, carrier=MR, ref=REF, check="valid", shape="mondial_relay_label", deadline="2025-11-09",
        day=DAY, delivery=DELIVERY, place="B3", size="S", damaged=True,
    ),
    e.ParcelPlaced(parcel=PARCEL, place="B4", was="B3"),
    e.RefusedAtIntake(parcel=PARCEL, carrier=MR, reason="damaged", day=DAY, delivery=DELIVERY, ref=REF),
    e.HandedOver(
        parcel=PARCEL, carrier=MR, proof="code", visit="019a4e0000000badcafe", day=DAY, third_party=True,
        visit_by="tap", visit_again=True,
    ),
    e.HandOverUndone(parcel=PARCEL, visit="019a4e0000000badcafe", day=DAY, cancels=True),
    e.RefusedByRecipient(parcel=PARCEL, reason="opened", day=DAY),
    e.WentMissing(parcel=PARCEL, day=DAY),
    e.ParcelFound(parcel=PARCEL, place="C2", day=DAY),
    e.DeclaredLost(parcel=PARCEL, day=DAY),
    e.ReturnedToDriver(parcel=PARCEL, carrier=MR, reason="overdue", day="2025-11-10"),
    e.DroppedOff(
        parcel=SENT, carrier=MR, ref=REF, check="no_check_known", shape="mondial_relay_number",
        visit="019a4e0000000badbeef", day=DAY, place="D", visit_by="tap", visit_again=True,
    ),
    e.DropOffRefused(carrier=MR, reason="no_label", day=DAY),
    e.GivenToDriver(parcel=SENT, carrier=MR, day=DAY),
    e.TakenBack(parcel=SENT, visit="019a4e0000000badbeef", day=DAY, cancels=True),
    e.Counted(
        carrier=MR, day=DAY, arrived=14, handed=11, dropped=2, customers=12, returned=1, customers_before=9,
    ),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
