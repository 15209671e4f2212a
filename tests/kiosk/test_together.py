"""Programs run together: ended in order, killed when deaf, never left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kiosk.together import CannotRun, Together, need_free_port

DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


@pytest.fixture(autouse=True)
def _own_signals() -> object:
    """Give pytest its signals back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def test_a_taken_port_is_told_with_the_way_out() -> None:
    """Another program on 8080 is common: say which setting changes it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotRun, match="ZINC_KIOSK_PORT="):
            need_free_port(taken.getsockname()[1], "ZINC_KIOSK_PORT")


def test_all_end_with_the_block() -> None:
    """Leaving ends what was started, whatever the reason."""
    with Together() as house:
        house.start("one", "-c", "import time; time.sleep(60)")
        house.start("two", "-c", "import time; time.sleep(60)")
    assert all(child.process.poll() is not None for child in house.children)


def test_a_deaf_program_is_killed() -> None:
    """A stubborn process does not keep the others waiting for ever."""
    with Together(stop_wait_s=0.3) as house:
        house.start("deaf", "-c", DEAF)
        time.sleep(0.5)
    assert house.children[0].process.poll() is not None


def test_the_end_of_a_needed_program_ends_the_rest() -> None:
    """A counter without its HQ process would look well and not be."""
    with pytest.raises(CannotRun, match="HQ ended by itself"), Together() as house:  # noqa: PT012
        house.start("HQ", "-c", "raise SystemExit(3)")
        house.start("counter", "-c", "import time; time.sleep(60)")
        house.stay()
    assert all(child.process.poll() is not None for child in house.children)


def test_one_that_is_not_needed_may_end() -> None:
    """The other cafés are made once; their end is good news."""
    with Together() as house:
        house.start("others", "-c", "pass", needed=False)
        house.children[0].process.wait()
        house.check()


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    """A kill -9 of the demonstration leaves no till running on its port."""
    script = (
        "import sys, time; from kiosk.together import Together\n"
        "with Together() as house:\n"
        "    house.start('one', '-c', 'import time; time.sleep(60)')\n"
        "    print(house.children[0].process.pid, flush=True); time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.3)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(50):
        if not _alive(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the child outlived its parent")


def _alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "zombie" not in status.read_text()
