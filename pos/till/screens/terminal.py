"""What is under way on a linked terminal: one thing at a time, in a thread of its own (R15).

That it starts is on disk before its first byte leaves; each thing is asked of the terminal once, ever. What
is known meanwhile lives in memory: after a restart, what has no outcome is asked of the clerk.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, request

from pos import screens
from pos.errors import Refusal
from pos.hardware import plugs
from pos.hardware.terminals.answer import (
    ACCEPTED,
    BUSY,
    BY_HAND,
    CANNOT,
    COLLECT,
    ODD,
    PAY,
    REFUND,
    REFUSED,
    UNKNOWN,
    Answer,
    Terminal,
)
from pos.i18n import N_

__all__ = ["COLLECT", "PAY", "REFUND", "Desk", "ask", "desk", "does", "known", "linked", "said", "state", "wait_for"]

log = logging.getLogger("zinc.terminal")

# The customer is at it.
ASKING = "asking"
# Nobody waits for it any more.
LEFT = "left"
_REMEMBERED = 50
# A screen that waits is answered when the terminal answers, and after so long at the latest: a page gives up at 20 s.
HOLD_S = 15.0
# A terminal that did not hear the till after so long is told not to answer, while it is tried further.
REACH_S = 1.5
# One on the network is looked for now and then, while a screen shows it: calmly when it was there.
LOOK_HERE_S, LOOK_AWAY_S = 300.0, 10.0

Settle = Callable[[str, str, str], None]


class TerminalAtWork(Refusal):
    """The till waits for the terminal: nobody answers in its place."""

    sentence = N_("The terminal has not answered yet.")
    remedy = N_("Wait for it; to give up, press the red key of the terminal.")


class Desk:
    """Asks the terminal, and remembers what it said of the last payments."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        app.before_request(self.notice)
        self._said: dict[str, Answer] = {}
        # Payments the terminal spoke of after somebody had said something else: what it said.
        self.against: dict[str, str] = {}
        # What rules had against sales that it had already taken the money of: told by the screen that waits.
        self.despite: dict[str, str] = {}
        self._news = threading.Condition()
        # Held while the terminal has a payment; by the one screen that waits for it.
        self._busy, self._held = threading.Lock(), threading.Lock()
        self._leaving = False
        self._since = 0.0
        self._terminal: Terminal | None = None
        self._here, self._looked_at, self._looking = True, 0.0, False
        self._listening, self._bell = False, app.extensions
        # A terminal takes one connection: nobody looks for it while it is spoken to.
        self._line = threading.Lock()

    def ask(self, terminal: Terminal, payment: str, amount: int, *, by: str, settle: Settle, action: str = PAY) -> None:
        """Ask for what was just written; what is known already is never asked again."""
        with self._news:
            if payment in self._said:
                return
            for old in list(self._said)[:-_REMEMBERED]:
                del self._said[old]
            if not self._busy.acquire(blocking=False):
                self._said[payment] = Answer(BY_HAND, why=BUSY)
                return
            self._said[payment] = Answer(ASKING)
            self._since, self._terminal = time.monotonic(), terminal
        work = threading.Thread(
            target=self._work, args=(terminal, action, payment, amount, by, settle), name="terminal", daemon=True
        )
        work.start()

    def _work(self, terminal: Terminal, action: str, payment: str, amount: int, by: str, settle: Settle) -> None:
        said = Answer(UNKNOWN, why=ODD)
        try:
            with self._line:
                said = terminal.ask(action, payment, amount)
            self._seen(terminal.reached or said.why == BUSY)
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
            self._busy.release()
            with self._news:
                self._said[payment] = said
                self._news.notify_all()
            self._ring()

    def cannot(self, payment: str) -> None:
        """Remember that the terminal does not do this for a till: a hand does."""
        self._said.setdefault(payment, Answer(BY_HAND, why=CANNOT))

    def said(self, payment: str) -> Answer:
        """Return what is known of a payment; of one before the restart, nothing is."""
        found = self._said.get(payment, Answer(UNKNOWN))
        if found.outcome == ASKING and self._out_of_reach():
            return Answer(ASKING, why=BY_HAND)
        return found

    def _out_of_reach(self) -> bool:
        terminal = self._terminal
        return terminal is not None and not terminal.reached and time.monotonic() - self._since > REACH_S

    def wait(self, payment: str, was: str, seconds: float = HOLD_S) -> Answer:
        """Return what is known of a payment once it is not what the screen shows (`was`), or after a while.

        One screen is held at a time; another asks again.
        """
        if not self._held.acquire(blocking=False):
            return self.said(payment)
        try:
            deadline = time.monotonic() + seconds
            with self._news:
                while (said := self.said(payment)).outcome == ASKING and said.why == was and not self._leaving:
                    left = deadline - time.monotonic()
                    if left <= 0:
                        break
                    # Nothing wakes it but the answer, and once the moment when the terminal should have heard.
                    reach = self._since + REACH_S - time.monotonic()
                    self._news.wait(min(left, reach + 0.01) if reach > 0 else left)
                return said
        finally:
            self._held.release()

    def leave(self, payment: str) -> None:
        """Wait for a payment no more: its slip is asked. What the terminal says yet is still taken."""
        with self._news:
            if self._said.get(payment, Answer(UNKNOWN)).outcome == ASKING:
                self._said[payment] = Answer(UNKNOWN, why=LEFT)
                self._news.notify_all()

    def close(self) -> None:
        """Hold no screen any longer: the till stops."""
        # No lock: a signal may come while it is held by this very thread.
        self._leaving = True
        threading.Thread(target=self._wake, daemon=True).start()

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    # Where it stands

    def state(self, terminal: Terminal) -> str:
        """Return `ready`, `away` or `busy`; one on the network is looked for aside, when it is time."""
        if self._busy.locked():
            return "away" if self._out_of_reach() else "busy"
        if terminal is not self._terminal:
            self._terminal, self._here, self._looked_at = terminal, True, 0.0
        if terminal.free_to_look:
            self._listen()
            self._here = terminal.here()
        else:
            self._look_aside(terminal)
        return "ready" if self._here else "away"

    def _look_aside(self, terminal: Terminal) -> None:
        pause = LOOK_HERE_S if self._here else LOOK_AWAY_S
        due = not self._looked_at or time.monotonic() - self._looked_at > pause
        if due and not self._looking:
            self._looking = True
            threading.Thread(target=self._look, args=(terminal,), name="terminal-look", daemon=True).start()

    def _look(self, terminal: Terminal) -> None:
        try:
            with self._line:
                if not self._busy.locked():
                    self._seen(terminal.here())
        finally:
            self._looking = False

    def _seen(self, here: bool) -> None:
        was, self._here, self._looked_at = self._here, here, time.monotonic()
        if was != here:
            self._ring()

    def _ring(self) -> None:
        """Have the status line of the screen touched last drawn anew."""
        self._bell["zinc.changed"]()

    def _listen(self) -> None:
        """Hear from the kernel when a serial line comes or goes, from the first look at one on."""
        if not self._listening:
            self._listening = True
            plugs.listen(self._moved)

    def _moved(self) -> None:
        terminal = self._terminal
        if terminal is not None and terminal.linked and terminal.free_to_look:
            self._seen(terminal.here())

    def notice(self) -> None:
        """At a tap: have the status line drawn anew when a cable was pulled or plugged since it was."""
        if request.method != "POST" or screens.devices() is None:
            return
        terminal = screens.devices().terminal
        if terminal.linked and terminal.free_to_look and terminal.here() != self._here:
            g.machines_changed = True


def desk() -> Desk:
    """Return what knows the terminal."""
    found: Desk = current_app.extensions["zinc.terminal"]
    return found


def linked() -> bool:
    """Tell whether this screen's card payments go to a terminal; practice never does."""
    return bool(screens.devices().terminal.linked) and not screens.training()


def does(action: str) -> bool:
    """Tell whether this screen's terminal does a thing for the till."""
    return linked() and action in screens.devices().terminal.does


def state() -> str:
    """Return where the terminal stands: `ready`, `away`, `busy`; empty when none is linked."""
    terminal = screens.devices().terminal
    return desk().state(terminal) if terminal.linked else ""


def said(payment: str) -> Answer:
    """Return what the terminal said of an open payment; without a link, the clerk types the amount on it."""
    if not payment or not linked():
        return Answer(BY_HAND)
    return desk().said(payment)


def ask(payment: str, amount: int, settle: Settle, action: str = PAY) -> None:
    """Send what was just written to the terminal, where there is one that does it."""
    # The status line follows: at work, then whatever became of it.
    g.machines_changed = True
    if does(action):
        desk().ask(screens.devices().terminal, payment, amount, by=screens.clerk(), settle=settle, action=action)
    elif linked():
        desk().cannot(payment)


def wait_for(payment: str) -> None:
    """Refuse to speak for a terminal that has not answered. Raises TerminalAtWork."""
    if said(payment).outcome == ASKING:
        raise TerminalAtWork


def known() -> dict[str, Any]:
    """Return what templates ask."""
    return {"terminal_linked": linked, "terminal_does": does}
