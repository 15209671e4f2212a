"""Whatever happens at the counter, over nights, months and years: no closing ever differs from its entries (R37–R39)."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from pos.audit import check_everything
from pos.till import cash, clockset, close, corrections, limits, periods
from pos.till.closure_events import MonthClosed, YearClosed
from pos.till.events import DayClosed, ReceiptPrinted
from pos.till.tab import CARD, CASH
from tests.cast import BEA, VICTOR
from tests.properties.test_the_till_retold import ACafe


class ManyMonths(ACafe):
    """The careless café, with what only a closing would notice."""

    @rule(number=st.integers(1, 12), was=st.sampled_from([CASH, CARD, "cheque"]), now=st.sampled_from([CASH, CARD]))
    def correct(self, number: int, was: str, now: str) -> None:
        """A means typed wrong."""
        with self.no():
            corrections.correct_payment(self.store, number, was, now, reason="mistyped", by=BEA)

    @rule(
        owner=st.sampled_from(["presse", "bank"]),
        amount=st.integers(1, 3000),
        means=st.sampled_from([CASH, "transfer"]),
    )
    def move_others(self, owner: str, amount: int, means: str) -> None:
        """Others' money without a ticket."""
        with self.no():
            cash.move_third_party(self.store, owner, amount, reason="deposit", means=means, by=BEA)

    @rule(days=st.sampled_from([1, 8, 31, 40]), looked=st.booleans())
    def sleep(self, days: int, looked: bool) -> None:
        """The café is shut; the box closes what was forgotten when it starts, once its clock is believed."""
        self.clock.tick(days * 24 * 3_600_000)
        if looked:
            with self.no():
                clockset.confirm_clock(self.store, self.clock.now_ms(), sure=True, by=BEA)
        close.close_forgotten(self.store)

    @rule(copy=st.integers(0, 2))
    def print_one(self, copy: int) -> None:
        """A ticket is printed, also when no day is open."""
        with self.no(), self.store.writing(by=VICTOR) as tx:
            tx.record(ReceiptPrinted(no=1, copy=copy, day=tx.today))

    @rule(month=st.integers(1, 12))
    def begin_years_with(self, month: int) -> None:
        """The accountant asks for another accounting year."""
        with self.no():
            periods.set_accounting_year(self.store, month, by=BEA)

    @rule(counted=st.integers(0, 40_000))
    def count_late(self, counted: int) -> None:
        """The last closed day is counted after all."""
        with self.no():
            cash.count_drawer(self.store, counted=counted, by=BEA)

    @rule(age=st.sampled_from([limits.OFF, limits.ASK]))
    def ask_age(self, age: str) -> None:
        """The café asks for proof of age, or no longer."""
        with self.no():
            limits.set_limits(self.store, permit="IV", age=age, by=BEA)

    @invariant()
    def closings_are_proved(self) -> None:
        """R39: `zinc verify` finds nothing; kinds have their own gapless numbers and each month comes once (R31)."""
        if self.store.tip().seq % 7:
            return
        assert check_everything(self.store, seals=False).findings == ()
        with self.store.reading() as conn:
            events = [self.store.event(conn, seq).event for seq in range(self.store.tip().seq + 1)]
        assert [e.z for e in events if isinstance(e, DayClosed)] == list(
            range(1, 1 + sum(isinstance(e, DayClosed) for e in events))
        )
        months = [e for e in events if isinstance(e, MonthClosed)]
        assert [e.number for e in months] == list(range(1, len(months) + 1))
        assert len({e.period for e in months}) == len(months)
        years = [e for e in events if isinstance(e, YearClosed)]
        assert [e.number for e in years] == list(range(1, len(years) + 1))
        assert all(a.last_day < b.first_day for a, b in pairwise(years))

    def teardown(self) -> None:
        """Prove everything once more, the last day closed."""
        close.close_forgotten(self.store)
        assert check_everything(self.store).findings == ()
        super().teardown()


TestManyMonths = ManyMonths.TestCase
TestManyMonths.settings = settings(
    max_examples=8, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.faults
class TestManyMonthsForLong(ManyMonths.TestCase):
    """The same, for long."""

    settings = settings(TestManyMonths.settings, max_examples=1000, stateful_step_count=80)
