"""Releases of the till: kept at HQ as the publisher signed them, announced to one café, an antenne, then to all.

HQ adds nothing to a release: each box checks the publisher's signature itself, with the key it was installed with.
"""

import hashlib
import re
import shutil
import zipfile
import zlib
from pathlib import Path

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, or_, select
from sqlalchemy.engine import RowMapping

from hq import revisions
from hq.access import NotAllowed, User
from hq.acts import note_act
from hq.antennas import ANTENNAS
from hq.network_tables import network_release, release_aim
from hq.register import find_cafe
from pos import durable, seal
from pos.errors import Because, Refusal
from pos.i18n import N_
from pos.till.network_lists import Software

FOLDER, KEYS = "releases", "release.pub"
# What the publisher signs (kiosk.updater.release), and what a version looks like.
DOMAIN, MANIFEST, SIGNATURE = b"zinc/release/1", "manifest.json", "manifest.sig"
VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}")
SIZE_MOST = 400 * 1024 * 1024
# The most given at once: what a box asks for, within the line's own bound.
PIECE_MOST = 1024 * 1024
NETWORK, ANTENNA, CAFE = "network", "antenna", "cafe"
_SPOILT = (KeyError, ValueError, zipfile.BadZipFile, EOFError, OSError, RuntimeError, zlib.error, msgspec.DecodeError)
_AIMED = (
    select(network_release)
    .join_from(network_release, release_aim, release_aim.c.version == network_release.c.version)
    .where(or_(
        release_aim.c.whom == NETWORK,
        (release_aim.c.whom == ANTENNA) & (release_aim.c.number == bindparam("antenna")),
        (release_aim.c.whom == CAFE) & (release_aim.c.number == bindparam("cafe")),
    ))
)  # fmt: skip


class BadRelease(Because):
    """A file is not taken as a release, or one is not announced."""

    sentence = N_("This release is refused: %(why)s.")
    remedy = N_("Take the file as the publisher made it, and HQ’s release.pub with the publisher’s key.")


class NotMeant(Refusal):
    """What changes every till is typed, not tapped."""

    sentence = N_("Nothing was announced: the version is to be typed again.")
    remedy = N_("Type the version as it stands in its line, then confirm.")


class _About(msgspec.Struct, frozen=True):
    version: str
    files: dict[str, str]


def add(conn: Connection, data: Path, file: Path, *, by: str, now_ms: int) -> str:
    """Keep a release the publisher signed, announced to nobody yet; return its version. Raises BadRelease."""
    version = _checked(file, data / KEYS)
    known = conn.execute(select(network_release.c.sha256).where(network_release.c.version == version)).scalar()
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    if known is not None and known != sha256:
        raise BadRelease(why=N_("another file of the same version is kept already"))
    place = path_of(data, sha256)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        shutil.copyfile(file, part)
        durable.put(part, place)
    if known is None:
        size = file.stat().st_size
        conn.execute(insert(network_release).values(version=version, sha256=sha256, size=size, by=by, at=now_ms))
        note_act(conn, now_ms, by, "release.added", version=version, sha256=sha256, size=size)
    return version


def path_of(data: Path, sha256: str) -> Path:
    """Return where the file of a release is kept."""
    return data / FOLDER / f"{sha256}.zip"


def _checked(file: Path, keys: Path) -> str:
    if not keys.exists():
        raise BadRelease(why=N_("HQ knows no publisher: release.pub is missing in its folder"))
    known = [bytes.fromhex(line) for line in keys.read_text().split() if re.fullmatch("[0-9a-f]{64}", line)]
    try:
        with zipfile.ZipFile(file) as packed:
            manifest, signature = packed.read(MANIFEST), bytes.fromhex(packed.read(SIGNATURE).decode())
            if not any(seal.verify(key, DOMAIN, manifest, signature) for key in known):
                raise BadRelease(why=N_("the publisher did not sign it"))
            about = msgspec.json.decode(manifest, type=_About)
            whole = all(
                hashlib.sha256(packed.read(f"wheels/{name}")).hexdigest() == told for name, told in about.files.items()
            )
    except _SPOILT as problem:
        raise BadRelease(why=N_("it is no release, or it was cut")) from problem
    if not whole or not VERSION.fullmatch(about.version) or file.stat().st_size > SIZE_MOST:
        raise BadRelease(why=N_("it is no release, or it was cut"))
    return about.version


def newer(version: str) -> list[int]:
    """Return a version as what it is sorted by."""
    return [int(part) for part in version.split(".")]


def announce(
    conn: Connection, user: User, version: str, whom: str, number: int, *, typed: str, now_ms: int
) -> None:  # fmt: skip
    """Announce a release to a café, an antenne or the network. Raises NotMeant, BadRelease, NotAllowed, NoSuchCafe."""
    _may(conn, user, version)
    if typed.strip() != version:
        raise NotMeant
    if whom == CAFE:
        find_cafe(conn, number, user)
    elif whom not in (NETWORK, ANTENNA) or (whom == ANTENNA and number not in ANTENNAS):
        raise BadRelease(why=N_("nobody is named to announce it to"))
    number = number if whom != NETWORK else 0
    row = release_aim.c
    there = conn.execute(select(row.at).where(row.version == version, row.whom == whom, row.number == number)).first()
    if there is None:
        conn.execute(insert(release_aim).values(version=version, whom=whom, number=number, by=user.username, at=now_ms))
        note_act(conn, now_ms, user.username, "release.announced", number if whom == CAFE else None,
                 version=version, whom=whom, number=number)  # fmt: skip
        revisions.changed(conn)


def withdraw(conn: Connection, user: User, version: str, *, now_ms: int) -> None:
    """Announce a release to nobody any more; a box that runs it keeps it. Raises NotAllowed, BadRelease."""
    _may(conn, user, version)
    if conn.execute(delete(release_aim).where(release_aim.c.version == version)).rowcount:
        note_act(conn, now_ms, user.username, "release.withdrawn", version=version)
        revisions.changed(conn)


def _may(conn: Connection, user: User, version: str) -> None:
    if not user.national:
        raise NotAllowed
    if conn.execute(select(network_release.c.at).where(network_release.c.version == version)).first() is None:
        raise BadRelease(why=N_("HQ keeps no such version"))


def for_cafe(conn: Connection, cafe: int, antenna: int | None) -> Software | None:
    """Return the newest release announced to a café, or None."""
    rows = conn.execute(_AIMED, {"cafe": cafe, "antenna": antenna}).mappings().all()
    if not rows:
        return None
    row = max(rows, key=lambda one: newer(one["version"]))
    return Software(version=row["version"], size=row["size"], sha256=row["sha256"])


def listed(conn: Connection) -> list[tuple[RowMapping, list[RowMapping]]]:
    """Return the releases kept, the newest first, each with those it is announced to."""
    rows = conn.execute(select(network_release)).mappings().all()
    aims: dict[str, list[RowMapping]] = {}
    for aim in conn.execute(select(release_aim).order_by(release_aim.c.at)).mappings():
        aims.setdefault(aim["version"], []).append(aim)
    return [
        (row, aims.get(row["version"], [])) for row in sorted(rows, key=lambda one: newer(one["version"]), reverse=True)
    ]


def piece(data: Path, sha256: str, first: int, most: int) -> bytes:
    """Return bytes of a release kept here from `first` on; none when its file is gone or ends before."""
    try:
        with path_of(data, sha256).open("rb") as file:
            file.seek(first)
            return file.read(min(most, PIECE_MOST))
    except OSError:
        return b""
