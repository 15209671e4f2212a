"""Whatever happens at the counter, in whatever order: what is told live is what the journal tells.

Hypothesis plays random days: bills, parts, cards, cash-back, refunds, closings, nights, clocks.
After each act what must always hold is checked.
"""

import random
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pos import journal
from pos.archive import verifier
from pos.clock import StoppedClock
from pos.errors import AlreadyDone, Refusal
from pos.services.cashback import desk
from pos.till import card, card_refund, cash, close, refund, sell, tables
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.sell import SoldLine
from pos.till.tab import CARD, CASH
from tests.cast import BEA, MENU, VICTOR, furnish
from tests.conftest import MORNING, open_test_store

TABS = st.sampled_from(["a", "b", "c"])
PRODUCTS = st.sampled_from([p.product for p in MENU])
CENTS = st.integers(-200, 5000)
MEANS = st.sampled_from([CASH, CASH, "cheque", "meal_voucher", "voucher", CARD, "bitcoin"])


class ACafe(RuleBasedStateMachine):
    """A till with three bills at once and nobody careful at the counter."""

    def __init__(self) -> None:
        super().__init__()
        # A run tried again is the same run: ids of one millisecond come in the same order.
        told = random.Random(0)
        self.by_chance, secrets.token_hex = secrets.token_hex, lambda n=32: told.randbytes(n).hex()
        self.folder = TemporaryDirectory()
        self.clock = StoppedClock(MORNING)
        self.store = open_test_store(Path(self.folder.name) / "cafe.db", self.clock)
        furnish(self.store)
        close.open_day(self.store, 15_000, by=BEA)
        # Bills of the screens: a paid bill's id is never used again.
        self.round = dict.fromkeys("abc", 0)
        self.refused = 0

    def teardown(self) -> None:
        """End the day: code that shares nothing with the till finds the same totals in every closing."""
        secrets.token_hex = self.by_chance
        verifier.check(verifier.open_source(self.store.path))
        self.store.close()
        self.folder.cleanup()

    def tab_id(self, tab: str) -> str:
        """Return the bill on a screen, a new one when the last was paid."""
        with self.store.reading() as conn:
            if tables.ticket_of_tab(conn, f"{tab}{self.round[tab]}") is not None:
                self.round[tab] += 1
        return f"{tab}{self.round[tab]}"

    def no(self) -> suppress:
        """Let the till refuse: what it refuses must leave no trace."""
        return suppress(Refusal, AlreadyDone)

    @rule(tab=TABS, products=st.lists(PRODUCTS.filter(lambda code: code != "divers"), min_size=1, max_size=4))
    def order(self, tab: str, products: list[str]) -> None:
        """What happens most: a few tiles, one after the other."""
        for product in products:
            with self.no():
                sell.add_product(self.store, self.tab_id(tab), product, by=VICTOR)

    @rule(tab=TABS, means=st.sampled_from([CASH, CASH, "cheque"]))
    def pay_all(self, tab: str, means: str) -> None:
        """What is due, to the cent."""
        with self.no():
            sell.take_payment(self.store, self.tab_id(tab), means, by=VICTOR)

    @rule(tab=TABS, amount=st.sampled_from([0, 0, 2000, 6000]))
    def pay_all_by_card(self, tab: str, amount: int) -> None:
        """Card, perhaps with cash, accepted."""
        with self.no():
            if amount:
                desk.propose(self.store, self.tab_id(tab), amount, by=VICTOR)
            shown = card.start_card(self.store, self.tab_id(tab), by=VICTOR)
            card.settle_card(self.store, shown.card, card.ACCEPTED, by=VICTOR)

    @rule(products=st.lists(PRODUCTS.filter(lambda code: code != "divers"), min_size=1, max_size=6), back=st.booleans())
    def sell_at_once(self, products: list[str], back: bool) -> None:
        """A sale noted and entered whole, sometimes given back at once."""
        with self.no():
            sale = sell.sell(self.store, lines=[SoldLine(product=code) for code in products], by=VICTOR).sale
            if back and sale is not None:
                refund.refund_sale(self.store, sale.no, reason="mistake", lines=[(0, 1000)], by=BEA)

    @rule(
        tab=TABS, product=PRODUCTS, quantity=st.sampled_from([1000, 1000, 2000, 350, 0, -1000]), price=st.none() | CENTS
    )
    def add(self, tab: str, product: str, quantity: int, price: int | None) -> None:
        """A tile is touched."""
        with self.no():
            sell.add_product(self.store, self.tab_id(tab), product, quantity=quantity, price=price, by=VICTOR)

    @rule(
        tab=TABS, what=st.sampled_from(["less", "off", "discount", "offer", "away", "void", "park", "take_up"]), n=CENTS
    )
    def change(self, tab: str, what: str, n: int) -> None:
        """Something on a bill is changed."""
        tab_id = self.tab_id(tab)
        with self.store.reading() as conn:
            found = sell.current_tab(conn, tab_id)
        line = found.lines[n % len(found.lines)].line_id if found is not None and found.lines else "none"
        acts = {
            "less": lambda: sell.change_quantity(self.store, tab_id, line, n, by=VICTOR),
            "off": lambda: sell.remove_line(self.store, tab_id, line, by=VICTOR),
            "discount": lambda: sell.discount_line(self.store, tab_id, line, n, by=VICTOR),
            "offer": lambda: sell.offer_line(self.store, tab_id, line, "courtesy" if n % 2 else "", by=VICTOR),
            "away": lambda: sell.set_takeaway(self.store, tab_id, takeaway=bool(n % 2), by=VICTOR),
            "void": lambda: sell.void_tab(self.store, tab_id, "left", by=VICTOR),
            "park": lambda: sell.park_tab(self.store, tab_id, by=VICTOR),
            "take_up": lambda: sell.take_up_tab(self.store, tab_id, by=VICTOR),
        }
        with self.no():
            acts[what]()

    @rule(tab=TABS, means=MEANS, amount=st.none() | CENTS, given=st.none() | CENTS)
    def pay(self, tab: str, means: str, amount: int | None, given: int | None) -> None:
        """All or part of a bill is paid."""
        with self.no():
            sell.take_payment(self.store, self.tab_id(tab), means, amount=amount, given=given, by=VICTOR)

    @rule(tab=TABS)
    def undo(self, tab: str) -> None:
        """A part is given back."""
        with self.no():
            sell.undo_payment(self.store, self.tab_id(tab), by=VICTOR)

    @rule(tab=TABS, part=st.none() | CENTS)
    def show_card(self, tab: str, part: int | None) -> None:
        """The amount is shown for the terminal."""
        with self.no():
            card.start_card(self.store, self.tab_id(tab), amount=part, by=VICTOR)

    @rule(outcome=st.sampled_from([card.ACCEPTED, card.ACCEPTED, card.REFUSED, card.CANCELLED]))
    def settle_card(self, outcome: str) -> None:
        """The terminal answered."""
        with self.store.reading() as conn:
            waiting = card.unsettled(conn)
        for row in waiting[:1]:
            settle = card.settle_card if row["action"] == "pay" else card_refund.settle_refund
            with self.no():
                settle(self.store, row["payment"], outcome, by=VICTOR)

    @rule(tab=TABS, amount=st.sampled_from([1000, 2000, 6000, 7000, 500]), take_off=st.booleans())
    def cash_back(self, tab: str, amount: int, take_off: bool) -> None:
        """The customer asks for cash, or thinks again."""
        with self.no():
            if take_off:
                desk.withdraw(self.store, self.tab_id(tab), by=VICTOR)
            else:
                desk.propose(self.store, self.tab_id(tab), amount, by=VICTOR)

    @rule(
        number=st.integers(1, 12),
        place=st.integers(0, 3),
        quantity=st.none() | st.integers(-500, 3000),
        means=st.sampled_from(["", "", CASH, CARD]),
    )
    def give_back(self, number: int, place: int, quantity: int | None, means: str) -> None:
        """All or part of a ticket is given back."""
        lines = None if quantity is None else [(place, quantity)]
        with self.no():
            refund.refund_sale(self.store, number, reason="returned", lines=lines, means=means, by=BEA)

    @rule(number=st.integers(1, 12), place=st.none() | st.integers(0, 3), means=st.sampled_from(["", "", CARD]))
    def give_back_on_card(self, number: int, place: int | None, means: str) -> None:
        """All or a line of a ticket is about to go back on a card; the terminal answers some time."""
        lines = None if place is None else [(place, 1000)]
        with self.no():
            card_refund.start_refund(self.store, number, reason="returned", lines=lines, means=means, by=BEA)

    @rule(tab=TABS)
    def undo_card(self, tab: str) -> None:
        """A part paid by card is about to be undone."""
        with self.no():
            card_refund.start_undo(self.store, self.tab_id(tab), by=VICTOR)

    @rule(amount=st.integers(-20_000, 20_000))
    def move(self, amount: int) -> None:
        """Cash goes in or out."""
        with self.no():
            cash.move_cash(self.store, amount, "other", by=BEA)

    @rule(owner=st.sampled_from(["presse", "laposte", "nobody"]), amount=st.integers(-10, 400), keep=st.booleans())
    def hand_over(self, owner: str, amount: int, keep: bool) -> None:
        """Others get their money."""
        with self.no():
            (cash.keep_commission if keep else cash.settle_third_party)(self.store, owner, amount, by=BEA)

    @rule(counted=st.none() | st.integers(0, 40_000))
    def close(self, counted: int | None) -> None:
        """The day is closed, if the till lets it."""
        with self.no():
            close.close_day(self.store, counted=counted, by=BEA)
            close.open_day(self.store, 10_000, by=BEA)

    @rule(float_cents=st.integers(0, 20_000))
    def open(self, float_cents: int) -> None:
        """The day is opened, a forgotten one closed first."""
        with self.no():
            close.open_day(self.store, float_cents, by=BEA)

    @rule(hours=st.sampled_from([1, 1, 1, 5, 24, 240]))
    def wait(self, hours: int) -> None:
        """Time passes; after a night somebody opens, or forgets to for a while."""
        self.clock.tick(hours * 3_600_000)
        if hours == 24:
            with self.no():
                close.open_day(self.store, 12_000, by=BEA)

    @precondition(lambda self: self.store.tip().seq % 4 == 0)
    @rule()
    def restart(self) -> None:
        """The box is switched off and on."""
        self.store.close()
        self.store = open_test_store(self.store.path, self.clock)

    @invariant()
    def money_adds_up(self) -> None:
        """Tickets gapless and each right in itself; refunds within their sale; the chain whole."""
        with self.store.reading() as conn:
            numbers = [row["no"] for row in conn.execute("SELECT no FROM till_ticket ORDER BY no")]
            assert numbers == list(range(1, len(numbers) + 1))
            turnover = 0
            for row in conn.execute("SELECT seq, total, original, refunded FROM till_ticket").fetchall():
                sale = self.store.event(conn, row["seq"]).event
                assert isinstance(sale, SaleCompleted | SaleRefunded)
                turnover += sale.turnover
                assert sale.total == sum(line.gross for line in sale.lines) == sum(p.amount for p in sale.payments)
                assert sale.turnover == sum(v.gross for v in sale.vat)
                assert 0 <= row["refunded"] <= max(0, row["total"])
            assert tables.total(conn, tables.EVER, "turnover", "algebraic") == turnover
            assert all(balance >= 0 for balance in self._owed_without_refunds(conn))

    def _owed_without_refunds(self, conn: object) -> list[int]:
        """Return balances of third parties nobody gave a refund of after settling."""
        refunds = conn.execute("SELECT count(*) FROM till_ticket WHERE original > 0").fetchone()[0]  # type: ignore[attr-defined]
        return [] if refunds else list(tables.third_parties(conn).values())  # type: ignore[arg-type]

    @invariant()
    def the_journal_tells_the_tables(self) -> None:
        """Retold into memory, every table is the live one; the chain and seals are whole."""
        if self.store.tip().seq % 5 == 0:
            assert self.store.tables_that_differ() == []
            with self.store.reading() as conn:
                assert journal.verify(conn, self.store.journals()[0])[1] is None


TestTheTill = ACafe.TestCase
TestTheTill.settings = settings(
    max_examples=25, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.faults
class TestTheTillForLong(ACafe.TestCase):
    """The same, for long."""

    settings = settings(TestTheTill.settings, max_examples=1500, stateful_step_count=80)
