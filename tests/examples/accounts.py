"""Examples of accounts' facts."""

from pos.events import Event
from pos.services.accounts import events as e

PERSON, DAY = "019a4de14400d2e30beb", "2026-03-15"

_ALL: tuple[Event, ...] = (
    e.LimitsSet(
        valid_from="2026-01-01", person_ceiling=5000, cafe_ceiling=30000, alert_days=30, coffee_price=130, voucher_months=12,
    ),
    e.AccountOpened(person=PERSON, slate=True, ceiling=0, day=DAY),
    e.AccountClosed(person=PERSON, day=DAY),
    e.PrepaidPaidOut(person=PERSON, amount=720, means="cash", day=DAY),
    e.SlateWrittenOff(person=PERSON, amount=800, reason="gone", day=DAY),
    e.VoucherExtended(voucher="ZV-K7QX-29MD", until="2027-12-31", day=DAY),
    e.CurrencySet(label="La Gonette", accepted=True, day=DAY),
    e.CurrencyCounted(expected=1000, counted=1000, day=DAY),
    e.CurrencyHandedOver(amount=600, fee=30, means="transfer", day=DAY),
)  # fmt: skip

EXAMPLES: dict[str, Event] = {event.kind: event for event in _ALL}
