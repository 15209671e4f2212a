"""The release that the network announces: fetched by the line, looked at as one from a stick, laid for the updater."""

import logging
from dataclasses import dataclass

from kiosk.updater import release
from kiosk.wiring import Kiosk
from pos.errors import Refusal, SyncTrouble
from pos.i18n import N_, _
from pos.money import NBSP

log = logging.getLogger("zinc.jobs")
FOLDER = "releases"
# What the line itself may find wrong with a release; the rest is the updater's (`release.SAYS`).
SPOILT = N_("What came is not what the network announced, twice over: nothing was installed.")


@dataclass(frozen=True, slots=True)
class Told:
    """The release announced, and how far it is."""

    version: str
    size: int
    come: int
    # Handed to the updater.
    laid: bool
    # Why it is not taken, in French; empty: nothing speaks against it.
    why: str = ""

    @property
    def share(self) -> str:
        """Return how much of it is here, in words."""
        return _("%(come)s of %(size)s", come=_megabytes(self.come), size=_megabytes(self.size))


def _megabytes(n: int) -> str:
    return f"{n / 1_000_000:.1f}{NBSP}Mo".replace(".", ",")


def told(kiosk: Kiosk) -> Told | None:
    """Return the release announced beyond the one that runs, or None."""
    from sync import software

    found = software.announced(kiosk.store)
    if found is None:
        return None
    no, waits = software.refused(kiosk.store), software.due(kiosk.store)
    come = software.come(kiosk.data / FOLDER, found) if waits else found.size
    return Told(
        found.version, found.size, come, laid=not waits and no is None, why=_why(no.code, no.params) if no else ""
    )


def _why(code: str, params: dict[str, str]) -> str:
    return _(release.SAYS[code], **params) if code in release.SAYS else _(SPOILT)


def due(kiosk: Kiosk) -> bool:
    """Tell whether this box may fetch, and something is announced that it has not."""
    from kiosk import version
    from sync import software

    return kiosk.line is not None and version.box() is not None and software.due(kiosk.store)


def fetch(kiosk: Kiosk) -> bool:
    """Fetch some more; once it is whole, hand it to the updater or remember why not. Return whether it was handed over."""
    from kiosk import version
    from sync import software

    here, found = version.box(), software.announced(kiosk.store)
    if here is None or found is None:
        return False
    try:
        path = software.fetch(kiosk.store, kiosk.line, kiosk.data / FOLDER)
    except SyncTrouble as trouble:
        log.info("the release waits for the line: %s", type(trouble).__name__)
        return False
    if path is None:
        return False
    try:
        version.lay(path, here, kiosk.data / version.WAITING, f"zinc-{found.version}.zip")
    except version.ReleaseRefused as no:
        software.refuse(kiosk.store, found, no.no.code, **no.no.params)
        path.unlink()
        return False
    except Refusal as trouble:
        # No room for a second copy now: it stays here, and is tried again.
        log.warning("the release was not laid: %s", type(trouble).__name__)
        return False
    software.laid(kiosk.store, found)
    path.unlink()
    return True


def again(kiosk: Kiosk) -> None:
    """Begin anew with the announced release."""
    from sync import software

    software.again(kiosk.store)
