"""What HQ keeps of the line: journals, cursors, segments as received, proofs, codes.

The segment is the truth at HQ; every other figure is told from it and may be told again.
`cafe_id` comes first in every key and nothing is numbered across cafés, so that the tables can be
spread over several servers. Bodies are bytes, never JSON columns: a database would re-order them.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()

# Tables that grow with every day of every café, spread by café on PostgreSQL (`hq.partitions`); elsewhere it says nothing.
BY_CAFE: dict[str, Any] = {"postgresql_partition_by": "HASH (cafe_id)"}


def cafe_column() -> Column[int]:
    """Return the first column of every table about a café."""
    return Column("cafe_id", Integer, nullable=False, autoincrement=False)


def number(name: str, default: int | None = None) -> Column[int]:
    """Return a whole-number column (cents, counts, UTC ms), NOT NULL when it has a default."""
    if default is None:
        return Column(name, BigInteger, nullable=True)
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def words(name: str) -> Column[str]:
    """Return a text column, empty by default."""
    return Column(name, Text, nullable=False, server_default="")


# One row per box incarnation. state: open, superseded, revoked. confirmed_at stays empty (« en
# attente ») until the coordinator has heard the check number by telephone.
journal = Table(
    "journal", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), Column("jid", Text, nullable=False),
    Column("box_key", LargeBinary, nullable=False), Column("kid", Text, nullable=False),
    Column("genesis", LargeBinary, nullable=False),
    Column("grant_bytes", LargeBinary, nullable=False), Column("grant_sig", LargeBinary, nullable=False),
    number("issued", 0), words("state"), number("revoked_seq"), number("confirmed_at"),
    words("confirmed_by"), words("check_number"), words("hw"), number("made_at", 0),
    PrimaryKeyConstraint("cafe_id", "jn"), UniqueConstraint("cafe_id", "jid"),
)  # fmt: skip

cursor = Table(
    "cursor", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), number("seq", -1),
    Column("head", LargeBinary, nullable=False), number("updated_at", 0),
    PrimaryKeyConstraint("cafe_id", "jn"),
)  # fmt: skip

# Keyed by `last`, which only grows: a batch may begin before the cursor (overlap), never end there.
# `fresh` is its first entry that HQ did not have.
segment = Table(
    "segment", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), Column("last", BigInteger, nullable=False),
    number("first", 0), number("fresh", 0), Column("prev", LargeBinary, nullable=False),
    Column("head", LargeBinary, nullable=False), Column("head_bytes", LargeBinary, nullable=False),
    Column("sig", LargeBinary, nullable=False), words("kid"), words("enc"),
    Column("body", LargeBinary, nullable=False), number("received_at", 0),
    PrimaryKeyConstraint("cafe_id", "jn", "last"), **BY_CAFE,
)  # fmt: skip

# Entries stored and acknowledged that could not be told: shown to HQ, never in the way of the rest.
quarantine = Table(
    "quarantine", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), Column("seq", BigInteger, nullable=False),
    words("kind"), words("reason"), words("detail"), number("since", 0),
    PrimaryKeyConstraint("cafe_id", "jn", "seq"),
)  # fmt: skip

# Two heads signed by the same box over two different histories.
fork_proof = Table(
    "fork_proof", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), Column("head_b", LargeBinary, nullable=False),
    number("seq", 0), Column("head_a_bytes", LargeBinary, nullable=False), Column("sig_a", LargeBinary, nullable=False),
    Column("head_b_bytes", LargeBinary, nullable=False), Column("sig_b", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False), number("at", 0),
    PrimaryKeyConstraint("cafe_id", "jn", "head_b"),
)  # fmt: skip

# Entries that came again in a later journal, after a repair: each first hash is counted once, at this place.
imported = Table(
    "imported", metadata,
    cafe_column(), Column("orig", LargeBinary, nullable=False), Column("jn", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False), number("at", 0),
    PrimaryKeyConstraint("cafe_id", "orig"),
)  # fmt: skip

# How much of the line a café used: how long, at `at`, its calls and its entries take to be forgotten (ms).
line_bucket = Table(
    "line_bucket", metadata,
    Column("cafe_id", Integer, primary_key=True, autoincrement=False),
    number("at", 0), number("calls_ms", 0), number("entries_ms", 0),
)  # fmt: skip

# Seats of the cafés that send now: taken until a moment, or until nothing is left of what they announced.
# Not a table of cafés: as many rows as may send at once.
line_seat = Table(
    "line_seat", metadata,
    Column("seat", Integer, primary_key=True, autoincrement=False), number("taken_by", 0), number("until", 0),
    number("left", 0),
)  # fmt: skip

# Attestations of the tills' software, as HQ signed them: none is ever changed.
attestation = Table(
    "attestation", metadata,
    cafe_column(), Column("made_at", BigInteger, nullable=False), words("fiscal"),
    Column("body", LargeBinary, nullable=False), Column("sig", LargeBinary, nullable=False),
    PrimaryKeyConstraint("cafe_id", "made_at"),
)  # fmt: skip

# One-time enrolment codes. The secret itself is not kept: only the key scrypt makes of it.
enrol_code = Table(
    "enrol_code", metadata,
    cafe_column(), Column("code_id", Text, nullable=False), words("purpose"),
    Column("code_key", LargeBinary, nullable=False), words("made_by"), number("made_at", 0),
    number("expires_at", 0), number("tries", 0), number("used_at"), number("used_jn"),
    PrimaryKeyConstraint("cafe_id", "code_id"),
    Index("enrol_code_by_id", "code_id"),
)  # fmt: skip

# HQ's own log (RFC 6962): every acknowledged head is a leaf. The one table that is numbered across cafés: the
# job that makes a checkpoint numbers what was acknowledged meanwhile, alone, outside the cafés' calls.
log_leaf = Table(
    "log_leaf", metadata,
    Column("place", BigInteger, nullable=False, autoincrement=False), Column("cafe_id", Integer, nullable=False),
    Column("jid", Text, nullable=False), Column("seq", BigInteger, nullable=False),
    Column("head", LargeBinary, nullable=False),
    PrimaryKeyConstraint("place"), UniqueConstraint("cafe_id", "jid", "seq"),
)  # fmt: skip

# 256 hashes in a row; the last one of each level grows.
log_tile = Table(
    "log_tile", metadata,
    Column("level", Integer, nullable=False, autoincrement=False),
    Column("place", BigInteger, nullable=False, autoincrement=False), Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "place"),
)  # fmt: skip

# As signed; kept for ever.
log_checkpoint = Table(
    "log_checkpoint", metadata,
    Column("size", BigInteger, nullable=False, autoincrement=False), Column("root", LargeBinary, nullable=False),
    words("note"), number("made_at", 0),
    PrimaryKeyConstraint("size"),
)  # fmt: skip

# A checkpoint that HQ signed and that a box showed it, but which this log does not continue: HQ was put back
# from a backup, or its log was changed.
log_doubt = Table(
    "log_doubt", metadata,
    cafe_column(), Column("size", BigInteger, nullable=False), Column("root", LargeBinary, nullable=False),
    words("note"), number("at", 0),
    PrimaryKeyConstraint("cafe_id", "size", "root"),
)  # fmt: skip
