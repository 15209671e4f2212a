"""The command line beside a running till."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk.cli import main
from kiosk.wiring import open_kiosk


@pytest.mark.parametrize(
    "asked", [["retell"], ["push"], ["run"], ["archive", "--period", "2026-10"], ["enrol", "X", "--hq", "https://h"]]
)
def test_a_command_beside_a_running_till_says_so(tmp_path: Path, asked: list[str]) -> None:
    """One writer only: a sentence and what to do, exit 1, no traceback."""
    running = open_kiosk(tmp_path, alone=True, settings={"printer": {"kind": "none"}})
    try:
        done = CliRunner().invoke(main, ["--data", str(tmp_path), *asked])
    finally:
        running.store.close()
        running.lock.close()  # type: ignore[union-attr]
    assert done.exit_code == 1
    assert "Zinc tourne déjà" in done.output
    assert isinstance(done.exception, SystemExit)
