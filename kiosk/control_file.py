"""The control file (R58, R59): archives of every closed day, the attestation, the perimeter; made with no line to HQ.

Each archive carries its own French notice and the verifier that needs nothing of Zinc.
"""

import io
import sqlite3
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pos import drafts, durable, perimeter
from pos.archive import tables as closed
from pos.archive.make import make_archive
from pos.archive.tables import last_day_of
from pos.errors import Refusal
from pos.i18n import N_, _
from pos.release import FISCAL_VERSION, VERSION
from pos.store import Store
from sync import published
from sync.attestation import DRAFT

KEPT_YEARS = 6


class NothingToShow(Refusal):
    """No day was ever closed."""

    sentence = N_("No day has been closed yet: there is nothing to put in the control file.")
    remedy = N_("Close the day first; the open day can be read in Tickets.")


@dataclass(frozen=True, slots=True)
class Written:
    """A control file on its folder."""

    folder: Path
    names: tuple[str, ...]
    size: int


def periods(conn: sqlite3.Connection, years: int = KEPT_YEARS) -> list[str]:
    """Return the periods that cover every closed day, a calendar year each, oldest first (R53)."""
    found = closed.closings(conn)
    days = sorted({one.last_day for one in found if one.kind == "day"})
    months = {one.last_day for one in found if one.kind == "month"}
    # The last day of a month can be archived once the month is closed too.
    days = [day for day in days if day != last_day_of(day[:7]) or day in months]
    told = []
    for year in sorted({day[:4] for day in days})[-years:]:
        inside = [day for day in days if day[:4] == year]
        told.append(f"{year}-01-01..{inside[-1]}" if inside[-1] != f"{year}-12-31" else year)
    return told


def write(store: Store, folder: Path, *, by: str) -> Written:
    """Write the control file in `folder`; return what is there. Raises NothingToShow and the archive's refusals."""
    with store.reading() as conn:
        asked = periods(conn)
        attested = drafts.get(conn, DRAFT, {})
    if not asked:
        raise NothingToShow
    folder.mkdir(parents=True, exist_ok=True)
    names = [make_archive(store, asked=one, folder=folder, by=by).path.name for one in asked]
    names.append(_put(folder, "perimetre.txt", perimeter_text()))
    if attested.get("text"):
        names.append(_put(folder, "attestation.txt", str(attested["text"])))
    names += [_put(folder, name, note) for name, note in published.notes(store)]
    names.append(_put(folder, "LISEZ-MOI.txt", _read_me(names)))
    return Written(folder, tuple(names), sum((folder / name).stat().st_size for name in names))


def as_zip(store: Store, *, by: str) -> bytes:
    """Return the control file as one ZIP, for a browser."""
    with tempfile.TemporaryDirectory(prefix="zinc-control-") as folder:
        done = write(store, Path(folder), by=by)
        into = io.BytesIO()
        with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as packed:
            for name in done.names:
                packed.write(done.folder / name, name)
        return into.getvalue()


def name_of(store: Store, day: str) -> str:
    """Return the name of the control file's folder."""
    return f"zinc-controle-{store.journal.cafe if store.journal else 0:04d}-{day}"


def perimeter_text() -> str:
    """Return the perimeter as `sha256sum --check` reads it, with the version in its first line."""
    told = perimeter.manifest()
    head = f"# Zinc {VERSION}, version fiscale {FISCAL_VERSION}, empreinte {perimeter.digest(told)}\n"
    return head + "".join(f"{digest}  {name}\n" for name, digest in sorted(told.files.items()))


def _put(folder: Path, name: str, text: str) -> str:
    # On a stick that is pulled out the moment after.
    durable.write(folder / name, text.encode())
    return name


def _read_me(names: list[str]) -> str:
    lines = [
        _("Control file of a Zinc till, fiscal version %(version)s.", version=FISCAL_VERSION),
        "",
        _("Each archive (zinc-archive-…) holds the entries as written, the closings, tables to open in a spreadsheet, a notice, the public key and a verifier."),
        _("To check one on any computer with Python 3, without Zinc and without network: unzip it, then python3 verifier.py followed by the archive’s name."),
        _("By hand, with sha256sum and openssl: see the notice inside."),
        _("siege.txt, when it is here: the last signed log of all the cafés that HQ showed this till; the office proves that this journal is in it."),
        "",
        *names,
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
