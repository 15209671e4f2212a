"""Sixty random single changes to a journal: the till's check and the stand-alone verifier find every one.

The long campaign, a thousand, is in tests/faults/test_mutations.py.
"""

from pathlib import Path

from tests.pos.archive.mutations import MUTATIONS, campaign


def test_sixty_changes_are_found_by_both_verifiers(tmp_path: Path) -> None:
    """Bytes, rows, order, keys, tails, closures: whatever one thing is changed, both say so."""
    found, missed = campaign(tmp_path, 60, "sixty")
    assert missed == []
    assert set(found) == {mutation.__name__ for mutation in MUTATIONS}
