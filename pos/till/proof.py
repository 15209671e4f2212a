"""The closings proved anew: every figure of a Z, a month and a year recomputed from the entries alone (R39).

No table is read here. The sums are made from the sales, refunds, counts and movements as they stand
in the journal, and compared with what each closing says.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pos.events import Event
from pos.feature import Flaw
from pos.i18n import N_, _
from pos.journal import Envelope
from pos.system import JournalContinued, JournalTailFound
from pos.till import closure_events as ce
from pos.till import events as ev
from pos.till.correction_events import PaymentCorrected
from pos.till.spans import Year, first_day, last_day, month_of, next_month, year_of
from pos.vat import OFF_TURNOVER, net_of

Sums = dict[tuple[str, str], list[int]]

SAYS = {
    "closure": N_("Closing %(closing)s says %(said)s for “%(what)s”; its entries make %(found)s (entry %(seq)s)."),
    "number": N_("Entry %(seq)s has number %(said)s where %(found)s was expected: a number is missing or used twice."),
    "closed": N_("Entry %(seq)s was written into %(what)s, which was not open."),
    "sum": N_("Ticket %(closing)s does not add up: %(what)s %(said)s, not %(found)s (entry %(seq)s)."),
}
WORDS = {
    "turnover": N_("turnover of the closing"), "vat": N_("VAT by rate"), "net": N_("amount without VAT"), "total": N_("total"),
    "payments": N_("payments"), "means": N_("means of payment"), "families": N_("families"), "modes": N_("on site and takeaway"),
    "operators": N_("operators"), "third_parties": N_("third parties' money"), "off": N_("sums out of turnover"),
    "tickets": N_("number of tickets"), "refunds": N_("number of refunds"), "voids": N_("number of voids"),
    "duplicates": N_("number of duplicates"), "drawer_openings": N_("drawer openings"), "expected": N_("cash expected"),
    "difference": N_("difference of the drawer"), "counted_after": N_("counted after their Z"), "perpetual": N_("perpetual total"), "days": N_("number of days"),
    "perpetual_absolute": N_("absolute perpetual total"), "month_to_date": N_("total of the month"),
    "year_to_date": N_("total of the year"), "exercice_to_date": N_("total of the accounting year"), "head": N_("head of the journal"),
    "first_no": N_("first ticket"), "last_no": N_("last ticket"), "period": N_("period"), "float_cents": N_("float"),
}  # fmt: skip
_MONEY = ("cash_sales", "cash_in", "cash_out", "cashback", "settled_cash", "third_party_cash", "difference")
_COUNTS = ("tickets", "refunds", "voids", "duplicates", "drawer_openings")


def _add(sums: Sums, what: str, key: str, amount: int, net: int = 0, n: int = 1) -> None:
    row = sums.setdefault((what, key), [0, 0, 0])
    row[0] += amount
    row[1] += net
    row[2] += n


def _of(sums: Sums, what: str) -> dict[str, tuple[int, int, int]]:
    return {key: (row[0], row[1], row[2]) for (heading, key), row in sums.items() if heading == what}


class _Day:
    """A day as its entries make it."""

    def __init__(self, entry: Envelope, e: ev.DayOpened) -> None:
        self.opened_at, self.opened_seq, self.float_cents = entry.t, entry.seq, e.float_cents
        self.first_no = self.last_no = 0


class Closures:
    """Follows the entries of a till, and says where a closing is not what they make."""

    def __init__(self) -> None:
        self._numbers = {"no": 0, "z": 0, "month": 0, "year": 0}
        self._last_seq = {"month": -1, "year": -1}
        self._sums: dict[str, Sums] = {}
        self._days: dict[str, _Day] = {}
        self._months: dict[str, Sums] = {}
        self._spans: dict[str, list[int]] = {}
        self._turnover: dict[str, int] = {}
        self._owners: dict[str, int] = {}
        self._perpetual = self._absolute = 0
        self._starts: list[tuple[str, int]] = []
        self._closed_up_to = self._year_end = self._first_month = ""
        self._acts: Mapping[type[Event], Callable[..., Iterator[Flaw]]] = {
            ev.SaleCompleted: self._ticket, ev.SaleRefunded: self._ticket, ev.DayOpened: self._opened,
            ev.DayClosed: self._day_closed, ev.CashCounted: self._late_count, ce.MonthClosed: self._month_closed, ce.YearClosed: self._year_closed,
            ce.AccountingYearSet: self._year_set, ev.LineVoided: self._counted, ev.TabVoided: self._counted,
            ev.ReceiptPrinted: self._counted, ev.DrawerOpened: self._counted, ev.PaymentTaken: self._part,
            ev.PaymentUndone: self._part, ev.CashMoved: self._cash_moved, ev.ThirdPartySettled: self._settled,
            ev.ThirdPartyMoved: self._third_party, ev.CommissionKept: self._commission, PaymentCorrected: self._corrected,
            JournalContinued: self._continued, JournalTailFound: self._continued,
        }  # fmt: skip
        self.kinds = frozenset(cls.kind for cls in self._acts)

    def tell(self, entry: Envelope, event: Any, before: bytes) -> Iterator[Flaw]:
        """Count one entry; yield what is wrong with it. `before` is the hash of the entry before."""
        act = self._acts.get(type(event))
        if act is not None:
            yield from act(entry, event, before)

    def _day(self, label: str) -> Sums:
        return self._sums.setdefault(label, {})

    def _next(self, series: str, found: int) -> Iterator[Flaw]:
        expected = self._numbers[series] + 1
        self._numbers[series] = found
        if found != expected:
            yield Flaw("number", {"said": found, "found": expected})

    # What adds up

    def _ticket(self, entry: Envelope, e: ev.SaleCompleted | ev.SaleRefunded, _before: bytes) -> Iterator[Flaw]:
        yield from self._next("no", e.no)
        day = self._days.get(e.day)
        if day is None or e.day[:10] <= self._closed_up_to:
            yield Flaw("closed", {"what": e.day})
        else:
            day.first_no, day.last_no = day.first_no or e.no, e.no
        yield from _ticket_flaws(e)
        sums = self._day(e.day)
        self._lines(sums, e)
        self._payments(sums, e)
        _add(sums, "op", entry.op, e.turnover)
        _add(sums, "turnover", "own", e.turnover)
        _add(sums, "count", "tickets" if isinstance(e, ev.SaleCompleted) else "refunds", 0)
        self._perpetual += e.turnover
        self._absolute += abs(e.turnover)
        for span in (e.day[:7], e.day[:4]):
            self._turnover[span] = self._turnover.get(span, 0) + e.turnover

    def _lines(self, sums: Sums, e: ev.SaleCompleted | ev.SaleRefunded) -> None:
        for line in e.lines:
            if line.vat_code not in OFF_TURNOVER:
                _add(sums, "family", line.family, line.gross)
                _add(sums, "mode", "takeaway" if line.takeaway else "onsite", line.gross)
        for part in e.vat:
            _add(sums, "vat", str(part.bp), part.gross, part.net)
        for off in e.off:
            _add(sums, "off", f"{off.code}:{off.owner}", off.amount)
            if off.owner:
                self._owe(off.owner, off.amount)
                _add(sums, "taken", off.owner, off.amount)

    def _payments(self, sums: Sums, e: ev.SaleCompleted | ev.SaleRefunded) -> None:
        for payment in e.payments:
            _add(sums, "means", payment.means, payment.amount)
            if payment.means == "cash":
                _add(sums, "cash", "cash_sales", payment.amount)
            if payment.owner:
                self._owe(payment.owner, -payment.amount)
                _add(sums, "settled", payment.owner, payment.amount)
        if isinstance(e, ev.SaleCompleted):
            self._paid_apart(sums, e)

    @staticmethod
    def _paid_apart(sums: Sums, e: ev.SaleCompleted) -> None:
        """Cash-back leaves the drawer and is on the card; cash taken before is no longer an open bill's."""
        if e.cashback:
            _add(sums, "cash", "cashback", -e.cashback)
            _add(sums, "means", "card", e.cashback, n=0)
            _add(sums, "means", "cash", -e.cashback, n=0)
        early = sum(payment.amount for payment in e.payments if payment.before and payment.means == "cash")
        if early:
            _add(sums, "cash", "open_tabs", -early)

    def _owe(self, owner: str, cents: int) -> None:
        self._owners[owner] = self._owners.get(owner, 0) + cents

    def _counted(self, _entry: Envelope, e: Any, _before: bytes) -> Iterator[Flaw]:
        what = "drawer_openings" if isinstance(e, ev.DrawerOpened) else "voids"
        if isinstance(e, ev.ReceiptPrinted):
            what = "duplicates" if e.copy else ""
        if what:
            _add(self._day(e.day), "count", what, 0)
        yield from ()

    def _part(self, _entry: Envelope, e: ev.PaymentTaken | ev.PaymentUndone, _before: bytes) -> Iterator[Flaw]:
        if e.means == "cash":
            _add(self._day(e.day), "cash", "open_tabs", e.amount if isinstance(e, ev.PaymentTaken) else -e.amount)
        yield from ()

    def _cash_moved(self, _entry: Envelope, e: ev.CashMoved, _before: bytes) -> Iterator[Flaw]:
        _add(self._day(e.day), "cash", "cash_in" if e.amount > 0 else "cash_out", e.amount)
        yield from ()

    def _settled(self, _entry: Envelope, e: ev.ThirdPartySettled, _before: bytes) -> Iterator[Flaw]:
        self._owe(e.owner, -e.amount)
        _add(self._day(e.day), "settled", e.owner, e.amount)
        if e.means == "cash":
            _add(self._day(e.day), "cash", "settled_cash", -e.amount)
        yield from ()

    def _third_party(self, _entry: Envelope, e: ev.ThirdPartyMoved, _before: bytes) -> Iterator[Flaw]:
        self._owe(e.owner, e.amount)
        _add(self._day(e.day), "taken" if e.amount > 0 else "settled", e.owner, abs(e.amount))
        if e.means == "cash":
            _add(self._day(e.day), "cash", "third_party_cash", e.amount)
        yield from ()

    def _corrected(self, _entry: Envelope, e: PaymentCorrected, _before: bytes) -> Iterator[Flaw]:
        sums = self._day(e.day)
        for means, cents in ((e.was, -e.amount), (e.now, e.amount)):
            _add(sums, "means", means, cents, n=0)
            if means == "cash":
                _add(sums, "cash", "cash_sales", cents, n=0)
        yield from ()

    def _continued(self, _entry: Envelope, e: JournalContinued | JournalTailFound, _before: bytes) -> Iterator[Flaw]:
        """Take up what HQ holds, or a copy found later, and this box does not."""
        self._numbers["no"] = max(self._numbers["no"], e.no)
        self._numbers["z"] = max(self._numbers["z"], e.z)
        self._perpetual += e.turnover
        self._absolute += e.absolute
        for span in e.spans:
            self._turnover[span.key] = self._turnover.get(span.key, 0) + span.amount
        for owed in e.owners:
            self._owe(owed.key, owed.amount)
        yield from ()

    def _commission(self, _entry: Envelope, e: ev.CommissionKept, _before: bytes) -> Iterator[Flaw]:
        self._owe(e.owner, -e.amount)
        yield from ()

    # Days

    def _opened(self, entry: Envelope, e: ev.DayOpened, _before: bytes) -> Iterator[Flaw]:
        if e.day in self._days or e.day[:10] <= self._closed_up_to:
            yield Flaw("closed", {"what": e.day})
        self._days[e.day] = _Day(entry, e)
        self._first_month = self._first_month or month_of(e.day)
        _add(self._day(e.day), "cash", "float", e.float_cents)

    def _day_closed(self, entry: Envelope, e: ev.DayClosed, before: bytes) -> Iterator[Flaw]:
        yield from self._next("z", e.z)
        day = self._days.pop(e.day, None)
        sums = self._sums.pop(e.day, {})
        if day is None:
            yield Flaw("closed", {"what": e.day})
            return
        yield from _compared(f"Z {e.z}", _said(e), self._day_of(entry, e, day, sums, before))
        month, totals = self._months.setdefault(month_of(e.day), {}), _compact(sums)
        _add(totals, "cash", "difference", e.difference)
        for (what, key), (amount, net, n) in totals.items():
            _add(month, what, key, amount, net, n)
        span = self._spans.setdefault(month_of(e.day), [0, e.z, e.z, 0, 0])
        span[0], span[2] = span[0] + 1, e.z
        span[3], span[4] = span[3] or day.first_no, day.last_no or span[4]

    def _day_of(self, entry: Envelope, e: ev.DayClosed, day: _Day, sums: Sums, before: bytes) -> Mapping[str, Any]:
        cash, year = _of(sums, "cash"), year_of(month_of(e.day), self._starts)
        other_year = year.first != f"{e.day[:4]}-01"
        expected = sum(row[0] for row in cash.values())
        return {
            "opened_at": day.opened_at, "first_seq": day.opened_seq, "last_seq": entry.seq - 1, "first_no": day.first_no,
            "last_no": day.last_no, "float_cents": day.float_cents, "expected": expected,
            "difference": 0 if e.counted < 0 else e.counted - expected,
            "operators": _amounts(_of(sums, "op")), "month_to_date": self._turnover.get(e.day[:7], 0),
            "year_to_date": self._turnover.get(e.day[:4], 0), "exercice_from": year.first if other_year else "",
            "exercice_to_date": self._to_date(year.months, month_of(e.day)) if other_year else 0,
            **self._common(entry, sums, before),
        }  # fmt: skip

    def _common(self, entry: Envelope, sums: Sums, before: bytes) -> Mapping[str, Any]:
        """What all closings say alike."""
        counts, cash = _of(sums, "count"), _of(sums, "cash")
        taken, settled = _of(sums, "taken"), _of(sums, "settled")
        owners = _moved(
            {
                owner: (taken.get(owner, (0, 0, 0))[0], settled.get(owner, (0, 0, 0))[0], balance)
                for owner, balance in self._owners.items()
            }
        )
        signs = {"cash_out": -1, "cashback": -1, "settled_cash": -1}
        return {
            **{name: counts.get(name, (0, 0, 0))[2] for name in _COUNTS},
            **{name: signs.get(name, 1) * cash.get(name, (0, 0, 0))[0] for name in _MONEY if name != "difference"},
            "turnover": _of(sums, "turnover").get("own", (0, 0, 0))[0],
            "vat": {bp: (gross, net) for bp, (gross, net, _n) in _of(sums, "vat").items()},
            "means": _amounts(_of(sums, "means")), "families": _amounts(_of(sums, "family")),
            "modes": _amounts(_of(sums, "mode")), "third_parties": owners,
            "off": {key: row[0] for key, row in _of(sums, "off").items()}, "perpetual": self._perpetual,
            "perpetual_absolute": self._absolute, "head_seq": entry.seq - 1, "head": before.hex(),
        }  # fmt: skip

    def _to_date(self, months: list[str], until: str) -> int:
        return sum(self._turnover.get(month, 0) for month in months if month <= until)

    # Months and years

    def _late_count(self, _entry: Envelope, e: ev.CashCounted, _before: bytes) -> Iterator[Flaw]:
        """A count after its Z is told by its month, or by the first one still open."""
        if e.day not in self._days:
            still = next_month(month_of(self._closed_up_to)) if self._closed_up_to else ""
            _add(self._months.setdefault(max(month_of(e.day), still), {}), "cash", "counted_after", e.difference)
        yield from ()

    def _year_set(self, _entry: Envelope, e: ce.AccountingYearSet, _before: bytes) -> Iterator[Flaw]:
        self._starts.append((month_of(e.valid_from), e.first_month))
        yield from ()

    def _month_closed(self, entry: Envelope, e: ce.MonthClosed, before: bytes) -> Iterator[Flaw]:
        yield from self._next("month", e.number)
        month = next_month(month_of(self._closed_up_to)) if self._closed_up_to else self._first_month
        if not month or any(month_of(label) <= month for label in self._days):
            yield Flaw("closed", {"what": e.period})
            return
        self._closed_up_to = last_day(month)
        yield from self._period(entry, e, "month", month, [month], before)

    def _year_closed(self, entry: Envelope, e: ce.YearClosed, before: bytes) -> Iterator[Flaw]:
        yield from self._next("year", e.number)
        first = next_month(month_of(self._year_end)) if self._year_end else ""
        year = year_of(first or self._first_month or "2000-01", self._starts)
        if not self._first_month or last_day(year.last) > self._closed_up_to:
            yield Flaw("closed", {"what": e.period})
            return
        year = Year(first or year.first, year.last)
        self._year_end = last_day(year.last)
        yield from self._period(entry, e, "year", year.name, year.months, before)

    def _period(
        self, entry: Envelope, e: ce.PeriodTotals, series: str, name: str, months: list[str], before: bytes
    ) -> Iterator[Flaw]:
        sums: Sums = {}
        for month in months:
            for (what, key), (amount, net, n) in self._months.get(month, {}).items():
                _add(sums, what, key, amount, net, n)
        spans = [self._spans[month] for month in months if month in self._spans]
        year = year_of(months[-1], self._starts)
        expected = {
            "period": name, "first_day": first_day(months[0]), "last_day": last_day(months[-1]), "days": sum(span[0] for span in spans),
            "first_z": spans[0][1] if spans else 0, "last_z": spans[-1][2] if spans else 0,
            "first_no": next((span[3] for span in spans if span[3]), 0), "last_no": max((span[4] for span in spans), default=0),
            "first_seq": self._last_seq[series] + 1, "last_seq": entry.seq - 1,
            "difference": _of(sums, "cash").get("difference", (0, 0, 0))[0],
            "year_to_date": self._to_date(year.months, months[-1]), **self._common(entry, sums, before),
        }  # fmt: skip
        if e.counted_after:
            # A closing of an older release does not say it.
            expected["counted_after"] = _of(sums, "cash").get("counted_after", (0, 0, 0))[0]
        self._last_seq[series] = entry.seq
        yield from _compared(e.period, _said(e), expected)


def _ticket_flaws(e: ev.SaleCompleted | ev.SaleRefunded) -> Iterator[Flaw]:
    """A ticket adds up: its lines, what was paid, its VAT by rate (R76, R77)."""
    lines, paid = sum(line.gross for line in e.lines), sum(payment.amount for payment in e.payments)
    rates: dict[int, tuple[int, int]] = {}
    for line in e.lines:
        if not line.vat_code:
            gross, net = rates.get(line.vat, (0, 0))
            rates[line.vat] = (gross + line.gross, net + line.net)
    told = {part.bp: (part.gross, part.net) for part in e.vat}
    own = sum(line.gross for line in e.lines if line.vat_code not in OFF_TURNOVER)
    checks = [
        ("total", e.total, lines),
        ("payments", paid, e.total),
        ("vat", told, rates),
        ("turnover", e.turnover, own),
    ]
    if isinstance(e, ev.SaleCompleted):
        nets = {part.bp: part.net for part in e.vat}
        checks.append(("net", nets, {part.bp: net_of(part.gross, part.bp) for part in e.vat}))
    for what, said, found in checks:
        if said != found:
            yield Flaw("sum", {"closing": e.no, "what": _(WORDS[what]), "said": said, "found": found})


def _compact(sums: Sums) -> Sums:
    """Return of a day what its month adds up."""
    return {key: row for key, row in sums.items() if key[0] != "op" and key[1] not in ("float", "open_tabs")}


def _amounts(rows: Mapping[str, tuple[int, int, int]]) -> dict[str, tuple[int, int]]:
    return {key: (amount, n) for key, (amount, _net, n) in rows.items()}


def _moved(owners: dict[str, tuple[int, int, int]]) -> dict[str, tuple[int, int, int]]:
    """Leave out third parties of whom all is nothing: sold and given back, a closing may name them or not."""
    return {owner: sums for owner, sums in owners.items() if any(sums)}


def _said(e: Any) -> Mapping[str, Any]:
    """Return a closing's fields, its lists by key."""
    told: dict[str, Any] = {name: getattr(e, name) for name in e.__struct_fields__}
    told["vat"] = {str(part.bp): (part.gross, part.net) for part in e.vat}
    for name in ("means", "families", "modes", "operators"):
        if name in told:
            told[name] = {one.key: (one.amount, one.n) for one in told[name]}
    told["third_parties"] = _moved({one.owner: (one.taken, one.settled, one.balance) for one in e.third_parties})
    told["off"] = {f"{part.code}:{part.owner}": part.amount for part in e.off}
    return told


def _compared(closing: str, said: Mapping[str, Any], expected: Mapping[str, Any]) -> Iterator[Flaw]:
    for what, found in expected.items():
        if said[what] != found:
            given, made = said[what], found
            if isinstance(found, dict):
                given = {k: v for k, v in said[what].items() if found.get(k) != v}
                made = {k: v for k, v in found.items() if said[what].get(k) != v}
            yield Flaw("closure", {"closing": closing, "what": _(WORDS.get(what, what)), "said": given, "found": made})
