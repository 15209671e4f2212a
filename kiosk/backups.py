"""The backup's screens: the recovery sheet, the café's stick, the drill; a copy by hand, and putting one back."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Response, request, url_for

from kiosk import copies, copy_jobs, restoring, stick
from kiosk.settings import bp, manager_only
from kiosk.wiring import Kiosk
from pos import backup, screens
from pos.errors import AlreadyDone
from pos.i18n import N_, _, ngettext
from pos.locked import NotABackup
from pos.slips import Slip, Text

# A printer that is there has taken so short a slip by then.
PRINT_S = 3.0
# What a drill may find, in words.
FAULTS = {
    "spoilt": N_("the copy on the stick is spoilt: make a new one now, on another stick"),
    "tail": N_("what was written since the last closing is spoilt on the stick: make a new copy"),
}


DAMAGED = N_("the journal in it is damaged")


@bp.get("/backups")
def backups() -> str:
    """Show the sheet, the stick, the last copy and the last drill."""
    kiosk = screens.kiosk()
    folder, known = copies.plugged(kiosk), copies.told(kiosk)
    held = copies.held(copies.place_of(folder, kiosk.store)) if folder else []
    return screens.draw(
        "settings/backups.html", sheet=copies.key(kiosk) is not None, stick=folder, held=held,
        known=known, why=_(FAULTS.get(known["drill"]["fault"], DAMAGED)),
        others=stick.sticks(tuple(kiosk.settings.get("sticks", ()))),
        old=kiosk.store.clock.now_ms() - known["copy"]["at"] > copy_jobs.OLD_MS, others_there=took_over(kiosk),
    )  # fmt: skip


def took_over(kiosk: Kiosk) -> bool:
    """Tell whether this till took a café over, so that a stick of the one before may still turn up."""
    from sync import repair

    return kiosk.store.journal is not None and bool(repair.continuations(kiosk.store))


@bp.post("/backups/sheet")
def new_sheet() -> str:
    """Make the recovery phrase, print it, and show it this once."""
    manager_only()
    kiosk = screens.kiosk()
    phrase = copies.new_sheet(kiosk)
    return screens.draw("settings/sheet.html", phrase=phrase, printed=_printed(phrase))


def _printed(phrase: str) -> bool:
    """Send the sheet to the printer, past the queue: a slip that waits is kept in the file, this one never."""
    from pos.hardware.printer import render

    devices = screens.devices()
    if not devices.has_printer:
        return False
    says = (
        _("Copies of the till, on the stick"), "", *_rows(phrase), "",
        _("Keep it away from the till and the stick: with both, everything can be read."),
        _("Without it, nobody opens the copies of a till that is lost."),
    )  # fmt: skip
    parts = tuple(Text(one, bold=one in _rows(phrase), tall=one in _rows(phrase), align="center") for one in says)
    data = render(Slip(_("Recovery sheet"), parts), devices.printer.model)
    return screens.machines_soon(lambda: devices.printer.send(data), wait=PRINT_S) is None


def _rows(phrase: str) -> tuple[str, str]:
    """Return the groups as two rows, that fit a narrow roll."""
    groups = phrase.split("-")
    return "  ".join(groups[:3]), "  ".join(groups[3:])


@bp.post("/backups/stick")
def adopt() -> Any:
    """Take the stick that is plugged in as the café's."""
    manager_only()
    folder = copies.adopt(screens.kiosk())
    screens.say(_("The stick %(name)s is now the one for the copies.", name=folder.name), icon="save")
    return screens.go(url_for("settings.backups"))


@bp.post("/backups/copy")
def copy_now() -> Any:
    """Copy everything to the stick now."""
    with suppress(AlreadyDone):
        copies.copy_now(screens.kiosk(), by=screens.clerk(), attempt=screens.attempt())
    screens.say(_("Copied on the stick, read back and found whole."), icon="save")
    return screens.go(url_for("settings.backups"))


@bp.post("/backups/drill")
def drill() -> Any:
    """Restore the last copy apart and check all of it; with the phrase, check the sheet too."""
    found = copy_jobs.drill(screens.kiosk(), by=screens.clerk(), phrase=request.form.get("phrase", "").strip())
    if found.fault:
        screens.say(_("The copy does not hold: %(why)s", why=_(FAULTS.get(found.fault, DAMAGED))),
                    tone="bad")  # fmt: skip
    else:
        screens.say(ngettext("The copy was restored apart: %(n)s entry, whole to the last.",
                             "The copy was restored apart: %(n)s entries, whole to the last.", found.entries))  # fmt: skip
    return screens.go(url_for("settings.backups"))


# A copy by hand, and putting one back


@bp.get("/backups/file")
def by_hand() -> str:
    """Show how a copy is taken as a file, and how one is put back."""
    return screens.draw("settings/backup_file.html", last=screens.store().tip().seq)


@bp.post("/backups/make")
def make_backup() -> Response:
    """Give an encrypted copy of everything as a file."""
    manager_only()
    copy = backup.make(screens.store(), request.form.get("passphrase", ""), by=screens.clerk())
    return Response(
        copy.data,
        mimetype="application/octet-stream",
        headers={"Content-Disposition": f'attachment; filename="{copy.name}"'},
    )


@bp.post("/backups/restore")
def restore() -> Any:
    """Check a copy and put it back; the screen locks and the till goes on with it."""
    manager_only()
    restoring.put_back(screens.kiosk(), sent_file(), request.form.get("passphrase", ""), by=screens.clerk())
    screens.say(_("The backup is back in place"), icon="save")
    return screens.go("/")


def sent_file() -> bytes:
    """Return the backup that a form brought; raise NotABackup."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise NotABackup
    return sent.read()


def on_sticks() -> list[copies.Held]:
    """Return the latest copy of each box on the sticks that are plugged in."""
    folders: list[Path] = stick.sticks(tuple(screens.kiosk().settings.get("sticks", ())))
    return copies.everywhere(folders)
