"""The tree as the house tests see it: our own files, read once."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("pos", "sync", "kiosk", "hq")
FOLDERS = (*PACKAGES, "tests", "tools", "deploy", "docs", "deps", ".ci")
BINARY = {".woff2", ".png", ".mo", ".jpg", ".gz", ".db", ".pyc", ".ico", ".zip"}


@cache
def files() -> tuple[Path, ...]:
    """Return every text file of the project that people wrote."""
    found = [path for path in ROOT.iterdir() if path.is_file() and path.name not in {".dev.lock", ".git"}]
    for folder in FOLDERS:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return tuple(sorted(path for path in found if path.suffix not in BINARY and "__pycache__" not in path.parts))


def text_of(path: Path) -> str:
    """Return a file's text."""
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    """Return a path as written in a report."""
    return str(path.relative_to(ROOT))


def python_files(*folders: str) -> list[Path]:
    """Return the Python files of some folders."""
    return [p for p in files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders]


def templates() -> list[Path]:
    """Return every template of the applications and services."""
    return [p for p in files() if p.suffix == ".html" and "templates" in p.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function of a Python file."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
