"""Slips waiting for paper, in the draft table `draft_print`.

    queued --> sending --> confirmed, with its evidence
       ^          |------> queued again: nothing was written (tried after 1, 2, 5, 10, 30 s)
       |          |------> failed: nothing was written and a person must act
       |          └------> doubt --- « did it come out? » yes --> confirmed
       └--- a tap (`retry`)                              └ no --> denied, and a new job takes its place

A job is on disk before a byte of it leaves, and marked `sending` before the first: after a power cut
nobody knows what came out, so it becomes a doubt and a person is asked. Nothing that may be on paper is
ever sent twice by itself.
"""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from pos.hardware import COUNTER, KITCHEN, Devices, troubles
from pos.hardware.port_printer import PortPrinter
from pos.hardware.troubles import PrinterStopped, PrinterTrouble
from pos.store import Store

QUEUED, SENDING, CONFIRMED, DOUBT, FAILED, DENIED = "queued", "sending", "confirmed", "doubt", "failed", "denied"
# What says that a slip is on paper, strongest first. `operator` is a person's word.
EVIDENCE = ("process_id", "in_order", "status", "written", "operator")
BACK_OFF_MS = (1000, 2000, 5000, 10_000, 30_000)
# A slip nobody could print for so long waits for a person: nobody wants Saturday's forty tickets on Monday.
PATIENCE_MS = 30 * 60_000

_ADD = "INSERT INTO draft_print (made_at, what, state, bytes, printer, ticket) VALUES (?, ?, 'queued', ?, ?, ?)"
_NEXT = (
    "SELECT job_id, bytes, made_at, tries, not_before FROM draft_print WHERE state = 'queued' AND printer = ?"
    " ORDER BY job_id LIMIT 1"
)
_CLAIM = "UPDATE draft_print SET state = 'sending', error = '' WHERE job_id = ? AND state = 'queued'"
_CONFIRM = "UPDATE draft_print SET state = 'confirmed', error = '', evidence = ? WHERE job_id = ?"
_END = "UPDATE draft_print SET state = ?, error = ?, tries = ?, not_before = ? WHERE job_id = ?"
_FAIL_WAITING = "UPDATE draft_print SET state = 'failed', error = ? WHERE state = 'queued' AND printer = ?"
_DOUBT_UNFINISHED = "UPDATE draft_print SET state = 'doubt', error = ? WHERE state = 'sending'"
_LEFT_OVER = "SELECT 1 FROM draft_print WHERE state = 'sending' AND printer = ? LIMIT 1"
_DOUBT_LEFT_OVER = "UPDATE draft_print SET state = 'doubt', error = ? WHERE state = 'sending' AND printer = ?"
_DOUBT_RESTORED = "UPDATE draft_print SET state = 'doubt', error = ? WHERE state IN ('sending', 'queued', 'failed')"
_RETRY = (
    "UPDATE draft_print SET state = 'queued', tries = 0, not_before = 0, made_at = ?, error = ''"
    " WHERE job_id = ? AND state IN ('failed', 'queued')"
)
_SETTLE = (
    "UPDATE draft_print SET state = 'confirmed', error = '', evidence = 'operator'"
    " WHERE job_id = ? AND state IN ('doubt', 'failed')"
)
_DENY = (
    "UPDATE draft_print SET state = 'denied', error = '', evidence = 'operator' WHERE job_id = ? AND state = 'doubt'"
)
_REPRINT = (
    "INSERT INTO draft_print (made_at, what, state, bytes, printer, ticket)"
    " SELECT ?, what, 'queued', bytes, printer, ticket FROM draft_print"
    " WHERE job_id = ? AND state IN ('confirmed', 'denied')"
)
_DROP = "DELETE FROM draft_print WHERE job_id = ? AND state IN ('failed', 'queued')"
_FORGET = "DELETE FROM draft_print WHERE state IN ('confirmed', 'denied', 'failed') AND made_at < ?"
_LAST = (
    "SELECT evidence FROM draft_print WHERE state = 'confirmed' AND printer = ? AND evidence <> 'operator'"
    " ORDER BY job_id DESC LIMIT 1"
)
_COLUMNS = "SELECT job_id, made_at, what, state, error, printer, ticket, evidence FROM draft_print"
_LIST = f"{_COLUMNS} ORDER BY job_id DESC LIMIT ?"
_OF_STATE = f"{_COLUMNS} WHERE state = ? ORDER BY job_id"
_ONE = f"{_COLUMNS} WHERE job_id = ?"
_COUNT = (
    "SELECT sum(state IN ('queued', 'sending')) AS busy, sum(state = 'failed' OR state = 'queued' AND error <> '')"
    " AS stuck, sum(state = 'doubt') AS doubtful, sum(state <> 'doubt') AS held FROM draft_print"
    " WHERE state NOT IN ('confirmed', 'denied') AND printer = ?"
)


@dataclass(frozen=True, slots=True)
class Job:
    """A slip in the queue; `trouble` says why it is not on paper, `ticket` of which sale it is the receipt."""

    job_id: int
    made_at: int
    what: str
    state: str
    trouble: PrinterTrouble | None = None
    printer: str = COUNTER
    ticket: int = 0
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Worked:
    """What one round of printing did; `again_ms` is when to come back for what waits, None when nothing does."""

    printed: int = 0
    trouble: PrinterTrouble | None = None
    again_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is not on paper: on its way, stuck by a trouble or for a person, in doubt."""

    busy: int = 0
    stuck: int = 0
    doubtful: int = 0
    # All that is not out, a doubt apart: those behind a stuck one wait with it.
    held: int = 0


def enqueue(
    conn: sqlite3.Connection, what: str, data: bytes, *, at: int | None = None, printer: str = COUNTER, ticket: int = 0
) -> int:
    """Add a rendered slip, in the caller's transaction; `what` names it for a person. Return its job id."""
    return int(conn.execute(_ADD, (_at(at), what, data, printer, ticket)).lastrowid or 0)


def _at(at: int | None) -> int:
    return time.time_ns() // 1_000_000 if at is None else at


def work(
    store: Store, devices: Devices, printer: str = "", *, now: bool = True, anew: Callable[[], Devices] | None = None
) -> Worked:
    """Print what waits, in order, on one printer or on each. `now` does not wait for the end of a back-off.

    `anew` tells the machines of the moment: those set up during a round get the slips that come after.
    """
    if not printer:
        rounds = [work(store, devices, one, now=now) for one in (COUNTER, KITCHEN)]
        later = [one.again_ms for one in rounds if one.again_ms is not None]
        trouble = next((one.trouble for one in rounds if one.trouble is not None), None)
        return Worked(sum(one.printed for one in rounds), trouble, min(later, default=None))
    printed, trouble = 0, None
    with devices.printing[printer]:
        _doubt_left_over(store, printer)
        while (job := _claim(store, printer, now=now)) is not None:
            met = _send(store, anew() if anew else devices, printer, job)
            if met is None:
                printed += 1
                continue
            trouble = met
            if not met.maybe_printed:
                break
        return Worked(printed, trouble, _again_ms(store, printer))


def _doubt_left_over(store: Store, printer: str) -> None:
    """Put in doubt what an earlier round could not even write the end of (a full disk): this hand holds nothing now."""
    with store.reading() as conn:
        if conn.execute(_LEFT_OVER, (printer,)).fetchone() is None:
            return
    with store.writing(by="") as tx:
        tx.conn.execute(_DOUBT_LEFT_OVER, (_written(PrinterStopped()), printer))


def _send(store: Store, devices: Devices, printer: str, job: sqlite3.Row) -> PrinterTrouble | None:
    """Send a claimed job and write down how it ended; return what went wrong."""
    try:
        evidence = devices.printer_of(printer).send(job["bytes"])
    except PrinterTrouble as trouble:
        _end(store, printer, job, trouble)
        return trouble
    except BaseException:
        _end(store, printer, job, PrinterStopped())
        raise
    with store.writing(by="") as tx:
        tx.conn.execute(_CONFIRM, (evidence, job["job_id"]))
    return None


def _claim(store: Store, printer: str, *, now: bool) -> sqlite3.Row | None:
    """Mark the next job as being sent, on disk, and return it."""
    with store.reading() as conn:
        row = conn.execute(_NEXT, (printer,)).fetchone()
        if row is None or not (now or _due(row, store.clock.now_ms())):
            return None
    with store.writing(by="") as tx:
        row = tx.conn.execute(_NEXT, (printer,)).fetchone()
        if row is not None:
            tx.conn.execute(_CLAIM, (row["job_id"],))
        return row  # type: ignore[no-any-return]


def _due(row: sqlite3.Row, now: int) -> bool:
    # A clock set back must not hold a slip for hours: no back-off is longer than the longest.
    return bool(row["not_before"] <= now or row["not_before"] > now + BACK_OFF_MS[-1])


def _again_ms(store: Store, printer: str) -> int | None:
    with store.reading() as conn:
        row = conn.execute(_NEXT, (printer,)).fetchone()
        now = store.clock.now_ms()
    return None if row is None else 0 if _due(row, now) else int(row["not_before"] - now)


def _end(store: Store, printer: str, job: sqlite3.Row, trouble: PrinterTrouble) -> None:
    """Write down that a job did not print: in doubt, to be tried again, or for a person."""
    with store.writing(by="") as tx:
        tries, job_id, said = job["tries"], job["job_id"], _written(trouble)
        if trouble.maybe_printed:
            tx.conn.execute(_END, (DOUBT, said, tries, 0, job_id))
        elif trouble.lasting or tx.now - job["made_at"] > PATIENCE_MS:
            tx.conn.execute(_END, (FAILED, said, tries, 0, job_id))
            # Those behind meet the same: one question, not one by one.
            tx.conn.execute(_FAIL_WAITING, (said, printer))
        else:
            wait = BACK_OFF_MS[min(tries, len(BACK_OFF_MS) - 1)]
            tx.conn.execute(_END, (QUEUED, said, tries + 1, tx.now + wait, job_id))


def recall(store: Store, devices: Devices) -> None:
    """At start: each printer's driver takes up what its last slip taught."""
    with store.reading() as conn:
        for place in (COUNTER, KITCHEN):
            printer, last = devices.printer_of(place), conn.execute(_LAST, (place,)).fetchone()
            if last is not None and isinstance(printer, PortPrinter):
                printer.recall(last["evidence"])


def recover(store: Store) -> int:
    """At start: a job that was being sent when the box stopped is in doubt. Return how many."""
    with store.writing(by="") as tx:
        return tx.conn.execute(_DOUBT_UNFINISHED, (_written(PrinterStopped()),)).rowcount


def restored(conn: sqlite3.Connection) -> int:
    """In a backup about to be put back: what waits in it may have come out since. Return how many are in doubt."""
    return conn.execute(_DOUBT_RESTORED, (_written(PrinterStopped()),)).rowcount


def retry(conn: sqlite3.Connection, job_id: int, *, at: int | None = None) -> bool:
    """Try a job that never left again, at once, because a person asked. False when it is not such."""
    return conn.execute(_RETRY, (_at(at), job_id)).rowcount == 1


def settle(conn: sqlite3.Connection, job_id: int) -> bool:
    """Mark a doubtful or failed job as printed, because a person saw its paper."""
    return conn.execute(_SETTLE, (job_id,)).rowcount == 1


def deny(conn: sqlite3.Connection, job_id: int) -> bool:
    """Mark a doubtful job as not printed, because a person looked. What takes its place is another job."""
    return conn.execute(_DENY, (job_id,)).rowcount == 1


def drop(conn: sqlite3.Connection, job_id: int) -> bool:
    """Give up a job that nobody wants any more."""
    return conn.execute(_DROP, (job_id,)).rowcount == 1


def reprint(conn: sqlite3.Connection, job_id: int, *, at: int | None = None) -> int:
    """Queue a copy of a slip that ended, 0 when there is none. Never for a ticket: that is a duplicate (R46)."""
    done = conn.execute(_REPRINT, (_at(at), job_id))
    return int(done.lastrowid or 0) if done.rowcount == 1 else 0


def forget(conn: sqlite3.Connection, before: int) -> int:
    """Delete slips that ended before `before`, and those nobody asked for since: some bear a name. Return how many."""
    return conn.execute(_FORGET, (before,)).rowcount


def jobs(conn: sqlite3.Connection, limit: int = 30) -> list[Job]:
    """Return the latest jobs, newest first."""
    return [_job(row) for row in conn.execute(_LIST, (limit,))]


def job(conn: sqlite3.Connection, job_id: int) -> Job | None:
    """Return one job."""
    row = conn.execute(_ONE, (job_id,)).fetchone()
    return _job(row) if row else None


def failed(conn: sqlite3.Connection) -> list[Job]:
    """Return the jobs a person must look at, oldest first."""
    return [_job(row) for row in conn.execute(_OF_STATE, (FAILED,))]


def doubts(conn: sqlite3.Connection) -> list[Job]:
    """Return the jobs that nobody knows whether they came out, oldest first: the screen asks."""
    return [_job(row) for row in conn.execute(_OF_STATE, (DOUBT,))]


def count(conn: sqlite3.Connection, printer: str = COUNTER) -> Waiting:
    """Return how many slips of a printer are not on paper."""
    row = conn.execute(_COUNT, (printer,)).fetchone()
    return Waiting(row["busy"] or 0, row["stuck"] or 0, row["doubtful"] or 0, row["held"] or 0)


def _job(row: sqlite3.Row) -> Job:
    trouble = _read(row["error"]) if row["error"] else None
    return Job(
        row["job_id"], row["made_at"], row["what"], row["state"], trouble, row["printer"], row["ticket"],
        row["evidence"],
    )  # fmt: skip


def _written(trouble: PrinterTrouble) -> str:
    told = {"is": type(trouble).__name__, "with": {k: str(v) for k, v in trouble.params.items()}}
    return msgspec.json.encode({**told, "doubt": trouble.maybe_printed}).decode()


def _read(text: str) -> PrinterTrouble:
    told: dict[str, Any] = msgspec.json.decode(text)
    kind: Callable[..., PrinterTrouble] = getattr(troubles, told["is"], PrinterStopped)
    trouble = kind(**told["with"])
    trouble.maybe_printed = told["doubt"]
    return trouble
