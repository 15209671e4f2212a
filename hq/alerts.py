"""What makes a café worth a call: each alert has its reason, its next step and its closing condition.

Thresholds are those of services.md D.2-D.5; a café is compared with itself only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.engine import RowMapping

from hq import box_alerts, wording
from hq.box_alerts import CALL, WATCH, Alert, alert
from hq.days import back, span, within
from hq.limits import Limits
from hq.lost_days import Lost
from hq.recent import Recent
from pos.i18n import N_, _, ngettext

# Short names of the reasons, in the order of the page's filter.
REASONS = {
    "T3": N_("journal"), "T1": N_("silence"), "T10": N_("closings"), "M1": N_("drawer"), "A1": N_("takings"),
    "A2": N_("opening"), "E1": N_("enrolment"), "T12": N_("noted by the till"), "T6": N_("disk"), "T4": N_("clock"), "T8": N_("backlog"),
    "H1": N_("follow-up"), "A12": N_("past their day"), "A19": N_("distance"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signs:
    """What the alerts of one café are read from."""

    cafe: RowMapping
    health: Mapping[str, Any] | None
    box: Mapping[str, Any] | None
    recent: Recent
    strip: list[tuple[str, str]]
    fork: bool
    poison: int
    since: str
    today: str
    shares_money: bool
    # Days since somebody called; None: nobody ever did.
    called: int | None
    without_distance: Mapping[str, int]
    # How many things that go back to a partner wait past their day, and the day of the oldest.
    overdue: int = 0
    overdue_since: str = ""
    limits: Limits = field(default_factory=Limits)
    now_ms: int = 0
    lost: Lost = ()


def alerts_of(signs: Signs) -> list[Alert]:
    """Return the alerts of a café, the most pressing first."""
    found = [one for rule in RULES for one in rule(signs)]
    return sorted(found, key=lambda a: -a.weight)


def _silence(s: Signs) -> Iterator[Alert]:
    # What a dead box took with it is unknown, and nobody is silent.
    nights = sum(1 for day, state in s.strip if state == "unknown" and not within(day, s.lost))
    if nights >= 2:
        yield alert(
            "T1", nights >= 4, 80 + min(nights, 14),
            ngettext("Silent for %(n)s night, on a day planned open", "Silent for %(n)s nights, on days planned open", nights),
            _("Check power, box and Internet; otherwise send the spare box"), _("as soon as the till is heard"),
        )  # fmt: skip


def _unclosed(s: Signs) -> Iterator[Alert]:
    n = s.recent.unclosed
    if n:
        yield alert(
            "T10", n >= 3, 70,
            ngettext("%(n)s day not closed, since %(day)s", "%(n)s days not closed, since %(day)s", n,
                     day=wording.day_short(s.recent.unclosed_since)),
            _("Close it together by telephone: it is a fiscal duty"), _("when every day is closed"),
        )  # fmt: skip


def _cash(s: Signs) -> Iterator[Alert]:
    if not s.shares_money:
        return
    gaps = s.recent.gaps
    last, total = gaps[-3:], sum(gaps)
    running = len(last) == 3 and (all(g < 0 for g in last) or all(g > 0 for g in last))
    step = _("Count the drawer together this evening, by telephone")
    if running:
        amounts = ", ".join(wording.euros_cents(abs(g)) for g in last)
        why = _("The drawer is short 3 closings running: %(amounts)s", amounts=amounts) if last[0] < 0 else _(
            "The drawer is over 3 closings running: %(amounts)s", amounts=amounts)  # fmt: skip
        yield alert(
            "M1", max(abs(g) for g in last) > 500 or abs(total) > 5000, 65, why, step, _("after 5 right closings")
        )
    elif gaps and (abs(gaps[-1]) > 2000 or abs(total) > 5000):
        yield alert(
            "M1", True, 64, _("Cash differences: %(last)s at the last closing, %(total)s in 30 days",
                              last=wording.euros_cents(gaps[-1], signed=True), total=wording.euros_cents(total, signed=True)),
            step, _("after 5 right closings"),
        )  # fmt: skip
    elif gaps and abs(gaps[-1]) > 500:
        yield alert(
            "M1", False, 30, _("Cash difference of %(last)s at the last closing", last=wording.euros_cents(gaps[-1], signed=True)),
            _("Watch the next closing"), _("after 1 right closing"),
        )  # fmt: skip


def _activity(s: Signs) -> Iterator[Alert]:
    """A1/A4: four weeks against the eight before, takings when they are shared, else tickets."""
    if not s.since or not s.strip:
        return
    last, before = s.recent.weeks[:4], s.recent.weeks[4:12]
    if sum(week.days for week in before) < 15 or sum(state == "unknown" for _d, state in s.strip) > 1:
        return
    now, then = (sum(week.cents if s.shares_money else week.tickets for week in part) for part in (last, before))
    length = min(56, span(max(back(s.today, 84), s.since), back(s.today, 28)))
    usual = then * 28 // max(length, 1)
    change = wording.percent_change(now, usual)
    if usual and change <= -15:
        what = _("Takings down %(n)s %% over four weeks", n=-change) if s.shares_money else _(
            "Passages down %(n)s %% over four weeks", n=-change)  # fmt: skip
        yield alert("A1", change <= -30, 55, what, _("Take news; offer a visit"), _("after two weeks above −10 %"))


def _opening(s: Signs) -> Iterator[Alert]:
    missed = sum(1 for _day, state in s.strip if state == "missed")
    if missed >= 2:
        yield alert(
            "A2", missed >= 4, 50, ngettext("%(n)s planned day not opened in two weeks", "%(n)s planned days not opened in two weeks", missed),
            _("Go over the opening calendar together"), _("after two weeks as planned"),
        )  # fmt: skip


def _distance(s: Signs) -> Iterator[Alert]:
    n = sum(s.without_distance.values())
    if n > 0:
        yield alert(
            "A19", False, 10, _thin(ngettext("%(n)s use without a confirmed distance", "%(n)s uses without a confirmed distance", n), n),
            _("Ours to do: confirm the distance in the register"), _("once confirmed"),
        )  # fmt: skip


def _overdue(s: Signs) -> Iterator[Alert]:
    """A12: parcels, notices, boxes beyond their day and still there."""
    if s.overdue:
        old = span(s.overdue_since, s.today)
        yield alert(
            "A12", s.overdue >= 5 or old > 3, 35,
            ngettext("%(n)s thing past its day, since %(day)s", "%(n)s things past their day, since %(day)s", s.overdue,
                     day=wording.day_short(s.overdue_since)),
            _("Have them given back to the driver, to La Poste or to the library"), _("when nothing waits past its day"),
        )  # fmt: skip


def _thin(text: str, n: int) -> str:
    return text.replace(str(n), wording.whole(n), 1)


def _talk(s: Signs) -> Iterator[Alert]:
    if s.called is not None and s.called > 35:
        yield alert("H1", s.called > 60, 15, _("No exchange with the antenne for %(n)s days", n=s.called),
                    _("Take news: one exchange a month is promised"), _("after a call"))  # fmt: skip


RULES: tuple[Callable[[Signs], Iterator[Alert]], ...] = (
    box_alerts.journal, box_alerts.noted, _silence, box_alerts.pending, _unclosed, _cash, _activity, _opening, box_alerts.condition, _overdue, _distance, _talk,
)  # fmt: skip

__all__ = ["CALL", "REASONS", "WATCH", "Alert", "Signs", "alerts_of"]
