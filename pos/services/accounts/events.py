"""Facts of customers' accounts that no ticket tells: opened, paid out, written off, vouchers, local notes.

What is topped up, charged, paid back, given or taken is on a ticket (`SaleCompleted`, `SaleRefunded`).
"""

from pos.events import Event


class LimitsSet(Event, frozen=True, kw_only=True):
    """The café said, from a day on, how far a slate goes and what it warns of."""

    kind = "accounts.limits_set"
    valid_from: str
    person_ceiling: int
    cafe_ceiling: int
    alert_days: int
    coffee_price: int
    voucher_months: int


class AccountOpened(Event, frozen=True, kw_only=True):
    """A person has an account: prepaid, and a slate when allowed; `ceiling` 0 is the café's own."""

    kind = "accounts.account_opened"
    person: str
    slate: bool
    ceiling: int
    day: str


class AccountClosed(Event, frozen=True, kw_only=True):
    """An account with nothing left on it was closed, and the name erased."""

    kind = "accounts.account_closed"
    person: str
    day: str


class PrepaidPaidOut(Event, frozen=True, kw_only=True):
    """A customer asked for their own money back."""

    kind = "accounts.prepaid_paid_out"
    person: str
    amount: int
    means: str
    day: str


class SlateWrittenOff(Event, frozen=True, kw_only=True):
    """The manager gave up part of a slate, for a reason."""

    kind = "accounts.slate_written_off"
    person: str
    amount: int
    reason: str
    day: str


class VoucherExtended(Event, frozen=True, kw_only=True):
    """A gift voucher holds until a later day."""

    kind = "accounts.voucher_extended"
    voucher: str
    until: str
    day: str


class CurrencySet(Event, frozen=True, kw_only=True):
    """The café takes a local currency, or no longer."""

    kind = "accounts.currency_set"
    label: str
    accepted: bool
    day: str


class CurrencyCounted(Event, frozen=True, kw_only=True):
    """The notes of the local currency were counted, apart from the drawer."""

    kind = "accounts.currency_counted"
    expected: int
    counted: int
    day: str


class CurrencyHandedOver(Event, frozen=True, kw_only=True):
    """Local notes left the café: to their issuer against euros, less its fee, or to a supplier."""

    kind = "accounts.currency_handed_over"
    amount: int
    fee: int
    means: str
    day: str


EVENTS: tuple[type[Event], ...] = (
    LimitsSet, AccountOpened, AccountClosed, PrepaidPaidOut, SlateWrittenOff, VoucherExtended, CurrencySet,
    CurrencyCounted, CurrencyHandedOver,
)  # fmt: skip
