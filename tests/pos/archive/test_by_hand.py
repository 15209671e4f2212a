"""The check by hand, as docs/archives.md writes it: bash, sha256sum and openssl, nothing of ours."""

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from pos.archive.make import Made
from pos.seal import kid_of
from tests.conftest import key_of
from tests.house.tree import ROOT

needs_openssl = pytest.mark.skipif(
    not shutil.which("openssl") or not shutil.which("bash"),
    reason="SKIPPED, NOT CHECKED: openssl (3 or later) and bash are needed for the check by hand",
)


def documented() -> str:
    """The commands of the page, one after the other."""
    page = (ROOT / "docs" / "archives.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 6
    return "set -eu -o pipefail\n" + "\n".join(blocks)


def by_hand(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", documented()], cwd=folder, capture_output=True, text=True, check=False)


@needs_openssl
def test_the_documented_commands_find_an_archive_whole(october: Made, tmp_path: Path) -> None:
    """R27: signature, sums, grant, one seal, the whole chain; the key's short name is the one we print."""
    with zipfile.ZipFile(october.path) as packed:
        packed.extractall(tmp_path / "x")
    done = by_hand(tmp_path / "x")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 3
    assert kid_of(key_of("box").public) in done.stdout


@needs_openssl
@pytest.mark.parametrize("name", ["journal/journal-1.ndjson", "MANIFESTE.json", "tableaux/tickets.csv"])
def test_the_documented_commands_find_one_changed_byte(october: Made, tmp_path: Path, name: str) -> None:
    """A changed file stops them."""
    with zipfile.ZipFile(october.path) as packed:
        packed.extractall(tmp_path / "x")
    data = bytearray((tmp_path / "x" / name).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "x" / name).write_bytes(data)
    assert by_hand(tmp_path / "x").returncode != 0
