"""A till that cannot open says why on its screen, and opens once it can."""

import fcntl
import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from kiosk import outage
from pos.clock import StoppedClock
from pos.errors import DiskFull
from pos.house import FEATURES
from pos.store import Store
from tests.conftest import key_of
from tests.kiosk.test_serve import ROOT, free_port


def asked(port: int, path: str = "/") -> tuple[int, str]:
    """What the till answers, once somebody does."""
    deadline = time.monotonic() + 30
    while True:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        finally:
            line.close()


def test_a_damaged_file_is_said_on_the_screen_and_put_right_it_opens(tmp_path: Path, clock: StoppedClock) -> None:
    """No dead screen that says « it starts »: what is the matter, whom to call; the updater sees that the release lives."""
    (tmp_path / "cafe.db").write_bytes(b"no database at all" * 100)
    port, opened = free_port(), []

    def begin() -> Store:
        return Store(tmp_path / "cafe.db", clock=clock, keyring=key_of("box"), features=FEATURES)

    def run() -> None:
        opened.append(outage.until_open(begin, tmp_path, port, every_s=0.05))

    waiting = threading.Thread(target=run, daemon=True)
    waiting.start()
    for path in ("/", "/lock", "/healthz"):
        status, said = asked(port, path)
        assert status == 503
        assert "abîmé" in said
    assert asked(port, "/static/tokens.css")[0] == 200
    assert (tmp_path / "alive").exists()
    (tmp_path / "cafe.db").unlink()
    waiting.join(timeout=30)
    assert opened
    opened[0].close()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))


@pytest.mark.parametrize("problem", [DiskFull(), OSError(28, "No space left on device")])
def test_a_full_disk_is_said_and_a_mistake_of_ours_is_not_hidden(tmp_path: Path, problem: Exception) -> None:
    """What is no trouble of the disk ends the start, as before: the updater counts it."""
    port, turns = free_port(), [problem, sqlite3.OperationalError("no such column: x")]

    def begin() -> None:
        if len(turns) == 1:
            said.append(asked(port)[1])
        raise turns.pop(0)

    said: list[str] = []
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        outage.until_open(begin, tmp_path, port, every_s=0.01)
    assert "disque du boîtier est plein" in said[0]


def test_the_till_as_a_process_waits_with_its_files_free(tmp_path: Path) -> None:
    """`zinc run` on a damaged file: the page is there, the lock is not held, and it ends when told to."""
    (tmp_path / "cafe.db").write_bytes(b"no database at all" * 100)
    port = free_port()
    command = [sys.executable, "-m", "kiosk.cli", "--data", str(tmp_path), "run", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "ZINC_CONFIG": ""}) as process:
        assert asked(port)[0] == 503
        with (tmp_path / "zinc.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == -signal.SIGTERM
