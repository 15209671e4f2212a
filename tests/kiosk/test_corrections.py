"""A means of payment typed wrong, on the screens: two taps, with the manager's PIN, the ticket as it was (R25)."""

import re
from typing import Any

from kiosk.wiring import Kiosk
from tests.kiosk import cafe
from tests.kiosk.test_training import sell_a_coffee


def test_cash_typed_for_card_is_put_right(kiosk: Kiosk, screen: Any) -> None:
    """R25: from the ticket, the other means; the correction is said under the payments."""
    sell_a_coffee(screen, kiosk)
    assert "Autre moyen de paiement" in screen.page("/tickets/1")
    page = screen.page("/tickets/1/means")
    assert "C’était" in page
    assert re.search(r"/tickets/1/means/cash/card", page)
    assert screen.tap("/tickets/1/means/cash/card").status_code == 204
    assert "corrigé" in screen.page("/tickets/1")
    with kiosk.store.reading() as conn:
        event = kiosk.store.event(conn, kiosk.store.tip().seq).event
    assert (event.kind, event.was, event.now) == ("till.payment_corrected", "cash", "card")  # type: ignore[attr-defined]


def test_a_seller_is_asked_for_the_manager(kiosk: Kiosk, screen: Any, other_screen: Any) -> None:
    """R25, R28: the sheet asks for a PIN over the page; the act goes through with it."""
    sell_a_coffee(screen, kiosk)
    asked = other_screen.tap("/tickets/1/means/cash/card")
    assert asked.status_code == 422
    lent = {"manager": cafe.MANAGER, "manager_pin": cafe.MANAGER_PIN}
    assert other_screen.tap("/tickets/1/means/cash/card", **lent).status_code == 204
