"""Slips waiting for paper, in the draft table `draft_print`.

    queued --> sending --> printed
       ^          └------> failed, with its reason
       └--- a tap (`retry`) ---┘

A job is on disk before a byte of it leaves, and marked `sending` before the first: after a power cut
nobody knows what came out, so it becomes failed and a person looks. Nothing is ever sent twice by itself.
"""

import sqlite3
import time
from dataclasses import dataclass
from typing import Any

import msgspec

from pos.hardware import Devices, troubles
from pos.hardware.troubles import PrinterStopped, PrinterTrouble
from pos.store import Store

QUEUED, SENDING, PRINTED, FAILED = "queued", "sending", "printed", "failed"

_ADD = "INSERT INTO draft_print (made_at, what, state, bytes) VALUES (?, ?, 'queued', ?)"
_NEXT = "SELECT job_id, bytes FROM draft_print WHERE state = 'queued' ORDER BY job_id LIMIT 1"
_CLAIM = "UPDATE draft_print SET state = 'sending', error = '' WHERE job_id = ? AND state = 'queued'"
_END = "UPDATE draft_print SET state = ?, error = ? WHERE job_id = ?"
_FAIL_WAITING = "UPDATE draft_print SET state = 'failed', error = ? WHERE state = 'queued'"
_FAIL_UNFINISHED = "UPDATE draft_print SET state = 'failed', error = ? WHERE state = 'sending'"
_RETRY = "UPDATE draft_print SET state = 'queued', error = '' WHERE job_id = ? AND state = 'failed'"
_SETTLE = "UPDATE draft_print SET state = 'printed', error = '' WHERE job_id = ? AND state = 'failed'"
_REPRINT = (
    "INSERT INTO draft_print (made_at, what, state, bytes)"
    " SELECT ?, what, 'queued', bytes FROM draft_print WHERE job_id = ? AND state = 'printed'"
)
_DROP = "DELETE FROM draft_print WHERE job_id = ? AND state IN ('failed', 'queued')"
_FORGET = "DELETE FROM draft_print WHERE state = 'printed' AND made_at < ?"
_LIST = "SELECT job_id, made_at, what, state, error FROM draft_print ORDER BY job_id DESC LIMIT ?"
_FAILED = "SELECT job_id, made_at, what, state, error FROM draft_print WHERE state = 'failed' ORDER BY job_id"


@dataclass(frozen=True, slots=True)
class Job:
    """A slip in the queue; `trouble` says why it is not on paper."""

    job_id: int
    made_at: int
    what: str
    state: str
    trouble: PrinterTrouble | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """What one round of printing did."""

    printed: int = 0
    trouble: PrinterTrouble | None = None


def enqueue(conn: sqlite3.Connection, what: str, data: bytes, *, at: int | None = None) -> int:
    """Add a rendered slip, in the caller's transaction; `what` names it for a person. Return its job id."""
    made_at = time.time_ns() // 1_000_000 if at is None else at
    return int(conn.execute(_ADD, (made_at, what, data)).lastrowid or 0)


def work(store: Store, devices: Devices) -> Worked:
    """Print every waiting slip, in order. At the first trouble those behind it fail with it, untouched."""
    printed = 0
    with devices.printing:
        while (job := _claim(store)) is not None:
            job_id, data = job
            try:
                devices.printer.send(data)
            except PrinterTrouble as trouble:
                _fail(store, job_id, trouble)
                return Worked(printed, trouble)
            except BaseException:
                _fail(store, job_id, _doubt(PrinterStopped()))
                raise
            with store.writing(by="") as tx:
                tx.conn.execute(_END, (PRINTED, "", job_id))
            printed += 1
    return Worked(printed)


def _claim(store: Store) -> tuple[int, bytes] | None:
    """Mark the next job as being sent, on disk, and return it."""
    with store.reading() as conn:
        if conn.execute(_NEXT).fetchone() is None:
            return None
    with store.writing(by="") as tx:
        row = tx.conn.execute(_NEXT).fetchone()
        if row is None:
            return None
        tx.conn.execute(_CLAIM, (row["job_id"],))
        return row["job_id"], row["bytes"]


def _fail(store: Store, job_id: int, trouble: PrinterTrouble) -> None:
    with store.writing(by="") as tx:
        tx.conn.execute(_END, (FAILED, _written(trouble), job_id))
        # Those behind never left the box: no doubt about them.
        tx.conn.execute(_FAIL_WAITING, (_written(trouble, doubt=False),))


def recover(store: Store) -> int:
    """At start: a job that was being sent when the box stopped is failed, in doubt. Return how many."""
    with store.writing(by="") as tx:
        return tx.conn.execute(_FAIL_UNFINISHED, (_written(_doubt(PrinterStopped())),)).rowcount


def retry(conn: sqlite3.Connection, job_id: int) -> bool:
    """Put a failed job back in the queue, because a person asked. False when it is not failed."""
    return conn.execute(_RETRY, (job_id,)).rowcount == 1


def settle(conn: sqlite3.Connection, job_id: int) -> bool:
    """Mark a failed job as printed, because a person saw its paper."""
    return conn.execute(_SETTLE, (job_id,)).rowcount == 1


def drop(conn: sqlite3.Connection, job_id: int) -> bool:
    """Give up a job that nobody wants any more."""
    return conn.execute(_DROP, (job_id,)).rowcount == 1


def reprint(conn: sqlite3.Connection, job_id: int, *, at: int | None = None) -> int:
    """Queue a copy of a printed slip, 0 when there is none. Never for a ticket: that is a duplicate (R46)."""
    made_at = time.time_ns() // 1_000_000 if at is None else at
    done = conn.execute(_REPRINT, (made_at, job_id))
    return int(done.lastrowid or 0) if done.rowcount == 1 else 0


def forget(conn: sqlite3.Connection, before: int) -> int:
    """Delete printed slips made before `before`: some bear a customer's name. Return how many."""
    return conn.execute(_FORGET, (before,)).rowcount


def jobs(conn: sqlite3.Connection, limit: int = 30) -> list[Job]:
    """Return the latest jobs, newest first."""
    return [_job(row) for row in conn.execute(_LIST, (limit,))]


def failed(conn: sqlite3.Connection) -> list[Job]:
    """Return the jobs a person must look at, oldest first: what a banner shows."""
    return [_job(row) for row in conn.execute(_FAILED)]


def _job(row: sqlite3.Row) -> Job:
    trouble = _read(row["error"]) if row["error"] else None
    return Job(row["job_id"], row["made_at"], row["what"], row["state"], trouble)


def _doubt(trouble: PrinterTrouble) -> PrinterTrouble:
    trouble.maybe_printed = True
    return trouble


def _written(trouble: PrinterTrouble, *, doubt: bool = True) -> str:
    told = {"is": type(trouble).__name__, "with": {k: str(v) for k, v in trouble.params.items()}}
    return msgspec.json.encode({**told, "doubt": doubt and trouble.maybe_printed}).decode()


def _read(text: str) -> PrinterTrouble:
    told: dict[str, Any] = msgspec.json.decode(text)
    kind = getattr(troubles, told["is"], PrinterStopped)
    trouble: PrinterTrouble = kind(**told["with"])
    trouble.maybe_printed = told["doubt"]
    return trouble
