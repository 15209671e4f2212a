"""HQ's pages over a network of a thousand cafés, its history one, two, three years long: synthetic rollups.

Rows are made by the database itself. Pages are drawn whole, from request to bytes, by the application in this
process; the seconds are those of the wall, and of CPU of the process and its server.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from bench_cafe import quantile
from flask.testing import FlaskClient
from sqlalchemy import Connection, select, text

from hq import access, distances, months, overdue, register
from hq.app import create_app
from hq.config import Config
from hq.db import Database, cafe_health, waiting
from hq.retelling import settle
from hq.tables import REGISTER_TABLES
from hq.wiring import Office
from pos import demo
from pos.clock import SystemClock, business_day
from pos.house import indicators, service_codes
from pos.seal import Keyring
from sync.books import cursor, journal

# `{…}` are days of the history.
PAGES = (
    "/", "/?level=usual&skip=500", "/impact", "/impact?period={month}", "/impact?of=headline", "/cafes/7", "/register",
    "/register?missing=1", "/register?q=beau", "/fleet", "/indicators", "/overdue",
    "/impact/entries?cafe=7&service=bread&first={first}&last={last}", "/apart", "/published",
)  # fmt: skip
SERVICES = ("bread", "cash_out", "parcel", "post", "press")
VISITS = ("bread", "bread+parcel", "parcel", "bread+cash_out")
# A page is drawn so many times, or for so many seconds.
TIMES, SECONDS = 20, 4
YEARS = (1, 2, 3)
# A page as drawn with three years behind it, and how much more than with one.
GOAL_MS, FLAT = 100, 1.25
WEEK = ("", *["7:00-13:30 16:30-19:30"] * 5, "8:00-13:00")
PASSWORD = "banc-du-comptoir"  # noqa: S105 - of a database that lives some minutes

_DAYS = "FROM generate_series(1, :cafes) AS c, generate_series(CAST(:first AS date), CAST(:last AS date), '1 day') AS d"
_OPEN = "WHERE extract(isodow FROM d) > 1"
_FILL = (
    f"""INSERT INTO rollup_day (cafe_id, day, opened_at, closed_at, z, tickets, turnover_cents, third_party_cents,
        cash_expected, cash_counted, cash_difference, first_sale_at, last_sale_at)
        SELECT c, to_char(d, 'YYYY-MM-DD'), extract(epoch FROM d) * 1000, extract(epoch FROM d) * 1000 + 40000000,
        d::date - DATE '2020-01-01', 60 + c % 90, 30000 + c % 700 * 31, 2400, 25000, 25000, 0,
        extract(epoch FROM d) * 1000 + 20000000, extract(epoch FROM d) * 1000 + 39000000 {_DAYS} {_OPEN}""",
    f"""INSERT INTO rollup_use (cafe_id, day, service, uses) SELECT c, to_char(d, 'YYYY-MM-DD'), s, 3 + (c * 7) % 40
        {_DAYS}, unnest(CAST(:services AS text[])) AS s {_OPEN}""",
    f"""INSERT INTO rollup_visit (cafe_id, day, services, visits) SELECT c, to_char(d, 'YYYY-MM-DD'), s, 2 + c % 20
        {_DAYS}, unnest(CAST(:visits AS text[])) AS s {_OPEN}""",
    f"""INSERT INTO rollup_figure (cafe_id, day, code, amount) SELECT c, to_char(d, 'YYYY-MM-DD'), f, 1 + c % 9
        {_DAYS}, unnest(CAST(:daily AS text[])) AS f {_OPEN}""",
    f"""INSERT INTO visit_page (cafe_id, part, first_day, last_day, uses)
        SELECT c, to_char(d, 'YYMMDD'), to_char(d, 'YYYY-MM-DD'), to_char(d, 'YYYY-MM-DD'), (
            SELECT '[' || string_agg(format('[1,%s,"bread","%s-%s","%s",1,false]', (d::date - DATE '2020-01-01') * 400 + n,
                to_char(d, 'YYMMDD'), n, to_char(d, 'YYYY-MM-DD')), ',') || ']' FROM generate_series(1, 40) AS n)
        {_DAYS} {_OPEN} AND c BETWEEN 5 AND 9""",
    f"""INSERT INTO closure (cafe_id, jn, seq, day, z, opened_at, closed_at, tickets, turnover_cents)
        SELECT c, 1, (d::date - DATE '2020-01-01') * 400, to_char(d, 'YYYY-MM-DD'), d::date - DATE '2020-01-01',
        extract(epoch FROM d) * 1000, extract(epoch FROM d) * 1000 + 40000000, 60, 30000 {_DAYS} {_OPEN}""",
)
# Indicators are read by month: most are made up as such, for each café its own.
_MONTHLY = """INSERT INTO month_sum (cafe_id, month, sort, code, n)
    SELECT c, month, 'figure', f, 20 + c % 300 FROM generate_series(1, :cafes) AS c, unnest(CAST(:monthly AS text[])) AS f,
    (SELECT DISTINCT month FROM cafe_month WHERE month > '') AS months WHERE abs(hashtext(f || c)) % 2 = 0
    ON CONFLICT DO NOTHING"""
_WAITING = """INSERT INTO waiting (cafe_id, code, thing, due_on, here)
    SELECT c, w, 'thing-' || n, to_char(CAST(:last AS date) - n * 3, 'YYYY-MM-DD'), n < 4 AND c % 10 = 0
    FROM generate_series(1, :cafes) AS c, unnest(CAST(:waits AS text[])) AS w, generate_series(1, 200) AS n"""


def network(office: Office, cafes: int) -> None:
    """Register the cafés, each with its box and its distances."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        access.create_user(
            conn, by="bench", now_ms=now, username="bench", name="Banc", role=access.READER, password=PASSWORD
        )
        for number in range(1, cafes + 1):
            one = demo.CAFES[number % len(demo.CAFES)]
            register.add_cafe(conn, register.Sheet(
                name=f"Café {number}", insee=one.insee, antenna=1 + number % 5, model=one.model, week=WEEK,
                services=tuple(service_codes()), status="open", opened_on="2023-01-03",
            ), by="bench", now_ms=now, cafe_id=number)  # fmt: skip
            row = register.find_cafe(conn, number, access.OFFICE)
            for code in SERVICES:
                distances.confirm(
                    conn, row, code, 4000 + number % 9000, by="bench", now_ms=now, valid_from="2023-01-03",
                    town=one.insee, town_name=one.town, source="INSEE", crow_m=3000,
                )  # fmt: skip
        conn.execute(cafe_health.insert(), [
            {"cafe_id": n, "last_contact_at": now - 3_600_000, "version": "1.0", "state": "normal", "last_jn": 1,
             "last_seq": 9000, "last_entry_at": now - 7_200_000, "clock_quality": 2}
            for n in range(1, cafes + 1)
        ])  # fmt: skip
        conn.execute(journal.insert(), [
            {"cafe_id": n, "jn": 1, "jid": f"{n:016x}", "box_key": bytes(32), "kid": "k", "genesis": bytes(32),
             "grant_bytes": b"", "grant_sig": b"", "issued": 1, "state": "open", "confirmed_at": now, "hw": "x"}
            for n in range(1, cafes + 1)
        ])  # fmt: skip
        conn.execute(
            cursor.insert(), [{"cafe_id": n, "jn": 1, "seq": 9000, "head": bytes(32)} for n in range(1, cafes + 1)]
        )


def fill(db: Database, cafes: int, first: date, last: date) -> int:
    """Make up the days; return the rows."""
    codes = [one.code for _feature, one in indicators() if one.unit not in ("distinct", "share")]
    own = [one.code for _feature, one in indicators() if one.own_motion]
    values = {
        "cafes": cafes, "first": first.isoformat(), "last": last.isoformat(), "services": list(SERVICES),
        "visits": list(VISITS), "daily": own, "monthly": codes, "waits": list(overdue.sorts())[:3],
    }  # fmt: skip

    def run(conn: Connection, statement: str) -> int:
        return conn.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement}).rowcount

    with db.writing() as conn:
        rows = sum(run(conn, one) for one in _FILL)
        months.sum_days(conn)
        rows += run(conn, _MONTHLY)
        if not conn.execute(select(waiting.c.thing).limit(1)).first():
            rows += run(conn, _WAITING)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    return rows


@dataclass
class Drawn:
    """A page: how long it took, the first time, then each time after; its size."""

    first: float
    took: list[float]
    cpu: float
    size: int


def draw(client: FlaskClient, path: str, cpu: Callable[[], float]) -> Drawn | None:
    """Draw a page some twenty times; None when there is no such page."""
    started = time.perf_counter()
    answer = client.get(path)
    first, took = time.perf_counter() - started, list[float]()
    if answer.status_code != 200:
        return None
    spent, there = time.process_time(), cpu()
    while len(took) < TIMES and sum(took) < SECONDS:
        started = time.perf_counter()
        client.get(path)
        took.append(time.perf_counter() - started)
    return Drawn(first, took, (time.process_time() - spent + cpu() - there) / len(took), len(answer.data))


Row = tuple[str, float, str, float | None]


def figures(db: Database, cpu: Callable[[], float], cafes: int, folder: object) -> Iterator[str | Row]:
    """Draw every page some twenty times with one, two, three years behind it."""
    office = Office(Config(data=folder, database=""), db, Keyring(bytes(32)), SystemClock())  # type: ignore[arg-type]
    assert REGISTER_TABLES
    network(office, cafes)
    last, rows = date.fromisoformat(business_day(SystemClock().now_ms())) - timedelta(days=1), 0
    days = {"month": f"{last:%Y-%m}", "first": f"{last - timedelta(days=200)}", "last": last.isoformat()}
    drawn: dict[str, list[Drawn]] = {path: [] for path in PAGES}
    for year in YEARS:
        end = last - timedelta(days=365 * (year - 1))
        rows += fill(db, cafes, end - timedelta(days=364), end)
        client = _reader(office)
        for path, found in drawn.items():
            one = draw(client, path.format(**days), cpu)
            if one is not None:
                found.append(one)
        yield f"{cafes} cafés × {year} year{'s' if year > 1 else ''}: {rows:,} rows of rollups"
    yield f"{'milliseconds, by year of history':34} {'p50':>16} {'p95':>19} {'CPU':>16}   first time, size"
    for path, found in drawn.items():
        if len(found) < len(YEARS):
            yield f"{path}: not drawn, not measured"
            continue
        columns = (
            [ms(one.took, 0.5) for one in found], [ms(one.took, 0.95) for one in found], [one.cpu * 1000 for one in found],
        )  # fmt: skip
        yield (
            f"{_short(path.format(**days)):34} {'  '.join(' '.join(f'{n:5.0f}' for n in column) for column in columns)}"
            f"   {found[-1].first * 1000:5.0f}, {found[-1].size // 1024} KiB"
        )
    for path, found in drawn.items():
        if len(found) == len(YEARS):
            yield f"{_short(path.format(**days))}, p95", ms(found[-1].took, 0.95), "ms", GOAL_MS
            yield f"{_short(path.format(**days))}, CPU, year 3 to year 1", found[-1].cpu / found[0].cpu, "", FLAT


def _short(path: str) -> str:
    return path.partition("&")[0]


def ms(took: list[float], part: float) -> float:
    """Return a quantile in milliseconds."""
    return quantile(took, part) * 1000


def _reader(office: Office) -> FlaskClient:
    """Sign somebody in. A national account would be asked for a second factor first; a reader of the whole network
    draws the same pages.
    """
    client = create_app(office).test_client()
    settle()
    client.post(
        "/sign-in", data={"username": "bench", "password": PASSWORD},
        headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    return client
