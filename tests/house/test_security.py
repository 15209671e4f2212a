"""The table of threats says what is there, and a few things are nowhere."""

import ast
import re

import pytest

from tests.house.tree import ROOT, files, name_of, templates, text_of

PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| T(\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
ROWS = {int(row[0]): [cell.strip() for cell in row[1:]] for row in ROW.findall(text_of(PAGE))}
OURS = ("pos", "sync", "kiosk", "hq")
# What could call out. The commands that copy or check HQ are run by who sits at its machine.
CALLS = {
    "urllib3",
    "requests",
    "authlib",
    "httpx",
    "socket",
    "http",
    "ftplib",
    "smtplib",
    "telnetlib",
    "xmlrpc",
    "urllib.request",
    "sync.line",
}


def python(*tops: str) -> list[tuple[str, ast.Module]]:
    """Our modules, read."""
    return [
        (name_of(path), ast.parse(text_of(path)))
        for path in files() if path.suffix == ".py" and name_of(path).split("/")[0] in tops
    ]  # fmt: skip


def test_every_threat_has_its_row() -> None:
    """Twenty threats, each once, counted rightly at the top."""
    assert sorted(ROWS) == list(range(1, 21))
    assert len(ROW.findall(text_of(PAGE))) == 20
    states = [row[1] for row in ROWS.values()]
    assert f"Today: {states.count('met')} met, {states.count('part')} in part." in text_of(PAGE)


@pytest.mark.parametrize("threat", range(1, 21))
def test_a_row_names_what_is_there(threat: int) -> None:
    """The file, the function and the tests of a row exist; what is met in part says what is missing."""
    _title, state, where, test, waits = ROWS[threat]
    assert state in ("met", "part")
    assert bool(waits) == (state == "part")
    for one in re.findall(r"`([^`]+)`", where):
        path, _, name = one.partition(":")
        assert (ROOT / path).is_file(), f"T{threat}: {path} is gone"
        assert not name or re.search(
            rf"^\s*(?:def|class) {name}\b|^{name}\b.* =", text_of(ROOT / path), re.MULTILINE
        ), one
    tests = re.findall(r"`([^`]+)`", test)
    assert tests
    for one in tests:
        path, _, name = one.partition("::")
        assert f"def {name}(" in text_of(ROOT / path), f"T{threat}: {path} has no {name} any more"


def test_hq_fetches_nothing() -> None:
    """HQ answers; it never calls an address typed or received: nothing that could is imported, but where no address comes from either."""
    found = []
    for name, tree in python("hq"):
        for node in ast.walk(tree):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [(name, one) for one in names if one in CALLS or one.split(".")[0] in CALLS - {"http"}]
    assert [one for one in found if one[0] not in ALLOWED] == []


# The demonstration's and the tests' line without a socket; the provider that the settings alone name.
ALLOWED = {"hq/local.py", "hq/openid.py"}


def test_no_template_trusts_a_text() -> None:
    """No text is taken for markup: `safe` stands behind words of the template itself only."""
    found = [
        name_of(path) for path in templates() if re.search(r"(?<!')\s*\|\s*safe\b|autoescape false", text_of(path))
    ]
    assert found == []


def test_no_text_becomes_a_program() -> None:
    """No eval, exec, pickle, marshal, shelve, yaml.load, shell=True."""
    found = []
    for name, tree in python(*OURS):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called in ("eval", "exec", "os.system", "os.popen", "yaml.load") or any(
                    k.arg == "shell" and ast.unparse(k.value) == "True" for k in node.keywords
                ):
                    found.append((name, called))
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            found += [(name, one) for one in names if one in ("pickle", "marshal", "shelve", "dill")]
    assert found == []
