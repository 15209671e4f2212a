"""What is installed: hashed, the same for the box and the tests, and no registry named anywhere."""

import re
import tomllib

import pytest

from tests.house.tree import ROOT, files, name_of, text_of

PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE)
# Cut in two, so that this file does not name them either.
REGISTRIES = [
    "pypi" + ".org",
    "python" + "hosted.org",
    "npm" + "js.",
    "piw" + "heels.org",
    "--index" + "-url",
    "--find" + "-links",
]
LOCKS = ["run.lock", "openid.lock", "dev.lock", "audit.lock"]


def pins(name: str) -> dict[str, str]:
    """Return package -> version of a lock."""
    return dict(PIN.findall(text_of(ROOT / "deps" / name)))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name: str) -> None:
    """Where packages come from is a matter of each machine, not of the project."""
    text = text_of(ROOT / "deps" / name)
    assert "://" not in text
    assert not re.search(r"^\s*--?(index|extra-index|find-links|i )", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name: str) -> None:
    """What is installed is byte for byte what was chosen."""
    for block in re.split(r"\n(?=[a-z0-9])", text_of(ROOT / "deps" / name)):
        if PIN.match(block):
            assert "--hash=sha256:" in block, block.splitlines()[0]


def test_tests_run_on_what_the_box_runs() -> None:
    """The development lock holds every pin of the two that run; what both pin, they pin alike."""
    run, openid, dev = (pins(name) for name in LOCKS[:3])
    assert run
    assert openid
    assert {**run, **openid} == {**openid, **run}
    assert {name: dev.get(name) for name in (*run, *openid)} == {**run, **openid}


def test_the_package_asks_for_what_the_lock_was_made_from() -> None:
    """pyproject.toml and deps/run.in say the same, and so do its extra and deps/openid.in."""
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    for said, name in ((project["dependencies"], "run.in"), (project["optional-dependencies"]["openid"], "openid.in")):
        asked = [line.strip() for line in text_of(ROOT / "deps" / name).splitlines()]
        assert said == [line for line in asked if line and not line.startswith("#")]


def test_no_file_names_a_registry() -> None:
    """A clone must install behind any mirror, or offline."""
    found = [
        f"{name_of(path)}: {place}"
        for path in files()
        if path.suffix not in {".csv", ".svg", ".js"}
        for place in REGISTRIES
        if place in text_of(path) and name_of(path) != "tests/house/test_locks.py"
    ]
    assert found == []
