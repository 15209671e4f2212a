"""The grocery's acts: what each records, moves and refuses."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos.clock import StoppedClock
from pos.engines import consignment, consignment_tables, stock
from pos.engines.stock import Count, Received
from pos.errors import Refusal
from pos.services.grocery import SERVICE, dates, desk, reading, slips
from pos.services.grocery import refusals as no
from pos.services.grocery.producers import Deposited
from pos.slips import as_text
from pos.store import Store
from pos.till import card, refund, sell, uses
from pos.till import tables as till
from pos.till.sell import SoldLine
from pos.till.tab import Tab
from tests.conftest import open_test_store
from tests.services.grocery.conftest import BY, DAY, EGGS, HONEY, MILK, MORNING, POTATOES, YOGURT, at, furnish, with_key


def got(product: str, n: int, use_by: str = "", cost: int = 0) -> Received:
    """A line of a delivery in whole pieces."""
    return Received(product=product, quantity=n * 1000, use_by=use_by, cost=cost)


def sold(store: Store, product: str, n: int = 1) -> object:
    """Sell pieces in cash."""
    return sell.sell(store, lines=[SoldLine(product=product, quantity=n * 1000)], **BY).sale


def test_the_grocery_row_counts_once_it_is_listed(shop: Store) -> None:
    """Every product of the row bears the service; listing again changes nothing; a ticket is one use."""
    assert desk.list_shelf(shop, **BY) == 0
    sale = sell.sell(
        shop, lines=[SoldLine(product=EGGS, quantity=2000), SoldLine(product="savon"), SoldLine(product="cafe")], **BY
    ).sale
    assert sale is not None
    with shop.reading() as conn:
        assert reading.uncounted(conn) == []
        assert uses.of_day(conn, DAY) == {"grocery": 1}
    refund.refund_sale(shop, sale.no, reason="mistake", **BY)
    with shop.reading() as conn:
        assert uses.of_day(conn, DAY) == {}
    assert shop.tables_that_differ() == []


def test_an_article_says_its_content_dates_and_number(shop: Store) -> None:
    """Each field in its range; one number of the scale for one article; the price by the litre is half up."""
    for wrong in ({"content": 500}, {"dates_kind": "soon"}, {"plu": "x"}, {"cap": -1}):
        with pytest.raises(no.NotAnItem):
            desk.set_item(shop, EGGS, **wrong, **BY)  # type: ignore[arg-type]
    with pytest.raises(no.ScaleNumberTaken):
        desk.set_item(shop, EGGS, plu="00012", **BY)
    desk.set_item(shop, HONEY, content=500, content_unit="g", **BY)
    with shop.reading() as conn:
        row = till.product(conn, HONEY)
        assert reading.per_unit(row, reading.item(conn, HONEY), 851) == (1702, "kg")
        assert reading.per_unit(till.product(conn, POTATOES), reading.item(conn, POTATOES), 190) == (190, "kg")
        assert reading.per_unit(till.product(conn, EGGS), reading.item(conn, EGGS), 240) == (0, "")
    label = as_text(slips.shelf_label(label="Miel", price=850, by_unit=1700, unit="kg", ean="3250390000426"), 42)
    assert "17,00 € le kg" in label.replace("\xa0", " ") and "EAN13" in label


def test_a_delivery_asks_for_its_dates_and_warns_above_the_cap(shop: Store) -> None:
    """A use-by date is typed and not past; a cost above the network's is confirmed once and stays in sight."""
    with pytest.raises(no.DateMissing):
        desk.receive_delivery(shop, "s1", [got(YOGURT, 4)], **BY)
    with pytest.raises(no.AlreadyPast):
        desk.receive_delivery(shop, "s1", [got(YOGURT, 4, "2026-09-30")], **BY)
    with pytest.raises(no.AboveCap):
        desk.receive_delivery(shop, "s1", [got(MILK, 4, "2026-12-01", cost=91)], **BY)
    desk.receive_delivery(shop, "s1", [got(MILK, 4, "2026-12-01", cost=91)], above_cap=True, **BY)
    with pytest.raises(stock.NoSuchSupplier):
        desk.receive_delivery(shop, "s9", [got(EGGS, 4)], **BY)
    with shop.reading() as conn:
        assert [(row["product"], row["cost"], row["cap"]) for row in reading.over_cap(conn, DAY, DAY)] == [
            (MILK, 91, 90)
        ]
        assert reading.local(conn, "2026") == (0, 0)


def test_past_its_use_by_date_nothing_is_sold(shop: Store) -> None:
    """The day itself is still good; then only what fresh goods can cover; withdrawing clears the shelf."""
    desk.receive_delivery(shop, "s1", [got(YOGURT, 5, "2026-10-03")], **BY)
    at(shop, "2026-10-01T12:00:00+02:00")
    sold(shop, YOGURT)
    with shop.reading() as conn:
        assert dates.expired(conn, YOGURT, "2026-10-03") == []
        assert [one.left for one in dates.expired(conn, YOGURT, "2026-10-04")] == [4000]
        tab = Tab(tab_id="t", opened_at=0, visit="t", lines=[sell.line_of_product(till.product(conn, YOGURT), "l")])  # type: ignore[arg-type]
        dates.use_by_is_kept(conn, "2026-10-03", tab)
        with pytest.raises(no.PastUseBy):
            dates.use_by_is_kept(conn, "2026-10-04", tab)
    with pytest.raises(no.NothingExpired):
        desk.withdraw(shop, YOGURT, **BY)
    next_day(shop, "2026-10-04T08:00:00+02:00")
    with pytest.raises(no.PastUseBy):
        sold(shop, YOGURT)
    desk.receive_delivery(shop, "s1", [got(YOGURT, 2, "2026-10-20")], **BY)
    sold(shop, YOGURT, 2)
    with pytest.raises(no.PastUseBy):
        sold(shop, YOGURT)
    with shop.reading() as conn:
        assert [notice.grave for rule in SERVICE.day_open_checks for notice in rule(conn, "2026-10-04")] == [True]
    assert desk.withdraw(shop, YOGURT, **BY) == 4000
    sold(shop, YOGURT)  # nobody counts below nothing: an unknown stock is no reason to refuse
    with shop.reading() as conn:
        assert stock.item(conn, YOGURT)["on_hand"] == -1000  # type: ignore[index]
    assert shop.tables_that_differ() == []


def next_day(store: Store, when: str) -> None:
    """Close the day and open another."""
    from pos.till import close

    close.close_day(store, counted=20_000, **BY)
    at(store, when)
    close.open_day(store, 20_000, **BY)


def test_best_before_goods_are_marked_down_until_they_are_gone(shop: Store) -> None:
    """Proposed near the date; the price holds while goods of that date are left, then is the ordinary one."""
    desk.receive_delivery(shop, "s1", [got(MILK, 2, "2026-10-03", cost=80), got(MILK, 3, "2026-12-01", cost=80)], **BY)
    with shop.reading() as conn:
        assert [one.product for one in dates.to_mark_down(conn, DAY)] == [MILK]
    for price in (0, 125, 200):
        with pytest.raises(no.NotAMarkdown):
            desk.mark_down(shop, MILK, price, **BY)
    with pytest.raises(no.NotAMarkdown):
        desk.mark_down(shop, EGGS, 100, **BY)
    desk.mark_down(shop, MILK, 88, **BY)
    assert sold(shop, MILK, 2).total == 176  # type: ignore[attr-defined]
    assert sold(shop, MILK).total == 125  # type: ignore[attr-defined]
    desk.lift_markdown(shop, MILK, **BY)
    with pytest.raises(no.NotAMarkdown):
        desk.lift_markdown(shop, MILK, **BY)


def test_what_runs_low_is_ordered_once(shop: Store) -> None:
    """An order per supplier; ordered goods leave the list until they come."""
    stock.follow(shop, EGGS, minimum=5000, order=12_000, supplier="s2", **BY)
    stock.follow(shop, MILK, minimum=2000, supplier="s1", **BY)
    order = desk.draw_order(shop, "s2", **BY)
    assert [(line.product, line.quantity) for line in order.lines] == [(EGGS, 12_000)]
    with pytest.raises(no.NothingToOrder):
        desk.draw_order(shop, "s2", **BY)
    with shop.reading() as conn:
        assert list(reading.to_order(conn)) == ["s1"]
    desk.receive_delivery(shop, "s2", [got(EGGS, 3, cost=150)], **BY)
    with shop.reading() as conn:
        assert sorted(reading.to_order(conn)) == ["s1", "s2"]
        assert reading.local(conn, "2026") == (1, 450)


def test_goods_by_weight_and_labels_go_on_the_bill(shop: Store) -> None:
    """Grams × price per kilo; a price on a label is trusted; an unknown label is refused."""
    desk.set_pattern(shop, "21", item_digits=5, value="weight", value_digits=5, **BY)
    desk.set_pattern(shop, "23", item_digits=5, value="price", value_digits=5, **BY)
    assert desk.weigh(shop, POTATOES, 1234, tab_id="b1", **BY).total == 234
    assert desk.weigh(shop, POTATOES, 500, price=250, tab_id="b2", **BY).total == 125
    assert desk.add_label(shop, with_key("210001201500"), tab_id="b3", **BY).total == 285
    assert desk.add_label(shop, with_key("230001200351"), tab_id="b4", **BY).total == 351
    for product, grams in ((EGGS, 100), (POTATOES, 0), (POTATOES, 40_000)):
        with pytest.raises(no.NotWeighed):
            desk.weigh(shop, product, grams, tab_id="b5", **BY)
    with pytest.raises(no.NotALabel):
        desk.add_label(shop, with_key("219999901500"), tab_id="b5", **BY)
    for wrong in (
        {"prefix": "31", "item_digits": 5, "value_digits": 5},
        {"prefix": "21", "item_digits": 5, "value_digits": 6},
    ):
        with pytest.raises(no.NotAPattern):
            desk.set_pattern(shop, value="weight", **wrong, **BY)  # type: ignore[arg-type]
    assert SERVICE.scan is not None
    with shop.reading() as conn:
        hit = SERVICE.scan(conn, DAY, with_key("210001201500"))
        assert SERVICE.scan(conn, DAY, "3250390000426") is None
    assert hit is not None and hit.on_bill is not None
    assert "Pommes" in hit.on_bill(shop, "b6", by="g1", attempt="tap-0001")
    desk.set_pattern(shop, "21", item_digits=5, value="weight", value_digits=5, in_use=False, **BY)
    with shop.reading() as conn:
        assert SERVICE.scan(conn, DAY, with_key("210001201500")) is None


def test_a_producers_contract_says_whose_money_it_is(shop: Store) -> None:
    """In the producer's name: out of turnover. In our own: turnover with VAT, and the rest is owed."""
    for wrong in (
        {"commission_bp": 9000},
        {"commission_bp": 1000, "tax_mode": "none"},
        {"commission_bp": 1000, "minimum": -1},
    ):
        with pytest.raises(no.NotAContract):
            desk.set_producer(shop, name="X", **wrong, **BY)  # type: ignore[arg-type]
    with pytest.raises(no.NoSuchProducer):
        desk.set_producer(shop, name="X", commission_bp=1000, producer="p9", **BY)
    desk.set_producer(shop, name="Fromagerie Essai", commission_bp=2000, tax_mode="own_name", products=[EGGS], **BY)
    desk.take_deposit(shop, "p2", [Deposited(product=EGGS, quantity=10_000)], **BY)
    desk.take_deposit(shop, "p1", [Deposited(product=HONEY, quantity=10_000)], **BY)
    sale = sell.sell(shop, lines=[SoldLine(product=EGGS), SoldLine(product=HONEY)], **BY).sale
    assert sale is not None
    assert (sale.turnover, sale.total, [part.owner for part in sale.off]) == (240, 1090, ["producer:p1"])
    told = desk.close_statement(shop, "p2", **BY)
    assert told.due == 192
    with shop.reading() as conn:
        assert reading.owed(conn) == {"p1": 850, "p2": 192}


def test_a_deposit_is_of_the_producers_goods_with_their_dates(shop: Store) -> None:
    """Only articles under the contract, positive, dated when they bear a use-by date."""
    with pytest.raises(no.NoSuchProducer):
        desk.take_deposit(shop, "p9", [Deposited(product=HONEY, quantity=1000)], **BY)
    for line in (Deposited(product=EGGS, quantity=1000), Deposited(product=HONEY, quantity=0)):
        with pytest.raises(no.NotADeposit):
            desk.take_deposit(shop, "p1", [line], **BY)
    desk.set_item(shop, HONEY, dates_kind="dlc", **BY)
    with pytest.raises(no.DateMissing):
        desk.take_deposit(shop, "p1", [Deposited(product=HONEY, quantity=1000)], **BY)
    desk.take_deposit(shop, "p1", [Deposited(product=HONEY, quantity=3000, use_by="2026-10-02")], **BY)
    next_day(shop, "2026-10-03T08:00:00+02:00")
    with pytest.raises(no.PastUseBy):
        sold(shop, HONEY)
    assert desk.withdraw(shop, HONEY, **BY) == 3000
    with shop.reading() as conn:
        assert consignment_tables.stock(conn, "producer:p1")[HONEY].lost == 3000


def test_a_producer_is_paid_from_the_minimum_on(shop: Store) -> None:
    """Small amounts wait, then all statements are paid at once; the money counts as local."""
    desk.take_deposit(shop, "p1", [Deposited(product=HONEY, quantity=10_000)], **BY)
    with pytest.raises(no.NothingDue):
        desk.pay_producer(shop, "p1", **BY)
    sold(shop, HONEY)
    desk.close_statement(shop, "p1", **BY)
    with pytest.raises(no.BelowMinimum):
        desk.pay_producer(shop, "p1", **BY)
    sold(shop, HONEY, 2)
    second = desk.close_statement(shop, "p1", **BY)
    paid = desk.pay_producer(shop, "p1", means="cash", **BY)
    # 8,50 − 1,28 = 7,22 and 17,00 − 2,55 = 14,45: 21,67.
    assert (paid.numbers, paid.amount) == ([1, 2], 2167)
    with shop.reading() as conn:
        assert (reading.owed(conn)["p1"], reading.local(conn, "2026")) == (0, (1, 2167))
        assert till.drawer_expected(conn, DAY) == 20_000 + 2550 - 2167
        slip = as_text(
            slips.statement_slip(
                cafe="SAS Essai",
                siret="",
                producer="Rucher Essai",
                code="p1",
                told=second,
                labels={HONEY: "Miel"},
                self_billing=True,
            ),
            42,
        )
    assert "p1-2" in slip and "Autofacturation" in slip
    with pytest.raises(consignment.NotThatMany):
        desk.give_back(shop, "p1", HONEY, 8000, **BY)
    desk.give_back(shop, "p1", HONEY, 2000, **BY)
    desk.lose(shop, "p1", HONEY, 1000, **BY)


def test_no_name_is_in_the_journal(shop: Store) -> None:
    """Suppliers and producers are ids; their names stay on the box."""
    with shop.reading() as conn:
        journal = b"".join(row[0] for row in conn.execute("SELECT body FROM journal_entry"))
    assert b"Essai" not in journal
    with shop.reading() as conn:
        assert reading.producer_name(conn, "p1") == "Rucher Essai"


GOODS = (YOGURT, EGGS, HONEY)
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "sell", "refund", "count", "lose", "withdraw", "back", "state", "pay", "tomorrow"]),
        st.integers(0, 6), st.sampled_from(GOODS),
    ),
    max_size=30,
)  # fmt: skip


@given(acts=ACTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_stock_never_lies(tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, str]]) -> None:
    """After any acts: what is on hand is what a pencil would say; what is left by date is never more; tables retell."""
    store = open_test_store(tmp_path_factory.mktemp("grocery") / "cafe.db", StoppedClock(MORNING))
    there = dict.fromkeys(GOODS, 0)
    sales: list[tuple[int, str, int]] = []
    account = 0
    with store.bulk():
        furnish(store)
        for what, n, product in acts:
            try:
                if what == "sell" and n:
                    sale = sell.sell(store, lines=[SoldLine(product=product, quantity=n * 1000)], **BY).sale
                    assert sale is not None
                    there[product] -= n
                    sales.append((sale.no, product, n))
                    account += sum(part.amount for part in sale.off)
                elif what == "refund" and sales:
                    number, back, count = sales.pop(n % len(sales))
                    account += sum(
                        part.amount for part in refund.refund_sale(store, number, reason="mistake", **BY).off
                    )
                    there[back] += count
                elif product == HONEY:
                    account += honey(store, what, n, there)
                else:
                    shelf(store, what, n, product, there)
                if what == "tomorrow":
                    next_day(store, f"{date.fromisoformat(reading.today_of(store)) + timedelta(days=1)}T08:00:00+02:00")
            except Refusal:
                continue
        with store.reading() as conn:
            for product, n in there.items():
                counted = dates.on_hand(conn, product)
                assert (counted or 0) == n * 1000 or counted is None
                assert sum(one.left for one in dates.left_by_date(conn, product)) <= max(0, n * 1000)
            held = consignment_tables.stock(conn, "producer:p1").get(HONEY, consignment_tables.Held())
            assert held.received == held.sold + held.returned + held.lost + held.on_sale
            assert till.third_parties(conn).get("producer:p1", 0) == account
        assert store.tables_that_differ() == []
    store.close()


def shelf(store: Store, what: str, n: int, product: str, there: dict[str, int]) -> None:
    """Do one thing with the café's own goods."""
    today = date.fromisoformat(reading.today_of(store))
    if what == "receive":
        first = stock_is_new(store, product)
        desk.receive_delivery(
            store, "s1", [got(product, n, (today + timedelta(days=2)).isoformat() if product == YOGURT else "")], **BY
        )
        there[product] = n if first else there[product] + n
    elif what == "count":
        stock.take_inventory(store, [Count(product=product, counted=n * 1000)], **BY)
        there[product] = n
    elif what == "lose":
        stock.lose(store, product, n * 1000, "broken", **BY)
        there[product] -= n
    elif what == "withdraw":
        there[product] -= desk.withdraw(store, product, **BY) // 1000


def stock_is_new(store: Store, product: str) -> bool:
    """Tell whether nobody followed the product yet: its stock begins with its first delivery."""
    with store.reading() as conn:
        return stock.item(conn, product) is None


def honey(store: Store, what: str, n: int, there: dict[str, int]) -> int:
    """Do one thing with the beekeeper's goods; return what the account moved by."""
    if what == "receive":
        desk.take_deposit(store, "p1", [Deposited(product=HONEY, quantity=n * 1000)], **BY)
        there[HONEY] += n
    elif what == "back":
        desk.give_back(store, "p1", HONEY, n * 1000, **BY)
        there[HONEY] -= n
    elif what == "lose":
        desk.lose(store, "p1", HONEY, n * 1000, **BY)
        there[HONEY] -= n
    elif what == "state":
        told = desk.close_statement(store, "p1", **BY)
        return told.charged - told.commission
    elif what == "pay":
        return -desk.pay_producer(store, "p1", anyway=True, **BY).amount
    return 0


def test_a_card_accepted_meanwhile_sells_what_another_screen_took(shop: Store) -> None:
    """One fresh and one expired yoghurt: the fresh one leaves by cash while a card pays; the card's sale stands."""
    desk.receive_delivery(shop, "s1", [got(YOGURT, 1, "2026-10-03")], **BY)
    next_day(shop, "2026-10-04T08:00:00+02:00")
    desk.receive_delivery(shop, "s1", [got(YOGURT, 1, "2026-10-20")], **BY)
    sell.add_product(shop, "a", YOGURT, **BY)
    pending = card.start_card(shop, "a", **BY)
    sold(shop, YOGURT)
    led = card.settle_card(shop, pending.card, card.ACCEPTED, **BY)
    assert led.sale is not None
    assert [type(one) for one in led.objections] == [no.PastUseBy]
    assert shop.tables_that_differ() == []
