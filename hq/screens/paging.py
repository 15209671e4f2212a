"""Long lists, some lines at a time: what needs somebody first, the rest one touch away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

LINES = 50
# Drawn of each level at first: those in need, then a few of the others.
FIRST = {"call": 30, "watch": 20, "usual": 12, "soon": 12}


@dataclass(frozen=True, slots=True)
class Slice:
    """Some lines of a list, from the one after `skip` on; `before` and `after` are where the others are."""

    rows: Sequence[Any]
    skip: int
    total: int
    before: str = ""
    after: str = ""

    @property
    def last(self) -> int:
        """Return the place of the last line drawn."""
        return self.skip + len(self.rows)


def sliced(rows: Sequence[Any], name: str = "skip", size: int = LINES) -> Slice:
    """Return the lines that the address asks for; `name` is where it says how many come before."""
    asked = max(0, request.args.get(name, 0, type=int))
    skip = min(asked, max(len(rows) - 1, 0)) // size * size
    return Slice(
        rows[skip : skip + size], skip, len(rows), here(**{name: max(skip - size, 0) or None}) if skip else "",
        here(**{name: skip + size}) if skip + size < len(rows) else "",
    )  # fmt: skip


def by_level(groups: Mapping[str, Sequence[Any]], *, searched: bool) -> dict[str, Slice]:
    """Return the lines drawn of each level: the first ones, or the page of one level that the address asks for."""
    only = request.args.get("level", "")
    if groups.get(only):
        return {only: sliced(groups[only])}
    return {
        level: Slice(rows[: LINES if searched else FIRST[level]], 0, len(rows), after=here(level=level))
        for level, rows in groups.items() if rows
    }  # fmt: skip


def here(**changes: Any) -> str:
    """Return the address of this page with some of what it asks for changed."""
    asked = {name: value for name, value in request.args.items() if name.isalpha() and name not in ("skip", "endpoint")}
    return url_for(
        f".{(request.endpoint or '').rpartition('.')[2]}", **{**asked, **changes, **(request.view_args or {})}
    )
