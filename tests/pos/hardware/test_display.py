"""A pole display over true cables: what stands on its glass, and what happens when its plug is pulled."""

import os
import pty
import select
import socket
import threading
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos.hardware.display import open_display
from pos.hardware.display.cables import open_network, open_node, open_serial
from pos.hardware.display.pole import Pole
from pos.hardware.display.rows import CD5220, CODE_PAGES, COLUMNS, DIALECTS, ESCPOS, Glass, picture, rows_of
from pos.hardware.display.sight import BILL, CARD, PAID, THANKS, TRAINING, Shown, Sight
from pos.hardware.display.simulated import HABITS, OFF, SLOW, STUCK, UNPLUGGED, SimulatedDisplay
from pos.hardware.troubles import BadDisplaySetting, DisplayGone, DisplayStuck
from tests import pole as stranger

COFFEE = ("Café            1,30", "Total       1,30 EUR")
CREAM = ("Café crème      2,20", "Total       3,50 EUR")
# Quicker than a café's, for tests.
QUICK = {"write_s": 0.3, "retry_s": 0.03}


def until(true: Callable[[], object], seconds: float = 10.0) -> float:
    """Wait for a condition; return how long it took. Two seconds are what a person is promised."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "not in time"
        time.sleep(0.005)
    return time.monotonic() - began


class Plug:
    """A pole behind a terminal of the kernel, that can be pulled out and put back under the same name."""

    def __init__(self, path: Path) -> None:
        self.path, self.heard = path, b""
        self.put()

    def put(self) -> None:
        self._master, slave = pty.openpty()
        tty.setraw(slave)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(slave))
        os.close(slave)
        self._stop = threading.Event()
        self._ear = threading.Thread(target=self._listen, args=(self._master,), daemon=True)
        self._ear.start()

    def _listen(self, master: int) -> None:
        while not self._stop.is_set():
            if select.select([master], [], [], 0.01)[0]:
                with suppress(OSError):
                    self.heard += os.read(master, 4096)

    def pull(self) -> None:
        """No reader may be left on the master when it closes: the other side would not notice."""
        self._stop.set()
        self._ear.join()
        self.path.unlink()
        os.close(self._master)

    def rows(self) -> tuple[str, str] | None:
        pictures = stranger.escpos(self.heard) if len(self.heard) % 44 == 0 else []
        return (pictures[-1].rows[0], pictures[-1].rows[1]) if pictures else None


@pytest.fixture
def plug(tmp_path: Path) -> Iterator[Plug]:
    plug = Plug(tmp_path / "pole")
    yield plug
    with suppress(OSError):
        plug.pull()


def test_bytes_on_a_serial_line_are_two_rows_of_twenty(plug: Plug) -> None:
    """The code page is said, the glass cleared, forty letters follow: a stranger reads the two rows."""
    display = Pole(partial(open_serial, str(plug.path), 9600), **QUICK)
    display.show([(CREAM, None)])
    until(lambda: plug.rows() == CREAM)
    display.close()
    assert display.trouble is None
    assert len(plug.heard) == 3 + 1 + 40


def test_pulled_out_it_is_told_and_taken_back_by_itself(plug: Plug) -> None:
    """Nobody writes to it meanwhile: the kernel tells; back, it shows what it should by then."""
    display = Pole(partial(open_serial, str(plug.path), 9600), **QUICK)
    told: list[object] = []
    display.show([(COFFEE, None)], lambda: told.append(display.trouble))
    until(lambda: plug.rows() == COFFEE)
    assert told == []
    plug.pull()
    until(lambda: told, 2.0)
    assert isinstance(told[0], DisplayGone)
    display.show([(CREAM, None)])
    plug.heard = b""
    plug.put()
    until(lambda: display.trouble is None and plug.rows() == CREAM)
    display.close()


def test_a_device_of_the_kernel_is_written_to_and_a_plain_file_never(plug: Plug, tmp_path: Path) -> None:
    """A mistyped address makes no file that takes texts for ever."""
    display = Pole(partial(open_node, str(plug.path)), **QUICK)
    display.show([(COFFEE, None)])
    until(lambda: plug.rows() == COFFEE)
    display.close()
    for wrong in (tmp_path / "nothing", tmp_path):
        display = Pole(partial(open_node, str(wrong)), **QUICK)
        display.show([(COFFEE, None)])
        until(lambda shown=display: isinstance(shown.trouble, DisplayGone))
        display.close()
    assert not (tmp_path / "nothing").exists()


def test_a_network_display_that_hangs_up_is_told_and_taken_back() -> None:
    """The same through a socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        display = Pole(partial(open_network, f"127.0.0.1:{server.getsockname()[1]}"), **QUICK)
        display.show([(COFFEE, None)])
        line, _from = server.accept()
        with line:
            assert stranger.escpos(line.recv(44, socket.MSG_WAITALL))[0].rows == list(COFFEE)
        until(lambda: isinstance(display.trouble, DisplayGone))
        line, _from = server.accept()
        with line:
            assert stranger.escpos(line.recv(44, socket.MSG_WAITALL))[0].rows == list(COFFEE)
            until(lambda: display.trouble is None)
        display.close()


def test_nobody_waits_for_a_display_and_only_the_latest_text_counts() -> None:
    """A thousand texts to a display that takes nothing cost the counter less than a tap; one is shown, the last."""
    simulated = SimulatedDisplay()
    simulated.switch(STUCK, True)
    display = Pole(simulated.open_cable, **QUICK)
    began = time.monotonic()
    for n in range(1000):
        display.show([((f"{n:20d}", COFFEE[1]), None)])
    assert time.monotonic() - began < 0.5
    until(lambda: isinstance(display.trouble, DisplayStuck))
    taken = simulated.state()["bytes"]
    simulated.switch(STUCK, False)
    until(lambda: display.trouble is None and simulated.lines()[0] == f"{999:20d}")
    assert simulated.state()["bytes"] - taken < 10 * 44
    display.close()


def test_a_slow_display_drops_what_is_late() -> None:
    """A letter at a time: texts that came and went meanwhile are never shown."""
    simulated = SimulatedDisplay()
    simulated.switch(SLOW, True)
    display = Pole(simulated.open_cable)
    for n in range(50):
        display.show([((f"{n:20d}", COFFEE[1]), None)])
        time.sleep(0.002)
    until(lambda: simulated.lines()[0] == f"{49:20d}")
    assert simulated.state()["bytes"] <= 3 * 44
    assert display.trouble is None
    display.close()


def test_texts_follow_each_other_by_themselves() -> None:
    """The change, thanks, then the café's name: the counter says it once."""
    simulated = SimulatedDisplay()
    display = Pole(simulated.open_cable, **QUICK)
    display.show([(COFFEE, 0.05), (CREAM, 0.05), (("Zinc".center(20), " " * 20), None)])
    for rows in (COFFEE, CREAM, ("Zinc".center(20), " " * 20)):
        until(lambda wanted=list(rows): simulated.lines() == wanted)
    display.close()


def test_a_simulated_display_is_broken_and_mended_by_hand() -> None:
    """Unplugged is known; dark is not, its cable only goes there: the next text lights it again."""
    display, simulated = open_display({"kind": "simulated"})
    assert simulated is not None
    display.show([(COFFEE, None)])
    until(lambda: simulated.lines() == list(COFFEE))
    simulated.switch(UNPLUGGED, True)
    until(lambda: isinstance(display.trouble, DisplayGone))
    assert simulated.lines() == [" " * 20] * 2
    simulated.switch(UNPLUGGED, False)
    until(lambda: simulated.lines() == list(COFFEE))
    simulated.switch(OFF, True)
    display.show([(CREAM, None)])
    simulated.switch(OFF, False)
    display.show([(COFFEE, None)])
    until(lambda: simulated.lines() == list(COFFEE))
    assert display.trouble is None
    assert set(simulated.state()) == {*HABITS, "bytes"}
    with pytest.raises(KeyError):
        simulated.switch("greedy", True)
    display.close()
    display.show([(CREAM, None)])
    assert simulated.lines() == list(COFFEE)


def test_both_dialects_show_the_same_rows_on_a_display_that_obeys_them() -> None:
    """What the stranger reads is what the simulated glass shows, whatever it showed before."""
    for dialect in DIALECTS:
        simulated = SimulatedDisplay()
        display = Pole(simulated.open_cable, Glass(dialect), **QUICK)
        for rows in (CREAM, COFFEE, CREAM):
            display.show([(rows, None)])
            until(lambda wanted=list(rows), glass=simulated: glass.lines() == wanted)
        display.close()
    assert stranger.cd5220(picture(CREAM, Glass(CD5220)))[0].rows == list(CREAM)


def test_what_the_customer_reads() -> None:
    """Each picture in French, in twenty letters."""
    cup, bread = Shown("Café crème", 440, 2), Shown("Pain de campagne au levain", 480)
    assert rows_of(Sight(BILL, (cup,), 0, 440, 0, 440), "Zinc", "") == ("2x Café crème   4,40", "Total       4,40 EUR")
    assert rows_of(Sight(BILL, (cup, bread), -1, 920, 500, 420), "Zinc", "") == (
        "Pain de campagn 4,80", "Reste       4,20 EUR",
    )  # fmt: skip
    assert rows_of(Sight(CARD, (cup,), 0, 440, 0, 440), "Zinc", "") == (
        "Carte       4,40 EUR",
        "voir le terminal".center(20),
    )
    assert rows_of(Sight(PAID, total=440, given=1000, change=560), "Zinc", "") == (
        "Reçu           10,00", "À rendre    5,60 EUR",
    )  # fmt: skip
    assert rows_of(Sight(PAID, total=123456), "Zinc", "")[0] == "Réglé   1 234,56 EUR"
    assert rows_of(Sight(THANKS), "Zinc", "")[0].strip() == "Merci !"
    assert rows_of(Sight(TRAINING), "Zinc", "")[0].strip() == "FACTICE"
    assert rows_of(Sight(), "Café de la Halle", "Marché de Noël samedi à dix heures") == (
        "Marché de Noël".center(20), "samedi à dix heures".center(20),
    )  # fmt: skip
    # A name that is too long for a row is never cut in a word between two customers.
    assert rows_of(Sight(), "Le Comptoir du Lavoir", "") == ("Le Comptoir du".center(20), "Lavoir".center(20))
    assert rows_of(Sight(), "Le Comptoir du Lavoir", "Bon dimanche")[0].strip() == "Le Comptoir du"
    assert rows_of(Sight(), "Anticonstitutionnellement", "")[0] == "Anticonstitutionnell"


@given(
    label=st.text(max_size=40),
    amount=st.integers(-10_000_000, 10_000_000),
    count=st.integers(1, 200),
    page=st.sampled_from(CODE_PAGES),
)
def test_any_name_is_forty_letters_and_no_command(label: str, amount: int, count: int, page: str) -> None:
    """Control bytes, emoji, accents: never a byte that moves the cursor, never a wrong letter for an amount."""
    rows = rows_of(Sight(BILL, (Shown(label, amount, count),), 0, amount, 0, amount), "Zinc", "")
    assert [len(row) for row in rows] == [COLUMNS, COLUMNS]
    pages = {0: page}
    glass = stranger.escpos(picture(rows, Glass(ESCPOS, page, 0)), pages)[0]
    digits = list(f"{abs(amount):03d}")
    assert [c for c in glass.rows[1] if c.isdigit()] == digits
    assert [c for c in glass.rows[0] if c.isdigit()][-len(digits) :] == digits


def test_accents_outlive_the_code_page() -> None:
    """What the page lacks becomes its base letter; the euro is three letters; no question mark appears."""
    rows = ("ÀÉÊÎŒ œuf €".ljust(20), "é è à ç ù ê ï".ljust(20))
    for page, upper, lower in (
        ("ascii", "AEEIOE oeuf EUR", "e e a c u e i"), ("cp437", "AÉEIOE oeuf EUR", "é è à ç ù ê ï"), ("cp858", "ÀÉÊÎOE oeuf EUR", "é è à ç ù ê ï"),
    ):  # fmt: skip
        shown = rows_of(Sight(), rows[0], rows[1])
        glass = stranger.escpos(picture(shown, Glass(ESCPOS, page, 0)), {0: page})[0]
        assert [row.strip() for row in glass.rows] == [upper, lower]


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "fax"}, {"kind": "serial"}, {"speed": "x"}, {"code_page": "cp1"}, {"dialect": "logic"}, {"odd": 1}, {"message": "x" * 81}],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    """In words, before anything is opened."""
    with pytest.raises(BadDisplaySetting):
        open_display({"kind": "none", **wrong})
