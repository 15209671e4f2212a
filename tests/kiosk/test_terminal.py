"""A card payment through a linked terminal: written before it is asked, settled by its answer, asked when in doubt."""

import dataclasses
import re
import time
from typing import Any

import pytest

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.engines import shelf
from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import ACCEPTED, CANCEL, PAY, REFUND, Answer
from pos.hardware.terminals.caisse_ap import CaisseAp
from pos.hardware.terminals.simulated_ap import SimulatedAp
from pos.till import sell, tables
from tests.kiosk.conftest import Counter


@pytest.fixture
def terminal(kiosk: Kiosk) -> SimulatedAp:
    """A linked terminal, in a hurry."""
    simulated = SimulatedAp(late_s=0.6)
    driver = CaisseAp(simulated.open_line, answer_s=0.4, quiet_s=0.05)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=driver, simulated_terminal=simulated)
    return simulated


def pay(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> tuple[str, str]:
    """Tap Card and wait as the page does; return the payment and what the screen then shows."""
    screen.tap("/bill/add/cafe")
    asked = screen.tap("/bill/card", attempt="card-0001").text
    url = re.search(r'hx-get="(/bill/card/[^"]+/wait[^"]*)"', asked)
    # A terminal that answers at once is told at once.
    shown = wait(screen, url[1].replace("&amp;", "&"), terminal) if url else asked
    with kiosk.store.reading() as conn:
        payment = conn.execute("SELECT payment FROM till_card ORDER BY started_at DESC LIMIT 1").fetchone()[0]
    return payment, shown


def wait(screen: Counter, url: str, terminal: SimulatedAp) -> str:
    """Ask again until the terminal answered."""
    for _ in range(200):
        answer = screen.client.get(url, headers={"HX-Request": "true"})
        if answer.status_code != 204:
            terminal.wait_idle()
            return screen._seen(answer.text)
        time.sleep(0.02)
    raise AssertionError


def card_row(kiosk: Kiosk, payment: str) -> Any:
    """What is on disk about a payment."""
    with kiosk.store.reading() as conn:
        return tables.card(conn, payment)


def test_accepted_the_sale_is_written_by_itself(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """One tap; the terminal's word settles it, with its number."""
    payment, shown = pay(screen, kiosk, terminal)
    assert "vente enregistrée" in shown
    assert card_row(kiosk, payment)["outcome"] == "accepted"
    assert [(one.reference, one.amount) for one in terminal.roll()] == [(payment, 130)]


def test_refused_the_bill_stays(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """Another way to pay may be taken at once."""
    terminal.switch(habits.REFUSES, True)
    payment, shown = pay(screen, kiosk, terminal)
    assert "pay-exact" in shown
    assert card_row(kiosk, payment)["outcome"] == "refused"


@pytest.mark.parametrize("habit", [habits.VANISHES, habits.VANISHES_PAID, habits.LATE, habits.WRONG_AMOUNT])
def test_a_doubt_is_asked_and_never_sent_again(
    screen: Counter, kiosk: Kiosk, terminal: SimulatedAp, habit: str
) -> None:
    """The question stands; tapping Card again asks the terminal nothing."""
    terminal.switch(habit, True)
    payment, shown = pay(screen, kiosk, terminal)
    assert "card-accepted" in shown
    assert "Personne ne sait" in shown
    assert card_row(kiosk, payment)["outcome"] == ""
    taken = terminal.roll()
    assert "card-accepted" in screen.tap("/bill/card", attempt="card-0002").text
    terminal.wait_idle()
    assert terminal.roll() == taken
    screen.tap(f"/bill/card/{payment}/{'accepted' if taken else 'refused'}", attempt="said-0001")
    assert card_row(kiosk, payment)["outcome"] == ("accepted" if taken else "refused")


def test_a_terminal_out_of_reach_is_typed_on_by_hand(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """The café goes on taking cards."""
    terminal.switch(habits.OFF, True)
    payment, shown = pay(screen, kiosk, terminal)
    assert "ne répond pas" in shown
    assert "vente enregistrée" in screen.tap(f"/bill/card/{payment}/accepted", attempt="said-0001").text


class Watching:
    """A terminal that looks at the disk when the first byte would leave, and answers when it is let."""

    linked = reached = free_to_look = True
    does = frozenset({PAY, REFUND, CANCEL})

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.seen, self.go = kiosk, [], False

    def here(self) -> bool:
        return True

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        self.seen.append((reference, card_row(self.kiosk, reference)["amount"]))
        while not self.go:
            time.sleep(0.01)
        return Answer(ACCEPTED, ref="000042")


def test_nobody_speaks_for_a_terminal_at_work(screen: Counter, kiosk: Kiosk) -> None:
    """It is on disk before the terminal hears of it; until it answers, no key, no page and no cash-back settles it."""
    watching = Watching(kiosk)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=watching)
    screen.tap("/bill/add/cafe")
    tab = screen.tab
    asked = screen.tap("/bill/card", attempt="card-0001").text
    assert "card-accepted" not in asked
    with kiosk.store.reading() as conn:
        (row,) = tables.unsettled_cards(conn)
    while not watching.seen:
        time.sleep(0.01)
    assert watching.seen == [(row["payment"], 130)]
    for url in (
        f"/bill/card/{row['payment']}/accepted",
        f"/cards/{row['payment']}/refused",
        f"/cashback/{tab}/withdraw",
    ):
        answer = screen.tap(url, attempt="hand-0001")
        assert (answer.status_code, "pas encore répondu" in answer.text) == (422, True), url
    watching.go = True
    while not card_row(kiosk, row["payment"])["outcome"]:
        time.sleep(0.01)
    assert len(watching.seen) == 1


def test_a_second_till_screen_waits_its_turn(screen: Counter, other_screen: Counter, kiosk: Kiosk) -> None:
    """One payment at a time: the other bill is told that the terminal is busy."""
    watching = Watching(kiosk)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=watching)
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card", attempt="card-0001")
    other_screen.tap("/bill/add/cafe")
    assert "occupé" in other_screen.tap("/bill/card", attempt="card-0002").text
    watching.go = True
    while kiosk.store.tip().seq and len(open_cards(kiosk)) > 1:
        time.sleep(0.01)
    assert len(watching.seen) == 1


def open_cards(kiosk: Kiosk) -> list[Any]:
    """The payments without outcome."""
    with kiosk.store.reading() as conn:
        return tables.unsettled_cards(conn)


def test_after_a_restart_a_payment_without_outcome_is_asked(screen: Counter, kiosk: Kiosk) -> None:
    """Memory is gone: the till asks the clerk, never the terminal again."""
    watching = Watching(kiosk)
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card", attempt="card-0001")
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=watching)
    again = Counter(create_app(kiosk).test_client())
    again.sign_in()
    assert "Personne ne sait" in again.page()
    again.tap("/bill/card", attempt="card-0002")
    assert watching.seen == []


def test_the_machines_page_sets_and_tries_a_terminal(screen: Counter, kiosk: Kiosk) -> None:
    """Manager's setting; one cent in simulation, outside the books."""
    form = {"kind": "simulated_concert", "address": "", "speed": "9600", "line": "8N1"}
    assert screen.tap("/settings/terminal", **form).status_code == 204
    assert "try-terminal" in screen.page("/settings/terminal")
    simulated = kiosk.devices.simulated_terminal
    simulated._thinks_s = 0
    head = kiosk.store.tip().seq
    screen.tap("/settings/terminal/try")
    assert "ça marche" in screen.page("/settings/terminal")
    assert [one.amount for one in simulated.roll()] == [1]
    assert kiosk.store.tip().seq == head
    screen.tap("/demo/machines/terminal/off", on="1")
    screen.tap("/settings/terminal/try")
    assert "ne répond pas" in screen.page("/settings/terminal")
    for wrong in ({"kind": "caisse_ap"}, {"speed": "x"}, {"kind": "fax"}):
        assert screen.tap("/settings/terminal", **form | wrong).status_code == 422
    screen.tap("/settings/terminal", **form | {"kind": "manual"})
    assert screen.tap("/settings/terminal/try").status_code == 404
    assert "/demo/machines/terminal" not in screen.page("/settings/terminal")


def test_a_seller_does_not_set_the_terminal(other_screen: Counter) -> None:
    """It is the manager's."""
    assert other_screen.tap("/settings/terminal", kind="manual", speed="9600").status_code == 422


def test_cash_back_goes_through_the_terminal_with_the_purchase(
    screen: Counter, kiosk: Kiosk, terminal: SimulatedAp
) -> None:
    """Its keys are under « Autre », before the amount is sent; one amount is asked, the cash is handed over after it."""
    screen.tap("/bill/add/cafe")
    assert "cash-2000" in screen.page("/bill/pay")
    tab = screen.tab
    screen.tap(f"/cashback/{tab}/propose", amount="2000", attempt="cash-0001")
    shown = pay_card(screen, kiosk, terminal)
    assert "vente enregistrée" in shown.lower()
    assert [one.amount for one in terminal.roll()] == [2130]
    with kiosk.store.reading() as conn:
        sale: Any = kiosk.store.event(conn, tables.ticket_of_tab(conn, tab)["seq"]).event
    assert (sale.total, sale.cashback, sale.payments[0].amount) == (130, 2000, 130)
    assert "2 000" not in shown


def test_cash_back_refused_by_the_card_leaves_the_drawer_shut(
    screen: Counter, kiosk: Kiosk, terminal: SimulatedAp
) -> None:
    """No money taken, none handed over: the bill stays with what was agreed, to be withdrawn or tried again."""
    screen.tap("/bill/add/cafe")
    screen.tap(f"/cashback/{screen.tab}/propose", amount="2000", attempt="cash-0001")
    terminal.switch(habits.REFUSES, True)
    assert "pay-card" in pay_card(screen, kiosk, terminal)
    assert kiosk.devices.simulated_drawer.opened == 0
    assert "no-cash" in screen.page("/bill/pay")


def pay_card(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> str:
    """Tap Card on the bill as it is, and wait as the page does."""
    asked = screen.tap("/bill/card", attempt="card-0001").text
    url = re.search(r'hx-get="(/bill/card/[^"]+/wait[^"]*)"', asked)
    return wait(screen, url[1].replace("&amp;", "&"), terminal) if url else asked


def test_the_waiting_screen_says_what_a_rule_had_against_a_paid_sale(screen: Counter, kiosk: Kiosk) -> None:
    """The bill's bag left by another screen while the card paid: the sale is recorded, and the screen warns."""
    watching = Watching(kiosk)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=watching)  # type: ignore[arg-type]
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card", attempt="card-0001")
    while not watching.seen:
        time.sleep(0.005)
    payment = watching.seen[0][0]
    tab = card_row(kiosk, payment)["tab"]
    with kiosk.store.writing(by="") as tx:
        held = sell.current_tab(tx.conn, tab)
        assert held is not None
        held.lines[0].ref = shelf.ON_BILL + "nothing"
        sell.keep(tx, held)
    watching.go = True
    for _ in range(200):
        answer = screen.client.get(f"/bill/card/{payment}/wait?tab={tab}", headers={"HX-Request": "true"})
        if answer.status_code != 204:
            break
    assert "La carte a payé" in answer.text
    assert card_row(kiosk, payment)["outcome"] == "accepted"
