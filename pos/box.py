"""The box starts and stops: a boot entry with a nonce each time, and whether the last run ended well."""

import hashlib
import secrets
from pathlib import Path

from pos import drafts
from pos.journal import Journal
from pos.release import FISCAL_VERSION, VERSION
from pos.seal import ds
from pos.store import Store, Writing
from pos.system import BoxBooted, JournalOpened, SoftwareUpdated

HISTORY = 10


def hardware_name() -> str:
    """Return the box's serial number, or a short hash of its machine id; never an address of the café."""
    serial = Path("/sys/firmware/devicetree/base/serial-number")
    if serial.exists():
        return serial.read_text().strip("\0\n ")[-16:]
    machine = Path("/etc/machine-id")
    return ds(b"zinc/hw/1", machine.read_bytes())[:4].hex() if machine.exists() else "unknown"


def begin_journal(store: Store, grant: bytes, signature: bytes, hq_key: bytes) -> Journal:
    """Open the first journal under HQ's grant and write its birth entry, both or neither."""
    with store.bulk():
        opened = store.open_journal(grant=grant, signature=signature, hq_key=hq_key)
        with store.writing(by="box") as tx:
            tx.trust_clock()
            tx.record(JournalOpened(grant=hashlib.sha256(grant).hexdigest(), hw=hardware_name(), sw=VERSION))
    return opened


def start(store: Store) -> bool:
    """Record that the box started; return whether the last run had ended by itself.

    The nonce makes two copies of a memory card part ways at their first start (ZJP/1 §0).
    """
    with store.writing(by="box") as tx:
        clean = not drafts.get(tx.conn, "running", False)
        store.boot = drafts.get(tx.conn, "boot", 0) + 1
        drafts.put(tx.conn, "boot", store.boot)
        drafts.put(tx.conn, "running", True)
        if store.journal is not None:
            tx.trust_clock()
            tx.record(
                BoxBooted(
                    nonce=secrets.token_hex(16), hw=hardware_name(), sw=VERSION, clean=clean, fiscal=FISCAL_VERSION
                )
            )
            _note_update(tx)
    return clean


def _note_update(tx: Writing) -> None:
    """Record that another release runs than the last time: totals and numbers go on, and it is known since when (R5)."""
    last, now = drafts.get(tx.conn, "software", ""), f"{VERSION}/{FISCAL_VERSION}"
    if last and last != now:
        tx.record(SoftwareUpdated(old=last, new=now))
        # For the screen alone, that need not look through the journal: the journal is what proves it.
        was = drafts.get(tx.conn, "software_was", [])
        drafts.put(tx.conn, "software_was", [*was, {"old": last, "new": now, "at": tx.now}][-HISTORY:])
    drafts.put(tx.conn, "software", now)


def stop(store: Store) -> None:
    """Note that this run ends by itself."""
    with store.writing(by="box") as tx:
        drafts.put(tx.conn, "running", False)
