"""A till that nobody touches: no library it does not need, no waking up, nothing written to the card."""

import http.client
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.kiosk.test_serve import ROOT, RUN, free_port

# What paper, invoices and the office need, and a coffee does not.
HEAVY = ("escpos", "PIL", "yaml", "qrcode", "serial", "reportlab", "facturx", "lxml", "sqlalchemy", "psycopg")

SELL = """
import sys
from pathlib import Path
from kiosk.app import create_app
from pos.clock import StoppedClock
from pos.hardware import open_devices
from tests.kiosk import cafe
from tests.kiosk.conftest import Counter
kiosk = cafe.open_cafe(Path(sys.argv[1]), StoppedClock("2026-11-20T07:02:00+01:00"))
kiosk.devices = open_devices({"kind": "none"})
screen = Counter(create_app(kiosk).test_client())
screen.sign_in()
screen.page()
screen.tap("/bill/add/cafe", attempt="a1")
assert screen.tap("/bill/pay/cash", attempt="a2").status_code == 200
with kiosk.store.reading() as conn:
    assert conn.execute("SELECT count(*) FROM till_ticket").fetchone()[0] == 1
kiosk.store.close()
assert "pos.kind_words" not in sys.modules
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def of_process(pid: int, file: str, name: str) -> int:
    """A number of the kernel's account of a process, over all its threads."""
    files = [Path(f"/proc/{pid}/io")] if file == "io" else Path(f"/proc/{pid}/task").glob("*/status")
    return sum(int(re.search(rf"^{name}:\s*(\d+)", told.read_text(), re.MULTILINE)[1]) for told in files)


def test_a_coffee_loads_no_machine_s_library(tmp_path: Path) -> None:
    """Without a printer, the library that draws for it (16 MB, a second on a small box) is never loaded."""
    done = subprocess.run(
        [sys.executable, "-c", SELL, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-800:]
    assert sorted(set(HEAVY) & set(done.stdout.split())) == []


def test_at_rest_nothing_is_written_and_nobody_wakes_up(tmp_path: Path) -> None:
    """No polling: a few wake-ups of the kernel's own, and not one byte for the card."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path), str(port)], cwd=ROOT) as kiosk:
        until, page = time.monotonic() + 60, 0
        while page != 200 and time.monotonic() < until:
            try:
                line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
                line.request("GET", "/healthz")
                page = line.getresponse().status
                line.close()
            except OSError:
                time.sleep(0.05)
        # What the start began is over when half a second passes without a byte.
        calm = False
        while not calm and time.monotonic() < until:
            woken, written = (
                of_process(kiosk.pid, "status", "voluntary_ctxt_switches"),
                of_process(kiosk.pid, "io", "write_bytes"),
            )
            time.sleep(0.5)
            calm = of_process(kiosk.pid, "io", "write_bytes") == written
            calm = calm and of_process(kiosk.pid, "status", "voluntary_ctxt_switches") - woken <= 3
        kiosk.terminate()
        kiosk.wait(30)
    assert calm
