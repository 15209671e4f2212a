"""Cafés on two PostgreSQL servers: moved, written to, away and back, without a figure changing."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Connection, create_engine, event, text

from hq import audit, backup, checksums, db, desk, enrolment, fleet, parting, retelling, servers, tables
from hq.app import create_app
from hq.config import Config
from hq.db import Database, open_database
from hq.local import LocalHq
from hq.wiring import Office, open_office
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from pos.till.events import DayOpened
from sync import agent, books, enrol, ingest, wire
from sync.trouble import HqBusy
from tests.conftest import MORNING, key_of
from tests.hq import made_up
from tests.hq.browsing import Browser
from tests.hq.clusters import Cluster
from tests.hq.test_projections import sale

pytestmark = pytest.mark.postgres
SECOND = "second"


class Two:
    """An office whose parts lie on two databases, with boxes that join it."""

    def __init__(self, office: Office, second: Database, folder: Path) -> None:
        self.office, self.second, self._folder = office, second, folder
        self.line, self._no = LocalHq(office), 0
        self.boxes, self.codes = dict[int, Store](), dict[int, str]()
        self.last_sale = dict[int, int]()

    def join(self, cafe: int) -> None:
        """A box enrols with a code."""
        box = Store(
            self._folder / f"box{cafe}.db", clock=self.office.clock, keyring=key_of(f"box{cafe}"), features=FEATURES
        )
        self.boxes[cafe] = box
        with self.office.db.writing() as conn:
            self.codes[cafe] = str(enrolment.make_code(conn, cafe, by="test", at=self.office.clock.now_ms()))
        enrol.open_first_journal(box, enrol.enrol(box, self.line, self.codes[cafe], hw="test"))
        with box.writing(by="g1") as tx:
            tx.record(DayOpened(day="2026-11-20", float_cents=10_000))

    def sell(self, cafe: int, n: int = 3) -> None:
        """Some sales, not sent yet."""
        with self.boxes[cafe].writing(by="g1") as tx:
            for _ in range(n):
                self._no += 1
                tx.record(msgspec.structs.replace(sale(self._no, turnover=cafe, day="2026-11-20"), tab=f"t{self._no}"))

        self.last_sale[cafe] = self.boxes[cafe].tip().seq

    @property
    def sold(self) -> int:
        """How many sales were made in all."""
        return self._no

    def push(self, cafe: int) -> None:
        """Send what HQ has not."""
        agent.push(self.boxes[cafe], self.line)

    def part_of(self, cafe: int) -> int:
        """The part of a café."""
        with self.office.db.reading() as conn:
            return int(conn.execute(servers._PART_OF, {"cafe": cafe}).scalar_one())

    def newcomer(self, number: int) -> int:
        """A café of a part that has no box yet."""
        return next(cafe for cafe in range(100, 1_000) if cafe not in self.boxes and self.part_of(cafe) == number)

    def sums(self) -> list[tuple[int, str, str]]:
        """Every café's figures, seen through the first server."""
        with self.office.db.reading() as conn:
            return list(checksums.of_all(conn))

    def held(self) -> list[int]:
        """The cafés the second one holds itself."""
        with self.second.reading() as conn:
            return sorted(conn.execute(text("SELECT DISTINCT cafe_id FROM segment")).scalars())

    def held_of(self, cafe: int) -> int:
        """The last entry HQ holds of a café, seen through the first server."""
        with self.office.db.reading() as conn:
            return int(conn.execute(books.cursor.select().where(books.cursor.c.cafe_id == cafe)).one().seq)

    def all_sent(self, cafe: int) -> bool:
        """Whether HQ holds all that was sold; what a call writes of itself comes with the next one."""
        return self.held_of(cafe) >= self.last_sale.get(cafe, 0)

    def close(self) -> None:
        """Let go of everything."""
        for box in self.boxes.values():
            box.close()
        self.office.close()
        self.second.close()


def two_servers(first: str, second: str, clock: StoppedClock, folder: Path) -> Two:
    """An office on one server with three cafés, which then asks for parts and for a second server."""
    office = open_office(Config(data=folder, database=first), clock=clock)
    database = office.db
    with database.writing() as conn:
        conn.exec_driver_sql("CREATE EXTENSION postgres_fdw")
    two = Two(office, open_database(second), folder)
    for cafe in (17, 18, 19):
        two.join(cafe)
        two.sell(cafe)
        two.push(cafe)
    before = two.sums()
    assert len(parting.part(database)) == len(servers.OF_A_CAFE)
    assert parting.part(database) == []
    parting.add(database, SECOND, second)
    assert two.sums() == before
    return two


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """One server for the module: two of its databases stand for two servers."""
    one = Cluster(20_432)
    yield one
    one.close()


@pytest.fixture(scope="module")
def two(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Two databases of one server, which know each other as two servers do; each test leaves the parts on the first."""
    server = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql("CREATE DATABASE one")
        conn.exec_driver_sql("CREATE DATABASE two")
    made = two_servers(cluster.url("one"), cluster.url("two"), StoppedClock(MORNING), tmp_path_factory.mktemp("two"))
    yield made
    made.close()
    server.dispose()


def test_a_moved_cafe_is_written_on_its_own_server_and_read_with_the_others(
    two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cluster: Cluster
) -> None:
    """Moved: the same checksums; new sales and a new box go there in one transaction; told again, checked, backed up; back."""
    before, number = two.sums(), two.part_of(18)
    moved = parting.move(two.office.db, number, SECOND)
    there = [cafe for cafe in sorted(two.boxes) if two.part_of(cafe) == number]
    assert (moved.cafes, len(moved.checksum)) == (len(there), 64)
    assert parting.move(two.office.db, number, SECOND).cafes == 0
    assert (two.sums(), two.held()) == (before, there)
    newcomer = two.newcomer(number)
    two.join(newcomer)
    for cafe in two.boxes:
        two.sell(cafe)
        two.push(cafe)
        assert two.all_sent(cafe)
    assert two.held() == [*there, newcomer]
    after = two.sums()
    assert after != before
    assert retelling.rebuild(two.office) > 0
    assert two.sums() == after
    assert audit.check(two.office).faults == []
    # A release brings a table; opened, first the second (an HQ's database like the first), both have it in their parts.
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "hq.key").write_text(bytes(two.office.keyring._key).hex())
    for database in (two.second, two.office.db):
        with database.writing() as conn:
            conn.exec_driver_sql(f"DROP TABLE public.{db.price_aside.name}")
        open_office(Config(data=tmp_path / "other", database=str(database.engine.url))).close()
    assert two.sums() == after
    monkeypatch.setenv("ZINC_PG_BIN", str(cluster.bin))
    other = Office(Config(data=tmp_path, database=""), two.second, two.office.keyring, two.office.clock)
    for office, journals in ((two.office, len(two.boxes) - len(there) - 1), (other, len(there) + 1)):
        file = backup.make(office, tmp_path / f"away{office is other}")
        assert backup.drill(office, file)["journals"] == journals
    assert parting.move(two.office.db, number, "").cafes == len(there) + 1
    assert (two.sums(), two.held()) == (after, [])
    two.sell(18)
    two.push(18)
    assert two.all_sent(18)


def test_a_server_that_is_away_stops_its_own_cafes_only(two: Two, cluster: Cluster) -> None:
    """503 for its boxes and for pages of the network; the others' boxes and pages go on; back, nothing is missing."""
    parting.move(two.office.db, two.part_of(18), SECOND)
    made_up.people(two.office)
    with two.office.db.writing() as conn:
        conn.execute(tables.cafe.insert(), [
            {"id": cafe, "name": f"Bistrot {cafe}", "antenna": 3, "latitude": 47.0, "longitude": -1.0, "status": "open"}
            for cafe in (17, 18)
        ])  # fmt: skip
    nadia = Browser(create_app(two.office))
    nadia.sign_in("nadia")
    assert [nadia.get(path).status_code for path in ("/", "/cafes/17", "/cafes/18")] == [200, 200, 200]
    server = create_engine(cluster.url("postgres"), isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql("ALTER DATABASE two ALLOW_CONNECTIONS false")
        conn.exec_driver_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'two'")
        two.sell(17)
        two.sell(18)
        two.push(17)
        with pytest.raises(HqBusy):
            two.push(18)
        assert two.all_sent(17)
        # A worker that starts now serves the others too.
        open_office(two.office.config).close()
        away = nadia.get("/")
        assert (away.status_code, "serveurs du siège" in away.text) == (503, True)
        assert [nadia.get(path).status_code for path in ("/cafes/17", "/cafes/18", "/healthz")] == [200, 503, 200]
        conn.exec_driver_sql("ALTER DATABASE two ALLOW_CONNECTIONS true")
    server.dispose()
    two.push(18)
    assert two.all_sent(18)
    figures = two.sums()
    retelling.rebuild(two.office)
    assert two.sums() == figures
    parting.move(two.office.db, two.part_of(18), "")


def test_a_cut_between_the_two_servers_is_healed_by_the_box_s_next_call(two: Two) -> None:
    """The café's server has committed, the first has not: a batch sent again is known, a code used again gives the same grant."""
    parting.move(two.office.db, two.part_of(18), SECOND)
    two.sell(18)
    engine, cut = two.office.db.engine, list[str]()

    def before_the_first_commits(_conn: Connection) -> None:
        if two.all_sent(18) and not cut:
            cut.append("batch")
            raise RuntimeError("cut")

    event.listen(engine, "commit", before_the_first_commits)
    with pytest.raises(RuntimeError):
        two.push(18)
    event.remove(engine, "commit", before_the_first_commits)
    assert cut == ["batch"]
    assert agent.backlog(two.boxes[18]) > 0
    two.push(18)
    assert agent.backlog(two.boxes[18]) == 0
    figures = two.sums()
    retelling.rebuild(two.office)
    assert two.sums() == figures

    newcomer = two.newcomer(two.part_of(18))
    two.join(newcomer)
    with two.office.db.writing() as conn:
        known = enrolment.boxes(conn, newcomer)
        conn.execute(
            books.enrol_code.update().where(books.enrol_code.c.cafe_id == newcomer).values(used_at=None, used_jn=None)
        )
    again = enrol.enrol(two.boxes[newcomer], two.line, two.codes[newcomer], hw="test")
    assert again.grant.encode() == bytes(known[0].grant_bytes)
    with two.office.db.reading() as conn:
        assert len(enrolment.boxes(conn, newcomer)) == 1
    parting.move(two.office.db, two.part_of(18), "")


def test_what_is_done_about_a_box_while_its_part_is_moved_is_not_lost(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revocation, a confirmation, a grant shown and a batch wait for the move, and are written where the part lies."""
    number, now, database = two.part_of(18), two.office.clock.now_ms(), two.office.db
    cafes = []
    for _ in range(2):
        cafes.append(two.newcomer(number))
        two.join(cafes[-1])
    late = two.newcomer(number)
    grant, sig = wire.make_grant(two.office.keyring, cafe=late, box_key=key_of("late").public, n=1, issued=1)
    shown = wire.dump(desk.SignedGrant(grant=grant.decode(), sig=sig.hex()))
    with database.reading() as conn:
        heard = enrolment.boxes(conn, cafes[1])[0].check_number

    def revoke() -> None:
        with database.writing() as conn:
            fleet.revoke(conn, cafes[0], 1, typed=str(cafes[0]), why="stolen", by="t", now_ms=now)

    def confirm() -> None:
        with database.writing() as conn:
            fleet.confirm(conn, cafes[1], 1, heard, by="t", now_ms=now)

    # A worker that has not heard of these cafés yet.
    servers.close(database)
    two.sell(18)
    acts = [
        revoke, confirm, lambda: desk.answer(two.office, desk.Ask("POST", "/v1/grant", shown)), lambda: two.push(18),
    ]  # fmt: skip
    threads = [threading.Thread(target=act, daemon=True) for act in acts]
    real = parting._send_away

    def begun_meanwhile(first: Connection, part: int, to: str) -> None:
        for thread in threads:
            thread.start()
        until = time.monotonic() + 5
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        while any(one.is_alive() for one in threads) and time.monotonic() < until:
            with database.reading() as conn:
                if conn.execute(waiting).scalar_one() == len(threads):
                    break
        real(first, part, to)

    with monkeypatch.context() as patch:
        patch.setattr(parting, "_send_away", begun_meanwhile)
        parting.move(database, number, SECOND)
    for thread in threads:
        thread.join(10)
    assert two.all_sent(18)
    # Also once it is home again.
    for _ in range(2):
        with database.reading() as conn:
            (lost,), (told,), given = (enrolment.boxes(conn, cafe) for cafe in (*cafes, late))
        assert (lost.state, told.confirmed_at, len(given)) == (ingest.REVOKED, now, 1)
        parting.move(database, number, "")
