"""A truthful person behind the counter, for campaigns that stop the till at any moment.

They tap, read what the screen shows, and when the till is gone wait for it and go on: the same tap once more, or a
look at the screen first. Asked whether a slip came out they look at the paper; whether a card was taken, at the
terminal's own roll. A customer is served once.
"""

import random
import re
import sqlite3
import time
from collections import Counter as Tally
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Protocol

from pos.hardware import queue
from pos.hardware.simulated import SimulatedPrinter
from tests import escpos

# Three of the second make a note that the law wants on paper.
PRICES = {"cafe": 130, "plat_du_jour": 1150}
_TAKEN = re.compile(r'id="bill"[^>]*data-tab="(\w*)"[^>]*data-taken="([^"]*)"')
_SOLD = re.compile(r'hx-post="/tickets/(\d+)/print"')
_WAIT = re.compile(r'hx-get="(/bill/card/[^"]+/wait[^"]*)"')
_ASKED = re.compile(r'"/bill/card/([^/"]+)/accepted"')
_OUT = re.compile(r'"/[\w/]*slips/(\d+)/out/yes"')
_LISTED = re.compile(r'id="ticket-(\d+)"')
_NUMBER, _COPY, _END = re.compile(r"(?:Ticket|Note) n° (\d+)"), re.compile(r"DUPLICATA n° (\d+)"), "Merci"


class Gone(Exception):
    """The till does not answer any more."""


class Screen(Protocol):
    """What a person has before them."""

    def page(self, url: str = "/") -> str:
        """Open a page; raise Gone."""

    def tap(self, url: str, /, **form: Any) -> Any:
        """Tap a key; raise Gone."""

    def wait_back(self) -> None:
        """Wait for the till, sign in."""


def tickets_on(printer: SimulatedPrinter) -> Tally[tuple[int, int]]:
    """Which tickets are whole on the paper: number and copy, 0 for the original. Read by a stranger to the renderer."""
    found: Tally[tuple[int, int]] = Tally()
    for piece in list(printer._roll):
        found.update(tickets_in(piece))
    return found


def tickets_in(data: bytes) -> list[tuple[int, int]]:
    """Which tickets some bytes print whole; half a slip before another spoils neither the other nor the count."""
    # A printer forgets what it was doing at each reset: what stands before the last one is another slip.
    found = []
    for slip in data.split(b"\x1b@")[1:]:
        try:
            texts = [str(event.value) for event in escpos.read(b"\x1b@" + slip) if event.what == "text"]
        except escpos.Unknown:
            continue
        said = "\n".join(texts)
        if (number := _NUMBER.search(said)) and _END in said[number.end() :]:
            copy = _COPY.search(said)
            found.append((int(number[1]), int(copy[1]) if copy else 0))
    return found


@dataclass
class Customer:
    """Who wants so many of a product, how they pay, and whether they ask for the ticket."""

    pieces: int
    card: bool
    ticket: bool
    product: str = "cafe"
    tab: str = ""
    no: int = 0
    printed: bool = False

    @classmethod
    def by_chance(cls, chance: random.Random) -> "Customer":
        """Somebody who comes in: one in six eats with two others."""
        if chance.random() < 1 / 6:
            return cls(3, card=chance.random() < 0.6, ticket=False, product="plat_du_jour")
        return cls(chance.randint(1, 3), card=chance.random() < 0.6, ticket=chance.random() < 0.7)

    @property
    def total(self) -> int:
        """What they pay."""
        return self.pieces * PRICES[self.product]

    @property
    def paper(self) -> bool:
        """Whether they leave with a paper: asked for, or the note of 25 € and more."""
        return self.ticket or self.product == "plat_du_jour"


@dataclass
class Clerk:
    """Serves customers on a screen. `out` tells whether a job's slip is on paper, `took` whether a card was taken."""

    screen: Screen
    chance: random.Random
    out: Callable[[int], bool]
    took: Callable[[str], bool]
    counts: Tally[str] = field(default_factory=Tally)
    # Called when the screen acknowledged something: what, and its number.
    heard: Callable[[str, int], None] = lambda _what, _no: None
    # Numbers of the sales known so far.
    last_no: int = 0
    # The last tap that made a sale, as it was sent, and the ticket's number.
    paid_by: tuple[str, dict[str, str], int] = ("", {}, 0)
    _shown: str = ""
    _ids: Any = field(default_factory=count)

    def serve(self, one: Customer) -> None:
        """Serve until the ticket is out, whatever happens to the till."""
        self._try(self._look)
        while not one.no:
            self._try(lambda: self._step(one))
        while one.ticket and not one.printed:
            self._try(lambda: self._print(one))
        self._try(self._answer_printer)

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except Gone:
            self.screen.wait_back()
            self._try(self._look)

    def _tap(self, url: str, **form: Any) -> str:
        """Tap; a till that went away is waited for, then the same key is tapped again, or the screen looked at."""
        attempt = f"tap-{self.chance.getrandbits(40):x}-{next(self._ids)}"
        while True:
            try:
                self._shown = self.screen.tap(url, attempt=attempt, **form).text
                if sold := _SOLD.search(self._shown):
                    self.paid_by = url, {"attempt": attempt, **form}, int(sold[1])
            except Gone:
                if self.chance.random() < 0.5:
                    raise
                self.screen.wait_back()
                self.counts["same tap again"] += 1
            else:
                return self._shown

    def _look(self) -> None:
        self._shown = self.screen.page()

    # One step towards the sale, from what the screen shows

    def _step(self, one: Customer) -> None:
        if self._sold(one):
            return
        tab, taken = self._bill()
        if taken:
            one.tab = tab
        elif self._paid_unseen(one):
            return
        if wait := _WAIT.search(self._shown):
            self._wait(wait[1])
        elif asked := _ASKED.search(self._shown):
            self._answer_terminal(one, asked[1])
        elif taken < one.pieces:
            self._tap(f"/bill/add/{one.product}", tab=tab)
        else:
            self._tap("/bill/card" if one.card else "/bill/pay/cash", tab=tab)

    def _bill(self) -> tuple[str, int]:
        found = _TAKEN.search(self._shown)
        if found is None:
            self._look()
            found = _TAKEN.search(self._shown)
            assert found is not None, self._shown[-3000:]
        return found[1], sum(int(n) for n in re.findall(r":(\d+)", found[2]))

    def _sold(self, one: Customer) -> bool:
        found = _SOLD.search(self._shown)
        if found is None or int(found[1]) <= self.last_no:
            return False
        one.no = self.last_no = int(found[1])
        self.heard("sold", one.no)
        return True

    def _paid_unseen(self, one: Customer) -> bool:
        """An empty bill where there was one: the last ticket of the list is this customer's, if it is a new one."""
        last = max((int(no) for no in _LISTED.findall(self.screen.page("/tickets/"))), default=0)
        if last > self.last_no:
            one.no = self.last_no = last
            self.counts["paid, seen in the list"] += 1
            self.heard("sold", last)
        return bool(one.no)

    def _wait(self, url: str) -> None:
        answer = self.screen.page(url.replace("&amp;", "&"))
        if answer:
            self._shown = answer
        else:
            time.sleep(0.005)

    def _answer_terminal(self, one: Customer, payment: str) -> None:
        self.counts["cards asked about"] += 1
        outcome = "accepted" if self.took(payment) else "refused"
        if outcome == "refused":
            one.card = False
        self._tap(f"/bill/card/{payment}/{outcome}", tab=one.tab)

    # Paper

    def _print(self, one: Customer) -> None:
        # Always the same tap: another one would be a duplicate, and rightly so.
        self.screen.tap(f"/tickets/{one.no}/print", attempt=f"paper-{one.no}")
        one.printed = True
        self.heard("printed", one.no)

    def _answer_printer(self) -> None:
        """Answer what the till asks of slips in doubt."""
        shown = self.screen.page()
        while job := _OUT.search(shown):
            self.counts["slips asked about"] += 1
            answer = "yes" if self.out(int(job[1])) else "no"
            shown = self.screen.tap(f"/settings/slips/{job[1]}/out/{answer}", attempt=f"out-{job[1]}").text


def check_books(
    conn: sqlite3.Connection, customers: list[Customer], paper: Tally[tuple[int, int]], took: set[str]
) -> None:
    """Each customer has one sale, each ticket asked for one paper, each card payment one outcome: the terminal's own."""
    rows = conn.execute("SELECT no, total, tab FROM till_ticket ORDER BY no").fetchall()
    assert [row["no"] for row in rows] == [one.no for one in customers] == list(range(1, len(customers) + 1))
    assert [row["total"] for row in rows] == [one.total for one in customers]
    assert len({row["tab"] for row in rows}) == len(customers)
    assert Tally(no for no, _copy in paper.elements()) == Tally(one.no for one in customers if one.paper)
    cards = {row["payment"]: row["outcome"] for row in conn.execute("SELECT payment, outcome FROM till_card")}
    assert {payment for payment, outcome in cards.items() if outcome == "accepted"} == took
    assert "" not in cards.values()
    assert {job.state for job in queue.jobs(conn, 100_000)} <= {queue.CONFIRMED, queue.DENIED}
