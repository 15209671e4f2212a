"""The recipe of CONTRIBUTING.md, followed to the letter in a copy of the tree; then a sale in that café."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text_of

FILE = re.compile(r"^`([\w./-]+)`\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ONE_SALE = """
from pathlib import Path
from pos.clock import StoppedClock
from pos.money import format_euros
from pos.till import catalogue, close, sell
from pos.till.events import ProductListed
from tests.conftest import open_test_store

store = open_test_store(Path("sale.db"), StoppedClock("2026-11-20T07:02:00+01:00"))
close.open_day(store, 10000, by="g1")
catalogue.list_category(store, "hot", label="Chaud", by="g1")
coffee = ProductListed(product="coffee", label="Café", category="hot", price=150, vat_class="hot_drink")
catalogue.list_product(store, coffee, by="g1")
sold = sell.sell(store, lines=[sell.SoldLine(product="coffee")], by="g1")
assert sold.sale.total == 150, sold
assert "keys_board" in store.projector.tables
assert store.tables_that_differ() == []
from kiosk.app import BLUEPRINTS
assert "keys" in {bp.name for bp in BLUEPRINTS}
print("sold", sold.sale.no)
"""


def recipe() -> dict[str, str]:
    """Return the files of the recipe by path."""
    page = text_of(ROOT / "CONTRIBUTING.md")
    return dict(FILE.findall(page))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree with the service of the recipe in it."""
    there = tmp_path_factory.mktemp("recipe") / "zinc"
    for folder in ("pos", "sync", "kiosk", "hq", "tools", "tests"):
        shutil.copytree(ROOT / folder, there / folder, ignore=shutil.ignore_patterns("__pycache__", "browser"))
    shutil.copy(ROOT / "pyproject.toml", there)
    for name, content in recipe().items():
        path = there / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    register(there / "pos/services/__init__.py", "from pos.services import keys", "SERVICES", "keys.SERVICE")
    register(
        there / "kiosk/blueprints.py",
        "from pos.services.keys import screens as keys",
        "BLUEPRINTS",
        "keys.bp",
    )
    return there


def register(path: Path, imported: str, name: str, item: str) -> None:
    """Write one of the two registration lines."""
    text = path.read_text(encoding="utf-8")
    listed, found = re.subn(rf"^({name}\b[^=]*= \()", rf"\1{item}, ", text, flags=re.MULTILINE)
    assert found == 1, f"{path.name} has no tuple {name}"
    first = re.search(r"^(?=from|import)", listed, re.MULTILINE)
    assert first is not None
    path.write_text(f"{listed[: first.start()]}{imported}\n{listed[first.start() :]}", encoding="utf-8")


def run(there: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=there, capture_output=True, text=True, check=False, timeout=110
    )


def test_the_recipe_is_complete() -> None:
    """It gives every file that a whole service needs."""
    names = set(recipe())
    for name in ("__init__", "events", "tables", "desk", "screens"):
        assert f"pos/services/keys/{name}.py" in names
    assert "tests/services/test_keys.py" in names
    assert "pos/translations/parts/keys.json" in names


def test_a_service_made_from_the_recipe_is_whole(copy: Path) -> None:
    """French, golden samples, its own tests and every rule for services pass at once."""
    french = run(copy, "tools/french.py")
    assert "services/keys" not in french.stdout, french.stdout
    golden = run(copy, "-m", "tests.golden_samples")
    assert "wrote keys.left.1.json" in golden.stdout, golden.stdout + golden.stderr
    chosen = "keys or test_every_folder or test_no_two_features"
    tests = (
        "tests/services/test_keys.py",
        "tests/house/test_every_service_is_whole.py",
        "tests/house/test_events.py",
    )
    done = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *tests)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    # Four tests of its own and one for each rule: nothing was silently left out.
    assert int(re.findall(r"(\d+) passed", done.stdout)[0]) >= 14, done.stdout


def test_it_keeps_the_contracts_and_the_lint(copy: Path) -> None:
    """The example obeys the house as any other service does."""
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    contracts = run(copy, "-c", script)
    assert contracts.returncode == 0, contracts.stdout[-4000:]
    lint = run(copy, "-m", "ruff", "check", "--no-cache", "pos/services/keys", "tests/services/test_keys.py")
    assert lint.returncode == 0, lint.stdout
    shape = run(
        copy,
        "-m",
        "ruff",
        "format",
        "--check",
        "--no-cache",
        "pos/services/keys",
        "tests/services/test_keys.py",
    )
    assert shape.returncode == 0, shape.stdout


def test_the_cafe_with_the_new_service_sells_a_coffee(copy: Path) -> None:
    """One sale through the same acts, with the new tables beside the old ones."""
    done = run(copy, "-c", ONE_SALE)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "sold 1" in done.stdout
