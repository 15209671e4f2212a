"""Cash for a bank on the screen: its mandate entered, cash handed over in three taps, its payment noted."""

from html import unescape

from kiosk.wiring import Kiosk
from pos.till import tables as till
from tests.kiosk.conftest import Counter


def accounts(kiosk: Kiosk) -> dict[str, int]:
    """Balances of third parties."""
    with kiosk.store.reading() as conn:
        return dict(till.third_parties(conn))


def test_a_bank_from_its_mandate_to_its_payment(screen: Counter, kiosk: Kiosk) -> None:
    """Entered, on the page with its limit, cash given with a receipt, settled with one."""
    assert "mandat" in unescape(screen.page("/cashback"))
    entered = screen.tap("/cashback/banks", label="Banque du Bourg", max_cash="100", fee="0,30", fee_rate="0,50")
    assert entered.headers["HX-Redirect"] == "/cashback/banks"
    assert 'name="fee_rate" value="0,50"' in screen.page("/cashback/banks")
    page = unescape(screen.page("/cashback"))
    assert "/cashback/shop/banque_du_bourg" in page and "100,00" in page
    keys = screen.page("/cashback/shop/banque_du_bourg")
    assert 'value="5000"' in keys
    gone = screen.tap("/cashback/shop/banque_du_bourg", amount="5000", ref="CA-0042")
    assert gone.headers["HX-Redirect"] == "/cashback"
    assert "CA-0042" in screen.page("/cashback")
    assert accounts(kiosk) == {"bank:banque_du_bourg": -5_000}
    for form in ({"amount": "5000", "ref": "CA-0042"}, {"amount": "abc", "ref": "CA-2"}, {"amount": "5000", "ref": ""}):
        assert screen.tap("/cashback/shop/banque_du_bourg", **form).status_code == 422
    assert "50,00" in unescape(screen.page("/cashback/banks"))
    screen.tap("/cashback/banks/banque_du_bourg/settle", amount="50,00", means="transfer", ref="VIR-1")
    assert accounts(kiosk) == {"bank:banque_du_bourg": 0}
    with kiosk.store.reading() as conn:
        assert conn.execute("SELECT count(*) FROM draft_print").fetchone()[0] == 2


def test_the_same_customer_as_the_bill_is_one_visit(screen: Counter, kiosk: Kiosk) -> None:
    """A coffee on the bill and cash of the bank: one visit."""
    screen.tap("/cashback/banks", label="Banque du Bourg")
    screen.tap("/bill/add/cafe")
    assert 'name="same"' in screen.page("/cashback/shop/banque_du_bourg")
    screen.tap("/cashback/shop/banque_du_bourg", amount="2000", ref="CA-1", same="1")
    with kiosk.store.reading() as conn:
        assert conn.execute("SELECT visit FROM use_visit WHERE service = 'cash_out'").fetchone()[0] == screen.tab


def test_months_unknown_banks_and_who_serves(screen: Counter, other_screen: Counter) -> None:
    """A month before is drawn, nonsense is not found; who serves enters no mandate."""
    assert screen.client.get("/cashback/banks?month=2026-10").status_code == 200
    assert screen.client.get("/cashback/banks?month=never").status_code == 404
    assert screen.client.get("/cashback/shop/nobody").status_code == 404
    assert other_screen.tap("/cashback/banks", label="Banque du Bourg").status_code == 422
