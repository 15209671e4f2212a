"""The release that the network announces comes up the line, part by part, to be laid where the box's updater looks.

What comes is kept beside the café's file: a cut line costs one part. The hash of the signed list tells whether it
came whole; whether the publisher signed it, and whether it may replace what runs, is asked of the updater.
"""

import hashlib
import time
from pathlib import Path

import msgspec

from pos import drafts, durable, journal
from pos.release import VERSION
from pos.store import Store
from pos.system import TroubleNoted
from pos.till import network
from pos.till.network_lists import Software
from sync import agent, trouble
from sync.line import Hq, Told

# Parts: smaller ones when the line is cut; and so much in one go, or sales would wait for the line too long.
PART, LEAST, MOST_A_CALL = 256 * 1024, 16 * 1024, 8 * 1024 * 1024
BUDGET_S = 120.0
# The hash of the release that is not to be fetched again: it was refused, and why.
REFUSED = "software.refused"
# The hash of the release that was handed to the updater.
LAID = "software.laid"
# The hash of the release that came, but not whole: a power cut may do that once.
SPOILT = "software.spoilt"
BOX = "box"


class Refused(msgspec.Struct, frozen=True):
    """A release that was not taken, and the short code of the reason."""

    sha256: str
    version: str
    code: str
    # What fills the reason's sentence.
    params: dict[str, str] = {}


def announced(store: Store) -> Software | None:
    """Return the release in force in the network, if it comes after the one that runs here."""
    with store.reading() as conn:
        told = network.held(conn, network.SOFTWARE, Software)
    return told if told is not None and _numbers(told.version) > _numbers(VERSION) else None


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def refused(store: Store) -> Refused | None:
    """Return the announced release that was refused, if it is still the one announced."""
    told = announced(store)
    with store.reading() as conn:
        kept = drafts.get(conn, REFUSED)
    found = msgspec.convert(kept, Refused) if kept else None
    return found if found is not None and told is not None and found.sha256 == told.sha256 else None


def path_of(folder: Path, told: Software) -> Path:
    """Return where a whole release lies before the updater is asked about it."""
    return folder / f"{told.sha256}.zip"


def part_of(folder: Path, told: Software) -> Path:
    """Return where what came of a release lies."""
    return folder / f"{told.sha256}.part"


def come(folder: Path, told: Software) -> int:
    """Return how many bytes of a release are here."""
    whole, part = path_of(folder, told), part_of(folder, told)
    return told.size if whole.exists() else part.stat().st_size if part.exists() else 0


def due(store: Store) -> bool:
    """Tell whether a release is announced that was neither refused nor handed to the updater."""
    told = announced(store)
    with store.reading() as conn:
        laid = drafts.get(conn, LAID, "")
    return told is not None and refused(store) is None and laid != told.sha256


def laid(store: Store, told: Software) -> None:
    """Remember that a release was handed to the updater: whatever becomes of it, it is not fetched again by itself."""
    with store.writing(by=BOX) as tx:
        drafts.put(tx.conn, LAID, told.sha256)


def again(store: Store) -> None:
    """Forget what was made of the announced release: it is fetched anew."""
    with store.writing(by=BOX) as tx:
        for name in (LAID, REFUSED, SPOILT):
            drafts.put(tx.conn, name, "")


def fetch(store: Store, line: Hq, folder: Path) -> Path | None:
    """Fetch what is still missing, as much as one call may; return the release once it is whole. Raises SyncTrouble."""
    told, opened = announced(store), store.journal
    if told is None or opened is None or not due(store):
        return None
    if path_of(folder, told).exists():
        return path_of(folder, told)
    folder.mkdir(exist_ok=True)
    _forget_others(folder, told)
    with store.reading() as conn:
        tip = journal.tip(conn, opened)
    try:
        token = agent.greet(store, opened, line, tip, VERSION).token
        _go_on(line, token, told, part_of(folder, told))
    except Told as no:
        if no.code == "no_blob":
            # Another one is announced by now: the next manifest says which.
            return None
        raise agent.meant(no, 0) from no
    return _settle(store, folder, told)


def _forget_others(folder: Path, told: Software) -> None:
    for path in (*folder.glob("*.part"), *folder.glob("*.zip")):
        if path.stem != told.sha256:
            path.unlink()


def _go_on(line: Hq, token: str, told: Software, part: Path) -> None:
    """Add to what came before; each part is on the disk before the next is asked for."""
    size, started, before = PART, time.monotonic(), part.stat().st_size if part.exists() else 0
    have = before
    while have < told.size and have - before < MOST_A_CALL and time.monotonic() - started < BUDGET_S:
        try:
            came = line.release(told.sha256, have, min(size, told.size - have), token)
        except trouble.HqUnreachable:
            if size <= LEAST:
                raise
            size = max(LEAST, size // 4)
            continue
        if not came:
            raise trouble.HqTalksRubbish
        with part.open("ab") as file:
            file.write(came[: told.size - have])
        durable.sync(part)
        have = part.stat().st_size


def _settle(store: Store, folder: Path, told: Software) -> Path | None:
    part, whole = part_of(folder, told), path_of(folder, told)
    if part.stat().st_size < told.size:
        return None
    with part.open("rb") as file:
        right = hashlib.file_digest(file, "sha256").hexdigest() == told.sha256
    if not right:
        part.unlink()
        with store.writing(by=BOX) as tx:
            twice = drafts.get(tx.conn, SPOILT, "") == told.sha256
            drafts.put(tx.conn, SPOILT, told.sha256)
        if twice:
            refuse(store, told, "spoilt")
        return None
    durable.put(part, whole)
    return whole


def refuse(store: Store, told: Software, code: str, **params: object) -> None:
    """Remember and record that a release is not taken: it is not fetched again, and HQ reads why."""
    with store.writing(by=BOX) as tx:
        tx.trust_clock()
        tx.record(TroubleNoted(what="release_refused", detail=f"{told.version} {code}"[:40]))
        drafts.put(tx.conn, REFUSED, msgspec.to_builtins(
            Refused(told.sha256, told.version, code, {name: str(one)[:60] for name, one in params.items()})
        ))  # fmt: skip
