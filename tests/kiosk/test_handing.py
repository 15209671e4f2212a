"""Files asked for on a box without a place to keep them go to the stick, and the screen says so."""

from pathlib import Path
from typing import Any

import pytest

from kiosk import handing
from kiosk.wiring import Kiosk


def test_a_file_goes_to_the_stick_and_the_screen_says_where(kiosk: Kiosk, screen: Any, tmp_path: Path) -> None:
    """The same key that downloads elsewhere; nothing is offered to the browser."""
    kiosk.settings |= {"downloads": "stick", "sticks": [str(tmp_path)]}
    answer = screen.client.get("/catalogue/file.csv")
    assert answer.status_code == 303
    (written,) = (tmp_path / "zinc").iterdir()
    assert "Café" in written.read_text(encoding="utf-8-sig")
    assert "Sur la clé" in screen.page("/menu/")


def test_without_a_stick_the_screen_asks_for_one(kiosk: Kiosk, screen: Any, tmp_path: Path) -> None:
    """A sentence and its remedy; a stick that takes nothing is another one."""
    kiosk.settings |= {"downloads": "stick", "sticks": [str(tmp_path / "none")]}
    assert screen.client.get("/catalogue/file.csv").status_code == 303
    assert "aucune n’est branchée" in screen.page("/menu/")
    (tmp_path / "zinc").write_text("a file where a folder should be")
    with pytest.raises(handing.StickTrouble):
        handing.write([tmp_path], "x.csv", b"x")


def test_elsewhere_the_browser_keeps_its_download(screen: Any) -> None:
    """A laptop at the counter has a place for files."""
    assert screen.client.get("/catalogue/file.csv").headers["Content-Disposition"].startswith("attachment")


def test_a_file_is_chosen_on_the_stick_where_the_screen_cannot_look(kiosk: Kiosk, screen: Any, tmp_path: Path) -> None:
    """The screen's account sees nothing of a stick: the till lists its files, and takes no other."""
    place = tmp_path / "zinc-sdb1"
    kiosk.settings |= {"downloads": "stick", "sticks": [str(place)]}
    place.mkdir()
    assert "aucun fichier de ce genre" in screen.page("/catalogue/file")
    screen.client.get("/catalogue/file.csv")
    (mine,) = (place / "zinc").iterdir()
    mine.write_text(mine.read_text(encoding="utf-8-sig").replace("Café", "Petit noir"), encoding="utf-8")
    (tmp_path / "other.csv").write_text(mine.read_text())
    page = screen.page("/catalogue/file")
    assert 'type="file"' not in page
    assert f"<option>zinc-sdb1/zinc/{mine.name}</option>" in page
    for asked, status in (("zinc-sdb1/../other.csv", 422), ("", 422), (f"zinc-sdb1/zinc/{mine.name}", 303)):
        sent = {"file-on-stick": asked, "attempt": f"file-{status}"}
        assert screen.client.post("/catalogue/file", data=sent).status_code == status
    assert "Petit noir" in screen.page("/catalogue/")
    for page in ("/settings/machines", "/settings/backups/file"):
        assert 'type="file"' not in screen.page(page)
    kiosk.settings |= {"downloads": "browser"}
    assert 'type="file"' in screen.page("/catalogue/file")
