"""Everything a person reads is in the one French catalogue, and the compiled one is up to date."""

import importlib.util
from types import ModuleType

import pytest

from tests.house.tree import ROOT


@pytest.fixture(scope="module")
def french() -> ModuleType:
    """The catalogue tool, as `python3 dev.py french` runs it."""
    spec = importlib.util.spec_from_file_location("french_tool", ROOT / "tools" / "french.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["french_tool"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def catalogue(french: ModuleType) -> object:
    """The catalogue of the tree as it is."""
    return french.gather()


def test_nothing_is_untranslated(catalogue: object) -> None:
    """Every sentence of code and templates has its French."""
    assert catalogue.missing == []


def test_no_translation_is_wrong(catalogue: object) -> None:
    """Placeholders agree, counted sentences have two forms, two areas never say one sentence two ways."""
    assert catalogue.faults == []


def test_no_translation_is_left_over(catalogue: object) -> None:
    """French nobody reads is removed."""
    assert catalogue.unused == []


def test_the_compiled_catalogue_is_up_to_date(french: ModuleType, catalogue: object) -> None:
    """zinc.po and zinc.mo are what the tool writes: run python3 dev.py french and commit both."""
    assert (french.FOLDER / "zinc.po").read_text(encoding="utf-8") == french.as_po(catalogue)
    assert (french.FOLDER / "zinc.mo").read_bytes() == french.as_mo(catalogue)


def test_french_typography(catalogue: object) -> None:
    """Apostrophes are ’ and a no-break space stands before : ; ? ! and inside « »."""
    for msgid, text in catalogue.french.items():
        for form in [text] if isinstance(text, str) else text:
            assert "« " not in form, msgid
            assert " »" not in form, msgid
