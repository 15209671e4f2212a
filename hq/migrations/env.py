"""Alembic's way in: the connection is given by `hq.migrate`; only the register's tables are migrated.

The rollups are told again from the journals and the line's own tables never change shape by hand.
"""

from alembic import context

from hq.tables import REGISTER_TABLES, hq_act

NAMES = {table.name for table in REGISTER_TABLES}


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Keep to the register's tables."""
    return kind != "table" or name in NAMES


context.configure(
    connection=context.config.attributes["connection"], target_metadata=hq_act.metadata, include_object=ours,
    version_table="register_version", render_as_batch=True, compare_server_default=False,
)  # fmt: skip
with context.begin_transaction():
    context.run_migrations()
