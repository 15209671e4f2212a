"""A thousand random single changes to a journal, each looked for by both verifiers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import counts
from tests.pos.archive.mutations import campaign

THOUSAND = 1000


@pytest.mark.faults
def test_a_thousand_changes_are_found_by_both_verifiers(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """The long campaign; counts how many of each kind were found."""
    found, missed = campaign(tmp_path, THOUSAND, "thousand")
    counts.campaign(
        record_property, "Changes to a journal, for both verifiers", trials=THOUSAND, unit="changes",
        found=len(missed), **dict(sorted(found.items())),
    )  # fmt: skip
    assert missed == []
