"""PostgreSQL servers of Debian's for the tests that need more than one, or `postgres_fdw`; stopped, killed, started."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def programs() -> Path:
    """The newest of Debian's PostgreSQL that has postgres_fdw."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/lib/postgres_fdw.so"), key=lambda path: int(path.parts[4]))
    if not found:
        pytest.skip("Debian's PostgreSQL with postgres_fdw is not installed")
    return found[-1].parent.parent / "bin"


class Cluster:
    """A server in a folder of its own, reached by its socket only."""

    def __init__(self, port: int) -> None:
        self.bin, self.port = programs(), port
        self.folder = Path(tempfile.mkdtemp(prefix="zfdw"))
        self.data = self.folder / "data"
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-D", str(self.data), "-A", "trust", "-U", "zinc", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        self.start()

    def _run(self, program: str, *words: str) -> None:
        # PostgreSQL refuses to run as root.
        who = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run([*who, str(self.bin / program), *words], check=True, cwd="/", capture_output=True, timeout=60)

    def start(self) -> None:
        """Serve, and wait until it answers."""
        said = f"-k {self.folder} -p {self.port} -c listen_addresses='' -c fsync=off -c max_connections=60"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", log, "-o", said, "start")

    def stop(self) -> None:
        """End at once, as in a power cut: what was not committed is gone."""
        self._run("pg_ctl", "-D", str(self.data), "-m", "immediate", "-w", "stop")

    def url(self, name: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql+psycopg://zinc@/{name}?host={self.folder}&port={self.port}"

    def close(self) -> None:
        """Leave nothing behind."""
        if (self.data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
