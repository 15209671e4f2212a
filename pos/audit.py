"""Check everything a box can check of itself: chain, seals, closings, tables, the tail against HQ's last ack.

What is found is returned as data (which entry, a code, a French sentence); nothing is repaired here.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pos import drafts, hq_keys, journal, seal, zcj
from pos.errors import Broken
from pos.feature import Proof
from pos.i18n import N_, _
from pos.journal import Fault, Journal
from pos.store import Store

_SAYS = {
    "genesis": N_("The journal does not begin with HQ's grant."),
    "grant": N_("HQ did not sign the grant of this journal."),
    "missing": N_("Entry %(seq)s is missing."),
    "chain": N_("Entry %(seq)s was changed after it was written."),
    "seal": N_("Entry %(seq)s does not bear this till's seal."),
    "envelope": N_("Entry %(seq)s does not belong at this place."),
    "unreadable": N_("The till's file is damaged: it cannot be read after entry %(seq)s."),
    "table": N_("The table “%(table)s” is not what the journal says."),
    "cut": N_("Entry %(seq)s is missing: HQ had acknowledged the journal up to entry %(acked)s."),
    "ack_differs": N_("Entry %(seq)s is not the one HQ acknowledged."),
    "ack_forged": N_("HQ did not sign the acknowledgement kept by this till (%(copy)s)."),
    "ack_foreign": N_("The acknowledgement kept by this till (%(copy)s) is about a journal that is not here."),
}

IN_FILE, IN_DRAFTS = N_("in the file beside the database"), N_("in the database")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: in which journal, at which entry (−1: none in particular), what, in words."""

    jn: int
    seq: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and what was found. `findings` empty: all is well."""

    entries: int
    journals: int
    head_seq: int
    head: str
    acked_seq: int
    tables: int
    findings: tuple[Finding, ...]

    @property
    def first_bad(self) -> Finding | None:
        """The finding to name first: the earliest entry of the oldest journal."""
        placed = [found for found in self.findings if found.seq >= 0]
        return min(placed, key=lambda found: (found.jn, found.seq)) if placed else next(iter(self.findings), None)


def check_everything(
    store: Store, ack_file: Path | None = None, *, seals: bool = True, progress: Callable[[int], None] | None = None
) -> Report:
    """Check every journal of the box, then its tables, then both copies of HQ's last ack."""
    findings: list[Finding] = []
    entries, head_seq, head = 0, -1, ""
    journals = store.journals()
    with store.reading() as conn:
        for told in journals:
            tip, fault = _verified(conn, told, seals, progress)
            entries += tip.seq + 1
            head_seq, head = tip.seq, tip.hash.hex()
            if fault:
                findings.append(_finding(told.jn, fault.seq, fault.code))
        acks = list(_acks(conn, ack_file))
        for copy, kept in acks:
            findings += _check_ack(conn, journals, copy, kept)
    if not findings:
        findings += _proofs(store, journals)
    if not findings:
        findings += _tables(store)
    return Report(
        entries=entries, journals=len(journals), head_seq=head_seq, head=head,
        acked_seq=max((kept["seq"] for _copy, kept in acks if isinstance(kept.get("seq"), int)), default=-1),
        tables=len(store.projector.tables), findings=tuple(dict.fromkeys(findings)),
    )  # fmt: skip


def _verified(
    conn: sqlite3.Connection, told: Journal, seals: bool, progress: Callable[[int], None] | None
) -> tuple[journal.Tip, Fault | None]:
    """Verify one journal; a file that SQLite itself cannot read is a fault like the others."""
    last = -1

    def seen(seq: int) -> None:
        nonlocal last
        last = seq
        if progress:
            progress(seq)

    try:
        return journal.verify(conn, told, seals=seals, progress=seen)
    except sqlite3.DatabaseError:
        return journal.Tip(last, b"", 0), Fault(last + 1, "unreadable")


def _proofs(store: Store, journals: list[Journal]) -> Iterator[Finding]:
    """Recompute what entries claim from the entries before them: closings above all (R39)."""
    proofs = [(feature.flaws, feature.proof()) for feature in store.features if feature.proof is not None]
    with store.reading() as conn:
        for told in journals:
            before = told.genesis
            for stored in journal.entries(conn, told):
                try:
                    yield from _flaws(store, proofs, told, stored, before)
                except (Broken, msgspec.DecodeError, ValueError):
                    yield _finding(told.jn, stored.seq, "envelope")
                    return
                before = stored.hash


def _flaws(
    store: Store, proofs: list[tuple[Mapping[str, str], Proof]], told: Journal, stored: journal.Stored, before: bytes
) -> Iterator[Finding]:
    entry = journal.read_envelope(stored.body)
    listening = [(says, proof) for says, proof in proofs if entry.kind in proof.kinds]
    event = store.types.decode(entry.kind, entry.kv, entry.data) if listening else None
    for says, proof in listening:
        for flaw in proof.tell(entry, event, before):
            yield Finding(told.jn, stored.seq, flaw.code, _(says[flaw.code], seq=stored.seq, **flaw.params))


def _tables(store: Store) -> Iterator[Finding]:
    try:
        for table in store.tables_that_differ():
            yield _finding(0, -1, "table", table=table)
    except (Broken, msgspec.DecodeError, ValueError, sqlite3.Error):
        yield _finding(0, -1, "table", table="*")


def _acks(conn: sqlite3.Connection, ack_file: Path | None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield both copies of HQ's last ack that are there."""
    if ack_file is not None and ack_file.exists():
        try:
            told = msgspec.json.decode(ack_file.read_bytes())
        except ValueError:
            told = None
        yield _(IN_FILE), told if isinstance(told, dict) else {}
    told = drafts.get(conn, "hq_ack")
    if told is not None:
        yield _(IN_DRAFTS), told if isinstance(told, dict) else {}


def _check_ack(conn: sqlite3.Connection, journals: list[Journal], copy: str, kept: dict[str, Any]) -> Iterator[Finding]:
    """HQ's signature first; then our entry must be there and be the one it acknowledged."""
    try:
        text, signature = str(kept["ack"]).encode(), bytes.fromhex(str(kept["sig"]))
        ack = zcj.decode(text)
        jid, seq, head = str(ack["j"]), int(ack["seq"]), str(ack["head"])
    except (KeyError, ValueError, TypeError):
        yield _finding(0, -1, "ack_forged", copy=copy)
        return
    told = next((one for one in journals if one.jid == jid), None)
    if told is None:
        yield _finding(0, -1, "ack_foreign", copy=copy)
        return
    if ack["cafe"] != told.cafe or not hq_keys.signed_by(hq_keys.trusted(conn, told.hq_key), seal.ACK, text, signature):
        yield _finding(told.jn, -1, "ack_forged", copy=copy)
        return
    last = conn.execute("SELECT coalesce(max(seq), -1) FROM journal_entry WHERE jn = ?", (told.jn,)).fetchone()[0]
    row = conn.execute("SELECT hash FROM journal_entry WHERE jn = ? AND seq = ?", (told.jn, seq)).fetchone()
    if last < seq:
        yield _finding(told.jn, last + 1, "cut", acked=seq)
    elif row is not None and row[0].hex() != head:
        yield _finding(told.jn, seq, "ack_differs")


def against_last_ack(store: Store, ack_file: Path) -> Finding | None:
    """Return how the journal contradicts the last ack in the file beside it: an old copy, a cut tail (R23)."""
    if not ack_file.exists():
        return None
    with store.reading() as conn:
        found = [
            finding
            for copy, kept in _acks(conn, ack_file)
            if copy == _(IN_FILE)
            for finding in _check_ack(conn, store.journals(), copy, kept)
        ]
    return next((one for one in found if one.code in ("cut", "ack_differs", "ack_foreign")), None)


def _finding(jn: int, seq: int, code: str, **params: object) -> Finding:
    return Finding(jn, seq, code, _(_SAYS[code], seq=seq, **params))
