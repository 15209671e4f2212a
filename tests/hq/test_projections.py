"""Figures told from entries: a use is one service in one visit, and every telling gives the same."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from hq import audit, db, months
from hq.db import Database
from hq.projections import Projections
from hq.visits import said_of
from hq.wiring import Office
from pos.events import Event, encode
from pos.feature import Feature, Use
from pos.journal import Envelope, read_envelope
from pos.till.events import DayClosed, DayOpened, OffPart, SaleCompleted, SaleRefunded
from pos.zcj import encode as canonical
from sync.ingest import Fresh
from tests.hq.conftest import ENGINES

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)
DAY = "2026-11-20"
AT = 1795154520000
HALF_A_LETTER = "half"


class Happened(Event, frozen=True, kw_only=True):
    """Uses as a test wants them."""

    kind = "sample.happened"
    uses: list[tuple[str, str, int]]
    day: str = DAY
    aggregated: bool = False


def _uses(event: Happened) -> Iterable[Use]:
    return [
        Use(service, "\ud800" if visit == HALF_A_LETTER else visit, n, event.aggregated)
        for service, visit, n in event.uses
    ]


SAMPLE = Feature(
    slug="sample", title="Sample", uses={Happened: _uses},
    events=(Happened, DayOpened, DayClosed, SaleCompleted, SaleRefunded),
)  # fmt: skip


def entries(events: list[Event], *, first: int = 0) -> list[Envelope]:
    """Envelopes as HQ reads them from bodies."""
    told = []
    for i, event in enumerate(events, first):
        data = encode(event)
        body = canonical({"boot": 1, "cafe": 17, "j": "x", "kind": event.kind, "kv": event.kv, "mono": i, "op": "g1",
                          "seq": i, "t": AT + i, "tq": 2, "v": 1, "data": 0})  # fmt: skip
        told.append(read_envelope(body.replace(b'"data":0', b'"data":' + data)))
    return told


def tell(database: Database, events: list[Event], *, first: int = 0, cafe: int = 17) -> list[Any]:
    """Tell events to HQ; return what was set apart."""
    with database.writing() as conn:
        return Projections([SAMPLE]).tell(conn, Fresh(cafe, 1, 9, entries(events, first=first)))


def rows(database: Database, table: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of a table, in order."""
    with database.reading() as conn:
        return sorted(tuple(row) for row in conn.execute(select(*(table.c[c] for c in columns))))


def uses(database: Database) -> list[tuple[Any, ...]]:
    """Uses by day and service."""
    return rows(database, db.rollup_use, "day", "service", "uses", "aggregated")


def visits(database: Database) -> list[tuple[Any, ...]]:
    """Visits by what was used."""
    return rows(database, db.rollup_visit, "day", "services", "visits")


@both
def test_a_use_is_one_service_in_one_visit(hq_db: Database) -> None:
    """Three entries of bread in one visit count once; two services of one visit stand together."""
    tell(hq_db, [
        Happened(uses=[("bread", "v1", 1)]), Happened(uses=[("bread", "v1", 1), ("cash_out", "v1", 1)]),
        Happened(uses=[("bread", "v2", 1)]), Happened(uses=[("bread", "v1", 1)]),
    ])  # fmt: skip
    assert uses(hq_db) == [(DAY, "bread", 2, 0), (DAY, "cash_out", 1, 0)]
    assert visits(hq_db) == [(DAY, "bread", 1), (DAY, "bread+cash_out", 1)]
    with hq_db.reading() as conn:
        said = said_of(conn, 17, "bread", DAY, DAY)
    assert [(use.seq, use.visit, use.count) for use in said] == [(0, "v1", 1), (1, "v1", 1), (2, "v2", 1), (3, "v1", 1)]


@both
def test_a_cancelled_use_leaves_its_own_day(hq_db: Database) -> None:
    """A refund next week takes the use off the day it happened, and leaves no empty row."""
    tell(hq_db, [Happened(uses=[("bread", "v1", 1), ("post", "v1", 1)])])
    tell(hq_db, [Happened(uses=[("bread", "v1", -1)], day="2026-11-27")], first=1)
    assert uses(hq_db) == [(DAY, "post", 1, 0)]
    assert visits(hq_db) == [(DAY, "post", 1)]


@both
def test_totals_typed_at_once_add_up_outside_visits(hq_db: Database) -> None:
    """A day's count of papers sold cannot be grouped by visit."""
    tell(hq_db, [
        Happened(uses=[("press", "", 12)], aggregated=True), Happened(uses=[("press", "", 3)], aggregated=True),
        Happened(uses=[("press", "v1", 1)]),
    ])  # fmt: skip
    assert uses(hq_db) == [(DAY, "press", 16, 15)]
    assert visits(hq_db) == [(DAY, "press", 1)]


@both
def test_a_total_of_none_is_told_alone_too(hq_db: Database) -> None:
    """Nobody came to the tour’s stop: an entry that says so, whatever came with it, is no fault."""
    assert tell(hq_db, [Happened(uses=[("tour", "", 0)], aggregated=True)]) == []
    assert tell(hq_db, [Happened(uses=[("tour", "", 4)], aggregated=True)], first=1) == []
    assert tell(hq_db, [Happened(uses=[("tour", "", 0)], aggregated=True)], first=2) == []
    assert uses(hq_db) == [(DAY, "tour", 4, 4)]


def sale(no: int, *, turnover: int, day: str = DAY, off: int = 0) -> SaleCompleted:
    """A paid ticket."""
    parts = [OffPart(code="third", owner="baker", amount=off)] if off else []
    return SaleCompleted(
        no=no, day=day, tab="t", visit="v", lines=[], payments=[], total=turnover + off, turnover=turnover,
        regime="reel", sw="1", off=parts,
    )  # fmt: skip


def refund(no: int, *, turnover: int) -> SaleRefunded:
    """A refund."""
    return SaleRefunded(
        no=no, day=DAY, original=1, original_seq=1, reason="r", visit="v", lines=[], places=[], payments=[],
        total=turnover, turnover=turnover, regime="reel", sw="1",
    )  # fmt: skip


def closing(*, counted: int = 12_000, z: int = 1) -> DayClosed:
    """A Z; `counted` −1: the drawer was not counted."""
    return DayClosed(
        z=z, day=DAY, opened_at=AT, closed_at=AT + 99, auto=False, first_seq=0, last_seq=5, first_no=1, last_no=2,
        tickets=2, refunds=1, voids=0, duplicates=0, drawer_openings=0, turnover=450, vat=[], means=[], families=[],
        modes=[], operators=[], third_parties=[], off=[OffPart(code="third", owner="baker", amount=120)],
        float_cents=10_000, cash_sales=570, cash_in=0, cash_out=0, cashback=0, settled_cash=0, expected=10_570,
        counted=counted, difference=counted - 10_570 if counted >= 0 else 0, perpetual=450, perpetual_absolute=650,
        head_seq=5, head="ab",
    )  # fmt: skip


@both
def test_a_day_is_known_as_it_goes_and_closed_by_its_z(hq_db: Database) -> None:
    """Takings grow with each sale; the Z brings the cash; an uncounted drawer has no difference."""
    tell(hq_db, [DayOpened(day=DAY, float_cents=10_000), sale(1, turnover=300, off=120), sale(2, turnover=250)])
    day = ("day", "opened_at", "closed_at", "tickets", "refunds", "turnover_cents", "third_party_cents",
           "cash_difference", "first_sale_at", "last_sale_at")  # fmt: skip
    assert rows(hq_db, db.rollup_day, *day) == [(DAY, AT, None, 2, 0, 550, 120, None, AT + 1, AT + 2)]
    tell(hq_db, [refund(3, turnover=-100), closing(counted=10_500)], first=3)
    assert rows(hq_db, db.rollup_day, *day) == [(DAY, AT, AT + 99, 2, 1, 450, 120, -70, AT + 1, AT + 2)]
    assert rows(hq_db, db.closure, "seq", "z", "cash_difference", "third_party_cents") == [(4, 1, -70, 120)]
    tell(hq_db, [closing(counted=-1, z=2)], first=5)
    assert rows(hq_db, db.closure, "z", "cash_counted") == [(1, 10_500), (2, None)]


@both
def test_what_the_database_itself_refuses_is_set_apart_alone(hq_db: Database) -> None:
    """Half a letter that no database can write: its entry waits, the café's others count."""
    poison = tell(hq_db, [
        Happened(uses=[("post", "v1", 1)]), Happened(uses=[("bread", HALF_A_LETTER, 1)]),
        Happened(uses=[("bread", "v1", 1)]),
    ])  # fmt: skip
    assert [bad.seq for bad in poison] == [1]
    assert visits(hq_db) == [(DAY, "bread+post", 1)]


@both
def test_figures_beyond_all_reason_are_set_apart(hq_db: Database) -> None:
    """Sums stay far from what 64 bits hold, whatever a broken box sends."""
    poison = tell(hq_db, [
        Happened(uses=[("press", "", 10**9)], aggregated=True), sale(1, turnover=2**53 - 1),
        sale(2, turnover=100, off=2**50), sale(3, turnover=100),
    ])  # fmt: skip
    assert [bad.seq for bad in poison] == [0, 1, 2]
    assert rows(hq_db, db.rollup_day, "turnover_cents") == [(100,)]


def test_names_no_index_can_hold_are_set_apart(hq_db: Database) -> None:
    """A visit of a thousand signs, a nameless service: quarantined."""
    poison = tell(hq_db, [Happened(uses=[("bread", "v" * 1000, 1)]), Happened(uses=[("", "v", 1)])])
    assert [bad.reason for bad in poison] == ["ValueError", "ValueError"]


EVENTS = st.lists(
    st.builds(
        Happened,
        uses=st.lists(st.tuples(st.sampled_from(["bread", "post", "cash_out"]), st.sampled_from("abcd"), st.sampled_from([1, 1, -1])), max_size=3),
        day=st.sampled_from([DAY, "2026-11-21"]), aggregated=st.sampled_from([False, False, False, True]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(events=EVENTS, cuts=st.sets(st.integers(1, 24)))
@both
def test_however_the_entries_come_the_figures_are_the_same(
    hq_db: Database, events: list[Event], cuts: set[int]
) -> None:
    """All at once, or cut anywhere: the same rows; and they equal a plain count in Python."""
    places = [0, *sorted(c for c in cuts if c < len(events)), len(events)]
    with hq_db.writing() as conn:
        told = []
        for parts in ([(0, len(events))], list(pairwise(places))):
            for table in (*audit.ROLLUPS, db.cafe_health):
                conn.execute(table.delete())
            for a, b in parts:
                Projections([SAMPLE]).tell(conn, Fresh(17, 1, 9, entries(events[a:b], first=a)))
            told.append({t.name: audit.digest(conn, t) for t in (*audit.ROLLUPS, db.cafe_health)} | months_of(conn))
            conn.execute(db.cafe_month.delete())
        assert told[0] == told[1]
        counted = {(r.day, r.service): r.uses for r in conn.execute(select(db.rollup_use))}
    assert counted == plain_count(events)


def months_of(conn: Connection) -> dict[str, str]:
    """What months are told, the same as what their days add up to."""

    def told() -> dict[str, str]:
        names = ("month", "days", "used", "told", "since")
        heard = select(*(db.cafe_month.c[name] for name in names)).order_by(db.cafe_month.c.month)
        rows = conn.execute(heard).all()
        return {"sums": audit.digest(conn, db.month_sum), "heard": repr(rows)}

    first = told()
    months.sum_days(conn)
    assert told() == first
    return first


def plain_count(events: list[Event]) -> dict[tuple[str, str], int]:
    """The rule said once more, the slow way."""
    nets: dict[tuple[str, str], list[Any]] = {}
    totals: dict[tuple[str, str], int] = {}
    typed: dict[tuple[str, str], int] = {}
    for event in events:
        assert isinstance(event, Happened)
        for service, visit, n in event.uses:
            if event.aggregated:
                key = (event.day, service)
                totals[key] = totals.get(key, 0) + n
                typed[key] = typed.get(key, 0) + n
            else:
                nets.setdefault((visit, service), [event.day, 0])[1] += n
    for (_visit, service), (day, net) in nets.items():
        if net > 0:
            totals[day, service] = totals.get((day, service), 0) + 1
    return {key: n for key, n in totals.items() if n or typed.get(key)}


@both
def test_rebuild_and_verify_leave_everything_as_it_is(office: Office, join: Any, line: Any) -> None:
    """`zinc-hq rebuild` gives the same figures; `verify` sees a figure changed by hand, a byte changed in a segment."""
    from sync import agent, books

    store = join()
    with store.writing(by="g1") as tx:
        tx.record(DayOpened(day=DAY, float_cents=10_000))
        tx.record(sale(1, turnover=300))
    agent.push(store, line)
    with office.db.writing() as conn:
        before = audit.digests(conn)
        assert office.projections.rebuild(conn) == 5
        assert audit.digests(conn) == before
    checked = audit.check(office)
    assert (checked.journals, checked.segments, checked.entries, checked.faults) == (1, 1, 5, [])
    with office.db.writing() as conn:
        conn.execute(db.rollup_day.update().values(turnover_cents=1))
    assert audit.check(office).faults == ["café 17: table rollup_day is not what its journals say"]
    with office.db.writing() as conn:
        body = bytearray(conn.execute(select(books.segment.c.body)).scalar_one())
        body[len(body) // 2] ^= 1
        conn.execute(books.segment.update().values(body=bytes(body)))
    assert "unreadable" in audit.check(office).faults[0]
