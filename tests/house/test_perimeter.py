"""The fiscal perimeter is what its manifest says (R4)."""

from pos import perimeter
from pos.release import FISCAL_VERSION
from tests.house.tree import ROOT


def test_the_perimeter_is_what_the_manifest_says() -> None:
    """R4: no file that bears on the four conditions changes without its manifest."""
    told = perimeter.manifest()
    assert told.version == FISCAL_VERSION, "run python3 dev.py perimeter"
    assert perimeter.changed(told) == [], "run python3 dev.py perimeter, and give a new version if attestations exist"


def test_what_records_chains_and_closes_is_inside() -> None:
    """The journal, its keys, the sale, the closings, the archive and the line are in; screens and counting are not."""
    inside = perimeter.manifest().files
    for name in (
        "pos/journal.py",
        "pos/seal.py",
        "pos/till/sell.py",
        "pos/till/close.py",
        "pos/archive/verifier.py",
        "sync/agent.py",
    ):
        assert name in inside
    assert not [name for name in inside if "screens" in name or name.startswith(("pos/services", "hq", "kiosk"))]
    assert all((ROOT / name).is_file() for name in inside)


def test_one_changed_byte_is_named() -> None:
    """A file that is not the one of its version is named, and the fingerprint is another."""
    told = perimeter.manifest()
    other = perimeter.Manifest(told.version, {**told.files, "pos/journal.py": "0" * 64})
    assert "pos/journal.py" in perimeter.changed(other)
    assert perimeter.digest(other) != perimeter.digest(told)
