"""Joining HQ and sending to it, for the command line, the first run and the button."""

from pathlib import Path

from kiosk.wiring import Kiosk
from pos import box, drafts
from pos.errors import SyncTrouble
from pos.i18n import N_, _, ngettext


class NotJoined(SyncTrouble):
    """No address of HQ is known."""

    sentence = N_("This till has no address of HQ.")
    remedy = N_("Type it in Settings, Line to HQ.")


def ack_file(kiosk: Kiosk) -> Path:
    """Return the file beside the database that keeps HQ's last signed acknowledgement."""
    return kiosk.data / "ack.json"


def join(kiosk: Kiosk, code: str, url: str) -> str:
    """Join HQ at `url` with a one-time code; return the check number to say on the telephone.

    Raises SyncTrouble; nothing is kept then.
    """
    from sync import enrol
    from sync.line import HttpHq

    line = HttpHq(url)
    told = enrol.enrol(kiosk.store, line, code, hw=box.hardware_name())
    enrol.open_first_journal(kiosk.store, told)
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, "settings", {**drafts.get(tx.conn, "settings", {}), "hq_url": url})
        drafts.put(tx.conn, "check_number", told.check_number)
    kiosk.line = line
    return str(told.check_number)


def push_now(kiosk: Kiosk) -> str:
    """Send what HQ has not, and return a French sentence saying what was sent. Raises SyncTrouble."""
    from sync import agent

    if kiosk.line is None:
        raise NotJoined
    done = agent.push(kiosk.store, kiosk.line, keep=ack_file(kiosk))
    if not done.sent:
        return _("HQ already has everything.")
    return ngettext("%(n)s entry sent: HQ has everything.", "%(n)s entries sent: HQ has everything.", done.sent)
