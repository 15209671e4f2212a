"""The press counter's acts: what each records, moves and refuses."""

import pytest

from pos.engines import consignment, consignment_tables
from pos.services.press import SERVICE, desk, reading
from pos.services.press import refusals as no
from pos.services.press.deliveries import Copies
from pos.services.press.unsold import Counted
from pos.store import Store
from pos.till import card, close, refund, sell, uses
from pos.till import tables as till
from pos.till.events import LineVoided, ProductListed
from pos.till.refusals import CardPending, ManagerNeeded
from pos.till.sell import SoldLine
from tests.services.press.conftest import BY, DAILY, DAILY_CODE, DAY, WEEKLY, WEEKLY_CODE, at, deliver, with_key


def sold(store: Store, product: str = DAILY, n: int = 1) -> object:
    """Sell copies in cash."""
    return sell.sell(store, lines=[SoldLine(product=product, quantity=n * 1000)], **BY).sale


def test_a_copy_moves_the_depots_account_and_nothing_of_the_cafes(shop: Store) -> None:
    """R86: the account moves by the public price; turnover and VAT do not."""
    deliver(shop)
    sale = sold(shop, n=2)
    assert (sale.turnover, sale.vat, sale.total) == (0, [], 280)  # type: ignore[attr-defined]
    with shop.reading() as conn:
        assert reading.owed(conn) == 280
        assert uses.of_day(conn, DAY) == {"press": 1}


def test_one_ticket_is_one_use_and_a_full_refund_takes_it_back(shop: Store) -> None:
    """However many copies and titles; refunded entirely, it never happened."""
    deliver(shop)
    sale = sell.sell(shop, lines=[SoldLine(product=DAILY, quantity=3000), SoldLine(product=WEEKLY)], **BY).sale
    assert sale is not None
    refund.refund_sale(shop, sale.no, reason="mistake", **BY)
    with shop.reading() as conn:
        assert uses.of_day(conn, DAY) == {}
        assert reading.sales_of(conn, DAY, DAY)["tickets"] == 0
        assert [one.left for one in reading.on_sale(conn)] == [10_000, 5_000]
    assert shop.tables_that_differ() == []


def test_only_the_manager_agrees_with_the_depot(shop: Store) -> None:
    """Terms and licences are the manager's, within their ranges."""
    with pytest.raises(ManagerNeeded):
        desk.set_depot(shop, commission_bp=1500, by="v1")
    with pytest.raises(ManagerNeeded):
        desk.set_licence(shop, "pmu", by="v1")
    for wrong in (
        {"commission_bp": 9000},
        {"commission_bp": 1500, "period": "year"},
        {"commission_bp": 1500, "valid_from": "x"},
    ):
        with pytest.raises(no.NotPressTerms):
            desk.set_depot(shop, **wrong, **BY)  # type: ignore[arg-type]
    with pytest.raises(no.NotPressTerms):
        desk.set_licence(shop, "loto", **BY)


def test_nothing_is_delivered_where_the_press_has_ended(shop: Store) -> None:
    """Terms that end the press from a day on refuse what follows; a café without terms refuses all."""
    desk.set_depot(shop, commission_bp=1500, in_use=False, **BY)
    with pytest.raises(no.NoDepot):
        deliver(shop)
    with pytest.raises(no.NoDepot):
        desk.list_title(shop, label="Autre", price=200, **BY)


def test_a_delivery_has_its_slip_once_and_whole_copies(shop: Store) -> None:
    """A slip number, known titles, whole copies, a recall that is not before today."""
    one = [Copies(product=DAILY, received=5000)]
    with pytest.raises(no.SlipMissing):
        desk.receive_delivery(shop, "  ", one, **BY)
    with pytest.raises(no.NothingDelivered):
        desk.receive_delivery(shop, "1", [Copies(product=DAILY, received=0)], **BY)
    with pytest.raises(no.NotATitle):
        desk.receive_delivery(shop, "1", [Copies(product="cafe", received=1000)], **BY)
    for line in (
        Copies(product=DAILY, received=1500),
        Copies(product=DAILY, received=-1000),
        Copies(product=DAILY, received=1000, recall_on="2026-11-01"),
    ):
        with pytest.raises(no.NotCopies):
            desk.receive_delivery(shop, "1", [line], **BY)
    with pytest.raises(no.NotCopies):
        desk.receive_delivery(shop, "1", one * 2, **BY)
    desk.receive_delivery(shop, "1", one, **BY)
    with pytest.raises(no.SlipTwice):
        desk.receive_delivery(shop, "1", one, **BY)


def test_a_difference_is_claimed_once_and_within_the_delay(shop: Store) -> None:
    """What the slip announced and did not hold is told to the depot in time."""
    short = desk.receive_delivery(shop, "1", [Copies(product=DAILY, received=8000, announced=10_000)], **BY).delivery
    late = desk.receive_delivery(shop, "2", [Copies(product=DAILY, received=1000, announced=2000)], **BY).delivery
    exact = desk.receive_delivery(shop, "3", [Copies(product=DAILY, received=1000)], **BY).delivery
    with shop.reading() as conn:
        assert len(reading.to_claim(conn, DAY, 2)) == 2
    desk.claim(shop, short, ref="TEL 4", **BY)
    for delivery in (short, exact):
        with pytest.raises(no.NothingToClaim):
            desk.claim(shop, delivery, **BY)
    at(shop, "2026-11-19T08:00:00+01:00")
    with pytest.raises(no.ClaimTooLate):
        desk.claim(shop, late, **BY)


def test_a_delivery_is_corrected_beside_what_has_left(shop: Store) -> None:
    """The copies that really came; never fewer than were sold."""
    delivery = deliver(shop, daily=10)
    sold(shop, n=4)
    desk.correct_delivery(shop, delivery, DAILY, 9000, **BY)
    with shop.reading() as conn:
        assert consignment_tables.stock(conn, "presse")[DAILY].on_sale == 5000
    with pytest.raises(no.AlreadyLeft):
        desk.correct_delivery(shop, delivery, DAILY, 3000, **BY)
    with pytest.raises(no.NotCopies):
        desk.correct_delivery(shop, delivery, DAILY, 3500, **BY)
    with pytest.raises(no.NoSuchIssue):
        desk.correct_delivery(shop, "nothing", DAILY, 3000, **BY)


def test_missing_copies_are_charged_at_the_recall_and_not_before(shop: Store) -> None:
    """Of a recalled issue what is not found is the café's; an early return leaves the rest on sale."""
    delivery = deliver(shop)
    early = desk.return_unsold(shop, [Counted(delivery=delivery, product=DAILY, counted=2000)], **BY)
    assert (early.charged, early.slip) == (0, "R-1")
    at(shop, "2026-11-17T05:30:00+01:00")
    with shop.reading() as conn:
        assert [one.product for one in reading.to_return(conn, "2026-11-17")] == [DAILY]
        assert next(notice.url for rule in SERVICE.todo for notice in rule(conn, "2026-11-17")) == "/press/returns"
    told = desk.return_unsold(shop, [Counted(delivery=delivery, product=DAILY, counted=7000)], slip="BR 7", **BY)
    assert (told.returned_cents, told.charged, told.slip) == (980, 140, "BR7")
    with shop.reading() as conn:
        held = consignment_tables.stock(conn, "presse")[DAILY]
        assert (held.received, held.returned, held.lost, held.on_sale) == (10_000, 9000, 1000, 0)


def test_a_bundle_holds_what_was_there(shop: Store) -> None:
    """Not more copies than should be there, only issues delivered here, and something."""
    delivery = deliver(shop)
    with pytest.raises(no.MoreThanExpected):
        desk.return_unsold(shop, [Counted(delivery=delivery, product=DAILY, counted=11_000)], **BY)
    with pytest.raises(no.NothingToReturn):
        desk.return_unsold(shop, [Counted(delivery=delivery, product=DAILY, counted=0)], **BY)
    with pytest.raises(no.NoSuchIssue):
        desk.return_unsold(shop, [Counted(delivery="x", product=DAILY, counted=0)], **BY)
    with pytest.raises(no.NotCopies):
        desk.return_unsold(shop, [Counted(delivery=delivery, product=DAILY, counted=500)], **BY)


def test_copies_written_off_are_the_cafes(shop: Store) -> None:
    """Damaged copies come off the shelf and are charged like missing ones, less the commission."""
    deliver(shop)
    desk.write_off(shop, DAILY, 1000, **BY)
    with pytest.raises(no.NotCopies):
        desk.write_off(shop, "cafe", 1000, **BY)
    told = desk.close_statement(shop, last=DAY, **BY)
    # 1,40 missing, commission 15 % of it is 0,21.
    assert (told.revenue, told.charged, told.commission, told.due) == (0, 140, 21, 119)


def test_the_newest_issue_is_sold_first(shop: Store) -> None:
    """Yesterday's copies keep their recall; today's leave the counter."""
    deliver(shop, "1", daily=3, weekly=0)
    deliver(shop, "2", daily=3, weekly=0)
    sold(shop, n=4)
    with shop.reading() as conn:
        assert [(one.left, one.sold) for one in reading.on_sale(conn, DAILY)] == [(2000, 1000)]


def test_a_copy_sold_before_its_delivery_is_of_the_issue_that_comes(shop: Store) -> None:
    """The sale is not refused; the opening says that a delivery is missing, then it falls into place."""
    sold(shop, n=2)
    with shop.reading() as conn:
        assert reading.oversold(conn) == {DAILY: 2000}
        assert consignment.identity_faults(conn) != []
    deliver(shop, daily=10)
    with shop.reading() as conn:
        assert (reading.oversold(conn), reading.on_sale(conn, DAILY)[0].left) == ({}, 8000)
        assert consignment.identity_faults(conn) == []


def test_the_title_is_found_by_its_code_by_its_part_or_entered(shop: Store) -> None:
    """Exact code: its product. Same title, new price in the code: to confirm. Unknown cover: to enter."""
    assert SERVICE.scan is not None
    with shop.reading() as conn:
        exact = SERVICE.scan(conn, DAY, DAILY_CODE + "07")
        changed = SERVICE.scan(conn, DAY, with_key("378191110350"))
        unknown = SERVICE.scan(conn, DAY, with_key("977292839900") + "01204")
        other = SERVICE.scan(conn, DAY, "3250390000426")
    assert exact is not None and exact.product_id == DAILY
    assert changed is not None and changed.url.startswith(f"/press/title/{WEEKLY}?code=")
    assert unknown is not None and unknown.url.startswith("/press/titles?code=")
    assert other is None
    with pytest.raises(no.NotAPressCode):
        desk.list_title(shop, label="Autre", price=200, code="123", **BY)
    with pytest.raises(no.NotPressTerms):
        desk.list_title(shop, label="Autre", price=200, periodicity="hourly", **BY)
    desk.list_title(shop, label="Hebdo", price=350, code=with_key("378191110350"), product=WEEKLY, **BY)
    with shop.reading() as conn:
        assert till.product(conn, WEEKLY)["price"] == 350
        assert SERVICE.scan(conn, DAY, WEEKLY_CODE).url.startswith(f"/press/title/{WEEKLY}")


def test_the_depots_debit_may_differ_and_stays_on_the_account(shop: Store) -> None:
    """What it debits is noted as it is; the difference is the account's balance, in sight."""
    deliver(shop)
    sold(shop, n=10)
    told = desk.close_statement(shop, last=DAY, **BY)
    assert (told.revenue, told.commission, told.due) == (1400, 210, 1190)
    paid = desk.pay_statement(shop, told.number, amount=1200, **BY)
    with shop.reading() as conn:
        assert (paid.difference, reading.owed(conn)) == (10, -10)
        assert till.drawer_expected(conn, DAY) == 20_000 + 1400
    for number in (told.number, 99):
        with pytest.raises(no.NoSuchStatement):
            desk.pay_statement(shop, number, **BY)


def test_games_need_a_licence_an_adult_and_change_in_the_drawer(shop: Store) -> None:
    """R87, R113: each condition has its own refusal, and a refused act moves no money."""
    with pytest.raises(no.NoLicence):
        desk.take_stakes(shop, "pmu", 500, adult=True, **BY)
    with pytest.raises(no.MinorRefused):
        desk.take_stakes(shop, "fdj", 500, adult=False, **BY)
    with pytest.raises(no.NotStakes):
        desk.take_stakes(shop, "fdj", 0, adult=True, **BY)
    with pytest.raises(no.AboveWinLimit):
        desk.pay_win(shop, "fdj", 30_001, adult=True, **BY)
    with pytest.raises(no.KeepChange):
        desk.pay_win(shop, "fdj", 15_001, adult=True, **BY)
    with pytest.raises(no.MinorRefused):
        desk.pay_win(shop, "fdj", 100, adult=False, **BY)
    with shop.reading() as conn:
        assert till.third_parties(conn).get("fdj", 0) == 0
    desk.pay_win(shop, "fdj", 15_000, adult=True, **BY)
    with shop.reading() as conn:
        assert (till.third_parties(conn)["fdj"], till.drawer_expected(conn, DAY)) == (-15_000, 5_000)


def test_the_terminals_totals_complete_what_was_entered(shop: Store) -> None:
    """Only the rest moves; typing again corrects; a debited day is closed."""
    desk.take_stakes(shop, "fdj", 2000, adult=True, **BY)
    desk.note_games(shop, "fdj", stakes=5000, wins=1000, commission=300, **BY)
    desk.note_games(shop, "fdj", stakes=4000, wins=1000, **BY)
    with shop.reading() as conn:
        assert till.third_parties(conn)["fdj"] == 3000
        assert reading.game_day(conn, "fdj", DAY).commission == 200
    with pytest.raises(no.NotStakes):
        desk.note_games(shop, "fdj", stakes=-1, wins=0, **BY)
    told = desk.debit_games(shop, "fdj", last=DAY, **BY)
    assert (told.due, told.amount) == (2800, 2800)
    with pytest.raises(no.NothingToDebit):
        desk.debit_games(shop, "fdj", last=DAY, **BY)
    with pytest.raises(no.DayDebited):
        desk.note_games(shop, "fdj", stakes=1, wins=0, **BY)
    with shop.reading() as conn:
        assert till.third_parties(conn)["fdj"] == 0


def test_a_scratch_ticket_waits_for_proof_of_age(shop: Store) -> None:
    """Paying asks first; a yes lets it pass and is all that is recorded, a no takes it off the bill."""
    product = desk.list_game(shop, "fdj", label="Grattage", price=300, **BY)
    with pytest.raises(no.NoLicence):
        desk.list_game(shop, "pmu", label="Ticket", price=300, **BY)
    sell.add_product(shop, "bill-1", product, **BY)
    with pytest.raises(no.AgeNotAsked) as asked:
        sell.take_payment(shop, "bill-1", "cash", **BY)
    assert asked.value.url == "/press/age/bill-1"
    desk.check_age(shop, "bill-1", True, **BY)
    sale = sell.take_payment(shop, "bill-1", "cash", **BY).sale
    assert sale is not None
    assert (sale.turnover, [part.owner for part in sale.off], sale.lines[0].ref) == (0, ["fdj"], "press.adult:yes")
    sell.add_product(shop, "bill-2", product, **BY)
    assert desk.check_age(shop, "bill-2", False, **BY).lines == []
    with shop.reading() as conn:
        assert reading.game_day(conn, "fdj", DAY).stakes == 300
    assert shop.tables_that_differ() == []


def test_without_a_licence_games_and_tobacco_are_not_sold(shop: Store) -> None:
    """Whatever the menu says: the licence of the day decides."""
    with shop.writing(by="g1") as tx:
        tx.record(
            ProductListed(
                product="cigarettes",
                label="Cigarettes",
                category="divers",
                price=1300,
                vat_class="",
                role="tobacco",
                owner="tabac",
            )
        )
    sell.add_product(shop, "bill-1", "cigarettes", **BY)
    with pytest.raises(no.NoLicence):
        sell.take_payment(shop, "bill-1", "cash", **BY)
    product = desk.list_game(shop, "fdj", label="Grattage", price=300, **BY)
    desk.set_licence(shop, "fdj", licensed=False, **BY)
    sell.add_product(shop, "bill-2", product, **BY)
    with pytest.raises(no.NoLicence):
        sell.take_payment(shop, "bill-2", "cash", **BY)


def test_closing_says_what_is_not_noted(shop: Store) -> None:
    """Games moved and not compared is grave; opening tells of copies sold and never delivered."""
    desk.take_stakes(shop, "fdj", 500, adult=True, **BY)
    sold(shop)
    with shop.reading() as conn:
        closing = [notice for rule in SERVICE.day_close_checks for notice in rule(conn, DAY)]
        opening = [notice for rule in SERVICE.day_open_checks for notice in rule(conn, DAY)]
    assert [notice.grave for notice in closing] == [True]
    assert [notice.url for notice in opening] == ["/press/delivery"]


def test_what_a_minor_may_not_buy_leaves_the_bill_in_the_journal(shop: Store) -> None:
    """R42: each line taken off is an entry, counted by the Z; under a pending card nothing changes."""
    game = desk.list_game(shop, "fdj", label="Grattage", price=300, **BY)
    sell.add_product(shop, "bill-1", game, **BY)
    sell.add_product(shop, "bill-1", DAILY, **BY)
    assert [line.product for line in desk.check_age(shop, "bill-1", False, **BY).lines] == [DAILY]
    with shop.reading() as conn:
        gone = shop.event(conn, shop.last_place()).event
    assert isinstance(gone, LineVoided)
    assert (gone.label, gone.gross) == ("Grattage", 300)
    sell.add_product(shop, "bill-2", game, **BY)
    desk.check_age(shop, "bill-2", True, **BY)
    pending = card.start_card(shop, "bill-2", **BY)
    for adult in (True, False):
        with pytest.raises(CardPending):
            desk.check_age(shop, "bill-2", adult, **BY)
    assert card.settle_card(shop, pending.card, card.ACCEPTED, **BY).sale is not None
    sell.take_payment(shop, "bill-1", "cash", **BY)
    assert close.close_day(shop, **BY).voids == 1
