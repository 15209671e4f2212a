"""Releases of the till at HQ: signed by the publisher, announced step by step, given in parts to whom they are announced."""

import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from hq import fleet, releases
from hq.access import OFFICE, NotAllowed, User
from hq.acts import acts
from hq.app import create_app
from hq.cli import main
from hq.register import NoSuchCafe, Sheet, add_cafe
from hq.releases import BadRelease, NotMeant
from hq.wiring import Office
from tests.hq import made_up
from tests.hq.browsing import Browser
from tools.release import new_key, sign

ANTENNA = User("a", "a", "antenna", 3)


def release(folder: Path, version: str, *, key: str = "release.key", content: bytes = b"wheel") -> Path:
    """A release as the publisher makes it."""
    wheels = folder / "wheels"
    wheels.mkdir(exist_ok=True)
    (wheels / "zinc-9.0.0-py3-none-any.whl").write_bytes(content)
    return sign(
        wheels, folder / key, folder / f"zinc-{version}.zip", version=version, fiscal="F0.1", least="0.1.0",
        machine="any", python="any",
    )  # fmt: skip


@pytest.fixture
def shelf(office: Office) -> Path:
    """HQ's folder, where the publisher's key is known."""
    folder = office.config.data
    (folder / releases.KEYS).write_text(new_key(folder / "release.key") + "\n")
    return folder


def keep(office: Office, file: Path) -> str:
    """Keep a release."""
    with office.db.writing() as conn:
        return releases.add(conn, office.config.data, file, by="t", now_ms=office.clock.now_ms())


def tell(office: Office, version: str, whom: str = "network", number: int = 0, *, user: User = OFFICE) -> None:
    """Announce a release."""
    with office.db.writing() as conn:
        releases.announce(conn, user, version, whom, number, typed=f" {version} ", now_ms=office.clock.now_ms())


def test_a_release_is_kept_once_as_the_publisher_signed_it(office: Office, shelf: Path) -> None:
    """The same file again is no second one; another file of the same version is refused; the trail tells it."""
    file = release(shelf, "9.0.0")
    assert keep(office, file) == keep(office, file) == "9.0.0"
    with office.db.reading() as conn:
        ((row, aims),) = releases.listed(conn)
        assert [one["act"] for one in acts(conn)] == ["release.added"]
    assert aims == []
    assert releases.path_of(shelf, row["sha256"]).read_bytes() == file.read_bytes()
    with pytest.raises(BadRelease, match="kept"):
        keep(office, release(shelf, "9.0.0", content=b"other"))


def test_what_the_publisher_did_not_sign_is_refused_in_words(office: Office, shelf: Path) -> None:
    """A stranger's key, a cut file, a changed wheel, a strange version, an HQ without the publisher's key."""
    new_key(shelf / "stranger.key")
    good = release(shelf, "9.0.0")
    cut = shelf / "cut.zip"
    cut.write_bytes(good.read_bytes()[:200])
    changed = shelf / "changed.zip"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            target.writestr(name, b"other" if name.startswith("wheels/") else source.read(name))
    bare = shelf / "bare.zip"
    with zipfile.ZipFile(bare, "w") as target:
        target.writestr("manifest.json", "{}")
    for file, why in (
        (release(shelf, "8.0.0", key="stranger.key"), "pas signée"), (cut, "coupé"), (changed, "coupé"), (bare, "coupé"),
        (release(shelf, "9.0.0-beta"), "coupé"),
    ):  # fmt: skip
        with pytest.raises(BadRelease) as refused:
            keep(office, file)
        assert why in refused.value.what(), file
    (shelf / releases.KEYS).unlink()
    with pytest.raises(BadRelease) as refused:
        keep(office, good)
    assert "release.pub" in refused.value.what()
    with office.db.reading() as conn:
        assert releases.listed(conn) == []


def test_the_newest_announced_version_is_a_cafes_and_withdrawn_is_nobodys(office: Office, shelf: Path) -> None:
    """One café, an antenne, the network: numbers compare as numbers; a withdrawn one is announced to nobody."""
    for version in ("9.2.0", "9.10.0", "9.9.0"):
        keep(office, release(shelf, version))
    with office.db.writing() as conn:
        sheet = Sheet(name="Café", insee="53195", antenna=4, model="managed")
        cafe = add_cafe(conn, sheet, by="t", now_ms=office.clock.now_ms())
    tell(office, "9.2.0")
    tell(office, "9.10.0", "cafe", cafe)
    tell(office, "9.9.0", "antenna", 4)
    tell(office, "9.9.0", "antenna", 4)
    with office.db.reading() as conn:
        told = [releases.for_cafe(conn, *one) for one in ((cafe, 4), (cafe + 1, 4), (cafe + 1, 3), (cafe + 1, None))]
        assert [one.version for one in told if one] == ["9.10.0", "9.9.0", "9.2.0", "9.2.0"]
        assert [row["version"] for row, _aims in releases.listed(conn)] == ["9.10.0", "9.9.0", "9.2.0"]
        assert len([one for one in acts(conn) if one["act"] == "release.announced"]) == 3
    for version in ("9.2.0", "9.9.0", "9.10.0", "9.10.0"):
        with office.db.writing() as conn:
            releases.withdraw(conn, OFFICE, version, now_ms=office.clock.now_ms())
    with office.db.reading() as conn:
        assert releases.for_cafe(conn, cafe, 4) is None


def test_an_announcement_is_meant_by_somebody_who_may(office: Office, shelf: Path) -> None:
    """The version is typed again; only national accounts announce; a strange café, antenne or version is refused."""
    keep(office, release(shelf, "9.0.0"))
    with office.db.writing() as conn:
        with pytest.raises(NotMeant):
            releases.announce(conn, OFFICE, "9.0.0", "network", 0, typed="9.0", now_ms=1)
        with pytest.raises(NotAllowed):
            releases.announce(conn, ANTENNA, "9.0.0", "network", 0, typed="9.0.0", now_ms=1)
        with pytest.raises(NotAllowed):
            releases.withdraw(conn, ANTENNA, "9.0.0", now_ms=1)
        with pytest.raises(NoSuchCafe):
            releases.announce(conn, OFFICE, "9.0.0", "cafe", 99, typed="9.0.0", now_ms=1)
        for version, whom, number in (("9.0.0", "antenna", 77), ("9.0.0", "moon", 0), ("7.0.0", "network", 0)):
            with pytest.raises(BadRelease):
                releases.announce(conn, OFFICE, version, whom, number, typed=version, now_ms=1)
        assert releases.for_cafe(conn, 1, 3) is None


def test_a_file_that_is_gone_gives_nothing(tmp_path: Path) -> None:
    """HQ put back without its folder of releases: a box is told so, and asks again."""
    assert releases.piece(tmp_path, "0" * 64, 0, 10) == b""


@pytest.fixture
def app(office: Office) -> Flask:
    """The office with its accounts and twelve cafés."""
    made_up.people(office)
    made_up.network(office)
    return create_app(office)


def test_the_page_announces_after_the_version_is_typed_again(office: Office, shelf: Path, app: Flask) -> None:
    """A national coordinator announces to one café, reads it on the page, withdraws; others look only."""
    keep(office, release(shelf, "9.0.0"))
    nadia = Browser(app)
    nadia.sign_in("nadia")
    assert "Annoncée à personne" in nadia.read("/releases")
    nadia.post("/releases/9.0.0/announce", whom="cafe:8", typed="9.0")
    assert "Annoncée à personne" in nadia.read("/releases")
    nadia.post("/releases/9.0.0/announce", whom="cafe:8", typed="9.0.0")
    with office.db.reading() as conn:
        assert releases.for_cafe(conn, 8, 3) is not None
        assert releases.for_cafe(conn, 2, 2) is None
        assert fleet.versions(conn, OFFICE)
    assert "Annoncée à personne" not in nadia.read("/releases")
    nadia.post("/releases/9.0.0/withdraw")
    nadia.post("/releases/9.1.0/withdraw")
    assert "Annoncée à personne" in nadia.read("/releases")
    ines = Browser(app)
    ines.sign_in("ines")
    assert "Annoncer la version" not in ines.read("/releases")


def test_the_command_keeps_a_release_or_says_why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On HQ's own machine: one word, one file."""
    monkeypatch.setenv("ZINC_DATA", str(tmp_path))
    monkeypatch.delenv("ZINC_HQ_DATABASE", raising=False)
    shelf = tmp_path / "hq"
    shelf.mkdir()
    public = new_key(shelf / "release.key")
    file = release(shelf, "9.0.0")
    refused = CliRunner().invoke(main, ["release", str(file)])
    assert (refused.exit_code, "release.pub" in refused.output) == (1, True)
    (shelf / releases.KEYS).write_text(public)
    kept = CliRunner().invoke(main, ["release", str(file)])
    assert (kept.exit_code, "9.0.0" in kept.output) == (0, True)
