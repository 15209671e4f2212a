"""`zinc archive`: the file, its hash and how to check it; a refusal in words."""

import subprocess
import sys
from pathlib import Path

from kiosk.wiring import open_kiosk
from pos.archive.make import check
from pos.clock import StoppedClock
from tests.conftest import grant_for, key_of
from tests.house.tree import ROOT
from tests.pos.archive.played import play


def archive(folder: Path, period: str) -> subprocess.CompletedProcess[str]:
    command = ["-m", "kiosk.cli", "--data", str(folder / "cafe"), "archive", "--period", period, "--to", str(folder)]
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_command_writes_a_month_and_says_how_to_check_it(tmp_path: Path) -> None:
    """Exit 0 with the file; exit 1 and a remedy for a month that is not over."""
    clock = StoppedClock("2026-10-10T07:00:00")
    kiosk = open_kiosk(tmp_path / "cafe", clock=clock, settings={})
    hq = key_of("hq")
    grant, signature = grant_for(kiosk.store.keyring, hq)
    kiosk.store.open_journal(grant=grant, signature=signature, hq_key=hq.public)
    play(kiosk.store, clock, "2026-10-10", 2)
    play(kiosk.store, clock, "2026-11-02", 1)
    kiosk.store.close()
    done = archive(tmp_path, "2026-10-10")
    assert done.returncode == 0, done.stdout + done.stderr
    path = tmp_path / "zinc-archive-17-2026-10-10.zip"
    assert check(path, all_seals=True) == ""
    assert "sha256 " in done.stdout
    assert "python3 verifier.py" in done.stdout
    refused = archive(tmp_path, "2199-01")
    assert refused.returncode == 1
    assert "n’est pas clôturée" in refused.stderr
