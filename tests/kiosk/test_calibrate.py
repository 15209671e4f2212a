"""Calibration of a box: figures come from work really done, and nothing is left behind."""

from pathlib import Path

from kiosk import calibrate


def test_a_box_is_measured_and_nothing_stays(tmp_path: Path) -> None:
    """Each figure is above zero, and the file of the commits is gone."""
    found = calibrate.measure(tmp_path, at=5, loops=20_000, commits=5)
    assert found.at == 5
    assert found.loop > 0
    assert found.hash_mb_s > 0
    assert 0 < found.commit <= found.commit_worst
    assert found.page > 0
    assert found.sqlite.count(".") == 2
    assert list(tmp_path.iterdir()) == []


def test_a_board_says_its_name(tmp_path: Path) -> None:
    """A Raspberry Pi names itself, with the zero byte its firmware adds; another machine says its processor."""
    (tmp_path / "proc/device-tree").mkdir(parents=True)
    (tmp_path / "proc/device-tree/model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
    assert calibrate.machine(tmp_path) == "Raspberry Pi 4 Model B Rev 1.4"
    assert calibrate.machine(tmp_path / "none") != ""
