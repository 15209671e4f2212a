"""Alcohol: proof of age where the café asks for it, drinks the licence does not cover (R113, R115)."""

import pytest

from pos.clock import StoppedClock
from pos.store import Store
from pos.till import catalogue, close, law, limits, sell
from pos.till import refusals as no
from pos.till.limit_events import AgeChecked
from pos.till.tab import gross_of
from tests.cast import BEA, VICTOR, open_cafe, product, ring, sold


def test_a_bill_with_alcohol_waits_for_proof_of_age(store: Store) -> None:
    """R113: asked once a bill; the entry holds a yes or a no and nothing of the person."""
    open_cafe(store)
    limits.set_limits(store, permit="IV", age=limits.ASK, by=BEA)
    ring(store, "t", "demi", "cafe")
    with pytest.raises(no.AgeUnknown) as told:
        sell.take_payment(store, "t", "cash", by=VICTOR)
    assert (told.value.params["age"], told.value.url) == (18, "/limits/age/t")
    limits.check_age(store, "t", adult=True, by=VICTOR)
    with store.reading() as conn:
        assert store.event(conn, store.tip().seq).event == AgeChecked(tab="t", adult=True, day="2026-11-20")
    assert sell.take_payment(store, "t", "cash", by=VICTOR).sale is not None
    assert sold(store, "cafe").sale is not None


def test_without_proof_the_alcohol_leaves_the_bill(store: Store) -> None:
    """R113: what is taken off is an entry; the rest of the bill is paid."""
    open_cafe(store)
    limits.set_limits(store, permit="IV", age=limits.ASK, by=BEA)
    ring(store, "t", "demi", "cafe")
    assert [line.product for line in limits.check_age(store, "t", adult=False, by=VICTOR).lines] == ["cafe"]
    outcome = sell.take_payment(store, "t", "cash", by=VICTOR)
    assert outcome.sale is not None
    assert outcome.sale.total == 160
    assert close.close_day(store, by=BEA).voids == 1


def test_a_set_menu_with_wine_is_for_adults_too(store: Store) -> None:
    """R113: alcohol hidden in a menu at one price is alcohol."""
    open_cafe(store)
    catalogue.list_product(store, product("midi", "Midi", 900, "meal", components=["croque", "demi"]), by=BEA)
    limits.set_limits(store, permit="IV", age=limits.ASK, by=BEA)
    ring(store, "t", "midi")
    with pytest.raises(no.AgeUnknown):
        sell.take_payment(store, "t", "cash", by=VICTOR)


def test_the_settings_hold_from_their_day_on(store: Store, clock: StoppedClock) -> None:
    """R113, R115: dated, and the manager's; nothing is asked before."""
    open_cafe(store)
    assert sold(store, "demi").sale is not None
    with pytest.raises(no.ManagerNeeded):
        limits.set_limits(store, permit="III", age=limits.OFF, by=VICTOR)
    for permit, age in (("V", limits.OFF), ("III", "sometimes")):
        with pytest.raises(no.NoSuchLicence):
            limits.set_limits(store, permit=permit, age=age, by=BEA)
    limits.set_limits(store, permit="III", age=limits.ASK, by=BEA)
    with store.reading() as conn:
        assert limits.in_force(conn, "2026-11-19") == limits.Limits()
        assert limits.in_force(conn, "2026-11-20") == limits.Limits("III", limits.ASK)


def test_a_licence_three_does_not_cover_a_spirit(store: Store) -> None:
    """R115: said at the opening, with the way to correct it; a licence IV covers it."""
    open_cafe(store)
    catalogue.list_product(store, product("pastis", "Pastis 2 cl", 220, "alcohol", min_age=18), by=BEA)
    limits.set_drink_group(store, "pastis", 5, by=BEA)
    with pytest.raises(no.NoSuchLicence):
        limits.set_drink_group(store, "pastis", 2, by=BEA)
    for permit, labels in (("III", ["Pastis 2 cl"]), ("IV", []), ("none", ["Demi pression 25 cl", "Pastis 2 cl"])):
        limits.set_limits(store, permit=permit, age=limits.OFF, by=BEA)
        with store.reading() as conn:
            assert sorted(limits.not_covered(conn, "2026-11-20")) == labels
            notices = limits.licence_notices(conn, "2026-11-20")
        assert [n.url for n in notices] == (["/limits/"] if labels else [])
    assert set(law.LICENCES) == set(limits.PERMITS)


def test_meal_vouchers_pay_meals_only(store: Store) -> None:
    """R100: alcohol stays out, hidden in a menu too; one person's vouchers stop at the day's cap, the next begins."""
    open_cafe(store)
    catalogue.list_product(store, product("midi", "Midi", 2000, "meal", components=["croque", "demi"]), by=BEA)
    ring(store, "t", "demi")
    with pytest.raises(no.NoMealOnBill):
        sell.take_payment(store, "t", "meal_voucher", by=VICTOR)
    sell.take_payment(store, "t", "cash", by=VICTOR)
    ring(store, "t2", "midi", "midi", "demi")
    with store.reading() as conn:
        tab = sell.current_tab(conn, "t2")
    assert tab is not None
    meals = gross_of(tab, law.meal_classes("2026-11-20"))
    assert 0 < meals < 4000
    with pytest.raises(no.TooMuchByVoucher) as told:
        sell.take_payment(store, "t2", "meal_voucher", amount=2600, by=VICTOR)
    assert "25,00" in told.value.params["most"]
    assert sell.take_payment(store, "t2", "meal_voucher", by=VICTOR).tab.paid == min(2500, meals)  # type: ignore[union-attr]


def test_groceries_leave_meal_vouchers_at_a_date() -> None:
    """R100: the extension to food that is not eaten as it is ends on a day, a row and not a constant."""
    assert "grocery" in law.meal_classes("2026-12-31")
    assert "grocery" not in law.meal_classes("2027-01-01")
    assert "alcohol" not in law.meal_classes("2026-11-20")
