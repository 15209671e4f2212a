"""The watchdog is fed by a till that works, and by no other."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk import heart
from pos.store import Store
from tests.kiosk.test_serve import ROOT, RUN, free_port

SOON_S = 10.0


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The socket that systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.settimeout(SOON_S)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield line


def heard(line: socket.socket) -> str:
    """What was said last, the first word of it."""
    return line.recv(4096).decode().splitlines()[0]


def silent(line: socket.socket, seconds: float) -> bool:
    """Nothing was said for so long."""
    line.settimeout(seconds)
    try:
        return not line.recv(4096)
    except TimeoutError:
        return True


def test_the_kiosk_says_when_it_serves_and_when_it_ends(systemd: socket.socket, tmp_path: Path) -> None:
    """Type=notify: ready with the first page, a beat each third of the watchdog, and a word at the end."""
    env = {**os.environ, "WATCHDOG_USEC": "300000"}
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(tmp_path / "cafe"), str(free_port())], cwd=ROOT, env=env
    ) as kiosk:
        systemd.settimeout(60)
        assert heard(systemd) == "READY=1"
        assert [heard(systemd) for _n in range(3)] == ["WATCHDOG=1"] * 3
        kiosk.terminate()
        said = ""
        while said != "STOPPING=1":
            said = heard(systemd)
        assert kiosk.wait(30) == 0


def test_a_till_whose_file_does_not_read_is_not_alive(systemd: socket.socket, store: Store) -> None:
    """A process that runs is not enough: the store must answer."""
    beating = heart.Heart(lambda: store, lambda: True, every_s=0.02, patience_s=0)
    beating.start()
    assert heard(systemd) == "READY=1"
    assert heard(systemd) == "WATCHDOG=1"
    store._writer.close()
    while not silent(systemd, 0.2):
        pass
    beating.stop()


def test_a_page_that_hangs_starves_the_watchdog(systemd: socket.socket, store: Store) -> None:
    """All threads that serve stand still: no sign of life, whatever the file says."""
    page = threading.Event()
    page.set()
    beating = heart.Heart(lambda: store, page.is_set, every_s=0.02)
    beating.start()
    assert heard(systemd) == "READY=1"
    page.clear()
    while not silent(systemd, 0.2):
        pass
    page.set()
    systemd.settimeout(SOON_S)
    assert heard(systemd) == "WATCHDOG=1"
    beating.stop()


def test_a_long_act_is_work_not_death(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate may be shut for minutes while a backup is put back; for ever it may not."""
    monkeypatch.setattr(heart, "ANSWER_S", 0.01)
    patient = heart.Heart(lambda: store, lambda: True, every_s=1, patience_s=0.3)
    assert patient.alive()
    shut, over = threading.Event(), threading.Event()

    def work() -> None:
        with store._lock:
            shut.set()
            over.wait(SOON_S)

    busy = threading.Thread(target=work)
    busy.start()
    shut.wait(SOON_S)
    assert patient.alive()
    until = time.monotonic() + SOON_S
    while patient.alive() and time.monotonic() < until:
        pass
    assert not patient.alive()
    over.set()
    busy.join()
    assert patient.alive()


def test_started_by_hand_nothing_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket, no heart; another process's watchdog is not ours."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert heart.start(lambda: None, 1) is None
    assert not heart.notify("READY=1")
    assert heart.beat_s({"WATCHDOG_USEC": "30000000"}) == 10
    assert heart.beat_s({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}) == 0
    assert heart.beat_s({}) == 0
