"""Whatever the press counter does, copies are where the books say and the depot's account adds up."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.engines import consignment_tables
from pos.errors import Refusal
from pos.services.press import desk, reading
from pos.services.press.deliveries import Copies
from pos.services.press.unsold import Counted
from pos.till import close, refund, sell
from pos.till import tables as till
from pos.till.sell import SoldLine
from tests.conftest import open_test_store
from tests.services.press.conftest import BY, DAILY, MORNING, WEEKLY, furnish

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "sell", "refund", "bundle", "off", "correct", "state", "pay", "tomorrow"]),
        st.integers(0, 6), st.sampled_from([DAILY, WEEKLY]),
    ),
    max_size=30,
)  # fmt: skip


class Books:
    """What a clerk with a pencil would keep, beside the till."""

    def __init__(self) -> None:
        self.copies = {p: {"received": 0, "sold": 0, "returned": 0, "lost": 0} for p in (DAILY, WEEKLY)}
        self.account = 0
        self.sales: list[tuple[int, str, int]] = []


def act(store, books: Books, what: str, n: int, product: str, step: int) -> None:  # type: ignore[no-untyped-def]
    """Do one thing at the counter and write it in the books; a refusal leaves both as they were."""
    mine = books.copies[product]
    with store.reading() as conn:
        issues, statements = reading.on_sale(conn, product), reading.statements(conn)
    if what == "deliver":
        desk.receive_delivery(store, f"S{step}", [Copies(product=product, received=n * 1000)], **BY)
        mine["received"] += n
    elif what == "sell" and n:
        sale = sell.sell(store, lines=[SoldLine(product=product, quantity=n * 1000)], **BY).sale
        mine["sold"] += n
        books.account += sale.total
        books.sales.append((sale.no, product, n))
    elif what == "refund" and books.sales:
        no, sold_product, count = books.sales.pop(n % len(books.sales))
        books.account += refund.refund_sale(store, no, reason="mistake", **BY).total
        books.copies[sold_product]["sold"] -= count
    elif what == "bundle" and issues:
        one = issues[0]
        told = desk.return_unsold(store, [Counted(delivery=one.delivery, product=product, counted=n * 1000)], **BY)
        mine["returned"] += sum(line.returned for line in told.lines) // 1000
        mine["lost"] += sum(line.missing for line in told.lines) // 1000
    elif what == "off" and n:
        desk.write_off(store, product, n * 1000, **BY)
        mine["lost"] += n
    elif what == "correct" and issues:
        changed = desk.correct_delivery(store, issues[-1].delivery, product, n * 1000, **BY)
        mine["received"] += (changed.received - changed.was) // 1000
    elif what == "state":
        told = desk.close_statement(store, last=reading.today_of(store), **BY)
        books.account += told.charged - told.commission
    elif what == "pay" and statements and not statements[0]["paid_on"]:
        books.account -= desk.pay_statement(store, statements[0]["number"], **BY).amount
    elif what == "tomorrow":
        close.close_day(store, counted=20_000, **BY)
        store.clock.tick(24 * 3_600_000)
        close.open_day(store, 20_000, **BY)


@given(acts=ACTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_copies_and_account_are_what_happened(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, str]]
) -> None:
    """Received = sold + returned + lost + on sale, issue by issue too; the account is sales − commission + missing − paid."""
    store = open_test_store(tmp_path_factory.mktemp("press") / "cafe.db", StoppedClock(MORNING))
    books = Books()
    with store.bulk():
        furnish(store)
        for step, (what, n, product) in enumerate(acts):
            try:
                act(store, books, what, n, product, step)
            except Refusal:
                continue
        with store.reading() as conn:
            held = consignment_tables.stock(conn, "presse")
            for product, mine in books.copies.items():
                told = held.get(product, consignment_tables.Held())
                found = {"received": told.received, "sold": told.sold, "returned": told.returned, "lost": told.lost}
                assert found == {what: n * 1000 for what, n in mine.items()}
                early = conn.execute(
                    "SELECT coalesce(sum(quantity), 0) FROM press_early WHERE product = ?", (product,)
                ).fetchone()[0]
                left = conn.execute(
                    "SELECT coalesce(sum(received - sold - returned - missing), 0) FROM press_issue WHERE product = ?",
                    (product,),
                ).fetchone()[0]
                assert told.on_sale == left - early
                assert all(one.left >= 0 for one in reading.on_sale(conn, product))
            assert till.third_parties(conn).get("presse", 0) == books.account
        assert store.tables_that_differ() == []
    store.close()
