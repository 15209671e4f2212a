"""What the status line says of the machines and of the line to HQ: asked of memory, never of a machine."""

import sqlite3
from typing import Any

from flask import g, url_for

from kiosk.wiring import Kiosk
from pos import screens
from pos.clock import local
from pos.hardware import DEFAULTS, KITCHEN, NoPrinterThere, display, queue, terminals
from pos.i18n import N_, _, ngettext
from pos.slips import Columns, Rule, Slip, Text
from pos.till import card_refund, network
from pos.till.screens import staff, terminal
from sync import agent, downstream

# What a clock is worth, by its quality (pos/clock.py).
CLOCK_WORTH = (
    N_("never set"), N_("kept from the last time; asked once at the counter"), N_("set by the network"),
    N_("kept by a clock chip"),
)  # fmt: skip


def state() -> dict[str, Any]:
    """Return what the right of the status line shows, and the one question about a slip, once per request."""
    if "machines_now" not in g:
        g.machines_now = _state()
    found: dict[str, Any] = g.machines_now
    return found


def _state() -> dict[str, Any]:
    # Slips of practice too are in the true file's queue.
    store, devices = screens.kiosk().store, screens.devices()
    clerk = clerk_name()
    with store.reading() as conn:
        counter, kitchen = queue.count(conn), queue.count(conn, KITCHEN) if devices.has_kitchen else queue.Waiting()
        asked = queue.doubts(conn) if clerk and counter.doubtful + kitchen.doubtful else []
    if screens.training():
        asked = [job for job in asked if not job.ticket]
    return {
        "now": store.clock.now_ms(),
        "printer": _printer(counter, devices.printer.paper_left, here=devices.printer.here()),
        "scanner": _scanner(),
        "display": _display(),
        "drawer": _drawer(),
        "kitchen": _kitchen(kitchen, here=devices.kitchen.here()) if devices.has_kitchen else None,
        "terminal": _terminal(),
        # Something is on its way to paper: the line asks again soon.
        "soon": counter.busy + kitchen.busy > 0,
        # A machine that may come back by itself is looked for more often.
        "pause": 10 if terminal.state() == "away" else 60,
        "ask": asked[0] if asked else None,
        "asked": len(asked),
        "line": _line(agent.status(store)),
        "news": _news(),
        "clerk": clerk,
    }


def _printer(waiting: queue.Waiting, paper: str, *, here: bool) -> dict[str, str]:
    if isinstance(screens.devices().printer, NoPrinterThere):
        return {"tone": "", "text": _("No printer")}
    if waiting.stuck:
        return {"tone": "wait", "text": ngettext("Printer: %(n)s waiting", "Printer: %(n)s waiting", waiting.held)}
    if waiting.doubtful:
        return {"tone": "wait", "text": _("Printer: look at the paper")}
    if not here:
        return {"tone": "wait", "text": _("Printer: unplugged")}
    if paper == "low":
        return {"tone": "wait", "text": _("Paper: roll nearly done")}
    return {"tone": "good", "text": _("Printer ready")}


def _kitchen(waiting: queue.Waiting, *, here: bool) -> dict[str, str]:
    if waiting.stuck:
        return {"tone": "wait", "text": ngettext("Kitchen: %(n)s waiting", "Kitchen: %(n)s waiting", waiting.held)}
    if not here:
        return {"tone": "wait", "text": _("Kitchen: printer unplugged")}
    return {"tone": "good", "text": _("Kitchen printer ready")}


def _terminal() -> dict[str, str] | None:
    """Say where a linked card terminal stands; without a cable, nothing is known of it."""
    if terminal.desk().against:
        return {"tone": "wait", "text": _("Card terminal: compare its slips"), "url": url_for("till.cards")}
    with screens.store().reading() as conn:
        backs = [one for one in card_refund.unsettled(conn) if terminal.said(one).outcome != terminal.ASKING]
    if backs:
        # A payment is asked about on its bill; money going back would be forgotten on the page of a ticket.
        return {"tone": "wait", "text": _("Card terminal: say its answer"), "url": url_for("till.cards")}
    page = url_for("settings.terminal")
    return {
        "": None,
        "ready": {"tone": "good", "text": _("Card terminal ready"), "url": page},
        "busy": {"tone": "", "text": _("Card terminal: at work"), "url": page},
        "away": {"tone": "wait", "text": _("Card terminal: not answering"), "url": page},
    }[terminal.state()]


def _drawer() -> dict[str, str] | None:
    """Say for a while that the drawer did not open; one that opened says nothing here."""
    told = screens.devices().drawer.trouble
    return {"tone": "wait", "text": _("Drawer: not opened"), "title": told.what()} if told else None


def _display() -> dict[str, str] | None:
    """Say that the customer's pole shows nothing; one that shows says nothing here."""
    told = screens.devices().display.trouble
    return {"tone": "wait", "text": _("Customer display: unplugged"), "title": told.what()} if told else None


def _scanner() -> dict[str, str] | None:
    """Say which scanner cannot be heard; one that can, or none, says nothing."""
    away = screens.devices().scanners.away()
    if not away:
        return None
    told = away[0].trouble
    return {"tone": "wait", "text": _("Scanner: unplugged"), "title": told.what() if told else ""}


def _line(status: Any) -> dict[str, str]:
    if status.state == "anomaly":
        return {"tone": "wait", "text": _("Journal to repair: call your coordinator"), "go": "1"}
    if not status.last_heard:
        if screens.kiosk().line is None:
            return {"tone": "", "text": _("HQ: not joined")}
        return {"tone": "", "text": _("HQ: nothing sent yet")}
    frozen = downstream.stale_days(screens.store())
    if frozen:
        return {
            "tone": "wait",
            "text": ngettext("HQ: no list for %(n)s day", "HQ: no list for %(n)s days", frozen),
            "go": "1",
        }
    if status.state != "normal":
        return {"tone": "wait", "text": _("HQ: %(n)s waiting, look in Menu", n=status.waiting)}
    now, then = local(screens.store().clock.now_ms()), local(status.last_heard)
    days = (now.date() - then.date()).days
    if days <= 0:
        return {"tone": "good", "text": _("HQ: heard at %(time)s", time=then.strftime("%H:%M"))}
    tone = "good" if days < 3 else "wait"
    return {"tone": tone, "text": ngettext("HQ: heard yesterday", "HQ: heard %(n)s days ago", days)}


def _news() -> dict[str, str] | None:
    """Say that the network wrote something nobody opened; an urgent word asks for attention."""
    store = screens.store()
    with store.reading() as conn:
        unread = network.unread(conn, screens.today())
    if not unread:
        return None
    tone = "wait" if any(one.urgent for one in unread) else ""
    return {"tone": tone, "text": ngettext("%(n)s piece of news", "%(n)s pieces of news", len(unread))}


def clerk_name() -> str:
    """Return the name to show for who is at the counter."""
    op = g.get("op", "")
    return staff.name_of(op) if op else ""


def describe(kiosk: Kiosk) -> list[str]:
    """Return what machines are set up, a line each, for the command line."""
    told = {**DEFAULTS, **kiosk.box_settings().get("printer", {})}
    with kiosk.store.reading() as conn:
        waiting = len([job for job in queue.jobs(conn) if job.state not in (queue.CONFIRMED, queue.DENIED)])
    where = told["address"] or "-"
    return [
        _("Printer: %(kind)s, %(where)s, %(width)s mm", kind=told["kind"], where=where, width=told["width"]),
        _("Drawer: %(kind)s", kind="-" if told["kind"] == "none" else told["drawer"]),
        _terminal_described(kiosk),
        _display_described(kiosk),
        ngettext("Printer: %(n)s waiting", "Printer: %(n)s waiting", waiting),
        _("Clock: %(worth)s", worth=_(CLOCK_WORTH[kiosk.store.clock.quality()])),
        _("SQLite %(version)s: one connection writes, and alone checkpoints", version=sqlite3.sqlite_version),
    ]


def _display_described(kiosk: Kiosk) -> str:
    told = {**display.DEFAULTS, **kiosk.box_settings().get("display", {})}
    return _("Customer display: %(kind)s, %(where)s", kind=told["kind"], where=told["address"] or "-")


def _terminal_described(kiosk: Kiosk) -> str:
    told = {**terminals.DEFAULTS, **kiosk.box_settings().get("terminal", {})}
    line = f", {told['speed']} {told['line']}" if told["kind"] == "concert" else ""
    where = f"{told['address'] or '-'}{line}"
    if not kiosk.devices.terminal.linked:
        return _("Card terminal: %(kind)s", kind=told["kind"])
    said = _("it is there") if kiosk.devices.terminal.here() else _("it does not answer")
    return _("Card terminal: %(kind)s, %(where)s, %(said)s", kind=told["kind"], where=where, said=said)


def test_slip() -> Slip:
    """Return the page that shows accents, the euro and the width of the paper."""
    return Slip(_("Test page"), (
        Text("Zinc", bold=True, wide=True, align="center"), Text(_("If you read this, the printer works."), align="center"), Rule(),
        Columns("Café crème, œuf, forêt, Noël", "2,20 €"), Columns("ÀÂÇÉÈÊËÎÏÔÙÛÜ àâçéèêëîïôùûü", "10,00 €"), Rule(),
    ))  # fmt: skip


def print_test(kiosk: Kiosk) -> None:
    """Print the test page now; raise the printer's trouble."""
    from pos.hardware.printer import render

    kiosk.devices.printer.send(render(test_slip(), kiosk.devices.printer.model))
