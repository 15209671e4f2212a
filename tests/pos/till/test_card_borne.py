"""What the terminal has accepted is recorded, whatever a rule, a lock or another screen says meanwhile (R15)."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos import drafts
from pos.clock import StoppedClock
from pos.errors import Refusal
from pos.feature import Feature
from pos.house import FEATURES
from pos.i18n import N_
from pos.store import Store
from pos.system import TroubleNoted
from pos.till import card, card_refund, sell
from pos.till import refusals as no
from pos.till.tab import CARD, CASH
from tests.cast import BEA, VICTOR, of, open_cafe, ring
from tests.conftest import MORNING, key_of, open_test_store


class NotAnyMore(Refusal):
    """A rule that changed its mind while the terminal was at work."""

    sentence = N_("The bill is empty.")


class Moody:
    """A part of the café whose rule of every sale says what it is told to."""

    against: ClassVar[bool] = False

    @classmethod
    def rule(cls, _conn: object, _day: str, _tab: object) -> None:
        """Refuse, while it is against."""
        if cls.against:
            raise NotAnyMore


@pytest.fixture(scope="module")
def moody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A café with its day open, one part of which may change its mind."""
    path: Path = tmp_path_factory.mktemp("moody") / "cafe.db"
    clock = StoppedClock(MORNING)
    open_test_store(path, clock).close()
    features = (*FEATURES, Feature(slug="moody", title="Moody", sale_rules=(Moody.rule,)))
    with closing(Store(path, clock=clock, keyring=key_of("box"), features=features)) as store:
        open_cafe(store)
        yield store
    Moody.against = False


def lock(store: Store, locked: bool) -> None:
    """Have HQ lock the till, or not."""
    with store.writing(by="") as tx:
        drafts.put(tx.conn, drafts.LINE, {"state": "locked"} if locked else {})


@settings(max_examples=25)
@given(cash_first=st.sampled_from([0, 300]), against=st.booleans(), locked=st.booleans())
def test_an_accepted_card_is_always_a_sale(moody: Store, cash_first: int, against: bool, locked: bool) -> None:
    """Rules are heard before the amount is shown; after the terminal's yes they only warn, and are noted."""
    Moody.against = False
    lock(moody, False)
    tab = ring(moody, f"t{moody.last_place()}", "croque")
    if cash_first:
        sell.take_payment(moody, tab.tab_id, CASH, amount=cash_first, by=VICTOR)
    pending = card.start_card(moody, tab.tab_id, by=VICTOR)
    Moody.against = against
    lock(moody, locked)
    led = card.settle_card(moody, pending.card, card.ACCEPTED, by=VICTOR)
    assert [(p.means, p.amount) for p in of(led).payments if p.means == CARD] == [(CARD, 750 - cash_first)]
    assert [type(one) for one in led.objections] == [NotAnyMore] * against
    with moody.reading() as conn:
        assert card.unsettled(conn) == []
        last = moody.event(conn, moody.last_place()).event
    assert (last == TroubleNoted(what="paid_despite", detail=f"{of(led).no} NotAnyMore")) == against


def test_a_rule_still_refuses_what_nobody_paid(moody: Store) -> None:
    """Cash is refused as before, and a card is not started."""
    lock(moody, False)
    Moody.against = True
    ring(moody, "t-cash", "croque")
    for pay in (
        lambda: sell.take_payment(moody, "t-cash", CASH, by=VICTOR),
        lambda: card.start_card(moody, "t-cash", by=VICTOR),
    ):
        with pytest.raises(NotAnyMore):
            pay()


def test_money_that_went_back_on_a_card_is_recorded_though_the_till_was_locked(moody: Store) -> None:
    """A lock stops what begins, never what has happened."""
    Moody.against = False
    lock(moody, False)
    ring(moody, "t-back", "croque")
    pending = card.start_card(moody, "t-back", by=VICTOR)
    sale = of(card.settle_card(moody, pending.card, card.ACCEPTED, by=VICTOR))
    back = card_refund.start_refund(moody, sale.no, reason="mistake", by=BEA)
    lock(moody, True)
    done = card_refund.settle_refund(moody, back.payment, card.ACCEPTED, by=VICTOR)  # type: ignore[union-attr]
    assert done is not None and done.total == -750
    with pytest.raises(no.TillLocked):
        sell.sell(moody, lines=[sell.SoldLine(product="cafe")], by=VICTOR)
    lock(moody, False)
