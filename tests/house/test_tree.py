"""What every file keeps to: size, words, no trace of a machine, documented tests."""

import ast
import re

from tests.house.tree import PACKAGES, ROOT, files, functions, name_of, python_files, templates, text_of

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
# One file because it is copied alone into each archive.
LONG_ON_PURPOSE = {"pos/archive/verifier.py"}
# Cut in two, so that this file does not hold them.
UNFINISHED = re.compile("TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK\b|NotImplemented" + "Error|à compl" + "éter")
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|home/\w+|Users/\w+|tmp/zinc|root/)\b")
DRAWERS = re.compile(r"(^|_)(utils?|helpers?|misc|common|manager|handlers?)(_|$)")


def test_files_stay_readable() -> None:
    """At most 400 lines: beyond, a file holds two ideas. Names the offenders."""
    long = {
        name_of(path): n
        for path in python_files(*PACKAGES, "tools")
        if (n := text_of(path).count("\n")) > FILE_LINES_MAX and name_of(path) not in LONG_ON_PURPOSE
    }
    assert long == {}


def test_functions_stay_readable() -> None:
    """At most 70 lines: push the ifs up and the loops down. Names the offenders."""
    long = {
        f"{name_of(path)}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in python_files(*PACKAGES, "tools")
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_nothing_is_left_unfinished() -> None:
    """A word that promises later work is a gap nobody will find again."""
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in files()
        if path.suffix in {".py", ".html", ".css", ".md", ".toml", ".js"} and "htmx" not in path.name
        for match in UNFINISHED.finditer(text_of(path))
    ]
    assert found == []


def test_no_path_of_a_machine() -> None:
    """The tree runs wherever it was cloned."""
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in files()
        if path.suffix in {".py", ".html", ".md", ".toml", ".json", ".jsonl", ".sh", ""}
        for match in MACHINE_PATHS.finditer(text_of(path))
        if name_of(path) != "tests/house/test_tree.py"
    ]
    assert found == []


def test_no_drawer_of_everything() -> None:
    """A module is named after what it holds, never util, helper or manager."""
    assert [name_of(p) for p in python_files(*PACKAGES, "tools") if DRAWERS.search(p.stem)] == []


def test_every_module_says_what_lives_there() -> None:
    """The docstring is the map: one sentence is enough."""
    assert [name_of(p) for p in python_files(*PACKAGES, "tools") if not ast.get_docstring(ast.parse(text_of(p)))] == []


def test_every_test_says_its_rule() -> None:
    """A test's docstring is the rule it holds; its name is the sentence."""
    silent = [
        f"{name_of(path)}:{node.name}"
        for path in python_files("tests")
        if path.name.startswith("test_")
        for node in functions(path)
        if node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_templates_hold_no_script_and_no_style() -> None:
    """The content policy forbids them: they would silently do nothing."""
    inline = re.compile(r"""\sstyle=|\son[a-z]+=["']|<style|<script(?![^>]*\bsrc=)|javascript:|hx-on""")
    found = [f"{name_of(p)}: {m.group()}" for p in templates() for m in inline.finditer(text_of(p))]
    assert found == []


def test_templates_hold_no_french() -> None:
    """Every word a person reads passes the catalogue."""
    found = []
    for path in templates():
        bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", "", text_of(path), flags=re.DOTALL)
        found += [f"{name_of(path)}: {match.group()}" for match in re.finditer(r"\w*[à-öø-ÿœÀ-ÖØ-Þ]\w*", bare)]
    assert found == []


def test_nothing_comes_from_the_net_at_run_time() -> None:
    """No CDN: a café without a line draws the same screens."""
    remote = re.compile(r"""(?:src|href|hx-\w+|url\()\s*=?\s*["']?https?://(?!127\.0\.0\.1|localhost)""")
    allowed = re.compile(r"""<a\s[^>]*https?://""")
    found = [
        f"{name_of(p)}: {line.strip()[:100]}"
        for p in files()
        if p.suffix in {".html", ".css"}
        for line in text_of(p).splitlines()
        if remote.search(line) and not allowed.search(line)
    ]
    assert found == []


def test_vendored_files_are_listed_with_their_licence() -> None:
    """What others wrote is named in NOTICE, with its licence beside it."""
    notice = text_of(ROOT / "NOTICE")
    for name in ("htmx", "Public Sans", "INSEE"):
        assert name in notice
