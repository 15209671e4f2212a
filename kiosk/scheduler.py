"""What the box does by itself: send to HQ, forget private data, check its own journal.

Level-triggered: every few minutes a tick asks the database what is due and not yet done, so that a
box switched off at night loses five minutes, never a night.
"""

import logging
import random
import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kiosk import announced, copy_jobs, joining, version
from kiosk.wiring import Kiosk
from pos import drafts, private
from pos.archive import tables as archives
from pos.archive.period import PeriodNotOver
from pos.clock import PARIS, business_day, local
from pos.errors import Broken, SyncTrouble, Told
from pos.system import TroubleNoted
from pos.till import clockset, close, network_apply, tables

log = logging.getLogger("zinc.jobs")

TICK_MINUTES = 5
# First try soon after start: a box switched on in the morning sends its night.
FIRST_TICK_S = 20
RETRY_MIN_MS, RETRY_MAX_MS = 30_000, 3_600_000
# By day, what was sold goes at this pace while the line answers: a box that dies or is stolen loses no more.
LIGHT_MS = 15 * 60_000
DAY_MS = 24 * 3_600_000
NIGHT_STARTS = (22, 30)
# Attempt ids are kept this long: no finger is that slow.
ATTEMPTS_KEPT_MS = 14 * DAY_MS
PAPER_KEPT_MS = 3 * DAY_MS
# The nightly check waits until the counter has been quiet.
QUIET_MS = 30 * 60_000
JOBS = "jobs"
_TURN = threading.Lock()


def start(kiosk: Kiosk) -> Any:
    """Start the ticks in a thread of their own; return the scheduler to shut down."""
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(timezone=PARIS)
    first = local(kiosk.store.clock.now_ms()) + timedelta(seconds=FIRST_TICK_S)
    scheduler.add_job(
        tick_in_turn, "interval", args=[kiosk, scheduler], minutes=TICK_MINUTES, next_run_time=first, coalesce=True,
        max_instances=1, misfire_grace_time=None,
    )  # fmt: skip
    scheduler.start()
    return scheduler


def tick_in_turn(kiosk: Kiosk, scheduler: Any) -> None:
    """Tick; a try that was put off by less than a tick is not left until the next one."""
    with _TURN:
        tick(kiosk)
    now, after = kiosk.store.clock.now_ms(), _jobs(kiosk).get("push_after", 0)
    if now < after < now + TICK_MINUTES * 60_000:
        again = local(after) + timedelta(seconds=1)
        scheduler.add_job(tick_in_turn, "date", args=[kiosk, scheduler], run_date=again, id="again",
                          replace_existing=True, misfire_grace_time=None)  # fmt: skip


def tick(kiosk: Kiosk) -> list[str]:
    """Do what is due now; return the names of what was done."""
    # A sign of life for the box's updater: this release runs well enough to come here.
    (kiosk.data / "alive").touch()
    done = ["clock"] if clockset.settle(kiosk.store) else []
    for name, due, act in (
        ("close", close_due, close_forgotten),
        # Before the line: the stick is here, HQ may take a while, and somebody may be about to go home.
        ("copy", copy_jobs.copy_due, copy_jobs.copy_by_itself),
        ("tail", copy_jobs.tail_due, copy_jobs.tail_by_itself),
        ("update", version.outcome_due, version.note_outcome),
        ("push", push_due, push),
        ("network", network_due, apply_network),
        ("release", announced.due, announced.fetch),
        ("forget", forget_due, forget),
        ("audit", audit_due, audit),
        ("drill", drill_due, drill),
    ):
        try:
            if due(kiosk):
                act(kiosk)
                done.append(name)
        except Exception:
            # What comes after it does not wait for what cannot be done.
            log.exception("%s left for the next tick", name)
    return done


def _jobs(kiosk: Kiosk) -> dict[str, Any]:
    with kiosk.store.reading() as conn:
        found: dict[str, Any] = drafts.get(conn, JOBS, {})
    return found


def _note(kiosk: Kiosk, **values: Any) -> None:
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, JOBS, {**drafts.get(tx.conn, JOBS, {}), **values})


# Closing what was forgotten


def close_due(kiosk: Kiosk) -> bool:
    """Tell whether a day was left open, or a month is over and not closed."""
    return kiosk.store.journal is not None and close.something_to_close(kiosk.store)


def close_forgotten(kiosk: Kiosk) -> None:
    """Close it, uncounted, under its own day (R35)."""
    for what in close.close_forgotten(kiosk.store):
        log.info("closed by itself: %s", what)


# Sending to HQ


def push_due(kiosk: Kiosk) -> bool:
    """Tell whether it is time to call HQ (§2.16).

    Something waits: after a quarter of an hour, or at once when the day is closed. Nothing waits: once a night, in
    the café's own slot, so that HQ knows that the box lives.
    """
    if kiosk.line is None or kiosk.store.journal is None:
        return False
    from sync import agent, downstream

    now = kiosk.store.clock.now_ms()
    if now < _jobs(kiosk).get("push_after", 0):
        return False
    line = agent.status(kiosk.store)
    heard = line.last_heard or 0
    if line.pending and now - heard >= TICK_MINUTES * 60_000:
        # Somebody may be on the telephone about it: the screen must not go on asking for a call that was made.
        return True
    if agent.backlog(kiosk.store) == 0 and not downstream.wanted(kiosk.store):
        return heard < _last_slot(line.slot, kiosk.store.journal.cafe, now)
    with kiosk.store.reading() as conn:
        closed = tables.open_day(conn) is None
    return closed or not 0 <= now - heard < LIGHT_MS


def _last_slot(told: int, cafe: int, now: int) -> int:
    """Return the latest start of this café's own place in the night, or of the one HQ told it (ZJP/1 §2.16), in UTC ms."""
    from sync.wire import SLOT_SECONDS, slot

    evening = local(now).replace(hour=NIGHT_STARTS[0], minute=NIGHT_STARTS[1], second=0, microsecond=0)
    mine = int((evening + timedelta(seconds=told if 0 <= told < SLOT_SECONDS else slot(cafe))).timestamp() * 1000)
    # After midnight today's evening is still to come, and with a late slot last night's turn too.
    while mine > now:
        mine -= DAY_MS
    return mine


def push(kiosk: Kiosk) -> bool:
    """Send, or put the next try off with full jitter, for ever (§2.5)."""
    from sync import trouble

    try:
        joining.push_now(kiosk)
    except SyncTrouble as problem:
        failures = _jobs(kiosk).get("push_failures", 0)
        # What HQ asks for is drawn for this box already: it is kept to, and is no failure of the line.
        wait = problem.seconds * 1000.0 if isinstance(problem, trouble.HqBusy) else 0.0
        if not wait:
            failures += 1
            wait = random.uniform(0, min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** min(failures, 10)))  # noqa: S311
        _note(kiosk, push_failures=failures, push_after=kiosk.store.clock.now_ms() + int(wait))
        log.info("push put off: %s", type(problem).__name__)
        return False
    _note(kiosk, push_failures=0, push_after=0)
    return True


def network_due(kiosk: Kiosk) -> bool:
    """Tell whether a list of the network waits for the day to be closed, or one of its prices for its day."""
    return kiosk.store.journal is not None and network_apply.due(kiosk.store)


def apply_network(kiosk: Kiosk) -> None:
    """Put in force what may be now."""
    network_apply.apply_waiting(kiosk.store)


# Forgetting


def forget_due(kiosk: Kiosk) -> bool:
    """Tell whether today's forgetting is still to do."""
    return bool(_jobs(kiosk).get("forgot_on") != business_day(kiosk.store.clock.now_ms()))


def forget(kiosk: Kiosk) -> int:
    """Erase private data whose date has passed, old attempt ids and printed paper; return persons erased."""
    from pos.hardware import queue

    now = kiosk.store.clock.now_ms()
    today = business_day(now)
    with kiosk.store.writing(by="box") as tx:
        erased = private.forget_due(tx.conn, today)
        tx.conn.execute("DELETE FROM draft_attempt WHERE at < ?", (now - ATTEMPTS_KEPT_MS,))
        queue.forget(tx.conn, now - PAPER_KEPT_MS)
    _note(kiosk, forgot_on=today)
    log.info("private data forgotten: %s", erased)
    return erased


# Checking


def audit_due(kiosk: Kiosk) -> bool:
    """Tell whether the journal was not checked since yesterday and the counter is quiet."""
    if kiosk.store.journal is None:
        return False
    now = kiosk.store.clock.now_ms()
    return _jobs(kiosk).get("audited_on") != business_day(now) and _quiet(kiosk, now)


def _quiet(kiosk: Kiosk, now: int) -> bool:
    """Tell whether nothing was written for a while."""
    return now - kiosk.store.believed(kiosk.store.tip().t) > QUIET_MS


@dataclass(frozen=True, slots=True)
class LastAudit:
    """The last full check: its day, and whether all was right (None: never done)."""

    day: str = ""
    whole: bool | None = None


def last_audit(kiosk: Kiosk) -> LastAudit:
    """Return the last full check."""
    told = _jobs(kiosk)
    return LastAudit(told.get("audited_on", ""), told.get("audit_whole"))


def audit(kiosk: Kiosk) -> bool:
    """Check everything (R26); a fault is an entry, a banner and HQ's business, and never stops a sale."""
    from pos.audit import check_everything

    try:
        bad = check_everything(kiosk.store, joining.ack_file(kiosk)).first_bad
        if bad is not None and joining.heal(kiosk):
            bad = check_everything(kiosk.store, joining.ack_file(kiosk)).first_bad
        whole, code = bad is None, bad.code if bad else ""
    except Broken as broken:
        whole, code = False, type(broken).__name__
    _note(kiosk, audited_on=business_day(kiosk.store.clock.now_ms()), audit_whole=whole, audit_code=code)
    if not whole:
        with kiosk.store.writing(by="box") as tx:
            tx.trust_clock()
            tx.record(TroubleNoted(what="integrity_failure", detail=code[:40]))
        log.error("integrity failure: %s", code)
    return whole


# The yearly drill


def drill_due(kiosk: Kiosk) -> bool:
    """Tell whether it is January, quiet, and last year's archive was not made and checked yet (R62)."""
    now = kiosk.store.clock.now_ms()
    if kiosk.store.journal is None or local(now).month != 1 or not _quiet(kiosk, now):
        return False
    year, told = _last_year(now), _jobs(kiosk)
    if told.get("drilled") == year or now < told.get("drill_after", 0):
        return False
    with kiosk.store.reading() as conn:
        return any(one.last_day[:4] == year for one in archives.closings(conn))


def _last_year(now: int) -> str:
    return str(local(now).year - 1)


def drill(kiosk: Kiosk) -> str:
    """Make the archive of last year and check it as a stranger would; record what was found (R62)."""
    from pos.archive.make import check_again, make_archive

    now = kiosk.store.clock.now_ms()
    year = _last_year(now)
    try:
        made = make_archive(kiosk.store, asked=year, folder=kiosk.data / "archives", by="box")
        fault = check_again(kiosk.store, made.path, year, by="box")
    except Told as trouble:
        fault = type(trouble).__name__
        if isinstance(trouble, PeriodNotOver):
            _note(kiosk, drill_after=now + DAY_MS)
            return fault
    _note(kiosk, drilled=year)
    if fault:
        with kiosk.store.writing(by="box") as tx:
            tx.trust_clock()
            tx.record(TroubleNoted(what="archive_failure", detail=year))
        log.error("the archive of %s is not whole: %s", year, fault)
    return fault
