"""A card payment on its way through a linked terminal: one at a time, in a thread of its own (R15).

That it starts is on disk before its first byte leaves; each payment is asked of the terminal once, ever. What
is known meanwhile lives in memory: after a restart, a payment without outcome is asked of the clerk.
"""

import logging
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g

from pos import screens
from pos.errors import Refusal
from pos.hardware.terminals.answer import ACCEPTED, BUSY, BY_HAND, ODD, REFUSED, UNKNOWN, Answer, Terminal
from pos.i18n import N_

log = logging.getLogger("zinc.terminal")

# The customer is at it.
ASKING = "asking"
_REMEMBERED = 50

Settle = Callable[[str, str, str], None]


class TerminalAtWork(Refusal):
    """The till waits for the terminal: nobody answers in its place."""

    sentence = N_("The terminal has not answered yet.")
    remedy = N_("Wait for it; to give up, press the red key of the terminal.")


class Desk:
    """Asks the terminal, and remembers what it said of the last payments."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._said: dict[str, Answer] = {}
        self._lock = threading.Lock()
        # Held while the terminal has a payment.
        self._busy = threading.Lock()

    def ask(self, terminal: Terminal, payment: str, amount: int, *, by: str, settle: Settle) -> None:
        """Ask for a payment that was just written; one known already is never asked again."""
        with self._lock:
            if payment in self._said:
                return
            for old in list(self._said)[:-_REMEMBERED]:
                del self._said[old]
            if not self._busy.acquire(blocking=False):
                self._said[payment] = Answer(BY_HAND, why=BUSY)
                return
            self._said[payment] = Answer(ASKING)
        work = threading.Thread(
            target=self._work, args=(terminal, payment, amount, by, settle), name="terminal", daemon=True
        )
        work.start()

    def _work(self, terminal: Terminal, payment: str, amount: int, by: str, settle: Settle) -> None:
        said = Answer(UNKNOWN, why=ODD)
        try:
            said = terminal.pay(payment, amount)
            if said.outcome in (ACCEPTED, REFUSED):
                # What follows a payment (kitchen, note, drawer) finds its café as under a tap.
                with self._app.test_request_context("/"):
                    g.op = by
                    settle(payment, said.outcome, said.ref)
        except Exception:
            # A full disk, a day that ended: the payment stays open and is asked.
            log.exception("card payment")
            said = Answer(UNKNOWN, why=ODD)
        finally:
            self._said[payment] = said
            self._busy.release()

    def said(self, payment: str) -> Answer:
        """Return what is known of a payment; of one before the restart, nothing is."""
        return self._said.get(payment, Answer(UNKNOWN))


def linked() -> bool:
    """Tell whether this screen's card payments go to a terminal; practice never does."""
    return bool(screens.devices().terminal.linked) and not screens.training()


def said(payment: str) -> Answer:
    """Return what the terminal said of an open payment; without a link, the clerk types the amount on it."""
    if not payment or not linked():
        return Answer(BY_HAND)
    desk: Desk = current_app.extensions["zinc.terminal"]
    return desk.said(payment)


def ask(payment: str, amount: int, settle: Settle) -> None:
    """Send a payment that was just written to the terminal, where there is one."""
    if linked():
        desk: Desk = current_app.extensions["zinc.terminal"]
        desk.ask(screens.devices().terminal, payment, amount, by=screens.clerk(), settle=settle)


def wait_for(payment: str) -> None:
    """Refuse to speak for a terminal that has not answered. Raises TerminalAtWork."""
    if said(payment).outcome == ASKING:
        raise TerminalAtWork


def known() -> dict[str, Any]:
    """Return what templates ask."""
    return {"terminal_linked": linked}
