"""What puts Zinc on a box: laid in an empty folder as far as that goes without being root.

The rest was tried in a clean Debian, started with systemd (docs/box.md says how).
"""

import base64
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from pos.config import load_settings
from tests.house.tree import ROOT, name_of, text_of

DEPLOY = ROOT / "deploy"
SCRIPTS = sorted(p for p in DEPLOY.rglob("*") if p.is_file() and text_of(p).startswith("#!/bin/sh"))
UNITS = sorted((DEPLOY / "systemd").iterdir())
PORT = "127.0.0.1:8080"


def laid(folder: Path) -> str:
    """Lay the files under a folder; return what was said."""
    done = subprocess.run(
        ["sh", str(DEPLOY / "install.sh"), "--root", str(folder)], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the files of the box."""
    folder = tmp_path_factory.mktemp("box")
    laid(folder)
    return folder


def settings_of(unit: Path) -> list[tuple[str, str, str]]:
    """Section, key and value of each line of a unit."""
    found, section = [], ""
    for line in text_of(unit).splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith(("#", ";")):
            key, sign, value = line.partition("=")
            assert sign, f"{unit.name}: {line}"
            found.append((section, key, value))
    return found


def test_laid_twice_is_laid_once(box: Path) -> None:
    """The second run changes nothing, and the café's own settings are never written over."""
    settings = box / "etc" / "zinc" / "cafe.toml"
    settings.write_text('hq_url = "https://siege.example"\n')
    said = laid(box)
    assert [line for line in said.splitlines() if not line.startswith("──")] == []
    assert "siege.example" in settings.read_text()


def test_the_first_settings_of_a_box_can_be_read() -> None:
    """What the installer writes loads, with the keys of cafe.example.toml."""
    assert load_settings(DEPLOY / "cafe.toml")["log_json"] is True


@pytest.mark.parametrize("script", SCRIPTS, ids=name_of)
def test_scripts_are_plain_shell(script: Path) -> None:
    """A box has dash: the script parses, stops at the first fault, and may be started."""
    subprocess.run(["sh", "-n", str(script)], check=True)
    assert "set -eu" in text_of(script)
    assert os.access(script, os.X_OK)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="Debian's shellcheck is not installed")
def test_shellcheck_finds_nothing() -> None:
    """What a shell would do with an empty word or a space in a name."""
    done = subprocess.run(["shellcheck", *map(str, SCRIPTS)], capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_units_say_a_thing_once(unit: Path) -> None:
    """Sections are known; a key that is no list stands once."""
    told = settings_of(unit)
    assert {section for section, _key, _value in told} <= {"Unit", "Service", "Timer", "Path", "Mount", "Install"}
    lists = {"Environment", "DeviceAllow", "SystemCallFilter", "After", "ExecStartPre", "ReadWritePaths", "Conflicts"}
    twice = [key for (section, key), n in Counter((s, k) for s, k, _v in told).items() if n > 1 and key not in lists]
    assert twice == []


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_every_file_a_unit_starts_is_laid(unit: Path, box: Path) -> None:
    """A path of ours in a unit is laid by the installer, or is the program in its slot."""
    commands = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["scripts"]
    ours = {path for _s, _k, value in settings_of(unit) for path in re.findall(r"/opt/zinc[\w./@-]*", value)}
    for path in ours:
        if path.startswith("/opt/zinc/current/bin/"):
            assert path.rsplit("/", 1)[1] in {*commands, "python"}
        elif path.startswith("/opt/zinc/box/"):
            assert (box / path[1:]).exists(), path


def test_the_till_is_kept_small_and_shut_in() -> None:
    """No right, no device but its machines, no folder but its own; started again for ever; watched."""
    told = {key: value for _s, key, value in settings_of(DEPLOY / "systemd" / "zinc.service")}
    assert told["Type"] == "notify"
    assert int(told["WatchdogSec"]) <= 60
    assert (told["Restart"], told["StartLimitIntervalSec"]) == ("always", "0")
    assert (told["User"], told["NoNewPrivileges"], told["ProtectSystem"]) == ("zinc", "yes", "strict")
    assert (told["CapabilityBoundingSet"], told["DevicePolicy"]) == ("", "closed")
    assert (told["StateDirectory"], told["UMask"]) == ("zinc", "0077")
    screen = {key: value for _s, key, value in settings_of(DEPLOY / "systemd" / "zinc-screen.service")}
    # The browser's account is not the till's, and cannot open its files (R22).
    assert screen["User"] == "zinc-screen"
    assert "/var/lib/zinc" in screen["InaccessiblePaths"]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
def test_systemd_reads_the_units_and_finds_the_till_safe(box: Path) -> None:
    """`systemd-analyze security` stays at 2.5 of 10 or better for the till, 5 for the screen."""
    for name, most in (("zinc.service", 25), ("zinc-screen.service", 50)):
        unit = box / "etc" / "systemd" / "system" / name
        asked = ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={most}", str(unit)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if "unrecognized option" in done.stderr:
            pytest.skip("this systemd cannot look at a unit that is not installed")
        assert done.returncode == 0, (done.stderr or done.stdout)[-300:]
        assert "Unknown" not in done.stderr


def test_rules_for_machines_are_well_formed() -> None:
    """Each line is a list of KEY, operator, value; nothing is set without saying for which subsystem."""
    part = re.compile(r'[A-Z]+(?:\{[\w/:.]+\})?(==|!=|\+=|:=|=)"[^"]*"')
    for rules in sorted((DEPLOY / "udev").glob("*.rules")):
        for line in text_of(rules).splitlines():
            if not line or line.startswith("#"):
                continue
            assert all(part.fullmatch(one) for one in re.split(r",\s*(?=[A-Z])", line)), line
            assert "SUBSYSTEM==" in line or line.startswith(("LABEL", "GOTO")), line


def test_the_browser_speaks_french_whatever_the_boxs_language(tmp_path: Path) -> None:
    """An English browser takes 05/12 for the 12th of May: its French is installed, and asked for when it starts."""
    told = tmp_path / "told"
    (tmp_path / "chromium").write_text(f'#!/bin/sh\necho "$LANGUAGE" > {told}\n')
    (tmp_path / "chromium").chmod(0o755)
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "RUNTIME_DIRECTORY": str(tmp_path), "LANG": "en_GB.UTF-8"}
    subprocess.run(["sh", str(ROOT / "deploy" / "screen" / "zinc-screen")], env=env, check=True)
    assert told.read_text() == "fr\n"
    assert "chromium-l10n" in (ROOT / "deploy" / "install.sh").read_text()


def test_screen_policy_and_waiting_page_know_the_same_till(box: Path) -> None:
    """One port, in the unit, on the page that waits, and in the list of what the browser may open."""
    assert "--port 8080" in text_of(DEPLOY / "systemd" / "zinc.service")
    page = box / "opt" / "zinc" / "box" / "wait.html"
    assert f"http://{PORT}/" in page.read_text()
    policy = json.loads((box / "etc" / "chromium" / "policies" / "managed" / "zinc.json").read_text())
    assert policy["URLAllowlist"] == [PORT, "file:///opt/zinc/box/"]
    assert "*" in policy["URLBlocklist"]
    # The customer's browser goes from the same page to its own, and each window has its output.
    screens = (box / "opt" / "zinc" / "box" / "zinc-screens").read_text()
    assert "wait.html#customer/" in screens
    assert "location.hash" in page.read_text()
    assert all(f"app-ids=zinc-{side}" in screens for side in ("counter", "customer"))
    assert '--class="zinc-$side"' in (box / "opt" / "zinc" / "box" / "zinc-screen").read_text()
    # It works from the disk alone: nothing is fetched but the till's answer.
    assert re.findall(r"""(?:src|href)=""", page.read_text()) == []


@pytest.fixture(scope="module")
def wheel() -> ModuleType:
    """tools/wheel.py."""
    spec = importlib.util.spec_from_file_location("wheel", ROOT / "tools" / "wheel.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_wheel_holds_the_tree(wheel: ModuleType, tmp_path: Path) -> None:
    """Every file of the packages, hashed; what was compiled or cached stays out."""
    with zipfile.ZipFile(wheel.build(tmp_path)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    record = next(name for name in held if name.endswith("/RECORD"))
    for line in held[record].decode().splitlines():
        name, digest, size = line.rsplit(",", 2)
        if name != record:
            found = base64.urlsafe_b64encode(hashlib.sha256(held[name]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={found}", str(len(held[name])))
    packages = ("pos", "sync", "kiosk", "hq")
    assert {name.split("/")[0] for name in held} == {*packages, record.split("/")[0]}
    for path in ("pos/translations/fr/LC_MESSAGES/zinc.mo", "kiosk/templates/layout.html", "pos/perimeter.json"):
        assert path in held
    assert not [name for name in held if "__pycache__" in name]
    assert b"zinc = kiosk.cli:main" in held[next(name for name in held if name.endswith("entry_points.txt"))]


def test_the_same_tree_makes_the_same_wheel(wheel: ModuleType, tmp_path: Path) -> None:
    """Whenever and wherever: a box can compare what it made with what was signed."""
    for name in ("pyproject.toml", "LICENSE", "NOTICE", "pos/release.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    made = [wheel.build(tmp_path / folder, tmp_path).read_bytes() for folder in ("one", "two")]
    assert made[0] == made[1]


def test_the_screen_runs_under_an_account_that_cannot_read_the_key() -> None:
    """R22: the browser and whoever sits before it are not the account the till's key belongs to, nor in its group."""

    def lines(name: str) -> list[str]:
        return (ROOT / "deploy/systemd" / name).read_text(encoding="utf-8").splitlines()

    assert "User=zinc" in lines("zinc.service")
    screen = [
        line for line in lines("zinc-screen.service") if line.startswith(("User=", "Group=", "SupplementaryGroups="))
    ]
    assert "User=zinc-screen" in screen
    assert not [line for line in screen if "zinc" in line.split("=", 1)[1].replace("zinc-screen", "").split()]
