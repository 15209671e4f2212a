"""The register's tables of what goes down to the cafés: announcements, network prices, signed manifests and blobs."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, false

from hq.db import metadata, number, words

# For whom: the network (both empty), an antenne, or one café. Shown from its first day to its last; ended, no more.
announcement = Table(
    "announcement", metadata,
    Column("id", Text, primary_key=True), Column("antenna", Integer, nullable=True),
    Column("cafe_id", Integer, nullable=True), words("title"), words("text"),
    Column("urgent", Boolean, nullable=False, server_default=false()),
    words("first_day"), words("last_day"), words("by"), words("author"), number("at", 0), number("ended_at"),
    words("ended_by"),
    Index("announcement_by_cafe", "cafe_id"),
)  # fmt: skip

# By barcode or product code, from its day on until the next one of the same reference. Neither price nor ceiling:
# from that day on the network says nothing of it.
network_price = Table(
    "network_price", metadata,
    Column("ref", Text, nullable=False), Column("first_day", Text, nullable=False), words("label"),
    number("price"), number("ceiling"), words("by"), number("at", 0),
    PrimaryKeyConstraint("ref", "first_day"),
)  # fmt: skip

# The manifest of each café as last signed, and when its box last came for it.
manifest = Table(
    "manifest", metadata,
    Column("cafe_id", Integer, primary_key=True, autoincrement=False), number("serial", 0), words("stamp"),
    words("text"), words("sig"), number("made_at", 0), number("fetched_at"),
)  # fmt: skip

# What manifests name, by the hash of its bytes; kept: which price was in force on a day is looked up here.
blob = Table(
    "blob", metadata, Column("sha256", Text, primary_key=True), Column("body", LargeBinary, nullable=False), number("at", 0),
)  # fmt: skip

# Releases of the till that HQ keeps, by version; their files lie in HQ's folder, by the hash of their bytes.
network_release = Table(
    "network_release", metadata,
    Column("version", Text, primary_key=True), Column("sha256", Text, nullable=False), number("size", 0), words("by"),
    number("at", 0),
)  # fmt: skip

# To whom a release is announced: network (number 0), antenna or cafe.
release_aim = Table(
    "release_aim", metadata,
    Column("version", Text, nullable=False), Column("whom", Text, nullable=False),
    Column("number", Integer, nullable=False), words("by"), number("at", 0),
    PrimaryKeyConstraint("version", "whom", "number"),
)  # fmt: skip

# Articles every till may propose, by barcode.
network_product = Table(
    "network_product", metadata,
    Column("ref", Text, primary_key=True), words("label"), words("category"), words("vat_class"), words("by"),
    number("at", 0),
)  # fmt: skip

# HQ's public keys but its first one, each announced under the one before and proven by itself.
hq_key = Table(
    "hq_key", metadata,
    Column("n", Integer, primary_key=True, autoincrement=False), words("public"), words("statement"), words("sig"),
    words("pop"), words("by"), number("at", 0),
)  # fmt: skip

NETWORK_TABLES = (announcement, network_price, manifest, blob, network_release, release_aim, network_product, hq_key)
