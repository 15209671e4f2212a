"""A slot made by the real venv and pip, offline, from a signed release of one small wheel; ten seconds."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.updater import acts, slots
from kiosk.updater.slots import Box
from tests.house.tree import ROOT
from tests.kiosk.test_updater import NEW, OLD, Kiosk, box, key, kiosk, refused
from tools import wheel
from tools.release import sign

__all__ = ["box", "key", "kiosk"]
# What stands for the whole program: it passes its trial when it may write where it was told to.
CLI = "import sys\nfrom pathlib import Path\n\ndef main():\n    (Path(sys.argv[2]) / 'tried').touch()\n"


def a_release(folder: Path, key: Path) -> Path:
    """Sign a release of a tree that holds a version and a command."""
    tree, wheels = folder / "tree", folder / "made"
    for name in ("pyproject.toml", "LICENSE", "NOTICE"):
        tree.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    for package, name, text in (
        ("pos", "release.py", f'VERSION = "{NEW}"\nFISCAL_VERSION = "F0.1"\n'), ("pos", "__init__.py", ""),
        ("kiosk", "__init__.py", ""), ("kiosk", "cli.py", CLI),
    ):  # fmt: skip
        (tree / package).mkdir(exist_ok=True)
        (tree / package / name).write_text(text)
    wheel.build(wheels, tree)
    return sign(
        wheels, key, folder / "real.zip", version=NEW, fiscal="F0.1", least=OLD, machine="any", python="any"
    )  # fmt: skip


@pytest.mark.faults
def test_venv_and_pip_make_a_slot_without_a_line(box: Box, key: Path, kiosk: Kiosk, tmp_path: Path) -> None:
    """The environment is whole and starts by itself; nothing was asked of a network; a second update fills the other."""
    box = replace(box, make=slots.make_slot)
    assert acts.install(box, a_release(tmp_path, key)) == NEW
    assert slots.release_of(box.slot("b")) == (NEW, "F0.1")
    assert (box.slot("b") / "bin" / "zinc").read_text().startswith(f"#!{box.slot('b')}/bin/python")


@pytest.mark.faults
def test_a_wheel_that_pip_cannot_install_leaves_the_till_alone(box: Box, key: Path, tmp_path: Path) -> None:
    """Signed but unfit: the slot stays marked as not whole, and is made anew by the next release."""
    box = replace(box, make=slots.make_slot)
    wheels = tmp_path / "bad"
    wheels.mkdir()
    (wheels / f"zinc-{NEW}-py3-none-any.whl").write_bytes(b"no zip")
    bad = sign(wheels, key, tmp_path / "bad.zip", version=NEW, fiscal="F0.1", least=OLD, machine="any", python="any")
    assert refused(box, bad) == "not_built"
    assert not slots.is_whole(box, "b")
    assert acts.install(box, a_release(tmp_path, key)) == NEW
