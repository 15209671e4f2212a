"""An archive's files, made in one pass over the entries, then put together in one of the formats (R53, R55).

The same closed period gives the same bytes: no date of making, no order of chance.
"""

import base64
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from pos import seal, zcj
from pos.archive.period import Period
from pos.archive.sheets import FOLDER, LAYOUT, Sheets
from pos.errors import Refusal
from pos.hq_keys import Step
from pos.i18n import N_
from pos.journal import Stored
from pos.release import FISCAL_VERSION, VERSION
from pos.seal import Keyring

ARCHIVE = b"zinc/archive/1"
HERE = Path(__file__).parent
MANIFEST, SIGNATURE, SUMS = "MANIFESTE.json", "MANIFESTE.sig", "SOMMES.sha256"
BOX, HQ = "box", "hq"
# What ZIP cannot leave out; the first date it knows.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_CLOSURES = (b'"kind":"till.day_closed"', b'"kind":"till.month_closed"', b'"kind":"till.year_closed"')
_SPKI = bytes.fromhex("302a300506032b6570032100")
HOSTING = N_("kept by HQ in the European Union")


class JournalFaulty(Refusal):
    """The journal does not hold: an archive of it would prove nothing."""

    sentence = N_("Entry %(seq)s of the journal is not the one that was written: no archive was made.")
    remedy = N_("Call HQ: the journal is compared with the copy there. The till goes on selling.")


@dataclass(frozen=True, slots=True)
class Slice:
    """Entries `first` to `last` of one journal, with what proves whose they are."""

    jid: str
    first: int
    last: int
    prev: bytes
    grant: bytes
    grant_sig: bytes
    hq_key: bytes
    box_key: bytes
    entries: Callable[[], Iterator[Stored]]
    # The period's own entries begin here; those before carry totals and numbers over.
    begin: int = 0
    # The period's last entry, where the slice goes on to the head that the box signed.
    until: int = 2**53


@dataclass(frozen=True, slots=True)
class Content:
    """What an archive is made of. `heads`: signed heads, where HQ has no seals of single entries."""

    cafe: int
    name: str
    period: Period
    signer: str
    slices: list[Slice]
    heads: list[tuple[bytes, bytes]] = field(default_factory=list)
    # More files by name: the attestation, the list of the fiscal perimeter.
    extra: Mapping[str, bytes] = field(default_factory=dict)
    hosting: str = ""
    # How HQ came to the key it signs with, where it has had another.
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """The signed list of an archive: its exact bytes, its signature, and how many entries it covers."""

    raw: bytes
    signature: bytes
    entries: int

    @property
    def sha256(self) -> str:
        """Hash of the manifest: it names the content, whatever the format of the file."""
        return hashlib.sha256(self.raw).hexdigest()


def lay_out(content: Content, folder: Path, keyring: Keyring) -> Manifest:
    """Write every file of an archive in an empty `folder`; raise JournalFaulty."""
    for name in ("journal", "cles"):
        (folder / name).mkdir()
    journals = _entries(content, folder)
    for i, one in enumerate(content.slices, 1):
        (folder / "cles" / f"caisse-{i}.pem").write_bytes(_pem(one.box_key))
        (folder / "cles" / f"habilitation-{i}.json").write_bytes(one.grant)
        (folder / "cles" / f"habilitation-{i}.sig").write_bytes(one.grant_sig)
    # What HQ signs, it signs with the key it has now.
    (folder / "cles" / "siege.pem").write_bytes(
        _pem(keyring.public if content.signer == "hq" else content.slices[-1].hq_key)
    )
    shutil.copyfile(HERE / "verifier.py", folder / "verifier.py")
    if content.heads:
        (folder / "tetes.ndjson").write_bytes(
            b"".join(zcj.encode({"head": head.decode(), "sig": sig.hex()}) + b"\n" for head, sig in content.heads)
        )
    for name, data in content.extra.items():
        (folder / name).write_bytes(data)
    (folder / "LISEZ-MOI.txt").write_text(_notice(content), encoding="utf-8")
    sums = {name: _file(folder / name) for name in sorted(names_in(folder))}
    (folder / SUMS).write_text("".join(f"{told['sha256']}  {name}\n" for name, told in sums.items()), encoding="utf-8")
    sums[SUMS] = _file(folder / SUMS)
    raw = zcj.encode({
        "type": "archive", "v": 1, "cafe": content.cafe, "signer": content.signer, "key": keyring.public.hex(),
        "period": {"asked": content.period.text, "from": content.period.first, "to": content.period.last},
        "journals": journals, "sw": f"{VERSION}/{FISCAL_VERSION}",
        **({"hq_steps": [msgspec.to_builtins(step) for step in content.steps]} if content.steps else {}),
    })  # fmt: skip
    # File names are no keys of the canonical profile: they are added beside it, sorted as well.
    raw = raw[:-1] + b',"files":' + msgspec.json.encode(sums, order="sorted") + b"}"
    signature = keyring.sign(ARCHIVE, raw)
    (folder / MANIFEST).write_bytes(raw)
    (folder / SIGNATURE).write_bytes(signature)
    return Manifest(raw, signature, sum(one.last - one.first + 1 for one in content.slices))


def _entries(content: Content, folder: Path) -> list[dict[str, Any]]:
    """Copy entries, closures and tables in one pass, checking the chain; return the journals of the manifest."""
    sheets, told = Sheets(folder), []
    try:
        with (folder / "clotures.ndjson").open("wb") as closures:
            for i, one in enumerate(content.slices, 1):
                name = f"journal/journal-{i}.ndjson"
                with (folder / name).open("wb") as out:
                    head = _copy(one, out, closures, sheets)
                told.append({
                    "file": name, "cafe": content.cafe, "j": one.jid, "first": one.first, "last": one.last,
                    "prev": one.prev.hex(), "head": head.hex(), "grant": one.grant.decode(),
                    "grant_sig": one.grant_sig.hex(), "hq_key": one.hq_key.hex(), "box_key": one.box_key.hex(),
                })  # fmt: skip
    finally:
        sheets.close()
    return told


def _copy(one: Slice, out: Any, closures: Any, sheets: Sheets) -> bytes:
    before, seq = one.prev, one.first
    for stored in one.entries():
        if stored.seq != seq or seal.chain(before, stored.body) != stored.hash or b"\n" in stored.body:
            raise JournalFaulty(seq=seq)
        line = line_of(stored)
        out.write(line)
        if any(mark in stored.body for mark in _CLOSURES):
            closures.write(b'{"prev":"%s",%s' % (before.hex().encode(), line[1:]))
        # What is carried over belongs to the period before: its proof is here, its rows are not.
        if one.begin <= seq <= one.until:
            sheets.tell(one.jid, stored.body, stored.hash)
        before, seq = stored.hash, seq + 1
    if seq != one.last + 1:
        raise JournalFaulty(seq=seq)
    return before


def line_of(stored: Stored) -> bytes:
    """Return an entry as one line: its exact bytes, its hash, its seal (empty in what HQ has)."""
    seal_hex = (stored.seal or b"").hex().encode()
    return b'{"body":%s,"hash":"%s","seal":"%s"}\n' % (stored.body, stored.hash.hex().encode(), seal_hex)


def _pem(public: bytes) -> bytes:
    """Return a public key as openssl reads it."""
    return b"-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n" % base64.b64encode(_SPKI + public)


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "size": path.stat().st_size}


def names_in(folder: Path) -> list[str]:
    """Return the files of an unpacked archive."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]


def _notice(content: Content) -> str:
    """Return the notice in French: every file and every column (R53)."""
    from pos.i18n import _

    last, tables = content.slices[-1], []
    for name, (what, columns) in LAYOUT.items():
        tables.append(f"{FOLDER}/{name}\n    {what}\n")
        tables += [f"    {title:<20} {meaning}\n" for title, meaning in columns]
        tables.append("\n")
    hq = content.signer == HQ
    filled = {
        "CAFE": content.name, "FIRST": content.period.first, "LAST": content.period.last, "PERIOD": content.period.text,
        "BOX_KID": seal.kid_of(last.box_key), "HQ_KID": seal.kid_of(last.hq_key),
        "SIGNER": _("HQ’s key") if hq else _("the till’s key"), "SIGNER_KEY": "siege" if hq else f"caisse-{len(content.slices)}",
        "SEALS": _("(empty here: HQ holds signed heads, see tetes.ndjson)") if hq else "",
        "TABLES": "".join(tables), "HOSTING": content.hosting or _(HOSTING),
        "EXTRA": "    tetes.ndjson\n" if hq else "",
    }  # fmt: skip
    text = (HERE / "notice.txt").read_text(encoding="utf-8")
    for name, value in filled.items():
        text = text.replace(f"@{name}@", value)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


# Ways to hand an archive over, by name


@dataclass(frozen=True, slots=True)
class Format:
    """A way to hand an archive over as one file."""

    suffix: str
    mimetype: str
    label: str
    write: Callable[[Path, Manifest, Path], None]


def _zip(folder: Path, manifest: Manifest, to: Path) -> None:
    """Everything, in a ZIP whose bytes depend on its content alone."""
    first = ["LISEZ-MOI.txt", "verifier.py", MANIFEST, SIGNATURE]
    names = sorted(names_in(folder), key=lambda name: (first.index(name) if name in first else len(first), name))
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for name in names:
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            with (folder / name).open("rb") as file, packed.open(info, "w") as out:
                shutil.copyfileobj(file, out, 1 << 20)


def _ndjson(folder: Path, manifest: Manifest, to: Path) -> None:
    """The signed manifest on the first line, then the entries: for a machine that reads, or a thin line."""
    with to.open("wb") as out:
        top = {"manifest": manifest.raw.decode(), "sig": manifest.signature.hex()}
        out.write(msgspec.json.encode(top) + b"\n")
        for told in msgspec.json.decode(manifest.raw)["journals"]:
            with (folder / told["file"]).open("rb") as file:
                shutil.copyfileobj(file, out, 1 << 20)


FORMATS: dict[str, Format] = {
    "zip": Format("zip", "application/zip", N_("Signed ZIP, with tables and verifier"), _zip),
    "ndjson": Format("ndjson", "application/x-ndjson", N_("Entries alone, in one file"), _ndjson),
}
