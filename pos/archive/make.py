"""Archives of a till: make one and record it (R53, R54), check it as a stranger would (R62)."""

import hashlib
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pos import durable
from pos import journal as journals
from pos.archive import bundle, period, tables, verifier
from pos.archive.bundle import FORMATS, Content, Manifest, Slice
from pos.archive.events import ArchiveChecked, ArchiveMade
from pos.archive.period import BadPeriod, Period, PeriodNotOver
from pos.clock import business_day
from pos.errors import AlreadyDone, Refusal
from pos.i18n import N_
from pos.journal import Journal
from pos.store import NotEnrolled, Store
from pos.till import close
from pos.till import tables as till
from pos.till.training import FILE

# Practice is kept and archived apart (R45).
TRAINING = "formation.ndjson"


class UnknownFormat(Refusal):
    """No such format in the register."""

    sentence = N_("There is no archive format “%(name)s”.")
    remedy = N_("Choose one of: %(known)s.")


class ArchiveFaulty(Refusal):
    """What was just written does not pass the verifier: it is not handed over."""

    sentence = N_("The archive does not pass its own verifier: %(fault)s.")
    remedy = N_("Call HQ: the journal is compared with the copy there. The till goes on selling.")


@dataclass(frozen=True, slots=True)
class Made:
    """An archive as written: where, and what was recorded of it."""

    path: Path
    event: ArchiveMade


def name_of(cafe: int, asked: Period, shape: str) -> str:
    """Return the name of an archive's file."""
    return f"zinc-archive-{cafe}-{asked.text.replace('..', '_')}.{FORMATS[shape].suffix}"


def make_archive(store: Store, *, asked: str, folder: Path, shape: str = "zip", by: str, attempt: str = "") -> Made:
    """Write the signed archive of closed days in `folder` and record it in the journal (R53, R54).

    `asked` is a day, a month, a year or from..to. Raises BadPeriod, PeriodNotOver, NothingClosed,
    UnknownFormat, JournalFaulty, ArchiveFaulty.
    """
    days = period.parse(asked)
    # A forgotten evening and the months that are over are closed first, as at the start of the box (R35).
    close.close_forgotten(store)
    content = content_of(store, days)
    if shape not in FORMATS:
        raise UnknownFormat(name=shape, known=", ".join(FORMATS))
    path = folder / name_of(content.cafe, content.period, shape)
    manifest = write(content, store, path, shape)
    fault = check(path)
    if fault:
        path.unlink()
        raise ArchiveFaulty(fault=fault)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    event = ArchiveMade(
        period=content.period.text, first_day=content.period.first, last_day=content.period.last, shape=shape,
        entries=manifest.entries, size=path.stat().st_size, sha256=digest, manifest=manifest.sha256,
    )  # fmt: skip
    try:
        with store.writing(by=by, attempt=attempt) as tx:
            tx.record(event)
    except AlreadyDone:
        # The same closed period gives the same bytes: the second tap gets the same file.
        return Made(path, event)
    return Made(path, event)


def write(content: Content, store: Store, path: Path, shape: str) -> Manifest:
    """Write an archive to `path`, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zinc-archive-", dir=path.parent) as name:
        folder, packed = Path(name) / "files", Path(name) / "packed"
        folder.mkdir()
        manifest = bundle.lay_out(content, folder, store.keyring)
        FORMATS[shape].write(folder, manifest, packed)
        # The journal is about to say that it exists.
        durable.put(packed, path)
    return manifest


def check(path: Path, *, all_seals: bool = False) -> str:
    """Return what the stand-alone verifier finds wrong with an archive; empty when it is whole."""
    try:
        verifier.check(verifier.open_source(path), all_seals)
    except (verifier.Fault, verifier.Unreadable) as problem:
        return str(problem)
    return ""


def check_again(store: Store, path: Path, asked: str, *, by: str) -> str:
    """Check an archive that lies there and record the result (R62); return the fault or nothing."""
    fault = check(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with store.writing(by=by) as tx:
        tx.trust_clock()
        tx.record(ArchiveChecked(period=asked, manifest=digest, fault="found" if fault else ""))
    return fault


def content_of(store: Store, asked: Period) -> Content:
    """Return what the archive of closed days is made of; raise PeriodNotOver, NothingClosed."""
    if store.journal is None:
        raise NotEnrolled
    known = store.journals()
    with store.reading() as conn:
        opened = till.open_day(conn)
        if asked.last >= business_day(store.clock.now_ms()) or (opened and opened["day"][:10] <= asked.last):
            raise PeriodNotOver(day=asked.last)
        ends = [(one.jid, journals.tip(conn, one).seq) for one in known]
        spans = period.spans(tables.closings(conn), ends, asked)
        cafe = till.cafe(conn, asked.last)
        heads: list[tuple[bytes, bytes]] = []
        slices = []
        for span in spans:
            one = next(one for one in known if one.jid == span.jid)
            last, signed = _heads(conn, one, span)
            heads += signed
            slices.append(_slice(store, one, span, last))
    name = f"{cafe.sign}, {cafe.legal_entity}, SIRET {cafe.siret}" if cafe else str(store.journal.cafe)
    practised = b"".join(_training(store.path.with_name(FILE), asked))
    extra = {TRAINING: practised} if practised else {}
    return Content(
        extra=extra, cafe=store.journal.cafe, name=name, period=asked, signer=bundle.BOX, slices=slices, heads=heads
    )


def _heads(conn: sqlite3.Connection, told: Journal, span: period.Span) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Return the heads that answer for entries which came back from HQ, and up to where the last one reaches."""
    last, found = span.last, []
    for seq, head, sig in conn.execute(_HEADS, (told.jn, span.first)):
        found.append((bytes(head), bytes(sig)))
        if seq >= span.last:
            last = int(seq)
            break
    return last, found


def _training(path: Path, asked: Period) -> Iterator[bytes]:
    """Yield what was practised on the days asked for, as it stands in the training journal."""
    if not path.exists():
        return
    conn = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        for row in conn.execute("SELECT seq, hash, body, seal FROM journal_entry ORDER BY jn, seq"):
            stored = journals.Stored(*row)
            if asked.first <= business_day(journals.read_envelope(stored.body).t) <= asked.last:
                yield bundle.line_of(stored)
    finally:
        conn.close()


_HEADS = "SELECT seq, head, sig FROM journal_head WHERE jn = ? AND seq >= ? ORDER BY seq"


def _slice(store: Store, told: Journal, span: period.Span, last: int) -> Slice:
    with store.reading() as conn:
        grant = conn.execute("SELECT grant_bytes, grant_sig FROM journal WHERE jn = ?", (told.jn,)).fetchone()
        row = conn.execute(
            "SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (told.jn, span.first - 1)
        ).fetchone()

    def entries() -> Iterator[journals.Stored]:
        with store.reading() as conn:
            yield from journals.entries(conn, told, span.first, last)

    return Slice(
        jid=span.jid, first=span.first, last=last, until=span.last, prev=row[0] if row else told.genesis, grant=grant[0],
        grant_sig=grant[1], hq_key=told.hq_key, box_key=told.box_key, entries=entries, begin=span.begin,
    )  # fmt: skip


__all__ = ["BadPeriod", "Made", "check", "check_again", "content_of", "make_archive", "name_of", "write"]
