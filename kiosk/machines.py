"""What the status line says of the machines and of the line to HQ: asked of memory, never of a machine."""

from typing import Any

from flask import g

from pos import drafts, screens
from pos.clock import local
from pos.i18n import _, ngettext


def state() -> dict[str, Any]:
    """Return what the right of the status line shows."""
    store = screens.store()
    with store.reading() as conn:
        heard = drafts.get(conn, "heard", None)
        waiting = conn.execute("SELECT count(*) FROM draft_print WHERE state IN ('queued', 'failed')").fetchone()[0]
    return {
        "now": store.clock.now_ms(),
        "printer": _printer(waiting),
        "line": _line(heard),
        "clerk": clerk_name(),
    }


def _printer(waiting: int) -> dict[str, str]:
    printer = getattr(screens.devices(), "printer", None)
    if printer is None:
        return {"tone": "", "text": _("No printer")}
    trouble = str(getattr(printer, "trouble", "") or "")
    if trouble or waiting:
        return {"tone": "wait", "text": ngettext("Printer: %(n)s waiting", "Printer: %(n)s waiting", waiting)}
    return {"tone": "good", "text": _("Printer ready")}


def _line(heard: Any) -> dict[str, str]:
    at = heard.get("at", 0) if isinstance(heard, dict) else 0
    if screens.kiosk().line is None and not at:
        return {"tone": "", "text": _("HQ: not joined")}
    if not at:
        return {"tone": "", "text": _("HQ: nothing sent yet")}
    now, then = local(screens.store().clock.now_ms()), local(at)
    if now.date() == then.date():
        return {"tone": "good", "text": _("HQ: heard at %(time)s", time=then.strftime("%H:%M"))}
    days = (now.date() - then.date()).days
    tone = "good" if days < 2 else "wait"
    return {"tone": tone, "text": ngettext("HQ: heard yesterday", "HQ: heard %(n)s days ago", days)}


def clerk_name() -> str:
    """Return the name to show for who is at the counter."""
    op = g.get("op", "")
    if not op:
        return ""
    from pos.till import people

    with screens.store().reading() as conn:
        return people.name_of(conn, op)
