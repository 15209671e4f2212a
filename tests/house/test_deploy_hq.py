"""What puts HQ on a server: units, proxy, container and settings name only what exists."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hq.cli import main
from tests.house.test_deploy import settings_of
from tests.house.tree import ROOT, name_of, text_of

HQ = ROOT / "deploy" / "hq"
UNITS = sorted((HQ / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]


@pytest.mark.parametrize("unit", UNITS, ids=name_of)
def test_units_are_whole(unit: Path) -> None:
    """Known sections; a timer has its service; all run as HQ's own account, without rights."""
    told = settings_of(unit)
    assert {section for section, _key, _value in told} <= {"Unit", "Service", "Timer", "Install"}
    named = {key: value for _section, key, value in told}
    if unit.suffix == ".timer":
        assert unit.with_suffix(".service") in SERVICES
        assert named["OnCalendar"].endswith("Europe/Paris")
    else:
        assert (named["User"], named["NoNewPrivileges"], named["ProtectSystem"]) == ("zinc-hq", "yes", "strict")
        assert (named["EnvironmentFile"], named["CapabilityBoundingSet"]) == ("/etc/zinc-hq/environment", "")


@pytest.mark.parametrize("unit", SERVICES, ids=name_of)
def test_units_start_what_exists(unit: Path) -> None:
    """A command of `zinc-hq`, a file of this folder, the application of `hq.serving`."""
    command = {key: value for _section, key, value in settings_of(unit)}["ExecStart"]
    program, *words = command.split()
    if program.endswith("/zinc-hq"):
        assert words[0] in main.commands
    elif program.endswith("/gunicorn"):
        assert (HQ / Path(words[1]).name).exists()
        module, name = words[2].strip('"').removesuffix("()").split(":")
        assert f"def {name}(" in text_of(ROOT / (module.replace(".", "/") + ".py"))
    else:
        assert (HQ / Path(program).name).exists()


def test_every_unit_is_installed_and_started() -> None:
    """The installer lays all units, and starts HQ and each timer."""
    script = text_of(HQ / "install.sh")
    assert '"$source"/deploy/hq/systemd/*' in script
    for unit in UNITS:
        if unit.suffix == ".timer" or unit.name == "zinc-hq.service":
            assert unit.name in script


def test_settings_are_those_that_are_read() -> None:
    """Each variable of the environment file is read by HQ or its server; each port says the same."""
    names = {line.partition("=")[0] for line in text_of(HQ / "environment").splitlines() if line.startswith("ZINC")}
    read = text_of(ROOT / "hq" / "config.py") + text_of(HQ / "gunicorn.conf.py")
    assert names >= {"ZINC_DATA", "ZINC_HQ_DATABASE", "ZINC_HQ_BIND"}
    assert [name for name in names if f'"{name}"' not in read] == []
    for name in ("environment", "Caddyfile", "gunicorn.conf.py", "Containerfile"):
        assert ":8090" in text_of(HQ / name)


def test_the_server_is_set_as_gunicorn_knows_it() -> None:
    """Each name of the settings is one of Gunicorn's, and it accepts them all."""
    tree = ast.parse(text_of(HQ / "gunicorn.conf.py"))
    names = [target.id for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    known = "from gunicorn.config import KNOWN_SETTINGS as k; print(*(s.name for s in k))"
    said = subprocess.run([sys.executable, "-c", known], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in names if name not in said] == []
    assert "gthread" in text_of(HQ / "gunicorn.conf.py")


def test_the_container_copies_what_exists() -> None:
    """Files named in the Containerfile are in the tree; what is installed is pinned with hashes."""
    told = text_of(HQ / "Containerfile")
    for path in re.findall(r"^COPY (?!--from)(?:\. |(.+?) /)", told, re.MULTILINE):
        for name in path.split():
            assert (ROOT / name).exists()
    assert "--require-hashes" in told


def test_the_proxy_lets_no_more_through_than_hq_takes() -> None:
    """The proxy's limit lies just above HQ's own, so that HQ's refusal is the one a box reads."""
    from hq.app import MAX_BODY

    sizes = {int(n) * 10**6 for n in re.findall(r"(?:max_size|request_buffers) (\d+)MB", text_of(HQ / "Caddyfile"))}
    assert {MAX_BODY < size < 2 * MAX_BODY for size in sizes} == {True}
