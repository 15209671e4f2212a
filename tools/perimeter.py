"""Renew the manifest of the fiscal perimeter (R4): `python3 dev.py perimeter`.

As long as no attestation was made for the version of pos/release.py, its manifest follows the sources.
`--issued` says that attestations exist: from then on a change of the perimeter needs a new version,
a new root (F1 becomes F2) when what the attestation describes changes, a new minor one otherwise.
"""

import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pos import perimeter
from pos.perimeter import Manifest
from pos.release import FISCAL_VERSION


def main(arguments: list[str]) -> int:
    """Write the manifest, or say why not."""
    old = perimeter.manifest() if perimeter.MANIFEST.exists() else Manifest("", {})
    changed = perimeter.changed(old)
    issued = "--issued" in arguments or (old.issued and old.version == FISCAL_VERSION)
    if old.issued and changed and old.version == FISCAL_VERSION:
        print(f"{len(changed)} files changed, and attestations exist for {old.version}:")
        print("give pos/release.py a new FISCAL_VERSION first.", *changed, sep="\n  ")
        return 1
    new = Manifest(FISCAL_VERSION, perimeter.hashes(), issued)
    perimeter.MANIFEST.write_bytes(msgspec.json.format(msgspec.json.encode(new, order="sorted"), indent=1) + b"\n")
    print(f"{FISCAL_VERSION}: {len(new.files)} files, {len(changed)} changed, fingerprint {perimeter.digest(new)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
