"""Make Zinc's wheel with the standard library alone: `python3 tools/wheel.py FOLDER` prints the file it wrote.

A box builds what it installs without a build backend to fetch, and the same tree makes the same bytes.
"""

import base64
import hashlib
import re
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The first moment a zip file can tell: what a wheel holds does not depend on when it was made.
EPOCH = (1980, 1, 1, 0, 0, 0)
LEFT_OUT = {"__pycache__"}


def build(folder: Path, root: Path = ROOT) -> Path:
    """Write the wheel of the tree at `root` into `folder`; return its path."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    version = version_of(root)
    info = f"zinc-{version}.dist-info"
    held = {name_of(path, root): path.read_bytes() for path in sources(project, root)}
    held |= {f"{info}/licenses/{name}": (root / name).read_bytes() for name in project["project"]["license-files"]}
    held[f"{info}/METADATA"] = metadata(project["project"], version)
    held[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: zinc\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    held[f"{info}/entry_points.txt"] = entry_points(project["project"]["scripts"])
    held[f"{info}/RECORD"] = record(held, f"{info}/RECORD")
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"zinc-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    return wheel


def version_of(root: Path) -> str:
    """Return the version that pos/release.py says."""
    found = re.search(r'^VERSION = "([^"]+)"', (root / "pos" / "release.py").read_text(encoding="utf-8"), re.MULTILINE)
    if not found:
        raise SystemExit("pos/release.py says no version")
    return found[1]


def sources(project: dict[str, Any], root: Path) -> list[Path]:
    """Return every file of the packages, in order."""
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    found = [path for package in packages for path in (root / package).rglob("*") if path.is_file()]
    return sorted(path for path in found if path.suffix != ".pyc" and not LEFT_OUT & set(path.parts))


def name_of(path: Path, root: Path) -> str:
    """Return a file's name inside the wheel."""
    return path.relative_to(root).as_posix()


def metadata(project: dict[str, Any], version: str) -> bytes:
    """Return what the package says of itself."""
    lines = [
        "Metadata-Version: 2.4", "Name: zinc", f"Version: {version}", f"Summary: {project['description']}",
        f"License-Expression: {project['license']}", *(f"License-File: {name}" for name in project["license-files"]),
        f"Requires-Python: {project['requires-python']}", *(f"Requires-Dist: {one}" for one in project["dependencies"]),
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def entry_points(scripts: dict[str, str]) -> bytes:
    """Return the commands the package brings."""
    return ("[console_scripts]\n" + "".join(f"{name} = {where}\n" for name, where in scripts.items())).encode()


def record(held: dict[str, bytes], itself: str) -> bytes:
    """Return the list of files with their hashes, as pip checks it."""
    lines = []
    for name, data in held.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}\n")
    return ("".join(lines) + f"{itself},,\n").encode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("python3 tools/wheel.py FOLDER")
    print(build(Path(sys.argv[1])))
