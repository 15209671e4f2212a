"""HQ's log for somebody outside: checked whole, written to a folder an auditor keeps, put back from one (§2.17)."""

import base64
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, select

from hq import log_verifier, publishing
from hq.wiring import Office
from pos import durable, zcj
from pos.errors import Refusal
from pos.i18n import N_, _
from sync import books, checkpoint, merkle

LEAVES, NOTES, KEY, VERIFIER, README = "leaves.ndjson", "checkpoints", "hq-key.pem", "verifier.py", "LISEZMOI.txt"
# Keys HQ has left: checkpoints they signed stand.
FORMER_KEY = "hq-key-{}.pem"
AT_ONCE = 5_000
FAULTS_MOST = 100

_l, _k, _s, _d = books.log_leaf.c, books.log_checkpoint.c, books.segment.c, books.log_doubt.c
_PART = select(books.log_leaf).where(_l.place >= bindparam("first")).order_by(_l.place).limit(AT_ONCE)
_NOTES = select(books.log_checkpoint).order_by(_k.size)
_NOT_HELD = (
    select(_l.place, _l.cafe_id, _l.seq)
    .outerjoin(books.journal, (books.journal.c.cafe_id == _l.cafe_id) & (books.journal.c.jid == _l.jid))
    .outerjoin(
        books.segment, (_s.cafe_id == _l.cafe_id) & (_s.jn == books.journal.c.jn) & (_s.last == _l.seq)
        & (_s.head == _l.head),
    )
    .where(_s.cafe_id.is_(None))
    .order_by(_l.place)
    .limit(FAULTS_MOST)
)  # fmt: skip
_DOUBTED = (
    select(_d.size, _d.cafe_id)
    .outerjoin(books.log_checkpoint, (_k.size == _d.size) & (_k.root == _d.root))
    .where(_k.size.is_(None))
    .order_by(_d.size, _d.cafe_id)
)
# The first bytes of an Ed25519 public key as others write it (RFC 8410).
_SPKI = bytes.fromhex("302a300506032b6570032100")


class NotThisLog(Refusal):
    """The folder holds leaves or checkpoints that this log does not."""

    sentence = N_("This folder holds another history of HQ’s log: nothing was written there.")
    remedy = N_(
        "Keep both as they are. After a backup was put back: zinc-hq log restore --from this folder, before HQ runs."
    )


class NotALog(Refusal):
    """No leaves, or no checkpoint that HQ's key signed over them."""

    sentence = N_("What is in this folder is not a log that HQ signed.")
    remedy = N_("Check the folder with its verifier.py, and HQ’s key.")


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A leaf as exported."""

    cafe: int
    head: str
    j: str
    seq: int


def leaves(conn: Connection) -> Iterator[Any]:
    """Yield the rows of all leaves, in order."""
    first = 0
    while rows := conn.execute(_PART, {"first": first}).all():
        yield from rows
        first = rows[-1].place + 1


def verify(office: Office, conn: Connection, *, doubts: bool = True) -> list[str]:
    """Check leaves, tiles, every checkpoint and HQ's segments against each other; return what is wrong.

    `doubts`: what boxes hold against the log too.
    """
    wrong: list[str] = []
    notes = conn.execute(_NOTES).all()
    sizes = {row.size: row for row in notes}
    edge = merkle.Frontier()
    tiles: dict[tuple[int, int], bytes] = {}

    def read(level: int, place: int) -> bytes:
        return tiles.get((level, place), b"")

    rows = leaves(conn)
    _check_note(office, sizes.get(0), edge, wrong)
    while part := list(islice(rows, AT_ONCE)):
        hashes = []
        start = edge.size
        for row in part:
            if row.place != edge.size:
                return [*wrong, f"leaf {edge.size} is missing"]
            hashes.append(publishing.leaf_hash(row.cafe_id, row.jid, row.seq, bytes(row.head)))
            edge.push(hashes[-1])
            _check_note(office, sizes.get(edge.size), edge, wrong)
        tiles.update(merkle.grow(start, hashes, read))
    if notes and notes[-1].size > edge.size:
        wrong.append(f"the last checkpoint has {notes[-1].size} leaves, the log {edge.size}")
    kept = {(row.level, row.place): bytes(row.hashes) for row in conn.execute(select(books.log_tile))}
    wrong += [
        f"tile {level}/{place} is not what the leaves say"
        for level, place in sorted(kept.keys() | tiles.keys()) if kept.get((level, place)) != tiles.get((level, place))
    ]  # fmt: skip
    wrong += [
        f"leaf {row.place}: HQ no longer holds entry {row.seq} of café {row.cafe_id} as it acknowledged it"
        for row in conn.execute(_NOT_HELD)
    ]
    return wrong + [
        f"café {row.cafe_id} holds a checkpoint of {row.size} leaves, signed by HQ, that this log does not continue"
        for row in (conn.execute(_DOUBTED) if doubts else ())
    ]


def _check_note(office: Office, row: Any, edge: merkle.Frontier, wrong: list[str]) -> None:
    if row is None:
        return
    told = publishing.read_note(office, row.note)
    if told is None:
        wrong.append(f"the checkpoint of {row.size} leaves is not signed by HQ")
    elif (told.size, told.root, bytes(row.root)) != (edge.size, edge.root, edge.root):
        wrong.append(f"the checkpoint of {row.size} leaves has another root than the leaves")


def export(office: Office, conn: Connection, folder: Path) -> tuple[int, int]:
    """Write the log to a folder, or add to what an earlier export wrote; return its leaves and checkpoints."""
    (folder / NOTES).mkdir(parents=True, exist_ok=True)
    notes = {_name(row.size): row.note for row in conn.execute(_NOTES)}
    for path in sorted((folder / NOTES).glob("*.txt")):
        if notes.get(path.name) != path.read_text():
            raise NotThisLog
    n = 0
    there = _lines(folder / LEAVES)
    fresh = folder / f"{LEAVES}.new"
    with fresh.open("wb") as file:
        for row in leaves(conn):
            told = checkpoint.leaf(row.cafe_id, row.jid, row.seq, bytes(row.head).hex())
            if next(there, told) != told:
                raise NotThisLog
            file.write(told + b"\n")
            n += 1
        if next(there, None) is not None:
            raise NotThisLog
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / LEAVES)
    for name, note in notes.items():
        durable.write(folder / NOTES / name, note.encode())
    durable.write(folder / KEY, pem(office.keyring.public))
    for n, former in enumerate(office.former, 1):
        durable.write(folder / FORMER_KEY.format(n), pem(former))
    durable.write(folder / VERIFIER, Path(log_verifier.__file__).read_bytes())
    durable.write(folder / README, readme(office).encode())
    return n, len(notes)


def _name(size: int) -> str:
    return f"{size:012}.txt"


def _lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")


def pem(public: bytes) -> bytes:
    """Return a public key as openssl reads it."""
    text = base64.b64encode(_SPKI + public).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n".encode()


def readme(office: Office) -> str:
    """Return what an auditor reads first."""
    return _(
        "Log of HQ, %(origin)s. Public key of HQ: %(key)s.\n\n%(leaves)s: one line for each head of a café’s journal that HQ has acknowledged, in order; none is ever changed or removed.\n%(notes)s/: the checkpoints HQ has signed, by number of leaves. Tills keep theirs: compare.\n\nTo check everything: python3 %(verifier)s .\nTo check that a note kept elsewhere is in this log: python3 %(verifier)s . --note FILE\n",
        origin=publishing.origin_of(office), key=office.keyring.public.hex(), leaves=LEAVES, notes=NOTES, verifier=VERIFIER,
    )  # fmt: skip


def restore(office: Office, conn: Connection, folder: Path) -> int:
    """Bring a log that was put back from a backup up to an export of it; return how many leaves came back.

    What the folder holds must continue what is here, and be signed by this HQ's key up to its last leaf.
    """
    notes = {}
    for path in (folder / NOTES).glob("*.txt"):
        told = publishing.read_note(office, path.read_text())
        if told is None:
            raise NotALog
        notes[told.size] = (told, path.read_text())
    if not notes:
        raise NotALog
    there = _lines(folder / LEAVES)
    size = 0
    for row in leaves(conn):
        if next(there, b"") != checkpoint.leaf(row.cafe_id, row.jid, row.seq, bytes(row.head).hex()):
            raise NotThisLog
        size += 1
    fresh = max(notes) - size
    publishing.add_leaves(conn, size, _read(islice(there, max(0, fresh))))
    known = {row.size for row in conn.execute(_NOTES)}
    for at, (told, note) in sorted(notes.items()):
        try:
            root = publishing.root_at(conn, at)
        except LookupError as problem:
            raise NotALog from problem
        if root != told.root:
            raise NotALog
        if at not in known:
            publishing.keep(conn, told, note, office.clock.now_ms())
    return max(0, fresh)


def _read(lines: Iterable[bytes]) -> Iterator[tuple[int, str, int, bytes]]:
    for line in lines:
        try:
            zcj.decode(line)
            told = msgspec.json.decode(line, type=Leaf)
            yield told.cafe, told.j, told.seq, bytes.fromhex(told.head)
        except (ValueError, msgspec.DecodeError) as problem:
            raise NotALog from problem
