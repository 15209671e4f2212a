"""Where the card terminal stands, on the status line; and how a screen waits for it: held, woken, never written about."""

import dataclasses
import os
import queue
import re
import socket
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.machines import describe
from kiosk.wiring import Kiosk
from pos.config import load_settings
from pos.hardware import plugs
from pos.hardware.terminals import open_terminal
from pos.hardware.terminals import simulated as habits
from pos.hardware.terminals.answer import ACCEPTED, BUSY, CANCEL, PAY, REFUND, Answer, LineQuiet
from pos.hardware.terminals.caisse_ap import CaisseAp
from pos.hardware.terminals.concert import Concert
from pos.hardware.terminals.simulated_ap import SimulatedAp
from pos.till import tables
from pos.till.screens import terminal as desks
from tests.kiosk.conftest import Counter

READY, AWAY, AT_WORK = "Terminal carte prêt", "Terminal carte\u00a0: ne répond pas", "un paiement en cours"


def link(kiosk: Kiosk, driver: Any, simulated: Any = None) -> Any:
    """Give the café this terminal."""
    kiosk.devices = dataclasses.replace(kiosk.devices, terminal=driver, simulated_terminal=simulated)
    return driver


def status(screen: Counter) -> str:
    """What the status line says now."""
    return str(screen.client.get("/machines").text)


def until(said: str, screen: Counter) -> None:
    """Wait until the status line says something; a look at the network is made aside."""
    for _ in range(200):
        if said in status(screen):
            return
        time.sleep(0.01)
    raise AssertionError(status(screen))


@pytest.fixture
def port(tmp_path: Path) -> Iterator[Path]:
    """A serial port that may be unplugged: its name is a link to a pseudo-terminal."""
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    name = tmp_path / "ttyACM0"
    name.symlink_to(os.ttyname(theirs))
    yield name
    os.close(ours)
    os.close(theirs)


def test_a_cable_pulled_is_told_at_the_next_tap_and_taken_back(screen: Counter, kiosk: Kiosk, port: Path) -> None:
    """The name of the port is looked at, nothing is said on it; the line is drawn anew as soon as it changed."""
    link(kiosk, open_terminal({"kind": "concert", "address": str(port)})[0])
    assert READY in status(screen)
    assert "HX-Trigger" not in screen.tap("/bill/add/cafe").headers
    plugged = port.readlink()
    port.unlink()
    assert screen.tap("/bill/add/cafe").headers["HX-Trigger"] == "machines"
    assert AWAY in status(screen)
    assert 'hx-trigger="every 10s' in status(screen)
    asked = screen.tap("/bill/card", attempt="card-0001")
    shown = screen.client.get(f"/bill/card/{open_card(kiosk)}/wait").text if "wait" in asked.text else asked.text
    assert "ne répond pas à la caisse" in shown
    port.symlink_to(plugged)
    assert READY in status(screen)


def test_the_kernel_tells_of_a_plug_and_the_line_is_rung(
    screen: Counter, kiosk: Kiosk, port: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody taps: the status line is rung within two seconds of the cable pulled, and of its return; nothing is polled."""
    kernel, heard = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    monkeypatch.setattr(plugs.listen, "__kwdefaults__", {"open_line": lambda: heard})
    rung: queue.Queue[float] = queue.Queue()
    screen.client.application.extensions["zinc.changed"] = lambda: rung.put(time.monotonic())
    link(kiosk, open_terminal({"kind": "concert", "address": str(port)})[0])
    assert READY in status(screen)
    plugged = port.readlink()
    for pulled in (True, False):
        start = time.monotonic()
        if pulled:
            port.unlink()
        else:
            port.symlink_to(plugged)
        kernel.send(b"add@/devices/other\0SUBSYSTEM=input\0DEVNAME=input/event3\0")
        kernel.send(b"remove@/devices/usb1/tty/ttyACM0\0ACTION=remove\0SUBSYSTEM=tty\0DEVNAME=ttyACM0\0")
        assert rung.get(timeout=2) - start < 2
        assert (AWAY if pulled else READY) in status(screen)
    assert rung.empty()
    kernel.close()


def open_card(kiosk: Kiosk) -> str:
    """The payment without outcome."""
    with kiosk.store.reading() as conn:
        return str(tables.unsettled_cards(conn)[0]["payment"])


def test_one_on_the_network_is_looked_for_calmly(
    screen: Counter, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection without a word, aside, minutes apart while it is there; seconds apart while it is away."""
    simulated, looks = SimulatedAp(), []
    link(kiosk, CaisseAp(simulated.open_line, look=lambda: bool(looks.append(1)) or simulated.plugged()))
    for _ in range(5):
        assert READY in status(screen)
    time.sleep(0.05)
    assert len(looks) == 1
    simulated.switch(habits.OFF, True)
    assert READY in status(screen)
    monkeypatch.setattr(desks, "LOOK_HERE_S", 0)
    until(AWAY, screen)
    simulated.switch(habits.OFF, False)
    monkeypatch.setattr(desks, "LOOK_AWAY_S", 0)
    until(READY, screen)


def test_a_payment_tells_where_it_stands_too(screen: Counter, kiosk: Kiosk) -> None:
    """Out of reach at a payment: the line says so without a look of its own."""
    simulated = SimulatedAp()
    link(kiosk, CaisseAp(simulated.open_line, answer_s=0.5, quiet_s=0.02, look=lambda: True))
    until(READY, screen)
    simulated.switch(habits.OFF, True)
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card", attempt="card-0001")
    screen.client.get(f"/bill/card/{open_card(kiosk)}/wait")
    assert AWAY in status(screen)


def test_by_hand_nothing_is_said(screen: Counter) -> None:
    """Without a cable nobody knows where the terminal stands."""
    assert "Terminal carte" not in status(screen)


class Slow:
    """A terminal that answers when it is let; it may not hear at first."""

    linked = free_to_look = True
    does = frozenset({PAY, REFUND, CANCEL})

    def __init__(self, *, reached: bool = True) -> None:
        self.reached, self.go, self.says = reached, threading.Event(), Answer(ACCEPTED, ref="000042")

    def here(self) -> bool:
        return True

    def ask(self, action: str, reference: str, amount: int) -> Answer:
        self.go.wait(5)
        return self.says


def begun(screen: Counter, kiosk: Kiosk, terminal: Slow) -> str:
    """Tap Card; return the address that the waiting screen asks."""
    link(kiosk, terminal)
    screen.tap("/bill/add/cafe")
    assert "terminal-leave" in screen.tap("/bill/card", attempt="card-0001").text
    assert AT_WORK in status(screen) or not terminal.reached
    return f"/bill/card/{open_card(kiosk)}/wait?tab={screen.tab}"


def test_a_waiting_screen_is_held_until_the_answer_and_writes_nothing(
    screen: Counter, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request a while, answered at once when the terminal is; the card of the box sleeps meanwhile."""
    url = begun(screen, kiosk, slow := Slow())
    files = sorted(kiosk.data.glob("cafe.db*"))
    before = [(one.stat().st_mtime_ns, one.stat().st_size) for one in files]
    monkeypatch.setattr(desks.Desk.wait, "__defaults__", (0.05,))
    for _ in range(3):
        assert screen.client.get(url).status_code == 204
    assert [(one.stat().st_mtime_ns, one.stat().st_size) for one in files] == before
    monkeypatch.setattr(desks.Desk.wait, "__defaults__", (15.0,))
    threading.Timer(0.1, slow.go.set).start()
    start = time.monotonic()
    answer = screen.client.get(url, headers={"HX-Request": "true"})
    assert "vente enregistrée" in answer.text
    assert answer.headers["HX-Trigger"] == "machines"
    assert time.monotonic() - start < 2


def test_a_screen_is_held_for_less_than_its_page_waits(screen: Counter, kiosk: Kiosk) -> None:
    """A page that gives up would say that the till does not answer; a till that stops lets its screens go at once."""
    told = re.search(r'"timeout": (\d+)', screen.page())
    assert told
    assert int(told[1]) / 1000 > desks.HOLD_S + 2
    url = begun(screen, kiosk, slow := Slow())
    threading.Timer(0.05, screen.client.application.extensions["zinc.terminal"].close).start()
    start = time.monotonic()
    assert screen.client.get(url).status_code == 204
    assert time.monotonic() - start < 2
    slow.go.set()
    settled(kiosk, url.split("/")[3])


def test_a_terminal_that_does_not_hear_is_told_within_two_seconds(
    screen: Counter, kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried further, and the screen says why nothing happens."""
    monkeypatch.setattr(desks, "REACH_S", 0.1)
    url = begun(screen, kiosk, slow := Slow(reached=False))
    start = time.monotonic()
    shown = screen.client.get(url)
    assert time.monotonic() - start < 2
    assert "ne répond pas encore" in shown.text
    assert AWAY in status(screen)
    slow.go.set()
    assert "vente enregistrée" in screen.client.get(url + "&was=by_hand").text


def test_whoever_waits_no_more_is_asked_and_the_terminal_still_heard(screen: Counter, kiosk: Kiosk) -> None:
    """The question stands at once; an answer that comes yet is the outcome, whatever key is then touched."""
    url = begun(screen, kiosk, slow := Slow())
    payment = open_card(kiosk)
    asked = screen.tap(url.split("/wait", maxsplit=1)[0] + "/leave", attempt="leave-0001").text
    assert "touche rouge" in asked
    assert "card-accepted" in asked
    slow.go.set()
    settled(kiosk, payment)
    assert "vente enregistrée" in screen.tap(f"/bill/card/{payment}/refused", attempt="said-0001").text


def settled(kiosk: Kiosk, payment: str) -> str:
    """Wait for the outcome; return it."""
    for _ in range(300):
        with kiosk.store.reading() as conn:
            row = tables.card(conn, payment)
        if row["outcome"]:
            return str(row["outcome"])
        time.sleep(0.01)
    raise AssertionError


def test_a_terminal_that_says_otherwise_afterwards_is_shown(screen: Counter, kiosk: Kiosk) -> None:
    """Somebody said refused, then the terminal says it took the money: the status line leads to it until it is put right."""
    url = begun(screen, kiosk, slow := Slow())
    payment = open_card(kiosk)
    screen.tap(url.split("/wait", maxsplit=1)[0] + "/leave", attempt="leave-0001")
    screen.tap(f"/bill/card/{payment}/refused", attempt="said-0001")
    slow.go.set()
    until("comparez ses tickets", screen)
    assert "a encaissé" in screen.page("/cards")
    screen.tap(f"/cards/{payment}/seen", attempt="seen-0001")
    assert "a encaissé" not in screen.page("/cards")
    assert settled(kiosk, payment) == "refused"


def test_the_settings_file_names_the_terminal_and_the_command_line_tells_it(kiosk: Kiosk, tmp_path: Path) -> None:
    """`[terminal]` takes the keys of the settings screen; `zinc machines` says whether it is there."""
    file = tmp_path / "cafe.toml"
    file.write_text('[terminal]\nkind = "concert"\naddress = "/dev/no-such-port"\nspeed = 1200\nline = "7E1"\n')
    kiosk.settings = load_settings(file)
    driver, _simulated = open_terminal(kiosk.box_settings()["terminal"])
    link(kiosk, driver)
    assert any("/dev/no-such-port, 1200 7E1" in line and "ne répond pas" in line for line in describe(kiosk))
    link(kiosk, open_terminal(load_settings(None)["terminal"])[0])


def test_a_busy_terminal_is_there(screen: Counter, kiosk: Kiosk) -> None:
    """Busy with somebody else is not unplugged."""
    slow = Slow(reached=False)
    slow.says = Answer("by_hand", why=BUSY)
    slow.go.set()
    link(kiosk, slow)
    screen.tap("/bill/add/cafe")
    screen.tap("/bill/card", attempt="card-0001")
    screen.client.get(f"/bill/card/{open_card(kiosk)}/wait")
    assert READY in status(screen)


def test_a_silent_serial_line_is_not_a_busy_terminal() -> None:
    """Not a byte came: the terminal behind the cable is off; a NAK is a terminal that serves somebody else."""

    class Line:
        def __init__(self, says: bytes) -> None:
            self.says = says

        def write(self, data: bytes) -> None: ...

        def read(self, size: int, seconds: float) -> bytes:
            if not self.says:
                raise LineQuiet
            return self.says

        def close(self) -> None: ...

    for says, why in ((b"", "unreached"), (b"\x15", "busy")):
        assert Concert(lambda says=says: Line(says), again_s=0).pay("V1", 5).why == why
