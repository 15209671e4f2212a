"""A release tries itself on a copy of the café's file before it is switched on: it opens, retells, checks, draws."""

from pathlib import Path

from kiosk.app import create_app
from kiosk.wiring import open_kiosk
from pos import journal
from pos.errors import ZincError
from pos.release import VERSION

# The rest was checked night after night, and is the same bytes for every release.
ENTRIES_CHECKED = 5000
# What anybody who stands before the till is shown.
PAGES = ("/healthz", "/lock")


class TrialFailed(Exception):
    """This release could not work with these files; it says at what it stopped."""


def run(folder: Path) -> str:
    """Return one line that says what was tried; raise TrialFailed. `folder` holds a copy, with a key of its own."""
    try:
        # Another release than the one that wrote the file: every table is told anew from the journal.
        kiosk = open_kiosk(folder, alone=True, settings={"printer": {"kind": "none"}})
    except ZincError as trouble:
        raise TrialFailed(f"The file does not open: {trouble}") from trouble
    try:
        checked = 0
        if kiosk.store.journal is not None:
            last = kiosk.store.tip().seq
            first = max(0, last + 1 - ENTRIES_CHECKED)
            with kiosk.store.reading() as conn:
                _tip, fault = journal.verify(conn, kiosk.store.journal, first=first)
            if fault is not None:
                raise TrialFailed(f"Entry {fault.seq} is not right: {fault.code}")
            checked = last + 1 - first
        client = create_app(kiosk).test_client()
        for page in PAGES if kiosk.store.journal is not None else ("/healthz", "/start/"):
            answer = client.get(page)
            if answer.status_code != 200:
                raise TrialFailed(f"{page} answered {answer.status_code}")
    finally:
        kiosk.store.close()
    return f"Zinc {VERSION}: opened, told again, {checked} entries checked, screens drawn."
