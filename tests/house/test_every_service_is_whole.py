"""Every folder of pos/services is complete: what is missing is said with what to do about it.

A new service is not finished until this file is green; CONTRIBUTING.md leads there.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from pos.errors import Refusal
from pos.events import Event
from pos.feature import Feature
from pos.house import FEATURES
from pos.i18n import _
from pos.services import SERVICES
from tests.golden_samples import sample_path
from tests.house.tree import ROOT, text_of

SERVICES_FOLDER = ROOT / "pos" / "services"
FILES = ("__init__.py", "events.py", "desk.py", "tables.py", "screens.py")
Rule = Callable[[Feature], Iterator[str]]


def folder_of(feature: Feature) -> Path:
    """Return the folder of a service."""
    return SERVICES_FOLDER / feature.slug


@cache
def modules_of(slug: str) -> tuple[ModuleType, ...]:
    """Return every module of a service."""
    names = [path.stem for path in sorted((SERVICES_FOLDER / slug).glob("*.py")) if path.stem != "__init__"]
    return tuple(importlib.import_module(f"pos.services.{slug}{'.' + name if name else ''}") for name in ["", *names])


@cache
def all_tests() -> str:
    """Return the text of every test outside the house tests."""
    return "\n".join(text_of(p) for p in sorted((ROOT / "tests").rglob("*.py")) if "house" not in p.parts)


def files_are_there(feature: Feature) -> Iterator[str]:
    """The same files in every folder."""
    for name in FILES:
        path = folder_of(feature) / name
        # A module that grew may be a package of the same name.
        if not path.exists() and not (path.with_suffix("") / "__init__.py").exists():
            yield f"pos/services/{feature.slug}/{name} is missing: copy the neighbour's and rename"
    if not list((folder_of(feature) / "templates" / feature.slug).glob("*.html")):
        yield f"no template in pos/services/{feature.slug}/templates/{feature.slug}/"
    tests = ROOT / "tests" / "services"
    if not [*tests.glob(f"test_{feature.slug}*.py"), *tests.glob(f"{feature.slug}/test_*.py")]:
        yield f"tests/services/test_{feature.slug}.py is missing"


def it_presents_itself(feature: Feature) -> Iterator[str]:
    """The folder says what the service is; the counter shows a French name."""
    said = modules_of(feature.slug)[0].__doc__ or ""
    if len(said.split()) < 8:
        yield f"pos/services/{feature.slug}/__init__.py: say what, for whom, and what counts as a use"
    for msgid in (feature.title, *(code.label for code in feature.services)):
        if _(msgid) == msgid:
            yield f"{msgid!r} has no French: add it to pos/translations/parts/{feature.slug}.json"


def events_are_whole(feature: Feature) -> Iterator[str]:
    """Every event of the folder is registered, named after the slug, documented, sampled, told or counted."""
    told = {cls for f in FEATURES if f.projection for cls in f.projection.tellers}
    counted = {cls for f in FEATURES for cls in f.uses}
    for module in modules_of(feature.slug):
        for cls in own_classes(module, Event):
            if cls.kind and cls not in feature.events:
                yield f"{cls.__name__} is not in SERVICE.events: its journal entries would not be read"
    for cls in feature.events:
        if not cls.kind.startswith(f"{feature.slug}."):
            yield f"{cls.__name__}.kind is {cls.kind!r}: it begins with {feature.slug!r} and a dot"
        if not cls.__dict__.get("__doc__"):
            yield f"{cls.__name__} has no docstring: say the fact in a sentence"
        if not sample_path(cls.kind, cls.kv).exists():
            yield f"{cls.kind} has no golden sample: python3 dev.py golden"
        if cls not in told and cls not in counted:
            yield f"{cls.__name__} is told to no table and counted in no use: who reads it?"


def own_classes(module: ModuleType, base: type) -> list[type]:
    """Return the classes of a kind that a module defines itself."""
    return [
        cls
        for _name, cls in inspect.getmembers(module, inspect.isclass)
        if issubclass(cls, base) and cls.__module__ == module.__name__
    ]


def acts_are_whole(feature: Feature) -> Iterator[str]:
    """An act is documented, says who and which tap, and is listed so that a day file can play it."""
    for act in feature.acts:
        parameters = inspect.signature(act).parameters
        if not act.__doc__:
            yield f"{feature.slug}.{act.__name__} has no docstring"
        for name in ("by", "attempt"):
            if name not in parameters or parameters[name].kind is not inspect.Parameter.KEYWORD_ONLY:
                yield f"{feature.slug}.{act.__name__} takes `{name}` as a keyword"
    listed = {act.__name__ for act in feature.acts}
    desk = next((m for m in modules_of(feature.slug) if m.__name__.endswith(".desk")), None)
    for name, function in inspect.getmembers(desk, inspect.isfunction) if desk else ():
        public = function.__module__ == desk.__name__ and not name.startswith("_")  # type: ignore[union-attr]
        if public and {"by", "attempt"} <= set(inspect.signature(function).parameters) and name not in listed:
            yield f"{feature.slug}.desk.{name} is an act and is not in SERVICE.acts"


def refusals_are_tested(feature: Feature) -> Iterator[str]:
    """Each way to say no has its sentence, its remedy, and a test that hears it."""
    for module in modules_of(feature.slug):
        for cls in own_classes(module, Refusal):
            if not cls.sentence:
                continue
            if not cls.remedy:
                yield f"{cls.__name__} says no without a remedy"
            if not re.search(rf"\b{cls.__name__}\b", all_tests()):
                yield f"no test raises {cls.__name__}: pytest.raises({cls.__name__})"


def screens_are_mounted(feature: Feature) -> Iterator[str]:
    """The blueprint bears the slug, is in the kiosk's list, and draws from its own folder."""
    from kiosk.app import BLUEPRINTS

    mounted = [bp for bp in BLUEPRINTS if bp.import_name == f"pos.services.{feature.slug}.screens"]
    if not mounted:
        yield f"the blueprint of {feature.slug} is not in kiosk/blueprints.py: BLUEPRINTS"
    for blueprint in mounted:
        if blueprint.name != feature.slug:
            yield f"the blueprint of {feature.slug} is named {blueprint.name!r}"
    for path in folder_of(feature).rglob("*.html"):
        if path.parent != folder_of(feature) / "templates" / feature.slug:
            yield f"{path.relative_to(ROOT)}: templates live in templates/{feature.slug}/"
    if not feature.home:
        yield f"{feature.slug} has no `home`: its tile on the counter leads nowhere"


def names_agree(feature: Feature) -> Iterator[str]:
    """A projection bears the slug and its tables begin with it: two services never collide."""
    if feature.projection is None:
        yield f"{feature.slug} tells nothing: SERVICE.projection is empty"
        return
    if feature.projection.name != feature.slug:
        yield f"the projection of {feature.slug} is named {feature.projection.name!r}"
    for table in feature.projection.tables:
        if not table.startswith(feature.slug.rstrip("s")):
            yield f"table {table} of {feature.slug} begins with another word"


RULES: tuple[Rule, ...] = (
    files_are_there, it_presents_itself, events_are_whole, acts_are_whole, refusals_are_tested,
    screens_are_mounted, names_agree,
)  # fmt: skip


def test_every_folder_is_a_service_of_the_list() -> None:
    """A folder that is not in SERVICES is never read; a slug is the name of its folder."""
    folders = {path.name for path in SERVICES_FOLDER.iterdir() if (path / "__init__.py").exists()}
    assert folders == {feature.slug for feature in SERVICES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("feature", SERVICES, ids=lambda feature: feature.slug)
def test_a_service_is_whole(feature: Feature, rule: Rule) -> None:
    """Each rule gives its advice; a whole service gives none."""
    assert list(rule(feature)) == []


def test_no_two_features_share_a_name() -> None:
    """Slugs, tables, acts and counted services are unique in the house."""
    slugs = [feature.slug for feature in FEATURES]
    tables = [table for feature in FEATURES if feature.projection for table in feature.projection.tables]
    codes = [code.code for feature in FEATURES for code in feature.services]
    for names in (slugs, tables, codes):
        assert len(names) == len(set(names))
