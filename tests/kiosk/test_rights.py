"""Who may do what at the till (R28): each right, role by role, and the manager's PIN in the same sheet."""

import re
from typing import Any

import pytest

from kiosk.wiring import Kiosk
from pos.till import rights, tables
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter

# Each right and an act that needs it.
ACTS: dict[str, tuple[str, dict[str, str]]] = {
    rights.REFUND: ("/tickets/1/refund", {"reason": "mistake"}),
    rights.LESS_AFTER_PRINT: ("/bill/cancel/mistake", {}),
    rights.OPEN_DRAWER: ("/drawer/open/check", {}),
    rights.TAKE_CASH_OUT: ("/drawer/move", {"way": "out", "amount": "10,00", "reason": "bank_deposit"}),
}
PIN = {"manager": cafe.MANAGER, "manager_pin": cafe.MANAGER_PIN}


def ready(screen: Counter) -> None:
    """A ticket paid, and a bill printed that waits."""
    screen.tap("/bill/add/cafe", attempt="add-0001")
    screen.tap("/bill/pay/cash", attempt="pay-0001")
    screen.page("/")
    screen.tap("/bill/add/croissant", attempt="add-0002")
    assert screen.tap("/tickets/bill/print", attempt="bill-001").status_code == 200


def entries(kiosk: Kiosk) -> int:
    """How many entries the journal has."""
    return kiosk.store.tip().seq


def last_op(kiosk: Kiosk) -> str:
    """Whose the last entry is."""
    with kiosk.store.reading() as conn:
        body = conn.execute("SELECT body FROM journal_entry ORDER BY seq DESC LIMIT 1").fetchone()[0]
    return re.search(rb'"op":"(\w+)"', body)[1].decode()  # type: ignore[index]


def test_each_right_has_an_act_here() -> None:
    """A right that is added is tested."""
    assert set(ACTS) == set(rights.RIGHTS)


@pytest.mark.parametrize("right", sorted(ACTS))
def test_the_manager_goes_through(screen: Counter, right: str) -> None:
    """No PIN is asked of who has the right."""
    ready(screen)
    url, form = ACTS[right]
    assert screen.tap(url, attempt="act-0001", **form).status_code in (200, 204)


@pytest.mark.parametrize("right", sorted(ACTS))
def test_whoever_else_serves_is_asked_for_the_managers_pin(other_screen: Counter, kiosk: Kiosk, right: str) -> None:
    """Nothing is done without it; a wrong one, or a seller's own, does nothing; with it the act is the manager's."""
    ready(other_screen)
    url, form = ACTS[right]
    before = entries(kiosk)
    asked = other_screen.tap(url, attempt="act-0001", **form)
    assert asked.status_code == 422
    assert asked.headers["HX-Retarget"] == "body"
    sent: dict[str, Any] = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    assert sent["attempt"] == "act-0001"
    assert f'hx-post="{url}"' in asked.text
    for wrong in ({**PIN, "manager_pin": "9182"}, {"manager": cafe.SELLER, "manager_pin": cafe.SELLER_PIN}):
        assert other_screen.tap(url, **{**sent, **wrong}).status_code == 422
    assert entries(kiosk) == before
    assert other_screen.tap(url, **{**sent, **PIN}).status_code in (200, 204)
    assert last_op(kiosk) == cafe.MANAGER
    other_screen.page("/")
    other_screen.tap("/bill/add/cafe", attempt="add-0003")
    other_screen.tap("/bill/pay/cash", attempt="pay-0003")
    assert last_op(kiosk) == cafe.SELLER


def test_a_bill_on_paper_may_grow_but_not_shrink(other_screen: Counter, kiosk: Kiosk) -> None:
    """A line more, and paying, need nobody; a line less needs the manager (R47)."""
    ready(other_screen)
    assert other_screen.tap("/bill/add/croissant", attempt="add-0004").status_code == 200
    with kiosk.store.reading() as conn:
        line = re.search(r'id="line-(\w+)"', other_screen.page("/"))[1]  # type: ignore[index]
        assert other_screen.tap(f"/bill/line/{line}/0", attempt="less-001").status_code == 422
        assert other_screen.tap("/bill/pay/cash", attempt="pay-0002").status_code == 200
        assert tables.next_no(conn) == 3


def test_three_wrong_pins_make_the_sheet_wait(other_screen: Counter) -> None:
    """A PIN is not guessed through the sheet either."""
    ready(other_screen)
    for _n in range(3):
        other_screen.tap("/drawer/open/check", **{**PIN, "manager_pin": "9182"})
    answer = other_screen.tap("/drawer/open/check", **PIN)
    assert answer.status_code == 422
    assert "Attendez" in answer.text or "secondes" in answer.text
