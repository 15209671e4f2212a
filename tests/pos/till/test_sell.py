"""From the first tile to the last cent: bills, payments, the sale they become, and every way to be told no."""

import threading

import pytest

from pos.i18n import _
from pos.money import NotAQuantity
from pos.store import Store
from pos.till import card, close, sell, tables
from pos.till import refusals as no
from pos.till.events import SaleCompleted
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH, Tab
from pos.vat import UnknownVatClass
from tests.cast import BEA, MENU, MIXED, VICTOR, of, open_cafe, paid_by_card, product, ring, sold

DAY = "2026-11-20"


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café with its day open and 150 € in the drawer."""
    open_cafe(store)
    return store


def drawer(store: Store) -> int:
    """Return what the drawer must hold."""
    with store.reading() as conn:
        return tables.drawer_expected(conn, DAY)


def kinds(store: Store, last: int) -> list[str]:
    """Return the kinds of the last entries."""
    seq = store.tip().seq
    with store.reading() as conn:
        return [store.event(conn, n).event.kind for n in range(seq - last + 1, seq + 1)]


# The sale


def test_the_mixed_ticket_of_the_fiscal_notes(cafe: Store) -> None:
    """16.1 rung up tile by tile: 24,57 € to pay, 21,65 € of turnover, three rates, two third parties."""
    ring(cafe, "t1", *MIXED)
    sale = of(sell.take_payment(cafe, "t1", CASH, given=5000, by=VICTOR))
    assert (sale.no, sale.total, sale.turnover) == (1, 2457, 2165)
    assert [(p.bp, p.gross, p.net) for p in sale.vat] == [(2000, 700, 583), (1000, 910, 827), (550, 555, 526)]
    assert [line.net for line in sale.lines if not line.vat_code] == [583, 145, 682, 114, 412]
    assert [(o.owner, o.amount) for o in sale.off] == [("laposte", 152), ("presse", 140)]
    assert [(p.means, p.amount, p.given, p.change) for p in sale.payments] == [("cash", 2457, 5000, 2543)]
    assert (sale.day, sale.siret, sale.regime) == (DAY, "12345678900011", "reel")
    assert [line.label for line in sale.lines][:2] == ["Demi pression 25 cl", "Café"]
    assert (sale.lines[0].quantity, sale.lines[0].unit_price) == (2000, 350)
    with cafe.reading() as conn:
        assert tables.third_parties(conn) == {"laposte": 152, "presse": 140}
        assert sell.current_tab(conn, "t1") is None
    assert drawer(cafe) == 15_000 + 2457


def test_a_note_that_covers_the_bill_is_one_tap(cafe: Store) -> None:
    """5 € on a coffee: 3,40 € to give back."""
    ring(cafe, "t1", "cafe")
    outcome = sell.take_payment(cafe, "t1", CASH, given=500, by=VICTOR)
    assert outcome.change == 340
    assert drawer(cafe) == 15_160


def test_receipt_numbers_have_no_gap(cafe: Store) -> None:
    """A thousand sales and refunds, refused ones between, ten printed: 1, 2, 3… (R10, R24)."""
    from pos.till import refund

    with cafe.bulk():
        for n in range(300):
            sale = of(sold(cafe, "cafe"))
            if n % 7 == 0:
                refund.refund_sale(cafe, sale.no, reason="mistake", by=BEA)
            if n % 5 == 0:
                with pytest.raises(no.NoSuchProduct):
                    sold(cafe, "nothing")
    with cafe.reading() as conn:
        numbers = [row[0] for row in conn.execute("SELECT no FROM till_ticket ORDER BY no")]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_same_product_adds_up_on_its_line(cafe: Store) -> None:
    """Two coffees are one line of two; a note, a discount or a weight makes a line of its own."""
    tab = ring(cafe, "t1", "cafe", "demi", "cafe")
    assert [(line.product, line.quantity) for line in tab.lines] == [("demi", 1000), ("cafe", 2000)]
    sell.discount_line(cafe, "t1", tab.lines[1].line_id, 20, by=VICTOR)
    assert len(ring(cafe, "t1", "cafe").lines) == 3
    sell.add_product(cafe, "t1", "tomme", quantity=350, by=VICTOR)
    weighed = sell.add_product(cafe, "t1", "tomme", quantity=420, by=VICTOR)
    assert [line.gross for line in weighed.lines[-2:]] == [662, 794]


def test_take_away_changes_the_rate_and_not_the_price(cafe: Store) -> None:
    """A can taken away is at 5,5 % (R75)."""
    ring(cafe, "t1", "perrier")
    assert sell.set_takeaway(cafe, "t1", takeaway=True, by=VICTOR).total == 260
    sale = of(sell.take_payment(cafe, "t1", CASH, by=VICTOR))
    assert [(p.bp, p.gross) for p in sale.vat] == [(550, 260)]
    assert sale.lines[0].takeaway


def test_on_the_house_is_recorded_with_its_price(cafe: Store) -> None:
    """A free drink is a line at 0 with why, and what it would have cost (R18)."""
    tab = ring(cafe, "t1", "cafe", "demi")
    sell.offer_line(cafe, "t1", tab.lines[1].line_id, "courtesy", by=VICTOR)
    sale = of(sell.take_payment(cafe, "t1", CASH, by=VICTOR))
    assert (sale.total, sale.lines[1].gross, sale.lines[1].offered, sale.lines[1].normal_price) == (
        160,
        0,
        "courtesy",
        350,
    )
    tab = ring(cafe, "t2", "cafe")
    sell.offer_line(cafe, "t2", tab.lines[0].line_id, "staff", by=VICTOR)
    assert of(sell.take_payment(cafe, "t2", CASH, by=VICTOR)).total == 0


def test_open_prices_and_discounts(cafe: Store) -> None:
    """A discount is at most the line; an open price is typed; others' prices are theirs (R87)."""
    with pytest.raises(no.PriceMissing):
        sell.add_product(cafe, "t1", "divers", by=VICTOR)
    tab = sell.add_product(cafe, "t1", "divers", price=1250, by=VICTOR)
    line = tab.lines[0].line_id
    with pytest.raises(no.DiscountTooLarge):
        sell.discount_line(cafe, "t1", line, 1251, by=VICTOR)
    assert sell.discount_line(cafe, "t1", line, 250, by=VICTOR).total == 1000
    assert sell.set_price(cafe, "t1", line, 100, by=VICTOR).total == 0
    with pytest.raises(no.PriceMissing):
        sell.set_price(cafe, "t1", line, -1, by=VICTOR)
    with pytest.raises(no.PriceMissing):
        sell.add_product(cafe, "t1", "divers", price=-500, by=VICTOR)
    press = ring(cafe, "t2", "progres").lines[0].line_id
    for act in (
        lambda: sell.discount_line(cafe, "t2", press, 10, by=VICTOR),
        lambda: sell.set_price(cafe, "t2", press, 10, by=VICTOR),
        lambda: sell.offer_line(cafe, "t2", press, "courtesy", by=VICTOR),
    ):
        with pytest.raises(no.NoDiscountForOthers):
            act()


def test_what_is_taken_off_a_bill_is_recorded(cafe: Store) -> None:
    """A line less, a bill abandoned: facts, counted on the Z (R25)."""
    tab = ring(cafe, "t1", "demi", "demi", "cafe")
    sell.change_quantity(cafe, "t1", tab.lines[0].line_id, 1000, by=VICTOR)
    sell.remove_line(cafe, "t1", tab.lines[1].line_id, by=VICTOR)
    assert kinds(cafe, 2) == ["till.line_voided", "till.line_voided"]
    with pytest.raises(no.ReasonMissing):
        sell.void_tab(cafe, "t1", "", by=VICTOR)
    sell.void_tab(cafe, "t1", "left", by=VICTOR)
    assert kinds(cafe, 1) == ["till.tab_voided"]
    assert close.take_reading(cafe, by=BEA).voids == 3


def test_the_last_line_taken_off_ends_the_bill(cafe: Store) -> None:
    """An empty bill is no bill."""
    tab = ring(cafe, "t1", "cafe")
    sell.change_quantity(cafe, "t1", tab.lines[0].line_id, -5, by=VICTOR)
    with pytest.raises(no.NoSuchBill):
        sell.take_payment(cafe, "t1", CASH, by=VICTOR)


def test_bills_are_put_aside_and_taken_up_again(cafe: Store) -> None:
    """Three tables at once, each paid for itself."""
    for tab_id in ("t1", "t2", "t3"):
        ring(cafe, tab_id, "cafe")
    sell.park_tab(cafe, "t2", label="Terrasse", by=VICTOR)
    with cafe.reading() as conn:
        assert [(t.tab_id, t.label) for t in sell.open_tabs(conn, parked=True)] == [("t2", "Terrasse")]
        assert len(sell.open_tabs(conn)) == 3
    sell.take_up_tab(cafe, "t2", by=VICTOR)
    assert of(sell.take_payment(cafe, "t2", CASH, by=VICTOR)).tab == "t2"
    with pytest.raises(no.BillsOpen):
        close.close_day(cafe, by=BEA)


# Payments


def test_a_bill_is_paid_in_several_parts(cafe: Store) -> None:
    """Meal voucher, cash, then card: parts add up, cash of the first part is in the drawer at once."""
    ring(cafe, "t1", "croque", "demi", "demi")
    sell.take_payment(cafe, "t1", "meal_voucher", amount=750, by=VICTOR)
    sell.take_payment(cafe, "t1", CASH, amount=200, given=500, by=VICTOR)
    assert drawer(cafe) == 15_200
    assert kinds(cafe, 2) == ["till.payment_taken", "till.payment_taken"]
    sale = of(paid_by_card(cafe, "t1"))
    assert [(p.means, p.amount, p.before) for p in sale.payments] == [
        ("meal_voucher", 750, True), ("cash", 200, True), ("card", 500, False),
    ]  # fmt: skip
    assert drawer(cafe) == 15_200
    assert cafe.tables_that_differ() == []


@pytest.mark.parametrize("what", ["line", "all"])
def test_a_bill_that_became_less_than_its_parts_says_undo(cafe: Store, what: str) -> None:
    """10,00 € taken, then a line goes: neither cash nor card speaks of a negative sum, both name the key that helps."""
    tab = ring(cafe, "t1", "croque", "demi")
    sell.take_payment(cafe, "t1", CASH, amount=1000, by=VICTOR)
    for line in tab.lines[: 1 if what == "line" else 2]:
        sell.remove_line(cafe, "t1", line.line_id, by=VICTOR)
    for pay in (lambda: sell.take_payment(cafe, "t1", CASH, by=VICTOR), lambda: card.start_card(cafe, "t1", by=VICTOR)):
        with pytest.raises(no.PaidTooMuch) as told:
            pay()
        assert "-" not in told.value.what() and "−" not in told.value.what()
        assert "Défaire" in told.value.how()
    sell.undo_payment(cafe, "t1", by=VICTOR)
    if what == "line":
        assert of(sell.take_payment(cafe, "t1", CASH, by=VICTOR)).total == 350


def test_a_part_payment_is_given_back(cafe: Store) -> None:
    """Undone in cash; a bill partly paid is not thrown away."""
    ring(cafe, "t1", "croque")
    sell.take_payment(cafe, "t1", CASH, given=500, by=VICTOR)
    with pytest.raises(no.PartPaid):
        sell.void_tab(cafe, "t1", "left", by=VICTOR)
    sell.undo_payment(cafe, "t1", by=VICTOR)
    assert drawer(cafe) == 15_000
    sell.void_tab(cafe, "t1", "left", by=VICTOR)
    ring(cafe, "t2", "croque")
    paid_by_card(cafe, "t2", 300)
    with pytest.raises(no.PartPaid):
        sell.undo_payment(cafe, "t2", by=VICTOR)


def test_cash_taken_yesterday_is_not_counted_twice(cafe: Store, clock: object) -> None:
    """A bill partly paid before a forgotten closing and finished the next day: each euro once, on its day."""
    ring(cafe, "t1", "croque")
    sell.take_payment(cafe, "t1", CASH, given=500, by=VICTOR)
    clock.tick(86_400_000)  # type: ignore[attr-defined]
    close.open_day(cafe, 15_500, by=BEA)
    with cafe.reading() as conn:
        assert tables.drawer_expected(conn, "2026-11-20") == 15_500
        assert tables.drawer_expected(conn, "2026-11-21") == 15_500
    sale = of(sell.take_payment(cafe, "t1", CASH, by=VICTOR))
    assert (sale.day, sale.total) == ("2026-11-21", 750)
    with cafe.reading() as conn:
        assert tables.drawer_expected(conn, "2026-11-21") == 15_750
    assert cafe.tables_that_differ() == []


@pytest.mark.parametrize(
    ("means", "amount", "given", "refusal"),
    [
        ("cash", 0, None, no.NotEnoughGiven), ("cash", -100, None, no.NotEnoughGiven), ("cash", 161, None, no.NotEnoughGiven),
        ("cash", None, 0, no.NotEnoughGiven), ("cash", None, -100, no.NotEnoughGiven), ("bitcoin", None, None, no.NoSuchMeans),
        ("card", None, None, no.NoSuchMeans), ("", None, None, no.NoSuchMeans),
    ],
)  # fmt: skip
def test_odd_payments_are_refused(
    cafe: Store, means: str, amount: int | None, given: int | None, refusal: type[Exception]
) -> None:
    """Nothing, less than nothing, more than due, unknown means; a card goes through its two steps."""
    ring(cafe, "t1", "cafe")
    with pytest.raises(refusal):
        sell.take_payment(cafe, "t1", means, amount=amount, given=given, by=VICTOR)
    assert drawer(cafe) == 15_000


def test_a_thousand_euros_in_cash_and_not_a_cent_more(cafe: Store) -> None:
    """R107, in one payment or several; the rest by other means."""
    sell.add_product(cafe, "t1", "divers", price=100_000, by=VICTOR)
    assert of(sell.take_payment(cafe, "t1", CASH, by=VICTOR)).total == 100_000
    sell.add_product(cafe, "t2", "divers", price=100_001, by=VICTOR)
    with pytest.raises(no.TooMuchCash):
        sell.take_payment(cafe, "t2", CASH, by=VICTOR)
    sell.take_payment(cafe, "t2", CASH, amount=60_000, by=VICTOR)
    with pytest.raises(no.TooMuchCash):
        sell.take_payment(cafe, "t2", CASH, by=VICTOR)
    assert of(sell.take_payment(cafe, "t2", "cheque", by=VICTOR)).total == 100_001


def test_two_screens_paying_the_same_bill(cafe: Store) -> None:
    """One sale; the other screen is told the ticket's number, whatever it tries next."""
    ring(cafe, "t1", "cafe")
    start = threading.Barrier(2)
    told: list[object] = []

    def pay(means: str) -> None:
        start.wait()
        try:
            told.append(sell.take_payment(cafe, "t1", means, by=VICTOR).sale)
        except no.AlreadyPaid as refusal:
            told.append(refusal)

    threads = [threading.Thread(target=pay, args=(means,)) for means in ("cash", "cheque")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in told) == ["AlreadyPaid", "SaleCompleted"]
    for act in (
        lambda: sell.add_product(cafe, "t1", "cafe", by=VICTOR), lambda: card.start_card(cafe, "t1", by=VICTOR),
        lambda: sell.set_takeaway(cafe, "t1", takeaway=True, by=VICTOR), lambda: sell.park_tab(cafe, "t1", by=VICTOR),
    ):  # fmt: skip
        with pytest.raises(no.AlreadyPaid) as refusal:
            act()
        assert "1" in refusal.value.what()


# Saying no


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (lambda s: sold(s, "nothing"), no.NoSuchProduct),
        (sold, no.EmptyBill),
        (lambda s: sell.add_product(s, "t9", "cafe", quantity=0, by=VICTOR), NotAQuantity),
        (lambda s: sell.add_product(s, "t9", "cafe", quantity=-1000, by=VICTOR), NotAQuantity),
        (lambda s: sell.change_quantity(s, "t1", "nowhere", 1000, by=VICTOR), no.NoSuchLine),
        (lambda s: sell.undo_payment(s, "t1", by=VICTOR), no.NoSuchLine),
        (lambda s: sell.take_payment(s, "t9", CASH, by=VICTOR), no.NoSuchBill),
        (lambda s: sell.take_up_tab(s, "t9", by=VICTOR), no.NoSuchBill),
        (lambda s: sold(s, "cafe", payments=[TakenPayment(amount=100)]), no.NotEnoughGiven),
        (
            lambda s: sold(s, "cafe", payments=[TakenPayment(means=CARD, amount=-500), TakenPayment()]),
            no.NotEnoughGiven,
        ),
        (lambda s: sold(s, "cafe", payments=[TakenPayment(means=CARD, amount=0), TakenPayment()]), no.NotEnoughGiven),
    ],
)
def test_each_no_writes_nothing(cafe: Store, act: object, refusal: type[Exception]) -> None:
    """Refused, with a sentence; the journal stands where it stood."""
    ring(cafe, "t1", "cafe")
    tip = cafe.tip()
    with pytest.raises(refusal):
        act(cafe)  # type: ignore[operator]
    assert cafe.tip() == tip


def test_a_product_sold_out_or_retired_is_not_sold(cafe: Store) -> None:
    """Until it is back."""
    from pos.till import catalogue

    catalogue.run_out(cafe, "cafe", out=True, by=VICTOR)
    with pytest.raises(no.ProductGone):
        sold(cafe, "cafe")
    catalogue.run_out(cafe, "cafe", out=False, by=VICTOR)
    sold(cafe, "cafe")
    catalogue.retire_product(cafe, "cafe", by=BEA)
    with pytest.raises(no.NoSuchProduct):
        sold(cafe, "cafe")


def test_a_product_without_vat_class_is_not_sold(cafe: Store) -> None:
    """Whatever way it came on the menu (R84)."""
    with cafe.writing(by=BEA) as tx:
        tx.record(product("mystere", "Mystère", 100, "no_such_class"))
    with pytest.raises(UnknownVatClass) as told:
        sold(cafe, "mystere")
    assert "Mystère" in told.value.what()
    ring(cafe, "t1", "mystere")
    with pytest.raises(UnknownVatClass):
        card.start_card(cafe, "t1", by=VICTOR)


def test_nothing_is_sold_while_the_day_is_closed(store: Store) -> None:
    """Neither before opening nor after closing."""
    from tests.cast import furnish

    furnish(store)
    with pytest.raises(no.DayNotOpen):
        sell.add_product(store, "t1", "cafe", by=VICTOR)
    close.open_day(store, 0, by=BEA)
    close.close_day(store, by=BEA)
    with pytest.raises(no.DayNotOpen):
        sold(store, "cafe")


def test_a_bill_fits_in_one_entry_whatever_its_words(cafe: Store) -> None:
    """Labels of sixty cheeses: told in time to pay in two bills, never at payment."""
    from pos.till import catalogue

    for n in range(80):
        catalogue.list_product(cafe, product(f"p{n}", f"{n:02d}" + "🧀" * 58, 100, "grocery"), by=BEA)
    with pytest.raises(no.TooManyLines):  # noqa: PT012
        for n in range(80):
            sell.add_product(cafe, "t1", f"p{n}", by=VICTOR)
    with cafe.reading() as conn:
        tab = sell.current_tab(conn, "t1")
    assert isinstance(tab, Tab)
    assert len(tab.lines) > 20
    for line in tab.lines:
        sell.offer_line(cafe, "t1", line.line_id, "mistake of the kitchen", by=VICTOR)
    assert of(sell.take_payment(cafe, "t1", CASH, by=VICTOR)).lines[0].offered


@pytest.mark.parametrize(
    "label", ['L\'Œuf "mayo"', "<b>Café</b>", "Crêpe 🥞 + œuf", "'; DROP TABLE till_ticket; --", "50 %(no)s"]
)
def test_strange_words_are_sold_as_they_are(cafe: Store, label: str) -> None:
    """Quotes, HTML, emoji, SQL and percent signs in a name."""
    from pos.till import catalogue

    catalogue.list_product(cafe, product("odd", label, 250, "meal"), by=BEA)
    sale = of(sold(cafe, "odd"))
    with cafe.reading() as conn:
        read, _seq = sell.sale_of(cafe, conn, sale.no)
    assert read.lines[0].label == label
    assert cafe.tables_that_differ() == []


def test_a_sale_noted_on_paper_keeps_its_hour(cafe: Store, clock: object) -> None:
    """Power cut: entered later, it says when it happened; its entry says when it was written."""
    happened = clock.now_ms()  # type: ignore[attr-defined]
    clock.tick(3_600_000)  # type: ignore[attr-defined]
    out = sell.sell(cafe, lines=[SoldLine(product="cafe")], happened_at=happened, by=VICTOR)
    assert of(out).happened_at == happened


def test_every_menu_product_sells(cafe: Store) -> None:
    """One of each, on one ticket, in each regime of the tables."""
    lines = [SoldLine(product=p.product, price=500 if p.open_price else None) for p in MENU]
    sale = of(sell.sell(cafe, lines=lines, by=VICTOR))
    assert isinstance(sale, SaleCompleted)
    assert len(sale.lines) == len(MENU)
    assert _("The day is not open.") != "The day is not open."
