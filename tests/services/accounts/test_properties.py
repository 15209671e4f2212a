"""What must hold after any acts: the ledger is the sum of accounts, nothing prepaid is negative, retold = live."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.errors import Refusal
from pos.services.accounts import desk, reading, tables
from pos.till import card, cash, catalogue, close, refund, sell
from pos.till import tables as till
from pos.till.events import OperatorAdded
from pos.till.sell import SoldLine, TakenPayment
from tests.conftest import MORNING, open_test_store
from tests.services.accounts.conftest import BY, TODAY

CENTS = st.integers(1, 40).map(lambda n: n * 50)
WHO = st.integers(0, 1)
BILL = st.sampled_from(["bill-1", "bill-2"])
MEANS = st.sampled_from(["prepaid", "slate", "suspended", "gift", "local", "cash"])
TURN = st.one_of(
    st.tuples(st.just("top_up"), BILL, WHO, CENTS),
    st.tuples(st.just("pay_back"), BILL, WHO, CENTS),
    st.tuples(st.just("give"), BILL),
    st.tuples(st.just("voucher"), BILL, CENTS),
    st.tuples(st.just("add"), BILL, st.sampled_from(["cafe", "alcohol"]), CENTS),
    st.tuples(st.just("drop"), BILL),
    st.tuples(st.just("pay"), BILL, MEANS, WHO, CENTS),
    st.tuples(st.just("finish"), BILL),
    st.tuples(st.just("by_card"), BILL, st.sampled_from(["accepted", "refused"])),
    st.tuples(st.just("undo"), BILL),
    st.tuples(st.just("quick"), MEANS, WHO, CENTS),
    st.tuples(st.just("pay_out"), WHO, CENTS),
    st.tuples(st.just("write_off"), WHO, CENTS),
    st.tuples(st.just("hand_over"), CENTS, st.sampled_from(["cash", "supplier"])),
    st.tuples(st.just("refund"), st.integers(1, 15), st.sampled_from(["", "cash"])),
    st.tuples(st.just("elsewhere"), st.sampled_from(tables.OWNERS), CENTS),
)


class Counter:
    """Plays turns; a refusal is an answer like another."""

    def __init__(self, folder: str) -> None:
        self.store = open_test_store(Path(folder) / "cafe.db", StoppedClock(MORNING))
        with self.store.writing(by=BY) as tx:
            tx.record(OperatorAdded(op=BY, role="manager"))
        catalogue.load_starter(self.store, by=BY)
        close.open_day(self.store, 100_000, by=BY)
        desk.set_currency(self.store, label="La Gonette", by=BY)
        self.people = [desk.open_account(self.store, name=name, slate=True, by=BY).person for name in ("Anne", "Guy")]
        self.codes: list[str] = [""]
        with self.store.reading() as conn:
            self.alcohol = next(row["product"] for row in till.products(conn) if row["vat_class"] == "alcohol")

    def play(self, turn: tuple[object, ...]) -> None:
        told = [self.open_bill(value) if value in ("bill-1", "bill-2") else value for value in turn[1:]]
        try:
            getattr(self, str(turn[0]))(*told)
        except Refusal:
            return

    def open_bill(self, name: object) -> str:
        """A bill that was paid is followed by another one."""
        with self.store.reading() as conn:
            n = next(n for n in range(1000) if till.ticket_of_tab(conn, f"{name}-{n}") is None)
        return f"{name}-{n}"

    def top_up(self, bill: str, who: int, cents: int) -> None:
        desk.top_up(self.store, bill, self.people[who], cents, by=BY)

    def pay_back(self, bill: str, who: int, cents: int) -> None:
        desk.pay_back(self.store, bill, self.people[who], cents, by=BY)

    def give(self, bill: str) -> None:
        desk.give_coffees(self.store, bill, coffees=2, by=BY)

    def voucher(self, bill: str, cents: int) -> None:
        self.codes.append(desk.sell_voucher(self.store, bill, cents, by=BY).code)

    def add(self, bill: str, product: str, cents: int) -> None:
        code = self.alcohol if product == "alcohol" else product
        sell.add_product(self.store, bill, code, price=cents, by=BY)

    def drop(self, bill: str) -> None:
        with self.store.reading() as conn:
            tab = sell.current_tab(conn, bill)
        if tab is not None and tab.lines:
            sell.remove_line(self.store, bill, tab.lines[0].line_id, by=BY)

    def ref(self, means: str, who: int) -> str:
        return {"prepaid": self.people[who], "slate": self.people[who], "gift": self.codes[-1]}.get(means, "")

    def pay(self, bill: str, means: str, who: int, cents: int) -> None:
        sell.take_payment(self.store, bill, means, amount=cents, ref=self.ref(means, who), by=BY)

    def finish(self, bill: str) -> None:
        sell.take_payment(self.store, bill, "cash", by=BY)

    def by_card(self, bill: str, outcome: str) -> None:
        tab = card.start_card(self.store, bill, by=BY)
        try:
            card.settle_card(self.store, tab.card, outcome, by=BY)
        except Refusal as refusal:
            raise AssertionError(f"the terminal said {outcome} and the till said no: {refusal}") from refusal

    def undo(self, bill: str) -> None:
        sell.undo_payment(self.store, bill, by=BY)

    def quick(self, means: str, who: int, cents: int) -> None:
        told = [TakenPayment(means=means, ref=self.ref(means, who))]
        sell.sell(self.store, lines=[SoldLine(product="cafe", price=cents)], payments=told, by=BY)

    def pay_out(self, who: int, cents: int) -> None:
        desk.pay_out(self.store, self.people[who], cents, by=BY)

    def write_off(self, who: int, cents: int) -> None:
        desk.write_off(self.store, self.people[who], cents, "gesture", by=BY)

    def hand_over(self, cents: int, means: str) -> None:
        desk.hand_over_currency(self.store, cents, means=means, by=BY)

    def refund(self, number: int, means: str) -> None:
        refund.refund_sale(self.store, number, reason="mistake", means=means, by=BY)

    def elsewhere(self, owner: str, cents: int) -> None:
        cash.settle_third_party(self.store, owner, cents, by=BY)

    def check(self) -> None:
        """The promises, after every turn."""
        with self.store.reading() as conn:
            assert reading.faults(conn, till.third_parties(conn)) == []
            for row in conn.execute("SELECT prepaid, slate FROM accounts_account"):
                assert row["prepaid"] >= 0
                assert 0 <= row["slate"] <= 5_000
            assert all(row[0] >= 0 for row in conn.execute("SELECT balance FROM accounts_voucher"))
            assert all(row[0] >= 0 for row in conn.execute("SELECT balance FROM accounts_fund"))
            sums = conn.execute("SELECT what, ref, sum(amount) FROM accounts_move GROUP BY what, ref").fetchall()
            assert all(tables.balance_of(conn, what, ref) == cents for what, ref, cents in sums)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(TURN, max_size=40))
# A card payment is no account's: once it was counted as one, and an accepted card could not be settled.
@example(
    [
        ("give", "bill-2"),
        ("add", "bill-2", "cafe", 50),
        ("pay", "bill-2", "slate", 0, 50),
        ("by_card", "bill-2", "accepted"),
    ]
)
def test_accounts_and_ledger_agree_after_any_acts(turns: list[tuple[object, ...]]) -> None:
    """Prepaid, vouchers and fund never negative, slates within their ceiling, the ledger their sum, retold = live."""
    with tempfile.TemporaryDirectory() as folder:
        counter = Counter(folder)
        for turn in turns:
            counter.play(turn)
            counter.check()
        assert counter.store.tables_that_differ() == []
        with counter.store.reading() as conn:
            expected = till.drawer_expected(conn, TODAY)
            assert expected >= 0
        counter.store.close()
