"""Facts of the cash service: the café's limits, and cash paid out for a bank.

A cash-back is part of its sale: `SaleCompleted.cashback`. Cash without purchase is a bank's money: never a sale.
"""

from pos.events import Event


class LimitsSet(Event, frozen=True, kw_only=True):
    """The café chose its own limits, within the law's, from a day on (R93: a volunteer may set lower ones).

    `max_cash` 0: the café does not offer cash-back. `source` is a short code, never free text.
    """

    kind = "cashback.limits_set"
    min_purchase: int
    max_cash: int
    step: int
    reserve: int
    valid_from: str
    source: str


class MandateSet(Event, frozen=True, kw_only=True):
    """A bank lets the café pay cash out for it, from a day on: its limits, what it pays for each operation.

    `day_max` 0: no more than the drawer allows. The fee (cents and basis points of the cash) is billed apart.
    """

    kind = "cashback.mandate_set"
    mandate: str
    label: str
    max_cash: int
    day_max: int
    step: int
    reserve: int
    fee_cents: int
    fee_bp: int
    pay_days: int
    valid_from: str
    in_use: bool = True


class CashPaidOut(Event, frozen=True, kw_only=True):
    """A bank's terminal granted cash without purchase and the café handed it over; `fee` is what the bank will owe on top."""

    kind = "cashback.cash_paid_out"
    operation: str
    mandate: str
    amount: int
    fee: int
    ref: str
    day: str
    visit: str
    # "" alone, "tap" when the clerk said « même client ».
    visit_by: str = ""


class BankSettled(Event, frozen=True, kw_only=True):
    """A bank paid back cash that the café had paid out for it."""

    kind = "cashback.bank_settled"
    mandate: str
    amount: int
    means: str
    day: str
    ref: str = ""


EVENTS: tuple[type[Event], ...] = (LimitsSet, MandateSet, CashPaidOut, BankSettled)
