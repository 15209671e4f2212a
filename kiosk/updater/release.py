"""A release: Zinc's wheel and those it needs, a manifest with their hashes, and the publisher's signature over it.

Standard library only: this is read before anything of the release may run.
"""

import hashlib
import json
import platform
import re
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

DOMAIN = b"zinc/release/1\0"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
WHEEL = re.compile(r"(?P<name>[A-Za-z0-9_.]+)-(?P<version>[A-Za-z0-9_.!+]+)(-\d\w*)?-[^-]+-[^-]+-[^-]+\.whl")
VERSION = re.compile(r"\d+(\.\d+){1,3}")
# What a zip says when it is no zip, or was cut.
_SPOILT = (KeyError, ValueError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, zlib.error)


def N_(text: str) -> str:  # noqa: N802 -- gettext's own name
    """Mark a sentence for the French catalogue; this file itself speaks English to root."""
    return text


SAYS = {
    "not_a_release": N_("This file is no release of Zinc, or it was cut."),
    "no_key": N_("This box knows no publisher: /etc/zinc/release.pub is missing."),
    "unsigned": N_("This release is not signed by the publisher of this box: it was not installed."),
    "altered": N_("The file %(name)s of this release is not the one that was signed: nothing was installed."),
    "older": N_("This release (%(new)s) is not newer than what runs here (%(old)s)."),
    "step_missing": N_("This release needs version %(least)s first; here runs %(old)s."),
    "platform": N_("This release is for another machine (%(theirs)s); this one is %(ours)s."),
    "no_room": N_("The box has not enough room for an update: %(need)s MB are needed."),
    "busy": N_("The day is open or somebody sells: the update waits until the counter is closed."),
    "came_back": N_("This release was tried and did not start well: it is not tried again by itself."),
    "another": N_("An update is under way already."),
    "not_built": N_("The release could not be installed beside the one that runs: that one goes on."),
    "smoke": N_("The new release did not pass its trial on a copy of the data: it was not switched on."),
    "no_answer": N_("The new release did not answer in time: the former one runs again."),
    "other_version": N_("Another version answered than the one installed: the former one runs again."),
    "no_entry": N_("The new release wrote no entry in the journal: the former one runs again."),
    "crashed": N_("The release that ran stopped several times in a row: the former one runs again."),
    "nothing_else": N_("There is no other whole release on this box."),
}  # fmt: skip


class No(Exception):
    """An update that is not done, or not kept: a code of SAYS and what fills its sentence."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(SAYS[code] % params)
        self.code, self.params = code, params


def newer(one: str, other: str) -> bool:
    """Tell whether a version comes after another."""
    return [int(n) for n in one.split(".")] > [int(n) for n in other.split(".")]


_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P


def signed_by(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is right (RFC 8032 §5.1.7); nothing secret is handled here."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point = _decoded(public), _decoded(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or point is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    base = _decoded((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    assert base is not None
    left, right = _times(s, base), _plus(point, _times(h, key))
    return (left[0] * right[2] - right[0] * left[2]) % _P == 0 and (left[1] * right[2] - right[1] * left[2]) % _P == 0


def _decoded(raw: bytes) -> tuple[int, int, int, int] | None:
    number = int.from_bytes(raw, "little")
    y, odd = number & (2**255 - 1), number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    x = _P - x if x & 1 != odd else x
    return x, y, 1, x * y % _P


def _plus(p: tuple[int, int, int, int], q: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(n: int, point: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = _plus(total, point)
        point, n = _plus(point, point), n >> 1
    return total


def read_manifest(keys: Path, packed: zipfile.ZipFile) -> dict[str, Any]:
    """Return the manifest of a release once its signature is found right; raise No. Nothing else is read before."""
    try:
        manifest, signature = packed.read(MANIFEST), bytes.fromhex(packed.read(SIGNATURE).decode())
    except _SPOILT as problem:
        raise No("not_a_release") from problem
    if not keys.exists():
        raise No("no_key")
    known = [bytes.fromhex(line) for line in keys.read_text().split() if re.fullmatch("[0-9a-f]{64}", line)]
    if not any(signed_by(key, DOMAIN + manifest, signature) for key in known):
        raise No("unsigned")
    found: dict[str, Any] = json.loads(manifest)
    return found


def here() -> dict[str, str]:
    """Return what this machine is, as a manifest names it."""
    return {"machine": platform.machine(), "python": f"{sys.version_info.major}.{sys.version_info.minor}"}


def check(manifest: dict[str, Any], old: str, came_back: list[str]) -> None:
    """Refuse a release that is not for this machine, or not after what runs here; raise No."""
    ours = here()
    theirs = {name: manifest["platform"].get(name, "any") for name in ours}
    if any(theirs[name] not in ("any", ours[name]) for name in ours):
        raise No("platform", theirs=" ".join(theirs.values()), ours=" ".join(ours.values()))
    if not all(VERSION.fullmatch(manifest[name]) for name in ("version", "least")):
        raise No("not_a_release")
    if old and not newer(manifest["version"], old):
        raise No("older", new=manifest["version"], old=old)
    if old and newer(manifest["least"], old):
        raise No("step_missing", least=manifest["least"], old=old)
    if manifest["version"] in came_back:
        raise No("came_back")


def unpack(packed: zipfile.ZipFile, manifest: dict[str, Any], folder: Path) -> Path:
    """Write the signed wheels and the list pip installs from; raise No at the first byte that differs."""
    folder.mkdir(parents=True)
    lines = []
    for name, sha256 in sorted(manifest["files"].items()):
        wheel = WHEEL.fullmatch(name)
        if wheel is None:
            raise No("not_a_release")
        try:
            data = packed.read(f"wheels/{name}")
        except _SPOILT as problem:
            raise No("altered", name=name) from problem
        if hashlib.sha256(data).hexdigest() != sha256:
            raise No("altered", name=name)
        (folder / name).write_bytes(data)
        lines.append(f"{wheel['name']}=={wheel['version']} --hash=sha256:{sha256}\n")
    wanted = folder / "wanted.txt"
    wanted.write_text("".join(lines))
    return wanted
