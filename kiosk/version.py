"""Which release runs, what the last update came to, and a release found on a stick: said here, done by the updater.

The till may not write its own program: it lays the file in its folder `updates`, and the box's updater
(`kiosk.updater`, as root) checks it again, waits until the counter is closed, and goes on or goes back.
"""

import shutil
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import request, url_for

from kiosk import announced, copies, stick
from kiosk.drawing import date_fr
from kiosk.settings import bp, manager_only
from kiosk.updater import release, slots
from kiosk.updater.slots import Box
from kiosk.wiring import Kiosk
from pos import drafts, durable, perimeter, screens
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.release import FISCAL_VERSION, VERSION
from pos.system import TroubleNoted

# Said on the locked screen for a day; afterwards on the page only.
NEWS_S = 24 * 3600
NOTED = "update_noted"
WAITING = "updates"


class ReleaseRefused(Refusal):
    """The updater's own reason, said before anything is copied."""

    remedy = N_("Ask HQ for the release made for this till.")

    def __init__(self, no: release.No) -> None:
        super().__init__(**no.params)
        self.no = no

    def what(self) -> str:
        """Return the updater's sentence, in French."""
        return _(release.SAYS[self.no.code], **self.no.params)


class NotABox(Refusal):
    """A clone, or the demonstration: there are no slots."""

    sentence = N_("This till was not put on its box by the installer: it cannot update itself.")
    remedy = N_("Whoever installed it brings the new version.")


@dataclass(frozen=True, slots=True)
class Found:
    """A release on a stick: its version, or why it is refused."""

    path: Path
    version: str = ""
    no: release.No | None = None

    @property
    def why(self) -> str:
        """Return why it is refused, in French."""
        return ReleaseRefused(self.no).what() if self.no else ""


def box() -> Box | None:
    """Return the box whose slot this program runs from; None elsewhere."""
    slot = Path(sys.prefix).resolve()
    if slot.parent.name != "slots" or slot.parent.parent.parts[-2:] != ("opt", "zinc"):
        return None
    return Box(root=slot.parents[3])


def last_update() -> dict[str, Any]:
    """Return what the updater wrote of the last update; empty when there was none."""
    here = box()
    return slots.told(here) if here else {}


def said(told: dict[str, Any]) -> str:
    """Return what the last update came to, in one calm sentence."""
    state = told.get("state", "")
    if state == "good":
        return _("Updated to version %(new)s on %(day)s.", new=told["version"], day=date_fr(1000 * told["at"]))
    if state in ("refused", "returned"):
        code = told.get("code", "")
        return _(release.SAYS[code], **told.get("params", {})) if code in release.SAYS else ""
    if state in ("building", "trying", "returning"):
        return _("An update is under way; the till goes on meanwhile.")
    return ""


def news(kiosk: Kiosk) -> str:
    """Return the line for the locked screen: a change of version of the last day, or nothing."""
    told = last_update()
    young = 0 <= kiosk.store.clock.now_ms() // 1000 - told.get("at", 0) < NEWS_S
    if not young or told.get("state") not in ("good", "returned"):
        return ""
    return said(told) + (" " + _("Nothing is lost.") if told["state"] == "returned" else "")


def outcome_due(kiosk: Kiosk) -> bool:
    """Tell whether an update came back and the journal does not say so yet."""
    told = last_update()
    if kiosk.store.journal is None or told.get("state") != "returned":
        return False
    with kiosk.store.reading() as conn:
        return bool(drafts.get(conn, NOTED, 0) != told["at"])


def note_outcome(kiosk: Kiosk) -> None:
    """Record that a release was tried and sent back (R5); a release that stayed was recorded at its start."""
    told = last_update()
    with kiosk.store.writing(by="box") as tx:
        tx.trust_clock()
        tx.record(TroubleNoted(what="update_returned", detail=f"{told['version']} {told.get('code', '')}"[:40]))
        drafts.put(tx.conn, NOTED, told["at"])


def look_at(path: Path, here: Box) -> Found:
    """Read a release's manifest and say whether the updater would take it."""
    try:
        with zipfile.ZipFile(path) as packed:
            manifest = release.read_manifest(here.keys, packed)
        release.check(manifest, VERSION, slots.told(here).get("came_back", []))
    except (OSError, zipfile.BadZipFile):
        return Found(path, no=release.No("not_a_release"))
    except release.No as no:
        return Found(path, no=no)
    return Found(path, version=manifest["version"])


def on_sticks(kiosk: Kiosk) -> list[Path]:
    """Return the releases on the sticks that are plugged in."""
    folders = stick.sticks(tuple(kiosk.settings.get("sticks", ())))
    return sorted(path for folder in folders for path in folder.glob("zinc-*.zip"))


@bp.get("/version")
def version() -> str:
    """Show the version, what the last update came to, and a release on a stick."""
    kiosk, here = screens.kiosk(), box()
    with kiosk.store.reading() as conn:
        history = drafts.get(conn, "software_was", [])
    return screens.draw(
        "settings/version.html", version=VERSION, fiscal=FISCAL_VERSION, changed=perimeter.changed(), here=here,
        told=last_update(), said=said(last_update()), history=history[::-1],
        found=[look_at(path, here) for path in on_sticks(kiosk)] if here else [],
        waits=sorted(path.name for path in (kiosk.data / WAITING).glob("*.zip")), announced=announced.told(kiosk),
    )  # fmt: skip


@bp.post("/version/take")
def take() -> Any:
    """Lay a release from a stick where the updater looks; it goes on when the counter is closed."""
    manager_only()
    kiosk, here = screens.kiosk(), box()
    if here is None:
        raise NotABox
    path = next((one for one in on_sticks(kiosk) if one.name == request.form.get("name")), None)
    if path is None:
        raise copies.NoStickAtAll
    new = lay(path, here, kiosk.data / WAITING)
    screens.say(_("Version %(new)s will be put on when the counter is closed.", new=new), icon="save")
    return screens.go(url_for("settings.version"))


@bp.post("/version/again")
def fetch_again() -> Any:
    """Fetch the announced release anew, after it was refused or came back."""
    manager_only()
    announced.again(screens.kiosk())
    screens.say(_("The version the network announces is fetched again, part by part."), icon="save")
    return screens.go(url_for("settings.version"))


def lay(path: Path, here: Box, folder: Path, name: str = "") -> str:
    """Put a release where the updater looks, if it would take it; return its version. Raises ReleaseRefused."""
    found = look_at(path, here)
    if found.no:
        raise ReleaseRefused(found.no)
    with copies.telling(path.stat().st_size):
        folder.mkdir(exist_ok=True)
        part = folder / "laid.part"
        shutil.copyfile(path, part)
        for old in folder.glob("*.zip"):
            old.unlink()
        durable.put(part, folder / (name or path.name))
    return found.version
