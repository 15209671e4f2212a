"""E-reporting of sales to consumers: by day, category and rate (flux 10.3), payments of services (flux 10.4).

The figures are those of the tickets, added up and never recomputed (R78). What is not a sale, what was
invoiced, and training stay out (R129). We are not a platform: this makes the file one takes (R125).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree import ElementTree as ET

from pos import vat
from pos.accounting.nature import SERVICES, category
from pos.accounting.rules import FRANCHISE, MONTHLY, Rules
from pos.clock import local
from pos.events import EventTypes
from pos.journal import Envelope
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.invoices.events import PERSON, Credited, Invoiced

INITIAL, RECTIFYING = "IN", "RE"
# SIREN, ISO 6523 (R126: SIRET is not accepted there).
SIREN_SCHEME = "0002"
SOLD = EventTypes((SaleCompleted, SaleRefunded, Invoiced, Credited))


@dataclass(frozen=True, slots=True)
class Taxed:
    """One line of flux 10.3; `tickets` have this rate among others."""

    day: str
    category: str
    bp: int
    net: int
    vat: int
    tickets: int


@dataclass(frozen=True, slots=True)
class Paid:
    """One line of flux 10.4: what was received for services, TTC."""

    day: str
    bp: int
    amount: int


@dataclass(frozen=True, slots=True)
class Report:
    """What is declared for a period."""

    first: str
    last: str
    sales: tuple[Taxed, ...]
    payments: tuple[Paid, ...]


def day_of(sale: SaleCompleted | SaleRefunded, at: int, rules: Rules) -> str:
    """Return the day a sale is declared on: the civil day in Paris, or the café's own (R130)."""
    if not rules.civil_day:
        return sale.day[:10]
    happened = sale.happened_at if isinstance(sale, SaleCompleted) else 0
    return local(happened or at).date().isoformat()


def report(entries: Iterable[Envelope], first: str, last: str, rules: Rules) -> Report:
    """Return the declaration of a period from a café's stored entries, tickets invoiced electronically left out (R129)."""
    sales: dict[int, tuple[str, SaleCompleted | SaleRefunded]] = {}
    invoiced: set[int] = set()
    for entry in entries:
        event = SOLD.decode(entry.kind, entry.kv, entry.data)
        if isinstance(event, Invoiced | Credited):
            # An invoice to a person, or to an association without SIRET, goes through no platform: it stays here.
            if event.party.sort != PERSON and event.party.siret:
                invoiced.add(event.ticket)
        elif isinstance(event, SaleCompleted | SaleRefunded):
            day = day_of(event, entry.t, rules)
            if first <= day <= last:
                sales[event.no] = (day, event)
    return added_up(first, last, (one for no, one in sales.items() if no not in invoiced), rules)


def added_up(first: str, last: str, sales: Iterable[tuple[str, SaleCompleted | SaleRefunded]], rules: Rules) -> Report:
    """Add tickets up by day, category and rate."""
    taxed: dict[tuple[str, str, int], list[int]] = {}
    paid: dict[tuple[str, int], int] = {}
    for day, sale in sales:
        for (what, bp), (gross, net) in _split(sale).items():
            row = taxed.setdefault((day, what, -bp), [0, 0, 0])
            row[0] += net
            row[1] += gross - net
            row[2] += 1
            if what == SERVICES and not rules.debits:
                paid[day, -bp] = paid.get((day, -bp), 0) + gross
    return Report(
        first, last,
        tuple(Taxed(day, what, -bp, *row) for (day, what, bp), row in sorted(taxed.items())),
        tuple(Paid(day, -bp, cents) for (day, bp), cents in sorted(paid.items())),
    )  # fmt: skip


def _split(sale: SaleCompleted | SaleRefunded) -> dict[tuple[str, int], tuple[int, int]]:
    """Return TTC and HT by category and rate: lines share their group's HT exactly (R77), so the parts add up."""
    out: dict[tuple[str, int], tuple[int, int]] = {}
    for line in sale.lines:
        what = category(line)
        # Operations exempt under CGI 261 are out of the scope; a franchise is in it, at no rate.
        if what and line.vat_code != vat.EXEMPT_CODE:
            gross, net = out.get((what, line.vat), (0, 0))
            out[what, line.vat] = (gross + line.gross, net + line.net)
    return out


# The file


def xml(told: Report, *, siren: str, name: str, number: str, made_at: int, kind: str = INITIAL) -> bytes:
    """Return the declaration as a platform takes it: the elements of the administration's flux 10.

    Names follow the external specifications (TT numbers beside); the platform's own schema has the last word.
    """
    root = ET.Element("Report")
    head = _in(root, "ReportDocument")
    _in(head, "Id", number)  # TT-1
    _in(head, "Name", f"Flux 10 {told.first} {told.last}")
    _in(_in(head, "IssueDateTime"), "DateTimeString", local(made_at).strftime("%Y%m%d%H%M%S"))  # TT-3
    _in(head, "TypeCode", kind)  # TT-4
    for role, code in (("Sender", "SE"), ("Issuer", "SE")):
        party = _in(head, role)
        _in(party, "Id", siren, schemeId=SIREN_SCHEME)
        _in(party, "Name", name)
        _in(party, "RoleCode", code)
    if told.sales:
        sales = _in(root, "TransactionsReport")
        _period(sales, told)
        for day, what in dict.fromkeys((one.day, one.category) for one in told.sales):
            _transactions(sales, [one for one in told.sales if (one.day, one.category) == (day, what)])
    if told.payments:
        payments = _in(root, "PaymentsReport")
        _period(payments, told)
        for day in dict.fromkeys(one.day for one in told.payments):
            payment = _in(_in(payments, "Transactions"), "Payment")
            _in(payment, "Date", _date(day))  # TT-92
            for one in told.payments:
                if one.day == day:
                    part = _in(payment, "SubTotals")
                    _in(part, "TaxPercent", _amount(one.bp))  # TT-93
                    _in(part, "CurrencyCode", "EUR")  # TT-94
                    _in(part, "Amount", _amount(one.amount))  # TT-95
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _period(parent: ET.Element, told: Report) -> None:
    period = _in(parent, "ReportPeriod")
    _in(period, "StartDate", _date(told.first))  # TT-17
    _in(period, "EndDate", _date(told.last))  # TT-18


def _transactions(parent: ET.Element, lines: list[Taxed]) -> None:
    one = _in(parent, "Transactions")
    _in(one, "Date", _date(lines[0].day))
    _in(one, "CurrencyCode", "EUR")
    _in(one, "CategoryCode", lines[0].category)  # TT-81
    _in(one, "TaxExclusiveAmount", _amount(sum(line.net for line in lines)))
    _in(one, "TaxTotal", _amount(sum(line.vat for line in lines)))
    for line in lines:
        part = _in(one, "TaxSubtotal")
        _in(part, "TaxPercent", _amount(line.bp))
        _in(part, "TaxableAmount", _amount(line.net))
        _in(part, "TaxTotal", _amount(line.vat))


def _in(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, tag, attributes)
    child.text = text or None
    return child


def _date(day: str) -> str:
    return day.replace("-", "")


def _amount(cents: int) -> str:
    """Return `1234.50`; a rate in basis points is written alike."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


# When


def periods(year: int, cadence: str) -> list[tuple[str, str]]:
    """Return the first and last days of a year's transmissions (R128): ten days, a month, or two months."""
    out: list[tuple[date, date]] = []
    for month in range(1, 13):
        first, end = date(year, month, 1), _last(year, month)
        if cadence == MONTHLY:
            out += [(first, date(year, month, 10)), (date(year, month, 11), date(year, month, 20)),
                    (date(year, month, 21), end)]  # fmt: skip
        elif cadence != FRANCHISE:
            out.append((first, end))
        elif month % 2 == 0:
            out.append((date(year, month - 1, 1), end))
    return [(first.isoformat(), last.isoformat()) for first, last in out]


def _last(year: int, month: int) -> date:
    return (date(year + month // 12, month % 12 + 1, 1)) - timedelta(days=1)
