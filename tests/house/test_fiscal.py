"""The table of fiscal rules says what is there: each rule has a row, each row names code and a test that exist."""

import re

import pytest

from pos.till import law
from tests.house.tree import ROOT, files, name_of, templates, text_of

PAGE = ROOT / "docs" / "fiscal.md"
NEVER_GIVEN = {117, *range(135, 140)}
RULES = sorted(set(range(1, 149)) - NEVER_GIVEN)
ROW = re.compile(r"^\| R(\d+) \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", re.MULTILINE)
ROWS = {int(row[0]): [cell.strip() for cell in row[1:]] for row in ROW.findall(text_of(PAGE))}


def test_every_rule_has_its_row() -> None:
    """A rule of the fiscal notes is met, met in part, or waits with its reason; none is forgotten or told twice."""
    assert sorted(ROWS) == RULES
    assert len(ROW.findall(text_of(PAGE))) == len(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_row_names_what_is_there(rule: int) -> None:
    """The file, the function and the test of a row exist; what waits says why."""
    title, state, where, test, word = ROWS[rule]
    assert title
    assert state in ("met", "part", "waits")
    if state != "met":
        assert word, f"R{rule} does not say what waits"
    if state == "waits":
        return
    places, tests = re.findall(r"`([^`]+)`", where), re.findall(r"`([^`]+)`", test)
    assert places, f"R{rule} names no place"
    assert tests, f"R{rule} names no test"
    for one in places:
        path, _, name = one.partition(":")
        assert (ROOT / path).is_file(), f"R{rule}: {path} is gone"
        defined = rf"^\s*(?:def|class) {name}\b|^(?:[\w, ]+, )?{name}(?:, [\w, ]+)?(?:: [^=]+)? ="
        there = not name or re.search(defined, text_of(ROOT / path), re.MULTILINE)
        assert there, f"R{rule}: {path} has no {name} any more"
    for one in tests:
        path, _, name = one.partition("::")
        assert (ROOT / path).is_file(), f"R{rule}: {path} is gone"
        assert f"def {name}(" in text_of(ROOT / path), f"R{rule}: {path} has no {name} any more"


def test_the_count_at_the_top_is_right() -> None:
    """How many rules are met is not rounded up."""
    states = [row[1] for row in ROWS.values()]
    said = f"Today: {states.count('met')} met, {states.count('part')} in part, {states.count('waits')} waiting."
    assert said in text_of(PAGE)


def test_every_dated_figure_is_listed_with_its_date_and_source() -> None:
    """§19: the figures the law fixes, each with its date and source, are on the page as they are in the code."""
    text = text_of(PAGE)
    for one in law.RULES:
        assert f"| {one.code} | {one.value} | {one.valid_from} | {one.source} | {one.sure} |" in text, one.code


def test_nothing_is_called_certified() -> None:
    """R8: no screen, slip or sentence calls the till certified; that word needs a certificate's number."""
    told = [*templates(), *(p for p in files() if p.suffix == ".po"), ROOT / "pos" / "archive" / "notice.txt"]
    found = [name_of(path) for path in told if re.search(r"certifié|NF ?525|certified", text_of(path))]
    assert found == []
