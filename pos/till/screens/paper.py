"""Slips on their way to paper or to the screen."""

import dataclasses
import sqlite3
from contextlib import suppress
from typing import Any

from pos import screens
from pos.errors import AlreadyDone
from pos.hardware import COUNTER, queue
from pos.i18n import _
from pos.slips import Barcode, Slip, Text, as_text
from pos.store import Writing
from pos.till import marks, sell, slips, tables
from pos.till.events import CafeDescribed, ReceiptPrinted, SaleCompleted
from pos.till.owners import names_learnt, owner_said
from pos.till.screens import staff
from pos.till.slip_parts import MEANS_SAID

SCREEN_COLUMNS = 42
# A customer waits no longer for a note that a power cut left out.
NOTE_OWED_MS = 3_600_000


def cafe_of(conn: sqlite3.Connection, day: str = "9999-12-31") -> CafeDescribed:
    """Return who the café is, or a nameless one while nobody said."""
    found = tables.cafe(conn, day[:10])
    if found is not None:
        return found
    return CafeDescribed(
        sign="Zinc", legal_entity="", siret="", street="", postcode="", town="", insee="", model="", regime="reel",
        valid_from="2000-01-01",
    )  # fmt: skip


def ticket_slip(conn: sqlite3.Connection, event: Any, seq: int, *, copy: int = 0, now: int = 0) -> Slip:
    """Return the slip of a sale or a refund; `copy` above 0 is a duplicate."""
    cafe = cafe_of(conn, event.day)
    shown = slips.issued_at(screens.store(), conn, seq)
    again = now if copy else 0
    if not isinstance(event, SaleCompleted):
        return slips.refund(event, cafe, shown, copy=copy, reprinted_at=again, owners=owner_names(conn))
    below = [line for f in screens.store().features if f.receipt is not None for line in f.receipt(conn, event.no)]
    return slips.receipt(event, cafe, shown, copy=copy, reprinted_at=again, said_below=below, owners=owner_names(conn))


def on_screen(slip: Slip) -> str:
    """Return a slip as lines of text, for the screen."""
    # Bars are for paper; what they say may be typed.
    parts = tuple(Text(part.code, align="center") if isinstance(part, Barcode) else part for part in slip.parts)
    shown = dataclasses.replace(slip, parts=parts)
    return as_text(marks.factice(shown) if screens.training() else shown, SCREEN_COLUMNS)


def enqueue(tx: Writing, what: str, slip: Slip, *, ticket: int = 0, printer: str = COUNTER) -> None:
    """Put a slip in a print queue, in the act's own transaction; `ticket` numbers a receipt."""
    from pos.hardware.printer import render

    model = screens.devices().printer_of(printer).model
    if screens.training():
        # Practice is printed too, and says so; its receipts are no tickets of the till.
        with screens.kiosk().store.writing(by=tx.by) as true:
            queue.enqueue(
                true.conn, f"{_('FACTICE')} {what}", render(marks.factice(slip), model), at=tx.now, printer=printer
            )
        return
    queue.enqueue(tx.conn, what, render(slip, model), at=tx.now, ticket=ticket, printer=printer)


def place_of(job_id: int) -> str:
    """Return the printer a job is for."""
    with screens.kiosk().store.reading() as conn:
        job = queue.job(conn, job_id)
    return job.printer if job else COUNTER


def print_now(said: str, printer: str = COUNTER) -> None:
    """Start printing what waits and say `said`, or why it does not print."""
    trouble = screens.print_waiting(printer)
    if trouble is None:
        screens.say(said, icon="printer")
    else:
        screens.say_trouble(trouble)


def print_slip(slip: Slip, said: str) -> None:
    """Put a slip on paper, and say so."""
    with screens.store().writing(by=screens.clerk()) as tx:
        enqueue(tx, slip.title, slip)
    print_now(said)


def print_ticket(number: int, attempt: str = "", *, instead_of: int = 0, why: str = "asked") -> int:
    """Put a ticket in the print queue and record it; return its copy number, 0 for the original (R46).

    `instead_of` is the job that did not come out: what takes its place is a duplicate all the same.
    """
    store = screens.store()
    with store.writing(by=screens.clerk(), attempt=attempt) as tx:
        if instead_of and not queue.deny(tx.conn, instead_of):
            return 0
        event, seq = sell.sale_of(store, tx.conn, number)
        row = tables.ticket(tx.conn, number)
        copy = int(row["prints"]) if row else 0
        slip = ticket_slip(tx.conn, event, seq, copy=copy, now=tx.now)
        tx.record(ReceiptPrinted(no=number, copy=copy, day=sell.day_label(tx), why=why))
        enqueue(tx, slip.title, slip, ticket=number)
        return copy


def settle_doubt(job_id: int, *, out: bool, attempt: str) -> bool:
    """Take the answer to « did it come out? »: a receipt that did not is a duplicate, another slip a copy.

    Return whether there is something to print. An answer given twice, or on two screens, counts once.
    """
    store = screens.kiosk().store
    with store.reading() as conn:
        job = queue.job(conn, job_id)
    # A duplicate is an act on the true journal: not from a screen that practises.
    if job is None or job.state != queue.DOUBT or (job.ticket and screens.training()):
        return False
    if not out and job.ticket:
        with suppress(AlreadyDone):
            print_ticket(job.ticket, attempt, instead_of=job_id)
        return True
    with store.writing(by=screens.clerk()) as tx:
        if out:
            queue.settle(tx.conn, job_id)
        elif queue.deny(tx.conn, job_id):
            queue.reprint(tx.conn, job_id, at=tx.now)
    return not out


def hand_over_note(sale: SaleCompleted) -> None:
    """Print the note the law wants for services of 25 € and more (R63); other tickets are on request."""
    if slips.note_due(sale.lines, sale.day):
        _print_note(sale.no)
        print_now(_("Note printed: the law wants it from 25 € of services"))


def _print_note(no: int) -> None:
    """Queue the note of a sale, once: a tap repeated because its answer was lost makes no duplicate of it."""
    with suppress(AlreadyDone):
        print_ticket(no, attempt=f"note-{no}", why="note")


def hand_over_last_note() -> None:
    """After a power cut: queue the note of the last sale if it has none yet; its customer may still be there."""
    store = screens.store()
    with store.reading() as conn:
        row = tables.ticket(conn, tables.next_no(conn) - 1)
        if row is None or row["prints"] or store.clock.now_ms() - row["t"] > NOTE_OWED_MS:
            return
        sale = store.event(conn, row["seq"]).event
    if isinstance(sale, SaleCompleted) and slips.note_due(sale.lines, sale.day):
        _print_note(sale.no)


def owner_names(conn: sqlite3.Connection) -> dict[str, str]:
    """Return the names of third parties whose money the café holds, by owner id."""
    return names_learnt(screens.store().features, conn)


def labels(conn: sqlite3.Connection) -> dict[str, str]:
    """Return names for what totals are kept under: families, owners, services, operators."""
    named = {row["category"]: row["label"] for row in tables.categories(conn)}
    named |= {f.slug: _(f.title) for f in screens.store().features}
    named |= {means.owner: _(MEANS_SAID.get(code, code)) for code, means in screens.store().means.items()}
    named |= {code.code: _(code.label) for f in screens.store().features for code in f.services}
    named |= {one["op"]: one["name"] for one in staff.everyone()}
    names = owner_names(conn)
    return named | {owner: owner_said(owner, names) for owner in tables.third_parties(conn)} | names
