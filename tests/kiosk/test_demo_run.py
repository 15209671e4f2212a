"""The demonstration as `dev.py run` starts it: both addresses answer, and one signal ends everything."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _answer(port: str) -> dict[str, object]:
    with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        told: dict[str, object] = json.load(answer)
        return told


def _wait_for_line(process: subprocess.Popen[str], start: str) -> list[str]:
    """Read what is printed until a line begins with `start`."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith(start):
            return said
    raise AssertionError("".join(said))


@pytest.mark.timeout(180)
def test_one_command_gives_a_counter_and_an_hq_and_one_signal_ends_both(tmp_path: Path) -> None:
    """Made once in seconds; the second start keeps the data; nothing runs on after the end."""
    kiosk, office = _free_port(), _free_port()
    settings = {**os.environ, "ZINC_DATA": str(tmp_path), "ZINC_KIOSK_PORT": kiosk, "ZINC_HQ_PORT": office}
    heads = []
    for _start in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk.cli", "demo"], env=settings, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            said = "".join(_wait_for_line(process, "Ctrl-C"))
            assert f":{kiosk}" in said
            assert f":{office}" in said
            assert "PIN" in said
            heads.append(int(str(_answer(kiosk)["head"])))
            assert "version" in _answer(office)
        finally:
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=60)[0]
        assert process.returncode == 0, rest
        for port in (kiosk, office):
            time.sleep(0.1)
            with pytest.raises((URLError, OSError)):
                _answer(port)
    # The second start added its boot entry to the journal of the first.
    assert 1000 < heads[0] < heads[1] <= heads[0] + 10
