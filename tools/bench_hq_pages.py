"""HQ's pages over a network of a thousand cafés, its history one, two, three years long: synthetic rollups.

Rows are made by the database itself. Pages are drawn whole, from request to bytes, by the application in this
process; the seconds are those of the wall, and of CPU of the process and its server.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from bench_cafe import quantile
from sqlalchemy import text

from hq import access, distances, register
from hq.app import create_app
from hq.config import Config
from hq.db import Database, cafe_health
from hq.tables import REGISTER_TABLES
from hq.wiring import Office
from pos import demo
from pos.clock import SystemClock, business_day
from pos.house import service_codes
from pos.seal import Keyring
from sync.books import cursor, journal

PAGES = (
    "/",
    "/impact",
    "/impact?period=2026-10",
    "/indicators",
    "/overdue",
    "/register",
    "/cafes/7",
    "/apart",
    "/published",
)
SERVICES = ("bread", "cash_out", "parcel", "post", "press")
VISITS = ("bread", "bread+parcel", "parcel", "bread+cash_out")
# A page is drawn so many times, or for so many seconds.
TIMES, SECONDS = 20, 4
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
    f"""INSERT INTO closure (cafe_id, jn, seq, day, z, opened_at, closed_at, tickets, turnover_cents)
        SELECT c, 1, (d::date - DATE '2020-01-01') * 400, to_char(d, 'YYYY-MM-DD'), d::date - DATE '2020-01-01',
        extract(epoch FROM d) * 1000, extract(epoch FROM d) * 1000 + 40000000, 60, 30000 {_DAYS} {_OPEN}""",
)


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
    values = {
        "cafes": cafes,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "services": list(SERVICES),
        "visits": list(VISITS),
    }
    with db.writing() as conn:
        rows = sum(
            conn.execute(text(one), {k: v for k, v in values.items() if f":{k}" in one}).rowcount for one in _FILL
        )
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("VACUUM ANALYZE")
    return rows


def figures(db: Database, cpu: Callable[[], float], cafes: int, folder: object) -> Iterator[str]:
    """Draw every page some twenty times with one, two, three years behind it."""
    office = Office(Config(data=folder, database=""), db, Keyring(bytes(32)), SystemClock())  # type: ignore[arg-type]
    assert REGISTER_TABLES
    network(office, cafes)
    app = create_app(office)
    # A national account would be asked for a second factor first; a reader of the whole network draws the same pages.
    client = app.test_client()
    client.post(
        "/sign-in",
        data={"username": "bench", "password": PASSWORD},
        headers={"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"},
    )
    last, rows = date.fromisoformat(business_day(SystemClock().now_ms())) - timedelta(days=1), 0
    for year in (1, 2, 3):
        rows += fill(db, cafes, last - timedelta(days=364), last)
        last -= timedelta(days=365)
        yield f"{cafes} cafés × {year} years, {rows:,} rows of rollups"
        for path in PAGES:
            if client.get(path).status_code != 200:
                yield f"  {path}: {client.get(path).status_code}, not measured"
                continue
            took: list[float] = []
            spent, there = time.process_time(), cpu()
            while len(took) < TIMES and sum(took) < SECONDS:
                started = time.perf_counter()
                client.get(path)
                took.append(time.perf_counter() - started)
            own, server = (time.process_time() - spent) / len(took), (cpu() - there) / len(took)
            yield (
                f"  {path:24} p50 {statistics.median(took) * 1000:7.0f} ms, p95 {quantile(took, 0.95) * 1000:7.0f} ms;"
                f" CPU {own * 1000:.0f} + {server * 1000:.0f} ms"
            )
