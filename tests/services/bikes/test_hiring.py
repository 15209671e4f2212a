"""Bikes leave and come back: price, grace, lateness, damage, deposits of each kind, what is refused."""

from typing import Any

import pytest

from pos.errors import Refusal
from pos.services.bikes import desk, reading
from pos.services.bikes import refusals as no
from pos.services.bikes.tables import MEANS, OWNER
from pos.till import cash, close, sell, uses
from pos.till import refusals as till_no
from pos.till import tables as till
from pos.till.refund import refund_sale
from tests.services.bikes.conftest import BY, DAY, Bikes


def pay(cafe: Bikes, means: str = "cash") -> int:
    """Pay the only open bill; return its ticket."""
    with cafe.store.reading() as conn:
        [tab] = sell.open_tabs(conn)
    sale = sell.take_payment(cafe.store, tab.tab_id, means, **BY).sale
    assert sale is not None
    return sale.no


def money(cafe: Bikes) -> tuple[int, int, int]:
    """Return drawer, turnover, cash deposits owed."""
    with cafe.store.reading() as conn:
        return (
            till.drawer_expected(conn, DAY),
            till.total(conn, DAY, "turnover", "own"),
            till.third_parties(conn).get(OWNER, 0),
        )


def figures(cafe: Bikes) -> dict[str, Any]:
    """Return the bikes' day."""
    with cafe.store.reading() as conn:
        return reading.figures(conn, DAY)


def test_a_cheque_deposit_never_touches_the_drawer(cafe: Bikes) -> None:
    """A cheque that nobody cashes is listed, and is neither drawer nor turnover."""
    cafe.out(1, 2, name="Claire Essai")
    pay(cafe)
    assert money(cafe) == (11_600, 1_600, 0)
    assert figures(cafe)["cheques_held"] == 30_000


def test_a_cash_deposit_is_the_customers_money(cafe: Bikes) -> None:
    """150 € lie in the drawer, are owed, and are no turnover; back in time they go out again (R106)."""
    rental = cafe.out(1, deposit="cash")
    pay(cafe)
    assert money(cafe) == (25_800, 800, 15_000)
    cafe.at("12:30")
    came = desk.take_back(cafe.store, rental, **BY)
    assert (came.released, came.due) == (15_000, 0)
    assert money(cafe) == (10_800, 800, 0)
    assert cafe.store.tables_that_differ() == []


@pytest.mark.parametrize(("hour", "late"), [("13:00", 0), ("13:15", 0), ("13:16", 300), ("14:00", 300), ("14:01", 600)])
def test_grace_then_each_hour_begun(cafe: Bikes, hour: str, late: int) -> None:
    """Fifteen minutes are forgiven; beyond, each hour begun since the due hour is charged."""
    rental = cafe.out(1)
    pay(cafe)
    cafe.at(hour)
    assert desk.take_back(cafe.store, rental, **BY).due == late


def test_the_rules_signed_hold(cafe: Bikes) -> None:
    """A dearer lateness from tomorrow on does not change a contract signed today."""
    rental = cafe.out(1, rule="day")
    pay(cafe)
    desk.set_terms(cafe.store, grace_minutes=0, late_minutes=60, late_price=900, valid_from="2026-04-27", **BY)
    cafe.at("19:00")
    close.close_day(cafe.store, counted=11_500, **BY)
    cafe.at("09:30", "2026-04-27")
    with pytest.raises(till_no.DayNotOpen):
        desk.take_back(cafe.store, rental, **BY)
    close.open_day(cafe.store, 10_000, **BY)
    assert desk.take_back(cafe.store, rental, **BY).due == 300


def test_damage_sends_to_maintenance_and_is_charged(cafe: Bikes) -> None:
    """A flat tyre: 12 € of repair at 20 % on the bill, the bike off the rack, the cheque kept until paid."""
    rental = cafe.out(1)
    pay(cafe)
    cafe.at("13:40")
    came = desk.take_back(cafe.store, rental, damages=["flat_tyre"], repair=1_200, **BY)
    assert (came.late_minutes, came.due, came.released) == (40, 1_500, 0)
    with pytest.raises(no.ChargesOpen):
        desk.release(cafe.store, rental, **BY)
    pay(cafe)
    assert desk.release(cafe.store, rental, **BY) == 15_000
    told = figures(cafe)
    assert (told["available"], told["maintenance"], told["income"], told["to_release"]) == (2, 1, 2_300, 0)
    desk.move_bike(cafe.store, cafe.ids[0], "available", **BY)
    assert figures(cafe)["available"] == 3


def test_a_part_of_a_cash_deposit_becomes_a_sale(cafe: Bikes) -> None:
    """Late and repair kept from 150 € in cash: 15 € are turnover with VAT, 135 € go back, the drawer agrees."""
    rental = cafe.out(1, deposit="cash")
    pay(cafe)
    cafe.at("13:40")
    came = desk.take_back(cafe.store, rental, damages=["chain"], repair=1_200, from_deposit=True, **BY)
    assert (came.ticket, came.released) == (2, 13_500)
    assert money(cafe) == (10_000 + 800 + 1_500, 2_300, 0)
    with cafe.store.reading() as conn:
        assert till.totals(conn, DAY, "means")[MEANS][0] == 1_500
        assert till.totals(conn, DAY, "vat")["2000"][:2] == (2_300, 1_917)
        assert reading.rental(conn, rental)["kept"] == 1_500  # type: ignore[index]
    assert cafe.store.tables_that_differ() == []


def test_what_the_deposit_paid_goes_back_to_it(cafe: Bikes) -> None:
    """A refund of charges kept from a deposit makes it a deposit again: no cash leaves until it is handed back."""
    rental = cafe.out(1, deposit="cash")
    pay(cafe)
    cafe.at("14:10")
    ticket = desk.take_back(cafe.store, rental, from_deposit=True, **BY).ticket
    before = money(cafe)
    refund_sale(cafe.store, ticket, reason="mistake", **BY)
    assert money(cafe) == (before[0], before[1] - 600, 600)
    assert desk.release(cafe.store, rental, **BY) == 600
    assert money(cafe) == (10_800, 800, 0)


def test_a_stolen_bike_keeps_its_deposit(cafe: Bikes) -> None:
    """Nobody came back: the hire ends, the whole cash deposit becomes a ticket at 20 %."""
    rental = cafe.out(1, deposit="cash")
    pay(cafe)
    with pytest.raises(no.NotBackYet):
        desk.keep_deposit(cafe.store, rental, **BY)
    desk.not_back(cafe.store, rental, "stolen", **BY)
    desk.keep_deposit(cafe.store, rental, **BY)
    assert money(cafe) == (25_800, 15_800, 0)
    assert (figures(cafe)["total"], figures(cafe)["income_by"]) == (2, {"hire": 800, "kept": 15_000})
    with pytest.raises(no.NoDepositHeld):
        desk.release(cafe.store, rental, **BY)


def test_a_cheque_is_kept_whole_through_the_bill(cafe: Bikes) -> None:
    """A kept cheque is a line paid by cheque; a part of it cannot be kept."""
    rental = cafe.out(1)
    pay(cafe)
    desk.not_back(cafe.store, rental, "lost", **BY)
    with pytest.raises(no.ChequeIsWhole):
        desk.keep_deposit(cafe.store, rental, 5_000, **BY)
    desk.keep_deposit(cafe.store, rental, **BY)
    ticket = pay(cafe, "cheque")
    assert (figures(cafe)["cheques_held"], figures(cafe)["income"]) == (0, 15_800)
    refund_sale(cafe.store, ticket, reason="mistake", **BY)
    assert figures(cafe)["cheques_held"] == 15_000


def test_a_hire_that_did_not_leave_leaves_nothing(cafe: Bikes) -> None:
    """Cancelled: the use is taken back, the line is off the bill, the cash deposit is out of the drawer."""
    rental = cafe.out(1, deposit="cash")
    with cafe.store.reading() as conn:
        assert uses.of_day(conn, DAY) == {"bike_rental": 1}
    desk.cancel(cafe.store, rental, **BY)
    assert money(cafe) == (10_000, 0, 0)
    with cafe.store.reading() as conn:
        assert uses.of_day(conn, DAY) == {}
        assert [line for tab in sell.open_tabs(conn) for line in tab.lines] == []
    assert figures(cafe)["available"] == 3
    with pytest.raises(no.NotOut):
        desk.cancel(cafe.store, rental, **BY)


def test_a_paid_hire_is_refunded_first(cafe: Bikes) -> None:
    """Money already taken goes back by its own ticket, then the hire is cancelled."""
    rental = cafe.out(1)
    ticket = pay(cafe)
    with pytest.raises(no.AlreadyPaidHire):
        desk.cancel(cafe.store, rental, **BY)
    refund_sale(cafe.store, ticket, reason="not_served", **BY)
    desk.cancel(cafe.store, rental, **BY)
    assert money(cafe) == (10_000, 0, 0)


def test_an_unpaid_hire_is_put_on_the_bill_again(cafe: Bikes) -> None:
    """A bill abandoned does not lose the hire; two bills cannot both take it; unpaid, its deposit stays."""
    rental = cafe.out(1)
    with pytest.raises(no.NothingOwed):
        desk.charge_again(cafe.store, rental, **BY)
    with cafe.store.reading() as conn:
        [tab] = sell.open_tabs(conn)
    sell.void_tab(cafe.store, tab.tab_id, "mistake", **BY)
    assert desk.take_back(cafe.store, rental, **BY).released == 0
    with pytest.raises(no.ChargesOpen):
        desk.release(cafe.store, rental, **BY)
    desk.charge_again(cafe.store, rental, **BY)
    pay(cafe)
    with pytest.raises(no.NothingOwed):
        desk.charge_again(cafe.store, rental, **BY)
    assert desk.release(cafe.store, rental, **BY) == 15_000


def test_the_same_charge_is_not_paid_twice(cafe: Bikes) -> None:
    """A copy of the line on a second bill is refused when the first was paid; so is a cancelled hire's."""
    rental = cafe.out(1)
    with cafe.store.reading() as conn:
        [first] = sell.open_tabs(conn)
    with cafe.store.writing(by="g1") as tx:
        copy = sell.new_tab(tx)
        copy.lines = list(first.lines)
        sell.keep(tx, copy)
    sell.take_payment(cafe.store, first.tab_id, "cash", **BY)
    with pytest.raises(no.AlreadyPaidHire):
        sell.take_payment(cafe.store, copy.tab_id, "cash", **BY)
    assert rental


def test_a_deposit_pays_its_own_hire_alone(cafe: Bikes) -> None:
    """A coffee, a cheque or more than is held cannot be paid from a deposit; nobody settles its account by hand."""
    rental = cafe.out(1, deposit="cash")
    pay(cafe)
    cafe.at("13:40")
    tab = sell.add_product(cafe.store, "c-0001", "cafe", **BY)
    with pytest.raises(no.NotFromDeposit):
        sell.take_payment(cafe.store, tab.tab_id, MEANS, ref=rental, **BY)
    sell.void_tab(cafe.store, tab.tab_id, "mistake", **BY)
    with pytest.raises(no.NotFromDeposit):
        desk.take_back(cafe.store, rental, damages=["frame"], repair=20_000, from_deposit=True, **BY)
    with pytest.raises(Refusal):
        cash.settle_third_party(cafe.store, OWNER, 100, **BY)
    desk.take_back(cafe.store, rental, tab_id="c-0002", **BY)
    with pytest.raises(no.NotFromDeposit):
        desk.keep_deposit(cafe.store, rental, 20_000, **BY)
    sell.take_payment(cafe.store, "c-0002", MEANS, ref=rental, **BY)
    assert desk.release(cafe.store, rental, **BY) == 14_700


def test_who_hires_is_never_in_the_journal(cafe: Bikes) -> None:
    """Name, phone and cheque number stay in the private store; erasing them keeps the hire."""
    rental = cafe.out(1, name="Zébulon Quarante", phone="0612345678", cheque="7000123")
    raw = b"".join(row[0] for row in cafe.store._writer.execute("SELECT body FROM journal_entry"))
    assert not [word for word in (b"bulon", b"Quarante", b"0612345678", b"7000123") if word in raw]
    with cafe.store.reading() as conn:
        assert reading.rental(conn, rental)["person"]  # type: ignore[index]


def test_what_cannot_leave(cafe: Bikes) -> None:
    """An unknown bike, one that is out or broken, a length without price, an unknown code, no deposit."""
    cafe.out(1)
    refused: list[tuple[type[Refusal], dict[str, Any]]] = [
        (no.NotAvailable, {"bikes": [cafe.ids[0]]}),
        (no.NoSuchBike, {"bikes": ["nowhere"]}),
        (no.NoSuchBike, {"bikes": []}),
        (no.NoPrice, {"bikes": [cafe.ids[1]], "rule": "week"}),
        (no.NotAKind, {"bikes": [cafe.ids[1]], "proof": "library_card"}),
        (no.NotAKind, {"bikes": [cafe.ids[1]], "accessories": ["cat"]}),
        (no.DepositMissing, {"bikes": [cafe.ids[1]], "deposit": "none"}),
    ]
    for refusal, how in refused:
        with pytest.raises(refusal):
            desk.hire(cafe.store, **{"rule": "half_day", **how}, **BY)
    with pytest.raises(no.StillOut):
        desk.move_bike(cafe.store, cafe.ids[0], "maintenance", **BY)
    with pytest.raises(no.NotAKind):
        desk.move_bike(cafe.store, cafe.ids[1], "flying", **BY)
    with pytest.raises(no.NotAKind):
        desk.welcome(cafe.store, "champagne", **BY)
    with pytest.raises(no.NotOut):
        desk.take_back(cafe.store, "nothing", **BY)


def test_a_wrong_card_or_rule_is_refused(cafe: Bikes) -> None:
    """Two bikes never bear one number; a length, a price, a grace stay within reason; only the manager sets them."""
    with pytest.raises(no.NotABike):
        desk.list_bike(cafe.store, number=1, **BY)
    with pytest.raises(no.NotTerms):
        desk.set_price(cafe.store, "fortnight", price=100, **BY)
    with pytest.raises(no.NotTerms):
        desk.set_price(cafe.store, "hour", price=100, minutes=3, **BY)
    with pytest.raises(no.NotTerms):
        desk.set_terms(cafe.store, late_minutes=0, **BY)
    with pytest.raises(no.NotTerms):
        desk.set_price(cafe.store, "hour", price=100, valid_from="soon", **BY)
    with pytest.raises(till_no.ManagerNeeded):
        desk.set_terms(cafe.store, by="v1")


def test_prices_are_dated_and_fall_back(cafe: Bikes) -> None:
    """A sort without prices is hired at the ordinary bike's; a price of tomorrow waits; 0 no longer offers."""
    from pos.services.bikes.rules import lengths

    desk.set_price(cafe.store, "half_day", price=1_600, sort="electric", **BY)
    desk.set_price(cafe.store, "half_day", price=900, valid_from="2026-05-01", **BY)
    desk.set_price(cafe.store, "day", price=0, valid_from="2026-05-01", **BY)
    with cafe.store.reading() as conn:
        assert [(one.rule, one.price) for one in lengths(conn, "child", DAY)] == [("half_day", 800), ("day", 1_500)]
        assert [(one.rule, one.price) for one in lengths(conn, "electric", DAY)] == [("half_day", 1_600)]
        assert [(one.rule, one.price) for one in lengths(conn, "child", "2026-05-02")] == [("half_day", 900)]


def test_passing_cyclists_are_counted_apart(cafe: Bikes) -> None:
    """Pump, tools and water are counted, are no use, and a tap can be taken back."""
    desk.welcome(cafe.store, "pump", **BY)
    desk.welcome(cafe.store, "pump", **BY)
    desk.welcome(cafe.store, "pump", n=-1, **BY)
    assert figures(cafe)["welcomes"] == 1
    with cafe.store.reading() as conn:
        assert uses.of_day(conn, DAY) == {}
    desk.welcome(cafe.store, "pump", n=-1, **BY)
    with pytest.raises(no.NotAKind):
        desk.welcome(cafe.store, "pump", n=-1, **BY)
