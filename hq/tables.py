"""The register's tables: ordinary, editable data of the office, migrated by Alembic.

Everything a person changes here leaves a row in `hq_act`.
"""

from sqlalchemy import Boolean, Column, Double, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, false

from hq.db import cafe_column, metadata, number, words
from hq.network_tables import NETWORK_TABLES

cafe = Table(
    "cafe", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    words("name"), words("insee"), words("commune"), words("delegated"), words("department"),
    number("population", 0), Column("antenna", Integer, nullable=False), words("model"),
    Column("latitude", Double, nullable=False), Column("longitude", Double, nullable=False),
    # Codes separated by spaces; opening hours of the seven days, Monday first, separated by "|".
    words("services"), words("week"),
    # pending, open, closed
    words("status"), words("opened_on"), words("closed_on"),
    # Signed consent to share the money side (services.md D.1): a date and where it is kept.
    words("consent_on"), words("consent_source"), words("phone"),
    number("created_at", 0), number("changed_at", 0),
    Index("cafe_by_antenna", "antenna"),
)  # fmt: skip

# A rest announced by the café: not a silence, not an unexpected closure.
planned_closure = Table(
    "planned_closure", metadata,
    cafe_column(), Column("first_day", Text, nullable=False), words("last_day"), words("reason"),
    words("by"), number("at", 0),
    PrimaryKeyConstraint("cafe_id", "first_day"),
)  # fmt: skip

# A distance counts from its day on, until the next one of the same service. `metres` empty: from that
# day on no alternative is known any more.
distance = Table(
    "distance", metadata,
    cafe_column(), Column("service", Text, nullable=False), Column("valid_from", Text, nullable=False),
    number("metres"), number("crow_m"), words("town"), words("town_name"), words("source"), words("vintage"),
    words("note"), words("confirmed_by"), number("confirmed_at", 0),
    PrimaryKeyConstraint("cafe_id", "service", "valid_from"),
)  # fmt: skip

# What was said with a café: somebody takes the call, then notes it, or puts it off.
follow_up = Table(
    "follow_up", metadata,
    cafe_column(), Column("id", Text, nullable=False), number("at", 0), words("by"),
    # taken, called, later
    words("kind"), words("until"), words("note"),
    PrimaryKeyConstraint("cafe_id", "id"),
)  # fmt: skip

hq_user = Table(
    "hq_user", metadata,
    Column("username", Text, primary_key=True), words("name"),
    # national, antenna, reader; `antenna` empty sees the whole network
    words("role"), Column("antenna", Integer, nullable=True), words("password_hash"),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    number("created_at", 0), words("created_by"), number("disabled_at"),
    # A password somebody else gave is good until then.
    number("password_until"),
    # Sealed under HQ's key; the last half minute whose code was used.
    words("factor_secret"), number("factor_at"), number("factor_step", 0),
    # At another organisation: the address an administrator wrote, and who it turned out to be there.
    words("openid_email"), words("openid_issuer"), words("openid_subject"),
)  # fmt: skip

# The token itself is in the browser only.
hq_session = Table(
    "hq_session", metadata,
    Column("token_hash", Text, primary_key=True), words("username"),
    number("made_at", 0), number("seen_at", 0),
    # The password was right, the code of the phone is still to come.
    Column("half", Boolean, nullable=False, server_default=false()),
    # Empty: by their password.
    words("way"),
    Index("hq_session_by_user", "username"),
)  # fmt: skip

# Codes on paper for a lost phone; a used one is gone.
recovery_code = Table(
    "recovery_code", metadata,
    Column("username", Text, nullable=False), Column("code_hash", Text, nullable=False),
    PrimaryKeyConstraint("username", "code_hash"),
)  # fmt: skip

# Wrong passwords by username as typed, known or not: an unknown name waits like a known one.
sign_in_try = Table(
    "sign_in_try", metadata,
    Column("username", Text, primary_key=True), number("failures", 0), number("blocked_until", 0),
)  # fmt: skip

hq_act = Table(
    "hq_act", metadata,
    Column("id", Text, primary_key=True), number("at", 0), words("by"), words("act"),
    Column("cafe_id", Integer, nullable=True), words("detail"),
    # The seal it is under, once its night is over (`hq/trail_seals.py`).
    number("seal"),
)  # fmt: skip

act_seal = Table(
    "act_seal", metadata,
    Column("n", Integer, primary_key=True, autoincrement=False), number("at", 0), number("acts", 0), number("first_at", 0),
    words("digest"), words("sig"),
)  # fmt: skip

# What one person asks and another agrees to; ended: refused, taken back, or done.
second_look = Table(
    "second_look", metadata,
    Column("id", Text, primary_key=True), number("at", 0), words("by"), words("what"), words("key"),
    Column("cafe_id", Integer, nullable=True), words("why"), words("agreed_by"), number("agreed_at"), number("ended_at"),
)  # fmt: skip

hq_setting = Table("hq_setting", metadata, Column("name", Text, primary_key=True), words("value"))

# Figures as said outside (`hq/cited.py`). Written once, as the journals are: made with their tables, never migrated.
published = Table(
    "published", metadata,
    Column("id", Text, primary_key=True), words("figure"), words("first_day"), words("last_day"), words("today"),
    words("told"), words("as_of"), Column("places", LargeBinary, nullable=False),
    Column("basis", LargeBinary, nullable=False), words("method"), words("version"), words("by"), number("at", 0),
)  # fmt: skip

REGISTER_TABLES = (
    cafe, planned_closure, distance, follow_up, hq_user, hq_session, recovery_code, sign_in_try, hq_act, act_seal, hq_setting, second_look,
    *NETWORK_TABLES,
)  # fmt: skip
