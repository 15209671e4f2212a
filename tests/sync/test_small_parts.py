"""Small parts of the line, each asked alone: sums of what a box cannot tell, statements that leave no trace."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import Connection, bindparam, insert, select

from hq.db import Database
from pos.events import Event, EventTypes, encode
from pos.journal import Envelope
from pos.till.events import EVENTS as TILL_EVENTS
from pos.till.events import (
    CommissionKept,
    DayClosed,
    OffPart,
    Payment,
    SaleCompleted,
    SaleRefunded,
    ThirdPartyMoved,
    ThirdPartySettled,
)
from sync import books
from sync.sending import all_or_nothing, rows, send
from sync.sums import Sums
from tests.golden_samples import GOLDEN
from tests.hq.conftest import ENGINES

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


class LaterMove(Event, frozen=True, kw_only=True):
    """Money moved as a later release might write it."""

    kind = ThirdPartyMoved.kind
    kv = 2
    amount: int


def sample(kind: type[Event], **more: object) -> Event:
    """The published sample of an event, with other figures."""
    read = msgspec.json.decode((GOLDEN / f"{kind.kind}.{kind.kv}.json").read_bytes(), type=kind)
    return msgspec.structs.replace(read, **more)


def entry(kind: str, data: bytes, kv: int = 1) -> Envelope:
    """An entry that says this."""
    return Envelope(
        boot=1, cafe=17, data=msgspec.Raw(data), j="x", kind=kind, kv=kv, mono=1, op="", seq=1, t=1, tq=2, v=1
    )


def test_sums_are_those_of_tickets_closings_and_third_parties() -> None:
    """Highest numbers, both totals, months and years, what is owed to each; no nought is carried, nothing unreadable counts."""
    sums = Sums(EventTypes([*TILL_EVENTS, LaterMove]))
    paid = [Payment(means="account", amount=70, owner="prepaid"), Payment(means="cash", amount=9)]
    for event in (
        sample(SaleCompleted, no=5, day="2025-12-31", turnover=300, payments=paid,
               off=[OffPart(code="third", owner="baker", amount=120), OffPart(code="tip", owner="", amount=11)]),
        sample(SaleRefunded, no=4, day="2026-01-02", turnover=-40, payments=[],
               off=[OffPart(code="third", owner="baker", amount=-20)]),
        sample(SaleCompleted, no=3, day="2026-01-02", turnover=40, payments=[], off=[]),
        sample(DayClosed, z=8), sample(DayClosed, z=7),
        sample(ThirdPartySettled, owner="baker", amount=60), sample(CommissionKept, owner="baker", amount=30),
        sample(ThirdPartyMoved, owner="press", amount=5), sample(ThirdPartyMoved, owner="press", amount=8),
    ):  # fmt: skip
        sums.add(entry(event.kind, encode(event)))
    told = msgspec.to_builtins(sums.told())
    sums.add(entry(SaleCompleted.kind, b'{"no":"nine"}'))
    sums.add(entry(LaterMove.kind, b'{"amount":9}', kv=2))
    sums.add(entry("till.day_opened", b"{}"))
    assert told == msgspec.to_builtins(sums.told()) == {
        "no": 5, "z": 8, "turnover": 300, "absolute": 380,
        "spans": [{"key": "2025", "amount": 300}, {"key": "2025-12", "amount": 300}],
        "owners": [{"key": "baker", "amount": 10}, {"key": "prepaid", "amount": -70}, {"key": "press", "amount": 13}],
    }  # fmt: skip


def twice(conn: Connection, statement: Any, *values: dict[str, Any]) -> None:
    """Say a statement for each of these, or for none."""
    with all_or_nothing(conn):
        for one in values:
            send(conn, statement, one)


@both
def test_a_block_that_goes_wrong_leaves_no_trace_and_the_rest_stands(hq_db: Database) -> None:
    """The same on both databases: what came before and what comes after are kept, nothing of the block."""
    note, here = insert(books.imported), books.imported.c
    values = [{"cafe_id": 17, "orig": bytes([n]) * 32, "jn": 1, "seq": n, "at": 1} for n in range(3)]
    with hq_db.writing() as conn:
        send(conn, note, values[0])
        with pytest.raises(Exception, match=r"(?i)unique"):
            twice(conn, note, values[1], values[0])
        twice(conn, note, values[2])
    with hq_db.reading() as conn:
        kept = select(here.seq).where(here.cafe_id == bindparam("cafe")).order_by(here.seq)
        assert [[row.seq for row in rows(conn, kept, {"cafe": cafe})] for cafe in (17, 18)] == [[0, 2], []]


@both
def test_what_hq_is_not_told_is_nought_no_word_or_nothing(hq_db: Database) -> None:
    """A row written with its key alone says so, on both databases: no figure and no word comes from nowhere."""
    key = {"cafe_id": 17, "jn": 1}
    with hq_db.writing() as conn:
        conn.execute(insert(books.quarantine).values(key | {"seq": 3}))
        conn.execute(insert(books.enrol_code).values(cafe_id=17, code_id="c", code_key=b"k"))
        conn.execute(insert(books.cursor).values(key | {"head": b"h"}))
    with hq_db.reading() as conn:
        assert conn.execute(select(books.quarantine)).one() == (17, 1, 3, "", "", "", 0)
        assert conn.execute(select(books.enrol_code)).one() == (17, "c", "", b"k", "", 0, 0, 0, None, None)
        assert conn.execute(select(books.cursor)).one() == (17, 1, -1, b"h", 0)
