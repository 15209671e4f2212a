"""HQ's database: the engine, and the tables of figures told from the cafés' journals.

The same statements run on SQLite and on PostgreSQL. `cafe_id` is the first column of every key;
no serial, no global sequence. Rollups may be emptied and told again at any hour (`zinc-hq rebuild`).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    bindparam,
    column,
    create_engine,
    event,
    false,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from hq import partitions
from sync.books import BY_CAFE, cafe_column, metadata, number, words
from sync.sending import driver_of

__all__ = ["Database", "Upsert", "cafe_column", "metadata", "number", "words"]


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


# Which entry says which use, some hours of visits to a row (`hq.visits`). `part`: how the ids of its visits begin, or the
# month of totals of days.
visit_page = Table(
    "visit_page", metadata,
    cafe_column(), Column("part", Text, nullable=False), words("first_day"), words("last_day"), words("uses"),
    PrimaryKeyConstraint("cafe_id", "part"), **BY_CAFE,
)  # fmt: skip

# `uses` holds them all; `aggregated` of them were typed as a day's total and belong to no visit.
rollup_use = Table(
    "rollup_use", metadata,
    cafe_column(), Column("day", Text, nullable=False), Column("service", Text, nullable=False),
    number("uses", 0), number("aggregated", 0),
    PrimaryKeyConstraint("cafe_id", "day", "service"), **BY_CAFE,
)  # fmt: skip

# Visits of a day by what was used in them, like "bread+cash_out": the basis of de-duplicated kilometres
# (uses without a visit are not here).
rollup_visit = Table(
    "rollup_visit", metadata,
    cafe_column(), Column("day", Text, nullable=False), Column("services", Text, nullable=False), number("visits", 0),
    PrimaryKeyConstraint("cafe_id", "day", "services"), **BY_CAFE,
)  # fmt: skip

# Sums of a calendar month, so that a page of years reads months and not days. sort: use (a service; `typed` of `n` were
# typed as totals), visit ("bread+cash_out"), figure (an indicator), thing (an indicator, a colon, what it is about).
month_sum = Table(
    "month_sum", metadata,
    cafe_column(), Column("month", Text, nullable=False), Column("sort", Text, nullable=False),
    Column("code", Text, nullable=False), number("n", 0), number("typed", 0),
    PrimaryKeyConstraint("cafe_id", "month", "sort", "code"), **BY_CAFE,
)  # fmt: skip

# The days of a month anything was received on, a bit each, the 1st the lowest: with an opening, a sale or a closing
# (`days`), with a use (`used`), with anything that is in a sum of the month (`told`). The row without a month is the
# café itself, `since` its first day. `touched` grows with each change of what the row stands for, a rebuild too: what
# was worked out from it holds while the number stands.
cafe_month = Table(
    "cafe_month", metadata,
    cafe_column(), Column("month", Text, nullable=False), number("days", 0), number("used", 0), number("told", 0),
    Column("since", Text), number("touched", 0),
    PrimaryKeyConstraint("cafe_id", "month"),
)  # fmt: skip

# A business day as known so far. `closed_at` empty: still open, or never closed (incomplete, not zero).
rollup_day = Table(
    "rollup_day", metadata,
    cafe_column(), Column("day", Text, nullable=False),
    number("opened_at"), number("closed_at"), number("z"), _flag("auto_closed"),
    number("tickets", 0), number("refunds", 0), number("turnover_cents", 0), number("third_party_cents", 0),
    number("cash_expected"), number("cash_counted"), number("cash_difference"),
    number("first_sale_at"), number("last_sale_at"),
    PrimaryKeyConstraint("cafe_id", "day"),
)  # fmt: skip

closure = Table(
    "closure", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), Column("seq", BigInteger, nullable=False),
    words("day"), number("z", 0), number("opened_at", 0), number("closed_at", 0), _flag("auto"),
    number("first_seq", 0), number("last_seq", 0), number("tickets", 0), number("refunds", 0), number("voids", 0),
    number("turnover_cents", 0), number("third_party_cents", 0), number("cash_expected", 0),
    number("cash_counted"), number("cash_difference"), number("perpetual_cents", 0), words("head"),
    PrimaryKeyConstraint("cafe_id", "jn", "seq"),
    Index("closure_by_day", "cafe_id", "day"),
)  # fmt: skip

# last_contact_at, backlog, version, clock and state come from the box's hello; the rest is told
# from entries. state: normal, anomaly, locked.
cafe_health = Table(
    "cafe_health", metadata,
    Column("cafe_id", Integer, primary_key=True, autoincrement=False),
    number("last_contact_at"), number("backlog", 0), words("version"), number("clock_quality", 0),
    number("clock_offset_ms", 0), number("disk_free_bytes"), words("state"), words("trouble"),
    number("last_jn", 0), number("last_seq", -1), number("last_entry_at"),
    number("boots", 0), number("unclean_boots", 0), number("troubles", 0), words("last_trouble"),
    number("last_trouble_at"),
)  # fmt: skip

# What the box in use told of itself at its last hello, beyond the health above: never told from entries.
# `copy_at`, `drill_at`: -1 not told, 0 never. `machines`: codes separated by spaces.
box_report = Table(
    "box_report", metadata,
    Column("cafe_id", Integer, primary_key=True, autoincrement=False),
    number("at", 0), words("fiscal"), number("copy_at", -1), number("drill_at", -1), _flag("drill_failed"),
    words("machines"), number("commit_us", -1),
)  # fmt: skip

# What features tell of themselves (`Feature.tells`): an amount by day and indicator.
rollup_figure = Table(
    "rollup_figure", metadata,
    cafe_column(), Column("day", Text, nullable=False), Column("code", Text, nullable=False), number("amount", 0),
    PrimaryKeyConstraint("cafe_id", "day", "code"), **BY_CAFE,
)  # fmt: skip

# An indicator by what it is about (`Figure.of`): different things to count, or communes.
rollup_part = Table(
    "rollup_part", metadata,
    cafe_column(), Column("day", Text, nullable=False), Column("code", Text, nullable=False),
    Column("of", Text, nullable=False), number("amount", 0),
    PrimaryKeyConstraint("cafe_id", "day", "code", "of"), **BY_CAFE,
)  # fmt: skip

# Things that wait for somebody (`Feature.waits`): opaque ids, the last day expected, whether still there.
waiting = Table(
    "waiting", metadata,
    cafe_column(), Column("code", Text, nullable=False), Column("thing", Text, nullable=False),
    Column("due_on", Text), Column("here", Boolean),
    PrimaryKeyConstraint("cafe_id", "code", "thing"),
    Index("waiting_by_day", "here", "due_on"),
)  # fmt: skip

# Public names of third parties, as their café said them last.
owner_name = Table(
    "owner_name", metadata,
    cafe_column(), Column("owner", Text, nullable=False), words("label"),
    PrimaryKeyConstraint("cafe_id", "owner"),
)  # fmt: skip

# Which list of the network was in force from which entry on: with the blob, the price list of each sale.
list_applied = Table(
    "list_applied", metadata,
    cafe_column(), Column("jn", Integer, nullable=False), Column("seq", BigInteger, nullable=False),
    words("channel"), number("n", 0), words("sha256"), number("serial", 0), number("at", 0),
    PrimaryKeyConstraint("cafe_id", "jn", "seq"),
)  # fmt: skip

# Prices a café keeps against the network's, as last said; `price` empty: it took the network's again.
price_aside = Table(
    "price_aside", metadata,
    cafe_column(), Column("product", Text, nullable=False), number("price"), number("network"), number("ceiling"),
    words("reason"), number("at", 0),
    PrimaryKeyConstraint("cafe_id", "product"),
)  # fmt: skip

# Kinds this release does not know yet: stored, acknowledged, counted when HQ has learnt them.
opaque_kind = Table(
    "opaque_kind", metadata,
    cafe_column(), Column("kind", Text, nullable=False), Column("kv", Integer, nullable=False), number("entries", 0),
    PrimaryKeyConstraint("cafe_id", "kind", "kv"),
)  # fmt: skip


class Upsert:
    """INSERT … ON CONFLICT DO UPDATE, built once for both databases.

    `add` columns grow by the new value; `replace` columns take it; with neither, the old row stays.
    `least` and `most` keep the smaller or larger, an empty value yielding to the other; `over` columns
    take the new value unless it is empty; `bits` columns keep the bits of both.
    """

    def __init__(
        self, table: Table, *, add: Sequence[str] = (), replace: Sequence[str] = (),
        least: Sequence[str] = (), most: Sequence[str] = (), over: Sequence[str] = (), bits: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self._table, self._keys = table, [column.name for column in table.primary_key.columns]
        self._sums, self._taken, self._over, self._least, self._most, self._bits = add, replace, over, least, most, bits
        self._sqlite = self._or_change(sqlite.insert(table), "min", "max")
        # PostgreSQL takes whole columns as arrays, by the names of the columns given.
        self._arrays: dict[tuple[str, ...], str] = {}
        self._key = itemgetter(*self._keys)
        changed = (*add, *replace, *over, *least, *most, *bits)
        self.names = (*self._keys, *changed) if changed else tuple(table.c.keys())

    def _or_change(self, statement: Any, small: str, large: str) -> Any:
        new, old = statement.excluded, self._table.c
        change = {name: old[name] + new[name] for name in self._sums}
        change.update({name: new[name] for name in self._taken})
        change.update({name: func.coalesce(new[name], old[name]) for name in self._over})
        change.update({name: old[name].bitwise_or(new[name]) for name in self._bits})
        for names, function in ((self._least, small), (self._most, large)):
            for name in names:
                change[name] = _either(function, old[name], new[name])
        if change:
            return statement.on_conflict_do_update(index_elements=self._keys, set_=change)
        return statement.on_conflict_do_nothing(index_elements=self._keys)

    def run(self, conn: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write all rows in one go; a row may come twice."""
        told = list(rows)
        if not told:
            return
        if conn.dialect.name == "sqlite":
            conn.execute(self._sqlite, told)
            return
        names = tuple(told[0])
        if names not in self._arrays:
            self._arrays[names] = str(self.of_arrays(names).compile(dialect=conn.dialect))
        for rank in _apart(told, self._key):
            driver_of(conn).execute(self._arrays[names], self.columns(names, rank))

    def columns(self, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the columns of rows, by the names of the statement's parameters."""
        return {f"{self._table.name}_{name}": _as_array([row[name] for row in rows]) for name in names}

    def of_arrays(self, names: Sequence[str]) -> Any:
        """Return one statement for any number of rows: a parameter for each column, not for each value."""
        columns = [self._table.c[name] for name in names]
        arrays = func.unnest(*(bindparam(f"{self._table.name}_{c.name}", type_=ARRAY(c.type)) for c in columns))
        rows = arrays.table_valued(*(column(c.name, c.type) for c in columns)).render_derived(name="told")
        statement = postgresql.insert(self._table).from_select(list(names), select(*(rows.c[name] for name in names)))
        return self._or_change(statement, "least", "greatest")


class Together:
    """Upserts into as many tables, each row once, as one statement to PostgreSQL: it is asked once for all."""

    def __init__(self, *upserts: Upsert) -> None:
        self._upserts = upserts

    @cached_property
    def _text(self) -> str:
        each = (str(one.of_arrays(one.names).compile(dialect=postgresql.psycopg.dialect())) for one in self._upserts)
        return f"WITH {', '.join(f't{n} AS ({insert})' for n, insert in enumerate(each))} SELECT"

    def run(self, conn: Connection, *told: Iterable[Mapping[str, Any]]) -> None:
        """Write the rows of each."""
        if conn.dialect.name == "sqlite":
            for one, rows in zip(self._upserts, told, strict=True):
                one.run(conn, rows)
            return
        columns: dict[str, Any] = {}
        for one, rows in zip(self._upserts, told, strict=True):
            columns |= one.columns(one.names, list(rows))
        driver_of(conn).execute(self._text, columns)


def _apart(rows: list[Mapping[str, Any]], key: Callable[[Mapping[str, Any]], Any]) -> list[list[Mapping[str, Any]]]:
    """Return the rows in ranks without two of one key: one statement may change a row once only."""
    if len(rows) == 1 or len(set(map(key, rows))) == len(rows):
        return [rows]
    ranks: list[list[Mapping[str, Any]]] = []
    seen: Counter[Any] = Counter()
    for row in rows:
        rank = seen[key(row)]
        if rank == len(ranks):
            ranks.append([])
        ranks[rank].append(row)
        seen[key(row)] += 1
    return ranks


def _as_array(values: list[Any]) -> Any:
    """Return a column as PostgreSQL writes arrays: JSON in braces, where no sign but quotes is escaped."""
    if any(isinstance(one, bytes) for one in values):
        # JSON would say them in base 64.
        return values
    text = msgspec.json.encode(values).decode()
    odd = "\\" in text and "\\" in text.replace("\\\\", "").replace('\\"', "")
    return values if odd else f"{{{text[1:-1]}}}"


def _either(function: str, old: Any, new: Any) -> Any:
    return getattr(func, function)(func.coalesce(old, new), func.coalesce(new, old))


class Database:
    """An engine with two doors: `reading`, and `writing` (one transaction, committed at its end)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the database is the small one."""
        return self.engine.dialect.name == "sqlite"

    def create(self) -> None:
        """Make the tables that are missing."""
        with self.writing() as conn:
            partitions.make_alone(conn)
            metadata.create_all(conn)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection on one unchanging view of the data."""
        view = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with self.engine.connect().execution_options(**view) as conn:
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in a transaction; on SQLite it takes the only writer's place at once."""
        with self.engine.connect().execution_options(zinc_writes=True) as conn, conn.begin():
            yield conn

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Return the database behind an SQLAlchemy URL. What was typed is not for the logs of its troubles."""
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": 30})
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=8, max_overflow=8)
    return Database(engine)


def _tune_sqlite(raw: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late to lock; `_begin_sqlite` says it instead.
    raw.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        raw.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    writes = conn.get_execution_options().get("zinc_writes", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
