"""HQ's last acknowledgement, kept twice: in the till's drafts, and in a file outside the database.

A card put back from an old copy brings its own drafts back; the file beside it tells what HQ already had.
"""

from pathlib import Path
from typing import Any

import msgspec

from pos import drafts, durable
from pos.store import Store, Writing
from sync import wire
from sync.line import Receipt
from sync.wire import Ack

DRAFT = "hq_ack"
FILE = "ack.json"


class KeptAck(msgspec.Struct, frozen=True):
    """An ack as kept: the fields of HQ's message for readers, its exact text and signature for verifiers."""

    jid: str
    seq: int
    head: str
    kid: str
    t: int
    ack: str
    sig: str
    hq_key: str
    # When the box received it, by its own clock.
    heard_at: int
    # Whether the chain already says it (`sync.acked`).
    noted: bool = False


def kept(hq_key: bytes, receipt: Receipt, ack: Ack, heard_at: int) -> KeptAck:
    """Return what to keep of a receipt that HQ signed with this key."""
    return KeptAck(
        jid=ack.j, seq=ack.seq, head=ack.head, kid=ack.kid, t=ack.t, ack=wire.dump(ack).decode(), sig=receipt.sig,
        hq_key=hq_key.hex(), heard_at=heard_at,
    )  # fmt: skip


def last(store: Store) -> KeptAck | None:
    """Return the last ack of the open journal, from the drafts."""
    with store.reading() as conn:
        told: Any = drafts.get(conn, DRAFT)
    if not told or store.journal is None or told.get("jid") != store.journal.jid:
        return None
    return msgspec.convert(told, KeptAck)


def keep(tx: Writing, ack: KeptAck) -> None:
    """Keep an ack in the drafts, in the caller's transaction."""
    drafts.put(tx.conn, DRAFT, msgspec.to_builtins(ack))


def write_file(path: Path | None, ack: KeptAck) -> None:
    """Keep an ack beside the database: whole or not at all."""
    if path is not None:
        durable.write(path, msgspec.json.encode(ack))
