"""Accounts pay: prepaid, slate, voucher, suspended coffee, local notes; and what each refuses."""

import pytest

from pos.clock import StoppedClock
from pos.services.accounts import SERVICE, desk, reading, tables
from pos.services.accounts import refusals as no
from pos.store import Store
from pos.till import cash, close, refund, sell
from pos.till import tables as till
from pos.till.refusals import KeptElsewhere, ManagerNeeded, NotEnoughGiven
from pos.till.sell import SoldLine, TakenPayment
from tests.services.accounts.conftest import BY, TODAY, account, bought, paid, topped_up

BEER = "biere"


def alcohol(store: Store) -> str:
    """A drink with alcohol of the starter menu."""
    with store.reading() as conn:
        return str(next(row["product"] for row in till.products(conn) if row["vat_class"] == "alcohol"))


def owed(store: Store) -> dict[str, int]:
    """What the ledger of third parties says."""
    with store.reading() as conn:
        assert reading.faults(conn, till.third_parties(conn)) == []
        return till.third_parties(conn)


def drawer(store: Store) -> int:
    """The cash that must be in the drawer."""
    with store.reading() as conn:
        return till.drawer_expected(conn, TODAY)


def test_a_top_up_is_a_debt_and_a_coffee_is_the_sale(cafe: Store) -> None:
    """8.40 € taken in: no turnover, no VAT; a coffee at 1.20 leaves 7.20, written on the ticket, drawer unmoved."""
    person = account(cafe)
    first = topped_up(cafe, person, 840)
    assert (first.turnover, first.vat, [(o.code, o.owner, o.amount) for o in first.off]) == (
        0,
        [],
        [("HC_BON", "prepaid", 840)],
    )
    assert (owed(cafe), drawer(cafe)) == ({"prepaid": 840}, 10840)
    sale = bought(cafe, "prepaid", person)
    assert (sale.turnover, [(p.means, p.owner, p.ref) for p in sale.payments]) == (
        120,
        [("prepaid", "prepaid", person)],
    )
    assert (owed(cafe), drawer(cafe)) == ({"prepaid": 720}, 10840)
    with cafe.reading() as conn:
        assert SERVICE.receipt is not None
        assert "7,20" in SERVICE.receipt(conn, sale.no)[0]
        assert "8,40" in SERVICE.receipt(conn, first.no)[0]
    assert cafe.tables_that_differ() == []


def test_an_account_is_never_negative(cafe: Store) -> None:
    """More than is left is refused; two open bills never share one euro."""
    person = account(cafe)
    topped_up(cafe, person, 200)
    with pytest.raises(no.NotEnoughOnAccount):
        bought(cafe, "prepaid", person, cents=201)
    for tab in ("bill-1", "bill-2"):
        sell.add_product(cafe, tab, "cafe", quantity=2000, price=120, by=BY)
    sell.take_payment(cafe, "bill-1", "prepaid", amount=150, ref=person, by=BY)
    with pytest.raises(no.NotEnoughOnAccount):
        sell.take_payment(cafe, "bill-2", "prepaid", amount=51, ref=person, by=BY)
    with pytest.raises(no.NotEnoughOnAccount):
        desk.pay_out(cafe, person, 51, by=BY)
    sell.take_payment(cafe, "bill-2", "prepaid", amount=50, ref=person, by=BY)
    paid(cafe, "bill-1")
    paid(cafe, "bill-2")
    assert owed(cafe)["prepaid"] == 0


def test_who_is_on_the_bill_pays_without_being_named_again(cafe: Store) -> None:
    """A member on the bill is the default account; nobody without an account pays with one."""
    person = account(cafe)
    topped_up(cafe, person, 500)
    sale = sell.sell(
        cafe,
        lines=[SoldLine(product="cafe", price=120)],
        payments=[TakenPayment(means="prepaid")],
        member=person,
        by=BY,
    ).sale
    assert sale is not None
    assert sale.payments[0].ref == person
    with pytest.raises(no.NoSuchAccount):
        bought(cafe, "prepaid")
    with pytest.raises(NotEnoughGiven):
        sell.sell(
            cafe,
            lines=[SoldLine(product="cafe", price=120)],
            payments=[TakenPayment(means="prepaid", amount=130, ref=person)],
            by=BY,
        )


def test_money_paid_ahead_comes_back_on_request(cafe: Store) -> None:
    """Paid out of the drawer, never twice."""
    person = account(cafe)
    ticket = topped_up(cafe, person, 1000)
    desk.pay_out(cafe, person, 400, by=BY)
    assert (owed(cafe)["prepaid"], drawer(cafe)) == (600, 10600)
    with pytest.raises(no.AlreadySpent):
        refund.refund_sale(cafe, ticket.no, reason="mistake", by=BY)
    assert cafe.tables_that_differ() == []


def test_a_slate_is_turnover_at_once_and_its_payment_is_not(cafe: Store) -> None:
    """R105: charged 12 €, turnover 12 €; paid back in two parts: turnover unchanged, the claim back to zero."""
    person = account(cafe, slate=True)
    sale = bought(cafe, "slate", person, cents=1200)
    assert (sale.turnover, owed(cafe), drawer(cafe)) == (1200, {"slate": -1200}, 10000)
    for cents, means in ((500, "cash"), (700, "cheque")):
        tab = desk.pay_back(cafe, "", person, cents, by=BY)
        back = paid(cafe, tab.tab_id, means)
        assert (back.turnover, back.off[0].code) == (0, "HC_CREANCE")
    assert (owed(cafe)["slate"], drawer(cafe)) == (0, 10500)
    with cafe.reading() as conn:
        assert till.total(conn, TODAY, "turnover", "own") == 1200
    with pytest.raises(no.TooMuchPaidBack):
        desk.pay_back(cafe, "", person, 1, by=BY)


def test_alcohol_is_never_on_the_slate(cafe: Store) -> None:
    """Coffee on the slate, beer in cash; beer added after the slate is refused as well."""
    person, beer = account(cafe, slate=True), alcohol(cafe)
    with pytest.raises(no.AlcoholOnSlate):
        bought(cafe, "slate", person, product=beer, cents=300)
    sell.add_product(cafe, "bill-1", "cafe", price=120, by=BY)
    sell.add_product(cafe, "bill-1", beer, price=300, by=BY)
    with pytest.raises(no.AlcoholOnSlate):
        sell.take_payment(cafe, "bill-1", "slate", ref=person, by=BY)
    sell.take_payment(cafe, "bill-1", "slate", amount=120, ref=person, by=BY)
    assert paid(cafe, "bill-1").total == 420
    tab = sell.add_product(cafe, "bill-2", "cafe", quantity=2000, price=120, by=BY)
    sell.take_payment(cafe, "bill-2", "slate", amount=200, ref=person, by=BY)
    sell.add_product(cafe, "bill-2", beer, price=300, by=BY)
    sell.remove_line(cafe, "bill-2", tab.lines[0].line_id, by=BY)
    with pytest.raises(no.AlcoholOnSlate):
        sell.take_payment(cafe, "bill-2", "cash", by=BY)


def test_slates_have_ceilings(cafe: Store) -> None:
    """50 € a person, 300 € the café, settings of the manager; no slate without an agreement."""
    one, two = account(cafe, "Anne", slate=True), account(cafe, "Guy", slate=True)
    with pytest.raises(no.SlateTooHigh):
        bought(cafe, "slate", one, cents=5001)
    bought(cafe, "slate", one, cents=5000)
    desk.set_limits(cafe, person_ceiling=5000, cafe_ceiling=6000, by=BY)
    with pytest.raises(no.SlatesTooHigh):
        bought(cafe, "slate", two, cents=1001)
    with pytest.raises(no.NoSlate):
        bought(cafe, "slate", account(cafe, "Zoé"))
    with pytest.raises(ManagerNeeded):
        desk.open_account(cafe, person=two, slate=True, by="v1")
    with pytest.raises(no.BadLimits):
        desk.set_limits(cafe, person_ceiling=9000, cafe_ceiling=6000, by=BY)


def test_an_old_slate_is_told(cafe: Store, clock: StoppedClock) -> None:
    """The first charge is the first paid; thirty-one days later what is left is in the list of the day."""
    person = account(cafe, slate=True)
    bought(cafe, "slate", person, cents=1000)
    close.close_day(cafe, counted=10000, by=BY)
    clock.set("2026-12-10T08:00:00+01:00")
    close.open_day(cafe, 10000, by=BY)
    bought(cafe, "slate", person, cents=500)
    with cafe.reading() as conn:
        assert reading.late(conn, "2026-12-20") == []
        assert [p.since for p in reading.late(conn, "2026-12-21")] == [TODAY]
        assert SERVICE.todo[0](conn, "2026-12-21")
    paid(cafe, desk.pay_back(cafe, "", person, 1000, by=BY).tab_id)
    with cafe.reading() as conn:
        assert reading.late(conn, "2026-12-21") == []
        assert reading.oldest(conn, person) == "2026-12-10"


def test_giving_up_a_slate_takes_the_manager_and_a_reason(cafe: Store) -> None:
    """Nothing moves in the drawer; the ledger is even again."""
    person = account(cafe, slate=True)
    bought(cafe, "slate", person, cents=800)
    with pytest.raises(ManagerNeeded):
        desk.write_off(cafe, person, 800, "gone", by="v1")
    with pytest.raises(no.ReasonNeeded):
        desk.write_off(cafe, person, 800, "", by=BY)
    desk.write_off(cafe, person, 800, "gone", by=BY)
    assert (owed(cafe)["slate"], drawer(cafe)) == (0, 10000)


def test_a_slate_refunded_comes_off_the_slate(cafe: Store) -> None:
    """What was never paid is not given in cash by a seller; once paid back, only the manager gives cash."""
    person = account(cafe, slate=True)
    first, second = (bought(cafe, "slate", person, cents=800) for _sale in range(2))
    with pytest.raises(ManagerNeeded):
        refund.refund_sale(cafe, first.no, reason="quality", means="cash", by="v1")
    refund.refund_sale(cafe, first.no, reason="quality", by=BY)
    assert owed(cafe)["slate"] == -800
    paid(cafe, desk.pay_back(cafe, "", person, 800, by=BY).tab_id)
    with pytest.raises(no.SlateAlreadyPaid):
        refund.refund_sale(cafe, second.no, reason="quality", by=BY)
    refund.refund_sale(cafe, second.no, reason="quality", means="cash", by=BY)
    assert owed(cafe)["slate"] == 0
    assert cafe.tables_that_differ() == []


def test_money_paid_ahead_is_not_bought_on_credit(cafe: Store) -> None:
    """A top-up by slate would turn into beer: refused; so is a voucher bought with a voucher."""
    person = account(cafe, slate=True)
    tab = desk.top_up(cafe, "", person, 500, by=BY)
    for means in ("slate", "prepaid"):
        with pytest.raises(no.NotByAccount):
            sell.take_payment(cafe, tab.tab_id, means, ref=person, by=BY)
    with pytest.raises(no.WhoseIsIt):
        sell.sell(cafe, lines=[SoldLine(product="prepaid_top_up", price=500)], by=BY)
    with pytest.raises(no.BadAmount):
        desk.top_up(cafe, "", person, 0, by=BY)


def test_a_suspended_coffee_has_no_name(cafe: Store) -> None:
    """Two given, one taken: the fund falls by what was drunk; neither account nor member is on the ticket."""
    tab = desk.give_coffees(cafe, "", coffees=2, by=BY)
    given = paid(cafe, tab.tab_id)
    assert (given.turnover, given.off[0].code) == (0, "HC_DON")
    person = account(cafe)
    sale = sell.sell(
        cafe,
        lines=[SoldLine(product="cafe", price=120)],
        payments=[TakenPayment(means="suspended")],
        member=person,
        by=BY,
    ).sale
    assert sale is not None
    assert (sale.member, sale.payments[0].ref, sale.turnover) == ("", "", 120)
    with cafe.reading() as conn:
        held = reading.fund(conn, TODAY)
        assert (held.balance, held.given, held.taken, held.coffees) == (140, 2, 1, 1)
        assert reading.fund(conn, "2026-12-21").asleep
    with pytest.raises(no.FundTooLow):
        bought(cafe, "suspended", cents=141)
    assert owed(cafe)["suspended"] == 140


def test_a_voucher_is_spent_in_parts_without_change(cafe: Store, clock: StoppedClock) -> None:
    """R102: its sale is no turnover; each part is VAT where it is spent; after its day, the manager extends it."""
    sold = desk.sell_voucher(cafe, "", 2000, by=BY)
    with pytest.raises(no.NoSuchVoucher):
        bought(cafe, "gift", sold.code)
    ticket = paid(cafe, sold.tab.tab_id)
    assert (ticket.turnover, owed(cafe)) == (0, {"gift": 2000})
    assert bought(cafe, "gift", sold.code.lower(), cents=1250).turnover == 1250
    with pytest.raises(no.VoucherEmpty):
        bought(cafe, "gift", sold.code, cents=751)
    with pytest.raises(no.AlreadySpent):
        refund.refund_sale(cafe, ticket.no, reason="mistake", by=BY)
    close.close_day(cafe, counted=12000, by=BY)
    clock.set("2027-11-21T08:00:00+01:00")
    with cafe.writing(by=BY) as tx:
        tx.trust_clock(leap=True)
        tx.record(close.DayOpened(day="2027-11-21", float_cents=0))
    with pytest.raises(no.VoucherExpired):
        bought(cafe, "gift", sold.code, cents=100)
    desk.extend_voucher(cafe, sold.code, "2027-12-31", by=BY)
    assert bought(cafe, "gift", sold.code, cents=750).total == 750
    with pytest.raises(no.NoSuchVoucher):
        desk.extend_voucher(cafe, "ZV-NONE", "2027-12-31", by=BY)


def test_local_notes_are_counted_apart_and_give_no_euros(cafe: Store) -> None:
    """At par, no change in euros, a box of its own; handed to the issuer for euros less its fee."""
    with pytest.raises(no.NoLocalCurrency):
        bought(cafe, "local", cents=500)
    desk.set_currency(cafe, label="La Gonette", by=BY)
    sell.add_product(cafe, "bill-1", "cafe", price=120, by=BY)
    with pytest.raises(no.NoChangeInEuros):
        sell.take_payment(cafe, "bill-1", "local", amount=200, by=BY)
    sell.take_payment(cafe, "bill-1", "local", amount=100, by=BY)
    paid(cafe, "bill-1")
    bought(cafe, "local", cents=900)
    assert (owed(cafe), drawer(cafe)) == ({"local": -1000}, 10020)
    with cafe.reading() as conn:
        assert reading.currency_to_count(conn, TODAY)
    assert desk.count_currency(cafe, 1000, by=BY).expected == 1000
    with cafe.reading() as conn:
        assert not reading.currency_to_count(conn, TODAY)
    with pytest.raises(no.NotInTheBox):
        desk.hand_over_currency(cafe, 1100, by=BY)
    desk.hand_over_currency(cafe, 600, means="cash", fee=30, by=BY)
    desk.hand_over_currency(cafe, 400, means="supplier", by=BY)
    assert (owed(cafe)["local"], drawer(cafe)) == (0, 10020 + 570)
    assert cafe.tables_that_differ() == []


def test_an_account_closes_empty(cafe: Store) -> None:
    """With money on it, no; empty, the name is erased."""
    person = account(cafe)
    topped_up(cafe, person, 100)
    with pytest.raises(no.AccountNotEmpty):
        desk.close_account(cafe, person, by=BY)
    bought(cafe, "prepaid", person, cents=100)
    desk.close_account(cafe, person, by=BY)
    with cafe.reading() as conn:
        assert conn.execute("SELECT count(*) FROM private_person").fetchone()[0] == 0
        assert tables.account(conn, person)["closed"] == 1  # type: ignore[index]


def test_an_account_on_an_open_bill_stays_open(cafe: Store) -> None:
    """Money on its way to it would be on a closed account that nobody can pay out; an older bill finds it closed."""
    person = account(cafe)
    tab = desk.top_up(cafe, "t1", person, 2000, by=BY)
    with pytest.raises(no.AccountOnABill):
        desk.close_account(cafe, person, by=BY)
    sell.remove_line(cafe, "t1", tab.lines[0].line_id, by=BY)
    desk.close_account(cafe, person, by=BY)
    tab.lines[0].line_id += "again"
    with cafe.writing(by=BY) as tx:
        sell.keep(tx, tab)
    with pytest.raises(no.NoSuchAccount):
        sell.take_payment(cafe, "t1", "cash", by=BY)


def test_the_drawer_screen_cannot_empty_accounts(cafe: Store) -> None:
    """Money kept person by person moves only by its own acts."""
    person = account(cafe)
    topped_up(cafe, person, 1000)
    with pytest.raises(KeptElsewhere):
        cash.settle_third_party(cafe, "prepaid", 500, by=BY)
    with pytest.raises(KeptElsewhere):
        cash.move_third_party(cafe, "slate", 500, reason="x", by=BY)
    with pytest.raises(KeptElsewhere):
        cash.keep_commission(cafe, "prepaid", 500, by=BY)


def test_no_name_is_in_the_journal(cafe: Store) -> None:
    """Only opaque ids."""
    person = account(cafe, "Zéphyrine Quilichini", slate=True)
    topped_up(cafe, person, 500)
    bought(cafe, "slate", person)
    with cafe.reading() as conn:
        bodies = b"".join(bytes(row[0]) for row in conn.execute("SELECT body FROM journal_entry"))
        sheet = {(row["what"], row["why"]): row["cents"] for row in reading.month(conn, "2026-11")}
    assert b"Quilichini" not in bodies
    assert sheet == {("prepaid", "topped_up"): 500, ("slate", "charged"): 120}
