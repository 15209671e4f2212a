"""The kiosk as a process: it answers, and leaves cleanly when told to."""

import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]

RUN = """
import sys
from pathlib import Path
from kiosk.app import serve
from pos.clock import SystemClock
from tests.kiosk.cafe import open_cafe
kiosk = open_cafe(Path(sys.argv[1]), SystemClock())
try:
    serve(kiosk, int(sys.argv[2]))
finally:
    kiosk.store.close()
"""


def free_port() -> int:
    """A port nobody listens on."""
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_sigterm_ends_the_kiosk_cleanly(tmp_path: Path) -> None:
    """The box may be switched off: the process ends by itself within seconds, its store closed."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path), str(port)], cwd=ROOT) as process:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                    assert answer.status == 200
                break
            except OSError:
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert not (tmp_path / "cafe.db-wal").exists()
