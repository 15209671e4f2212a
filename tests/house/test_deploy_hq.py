"""What puts HQ on a server: units, proxy, container and settings name only what exists."""

import ast
import re
import shutil
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
    """A command of `zinc-hq`, a file of this folder, the application of `hq.serving`; no failure is passed over."""
    for command in [value for _section, key, value in settings_of(unit) if key == "ExecStart"]:
        program, *words = command.split()
        assert program.startswith("/")
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

    told = text_of(HQ / "Caddyfile")
    sizes = [int(n) * 10**6 for n in re.findall(r"(?:max_size|max_buffer_size) (\d+)MB", told)]
    assert [MAX_BODY < size < 2 * MAX_BODY for size in sizes] == [True, True]
    # Debian 12's Caddy does not know `request_buffers`, and says 502 of a body too long for its buffer.
    assert not re.search(r"^\s*request_buffers", told, re.MULTILINE)
    length = re.search(r"Content-Length (\S+)", told)
    assert length is not None
    assert [bool(re.search(length[1], str(n))) for n in (MAX_BODY, 3_100_000, 3_200_000, 10**7)] == [
        False,
        False,
        True,
        True,
    ]


def test_what_a_caller_says_of_himself_is_not_passed_on() -> None:
    """The proxy says who called; the server believes the proxy of its own machine only."""
    told = text_of(HQ / "Caddyfile")
    assert "header_up X-Forwarded-For {remote_host}" in told
    assert "header_up -Forwarded" in told
    server = text_of(HQ / "gunicorn.conf.py")
    assert 'forwarded_allow_ips = os.environ.get("ZINC_HQ_PROXY") or "127.0.0.1,::1"' in server
    assert '"ZINC_HQ_BIND", "127.0.0.1:8090"' in server


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not on this machine")
@pytest.mark.parametrize("unit", SERVICES, ids=name_of)
def test_systemd_finds_each_service_safe(unit: Path) -> None:
    """`systemd-analyze security` stays at 2 of 10 or better, for the commands of the night as for HQ."""
    asked = ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", str(unit)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd cannot look at a unit that is not installed")
    assert done.returncode == 0, (done.stderr or done.stdout)[-300:]
    assert "Unknown" not in done.stderr


def test_what_is_installed_is_taken_off_again() -> None:
    """Each place the installer writes to is removed by `--uninstall`, but for what belongs to the office."""
    script = text_of(HQ / "install.sh")
    off = script[script.index('if [ "$act" = uninstall ]') : script.index("exit 0\nfi")]
    for path in ("/opt/zinc-hq", "/usr/local/sbin/zinc-hq", "/etc/systemd/system"):
        assert path in off
    assert not re.search(r"rm -\S+ .*(/var/lib|/var/backups|/etc/zinc-hq)", off)
