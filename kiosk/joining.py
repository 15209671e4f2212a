"""Joining HQ and sending to it, for the command line, the first run and the button."""

from contextlib import suppress
from pathlib import Path
from typing import Any

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


def join(kiosk: Kiosk, code: str, url: str, *, bring_back: bool = False) -> str:
    """Join HQ at `url` with a one-time code; return the check number to say on the telephone.

    With `bring_back`, a code that replaces a box opens nothing here: what HQ holds of the café comes first,
    and nothing is returned. Raises SyncTrouble; nothing is kept then.
    """
    from kiosk import coming
    from sync import code_card, enrol, repair, trouble, wire
    from sync.line import HttpHq

    url = code_card.read(code).url or url
    if not url:
        raise trouble.AddressMissing
    line = HttpHq(url)
    let_in = enrol.enrol(kiosk.store, line, code, hw=box.hardware_name())
    if bring_back and wire.parse(let_in.grant.encode(), wire.Grant).base is not None:
        coming.keep(kiosk, let_in, url)
        return ""
    told = repair.follow(kiosk.store, line, let_in)
    with kiosk.store.writing(by="box") as tx:
        drafts.put(tx.conn, "settings", {**drafts.get(tx.conn, "settings", {}), "hq_url": url})
    kiosk.line = line
    return str(told.check_number)


def check_number(kiosk: Kiosk) -> str:
    """Return the number to say on the telephone, worked out from the two keys as HQ does; empty without a journal."""
    from sync import wire

    opened = kiosk.store.journal
    return wire.check_number(kiosk.store.keyring.public, opened.hq_key) if opened else ""


def repair_now(kiosk: Kiosk, code: str) -> Any:
    """Open a new journal with the coordinator's code, then send it; return what was done. Raises SyncTrouble."""
    from sync import agent, repair

    if kiosk.line is None:
        raise NotJoined
    done = repair.reopen(kiosk.store, kiosk.line, code, hw=box.hardware_name())
    ack_file(kiosk).unlink(missing_ok=True)
    with suppress(SyncTrouble):
        agent.push(kiosk.store, kiosk.line, keep=ack_file(kiosk))
    return done


def heal(kiosk: Kiosk) -> bool:
    """Have HQ give back what rotted on the card; tell whether anything was (§2.8). Without a line it is tried again."""
    from sync import healing

    with suppress(SyncTrouble):
        return kiosk.line is not None and healing.heal(kiosk.store, kiosk.line) > 0
    return False


def look_back(kiosk: Kiosk) -> bool:
    """Compare the journal with HQ's last ack in the file beside it; note an old copy or a cut tail at once (R23).

    The till goes on selling; the banner and the next contact with HQ say so.
    """
    from pos.audit import against_last_ack
    from sync import agent

    found = against_last_ack(kiosk.store, ack_file(kiosk)) if kiosk.store.journal is not None else None
    if found is None or agent.status(kiosk.store).state != "normal":
        return found is not None
    agent.went_back(kiosk.store, f"{found.code}:{found.seq}")
    return True


def push_now(kiosk: Kiosk) -> str:
    """Send what HQ has not, and return a French sentence saying what was sent. Raises SyncTrouble."""
    from kiosk import health
    from sync import agent, attestation

    if kiosk.line is None:
        raise NotJoined
    done = agent.push(kiosk.store, kiosk.line, keep=ack_file(kiosk), about=health.told(kiosk))
    if attestation.state(kiosk.store) != attestation.GOOD:
        # What HQ cannot give today waits: nothing of the sale depends on it (R3).
        with suppress(SyncTrouble):
            attestation.renew(kiosk.store, kiosk.line)
    if not done.sent:
        return _("HQ already has everything.")
    return ngettext("%(n)s entry sent: HQ has everything.", "%(n)s entries sent: HQ has everything.", done.sent)
