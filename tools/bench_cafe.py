"""What the bench measures with: a café of its own, the kiosk as served on a box, a screen that taps, /proc."""

import http.client
import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pos import box, zcj  # noqa: E402 - the tree is found first
from pos.clock import Clock, SystemClock  # noqa: E402
from pos.house import FEATURES  # noqa: E402
from pos.seal import GRANT, Keyring  # noqa: E402
from pos.store import Store  # noqa: E402
from pos.till import catalogue, close, people  # noqa: E402

PIN = "1407"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def make_cafe(folder: Path) -> str:
    """Make an enrolled café with its menu and an open day; return who serves."""
    store = open_store(folder)
    op = begin(store)
    close.open_day(store, 15000, by=op)
    store.close()
    return op


def begin(store: Store, hq: Keyring | None = None) -> str:
    """Join a new café's file to a made-up HQ, with one person and the starter menu; return who serves."""
    hq, told = hq or Keyring(secrets.token_bytes(32)), int(time.time() * 1000)
    grant = zcj.encode(
        {"base": None, "cafe": 1, "hq": hq.kid, "issued": told, "key": store.keyring.public.hex(), "n": 1,
         "type": "grant", "v": 1}
    )  # fmt: skip
    box.begin_journal(store, grant, hq.sign(GRANT, grant), hq.public)
    op = people.add_operator(store, role="manager", name="Banc", pin=PIN, by="g1")
    catalogue.load_starter(store, by=op)
    return op


def open_store(folder: Path, clock: Clock | None = None) -> Store:
    """Open the café's store in this process."""
    keyring = Keyring.load_or_make(folder / "box.key")
    return Store(folder / "cafe.db", clock=clock or SystemClock(), keyring=keyring, features=FEATURES)


def three_products(folder: Path) -> list[str]:
    """Return three products of the menu at a fixed price, of several VAT classes when it has them."""
    conn = sqlite3.connect(f"file:{folder / 'cafe.db'}?mode=ro", uri=True)
    rows = conn.execute(
        "SELECT min(product) FROM till_product WHERE open_price = 0 AND role = 'own' AND retired = 0 AND min_age = 0"
        " GROUP BY vat_class ORDER BY vat_class LIMIT 3"
    ).fetchall()
    conn.close()
    return [row[0] for row in rows]


@contextmanager
def serving(*command: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server of ours until the end of the block."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return
        time.sleep(0.02)
    raise SystemExit(f"nothing answers on port {port}")


def kiosk_command(folder: Path, port: int) -> tuple[str, ...]:
    """Return how the kiosk is served on a box."""
    return ("-m", "kiosk.cli", "--data", str(folder), "run", "--port", str(port))


def free_port() -> int:
    """Return a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Screen:
    """A screen of the counter: one kept connection, its cookie, its taps."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookie = ""

    def open(self, path: str) -> bytes:
        """Open a page, following where it leads."""
        self._line.request("GET", path, headers={"Cookie": self._cookie})
        answer = self._line.getresponse()
        said = answer.read()
        if answer.status in (302, 303, 308):
            return self.open(answer.headers["Location"])
        if answer.status != HTTPStatus.OK:
            raise SystemExit(f"GET {path}: {answer.status} {said[:300]!r}")
        return said

    def post(self, path: str, *, refused: bool = False, **form: str) -> bytes:
        """Tap: post a form, as htmx does; `refused`: the till is meant to say no."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "Cookie": self._cookie,
        }
        self._line.request("POST", path, urlencode(form), headers)
        answer = self._line.getresponse()
        said = answer.read()
        cookies = answer.headers.get_all("Set-Cookie") or []
        if cookies:
            self._cookie = "; ".join(cookie.split(";")[0] for cookie in cookies)
        if not refused and answer.status not in (200, 204):
            raise SystemExit(f"POST {path}: {answer.status} {said[:300]!r}")
        return said

    def commit(self, body: bytes) -> None:
        """Have the floor commit some bytes."""
        self._line.request("POST", "/commit", body, {"Content-Type": "application/octet-stream"})
        self._line.getresponse().read()


# ── /proc ────────────────────────────────────────────────────────────────────────────────────


def cpu_s(pid: int) -> float:
    """Return the CPU a process has used, in seconds; to the nanosecond where the kernel counts so."""
    with suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    return status(Path(f"/proc/{pid}/status"), "VmRSS") / 1024


def wakeups(pid: int) -> int:
    """Return how often the threads of a process went to sleep of their own accord."""
    return sum(status(task / "status", "voluntary_ctxt_switches") for task in Path(f"/proc/{pid}/task").iterdir())


def written_bytes(pid: int) -> int:
    """Return the bytes a process sent to the disk."""
    return status(Path(f"/proc/{pid}/io"), "write_bytes")


def status(path: Path, name: str) -> int:
    """Return a number of a status file."""
    line = next(line for line in path.read_text().splitlines() if line.startswith(name + ":"))
    return int(line.split()[1])


def quantile(values: list[float], q: float) -> float:
    """Return the value that a share `q` of all values does not pass."""
    return sorted(values)[min(len(values) - 1, int(len(values) * q))]
