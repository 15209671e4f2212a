"""Closing months and accounting years, by themselves: once nothing can enter them any more (R31–R37)."""

import sqlite3
from typing import Any

from pos import drafts
from pos import journal as journals
from pos.release import FISCAL_VERSION, VERSION
from pos.store import Store, Writing
from pos.till import clockset, period_tables, tables
from pos.till import refusals as no
from pos.till.closure_events import AccountingYearSet, ClosurePrinted, MonthClosed, YearClosed
from pos.till.events import KeyTotal, OffPart, OwnerTotal, VatPart
from pos.till.period_tables import DAY, MONTH, YEAR
from pos.till.spans import Year, first_day, last_day, month_of, next_month, year_of

FROM_EVER = "2000-01-01"
SOFTWARE = f"{VERSION}/{FISCAL_VERSION}"


def close_periods(tx: Writing) -> list[MonthClosed | YearClosed]:
    """Close, in order, each month that is over, and each accounting year that ends with one.

    Idle months are closed at zero, so that months follow one another without a gap (R35). A month
    waits while one of its days is open, and while a person's word about the time is still to be borne out.
    """
    conn = tx.conn
    month = _next_to_close(conn)
    if not month:
        return []
    until = _until(conn, tx.today)
    done: list[MonthClosed | YearClosed] = []
    while month < until:
        year = year_of(month, period_tables.year_starts(conn))
        closed = MonthClosed(**_totals(tx, MONTH, month, month, month, year))
        tx.record(closed)
        done += [closed, *_close_years(tx, month)]
        month = next_month(month)
    return done


def _close_years(tx: Writing, closed_month: str) -> list[MonthClosed | YearClosed]:
    """Close each accounting year whose last month is closed."""
    starts = period_tables.year_starts(tx.conn)
    before = period_tables.last_made(tx.conn, YEAR)
    first = next_month(month_of(before["last_day"])) if before is not None else ""
    year = year_of(first or period_tables.first_month(tx.conn), starts)
    year = Year(first or year.first, year.last)
    if year.last > closed_month:
        return []
    ended = YearClosed(**_totals(tx, YEAR, year.name, year.first, year.last, year))
    tx.record(ended)
    return [ended, *_close_years(tx, closed_month)]


def due(conn: sqlite3.Connection, today: str) -> bool:
    """Tell whether a month is over and not closed, with none of its days open."""
    month = _next_to_close(conn)
    return bool(month) and month < _until(conn, today)


def _until(conn: sqlite3.Connection, today: str) -> str:
    """Return the first month that is not surely over: today's, that of the open day, that of the last sure entry."""
    row, doubted = tables.open_day(conn), clockset.sure_day(conn)
    return min(month_of(day) for day in (today, row["day"] if row is not None else today, doubted or today))


def _next_to_close(conn: sqlite3.Connection) -> str:
    return period_tables.closing_next(conn) or period_tables.first_month(conn)


def require_open_period(tx: Writing, day: str) -> None:
    """Raise PeriodIsClosed when `day` belongs to a month that is closed (R34)."""
    closed = period_tables.closed_up_to(tx.conn)
    if closed and day[:10] <= closed:
        raise no.PeriodIsClosed(day=day[:10], last=closed)


def year_to_date(conn: sqlite3.Connection, month: str, year: Year) -> int:
    """Return the turnover from the beginning of the accounting year to the end of `month`."""
    return sum(tables.total(conn, one, "turnover", "own") for one in year.months if one <= month)


def _totals(tx: Writing, closing: str, period: str, first: str, last: str, year: Year) -> dict[str, Any]:
    """Return the fields of a closing: what the Zs of its months add up to, and where the journal stands."""
    conn = tx.conn
    sums = period_tables.sums(conn, first, last)
    days, first_z, last_z, first_no, last_no = period_tables.numbers(conn, first, last)
    before = period_tables.last_made(conn, closing)
    tip = journals.tip(conn, tx.store.journal) if tx.store.journal else None
    count, cash = sums.get("count", {}), sums.get("cash", {})
    fields: dict[str, Any] = {name: row[2] for name, row in count.items()}
    fields |= {name: row[0] for name, row in cash.items()}
    nothing = dict.fromkeys(_COUNTS + _CASH, 0)
    ack = drafts.get(conn, "hq_ack") or {}
    return {**nothing, **fields} | {
        "number": before["number"] + 1 if before else 1, "period": period, "first_day": first_day(first),
        "last_day": last_day(last), "days": days, "first_z": first_z, "last_z": last_z, "closed_at": tx.now, "auto": True,
        "first_seq": journals.at_place(before["seq"])[1] + 1 if before else 0, "last_seq": tip.seq if tip else 0,
        "first_no": first_no, "last_no": last_no, "turnover": sums.get("turnover", {}).get("own", (0, 0, 0))[0],
        "vat": [VatPart(bp=int(bp), gross=a, net=b) for bp, (a, b, _n) in sorted(sums.get("vat", {}).items(), key=lambda kv: -int(kv[0]))],
        "means": _keyed(sums.get("means", {})), "families": _keyed(sums.get("family", {})), "modes": _keyed(sums.get("mode", {})),
        "third_parties": _owners(conn, sums.get("owner", {})), "off": _off(sums.get("off", {})),
        "year_to_date": year_to_date(conn, last, year), "perpetual": tables.total(conn, tables.EVER, "turnover", "algebraic"),
        "perpetual_absolute": tables.total(conn, tables.EVER, "turnover", "absolute"),
        "head_seq": tip.seq if tip else 0, "head": tip.hash.hex() if tip else "", "acked": str(ack.get("head", ""))[:16],
        "sw": SOFTWARE,
    }  # fmt: skip


_COUNTS = ("tickets", "refunds", "voids", "duplicates", "drawer_openings")
_CASH = (
    "cash_sales",
    "cash_in",
    "cash_out",
    "cashback",
    "settled_cash",
    "third_party_cash",
    "difference",
    "counted_after",
)
Rows = dict[str, tuple[int, int, int]]


def _keyed(rows: Rows) -> list[KeyTotal]:
    return [KeyTotal(key=key, amount=amount, n=n) for key, (amount, _net, n) in rows.items()]


def _owners(conn: sqlite3.Connection, rows: Rows) -> list[OwnerTotal]:
    balances = tables.third_parties(conn)
    owners = sorted(set(rows) | {owner for owner, balance in balances.items() if balance})
    found = ((owner, rows.get(owner, (0, 0, 0))) for owner in owners)
    return [
        OwnerTotal(owner=owner, taken=row[0], settled=row[1], balance=balances.get(owner, 0)) for owner, row in found
    ]


def _off(rows: Rows) -> list[OffPart]:
    parts = ((key.partition(":"), amount) for key, (amount, _net, _n) in rows.items())
    return [OffPart(code=code, owner=owner, amount=amount) for (code, _sep, owner), amount in parts]


def set_accounting_year(store: Store, first_month: int, *, by: str, attempt: str = "") -> AccountingYearSet:
    """Say with which month the accounting year begins, from now on (R37). Raises ManagerNeeded, NoSuchMonth."""
    if not 1 <= first_month <= 12:
        raise no.NoSuchMonth(month=first_month)
    with store.writing(by=by, attempt=attempt) as tx:
        if tables.role_of(tx.conn, by) != "manager":
            raise no.ManagerNeeded
        # Said before the first day, it holds from ever.
        since = tx.today if period_tables.first_month(tx.conn) else FROM_EVER
        event = AccountingYearSet(first_month=first_month, valid_from=since, was=first_month_of(tx.conn))
        tx.record(event)
        return event


def first_month_of(conn: sqlite3.Connection) -> int:
    """Return the month with which the accounting year begins, as last said."""
    starts = period_tables.year_starts(conn)
    return starts[-1][1] if starts else 1


def print_closure(tx: Writing, closing: str, number: int, day: str) -> ClosurePrinted:
    """Record that a closing goes to the printer: the original once, then counted duplicates (R46)."""
    event = ClosurePrinted(closing=closing, number=number, copy=period_tables.prints(tx.conn, closing, number), day=day)
    tx.record(event)
    return event


__all__ = [
    "DAY", "MONTH", "YEAR", "close_periods", "first_month_of", "print_closure", "require_open_period",
    "set_accounting_year", "year_to_date",
]  # fmt: skip
