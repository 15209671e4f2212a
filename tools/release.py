"""Make and sign a release of this tree: `python3 dev.py release --key FILE [--to FOLDER] [--machine aarch64]`.

One zip: Zinc's wheel and every wheel of deps/run.lock for the machine named, the manifest with their hashes,
and the publisher's Ed25519 signature over it. The private key stays where it is; only its path is given.
`--new-key FILE` makes one and prints the public half, for /etc/zinc/release.pub.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import secrets
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from nacl.signing import SigningKey  # noqa: E402

from kiosk.updater.release import DOMAIN, MANIFEST, SIGNATURE  # noqa: E402
from tools import wheel as wheels  # noqa: E402

EPOCH = (1980, 1, 1, 0, 0, 0)


def new_key(path: Path) -> str:
    """Make a publisher's key, readable by its owner alone; return the public half in hex."""
    seed = secrets.token_bytes(32)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(seed.hex() + "\n")
    return bytes(SigningKey(seed).verify_key).hex()


def fiscal_of(root: Path) -> str:
    """Return the fiscal version that pos/release.py says."""
    found = re.search(r'^FISCAL_VERSION = "([^"]+)"', (root / "pos" / "release.py").read_text(), re.MULTILINE)
    if not found:
        raise SystemExit("pos/release.py says no fiscal version")
    return found[1]


def gather(folder: Path, machine: str, python: str) -> None:
    """Fetch the wheels of deps/run.lock for a machine, hashes checked by pip."""
    tags = [f"manylinux_2_{n}_{machine}" for n in (28, 26, 24, 17)] + [f"manylinux2014_{machine}"]
    asked = [word for tag in tags for word in ("--platform", tag)]
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--only-binary", ":all:", "--require-hashes", "-r", str(ROOT / "deps" / "run.lock"), "-d", str(folder),
         "--python-version", python, "--implementation", "cp", *asked],
        check=True,
    )  # fmt: skip


def sign(
    folder: Path, key: Path, target: Path, *, version: str, fiscal: str, least: str, machine: str, python: str,
    urgent: bool = False,
) -> Path:  # fmt: skip
    """Write the signed release of the wheels in a folder; the same wheels make the same bytes."""
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.whl"))}
    told = {"version": version, "fiscal": fiscal, "least": least, "urgent": urgent, "files": files,
            "platform": {"machine": machine, "python": python}}  # fmt: skip
    manifest = json.dumps(told, sort_keys=True, indent=1).encode()
    signature = SigningKey(bytes.fromhex(key.read_text().strip())).sign(DOMAIN + manifest).signature
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as packed:
        for name, data in ((MANIFEST, manifest), (SIGNATURE, signature.hex().encode())):
            packed.writestr(zipfile.ZipInfo(name, EPOCH), data)
        for name in files:
            packed.writestr(zipfile.ZipInfo(f"wheels/{name}", EPOCH), (folder / name).read_bytes())
    return target


def main(arguments: list[str]) -> int:
    """Make the release the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--new-key", type=Path, metavar="FILE", help="make a key and stop")
    parser.add_argument("--key", type=Path, help="the publisher's private key, kept outside the tree")
    parser.add_argument("--to", type=Path, default=Path(), help="folder to write to")
    parser.add_argument("--machine", default=platform.machine(), help="aarch64 or x86_64")
    parser.add_argument("--python", default=f"{sys.version_info.major}.{sys.version_info.minor}", help="3.11 or 3.13")
    parser.add_argument("--least", default="0.1.0", help="the oldest version it may follow")
    parser.add_argument("--urgent", action="store_true", help="may be installed while the day is open")
    asked = parser.parse_args(arguments)
    if asked.new_key:
        print(new_key(asked.new_key))
        return 0
    if asked.key is None:
        parser.error("--key FILE, or --new-key FILE to make one")
    if ROOT in asked.key.resolve().parents:
        parser.error("the key is inside the tree: keep it elsewhere")
    version = wheels.version_of(ROOT)
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        wheels.build(folder)
        gather(folder, asked.machine, asked.python)
        asked.to.mkdir(parents=True, exist_ok=True)
        target = asked.to / f"zinc-{version}-{asked.machine}-py{asked.python}.zip"
        sign(folder, asked.key, target, version=version, fiscal=fiscal_of(ROOT), least=asked.least,
             machine=asked.machine, python=asked.python, urgent=asked.urgent)  # fmt: skip
    print(f"{target}: {target.stat().st_size // 1024} KB, sha256 {hashlib.sha256(target.read_bytes()).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
