"""Sixty random single changes to a journal: the till's check and the stand-alone verifier find every one.

The long campaign, a thousand, is in tests/faults/test_mutations.py.
"""

import contextlib
import random
from pathlib import Path

from pos.archive import verifier
from tests.pos.archive.mutations import MUTATIONS, base, campaign


def test_sixty_changes_are_found_by_both_verifiers(tmp_path: Path) -> None:
    """Bytes, rows, order, keys, tails, closures: whatever one thing is changed, both say so."""
    found, missed = campaign(tmp_path, 60, "sixty")
    assert missed == []
    assert set(found) == {mutation.__name__ for mutation in MUTATIONS}


def test_a_damaged_file_is_told_in_words(tmp_path: Path) -> None:
    """Bits flipped anywhere in the café's file: a fault, or a whole journal; never an error of the program."""
    sound, chance = base(tmp_path).read_bytes(), random.Random("damaged")
    path = tmp_path / "damaged" / "cafe.db"
    path.parent.mkdir()
    for _ in range(80):
        data = bytearray(sound)
        for _flip in range(chance.choice([1, 4, 40])):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        path.write_bytes(data)
        with contextlib.suppress(verifier.Fault, verifier.Unreadable):
            verifier.check(verifier.open_source(path))
