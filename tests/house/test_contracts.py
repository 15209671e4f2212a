"""Who may import whom, as pyproject.toml says; and what the kiosk must not load to start."""

import subprocess
import sys

import pytest

from tests.house.tree import ROOT

# Heavy, and needed by nothing until a ticket is printed or not at all in a café: they cost start and memory.
NOT_IN_A_CAFE_AT_START = (
    "escpos",
    "PIL",
    "yaml",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "serial",
    "usb",
    "babel",
)
HQ_DOES_WITHOUT = ("escpos", "serial", "pos.screens", "pos.hardware", "kiosk")


def loaded_by(module: str) -> set[str]:
    """Return the names of all modules that importing one loads, in a new interpreter."""
    script = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_imports_lean_downwards() -> None:
    """Every contract of pyproject.toml is kept, and every module of pos has its layer."""
    script = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("heavy", NOT_IN_A_CAFE_AT_START)
def test_the_kiosk_starts_light(heavy: str, kiosk_modules: set[str]) -> None:
    """The printing, image and HQ libraries stay on the disk until something needs them."""
    assert heavy not in kiosk_modules


@pytest.mark.parametrize("stranger", HQ_DOES_WITHOUT)
def test_hq_loads_no_machine_and_no_screen_of_a_cafe(stranger: str, hq_modules: set[str]) -> None:
    """HQ reads the same events without Flask screens or machines of the café."""
    assert stranger not in hq_modules


@pytest.fixture(scope="module")
def kiosk_modules() -> set[str]:
    """What a kiosk has loaded when its application exists."""
    return loaded_by("kiosk.app")


@pytest.fixture(scope="module")
def hq_modules() -> set[str]:
    """What HQ has loaded when its application exists."""
    return loaded_by("hq.app")
