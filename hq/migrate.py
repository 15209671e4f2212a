"""The register's tables brought to this release's shape, before anything else is opened."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from hq import tables
from hq.db import Database
from hq.partitions import make_alone

FIRST = "0001"


def migrate(database: Database) -> None:
    """Run the migrations the register lacks; a register older than them is taken as the first."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with database.writing() as conn:
        make_alone(conn)
        config.attributes["connection"] = conn
        there = set(inspect(conn).get_table_names())
        if tables.cafe.name in there and "register_version" not in there:
            command.stamp(config, FIRST)
        command.upgrade(config, "head")
