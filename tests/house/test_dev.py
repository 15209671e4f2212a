"""The front door: it needs nothing but python3, and says everything it can do."""

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.tree import ROOT, text_of


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """dev.py as a module whose project is an empty folder with two locks."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "run.lock").write_text("flask==1\n")
    (tmp_path / "dev.lock").write_text("flask==1\npytest==1\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(module, "LOCKS", {name: tmp_path / f"{name}.lock" for name in ("run", "dev")})
    return module


def test_it_needs_only_the_standard_library() -> None:
    """A fresh machine has python3 and nothing else."""
    imported = set()
    for node in ast.walk(ast.parse(text_of(ROOT / "dev.py"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported <= sys.stdlib_module_names


def listed_commands() -> list[str]:
    """Return the commands of `dev.py help`."""
    done = subprocess.run([sys.executable, "dev.py", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    return re.findall(r"^  ([a-z]+)", done.stdout, re.MULTILINE)


def test_help_lists_every_command_and_make_knows_them() -> None:
    """`python3 dev.py help` is the list; `make X` is the same as `python3 dev.py X`."""
    listed = listed_commands()
    targets = text_of(ROOT / "Makefile").split(":")[0].split()
    assert sorted(listed) == sorted(targets)
    assert {"run", "test", "check", "bench", "faults", "french", "lock", "help"} <= set(listed)


def test_a_stamped_environment_is_not_made_again(dev: ModuleType) -> None:
    """A second run starts at once: the stamp is the hash of the lock."""
    dev.PYTHON.parent.mkdir(parents=True)
    dev.PYTHON.touch()
    dev.stamp_of("run").write_text(dev.mark_of("run"))
    assert dev.is_ready("run")
    assert not dev.is_ready("dev")
    dev.LOCKS["run"].write_text("flask==2\n")
    assert not dev.is_ready("run")


def test_an_unknown_command_lists_the_known_ones() -> None:
    """A typing mistake is answered with the list, and exit code 2."""
    done = subprocess.run([sys.executable, "dev.py", "rnu"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "run" in done.stdout
