"""Alcohol and age on the screens: set, asked, answered in one tap (R113, R115)."""

from typing import Any

from kiosk.wiring import Kiosk
from pos.till import limits, tables


def test_the_licence_is_set_and_a_bill_waits_for_an_answer(kiosk: Kiosk, screen: Any) -> None:
    """R113, R115: the refusal leads to two large keys; the answer leads back to the bill, which is paid."""
    assert "Alcool et majorité" in screen.page("/menu/")
    assert "Licence IV" in screen.page("/limits/")
    screen.tap("/limits/set", permit="III", age="ask")
    with kiosk.store.reading() as conn:
        spirit = limits.drinks(conn)[0]
        alcohol = next(r["product"] for r in tables.products(conn) if r["min_age"] and not r["open_price"])
    screen.tap(f"/limits/drink/{spirit['product']}/5")
    assert "La licence ne couvre pas" in screen.page("/limits/")
    screen.page("/")
    screen.tap(f"/bill/add/{alcohol}")
    answer = screen.tap("/bill/pay/cash")
    assert answer.status_code == 422
    assert f"/limits/age/{screen.tab}" in answer.text
    assert "justificatif vu" in screen.page(f"/limits/age/{screen.tab}")
    screen.tap(f"/limits/age/{screen.tab}/adult")
    assert screen.tap("/bill/pay/cash").status_code == 200
