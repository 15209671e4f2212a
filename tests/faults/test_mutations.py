"""A thousand random single changes to a journal, each looked for by both verifiers."""

from pathlib import Path

import pytest

from tests.pos.archive.mutations import campaign

THOUSAND = 1000


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_a_thousand_changes_are_found_by_both_verifiers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The long campaign; prints how many of each kind were found."""
    found, missed = campaign(tmp_path, THOUSAND, "thousand")
    with capsys.disabled():
        print(f"\n{found.total()} of {THOUSAND} mutations found by `zinc verify` and by the stand-alone verifier:")
        for name, n in sorted(found.items()):
            print(f"  {n:4} {name.replace('_', ' ')}")
        for line in missed:
            print(f"  MISSED {line}")
    assert missed == []
