"""Which release runs, what the last update came to: said on the kiosk, recorded, and a release taken from a stick (R5)."""

import errno
import hashlib
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from kiosk import announced, scheduler, version
from kiosk.cli import main
from kiosk.updater.release import SAYS
from kiosk.updater.slots import Box
from kiosk.wiring import Kiosk
from pos import box as boxes
from pos import drafts
from pos.clock import StoppedClock
from pos.release import FISCAL_VERSION, VERSION
from pos.system import SoftwareUpdated, TroubleNoted
from pos.till import network, network_lists, tables
from sync import trouble
from sync.line import Challenge, Cursor, Line, Welcome
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


def announce(kiosk: Kiosk, file: Path, number: str) -> None:
    """The network announces a release, and the box may fetch it."""
    data = file.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    text = network_lists.write(network_lists.Software(version=number, size=len(data), sha256=sha256)).decode()
    with kiosk.store.writing(by="hq") as tx:
        drafts.put(tx.conn, network.IN_FORCE + network.SOFTWARE, text)

    class Given(Line):
        def __init__(self) -> None:
            """Nothing is asked of a network."""

        def challenge(self) -> Challenge:
            return Challenge("00" * 16, 0)

        def hello(self, _signed: bytes) -> Welcome:
            return Welcome("open", Cursor(-1, ""), 0, "t")

        def release(self, _sha256: str, first: int, most: int, _token: str) -> bytes:
            if self.cut:
                raise trouble.HqUnreachable
            return data[first : first + most]

        cut = False

    kiosk.line = Given()


@pytest.fixture
def releases(tmp_path: Path) -> Callable[[str, str], Path]:
    """Make a release of a number under a key."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "zinc-9.0.0-py3-none-any.whl").write_bytes(b"wheel")

    def made(number: str, key: str = "release.key") -> Path:
        return sign(
            wheels, tmp_path / key, tmp_path / f"{number}.zip", version=number, fiscal="F0.1", least="0.1.0",
            machine="any", python="any",
        )  # fmt: skip

    return made


def test_a_release_the_network_announces_is_fetched_and_handed_to_the_updater(
    here: Box, screen: Counter, kiosk: Kiosk, releases: Callable[[str, str], Path]
) -> None:
    """Fetched by a tick, looked at as one from a stick, laid once; the page says how far it is."""
    file = releases("9.0.0")
    announce(kiosk, file, "9.0.0")
    kiosk.line.cut = True
    assert announced.due(kiosk)
    assert not announced.fetch(kiosk)
    page = screen.page("/settings/version")
    assert "annonce la version 9.0.0" in page
    assert "0,0" in page
    kiosk.line.cut = False
    assert "release" in scheduler.tick(kiosk)
    assert (kiosk.data / "updates" / "zinc-9.0.0.zip").read_bytes() == file.read_bytes()
    assert not list((kiosk.data / announced.FOLDER).iterdir())
    assert "release" not in scheduler.tick(kiosk)
    assert "arrivée entière" in screen.page("/settings/version")
    assert screen.tap("/settings/version/again").status_code == 204
    assert announced.due(kiosk)


def test_an_announced_release_the_updater_would_refuse_is_said_and_not_laid(
    here: Box, screen: Counter, kiosk: Kiosk, tmp_path: Path, releases: Callable[[str, str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """A stranger's signature: a sentence, an entry, nothing laid, not fetched again; no room is tried again."""
    new_key(tmp_path / "stranger.key")
    announce(kiosk, releases("9.0.0", "stranger.key"), "9.0.0")
    assert not announced.fetch(kiosk)
    page = screen.page("/settings/version")
    assert "pas signée" in page
    assert "annonce la version 9.0.0" in page
    assert TroubleNoted(what="release_refused", detail="9.0.0 unsigned") in events(kiosk, TroubleNoted)
    assert not announced.due(kiosk)
    assert not list((kiosk.data / "updates").glob("*.zip"))
    announce(kiosk, releases("9.1.0"), "9.1.0")

    def full(*_args: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        patch.setattr("kiosk.version.shutil.copyfile", full)
        assert not announced.fetch(kiosk)
    assert announced.due(kiosk)
    assert announced.fetch(kiosk)


def test_a_till_without_slots_says_the_announcement_and_fetches_nothing(
    screen: Counter, kiosk: Kiosk, releases: Callable[[str, str], Path], tmp_path: Path
) -> None:
    """A clone: whoever installed it brings the version."""
    new_key(tmp_path / "release.key")
    announce(kiosk, releases("9.0.0"), "9.0.0")
    assert not announced.due(kiosk)
    assert not announced.fetch(kiosk)
    assert "apportera" in screen.page("/settings/version")
