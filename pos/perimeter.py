"""The fiscal perimeter: which source files bear on the four conditions, and their hashes (R4).

`perimeter.json` beside this file is the manifest of the fiscal version; `python3 dev.py perimeter`
renews it, and a house test fails when a file of the perimeter no longer is what the manifest says.
"""

import hashlib
from functools import cache
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
MANIFEST = Path(__file__).with_name("perimeter.json")
# What records, chains, seals, closes, keeps and archives. Screens, services and the impact count are outside.
PATTERNS = (
    "pos/journal.py", "pos/seal.py", "pos/zcj.py", "pos/store.py", "pos/events.py", "pos/system.py", "pos/clock.py",
    "pos/money.py", "pos/vat.py", "pos/projections.py", "pos/audit.py", "pos/backup.py", "pos/box.py",
    "pos/perimeter.py", "pos/slips.py", "pos/till/*.py", "pos/till/invoices/*.py", "pos/archive/*.py",
    "pos/accounting/*.py", "sync/*.py",
)  # fmt: skip


class Manifest(msgspec.Struct, frozen=True):
    """The files of one fiscal version and their SHA-256. `issued`: attestations exist, so it may never change."""

    version: str
    files: dict[str, str]
    issued: bool = False


def manifest() -> Manifest:
    """Return the manifest that came with this software."""
    return msgspec.json.decode(MANIFEST.read_bytes(), type=Manifest)


@cache
def hashes() -> dict[str, str]:
    """Return the SHA-256 of every file of the perimeter, as it runs here."""
    found = sorted({path for pattern in PATTERNS for path in ROOT.glob(pattern) if path.name != "screens.py"})
    return {str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def changed(told: Manifest | None = None) -> list[str]:
    """Return the files that are not what the manifest says: changed, added or gone."""
    told = told or manifest()
    here = hashes()
    return sorted(name for name in told.files.keys() | here.keys() if told.files.get(name) != here.get(name))


def digest(told: Manifest) -> str:
    """Return the short fingerprint of a manifest, for people to compare."""
    lines = "".join(f"{hashed}  {name}\n" for name, hashed in sorted(told.files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]
