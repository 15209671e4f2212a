"""What must hold for any sequence of acts: the identity, retold = live, no name in the journal."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.engines import consignment_tables as consigned
from pos.engines.consignment import half_up
from pos.errors import Refusal
from pos.services.bread import day, desk, orders, reading, statements, unclaimed
from pos.services.bread.contracts import Line
from pos.till import catalogue, close, refund, sell
from pos.till import tables as till
from pos.till.events import OperatorAdded
from pos.till.sell import SoldLine
from tests.conftest import MORNING, open_test_store
from tests.services.bread.conftest import BAGUETTE, BOULE, BY, TODAY, TOMORROW, agree

ARTICLES = st.sampled_from([BOULE, BAGUETTE])
PIECES = st.integers(0, 6).map(lambda n: n * 500)
NAMES = st.sampled_from(["Mme Zyxwv", "M. Qwertz", "Cantine Uiop"])
OWNER, MOVES = "baker:b1", ("received", "sold", "returned", "lost")
TURN = st.one_of(
    st.tuples(st.just("deliver"), ARTICLES, PIECES),
    st.tuples(st.just("correct"), st.integers(1, 4), ARTICLES, PIECES),
    st.tuples(st.just("sell"), ARTICLES, PIECES),
    st.tuples(st.just("order"), ARTICLES, PIECES, NAMES),
    st.tuples(st.just("aside")),
    st.tuples(st.just("bill"), st.integers(1, 6)),
    st.tuples(st.just("prepay"), st.integers(1, 6)),
    st.tuples(st.just("give"), st.integers(1, 6)),
    st.tuples(st.just("undo"), st.integers(1, 6)),
    st.tuples(st.just("release"), st.integers(1, 6)),
    st.tuples(st.just("refund"), st.integers(1, 12), st.sampled_from(["mistake", "quality"])),
    st.tuples(st.just("withdraw"), ARTICLES, PIECES),
    st.tuples(st.just("count"), ARTICLES, PIECES),
    st.tuples(st.just("gone"), st.sampled_from(["returned", "donated", "day_old"])),
    st.tuples(st.just("state")),
    st.tuples(st.just("night")),
)


class Café:
    """Plays turns; a refusal is an answer like another."""

    def __init__(self, folder, policy, **terms):
        self.clock = StoppedClock(MORNING)
        self.store = open_test_store(Path(folder) / "cafe.db", self.clock)
        self.day = TODAY
        with self.store.writing(by=BY) as tx:
            tx.record(OperatorAdded(op=BY, role="manager"))
        catalogue.load_starter(self.store, by=BY)
        agree(self.store, **{"unsold": "capped", "unsold_cap_bp": 1500, "unclaimed": policy, **terms})
        close.open_day(self.store, 100_000, by=BY)

    def play(self, turn):
        try:
            getattr(self, turn[0])(*turn[1:])
        except Refusal:
            return

    def deliver(self, article, n):
        day.receive_delivery(self.store, "b1", [day.Came(article=article, counted=n)], by=BY)

    def correct(self, delivery, article, n):
        day.correct_delivery(self.store, delivery, article, n, by=BY)

    def sell(self, article, n):
        sell.sell(self.store, lines=[SoldLine(product=article, quantity=n or 1000)], by=BY)

    def order(self, article, n, name):
        orders.place_order(
            self.store, [Line(article=article, quantity=n)], for_day=self.day, name=name, late=True, by=BY
        )

    def aside(self):
        desk.set_aside(self.store, by=BY)

    def bill(self, order):
        desk.bill_order(self.store, str(order), f"b{order}", by=BY)
        sell.take_payment(self.store, f"b{order}", "cash", by=BY)

    def prepay(self, order):
        desk.prepay_order(self.store, str(order), f"p{order}", by=BY)
        sell.take_payment(self.store, f"p{order}", "cash", by=BY)

    def give(self, order):
        desk.hand_over(self.store, str(order), by=BY)

    def undo(self, order):
        desk.undo_hand_over(self.store, str(order), by=BY)

    def release(self, order):
        unclaimed.release_orders(self.store, [str(order)], by=BY)

    def refund(self, number, reason):
        refund.refund_sale(self.store, number, reason=reason, by=BY)

    def withdraw(self, article, n):
        day.withdraw(self.store, article, n, "damaged", by=BY)

    def count(self, article, n):
        day.count_unsold(self.store, [Line(article=article, quantity=n)], day=self.day, by=BY)

    def gone(self, how):
        day.settle_unsold(self.store, how, day=self.day, by=BY)

    def state(self):
        statements.close_statement(self.store, "b1", by=BY)

    def night(self):
        if self.day == TODAY:
            self.clock.set("2026-11-21T07:00:00+01:00")
            self.day = TOMORROW
            close.open_day(self.store, 100_000, by=BY)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TURN, max_size=30), st.sampled_from(["free", "charge_if_prepaid", "charge_always"]))
def test_bread_is_never_made_nor_lost_by_the_tables(turns, policy):
    """Per day and article received = sold + returned + donated + day-old + lost + on sale; retold is the same."""
    with tempfile.TemporaryDirectory() as folder:
        café = Café(folder, policy)
        try:
            for turn in [("deliver", BOULE, 5000), *turns]:
                café.play(turn)
            assert café.store.tables_that_differ() == []
            with café.store.reading() as conn:
                assert reading.identity_faults(conn) == []
                bodies = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
            assert not any(name in bodies for name in (b"Zyxwv", b"Qwertz", b"Uiop", b"Aubry"))
        finally:
            café.store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(TURN, max_size=25))
def test_the_bakers_balance_is_what_statements_and_prepayments_say(turns):
    """On behalf: once all is stated, the balance is what is due plus what was paid ahead for bread not yet given."""
    with tempfile.TemporaryDirectory() as folder:
        café = Café(folder, "charge_if_prepaid")
        try:
            for turn in [("deliver", BOULE, 5000), ("deliver", BAGUETTE, 5000), *turns]:
                café.play(turn)
            for on in (TODAY, TOMORROW):
                _finish(café.store, on)
            café.play(("state",))
            with café.store.reading() as conn:
                due = sum(row["due"] for row in reading.statements(conn, "b1"))
                ahead = conn.execute(
                    "SELECT coalesce(sum(l.paid), 0) FROM bread_order o JOIN bread_order_line l USING (order_id)"
                    " WHERE o.state IN ('ordered', 'confirmed', 'set_aside')"
                ).fetchone()[0]
                assert till.third_parties(conn).get("baker:b1", 0) == due + ahead
        finally:
            café.store.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(TURN, max_size=25), st.sampled_from(["on_behalf", "own"]), st.sampled_from(["returned_100", "capped", "firm"])
)  # fmt: skip
def test_statements_hold_all_that_happened_and_nothing_twice(turns, mode, unsold):
    """All stated: lines add up to the lots, each lot whole, each due the sum it says, retold the same."""
    with tempfile.TemporaryDirectory() as folder:
        café = Café(folder, "charge_if_prepaid", mode=mode, unsold=unsold)
        try:
            for turn in [("deliver", BOULE, 5000), ("state",), *turns]:
                café.play(turn)
            for on in (TODAY, TOMORROW):
                _finish(café.store, on)
            café.play(("state",))
            with café.store.reading() as conn:
                assert consigned.not_stated(conn, OWNER, TOMORROW) == []
                stated = [café.store.event(conn, row["seq"]).event for row in reading.statements(conn, "b1")]
                held = consigned.stock(conn, OWNER)
                lots = [row for on in (TODAY, TOMORROW) for row in reading.stock(conn, on)]
                assert reading.identity_faults(conn) == []
                if mode == "own":
                    assert till.third_parties(conn) == {}
            for article in (BOULE, BAGUETTE):
                lines = [line for one in stated for line in one.lines if line.product == article]
                has = held.get(article, consigned.Held())
                assert [sum(getattr(line, what) for line in lines) for what in MOVES] == [
                    getattr(has, what) for what in MOVES
                ]
                money = sum(line.revenue + line.adjusted for line in lines)
                assert money == sum(r["sold_value"] + r["adjusted_value"] for r in lots if r["article"] == article)
            # Bags that wait are all that is left of a day that is over.
            assert all(row["on_sale"] == 0 for row in lots if row["received"] and not _kept(café.store, row))
            for one in stated:
                assert one.due == one.revenue + one.adjusted + one.charged - one.commission - one.deduction
                assert one.commission == half_up(one.revenue + one.adjusted + one.charged, 1800)
                assert one.charged == one.lost_value + one.uncredited
            assert café.store.tables_that_differ() == []
        finally:
            café.store.close()


def _kept(store, row):
    with store.reading() as conn:
        return reading.reserved(conn, row["day"]).get(row["article"], 0)


def _finish(store, on):
    with store.reading() as conn:
        left = reading.free(conn, on)
    if not left:
        return
    day.count_unsold(store, [Line(article=a, quantity=max(0, n)) for a, n in left.items()], day=on, by=BY)
    if any(n > 0 for n in left.values()):
        day.settle_unsold(store, "returned", day=on, by=BY)
