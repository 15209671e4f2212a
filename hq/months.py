"""Months of the cafés: which days were heard of, sums told from days that were there before there were any.

Written with each batch (`hq.rollups`), read by the pages of years.
"""

from sqlalchemy import Connection, select, text

from hq import partitions, servers, visits
from hq.db import Database, Upsert, cafe_month, rollup_day, rollup_use
from hq.rollups import bits_of

_SUMS = "INSERT INTO month_sum (cafe_id, month, sort, code, n, typed) SELECT cafe_id, substr(day, 1, 7), "
_BIT = "1 << (CAST(substr(day, 9, 2) AS integer) - 1)"
_FROM_DAYS = tuple(text(statement) for statement in (
    "DELETE FROM month_sum",
    f"{_SUMS} 'use', service, sum(uses), sum(aggregated) FROM rollup_use GROUP BY 1, 2, 4 HAVING sum(uses) <> 0 OR sum(aggregated) <> 0",
    f"{_SUMS} 'visit', services, sum(visits), 0 FROM rollup_visit GROUP BY 1, 2, 4 HAVING sum(visits) <> 0",
    f"{_SUMS} 'figure', code, sum(amount), 0 FROM rollup_figure GROUP BY 1, 2, 4",
    f'{_SUMS} \'thing\', code || \':\' || "of", sum(amount), 0 FROM rollup_part GROUP BY 1, 2, 4',
    f"""INSERT INTO cafe_month (cafe_id, month, days, used, told, since, touched)
        SELECT cafe_id, substr(day, 1, 7), sum(opened * ({_BIT})), sum(used * ({_BIT})), sum({_BIT}), NULL, 1
        FROM (SELECT cafe_id, day, max(opened) AS opened, max(used) AS used FROM (
            SELECT cafe_id, day, 1 AS opened, 0 AS used FROM rollup_day
            UNION ALL SELECT cafe_id, day, 0, 1 FROM rollup_use
            UNION ALL SELECT cafe_id, day, 0, 0 FROM rollup_figure UNION ALL SELECT cafe_id, day, 0, 0 FROM rollup_part
        ) AS told GROUP BY cafe_id, day) AS days
        GROUP BY 1, 2 ON CONFLICT (cafe_id, month) DO UPDATE
        SET days = excluded.days, used = excluded.used, told = excluded.told, touched = cafe_month.touched + 1""",
))  # fmt: skip
_CAFES = text("""INSERT INTO cafe_month (cafe_id, month, since, touched)
        SELECT cafe_id, '', (SELECT min(day) FROM rollup_day WHERE rollup_day.cafe_id = cafes.cafe_id), 1
        FROM (SELECT DISTINCT cafe_id FROM cafe_month) AS cafes WHERE true
        ON CONFLICT (cafe_id, month) DO UPDATE SET since = excluded.since, touched = cafe_month.touched + 1""")
# Days on which all that was used was cancelled: heard of, and in no sum.
_SAID = Upsert(cafe_month, bits=("used", "told"))


def sum_days(conn: Connection) -> None:
    """Add up the months again from the days."""
    for statement in _FROM_DAYS:
        conn.execute(statement)
    for cafe, days in visits.days_used(conn).items():
        bits = {month: bits_of(days, month) for month in {day[:7] for day in days}}
        _SAID.run(conn, ({"cafe_id": cafe, "month": month, "used": n, "told": n} for month, n in bits.items()))
    conn.execute(_CAFES)


def sum_once(database: Database) -> None:
    """Add up the months of a database whose days were told before months were."""
    with database.writing() as conn:
        partitions.make_alone(conn)
        for _part in servers.each_here(conn):
            old = any(conn.execute(select(days.c.cafe_id).limit(1)).first() for days in (rollup_day, rollup_use))
            if old and conn.execute(select(cafe_month.c.cafe_id).limit(1)).first() is None:
                sum_days(conn)
