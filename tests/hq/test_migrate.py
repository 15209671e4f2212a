"""The register's migrations: from nothing, from an older database, and equal to what the code declares."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

import hq.migrate
from hq import register
from hq.access import OFFICE
from hq.db import Database, metadata
from hq.migrate import migrate
from hq.tables import REGISTER_TABLES
from pos import demo
from tests.hq.conftest import ENGINES
from tests.hq.made_up import sheet

NAMES = {table.name for table in REGISTER_TABLES}
both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Only the register's tables are migrated."""
    return kind != "table" or name in NAMES


@both
def test_migrations_make_the_tables_the_code_declares(hq_db: Database) -> None:
    """Columns, types, keys and indexes: a change of tables without its migration fails here."""
    with hq_db.writing() as conn:
        metadata.drop_all(conn)
    migrate(hq_db)
    with hq_db.reading() as conn:
        context = MigrationContext.configure(conn, opts={"include_object": ours, "compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(conn).get_table_names()) == {*NAMES, "register_version"}


@both
def test_a_register_made_before_migrations_is_kept(hq_db: Database) -> None:
    """An older database is taken as the first version: nothing is lost, running twice changes nothing."""
    with hq_db.writing() as conn:
        metadata.drop_all(conn)
        config = Config()
        config.set_main_option("script_location", str(Path(hq.migrate.__file__).parent / "migrations"))
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        conn.execute(text("DROP TABLE register_version"))
        register.add_cafe(conn, sheet(demo.CAFES[0]), by="t", now_ms=1)
    migrate(hq_db)
    migrate(hq_db)
    with hq_db.reading() as conn:
        assert len(register.cafes(conn, OFFICE)) == 1
        assert conn.execute(select(text("version_num")).select_from(text("register_version"))).scalar() != "0001"


def test_an_office_knows_every_table_whoever_opens_it() -> None:
    """A command that draws no page makes the same database as the server: no table waits for a module nobody imported."""
    asked = "import hq.wiring, hq.db as d; a = set(d.metadata.tables); import hq.app, hq.cli; print(set(d.metadata.tables) - a)"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"
