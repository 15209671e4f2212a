"""While a terminal has a bill's card, no act changes what it must pay: every act that takes a bill is tried."""

import inspect
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from pos.errors import AlreadyDone, Refusal
from pos.house import FEATURES
from pos.services.members import desk as members
from pos.services.press import desk as press
from pos.services.tour import desk as tour
from pos.store import Store
from pos.till import card, sell
from pos.till.tab import Tab
from tests.cast import BEA, of, open_cafe, ring

ACTS = [
    pytest.param(act, adult, id=f"{feature.slug}.{act.__name__}{'' if adult else '-no'}")
    for feature in FEATURES
    for act in feature.acts
    if {"tab_id"} <= inspect.signature(act).parameters.keys()
    for adult in (True, False)
    if adult or any(p.annotation in (bool, "bool") for p in inspect.signature(act).parameters.values())
]


@pytest.fixture
def cafe(store: Store) -> Store:
    """A café that lends cups, sells games and has members, its day open."""
    open_cafe(store)
    tour.set_up(store, itinerant=False, cup_price=100, by=BEA)
    press.set_licence(store, "fdj", commission_bp=500, by=BEA)
    press.list_game(store, "fdj", label="Grattage", price=300, by=BEA)
    members.set_association(store, label="Adhésion annuelle", dues=1000, by=BEA)
    members.set_rules(store, access="members_price", member_discount_bp=1000, by=BEA)
    return store


def pending(store: Store) -> Tab:
    """A bill with a coffee, an ordinary game and a beer, its card at the terminal."""
    with store.reading() as conn:
        game = conn.execute("SELECT product FROM till_product WHERE role = 'game'").fetchone()[0]
    ring(store, "t1", "cafe", "demi", game, by=BEA)
    press.check_age(store, "t1", True, by=BEA)
    return card.start_card(store, "t1", by=BEA)


@pytest.mark.parametrize(("act", "adult"), ACTS)
def test_what_the_terminal_asks_for_stays_what_is_due(cafe: Store, act: Callable[..., Any], adult: bool) -> None:
    """A refusal, or a change that leaves the sum alone; then « accepted » completes the sale."""
    member = members.enter_member(cafe, name="Odile Perrin", until="2027-03-01", by=BEA).member
    tab = pending(cafe)
    said: dict[str, Any] = {
        "tab_id": "t1", "line_id": tab.lines[0].line_id, "product": "cafe", "reason": "courtesy", "means": "cash",
        "member": member, "person": member, "takeaway": True,
    }  # fmt: skip
    told: dict[str, Any] = {}
    for name, one in inspect.signature(act).parameters.items():
        if name in said:
            told[name] = said[name]
        elif name not in ("store", "by", "attempt") and one.default is one.empty:
            told[name] = adult if one.annotation in (bool, "bool") else 1 if one.annotation in (int, "int") else "x"
    with suppress(Refusal, AlreadyDone):
        act(cafe, **told, by=BEA)
    with cafe.reading() as conn:
        held = sell.current_tab(conn, "t1")
    assert held is not None
    assert held.card
    assert held.card_amount == held.due + held.cashback - held.cashback_borne
    assert of(card.settle_card(cafe, held.card, card.ACCEPTED, by=BEA)).total == tab.total
