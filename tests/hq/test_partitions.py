"""The shape of HQ's tables on PostgreSQL: what must hold so that cafés can be spread over several servers."""

import pytest
from sqlalchemy import text

from hq import db, partitions
from hq.db import Database
from sync import books
from tests.hq.conftest import ENGINES

# HQ's own log is one list for the whole office, numbered by its places.
OF_THE_OFFICE = {"log_leaf"}
postgres = pytest.mark.parametrize("hq_db", [ENGINES[1]], indirect=True)
_KEYS = text("""
SELECT c.conrelid::regclass::text AS name, a.attname AS first
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute about ON about.attrelid = c.conrelid AND about.attname = 'cafe_id' AND about.attnotnull
WHERE c.contype IN ('p', 'u', 'f') AND c.connamespace = 'public'::regnamespace
""")
_TYPES = text("""
SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND a.atttypid IN ('jsonb'::regtype, 'json'::regtype)
""")
_BODIES = text("""
SELECT count(*) FROM pg_attribute
WHERE attrelid = 'segment'::regclass AND attname = 'body' AND atttypid = 'bytea'::regtype
""")
_PARTS = text("""
SELECT p.relname, count(*) FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE p.relkind = 'p' GROUP BY 1
""")


@postgres
def test_a_cafe_comes_first_in_every_key(hq_db: Database) -> None:
    """Primary, unique and foreign keys of tables about a café begin with it: of all that have one in each row."""
    with hq_db.reading() as conn:
        keys = conn.execute(_KEYS).all()
    assert len(keys) > 100
    assert {row.name for row in keys if row.first != "cafe_id"} == OF_THE_OFFICE


@postgres
def test_nothing_is_numbered_across_cafes_and_bodies_are_bytes(hq_db: Database) -> None:
    """No serial, no sequence; no JSON column, which would put a body's keys in another order."""
    with hq_db.reading() as conn:
        assert conn.execute(text("SELECT count(*) FROM pg_class WHERE relkind = 'S'")).scalar() == 0
        assert conn.execute(_TYPES).all() == []
        assert conn.execute(_BODIES).scalar() == 1


@postgres
def test_big_tables_are_spread_by_cafe(hq_db: Database) -> None:
    """Sixteen parts each, a café in one of them; the small tables stay whole."""
    spread = {table.name for table in partitions.spread_tables()}
    assert {"segment", "visit_page", "rollup_use", "rollup_visit"} <= spread
    with hq_db.writing() as conn:
        assert dict(tuple(row) for row in conn.execute(_PARTS)) == dict.fromkeys(spread, partitions.PARTS)
        conn.execute(db.rollup_use.insert(), [
            {"cafe_id": cafe, "day": f"2026-11-{n:02d}", "service": "bread", "uses": n}
            for cafe in (17, 18) for n in range(1, 9)
        ])  # fmt: skip
        where = conn.execute(text("SELECT cafe_id, tableoid::regclass::text FROM rollup_use GROUP BY 1, 2")).all()
    assert [cafe for cafe, _part in sorted(where)] == [17, 18]


@postgres
def test_a_database_with_whole_tables_is_spread_by_a_rebuild(hq_db: Database) -> None:
    """Tables made before the parts keep their rows; doing it again does nothing."""
    with hq_db.writing() as conn:
        conn.exec_driver_sql("DROP TABLE segment; DROP TABLE rollup_part")
        conn.exec_driver_sql(
            "CREATE TABLE segment (cafe_id int, jn int, last bigint, first bigint, fresh bigint, prev bytea,"
            " head bytea, head_bytes bytea, sig bytea, kid text, enc text, body bytea, received_at bigint,"
            " PRIMARY KEY (cafe_id, jn, last)); INSERT INTO segment"
            r" VALUES (17, 1, 4, 0, 0, '\x00', '\x01', '\x02', '\x03', 'k', 'gzip', '\xff', 9)"
        )
        db.rollup_part.create(conn)
    for done in (["segment"], []):
        with hq_db.writing() as conn:
            assert partitions.spread(conn) == done
    with hq_db.reading() as conn:
        row = conn.execute(books.segment.select()).one()
        assert (row.cafe_id, row.last, row.body, row.received_at) == (17, 4, b"\xff", 9)
        assert dict(tuple(row) for row in conn.execute(_PARTS))["segment"] == partitions.PARTS
