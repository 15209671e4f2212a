"""Which release runs, what the last update came to: said on the kiosk, recorded, and a release taken from a stick (R5)."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk import scheduler, version
from kiosk.cli import main
from kiosk.updater.release import SAYS
from kiosk.updater.slots import Box
from kiosk.wiring import Kiosk
from pos import box as boxes
from pos import drafts
from pos.clock import StoppedClock
from pos.release import FISCAL_VERSION, VERSION
from pos.system import SoftwareUpdated, TroubleNoted
from pos.till import tables
from tests.kiosk.conftest import Counter
from tools.release import new_key, sign


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    """The program runs from slot a of a box."""
    box = Box(root=tmp_path / "root")
    box.slot("a").mkdir(parents=True)
    box.keys.parent.mkdir(parents=True)
    box.keys.write_text(new_key(tmp_path / "release.key") + "\n")
    monkeypatch.setattr(sys, "prefix", str(box.slot("a")))
    return box


def tell(box: Box, clock: StoppedClock, **facts: object) -> None:
    (box.app / "update.json").write_text(json.dumps({"at": clock.now_ms() // 1000, "params": {}, **facts}))


def events(kiosk: Kiosk, kind: type) -> list[object]:
    found = [kiosk.store.event(kiosk.store._writer, n).event for n in range(kiosk.store.tip().seq + 1)]
    return [one for one in found if isinstance(one, kind)]


def test_outside_a_box_nothing_is_said_and_nothing_can_be_put_on(screen: Counter) -> None:
    """A clone and the demonstration have no slots."""
    assert VERSION in screen.page("/settings/version")
    assert screen.tap("/settings/version/take", name="zinc-9.zip").status_code == 422


def test_an_update_is_a_calm_line_for_a_day(here: Box, screen: Counter, clock: StoppedClock) -> None:
    """On the locked screen until tomorrow, on the page for good; what went back is in words, and says nothing is lost."""
    tell(here, clock, state="good", version="0.2.0")
    assert "Mise à jour en version 0.2.0" in screen.client.get("/lock").text
    tell(here, clock, state="returned", version="0.2.0", code="no_answer")
    page = screen.client.get("/lock").text
    assert "la précédente est revenue" in page
    assert "Rien n’est perdu" in page
    clock.tick(25 * 3_600_000)
    assert "précédente" not in screen.client.get("/lock").text
    screen.sign_in()
    assert "la précédente est revenue" in screen.page("/settings/version")


def test_every_state_of_an_update_can_be_said(here: Box, screen: Counter, clock: StoppedClock) -> None:
    """Whatever the updater wrote, a spoilt file included, the pages open."""
    params = {"name": "x", "new": "2", "old": "1", "least": "1", "theirs": "a", "ours": "b", "need": 3}
    for state in ("building", "trying", "returning", "stopped", "good", "refused", "returned"):
        for code in ("", *SAYS):
            told = {"at": clock.now_ms() // 1000, "state": state, "version": "2", "code": code, "params": params}
            assert version.said(told) or state in ("stopped", "refused", "returned")
    for spoilt in ("", "{", "[]", '"x"'):
        (here.app / "update.json").write_text(spoilt)
        assert screen.client.get("/lock").status_code == 200
        screen.page("/settings/version")


def test_an_update_that_came_back_is_recorded_once(here: Box, kiosk: Kiosk, clock: StoppedClock) -> None:
    """The journal holds that it was tried, and why not kept."""
    tell(here, clock, state="returned", version="0.2.0", code="no_answer")
    scheduler.tick(kiosk)
    scheduler.tick(kiosk)
    assert events(kiosk, TroubleNoted) == [TroubleNoted(what="update_returned", detail="0.2.0 no_answer")]


def test_totals_and_numbers_go_on_from_one_version_to_the_next(kiosk: Kiosk, screen: Counter) -> None:
    """R5: old and new software and fiscal version are an entry; sequence and perpetual total are the same."""
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, "software", "0.0.9/F0.0")
    tip = kiosk.store.tip().seq
    with kiosk.store.reading() as conn:
        before = tables.total(conn, tables.EVER, "turnover", "algebraic"), tables.next_no(conn)
    boxes.start(kiosk.store)
    boxes.start(kiosk.store)
    assert events(kiosk, SoftwareUpdated) == [SoftwareUpdated(old="0.0.9/F0.0", new=f"{VERSION}/{FISCAL_VERSION}")]
    assert kiosk.store.tip().seq == tip + 3
    with kiosk.store.reading() as conn:
        assert (tables.total(conn, tables.EVER, "turnover", "algebraic"), tables.next_no(conn)) == before
    assert "de 0.0.9/F0.0 à" in screen.page("/settings/version")


def test_a_release_on_a_stick_is_laid_down_or_refused_in_words(
    here: Box, screen: Counter, kiosk: Kiosk, tmp_path: Path
) -> None:
    """One tap lays the right file where the updater looks; a foreign or older one says why not."""
    stick, wheels = tmp_path / "STICK", tmp_path / "wheels"
    for folder in (stick, wheels):
        folder.mkdir()
    kiosk.settings["sticks"] = [str(stick)]
    (wheels / "zinc-9.0.0-py3-none-any.whl").write_bytes(b"wheel")

    def made(name: str, number: str, key: Path) -> None:
        sign(wheels, key, stick / name, version=number, fiscal="F0.1", least="0.1.0", machine="any", python="any")

    new_key(tmp_path / "stranger.key")
    made("zinc-9.0.0.zip", "9.0.0", tmp_path / "release.key")
    made("zinc-0.0.1.zip", "0.0.1", tmp_path / "release.key")
    made("zinc-8.0.0.zip", "8.0.0", tmp_path / "stranger.key")
    (stick / "zinc-note.zip").write_text("not a zip")
    page = screen.page("/settings/version")
    assert "Mettre la version 9.0.0" in page
    assert "n’est pas plus récente" in page
    assert "pas signée" in page
    assert "pas une version de Zinc" in page
    assert screen.tap("/settings/version/take", name="zinc-8.0.0.zip").status_code == 422
    assert not list((kiosk.data / "updates").glob("*.zip"))
    assert screen.tap("/settings/version/take", name="zinc-9.0.0.zip").status_code == 204
    assert (kiosk.data / "updates" / "zinc-9.0.0.zip").read_bytes() == (stick / "zinc-9.0.0.zip").read_bytes()
    assert "zinc-9.0.0.zip attend" in screen.page("/settings/version")

    asked = ["--data", str(kiosk.data), "update"]
    done = CliRunner().invoke(main, [*asked, str(stick / "zinc-8.0.0.zip")])
    assert (done.exit_code, "pas signée" in done.output) == (1, True)
    assert CliRunner().invoke(main, [*asked, str(stick / "zinc-9.0.0.zip")]).exit_code == 0
