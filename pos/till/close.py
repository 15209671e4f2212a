"""Opening and closing the café's day. The Z reads running totals: as quick after 1,000 tickets as after one."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pos import drafts
from pos import journal as journals
from pos.clock import NEVER_SET, business_day
from pos.errors import Refusal
from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import cash, period_tables, periods, sell, tables, uses
from pos.till import refusals as no
from pos.till.card_events import CardsCompared
from pos.till.events import (
    DayClosed,
    DayOpened,
    KeyTotal,
    OffPart,
    OwnerTotal,
    Pieces,
    ReadingTaken,
    UseTotal,
    VatPart,
)  # fmt: skip
from pos.till.spans import month_of, year_of
from pos.till.tab import CARD
from pos.till.tables import EVER

# Queues the paper of what the transaction has closed: a power cut leaves no closing without (R14).
Paper = Callable[[Writing], None]


@dataclass(frozen=True, slots=True)
class DayState:
    """Where the day stands, and its label (or the label it would open under).

    `open`; `stale`: an earlier day is open; `closed`: it may open again as a second period; `none`.
    """

    state: str
    day: str
    opened_at: int = 0


def day_state(conn: sqlite3.Connection, today: str) -> DayState:
    """Return whether today can sell."""
    row = tables.open_day(conn)
    if row is not None:
        return DayState("open" if row["day"][:10] == today else "stale", row["day"], row["opened_at"])
    periods = tables.periods(conn, today)
    return DayState("closed" if periods else "none", f"{today}.{periods + 1}" if periods else today)


def open_day(store: Store, float_cents: int, *, paper: Paper | None = None, by: str, attempt: str = "") -> DayOpened:
    """Open today with this float. A day left open before is closed first by itself, uncounted (R35)."""
    with store.writing(by=by, attempt=attempt) as tx:
        state = day_state(tx.conn, tx.today)
        if state.state == "open":
            raise no.DayAlreadyOpen
        if state.state == "stale":
            _close(tx, state.day, auto=True, counted=None)
            state = day_state(tx.conn, tx.today)
        periods.close_periods(tx)
        periods.require_open_period(tx, state.day)
        if paper is not None:
            paper(tx)
        event = DayOpened(day=state.day, float_cents=float_cents)
        tx.record(event)
        return event


def take_reading(store: Store, *, by: str, attempt: str = "") -> DayClosed:
    """Return the day's totals so far (X): recorded as read, nothing sealed (R36)."""
    with store.writing(by=by, attempt=attempt) as tx:
        row = tables.open_day(tx.conn)
        if row is None:
            raise no.DayNotOpen
        reading = totals_of(tx, row["day"], auto=False, counted=None)
        tx.record(ReadingTaken(day=row["day"], turnover=reading.turnover))
        return reading


def close_day(
    store: Store, *, pieces: Sequence[Pieces] = (), counted: int | None = None, reason: str = "",
    cards: int | None = None, paper: Paper | None = None, by: str, attempt: str = "",
) -> DayClosed:  # fmt: skip
    """Close the open day: count (unless nothing is given), then the Z, sealed in the chain.

    `cards` is what the card terminal's own slip says it took, when somebody read it. `paper` queues what was closed.

    Raises DayNotOpen, BillsOpen, CardsUnsettled.
    """
    with store.writing(by=by, attempt=attempt) as tx:
        row = tables.open_day(tx.conn)
        if row is None:
            raise no.DayNotOpen
        _nothing_pending(tx)
        found = None
        if pieces or counted is not None:
            count = cash.counting(tx, pieces=pieces, counted=counted, reason=reason, day=row["day"])
            tx.record(count)
            found = count.counted
        if cards is not None:
            expected = cards_of(tx.conn, row["day"])
            tx.record(CardsCompared(day=row["day"], expected=expected, told=cards, difference=cards - expected))
        done = _close(tx, row["day"], auto=False, counted=found)
        if paper is not None:
            paper(tx)
        return done


def cards_of(conn: sqlite3.Connection, day: str) -> int:
    """Return what the day's card payments come to in the till: cash-back in, refunds and corrections off."""
    return tables.total(conn, day, "means", CARD)


def _nothing_pending(tx: Writing) -> None:
    for card in tables.unsettled_cards(tx.conn):
        raise no.CardsUnsettled(amount=format_euros(card["amount"]))
    waiting = [tab for tab in sell.open_tabs(tx.conn) if tab.lines]
    if waiting:
        raise no.BillsOpen(n=len(waiting))


def _close(tx: Writing, day: str, *, auto: bool, counted: int | None) -> DayClosed:
    event = totals_of(tx, day, auto=auto, counted=counted)
    tx.record(event)
    # A month that is over, and whose last day this was, can take nothing more: it is closed at once.
    periods.close_periods(tx)
    return event


def something_to_close(store: Store) -> bool:
    """Tell whether `close_forgotten` would close anything."""
    today = business_day(store.clock.now_ms())
    with store.reading() as conn:
        return day_state(conn, today).state == "stale" or periods.due(conn, today)


def close_forgotten(store: Store) -> list[str]:
    """Close a day left open before today, uncounted, then the months that are over; return what was closed.

    Called when the box starts and now and then: the figures of a forgotten evening are sealed under
    their true day without anybody thinking of it (R35). Waits while the clock cannot be believed.
    """
    with store.writing(by="box") as tx:
        if store.journal is None or store.clock.quality() == NEVER_SET:
            return []
        try:
            tx.check_clock()
        except Refusal:
            return []
        state = day_state(tx.conn, tx.today)
        if state.state == "stale":
            _close(tx, state.day, auto=True, counted=None)
        else:
            periods.close_periods(tx)
        return [getattr(done.event, "day", "") or getattr(done.event, "period", "") for done in tx.recorded]


def totals_of(tx: Writing, day: str, *, auto: bool, counted: int | None) -> DayClosed:
    """Return everything `day` adds up to (R32), as the closure would record it now."""
    conn = tx.conn
    row = tables.day_row(conn, day)
    if row is None:
        raise no.DayNotOpen
    numbers = conn.execute(
        "SELECT coalesce(min(no), 0), coalesce(max(no), 0) FROM till_ticket WHERE day = ?", (day,)
    ).fetchone()
    counts = tables.totals(conn, day, "count")
    money = tables.totals(conn, day, "cash")
    expected = tables.drawer_expected(conn, day)
    tip = journals.tip(conn, tx.store.journal) if tx.store.journal else None
    cafe = tables.cafe(conn, day)
    return DayClosed(
        z=tables.next_z(conn), day=day, opened_at=row["opened_at"], closed_at=tx.now, auto=auto,
        first_seq=journals.at_place(row["opened_seq"])[1], last_seq=tip.seq if tip else 0, first_no=numbers[0], last_no=numbers[1],
        tickets=_n(counts, "tickets"), refunds=_n(counts, "refunds"),
        voids=_n(counts, "voided_lines") + _n(counts, "voided_tabs"), duplicates=_n(counts, "duplicates"),
        drawer_openings=_n(counts, "drawer_openings"), turnover=tables.total(conn, day, "turnover", "own"),
        vat=[VatPart(bp=int(bp), gross=a, net=b) for bp, (a, b, _) in sorted(tables.totals(conn, day, "vat").items(), key=lambda kv: -int(kv[0]))],
        means=_keyed(conn, day, "means"), families=_keyed(conn, day, "family"), modes=_keyed(conn, day, "mode"),
        operators=_keyed(conn, day, "op"), third_parties=_owners(conn, day), off=_off(conn, day),
        float_cents=row["float_cents"], cash_sales=_amount(money, "sales"), cash_in=_amount(money, "in"),
        cash_out=-_amount(money, "out"), cashback=-_amount(money, "cashback"), settled_cash=-_amount(money, "settled"),
        third_party_cash=_amount(money, "third"),
        expected=expected, counted=-1 if counted is None else counted,
        difference=0 if counted is None else counted - expected,
        month_to_date=tables.total(conn, day[:7], "turnover", "own"), year_to_date=tables.total(conn, day[:4], "turnover", "own"),
        perpetual=tables.total(conn, EVER, "turnover", "algebraic"), perpetual_absolute=tables.total(conn, EVER, "turnover", "absolute"),
        head_seq=tip.seq if tip else 0, head=tip.hash.hex() if tip else "", acked=_acked(conn),
        uses=[UseTotal(service=service, n=n) for service, n in uses.of_day(conn, day).items()],
        **_exercice(conn, day), regime=cafe.regime if cafe else "", sw=periods.SOFTWARE,
    )  # fmt: skip


def _exercice(conn: sqlite3.Connection, day: str) -> dict[str, Any]:
    """Return the accounting year's own total where it is not the calendar's."""
    month = month_of(day)
    year = year_of(month, period_tables.year_starts(conn))
    if year.first == f"{day[:4]}-01":
        return {}
    return {"exercice_from": year.first, "exercice_to_date": periods.year_to_date(conn, month, year)}


def _n(rows: dict[str, tuple[int, int, int]], key: str) -> int:
    return rows[key][2] if key in rows else 0


def _amount(rows: dict[str, tuple[int, int, int]], key: str) -> int:
    return rows[key][0] if key in rows else 0


def _keyed(conn: sqlite3.Connection, day: str, what: str) -> list[KeyTotal]:
    return [KeyTotal(key=key, amount=a, n=n) for key, (a, _b, n) in tables.totals(conn, day, what).items()]


def _owners(conn: sqlite3.Connection, day: str) -> list[OwnerTotal]:
    taken, settled = tables.totals(conn, day, "taken"), tables.totals(conn, day, "settled")
    balances = tables.third_parties(conn)
    return [
        OwnerTotal(owner=owner, taken=_amount(taken, owner), settled=_amount(settled, owner), balance=balance)
        for owner, balance in balances.items()
        if balance or owner in taken or owner in settled
    ]


def _off(conn: sqlite3.Connection, day: str) -> list[OffPart]:
    out = []
    for key, (amount, _net, _n) in tables.totals(conn, day, "off").items():
        code, _sep, owner = key.partition(":")
        out.append(OffPart(code=code, owner=owner, amount=amount))
    return out


def _acked(conn: sqlite3.Connection) -> str:
    """Return the short form of the last head HQ acknowledged (design: it goes on the Z)."""
    ack = drafts.get(conn, "hq_ack") or {}
    return str(ack.get("head", ""))[:16]
