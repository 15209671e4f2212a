"""Members on the screen: joining from the bill, a card scanned, a refusal that leads to joining."""

from typing import Any

import pytest

from kiosk.wiring import Kiosk
from pos.services.members import desk, reading, volunteers
from pos.till import sell
from pos.till import tables as till
from tests.kiosk.conftest import Counter, kiosk, screen  # noqa: F401 - fixtures
from tests.services.members.conftest import BY, TODAY, enter


@pytest.fixture
def members_only(kiosk: Kiosk) -> Kiosk:  # noqa: F811
    """The kiosk of a café for members only."""
    desk.set_association(kiosk.store, label="Adhésion annuelle", dues=1000, by=BY)
    desk.set_rules(kiosk.store, access="members_only", minutes_per_month=120, by=BY)
    return kiosk


def last_ticket(store: Any) -> Any:
    """The last ticket as recorded."""
    with store.reading() as conn:
        row = conn.execute("SELECT seq FROM till_ticket ORDER BY no DESC LIMIT 1").fetchone()
        return store.event(conn, row[0]).event if row else None


def test_a_refused_bill_offers_to_join_at_once(members_only: Kiosk, screen: Counter) -> None:  # noqa: F811
    """Coffee, cash: refused with « adhérer maintenant »; the name, then cash: two lines on one ticket."""
    screen.tap("/bill/add/cafe")
    refused = screen.tap("/bill/pay/cash")
    assert refused.status_code == 422
    assert "/members/join" in refused.text
    screen.page("/members/join")
    assert screen.tap("/members/join", name="Anne Roux", association="own").headers["HX-Redirect"] == "/"
    assert "Anne Roux" in screen.page()
    screen.tap("/bill/pay/cash")
    sale = last_ticket(members_only.store)
    assert [line.product for line in sale.lines] == ["cafe", "dues_own"]
    with members_only.store.reading() as conn:
        assert reading.refused(conn, TODAY, TODAY) == {"non_member": 1}


def test_a_scanned_card_makes_the_bill_theirs(members_only: Kiosk, screen: Counter) -> None:  # noqa: F811
    """One scan at the counter; the strip says who; its cross makes it nobody's."""
    member = enter(members_only.store)
    card = desk.issue_card(members_only.store, member, by=BY)
    screen.tap("/bill/add/cafe")
    shown = screen.tap("/scan", code=card.lower(), bill="1").text
    assert "Odile Perrin" in shown
    screen.tap("/bill/pay/cash")
    assert last_ticket(members_only.store).member == member
    screen.tap("/bill/add/cafe")
    screen.tap("/scan", code=card, bill="1")
    assert "Odile Perrin" not in screen.tap(f"/members/off/{screen.tab}").text


def test_a_card_that_ended_leads_to_its_dues(members_only: Kiosk, screen: Counter) -> None:  # noqa: F811
    """Scanned after the days of grace: refused, counted, the dues one tap away; then served."""
    member = enter(members_only.store, until="2026-01-01")
    card = desk.issue_card(members_only.store, member, by=BY)
    screen.tap("/bill/add/cafe")
    refused = screen.tap("/scan", code=card, bill="1")
    assert (refused.status_code, f"/members/{member}" in refused.text) == (422, True)
    screen.page(f"/members/{member}")
    screen.tap(f"/members/{member}/renew")
    screen.page()
    screen.tap("/bill/pay/cash")
    assert last_ticket(members_only.store).member == member
    with members_only.store.reading() as conn:
        assert reading.refused(conn, TODAY, TODAY) == {"expired": 1}


def test_every_page_opens(members_only: Kiosk, screen: Counter) -> None:  # noqa: F811
    """Lists, a member, joining, shifts, rules, the month."""
    store = members_only.store
    member = enter(store)
    shift = volunteers.open_shift(store, day=TODAY, begins="14:00", minutes=120, places=2, by=BY)
    assert screen.tap(f"/members/shifts/{shift}/{member}/take").status_code == 204
    for url in ("", "find?q=odile", "find?q=1", member, "join", "shifts", "rules", "month/2026-11"):
        assert screen.page(f"/members/{url}")
    assert "Odile Perrin" in screen.page("/members/shifts")
    assert screen.tap(f"/members/shifts/{shift}/{member}/done").status_code == 204
    assert screen.tap(f"/members/{member}/hours", hours="1,5").status_code == 204
    with store.reading() as conn:
        assert volunteers.balance(conn, member, TODAY) == 210
    assert screen.tap(f"/members/{member}/card").status_code == 204
    assert screen.tap(f"/members/{member}/bill").status_code == 204
    assert screen.tap("/members/guest").status_code == 422
    assert screen.tap("/members/refused").status_code == 204
    assert screen.tap("/members/enter", name="Guy Morel", until="2027-01-01").status_code == 204
    assert screen.tap("/members/association", label="Les Amis", dues="5").status_code == 204
    assert (
        screen.tap("/members/rules", access="open", grace="30", hours="2", guests="0", discount="0").status_code == 204
    )
    assert screen.tap(f"/members/{member}/leave/forgotten").status_code == 204
    with store.reading() as conn:
        beer = next(row["product"] for row in till.products(conn) if row["vat_class"] == "alcohol")
    assert screen.tap(f"/members/drink/{beer}/3").status_code == 204
    free = volunteers.open_shift(store, day=TODAY, begins="18:00", minutes=60, by=BY)
    assert screen.tap(f"/members/shifts/{free}/cancel").status_code == 204
    assert (
        screen.tap("/members/shifts", day=TODAY, begins="9:00", hours="2h30", places="2", task="bar").status_code == 204
    )
    assert sell.sell(store, lines=[sell.SoldLine(product="cafe")], by=BY).sale is not None
