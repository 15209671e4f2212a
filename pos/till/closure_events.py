"""Facts of months and accounting years: closed for good, each an entry of the chain (R31, R32)."""

from pos.events import Event
from pos.till.events import KeyTotal, OffPart, OwnerTotal, VatPart


class PeriodTotals(Event, frozen=True, kw_only=True):
    """What the closing of a month and of an accounting year say alike: the sums of their days (R37)."""

    number: int
    # `2026-11` for a month; `2026` for a year that begins in January, else `2026-2027`.
    period: str
    # Bounds of the calendar, and the days that were opened within.
    first_day: str
    last_day: str
    days: int
    first_z: int
    last_z: int
    closed_at: int
    # Made by itself: at the opening of the next period, at a forgotten closing, at the start of the box.
    auto: bool
    # From the entry after the last closing of the same kind up to the one before this.
    first_seq: int
    last_seq: int
    first_no: int
    last_no: int
    tickets: int
    refunds: int
    voids: int
    duplicates: int
    drawer_openings: int
    turnover: int
    vat: list[VatPart]
    means: list[KeyTotal]
    families: list[KeyTotal]
    modes: list[KeyTotal]
    # Others' money: taken and settled in the period, balance owed when it was closed.
    third_parties: list[OwnerTotal]
    off: list[OffPart]
    cash_sales: int
    cash_in: int
    cash_out: int
    cashback: int
    settled_cash: int
    third_party_cash: int
    # Sum of the differences that the Zs of the period say.
    difference: int
    # Turnover since the accounting year began (the grand total of the law).
    year_to_date: int
    perpetual: int
    perpetual_absolute: int
    head_seq: int
    head: str
    acked: str = ""
    sw: str = ""
    # Differences of counts made after the Z of their day, in the first month then open (R40).
    counted_after: int = 0


class MonthClosed(PeriodTotals, frozen=True, kw_only=True):
    """A month is over and closed: the sum of its days (R31, R37)."""

    kind = "till.month_closed"


class YearClosed(PeriodTotals, frozen=True, kw_only=True):
    """An accounting year is over and closed: the sum of its months (R31, R37)."""

    kind = "till.year_closed"


class AccountingYearSet(Event, frozen=True, kw_only=True):
    """The accounting year begins with this month, from the one that holds `valid_from` on (R37)."""

    kind = "till.accounting_year_set"
    first_month: int
    valid_from: str
    was: int = 1


class ClosurePrinted(Event, frozen=True, kw_only=True):
    """A closing went to the printer: `copy` 0 is the original, then duplicates (R46).

    `closing` is `day`, `month` or `year`; `number` is its own.
    """

    kind = "till.closure_printed"
    closing: str
    number: int
    copy: int
    day: str


EVENTS: tuple[type[Event], ...] = (MonthClosed, YearClosed, AccountingYearSet, ClosurePrinted)
