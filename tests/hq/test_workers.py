"""Two workers of HQ, processes of their own: what one is told, the other knows; what one gives, the other does not give again."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from hq import enrolment, tables
from hq.config import Config
from hq.limits import PREFIX
from hq.wiring import Office, open_office
from pos.clock import SystemClock
from pos.house import FEATURES
from pos.store import Store
from pos.till.events import DayOpened, SignedIn
from sync import agent, enrol, trouble
from sync.line import Answer, HttpTransport, Line
from tests.conftest import key_of
from tests.hq import made_up
from tests.hq.workers import Workers

CAFE = {"name": "Le Bistrot", "antenna": 3, "latitude": 47.0, "longitude": -1.0, "status": "open"}


class CutBeforeTheBatch:
    """A line that is cut when the box, which has its seat, begins to send."""

    def __init__(self, port: int) -> None:
        self._real = HttpTransport(f"http://127.0.0.1:{port}")

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Carry everything but a batch."""
        if path == "/v1/batch":
            raise trouble.HqFailed(status=500)
        return self._real.send(method, path, body, packed=packed, token=token)


@contextmanager
def running(url: str, folder: Path) -> Iterator[tuple[Office, Workers]]:
    """An office on a clock that runs, as its workers see it, and the two of them."""
    office = open_office(Config(data=folder / "hq", database=url), clock=SystemClock())
    made_up.people(office)
    workers = Workers(folder, url)
    try:
        yield office, workers
    finally:
        workers.close()
        office.close()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Workers]]:
    """An office on SQLite and its two workers; each test has cafés and people of its own."""
    folder = tmp_path_factory.mktemp("workers")
    with running(f"sqlite:///{folder / 'hq.db'}", folder) as both:
        yield both


def join(office: Office, worker: Line, cafe: int, folder: Path) -> Store:
    """A café's box, joined through one of the workers."""
    store = Store(folder / f"box{cafe}.db", clock=office.clock, keyring=key_of(f"box{cafe}"), features=FEATURES)
    with office.db.writing() as conn:
        code = enrolment.make_code(conn, cafe, by="test", at=office.clock.now_ms())
    enrol.open_first_journal(store, enrol.enrol(store, worker, str(code), hw="test"))
    return store


def plain(page: str) -> str:
    """A page without what is another at each look."""
    return re.sub(r"[0-9a-f]{16,}", "", page)


def test_who_tries_passwords_at_one_worker_waits_at_the_other(two: tuple[Office, Workers]) -> None:
    """Failures are counted for both; a session made by one is the other's too, and ends at both; pages say the same."""
    office, workers = two
    ask = workers.ask
    with office.db.writing() as conn:
        conn.execute(tables.sign_in_try.insert(), {"username": "nadia", "failures": 8})
    assert ask(0, "POST", "/sign-in", username="nadia", password="wrong")[0] == 403
    assert ask(1, "POST", "/sign-in", username="nadia", password=made_up.PASSWORD)[0] == 429
    status, cookie, _text = ask(0, "POST", "/sign-in", username="ines", password=made_up.PASSWORD)
    assert status == 303
    assert ask(1, "GET", "/", cookie)[0] == 200
    assert ask(1, "POST", "/sign-out", cookie, attempt="1")[0] == 303
    assert ask(0, "GET", "/", cookie)[0] == 303


def test_what_one_worker_was_told_the_other_shows(two: tuple[Office, Workers], tmp_path: Path) -> None:
    """Each keeps what it worked out of a café; what a box tells one of them, both show at their next page."""
    office, workers = two
    with office.db.writing() as conn:
        conn.execute(tables.cafe.insert(), {"id": 17, **CAFE})
    store = join(office, workers.line(0), 17, tmp_path)
    _status, cookie, _text = workers.ask(0, "POST", "/sign-in", username="paul", password=made_up.PASSWORD)
    before = [workers.ask(one, "GET", "/cafes/17", cookie)[2] for one in (0, 1)]
    assert plain(before[0]) == plain(before[1])
    with store.writing(by="g1") as tx:
        tx.record(DayOpened(day="2026-11-20", float_cents=10_000))
    agent.push(store, workers.line(0))
    after = [workers.ask(one, "GET", "/cafes/17", cookie)[2] for one in (0, 1)]
    assert plain(after[0]) == plain(after[1]) != plain(before[0])
    store.close()


def _herd(office: Office, workers: Workers, folder: Path, seats: int, more: int) -> None:
    with office.db.writing() as conn:
        conn.execute(tables.hq_setting.insert(), {"name": PREFIX + "sending", "value": str(seats)})
    boxes = [join(office, workers.line(n % 2), n, folder) for n in range(1, seats + more + 1)]
    for box in boxes:
        with box.writing(by="g1") as tx:
            tx.record(SignedIn(op="g1"))
    answers = []
    for n, box in enumerate(boxes):
        try:
            agent.push(box, Line(CutBeforeTheBatch(workers.ports[n % 2])))
        except trouble.LineTrouble as told:
            answers.append(told.code)
    assert answers == [trouble.HqFailed.code] * seats + [trouble.HqBusy.code] * more
    with office.db.reading() as conn:
        taken = conn.execute(text("SELECT count(DISTINCT taken_by) FROM line_seat WHERE taken_by > 0")).scalar_one()
        assert taken == seats
    # Who has a seat sends by whichever worker; the seat goes to one who was put off.
    agent.push(boxes[0], workers.line(1))
    agent.push(boxes[-1], workers.line(0))
    assert [agent.backlog(boxes[0]), agent.backlog(boxes[-1])] == [0, 0]
    for box in boxes:
        box.close()


def test_workers_share_the_seats_of_those_who_send(two: tuple[Office, Workers], tmp_path: Path) -> None:
    """Two seats: the third box waits, whichever of the workers it asks."""
    _herd(*two, tmp_path, seats=2, more=2)


@pytest.mark.faults
@pytest.mark.postgres
def test_fifty_send_at_a_time_whichever_worker_they_ask(postgres_url: str, tmp_path: Path) -> None:
    """Of 62 boxes that call two workers, fifty have a seat and twelve wait (PostgreSQL)."""
    server = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.exec_driver_sql("DROP DATABASE IF EXISTS workers WITH (FORCE)")
        conn.exec_driver_sql("CREATE DATABASE workers")
    url = server.url.set(database="workers").render_as_string(hide_password=False)
    server.dispose()
    with running(url, tmp_path) as both:
        _herd(*both, tmp_path, seats=50, more=12)
