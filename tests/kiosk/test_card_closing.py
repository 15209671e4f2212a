"""The card terminal at the closing: its slip compared with the till, its day sent to the bank."""

import dataclasses
import re

from kiosk.wiring import Kiosk
from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.caisse_ap import CaisseAp
from pos.hardware.terminals.concert import Concert
from pos.hardware.terminals.simulated_ap import SimulatedAp
from pos.hardware.terminals.simulated_concert import SimulatedConcert
from pos.till import sell, tables
from pos.till.card_events import CardsCompared
from pos.till.tab import CARD
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


def sold(kiosk: Kiosk) -> None:
    """Sell a coffee by card."""
    sell.sell(
        kiosk.store, lines=[sell.SoldLine(product="cafe")], payments=[sell.TakenPayment(means=CARD)], by=cafe.MANAGER
    )


def compared(kiosk: Kiosk) -> list[CardsCompared]:
    """What was compared, as the journal has it."""
    with kiosk.store.reading() as conn:
        found = [kiosk.store.event(conn, seq).event for seq in range(kiosk.store.tip().seq + 1)]
    return [one for one in found if isinstance(one, CardsCompared)]


def test_a_difference_is_shown_recorded_and_printed(screen: Counter, kiosk: Kiosk) -> None:
    """What the terminal's slip says more or less than the till is never hidden."""
    sold(kiosk)
    assert 'name="cards"' in screen.page("/day/close")
    assert "En trop" in screen.tap("/day/cards", cards="1,50").text
    assert "Pas un centime" in screen.tap("/day/cards", cards="1,30").text
    assert compared(kiosk) == []
    screen.tap("/day/close", cards="1,50", attempt="close-0001")
    (one,) = compared(kiosk)
    assert (one.expected, one.told, one.difference) == (130, 150, 20)
    paper = screen.page("/day/z/1")
    assert "TERMINAL CARTE" in paper
    assert "+0,20" in paper.replace(" ", "")


def test_nothing_typed_is_nothing_compared(screen: Counter, kiosk: Kiosk) -> None:
    """The slip is not at hand: the day closes all the same, and the Z says nothing of it."""
    sold(kiosk)
    screen.tap("/day/close", cards="", attempt="close-0001")
    assert compared(kiosk) == []
    assert "TERMINAL CARTE" not in screen.page("/day/z/1")


def test_without_cards_nothing_is_asked(screen: Counter) -> None:
    """A day in cash has no slip of a terminal."""
    assert 'name="cards"' not in screen.page("/day/close")


def test_the_terminal_is_asked_to_send_its_day(screen: Counter, kiosk: Kiosk) -> None:
    """Where its protocol has a message for it; nothing is written, no money moves."""
    simulated = SimulatedAp()
    driver = CaisseAp(simulated.open_line, answer_s=0.5, quiet_s=0.02)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=driver)
    sold(kiosk)
    assert "collect-now" in screen.page("/day/close")
    head = kiosk.store.tip().seq
    for habit, said in (
        (None, "Envoyé à la banque"),
        (habits.NO_REFUNDS, "menu du terminal"),
        (habits.OFF, "menu du terminal"),
    ):
        if habit:
            simulated.switch(habit, True)
        shown = screen.tap("/day/collect").text
        waits = re.search(r'hx-get="(/day/collect/[^"]+)"', shown)
        if waits:
            shown = screen.client.get(waits[1].replace("&amp;", "&")).text
        assert said in shown
    assert (kiosk.store.tip().seq, simulated.roll()) == (head, [])


def test_a_protocol_without_such_a_message_offers_none(screen: Counter, kiosk: Kiosk) -> None:
    """Concert has no message for the end of the day: none is made up."""
    driver = Concert(SimulatedConcert().open_line)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=driver)
    sold(kiosk)
    assert "collect-now" not in screen.page("/day/close")


def test_the_comparison_survives_a_retelling(screen: Counter, kiosk: Kiosk) -> None:
    """The last word counts, whoever tells the tables anew."""
    sold(kiosk)
    screen.tap("/day/close", cards="1,00", attempt="close-0001")
    day = compared(kiosk)[0].day
    before = told(kiosk, day)
    kiosk.store.retell()
    assert told(kiosk, day) == before == {"expected": 130, "told": 100}


def told(kiosk: Kiosk, day: str) -> dict[str, int]:
    """What the tables have of a day's comparison."""
    with kiosk.store.reading() as conn:
        return {key: row[0] for key, row in tables.totals(conn, day, "cards").items()}
