"""HQ as it runs on a server: processes of their own on one database, each a worker; callers choose which one they ask."""

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

from sync.line import HttpHq
from tests.house.tree import ROOT


class Workers:
    """Two servers of one worker each, so that a test knows which of them answers."""

    def __init__(self, data: Path, database: str, many: int = 2) -> None:
        self.ports = [_free_port() for _ in range(many)]
        self._running = [self._start(port, data, database) for port in self.ports]
        for port, process in zip(self.ports, self._running, strict=True):
            _wait_for(port, process)

    @staticmethod
    def _start(port: int, data: Path, database: str) -> subprocess.Popen[bytes]:
        environ = {
            **os.environ, "ZINC_DATA": str(data), "ZINC_HQ_DATABASE": database, "ZINC_HQ_WORKERS": "1",
            "ZINC_HQ_BIND": f"127.0.0.1:{port}",
        }  # fmt: skip
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/hq/gunicorn.conf.py", "hq.serving:application()"]
        return subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)

    def line(self, worker: int) -> HttpHq:
        """A box's line to one of them."""
        return HttpHq(f"http://127.0.0.1:{self.ports[worker]}")

    def ask(self, worker: int, method: str, path: str, cookie: str = "", **form: str) -> tuple[int, str, str]:
        """Ask one of them for a page; return its status, its cookie and its text."""
        host = f"127.0.0.1:{self.ports[worker]}"
        caller = http.client.HTTPConnection(host, timeout=20)
        said = {"Cookie": cookie, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        if form:
            said["Content-Type"] = "application/x-www-form-urlencoded"
        caller.request(method, path, urlencode(form) if form else None, said)
        answer = caller.getresponse()
        text, made = answer.read().decode(), answer.getheader("Set-Cookie", "")
        caller.close()
        return answer.status, made.partition(";")[0], text

    def close(self) -> None:
        """End them both."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        try:
            caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            caller.request("GET", "/healthz")
            if caller.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the worker does not answer")
