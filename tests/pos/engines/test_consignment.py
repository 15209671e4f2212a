"""Goods sold for others: the identity that always holds, statements to the cent, corrections not edits."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.engines import consignment, consignment_tables
from pos.engines.consignment import Line
from pos.engines.consignment_events import ContractSet
from pos.store import Store
from pos.till import cash, catalogue, close, refund, sell, tables
from pos.till.events import OperatorAdded, ProductListed
from pos.till.sell import SoldLine
from tests.conftest import open_test_store

OWNER = "producer:p1"


def honey(price: int = 850, product: str = "miel") -> ProductListed:
    """A jar of honey on the menu."""
    return ProductListed(product=product, label="Miel de pays", category="epicerie", price=price, vat_class="grocery")


@pytest.fixture
def shop(store: Store) -> Store:
    """A café that sells a producer's honey on his behalf, 15 %, unsold returned."""
    with store.writing(by="g1") as tx:
        tx.record(OperatorAdded(op="g1", role="manager"))
    catalogue.list_category(store, "epicerie", label="Épicerie", by="g1")
    catalogue.list_product(store, honey(), by="g1")
    catalogue.list_product(store, honey(420, "confiture"), by="g1")
    close.open_day(store, 15000, by="g1")
    consignment.set_contract(store, OWNER, commission_bp=1500, products=("miel", "confiture"), by="g1")
    return store


def test_sold_returned_and_lost_come_from_what_was_received(shop: Store) -> None:
    """Received = sold + returned + lost + on sale, after each move."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=12000, ordered=15000)], note_no="BL 4", by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=3000)], by="g1")
    consignment.give_back(shop, OWNER, [Line(product="miel", quantity=2000)], by="g1")
    consignment.lose(shop, OWNER, [Line(product="miel")], "damaged", by="g1")
    with shop.reading() as conn:
        held = consignment_tables.stock(conn, OWNER)["miel"]
        assert (held.received, held.sold, held.returned, held.lost, held.on_sale) == (12000, 3000, 2000, 1000, 6000)
        assert consignment.identity_faults(conn) == []
    with pytest.raises(consignment.NotThatMany) as refused:
        consignment.give_back(shop, OWNER, [Line(product="miel", quantity=6001)], by="g1")
    # As people call it: its code is nobody's word.
    assert "Miel" in str(refused.value.what())
    assert shop.tables_that_differ() == []


def test_a_statement_leaves_the_owner_what_is_due(shop: Store) -> None:
    """Sales less commission, half up on the total; the third-party account is what is due, and settling clears it."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=3000)], by="g1")
    statement = consignment.close_statement(shop, OWNER, by="g1")
    assert (statement.revenue, statement.commission, statement.due) == (2550, 383, 2167)
    with shop.reading() as conn:
        assert tables.third_parties(conn)[OWNER] == 2167
        assert tables.total(conn, "2026-11-20", "turnover", "own") == 0
    cash.settle_third_party(shop, OWNER, 2167, by="g1")
    with shop.reading() as conn:
        assert tables.third_parties(conn)[OWNER] == 0
    with pytest.raises(consignment.NothingToState):
        consignment.close_statement(shop, OWNER, by="g1")


def test_a_late_refund_is_a_correction_in_the_next_statement(shop: Store) -> None:
    """A closed statement is never edited: what comes after is a line of its own in the next."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    sale = sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1").sale
    first = consignment.close_statement(shop, OWNER, by="g1")
    refund.refund_sale(shop, sale.no, reason="quality", lines=[(0, 1000)], by="g1")
    shop.clock.tick(24 * 3600 * 1000)  # type: ignore[attr-defined]
    close.open_day(shop, 15000, by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=5000)], by="g1")
    second = consignment.close_statement(shop, OWNER, by="g1")
    assert first.revenue == 1700
    assert [(line.sold, line.revenue, line.correction) for line in second.lines] == [
        (5000, 4250, False),
        (-1000, -850, True),
    ]
    assert (second.number, second.revenue) == (2, 3400)


@pytest.mark.parametrize(
    ("terms", "charged"),
    [
        ({"unsold": "returned_100"}, 0),
        ({"unsold": "capped", "cap_bp": 1000}, 4 * 850 - 850),
        ({"unsold": "firm"}, 4 * 850),
        ({"waste": "cafe"}, 850),
    ],
)
def test_the_contract_says_who_bears_the_unsold(shop: Store, terms: dict[str, object], charged: int) -> None:
    """Returned goods beyond the cap, firm buying and losses on the café are charged in the statement."""
    consignment.set_contract(shop, OWNER, commission_bp=1500, by="g1", **terms)  # type: ignore[arg-type]
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1")
    consignment.give_back(shop, OWNER, [Line(product="miel", quantity=4000)], by="g1")
    consignment.lose(shop, OWNER, [Line(product="miel")], "damaged", by="g1")
    statement = consignment.close_statement(shop, OWNER, by="g1")
    assert (statement.charged, statement.due) == (charged, 1700 - 255 + charged)
    with shop.reading() as conn:
        assert tables.third_parties(conn)[OWNER] == statement.due


def test_goods_sold_in_the_café_s_own_name_are_its_turnover(shop: Store) -> None:
    """A commissionnaire in his own name sells with VAT; the owner's due stands on the account."""
    consignment.set_contract(shop, OWNER, commission_bp=2000, tax_mode="own_name", products=("miel",), by="g1")
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    sale = sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1").sale
    assert (sale.turnover, sale.off) == (1700, [])
    statement = consignment.close_statement(shop, OWNER, by="g1")
    assert (statement.commission, statement.due) == (340, 1360)
    with shop.reading() as conn:
        assert tables.third_parties(conn)[OWNER] == 1360
    back = refund.refund_sale(shop, sale.no, reason="quality", by="g1")
    assert back.turnover == -1700


def test_what_the_café_gives_away_in_its_own_name_is_owed_in_full(shop: Store) -> None:
    """A jar offered and a discount are the café's: the producer is owed the price of three jars, then of two."""
    consignment.set_contract(shop, OWNER, commission_bp=2000, tax_mode="own_name", products=("miel",), by="g1")
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    line = sell.add_product(shop, "t", "miel", by="g1").lines[0]
    sell.offer_line(shop, "t", line.line_id, "courtesy", by="g1")
    line = sell.add_product(shop, "t", "miel", quantity=2000, by="g1").lines[-1]
    sell.discount_line(shop, "t", line.line_id, 100, by="g1")
    sale = sell.take_payment(shop, "t", "cash", by="g1").sale
    assert sale.turnover == 1600
    assert consignment.close_statement(shop, OWNER, by="g1").revenue == 3 * 850
    refund.refund_sale(shop, sale.no, lines=[(0, 1000)], reason="quality", by="g1")
    assert consignment.close_statement(shop, OWNER, by="g1").revenue == -850
    assert shop.tables_that_differ() == []


def test_a_delivery_is_corrected_by_its_number(shop: Store) -> None:
    """Twelve were noted, eleven were there: the lot and the next statement say eleven."""
    told = consignment.receive(shop, OWNER, [Line(product="miel", quantity=12000, ordered=15000)], by="g1")
    second = consignment.receive(shop, OWNER, [Line(product="miel", quantity=1000)], by="g1")
    assert (told.number, second.number) == (1, 2)
    consignment.correct_receipt(shop, told.number, "miel", 11000, by="g1")
    with shop.reading() as conn:
        assert consignment_tables.stock(conn, OWNER)["miel"].received == 12000
        row = consignment_tables.receipt(conn, 1, "miel")
        assert row is not None
        assert (row["ordered"], row["counted"]) == (15000, 11000)
    assert consignment.close_statement(shop, OWNER, by="g1").received_value == 12 * 850
    with pytest.raises(consignment.NoSuchReceipt):
        consignment.correct_receipt(shop, 9, "miel", 1000, by="g1")
    assert shop.tables_that_differ() == []


def test_what_a_count_misses_is_lost_and_found_again(shop: Store) -> None:
    """Eight should be there, seven are; counted again, eight are."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=8000)], by="g1")
    consignment.count(shop, OWNER, [Line(product="miel", quantity=7000)], by="g1")
    with shop.reading() as conn:
        assert consignment_tables.stock(conn, OWNER)["miel"].lost == 1000
    consignment.count(shop, OWNER, [Line(product="miel", quantity=8000)], by="g1")
    with shop.reading() as conn:
        assert (consignment_tables.stock(conn, OWNER)["miel"].lost, consignment.identity_faults(conn)) == (0, [])
    with pytest.raises(consignment.NotThatMany):
        consignment.count(shop, OWNER, [Line(product="miel", quantity=-1)], by="g1")


def test_what_an_owner_is_handed_pays_the_oldest_statement(shop: Store) -> None:
    """A settlement from the drawer's screen is spread over the statements, the oldest first."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    for _week in range(2):
        sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1")
        consignment.close_statement(shop, OWNER, by="g1")
    cash.settle_third_party(shop, OWNER, 1500, by="g1")
    with shop.reading() as conn:
        assert [(row["due"], row["paid"]) for row in consignment_tables.statements(conn, OWNER)] == [
            (1445, 55),
            (1445, 1445),
        ]
    cash.move_third_party(shop, OWNER, -1390, reason="settlement", by="g1")
    with shop.reading() as conn:
        assert all(row["due"] == row["paid"] for row in consignment_tables.statements(conn, OWNER))
    assert shop.tables_that_differ() == []


def test_what_the_café_bears_may_be_billed_less_its_commission(shop: Store) -> None:
    """`borne_net`: a lost jar is paid as if it were sold, firm unsold goods too."""
    with shop.writing(by="g1") as tx:
        consignment.agree(tx, ContractSet(
            owner=OWNER, valid_from=tx.today, commission_bp=1500, tax_mode="on_behalf", unsold="firm", waste="cafe",
            period="week", borne_net=True,
        ))  # fmt: skip
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=4000)], by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1")
    consignment.lose(shop, OWNER, [Line(product="miel")], "damaged", by="g1")
    consignment.give_back(shop, OWNER, [Line(product="miel")], by="g1")
    told = consignment.close_statement(shop, OWNER, by="g1")
    assert (told.revenue, told.charged, told.uncredited, told.commission, told.due) == (1700, 1700, 850, 510, 2890)
    with shop.reading() as conn:
        assert tables.third_parties(conn)[OWNER] == 2890


def test_goods_of_a_day_leave_from_their_day(shop: Store) -> None:
    """A lot a day: what came yesterday is neither on sale nor given back with today's; tickets are the service's to tell."""
    with shop.writing(by="g1") as tx:
        consignment.agree(tx, ContractSet(
            owner=OWNER, valid_from=tx.today, commission_bp=1500, tax_mode="on_behalf", unsold="returned_100", waste="cafe",
            period="week", daily=True,
        ))  # fmt: skip
        consignment.receive_in(tx, OWNER, [Line(product="miel", quantity=3000)], lot="2026-11-20")
    sell.sell(shop, lines=[SoldLine(product="miel")], by="g1")
    with shop.writing(by="g1") as tx:
        with pytest.raises(consignment.NotThatMany):
            consignment.give_back_in(tx, OWNER, [Line(product="miel", quantity=1000)], lot="2026-11-21")
        consignment.give_back_in(tx, OWNER, [Line(product="miel", quantity=1000)], lot="2026-11-20", how="donated")
    with shop.reading() as conn:
        lot = consignment_tables.lot(conn, OWNER, "miel", "2026-11-20")
        assert lot is not None
        assert (lot["received"], lot["sold"], lot["returned"], lot["donated"], lot["on_sale"]) == (
            3000,
            0,
            1000,
            1000,
            2000,
        )
    assert shop.tables_that_differ() == []


def test_without_a_contract_nothing_moves(store: Store) -> None:
    """An owner nobody agreed with is refused, with what to do."""
    with pytest.raises(consignment.NoContract):
        consignment.receive(store, "nobody", [Line(product="miel")], by="g1")
    with pytest.raises(consignment.BadContract):
        consignment.set_contract(store, "x", commission_bp=20_000, by="g1")


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["receive", "sell", "back", "lose", "refund", "state"]),
        st.integers(1, 9),
        st.sampled_from(["miel", "confiture"]),
    ),
    max_size=25,
)


@given(moves=MOVES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_the_identity_holds_and_the_account_is_what_is_owed(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int, str]]
) -> None:
    """After any acts: no article leaves that never came, and balance = stated dues + sales not yet stated."""
    from pos.clock import StoppedClock
    from pos.errors import Refusal

    shop = open_test_store(tmp_path_factory.mktemp("consign") / "cafe.db", StoppedClock("2026-11-20T07:02:00+01:00"))
    with shop.bulk():
        with shop.writing(by="g1") as tx:
            tx.record(OperatorAdded(op="g1", role="manager"))
        catalogue.list_category(shop, "epicerie", label="Épicerie", by="g1")
        catalogue.list_product(shop, honey(), by="g1")
        catalogue.list_product(shop, honey(420, "confiture"), by="g1")
        close.open_day(shop, 100_000, by="g1")
        consignment.set_contract(shop, OWNER, commission_bp=1500, products=("miel", "confiture"), by="g1")
        unstated = due = 0
        sales: list[int] = []
        for what, n, product in moves:
            try:
                if what == "receive":
                    consignment.receive(shop, OWNER, [Line(product=product, quantity=n * 1000)], by="g1")
                elif what == "sell":
                    with shop.reading() as conn:
                        held = consignment_tables.stock(conn, OWNER).get(product)
                    if held and held.on_sale >= n * 1000:
                        sale = sell.sell(shop, lines=[SoldLine(product=product, quantity=n * 1000)], by="g1").sale
                        unstated += sale.total
                        sales.append(sale.no)
                elif what == "back":
                    consignment.give_back(shop, OWNER, [Line(product=product, quantity=n * 1000)], by="g1")
                elif what == "lose":
                    consignment.lose(shop, OWNER, [Line(product=product, quantity=n * 1000)], "stale", by="g1")
                elif what == "refund" and sales:
                    unstated += refund.refund_sale(shop, sales.pop(), reason="mistake", by="g1").total
                elif what == "state":
                    statement = consignment.close_statement(shop, OWNER, by="g1")
                    due += statement.due
                    unstated = 0
            except Refusal:
                continue
        with shop.reading() as conn:
            assert consignment.identity_faults(conn) == []
            assert tables.third_parties(conn).get(OWNER, 0) == due + unstated
        assert shop.tables_that_differ() == []
    shop.close()


def test_a_statement_of_last_week_leaves_today_to_the_next(shop: Store) -> None:
    """Moves after the last stated day are stated once, in the statement of their own period."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1")
    shop.clock.tick(24 * 3600 * 1000)  # type: ignore[attr-defined]
    close.open_day(shop, 15000, by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel")], by="g1")
    first = consignment.close_statement(shop, OWNER, last="2026-11-20", by="g1")
    second = consignment.close_statement(shop, OWNER, by="g1")
    assert (first.revenue, second.revenue) == (1700, 850)
    assert [line.correction for line in second.lines] == [False]


def test_each_sale_bears_the_commission_of_its_day(shop: Store) -> None:
    """A rate that changes inside a period counts from its day on, half up once per rate."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=10000)], by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel")], by="g1")
    consignment.set_contract(shop, OWNER, commission_bp=2000, valid_from="2026-11-21", by="g1")
    shop.clock.tick(24 * 3600 * 1000)  # type: ignore[attr-defined]
    close.open_day(shop, 15000, by="g1")
    sell.sell(shop, lines=[SoldLine(product="miel", quantity=2000)], by="g1")
    told = consignment.close_statement(shop, OWNER, by="g1")
    # 8,50 € at 15 % is 1,275 €, half up 1,28 €; 17,00 € at 20 % is 3,40 €.
    assert [(rate.bp, rate.base, rate.commission) for rate in told.rates] == [(1500, 850, 128), (2000, 1700, 340)]
    assert (told.commission, told.due) == (468, 2550 - 468)


def test_two_lines_of_one_article_do_not_return_more_than_there_is(shop: Store) -> None:
    """What leaves is added up before it is compared with the shelf."""
    consignment.receive(shop, OWNER, [Line(product="miel", quantity=3000)], by="g1")
    twice = [Line(product="miel", quantity=2000), Line(product="miel", quantity=2000)]
    with pytest.raises(consignment.NotThatMany):
        consignment.give_back(shop, OWNER, twice, by="g1")
