"""Play a day from a file of acts through the functions of the screen, on a stopped clock.

One JSON object a line: an act `{"at", "by", "act", "with"}` (optional `"as"` names its result,
`"refused"` the refusal it must meet), or `{"expect": {…}}` that compares totals. In `with`, a text
`"$name"` or `"$name.field"` stands for an earlier result.
"""

import inspect
import tempfile
import typing
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from pos import box, zcj
from pos.clock import StoppedClock, business_day, to_ms
from pos.errors import Refusal, Told
from pos.house import FEATURES, acts, service_codes
from pos.i18n import N_, _, ngettext
from pos.money import format_euros
from pos.seal import GRANT, Keyring
from pos.store import Store
from pos.till import catalogue, close, tables, uses
from pos.till.events import OperatorAdded
from pos.till.owners import names_learnt, owner_said
from pos.till.slip_parts import MEANS_SAID, rate_said


class BadDayFile(Told):
    """A line of the file cannot be played."""

    sentence = N_("Line %(line)s of the day file: %(problem)s")
    remedy = N_("Correct the line; nothing of this file was kept.")


@dataclass
class Played:
    """What came of a file: acts done, refusals by line, differences with what was expected."""

    done: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    days: list[str] = field(default_factory=list)


def describe_acts() -> list[str]:
    """Return one line per act: its name, parameters with types, and first sentence."""
    lines = []
    for name, (_feature, act) in sorted(acts().items()):
        lines.append(f"{name}({', '.join(_said(act))})\n    {(inspect.getdoc(act) or '').splitlines()[0]}")
    return lines


def _said(act: Any) -> list[str]:
    out = []
    for parameter in list(inspect.signature(act).parameters.values())[1:]:
        if parameter.name not in ("by", "attempt"):
            kind = getattr(parameter.annotation, "__name__", None) or str(parameter.annotation)
            default = "" if parameter.default is inspect.Parameter.empty else f" = {parameter.default!r}"
            out.append(f"{parameter.name}: {kind}{default}")
    return out


class Player:
    """Plays lines on one store whose clock is stopped."""

    def __init__(self, store: Store, clock: StoppedClock) -> None:
        self.store = store
        self.clock = clock
        self.acts = acts()
        self.played = Played()
        self._named: dict[str, Any] = {}
        self._since_expect: list[str] = []

    def play(self, lines: Iterable[str]) -> Played:
        """Play all lines in order; raise BadDayFile for one that cannot be understood."""
        for number, text in enumerate(lines, start=1):
            if text.strip() and not text.lstrip().startswith("//"):
                self._play_line(number, text)
        return self.played

    def _play_line(self, number: int, text: str) -> None:
        try:
            line = msgspec.json.decode(text)
        except msgspec.DecodeError as problem:
            raise BadDayFile(line=number, problem=str(problem)) from problem
        if not isinstance(line, dict) or not {"act", "expect", "note"} & set(line):
            raise BadDayFile(line=number, problem=_("neither act nor expect."))
        if "at" in line:
            self._set_clock(number, line["at"])
        if "expect" in line:
            self._compare(number, line["expect"])
        elif "act" in line:
            self._act(number, line)

    def _set_clock(self, number: int, at: str) -> None:
        try:
            self.clock.set(at)
        except (ValueError, TypeError) as problem:
            raise BadDayFile(line=number, problem=str(problem)) from problem
        day = business_day(self.clock.now_ms())
        if not self.played.days or self.played.days[-1] != day:
            self.played.days.append(day)

    def _act(self, number: int, line: dict[str, Any]) -> None:
        name = line["act"]
        try:
            result = self._call(number, name, line)
        except Refusal as refusal:
            met = type(refusal).__name__
            self._since_expect.append(met)
            if line.get("refused") != met:
                self.played.refused.append((number, met, refusal.what()))
                if "refused" in line:
                    self.played.differences.append(
                        _("line %(n)s: refused %(met)s, expected %(other)s", n=number, met=met, other=line["refused"])
                    )
            return
        if "refused" in line:
            self.played.differences.append(
                _("line %(n)s: %(act)s should have been refused: %(met)s", n=number, act=name, met=line["refused"])
            )
        if "as" in line:
            self._named[line["as"]] = result
        self.played.done += 1

    def _call(self, number: int, name: str, line: dict[str, Any]) -> Any:
        if name == "box.restart":
            return box.start(self.store)
        if name not in self.acts:
            raise BadDayFile(line=number, problem=_("no act is called « %(name)s ».", name=name))
        act: Any = self.acts[name][1]
        given = self._resolved(line.get("with", {}), number)
        hints = typing.get_type_hints(act)
        unknown = set(given) - set(hints)
        if unknown:
            raise BadDayFile(
                line=number,
                problem=_("%(act)s has no parameter %(names)s.", act=name, names=", ".join(sorted(unknown))),
            )
        try:
            told = {key: _converted(value, hints[key]) for key, value in given.items()}
            bound = inspect.signature(act).bind(
                self.store, by=line.get("by", "g1"), attempt=line.get("attempt", ""), **told
            )
        except (msgspec.ValidationError, TypeError, ValueError) as problem:
            raise BadDayFile(line=number, problem=f"{name}: {problem}") from problem
        return act(*bound.args, **bound.kwargs)

    def _resolved(self, value: Any, number: int) -> Any:
        if isinstance(value, dict):
            return {key: self._resolved(inner, number) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._resolved(inner, number) for inner in value]
        if isinstance(value, str) and value.startswith("$"):
            name, *path = value[1:].split(".")
            if name not in self._named:
                raise BadDayFile(line=number, problem=_("nothing is named « %(name)s » yet.", name=name))
            found = self._named[name]
            for part in path:
                found = found[int(part)] if part.isdigit() else getattr(found, part)
            return found
        return value

    # What is compared

    def _compare(self, number: int, expected: dict[str, Any]) -> None:
        day = business_day(self.clock.now_ms())
        with self.store.reading() as conn:
            found = figures(conn, day)
        found["refusals"] = self._since_expect
        for key, value in expected.items():
            self._compare_one(number, key, value, found)
        if "refusals" in expected:
            self._since_expect = []

    def _compare_one(self, number: int, key: str, value: Any, found: dict[str, Any]) -> None:
        if key not in found:
            raise BadDayFile(
                line=number,
                problem=_("nothing is called « %(name)s » among: %(names)s.", name=key, names=", ".join(sorted(found))),
            )
        actual = found[key]
        if isinstance(value, dict):
            actual = {inner: actual.get(inner, 0) for inner in value}
        if actual != value:
            self.played.differences.append(
                _(
                    "line %(n)s: %(name)s is %(actual)s, expected %(value)s",
                    n=number,
                    name=key,
                    actual=actual,
                    value=value,
                )
            )


def figures(conn: Any, day: str) -> dict[str, Any]:
    """Return the figures of a day that a day file may compare, those of the services under their slug."""
    label = (tables.open_day(conn) or {"day": day})["day"]
    out: dict[str, Any] = {
        "takings": tables.total(conn, label, "turnover", "own"),
        "drawer": tables.drawer_expected(conn, label),
        "third_parties": tables.third_parties(conn),
        "uses": uses.of_day(conn, day),
        "tickets": tables.totals(conn, label, "count").get("tickets", (0, 0, 0))[2],
        "means": {key: amount for key, (amount, _n, _c) in tables.totals(conn, label, "means").items()},
        "vat": {key: amount - net for key, (amount, net, _n) in tables.totals(conn, label, "vat").items()},
        "state": close.day_state(conn, day).state,
        "unsettled_cards": len(tables.unsettled_cards(conn)),
    }
    for feature in FEATURES:
        if feature.figures is not None:
            out[feature.slug] = feature.figures(conn, day)
    return out


def _converted(value: Any, hint: Any) -> Any:
    """Return a JSON value as the type an act asks for; UTC ms may be written as an ISO date."""
    if hint is int and isinstance(value, str) and "T" in value:
        return to_ms(value)
    return value if _is_already(value, hint) else msgspec.convert(value, hint)


def _is_already(value: Any, hint: Any) -> bool:
    return isinstance(hint, type) and isinstance(value, hint)


def summary(store: Store, played: Played) -> list[str]:
    """Return the lines printed after a replay: refusals, differences, the last day's totals."""
    out = [_("refused: line %(n)s, %(name)s: %(what)s", n=n, name=name, what=what) for n, name, what in played.refused]
    out += [_("DIFFERENT: %(what)s", what=text) for text in played.differences]
    if played.days:
        with store.reading() as conn:
            found = figures(conn, played.days[-1])
            named = names_learnt(store.features, conn)
        out += _totals(played.days[-1], found, named)
    said = (
        ngettext("%(n)s act done", "%(n)s acts done", played.done),
        ngettext("%(n)s refused", "%(n)s refused", len(played.refused)),
        ngettext("%(n)s difference", "%(n)s differences", len(played.differences)),
    )
    return [*out, ", ".join(said)]


def _totals(day: str, found: dict[str, Any], named: dict[str, str]) -> list[str]:
    """Return the day's totals, names to the left and figures in one column."""
    services = {code: _(service.label) for code, service in service_codes().items()}
    rows = [(_("Takings of %(day)s", day=day), format_euros(found["takings"]))]
    rows += [(_("VAT %(rate)s", rate=_rate(key)), format_euros(cents)) for key, cents in found["vat"].items()]
    rows += [
        (_("Paid by: %(means)s", means=_(MEANS_SAID.get(key, key))), format_euros(cents))
        for key, cents in found["means"].items()
    ]
    rows += [
        (_("Held for %(owner)s", owner=owner_said(owner, named)), format_euros(cents))
        for owner, cents in found["third_parties"].items()
        if cents
    ]
    rows += [
        (_("Uses of %(service)s", service=services.get(service, service)), str(n))
        for service, n in found["uses"].items()
    ]
    rows.append((_("In the drawer"), format_euros(found["drawer"])))
    left, right = (max(map(len, side)) for side in zip(*rows, strict=True))
    return [f"  {name.ljust(left)}  {figure.rjust(right)}" for name, figure in rows]


def _rate(key: str) -> str:
    return rate_said(int(key)) if key.isdecimal() else key


def play_file(path: Path, folder: Path | None = None) -> tuple[Store, Played]:
    """Play a day file on a café of its own (a temporary folder unless one is given).

    The café starts with the starter menu and operators g1 and v1; its grant is self-made, so it
    can never be taken for one that HQ knows.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    clock = StoppedClock(first_time(lines))
    folder = folder or Path(tempfile.mkdtemp(prefix="zinc-replay-"))
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    if store.journal is None:
        begin_practice(store)
    with store.bulk():
        played = Player(store, clock).play(lines)
    return store, played


def begin_practice(store: Store) -> None:
    """Give a store a journal of its own, and what a café needs to be played."""
    grant = zcj.encode(
        {"base": None, "cafe": 0, "hq": store.keyring.kid, "issued": store.clock.now_ms(), "key": store.keyring.public.hex(),
         "n": 1, "type": "grant", "v": 1}
    )  # fmt: skip
    box.begin_journal(store, grant, store.keyring.sign(GRANT, grant), store.keyring.public)
    begin_menu(store)


def begin_menu(store: Store) -> None:
    """Put the starter menu and two operators without names in a café about to be played."""
    with store.writing(by="g1") as tx:
        tx.record(OperatorAdded(op="g1", role="manager"))
        tx.record(OperatorAdded(op="v1", role="seller"))
    catalogue.load_starter(store, by="g1")


def first_time(lines: list[str]) -> int:
    """Return UTC ms a minute before the first dated line of a day file."""
    for text in lines:
        try:
            line = msgspec.json.decode(text)
            if isinstance(line, dict) and "at" in line:
                return to_ms(line["at"]) - 60_000
        except (msgspec.DecodeError, ValueError, TypeError):
            continue
    return to_ms("2026-01-01T06:00:00+01:00")
