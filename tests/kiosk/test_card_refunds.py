"""Money going back on a card: written, asked once of the terminal, recorded when it went back, asked when in doubt."""

import dataclasses
import re
from typing import Any

import pytest

from kiosk.app import create_app
from kiosk.wiring import Kiosk
from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import CANCEL, REFUND, REFUSED, Answer
from pos.hardware.terminals.caisse_ap import CaisseAp
from pos.hardware.terminals.simulated_ap import SimulatedAp
from pos.till import corrections, refusals, sell, tables
from pos.till.tab import CARD
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter


@pytest.fixture
def terminal(kiosk: Kiosk) -> SimulatedAp:
    """A linked terminal, in a hurry."""
    simulated = SimulatedAp(late_s=0.6)
    driver = CaisseAp(simulated.open_line, answer_s=0.4, quiet_s=0.05)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=driver, simulated_terminal=simulated)
    return simulated


def sold(screen: Counter, kiosk: Kiosk, *, card: int = 130, cash: int = 0) -> int:
    """Sell a coffee already paid; return its ticket number."""
    parts = [sell.TakenPayment(means="cash", amount=cash)] if cash else []
    done = sell.sell(
        kiosk.store, lines=[sell.SoldLine(product="cafe", price=card + cash)],
        payments=[*parts, sell.TakenPayment(means=CARD, amount=card)], by=cafe.MANAGER,
    )  # fmt: skip
    assert done.sale is not None
    return done.sale.no


def give_back(screen: Counter, no: int, **form: str) -> str:
    """Touch the reason, and wait as the page does; return the page that is then shown."""
    asked = screen.tap(f"/tickets/{no}/refund", **{"reason": "mistake", **form})
    return follow(screen, asked.headers.get("HX-Redirect", ""))


def follow(screen: Counter, url: str) -> str:
    """Open where the till leads, as long as a terminal is waited for."""
    assert url
    answer = screen.client.get(url)
    if answer.status_code == 303:
        return follow(screen, answer.headers["Location"])
    waits = re.search(r'hx-get="(/tickets/back/[^"]+/wait[^"]*)"', answer.text)
    if waits is None:
        return str(answer.text)
    told = screen.client.get(waits[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    return follow(screen, told.headers.get("HX-Redirect", url))


def refunds(kiosk: Kiosk, no: int) -> list[int]:
    """What was given back of a ticket, by refund."""
    with kiosk.store.reading() as conn:
        return [row["total"] for row in tables.refunds_of(conn, no)]


def last(kiosk: Kiosk) -> Any:
    """The last thing that went to a card."""
    with kiosk.store.reading() as conn:
        return conn.execute("SELECT * FROM till_card ORDER BY seq DESC LIMIT 1").fetchone()


def moved(terminal: SimulatedAp) -> list[int]:
    """What the terminal took, and gave back."""
    terminal.wait_idle()
    return [one.amount for one in terminal.roll()]


def test_the_whole_of_todays_card_sale_is_undone(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """One tap on the reason: the terminal undoes the payment, and the refund is recorded by itself."""
    no = sold(screen, kiosk)
    assert "Remboursé sur la carte" in give_back(screen, no)
    assert (refunds(kiosk, no), moved(terminal)) == ([-130], [-130])
    assert (last(kiosk)["action"], last(kiosk)["outcome"]) == (CANCEL, "accepted")


def test_a_line_goes_back_as_a_credit_beside_its_cash(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """The card bears its part, last means first; the drawer gives the rest."""
    no = sold(screen, kiosk, card=100, cash=200)
    give_back(screen, no, part="1", place="0", q0="1000")
    assert (refunds(kiosk, no), moved(terminal)) == ([-300], [-100])
    assert last(kiosk)["action"] == REFUND


def test_what_the_terminal_refuses_leaves_no_ticket(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """Nothing was given back, and the page to give it back another way is shown; an undo is asked as a credit next."""
    no = sold(screen, kiosk)
    terminal.switch(habits.REFUSES, True)
    shown = give_back(screen, no)
    assert "rien n’a été rendu" in shown
    assert "why-mistake" in shown
    assert (refunds(kiosk, no), moved(terminal)) == ([], [])
    give_back(screen, no)
    assert (refunds(kiosk, no), moved(terminal), last(kiosk)["action"]) == ([-130], [-130], REFUND)


@pytest.mark.parametrize("habit", [habits.VANISHES, habits.VANISHES_PAID, habits.LATE, habits.WRONG_AMOUNT])
def test_a_doubt_is_asked_and_never_sent_again(
    screen: Counter, kiosk: Kiosk, terminal: SimulatedAp, habit: str
) -> None:
    """Until somebody read the slip, nothing else of the ticket is given back, by no means, and the day stays open."""
    no = sold(screen, kiosk)
    terminal.switch(habit, True)
    assert "Personne ne sait" in give_back(screen, no)
    payment, went = last(kiosk)["payment"], moved(terminal)
    for url in (f"/tickets/{no}/refund", f"/tickets/{no}/means/card/cash"):
        answer = screen.tap(url, reason="mistake", means="cash")
        assert (answer.status_code, "sur une carte" in answer.text) == (422, True), url
    with pytest.raises(refusals.RefundPending):
        corrections.correct_payment(kiosk.store, no, CARD, "cash", reason="mistyped", by=cafe.MANAGER)
    assert "à rendre" in screen.page("/cards")
    assert "dites sa réponse" in screen.client.get("/machines").text
    assert f"/tickets/back/{payment}" in screen.page(f"/tickets/{no}")
    assert screen.tap("/day/close").status_code == 422
    screen.tap(f"/tickets/back/{payment}/{'accepted' if went else 'refused'}", attempt="said-0001")
    screen.tap(f"/tickets/back/{payment}/{'accepted' if went else 'refused'}", attempt="said-0001")
    assert (refunds(kiosk, no), moved(terminal)) == ([-130] if went else [], went)


@pytest.mark.parametrize("habit", [habits.OFF, habits.NO_REFUNDS])
def test_a_terminal_that_cannot_is_typed_on_by_hand(
    screen: Counter, kiosk: Kiosk, terminal: SimulatedAp, habit: str
) -> None:
    """Out of reach, or it gives nothing back for a till: a sentence says what to type, and its answer is asked."""
    no = sold(screen, kiosk)
    terminal.switch(habit, True)
    assert "crédit de ce montant" in give_back(screen, no)
    screen.tap(f"/tickets/back/{last(kiosk)['payment']}/accepted", attempt="said-0001")
    assert refunds(kiosk, no) == [-130]


def test_by_hand_from_the_start(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """The other way: recorded at once, and what to type is said."""
    no = sold(screen, kiosk)
    assert "crédit" in give_back(screen, no, means="by_hand")
    assert (refunds(kiosk, no), moved(terminal)) == ([-130], [])


def test_cash_is_given_back_without_the_terminal(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """Nothing goes to the card: nothing is asked."""
    no = sold(screen, kiosk)
    give_back(screen, no, means="cash")
    assert (refunds(kiosk, no), moved(terminal)) == ([-130], [])


class Looking:
    """A terminal that looks at the disk when it would be asked, and refuses."""

    linked = reached = free_to_look = True
    does = frozenset({REFUND, CANCEL})

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk, self.seen = kiosk, []

    def here(self) -> bool:
        return True

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        with self.kiosk.store.reading() as conn:
            row = tables.card(conn, reference)
        self.seen.append((action, amount, row["amount"], row["outcome"]))
        return Answer(REFUSED)


def test_it_is_on_disk_before_the_terminal_hears_of_it(screen: Counter, kiosk: Kiosk) -> None:
    """After a power cut the till knows that money may have gone back: it asks the clerk, never the terminal again."""
    looking = Looking(kiosk)
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=looking)
    no = sold(screen, kiosk)
    give_back(screen, no)
    assert looking.seen == [(CANCEL, 130, 130, "")]


def test_after_a_restart_it_is_asked(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """Memory is gone: the page asks what the slip says."""
    no = sold(screen, kiosk)
    terminal.switch(habits.VANISHES, True)
    give_back(screen, no)
    again = Counter(create_app(kiosk).test_client())
    again.sign_in()
    assert "Personne ne sait" in again.page(f"/tickets/back/{last(kiosk)['payment']}")
    assert moved(terminal) == []


def test_a_part_paid_by_card_is_undone_on_the_terminal(screen: Counter, kiosk: Kiosk, terminal: SimulatedAp) -> None:
    """A bill given up half paid: its card part goes back, and the bill is whole again."""
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card", amount="1,00")
    settle(screen, kiosk)
    assert moved(terminal) == [100]
    screen.tap("/bill/card/undo")
    assert "Encaissement" not in settle(screen, kiosk)
    assert moved(terminal) == [100, -100]
    with kiosk.store.reading() as conn:
        tab = sell.current_tab(conn, screen.tab)
    assert (tab.payments, tab.card, tab.due) == ([], "", 130)


def settle(screen: Counter, kiosk: Kiosk) -> str:
    """Wait at the counter until the terminal answered."""
    while True:
        answer = screen.client.get(f"/bill/card/{last_open(kiosk)}/wait?tab={screen.tab}", headers={"HX-Request": "1"})
        if answer.status_code != 204:
            return screen._seen(answer.text)


def last_open(kiosk: Kiosk) -> str:
    """The newest thing on a card of any outcome."""
    with kiosk.store.reading() as conn:
        return str(conn.execute("SELECT payment FROM till_card ORDER BY seq DESC").fetchone()[0])
