"""Giving back what was paid: a new ticket of opposite sign, by line or whole, with a reason (R48–R50)."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pos.money import format_euros
from pos.store import Store, Writing
from pos.till import corrections, rights, sell, tables
from pos.till import refusals as no
from pos.till.events import OffPart, Payment, SaleCompleted, SaleLine, SaleRefunded, VatPart
from pos.till.tab import CASH, MEANS
from pos.vat import OFF_TURNOVER

REASONS = ("mistake", "returned", "quality", "not_served", "other")


def refund_sale(
    store: Store, number: int, *, reason: str, lines: Sequence[tuple[int, int]] | None = None, means: str = "",
    by: str, attempt: str = "",
) -> SaleRefunded:  # fmt: skip
    """Refund ticket `number`: all that is left of it, or `lines` as (place, thousandths).

    The manager's act, in cash for a card sale as well (R28, R50). By default money goes back the way
    it came. Raises NoSuchTicket, NothingToRefund, ReasonMissing, ManagerNeeded, DrawerTooLow.
    """
    if reason not in REASONS:
        raise no.ReasonMissing
    with store.writing(by=by, attempt=attempt) as tx:
        day = sell.require_day(tx)
        return record(tx, day, prepare(tx, day, number, lines=lines, means=means), reason)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is about to be given back: lines of opposite sign, their places, and by which means."""

    sale: SaleCompleted
    seq: int
    before: dict[int, sqlite3.Row]
    places: list[int]
    lines: list[SaleLine]
    payments: list[Payment]

    @property
    def total(self) -> int:
        """What goes back, below zero."""
        return sum(line.gross for line in self.lines)


def prepare(
    tx: Writing, day: str, number: int, *, lines: Sequence[tuple[int, int]] | None, means: str = ""
) -> Prepared:
    """Return a refund that may be recorded; nothing is written yet. Raises what `refund_sale` raises."""
    rights.need(tx, rights.REFUND)
    pending = tables.pending_refund(tx.conn, number)
    if pending is not None:
        raise no.RefundPending(amount=format_euros(pending["amount"]))
    found = _lines_of(tx, number, lines)
    payments = _payments(
        tx, corrections.as_corrected(tx.conn, found.sale), found.total, means, day,
        _given_back(tx.store, tx.conn, number),
    )  # fmt: skip
    for feature in tx.features:
        for rule in feature.refund_rules:
            rule(tx.conn, day, found.sale, found.lines, payments)
    return replace(found, payments=payments)


def agreed(tx: Writing, number: int, *, lines: Sequence[tuple[int, int]], payments: Sequence[Payment]) -> Prepared:
    """Return a refund that was prepared before and whose money went back since: nothing may refuse it any more."""
    return replace(_lines_of(tx, number, lines), payments=list(payments))


def _lines_of(tx: Writing, number: int, lines: Sequence[tuple[int, int]] | None) -> Prepared:
    sale, seq = sell.sale_of(tx.store, tx.conn, number)
    if not isinstance(sale, SaleCompleted):
        raise no.NothingToRefund(no=number)
    before = tables.refunded_lines(tx.conn, number)
    wanted = lines if lines is not None else [(i, line.quantity) for i, line in enumerate(sale.lines)]
    places, refunded = _refunded_lines(sale, before, _merged(wanted))
    if not refunded:
        raise no.NothingToRefund(no=number)
    return Prepared(sale, seq, before, places, refunded, [])


def record(tx: Writing, day: str, found: Prepared, reason: str) -> SaleRefunded:
    """Write the refund, under the next ticket number."""
    sale = found.sale
    event = SaleRefunded(
        no=tables.next_no(tx.conn), day=day, original=sale.no, original_seq=found.seq, reason=reason,
        visit=sale.visit, lines=found.lines, places=found.places, payments=found.payments, total=found.total,
        turnover=sum(line.gross for line in found.lines if line.vat_code not in OFF_TURNOVER), regime=sale.regime, sw=sell.SOFTWARE,
        siret=sale.siret, vat=_vat(found.lines), off=_off(found.lines),
        cancels=_cancelled_uses(sale, found.before, found.places, found.lines), stop=sale.stop, commune=sale.commune,
    )  # fmt: skip
    tx.record(event)
    return event


def _refunded_lines(
    sale: SaleCompleted, before: dict[int, sqlite3.Row], wanted: Sequence[tuple[int, int]]
) -> tuple[list[int], list[SaleLine]]:
    """Return places and negative lines: amounts by difference of running shares, so parts add up (R49)."""
    places, out = [], []
    for place, asked in wanted:
        if not 0 <= place < len(sale.lines):
            raise no.NoSuchLine
        line = sale.lines[place]
        done = before[place]["quantity"] if place in before else 0
        quantity = min(asked, line.quantity - done)
        if quantity <= 0:
            continue
        gross = _share(line.gross, done + quantity, line.quantity) - _share(line.gross, done, line.quantity)
        net = _share(line.net, done + quantity, line.quantity) - _share(line.net, done, line.quantity)
        places.append(place)
        out.append(
            SaleLine(
                product=line.product, label=line.label, quantity=-quantity, unit_price=line.unit_price, gross=-gross,
                net=-net, vat=line.vat, vat_code=line.vat_code, takeaway=line.takeaway, nature=line.nature,
                family=line.family, service=line.service, owner=line.owner, ref=line.ref, unit=line.unit, menu=line.menu, alone=line.alone,
            )
        )  # fmt: skip
    return places, out


def _merged(wanted: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return each place once: the same line asked for twice is asked for its sum."""
    sums: dict[int, int] = {}
    for place, quantity in wanted:
        sums[place] = sums.get(place, 0) + quantity
    return list(sums.items())


def _given_back(store: Store, conn: sqlite3.Connection, number: int) -> dict[str, int]:
    """Return what earlier refunds of a ticket gave back, by means, in positive cents."""
    back: dict[str, int] = {}
    for row in tables.refunds_of(conn, number):
        event = store.event(conn, row["seq"]).event
        for payment in event.payments if isinstance(event, SaleRefunded) else ():
            back[payment.means] = back.get(payment.means, 0) - payment.amount
    return back


def _share(amount: int, part: int, whole: int) -> int:
    return (2 * amount * part + whole) // (2 * whole)


def _vat(lines: list[SaleLine]) -> list[VatPart]:
    sums: dict[int, list[int]] = {}
    for line in lines:
        if not line.vat_code:
            row = sums.setdefault(line.vat, [0, 0])
            row[0] += line.gross
            row[1] += line.net
    return [VatPart(bp=bp, gross=row[0], net=row[1]) for bp, row in sorted(sums.items(), reverse=True)]


def _off(lines: list[SaleLine]) -> list[OffPart]:
    sums: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.vat_code in OFF_TURNOVER:
            key = (line.vat_code, line.owner)
            sums[key] = sums.get(key, 0) + line.gross
    return [OffPart(code=code, owner=owner, amount=amount) for (code, owner), amount in sorted(sums.items())]


def _payments(
    tx: Writing, sale: SaleCompleted, total: int, means: str, day: str, back: Mapping[str, int]
) -> list[Payment]:
    """Return negative payments: by the given means, else the way the money came, last means first."""
    if means and means not in MEANS:
        raise no.NoSuchMeans(means=means)
    parts = [Payment(means=means, amount=total)] if means else _the_way_it_came(sale, -total, back)
    cash = -sum(part.amount for part in parts if part.means == CASH)
    held = tables.drawer_expected(tx.conn, day)
    if cash > held:
        raise no.DrawerTooLow(held=format_euros(held), amount=format_euros(cash))
    return parts


def _the_way_it_came(sale: SaleCompleted, left: int, back: Mapping[str, int]) -> list[Payment]:
    """Share `left` over the sale's means, what earlier refunds gave back apart; the rest in cash."""
    spent = dict(back)
    parts: list[Payment] = []
    for payment in reversed(sale.payments):
        before = min(spent.get(payment.means, 0), payment.amount)
        spent[payment.means] = spent.get(payment.means, 0) - before
        part = min(left, payment.amount - before)
        if part > 0:
            ref = payment.ref if payment.owner else ""
            parts.append(Payment(means=payment.means, amount=-part, ref=ref, owner=payment.owner))
            left -= part
    return [*parts, Payment(means=CASH, amount=-left)] if left else parts


def _cancelled_uses(
    sale: SaleCompleted, before: dict[int, sqlite3.Row], places: list[int], refunded: list[SaleLine]
) -> list[str]:
    """Return services of which nothing is left on the original ticket."""
    gone = {place: -line.quantity for place, line in zip(places, refunded, strict=True)}
    left: dict[str, int] = {}
    for place, line in enumerate(sale.lines):
        if line.service:
            done = (before[place]["quantity"] if place in before else 0) + gone.get(place, 0)
            left[line.service] = left.get(line.service, 0) + line.quantity - done
    return sorted(service for service, quantity in left.items() if quantity == 0 and _touched(sale, places, service))


def _touched(sale: SaleCompleted, places: list[int], service: str) -> bool:
    return any(sale.lines[place].service == service for place in places)
