"""Every trouble told to a person has its sentence and its remedy, in French, with its figures filled in."""

import importlib
import pkgutil
import re
import string
from collections.abc import Iterator
from types import ModuleType

import pytest

from pos import errors
from pos.errors import AlreadyDone, DiskFull, Refusal, StoreUnreadable, Told
from pos.i18n import _, ngettext

ROOTS = ("pos.errors", "pos.store", "pos.money", "pos.vat", "pos.till", "pos.services.cashback")


def modules() -> Iterator[ModuleType]:
    """Yield the modules of the core, the till and the cash-back service that know no Flask."""
    for root in ROOTS:
        module = importlib.import_module(root)
        yield module
        for inner in pkgutil.iter_modules(getattr(module, "__path__", [])):
            if inner.name != "screens":
                yield importlib.import_module(f"{root}.{inner.name}")


def told_classes() -> list[type[Told]]:
    """Return every trouble they tell."""
    found = {
        cls for module in modules() for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, Told) and cls.sentence and cls.__module__ == module.__name__
    }  # fmt: skip
    return sorted(found, key=lambda cls: cls.__name__)


@pytest.mark.parametrize("cls", told_classes(), ids=lambda cls: cls.__name__)
def test_a_trouble_is_told_in_french_with_what_to_do(cls: type[Told]) -> None:
    """Sentence and remedy are translated; the same figures stand in both languages."""
    for english in (cls.sentence, cls.remedy):
        assert english, f"{cls.__name__} leaves people alone"
        figures = set(re.findall(r"%\((\w+)\)s", english))
        params = dict.fromkeys(set(re.findall(r"%\((\w+)\)s", cls.sentence + cls.remedy)), "42")
        french = _(english, **params) if params else _(english)
        assert french != (english % params if params else english), f"no French for {english!r}"
        assert "%(" not in french
        assert not figures or "42" in french
        assert french[-1] in ".?!)" or "problem" in figures or french[-1] in string.digits
    trouble = cls(**dict.fromkeys(re.findall(r"%\((\w+)\)s", cls.sentence + cls.remedy), "42"))
    assert trouble.what()
    assert trouble.how()


def test_nobody_but_us_says_no() -> None:
    """The branches of the tree: a refusal is no breakage, a repeated tap is neither."""
    assert issubclass(DiskFull, errors.Broken)
    assert issubclass(StoreUnreadable, errors.Broken)
    assert not issubclass(AlreadyDone, Told)
    assert not issubclass(Refusal, errors.Broken)
    done = AlreadyDone("tap-1", 3, 5)
    assert (done.attempt, done.first, done.last) == ("tap-1", 3, 5)


def test_what_a_person_typed_is_shown_and_not_obeyed() -> None:
    """A percent sign or braces in a name are themselves."""
    from pos.till.refusals import ProductGone

    for label in ("50 % de plus", "{0}", "<b>%(label)s</b>", "L’« œuf » 🥚"):
        assert label in ProductGone(label=label).what()


def test_counted_sentences_agree_in_french() -> None:
    """Zero and one are singular in French."""
    said = [ngettext("operation", "operations", n) for n in (0, 1, 2)]
    assert said == ["opération", "opération", "opérations"]
