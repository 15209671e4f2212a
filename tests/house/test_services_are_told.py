"""Every service has its chapter in docs/services.md, with what a reader asks of it."""

import re

import pytest

from pos.feature import Feature
from pos.services import SERVICES
from tests.house.tree import ROOT, text_of

CHAPTERS = dict(
    re.findall(
        r"^## [^\n]+ \(`(\w+)`\)\n(.+?)(?=^## |\Z)", text_of(ROOT / "docs/services.md"), re.MULTILINE | re.DOTALL
    )
)


def test_each_chapter_is_of_a_service() -> None:
    """One chapter per service, none of a service that is gone."""
    assert sorted(CHAPTERS) == sorted(feature.slug for feature in SERVICES)


@pytest.mark.parametrize("feature", SERVICES, ids=lambda feature: feature.slug)
def test_a_chapter_says_what_for_whom_acts_use_money_and_the_office(feature: Feature) -> None:
    """Short, and whole: its five headings and the codes its uses are counted under."""
    chapter = CHAPTERS[feature.slug]
    asked = ("**What, for whom.**", "**Acts.**", "**Use", "**Money.**", "**Office.**")
    assert [heading for heading in asked if heading not in chapter] == []
    assert [code.code for code in feature.services if f"`{code.code}`" not in chapter] == []
    assert len(chapter) < 1_000
