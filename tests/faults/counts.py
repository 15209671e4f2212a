"""What a campaign counted, for the table that `python3 dev.py faults` ends with (tests/conftest.py prints it)."""

import textwrap
from collections.abc import Callable

Keep = Callable[[str, object], None]
COUNTED, EXAMPLES, LONG = "campaign", "examples", "long"


def campaign(keep: Keep, name: str, *, trials: int, unit: str, found: int = 0, **counted: int) -> None:
    """Keep the counts of a campaign; `keep` is pytest's record_property, `found` what was wrong, the rest what happened."""
    told = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in counted.items())
    keep(COUNTED, (name, trials, unit, found, told))


def table(rows: list[tuple[str, int, str, int, str]]) -> list[str]:
    """Return lines that read well in a terminal: the campaign, its trials, what it found wrong; below, what happened."""
    if not rows:
        return []
    names = max(len("campaign"), *(len(name) for name, *_rest in rows))
    trials = max(len("trials"), *(len(f"{n:,} {unit}") for _name, n, unit, *_rest in rows))
    lines = [f"{'campaign'.ljust(names)}  {'trials'.rjust(trials)}  faults found", "-" * (names + trials + 16)]
    for name, n, unit, found, told in rows:
        lines.append(f"{name.ljust(names)}  {f'{n:,} {unit}'.rjust(trials)}  {found or 'none':>12}")
        lines += textwrap.wrap(told, max(names + trials + 16, 96), initial_indent="    ", subsequent_indent="    ")
    return lines
