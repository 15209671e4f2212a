"""Accounts on the screen: paying a bill with each of them, every page, every key."""

from typing import Any

from kiosk.wiring import Kiosk
from pos.services.accounts import desk, tables
from pos.till import sell
from tests.kiosk.conftest import Counter, kiosk, screen  # noqa: F401 - fixtures
from tests.services.accounts.conftest import BY, account, bought, paid, topped_up


def owed(kiosk: Kiosk, what: str, ref: str = "") -> int:  # noqa: F811
    """What is on an account."""
    with kiosk.store.reading() as conn:
        return tables.balance_of(conn, what, ref)


def test_a_bill_is_paid_with_what_is_left_then_in_cash(kiosk: Kiosk, screen: Counter) -> None:  # noqa: F811
    """The prepaid account bears what it can; the rest stays due; the keys say whose."""
    person = account(kiosk.store)
    topped_up(kiosk.store, person, 100)
    screen.tap("/bill/add/cafe")
    assert "Odile Perrin" in screen.page("/accounts/pay")
    screen.tap("/accounts/pay/prepaid", ref=person)
    assert owed(kiosk, "prepaid", person) == 100
    done = screen.tap("/bill/pay/cash")
    assert done.status_code == 200
    assert owed(kiosk, "prepaid", person) == 0


def test_a_slate_says_why_the_wine_is_left(kiosk: Kiosk, screen: Counter) -> None:  # noqa: F811
    """The coffee goes on the slate, the wine never: the screen says so, and what is left is the wine."""
    person = account(kiosk.store, slate=True)
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/add/ballon_de_rouge")
    told = screen.tap("/accounts/pay/slate", ref=person)
    assert "l’alcool et l’adhésion restent à régler autrement" in told.text
    assert screen.tap("/accounts/pay/slate", ref=person).status_code == 422
    assert screen.tap("/bill/pay/cash").status_code == 200


def test_each_account_pays_from_the_counter(kiosk: Kiosk, screen: Counter) -> None:  # noqa: F811
    """Slate, fund, voucher, local notes: one tap each on the payment page."""
    store = kiosk.store
    person = account(store, slate=True)
    paid(store, desk.give_coffees(store, "", coffees=3, price=200, by=BY).tab_id)
    sold = desk.sell_voucher(store, "", 1000, by=BY)
    paid(store, sold.tab.tab_id)
    desk.set_currency(store, label="La Gonette", by=BY)
    for means, ref in (("slate", person), ("suspended", ""), ("gift", sold.code.lower()), ("local", "")):
        screen.tap("/bill/add/cafe")
        assert screen.page("/bill/pay")
        assert screen.tap(f"/accounts/pay/{means}", ref=ref).status_code == 200
        assert screen.page()
    with store.reading() as conn:
        means_of_day = {row[0] for row in conn.execute("SELECT key FROM till_total WHERE what = 'means'")}
    assert {"slate", "suspended", "gift", "local"} <= means_of_day


def test_every_page_and_key(kiosk: Kiosk, screen: Counter) -> None:  # noqa: F811
    """Pages open; acts lead back where they began."""
    store = kiosk.store
    assert screen.tap("/accounts/new", name="Odile Perrin", slate="1", ceiling="").status_code == 204
    with store.reading() as conn:
        person = conn.execute("SELECT person FROM accounts_account").fetchone()[0]
    bought(store, "slate", person, cents=900)
    topped_up(store, person, 1000)
    sold = desk.sell_voucher(store, "", 1000, by=BY)
    paid(store, sold.tab.tab_id)
    assert screen.tap("/accounts/settings/currency", label="La Gonette", accepted="1").status_code == 204
    bought(store, "local", cents=500)
    for url in (
        "",
        "find?q=odi",
        "new",
        person,
        "coffees",
        "vouchers",
        f"voucher/{sold.code}",
        "currency",
        "settings",
        "month/2026-11",
        "pay",
    ):
        assert screen.page(f"/accounts/{url}")
    taps: list[tuple[str, dict[str, Any]]] = [
        (f"{person}/top-up", {"amount": "5"}), (f"{person}/pay-back", {"amount": "4"}), (f"{person}/pay-out", {"amount": "2,50"}),
        (f"{person}/statement", {}), ("coffees", {"n": "2"}), ("vouchers", {"amount": "20"}),
        (f"voucher/{sold.code}/print", {}), (f"voucher/{sold.code}/extend", {"until": "2028-01-01"}),
        ("currency/count", {"amount": "5"}), ("currency/hand-over", {"amount": "5", "means": "transfer", "fee": "0,10"}),
        ("settings", {"person_ceiling": "50", "cafe_ceiling": "300", "alert_days": "30", "coffee_price": "1,30", "voucher_months": "12"}),
    ]  # fmt: skip
    for url, form in taps:
        assert screen.tap(f"/accounts/{url}", **form).status_code == 204, url
    with store.reading() as conn:
        tab = sell.open_tabs(conn)[0]
        assert len(tab.lines) == 4
    screen.page()
    assert screen.tap("/bill/pay/cash").status_code == 200
    assert screen.tap(f"/accounts/{person}/write-off", reason="gone").status_code == 204
    assert owed(kiosk, "slate", person) == 0
    screen.tap("/bill/add/cafe")
    assert screen.tap(f"/accounts/voucher/{sold.code}/pay").status_code == 204
    assert screen.tap(f"/accounts/{person}/close").status_code == 422
    assert screen.tap("/accounts/find?q=zz").status_code == 405
