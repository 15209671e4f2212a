"""What makes a box worth a call: its journal, its check number, its clock, disk, backlog, silence, machines, copies.

The page of boxes and the network page read the same rules with the same thresholds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.engine import RowMapping

from hq import wording
from hq.days import back
from hq.limits import Limits
from pos.clock import business_day
from pos.i18n import N_, _, ngettext

CALL, WATCH = "call", "watch"
DAY_MS = 24 * 3600 * 1000
# Reasons of the page of boxes, in the order of its filter.
REASONS = {
    "T3": N_("journal"), "E1": N_("enrolment"), "T1": N_("silence"), "T8": N_("backlog"), "T4": N_("clock"),
    "T6": N_("disk"), "T7": N_("machines"), "T11": N_("copies"), "T12": N_("noted by the till"),
}  # fmt: skip
MACHINES = {
    "printer.stuck": N_("slips wait for the printer"), "printer.away": N_("printer unplugged"),
    "paper.low": N_("paper nearly out"), "kitchen.stuck": N_("slips wait in the kitchen"),
    "kitchen.away": N_("kitchen printer unplugged"), "scanner.away": N_("scanner not heard"),
    "display.away": N_("customer display unplugged"), "drawer.shut": N_("drawer did not open"),
    "terminal.away": N_("card terminal does not answer"),
}  # fmt: skip
# What HQ or the till calls the trouble with a journal: what it is, and the next step.
_HISTORY = (N_("The till’s history is not HQ’s: a copy put back, or a copied card"),
            N_("Call the café: it keeps selling; ask what was put back or copied, then give it a repair code"))  # fmt: skip
JOURNAL = dict.fromkeys(("fork", "behind", "rollback"), _HISTORY) | {
    "damaged": (N_("An entry that HQ does not have yet no longer reads on the till’s card"),
                N_("Call the café: it keeps selling, and does not switch off; give it a repair code, then plan another card")),
    "refused": (N_("HQ refuses an entry of the till’s journal"),
                N_("Pass it on to the technical team today: the café keeps selling, and nothing it has is lost")),
}  # fmt: skip
_BROKEN = (N_("The till’s journal has two histories, or is broken"), _HISTORY[1])
# What tills write down about themselves and about HQ (`TroubleNoted`): whether it is to call, what it is, the next step.
_KEEPER, _TECHNICAL = N_("Call whoever keeps the server"), N_("Pass it on to the technical team: the café sells on")
NOTED = {
    "integrity_failure": (True, N_("The till’s own check found a fault in it"),
                          N_("Call the café: it keeps selling; have the check touched again, under Tax control. If it says so again, make a code for another box")),
    "entry_healed": (False, N_("An entry had rotted on the till’s card: HQ has given it back"), N_("Nothing is lost; if it comes again, send another card or box")),
    "hq_key": (True, N_("The till was shown a second key in HQ’s name, and did not believe it"), _KEEPER),
    "hq_rollback": (False, N_("HQ had lost what it had acknowledged; the till has sent it again"),
                    N_("Nothing to do if HQ was put back from a backup; else call whoever keeps the server")),
    "hq_log": (False, N_("The till found that HQ’s log does not continue what HQ had signed for it"), _KEEPER),
    "manifest_refused": (False, N_("The till refused a list sent in HQ’s name, and keeps the one it has"), _TECHNICAL),
    "release_refused": (False, N_("The till refused the version announced to it"), _TECHNICAL),
    "update_returned": (False, N_("A new version did not start well: the till went back to the one before"), _TECHNICAL),
    "paid_despite": (False, N_("A card had paid what a rule of the till forbids meanwhile: the sale is recorded"),
                     N_("Ask the café what it sold, and whether it gave money back")),
    "archive_failure": (False, N_("The till’s archive of last year did not hold when it was checked"), _TECHNICAL),
}  # fmt: skip
# The till checks itself each night: what it has not said again for so long is over.
NOTED_DAYS = 14
# What a clock is worth, by its quality (pos/clock.py).
CLOCK_WORTH = (N_("never set"), N_("not sure"), N_("set by the network"), N_("kept by a clock chip"))
# A tick of the sale is a durable commit: beyond this the counter waits for the card.
SLOW_CARD_US = 50_000


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to look at a café: what is seen, what to do, when it goes away."""

    code: str
    level: str
    why: str
    next: str
    closes: str
    weight: int


class OfBox(Protocol):
    """What every rule about a box reads."""

    @property
    def health(self) -> Mapping[str, Any] | None:
        """What the box told at its last hello."""

    @property
    def box(self) -> Any:
        """Its open journal."""

    @property
    def fork(self) -> bool:
        """Whether two histories of it are proven."""

    @property
    def poison(self) -> int:
        """How many of its entries could not be told."""

    @property
    def limits(self) -> Limits:
        """The thresholds in force."""

    @property
    def now_ms(self) -> int:
        """When it is asked."""


def alert(code: str, red: bool, rank: int, why: str, step: str, closes: str) -> Alert:
    """Return an alert; those to call come before those to watch."""
    return Alert(code, CALL if red else WATCH, why, step, closes, (1000 if red else 0) + rank)


def journal(s: OfBox) -> Iterator[Alert]:
    """T3: two histories, a locked box, entries that could not be told."""
    state = s.health["state"] if s.health else ""
    if s.fork or state == "anomaly":
        why, step = _HISTORY if s.fork else JOURNAL.get(s.health["trouble"] if s.health else "", _BROKEN)
        yield alert("T3", True, 99, _(why), _(step), _("when its new journal is heard"))
    elif state == "locked":
        yield alert(
            "T3", True, 98, _("A box that was replaced called again: it has locked itself"),
            _("Call the café: sell on the box that took its place; if there is none, make a code for another box"),
            _("when the café’s own box calls"),
        )  # fmt: skip
    if s.poison:
        yield alert(
            "T3", False, 40, ngettext("%(n)s entry set apart: it could not be read", "%(n)s entries set apart: they could not be read", s.poison),
            _("Nothing is lost: pass it on to the technical team"), _("when the entries are read"),
        )  # fmt: skip


def noted(s: OfBox) -> Iterator[Alert]:
    """T12: what the till wrote down about itself or about HQ, within two weeks."""
    at = s.health["last_trouble_at"] if s.health else None
    if s.health is None or not at or s.health["last_trouble"] not in NOTED:
        return
    # By whole days: what the network page keeps of a café stands for a day.
    if business_day(at) <= back(business_day(s.now_ms), NOTED_DAYS):
        return
    red, why, step = NOTED[s.health["last_trouble"]]
    yield alert("T12", red, 60 if red else 22, _("%(what)s (%(when)s)", what=_(why), when=wording.moment(at)), _(step),
                ngettext("after %(n)s day without it", "after %(n)s days without it", NOTED_DAYS))  # fmt: skip


def pending(s: OfBox) -> Iterator[Alert]:
    """E1: the check number was not confirmed."""
    if s.box is not None and s.box["confirmed_at"] is None:
        yield alert(
            "E1", False, 60, _("New box: its check number was not confirmed"),
            _("Have the number read to you by telephone, then confirm it on the box’s page"), _("once confirmed"),
        )  # fmt: skip


def condition(s: OfBox) -> Iterator[Alert]:
    """T4, T8, T6: clock, backlog, disk."""
    if s.health is None:
        return
    most = s.limits
    drift = abs(s.health["clock_offset_ms"] or 0) // 1000
    if drift > most.clock_amber:
        yield alert("T4", drift > most.clock_red, 20, _("The box’s clock is off by %(n)s seconds", n=drift),
                    _("It corrects itself with the line; else check its battery"), _("when the clock is right"))  # fmt: skip
    backlog = s.health["backlog"] or 0
    if backlog > most.backlog_amber:
        yield alert("T8", backlog > most.backlog_red, 20, _("%(n)s entries not sent yet", n=wording.whole(backlog)),
                    _("Check the line; « Send now » on the till"), _("when everything is sent"))  # fmt: skip
    free = s.health["disk_free_bytes"]
    # A negative number: the box did not tell.
    if free is not None and 0 <= free < most.disk_amber * 1_000_000:
        yield alert("T6", free < most.disk_red * 1_000_000, 25, _("The box’s disk is nearly full"),
                    _("Pass it on to the technical team"), _("when room is made"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class BoxSigns:
    """What the alerts of one box are read from."""

    health: RowMapping | None
    box: Any
    report: RowMapping | None
    fork: bool
    poison: int
    limits: Limits
    # Hours without a word, planned rest left out; None: it never called.
    silent: int | None
    # Another box was here, and none may call now.
    withdrawn: bool
    now_ms: int


def alerts_of_box(s: BoxSigns) -> list[Alert]:
    """Return why a box needs help, the most pressing first."""
    found: Iterable[Alert] = [
        one
        for rule in (journal, noted, _withdrawn, pending, _silence, condition, _machines, _copies)
        for one in rule(s)
    ]
    return sorted(found, key=lambda a: -a.weight)


def _withdrawn(s: BoxSigns) -> Iterator[Alert]:
    if s.withdrawn:
        yield alert("E1", True, 70, _("No box may call: the last one was revoked"),
                    _("Make a code for another box, then read it to the café"), _("when another box has joined"))  # fmt: skip


def _silence(s: BoxSigns) -> Iterator[Alert]:
    if s.box is None:
        return
    if s.silent is None:
        yield alert("T1", False, 50, _("It has joined and was never heard since"),
                    _("Have « Send now » touched on the till, in Menu"), _("as soon as the till is heard"))  # fmt: skip
    elif s.silent >= s.limits.silence_amber:
        yield alert(
            "T1", s.silent >= s.limits.silence_red, 80,
            ngettext("Not heard for %(n)s hour, planned rest left out", "Not heard for %(n)s hours, planned rest left out", s.silent),
            _("Check power, box and Internet; otherwise send the spare box"), _("as soon as the till is heard"),
        )  # fmt: skip


def _machines(s: BoxSigns) -> Iterator[Alert]:
    codes = s.report["machines"].split() if s.report else []
    if codes:
        said = ", ".join(_(MACHINES[code]) if code in MACHINES else code for code in codes)
        yield alert("T7", False, 30, _("At its last call: %(machines)s", machines=said),
                    _("Ask what the screen says: cable, paper, then the machine switched off and on"), _("when its next call says nothing of it"))  # fmt: skip
    if s.report and s.report["commit_us"] > SLOW_CARD_US:
        yield alert("T7", False, 15, _("Its card is slow: %(n)s ms to write a sale", n=s.report["commit_us"] // 1000),
                    _("Pass it on to the technical team: the card may be wearing out"), _("when it is measured again"))  # fmt: skip


def _copies(s: BoxSigns) -> Iterator[Alert]:
    if s.report is None or s.box is None:
        return
    at, drill = s.report["copy_at"], s.report["drill_at"]
    if s.report["drill_failed"] and drill > 0:
        yield alert("T11", True, 45, _("The last copy could not be restored, tried on %(day)s", day=wording.moment(drill)),
                    _("Have another stick put in, and the copy tried again in Menu, Backup"), _("when a copy is tried and good"))  # fmt: skip
    days = (s.now_ms - at) // DAY_MS if at > 0 else (s.now_ms - s.box["made_at"]) // DAY_MS
    if at >= 0 and days >= s.limits.copy_amber:
        why = ngettext("No copy on the stick for %(n)s day", "No copy on the stick for %(n)s days", days) if at else _(
            "No copy was ever made on a stick")  # fmt: skip
        # What the box has and HQ has not is lost with its card: red only then.
        yield alert("T11", days >= s.limits.copy_red and bool(s.health and s.health["backlog"]), 28, why,
                    _("Have the café’s stick put in: the copy is made by itself at closing"), _("at the next copy"))  # fmt: skip
