"""The documents say what is there: commands, settings, paths, decisions."""

import re
import subprocess
import sys
import tomllib

import pytest

from tests.house.tree import FOLDERS, ROOT, name_of, text_of

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
GUIDES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
# A word in a code span that looks like a file or folder of ours.
PATH = re.compile(rf"`((?:{'|'.join(re.escape(f) for f in FOLDERS)})/[\w./-]+?)/?`")
# Places that exist only once something ran, or are made up by the recipe.
NOT_IN_THE_TREE = re.compile(r"/keys(/|\.|$)|test_keys|parts/keys|<")


def guides() -> str:
    """Return the text of the pages a newcomer reads."""
    return "\n".join(text_of(ROOT / name) for name in GUIDES)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: object) -> None:
    """A link to a file of the tree finds it."""
    text = re.sub(r"```.*?```", "", text_of(page), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    ours = [t for t in targets if "://" not in t and not t.startswith("mailto:")]
    assert [t for t in ours if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_paths_named_exist(page: object) -> None:
    """A file named in a page is there: pages that lag send newcomers astray."""
    named = {match for match in PATH.findall(text_of(page)) if not NOT_IN_THE_TREE.search(match)}
    assert sorted(n for n in named if not (ROOT / n).exists() and not list(ROOT.glob(n))) == []


def test_every_command_of_the_front_door_is_told() -> None:
    """`python3 dev.py X` for every X of `dev.py help`."""
    from tests.house.test_dev import listed_commands

    said = guides()
    assert [name for name in listed_commands() if f"dev.py {name}" not in said] == []


@pytest.mark.parametrize(("program", "module"), [("zinc", "kiosk.cli"), ("zinc-hq", "hq.cli")])
def test_every_command_line_is_told(program: str, module: str) -> None:
    """Each command of `zinc --help` and `zinc-hq --help` is in README, ARCHITECTURE or CONTRIBUTING."""
    asked = [sys.executable, "-m", module, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    listed = re.findall(r"^ {2,4}([a-z]+) {2,}\S", done.stdout, re.MULTILINE)
    assert {"run", "verify", "enrol"} <= set(listed), done.stdout
    said = guides()
    assert [name for name in listed if f"`{program} {name}" not in said] == []


def test_every_setting_is_in_the_example() -> None:
    """cafe.example.toml loads, and holds every key with the value it has when left out."""
    import msgspec

    from pos.config import CafeSettings, load_settings

    path = ROOT / "cafe.example.toml"
    assert load_settings(path) == msgspec.to_builtins(CafeSettings())
    written = tomllib.loads(text_of(path))
    assert set(written) == set(CafeSettings.__struct_fields__)


def test_decisions_are_short_and_numbered() -> None:
    """An ADR is one idea on half a page, with its status; numbers have no gap."""
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = text_of(page)
        assert "Status: " in text, page.name
        assert "## Decision" in text, page.name
        assert text.count("\n") <= 45, page.name


def test_the_changelog_is_kept() -> None:
    """There is a place for what comes next."""
    assert "## [Unreleased]" in text_of(ROOT / "CHANGELOG.md")
