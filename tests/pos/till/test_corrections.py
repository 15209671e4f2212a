"""A means of payment typed wrong: corrected beside what was written, in today's totals, within what was paid (R25)."""

import pytest

from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.store import Store
from pos.till import close, corrections, refund, tables
from pos.till import refusals as no
from pos.till.sell import TakenPayment
from pos.till.tab import CARD, CASH
from tests.cast import BEA, FLOAT, VICTOR, furnish, of, open_cafe, sold

DAY_MS = 86_400_000


def means_of(store: Store) -> dict[str, int]:
    """Return the open day's means of payment."""
    with store.writing(by=BEA) as tx:
        row = tables.open_day(tx.conn)
        assert row is not None
        return {one.key: one.amount for one in close.totals_of(tx, row["day"], auto=False, counted=None).means}


def test_the_ticket_stays_and_the_totals_follow(store: Store) -> None:
    """R25: card typed for cash: the ticket's bytes stand, the day's means and drawer say what was true."""
    open_cafe(store)
    sale = of(sold(store, "croque"))
    with store.reading() as conn:
        seq = tables.ticket(conn, sale.no)["seq"]  # type: ignore[index]
        before = conn.execute("SELECT body FROM journal_entry WHERE seq = ?", (seq,)).fetchone()[0]
    done = corrections.correct_payment(store, sale.no, CASH, CARD, reason="mistyped", by=BEA)
    assert (done.no, done.amount, done.original_seq) == (1, 750, seq)
    assert {k: v for k, v in means_of(store).items() if v} == {CARD: 750}
    z = close.close_day(store, counted=FLOAT, by=BEA)
    assert (z.expected, z.difference, z.turnover, z.tickets) == (FLOAT, 0, 750, 1)
    with store.reading() as conn:
        assert conn.execute("SELECT body FROM journal_entry WHERE seq = ?", (seq,)).fetchone()[0] == before
    assert check_everything(store).findings == ()


def test_after_the_closing_today_bears_it(store: Store, clock: StoppedClock) -> None:
    """R25, R34: the closed day says what it said; the correction is dated and counted on the open day."""
    open_cafe(store)
    sale = of(sold(store, "croque", payments=[TakenPayment(means=CARD)]))
    first = close.close_day(store, by=BEA)
    clock.tick(DAY_MS)
    close.open_day(store, FLOAT, by=BEA)
    assert corrections.correct_payment(store, sale.no, CARD, CASH, reason="terminal", by=BEA).day == "2026-11-21"
    second = close.close_day(store, by=BEA)
    assert {one.key: one.amount for one in first.means} == {CARD: 750}
    assert {one.key: one.amount for one in second.means} == {CARD: -750, CASH: 750}
    assert second.expected == FLOAT + 750
    assert check_everything(store).findings == ()


def test_a_refund_follows_the_corrected_means(store: Store) -> None:
    """R25, R50: what was in truth paid by card goes back on the card."""
    open_cafe(store)
    sale = of(sold(store, "croque", "cafe"))
    corrections.correct_payment(store, sale.no, CASH, CARD, amount=750, reason="mistyped", by=BEA)
    back = refund.refund_sale(store, sale.no, reason="mistake", by=BEA)
    assert {p.means: p.amount for p in back.payments} == {CARD: -750, CASH: -160}
    with pytest.raises(no.NothingToCorrect):
        corrections.correct_payment(store, sale.no, CARD, CASH, reason="mistyped", by=BEA)


def test_only_what_was_paid_that_way_and_by_the_manager(store: Store) -> None:
    """R25: never more than the ticket says, never to a means that is none, never by a seller alone, never twice."""
    open_cafe(store)
    sale = of(sold(store, "croque"))
    for was, now, amount, refusal in (
        (CARD, CASH, None, no.NothingToCorrect), (CASH, CARD, 751, no.NothingToCorrect), (CASH, CARD, 0, no.NothingToCorrect),
        (CASH, CASH, None, no.NoSuchMeans), (CASH, "gold", None, no.NoSuchMeans),
    ):  # fmt: skip
        with pytest.raises(refusal):
            corrections.correct_payment(store, sale.no, was, now, amount=amount, reason="mistyped", by=BEA)
    with pytest.raises(no.ManagerNeeded):
        corrections.correct_payment(store, sale.no, CASH, CARD, reason="mistyped", by=VICTOR)
    with pytest.raises(no.ReasonMissing):
        corrections.correct_payment(store, sale.no, CASH, CARD, reason="", by=BEA)
    corrections.correct_payment(store, sale.no, CASH, CARD, reason="mistyped", by=BEA)
    with pytest.raises(no.NothingToCorrect):
        corrections.correct_payment(store, sale.no, CASH, CARD, reason="mistyped", by=BEA)
    corrections.correct_payment(store, sale.no, CARD, CASH, reason="mistyped", by=BEA)
    assert {k: v for k, v in means_of(store).items() if v} == {CASH: 750}


def test_a_card_that_bore_cash_handed_over_is_not_moved(store: Store) -> None:
    """R25, R93: a withdrawal exists by its card; its payment cannot become cash or a cheque."""
    open_cafe(store)
    sale = of(sold(store, "croque", payments=[TakenPayment(means=CARD)], cashback=2000))
    with pytest.raises(no.NothingToCorrect):
        corrections.correct_payment(store, sale.no, CARD, CASH, reason="mistyped", by=BEA)


def test_a_ticket_nobody_knows(store: Store) -> None:
    """R25: a correction links to a ticket that exists, on a day that is open."""
    furnish(store)
    with pytest.raises(no.DayNotOpen):
        corrections.correct_payment(store, 1, CASH, CARD, reason="mistyped", by=BEA)
    close.open_day(store, 0, by=BEA)
    with pytest.raises(no.NoSuchTicket):
        corrections.correct_payment(store, 1, CASH, CARD, reason="mistyped", by=BEA)
