"""What must always hold of each shared engine, whatever is asked of it and in whatever order."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos import journal, private
from pos.clock import StoppedClock
from pos.engines import counting, persons, shelf, stock
from pos.errors import AlreadyDone, Refusal
from pos.events import Event
from pos.store import Store
from pos.till import cash, close, refund, sell, tables
from pos.till.events import SaleCompleted, SaleRefunded
from pos.till.sell import SoldLine, TakenPayment
from pos.till.tab import CARD, CASH
from tests.cast import BEA, FLOAT, VICTOR, open_cafe
from tests.conftest import MORNING, open_test_store

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OWNERS = st.sampled_from(["presse", "laposte", "assoc:fete"])
NO = (Refusal, AlreadyDone)


@contextmanager
def a_cafe() -> Iterator[Store]:
    """A café with its day open, and what it recorded not forced to the disk each time."""
    with TemporaryDirectory() as folder:
        store = open_test_store(Path(folder) / "cafe.db", StoppedClock(MORNING))
        open_cafe(store)
        with store.bulk():
            yield store
        assert store.tables_that_differ() == []
        store.close()


def facts(store: Store) -> list[Event]:
    """Return every fact of the journal."""
    with store.reading() as conn:
        bodies = [journal.read_envelope(row.body) for row in journal.entries(conn, store.journals()[0])]
    told = [store.types.decode(one.kind, one.kv, one.data) for one in bodies]
    return [event for event in told if event is not None]


LEDGER = st.one_of(
    st.tuples(st.just("sell"), st.sampled_from(["progres", "timbre", "cafe"]), st.sampled_from([CASH, CARD])),
    st.tuples(st.just("refund"), st.integers(1, 12), st.just("")),
    st.tuples(st.just("move"), OWNERS, st.integers(-3_000, 3_000)),
    st.tuples(st.just("settle"), OWNERS, st.integers(1, 800)),
    st.tuples(st.just("keep"), OWNERS, st.integers(1, 300)),
    st.tuples(st.just("cash"), st.just(""), st.integers(-2_000, 2_000)),
)


def _ledger_act(store: Store, what: str, one: Any, two: Any) -> None:
    if what == "sell":
        sell.sell(store, lines=[SoldLine(product=one)], payments=[TakenPayment(means=two)], by=VICTOR)
    elif what == "refund":
        refund.refund_sale(store, one, reason="mistake", by=BEA)
    elif what == "move":
        cash.move_third_party(store, one, two, reason="other", by=BEA)
    elif what == "settle":
        cash.settle_third_party(store, one, two, by=BEA)
    elif what == "keep":
        cash.keep_commission(store, one, two, by=BEA)
    else:
        cash.move_cash(store, two, "other", by=BEA)


@QUICK
@given(acts=st.lists(LEDGER, max_size=25))
def test_the_third_party_ledger_balances_and_the_drawer_holds_it(acts: list[tuple[str, Any, Any]]) -> None:
    """Each account is what came in less what went out; drawer = float + cash of sales + every cash movement."""
    with a_cafe() as store:
        for what, one, two in acts:
            with suppress(*NO):
                _ledger_act(store, what, one, two)
        owed: Counter[str] = Counter()
        drawer = FLOAT
        for event in facts(store):
            kind = type(event).__name__
            if isinstance(event, SaleCompleted | SaleRefunded):
                for part in event.off:
                    owed[part.owner] += part.amount
                drawer += sum(p.amount for p in event.payments if p.means == CASH)
            elif kind == "ThirdPartyMoved":
                owed[event.owner] += event.amount  # type: ignore[attr-defined]
                drawer += event.amount  # type: ignore[attr-defined]
            elif kind == "ThirdPartySettled":
                owed[event.owner] -= event.amount  # type: ignore[attr-defined]
                drawer -= event.amount  # type: ignore[attr-defined]
            elif kind == "CommissionKept":
                owed[event.owner] -= event.amount  # type: ignore[attr-defined]
            elif kind == "CashMoved":
                drawer += event.amount  # type: ignore[attr-defined]
        with store.reading() as conn:
            told = {owner: cents for owner, cents in tables.third_parties(conn).items() if cents}
            day = tables.open_day(conn)
            assert told == {owner: cents for owner, cents in owed.items() if owner and cents}
            assert day is not None
            assert tables.drawer_expected(conn, day["day"]) == drawer >= 0
        z = close.close_day(store, counted=drawer, by=BEA)
        assert z.turnover + sum(part.amount for part in z.off) == sum(
            e.total for e in facts(store) if isinstance(e, SaleCompleted | SaleRefunded)
        )
        assert z.difference == 0


STATES = st.sampled_from(list(shelf.MOVES))


@QUICK
@given(steps=st.lists(st.tuples(st.integers(0, 5), STATES), max_size=40))
def test_a_thing_on_the_shelf_is_in_one_place_and_leaves_once(steps: list[tuple[int, str]]) -> None:
    """Only the moves drawn in the engine happen; what came in is waiting, collected or given up, never two of them."""
    with a_cafe() as store:
        with store.writing(by=BEA) as tx:
            things = [shelf.keep(tx, "relay", prefix="N").thing for _n in range(6)]
        state = dict.fromkeys(things, shelf.KEPT)
        for place, to in steps:
            thing = things[place]
            allowed = to in shelf.MOVES[state[thing]]
            with suppress(shelf.NotOnShelf), store.writing(by=BEA) as tx:
                assert shelf.move(tx, thing, to).state == to
                assert allowed
                state[thing] = to
        with store.reading() as conn:
            assert {thing: shelf.one(conn, thing).state for thing in things} == state
            waiting = {one.thing for one in shelf.waiting(conn, "relay")}
            gone = {one.thing for one in shelf.gone_on(conn, "relay", "2026-11-20")}
        assert waiting | gone == set(things)
        assert not waiting & gone


STOCK = st.one_of(
    st.tuples(st.just("receive"), st.integers(-2_000, 9_000)), st.tuples(st.just("sell"), st.integers(1, 4)),
    st.tuples(st.just("lose"), st.integers(-500, 3_000)), st.tuples(st.just("count"), st.integers(-500, 9_000)),
    st.tuples(st.just("refund"), st.integers(1, 9)),
)  # fmt: skip


def _stock_act(store: Store, supplier: str, what: str, n: int) -> None:
    if what == "receive":
        stock.receive(store, supplier, [stock.Received(product="confiture", quantity=n, cost=120)], by=BEA)
    elif what == "sell":
        sell.sell(
            store,
            lines=[SoldLine(product="confiture", quantity=n * 1_000)],
            payments=[TakenPayment(means=CARD)],
            by=BEA,
        )
    elif what == "lose":
        stock.lose(store, "confiture", n, "broken", by=BEA)
    elif what == "count":
        stock.take_inventory(store, [stock.Count(product="confiture", counted=n)], by=BEA)
    else:
        refund.refund_sale(store, n, reason="mistake", by=BEA)


@QUICK
@given(acts=st.lists(STOCK, max_size=20))
def test_stock_is_received_less_sold_less_lost_plus_what_inventories_found(acts: list[tuple[str, int]]) -> None:
    """On hand is the sum of every fact; an inventory leaves exactly what was counted."""
    with a_cafe() as store:
        stock.follow(store, "confiture", by=BEA)
        supplier = stock.list_supplier(store, "Ferme", local=True, by=BEA)
        for what, n in acts:
            with suppress(*NO):
                _stock_act(store, supplier, what, n)
                if what == "count":
                    with store.reading() as conn:
                        assert stock.items(conn)[0]["on_hand"] == n
        on_hand = 0
        for event in facts(store):
            if isinstance(event, stock.GoodsReceived):
                on_hand += sum(line.quantity for line in event.lines)
            elif isinstance(event, stock.GoodsLost):
                on_hand -= event.quantity
            elif isinstance(event, stock.InventoryTaken):
                on_hand += sum(line.counted - line.expected for line in event.lines)
            elif isinstance(event, SaleCompleted | SaleRefunded):
                on_hand -= sum(line.quantity for line in event.lines if line.product == "confiture")
        with store.reading() as conn:
            assert stock.items(conn)[0]["on_hand"] == on_hand


@QUICK
@given(
    typed=st.lists(
        st.tuples(
            st.sampled_from(["bread", "loan"]), st.sampled_from(["2026-11-19", "2026-11-20"]), st.integers(-5, 600)
        ),
        max_size=25,
    )
)
def test_the_uses_of_a_day_s_total_are_the_last_total_typed(typed: list[tuple[str, str, int]]) -> None:
    """Typing again corrects: the changes add up to the last total accepted, never more."""
    with a_cafe() as store:
        last: dict[tuple[str, str], int] = {}
        for service, day, total in typed:
            with suppress(counting.NotACount):
                counting.count_day(store, service, total, day=day, by=BEA)
                last[service, day] = total
        told: Counter[tuple[str, str]] = Counter()
        for event in facts(store):
            if isinstance(event, counting.UsesCounted):
                told[event.service, event.day] += event.uses
        assert {key: told[key] for key in last} == last


NAMES = st.sampled_from(["Zqwx Un", "Zqwx Deux", "Zqwx Trois", " ", "zqwx  un"])
PURPOSES = st.sampled_from(sorted(persons.PURPOSES))


@QUICK
@given(acts=st.lists(st.tuples(st.sampled_from(["know", "erase", "export"]), PURPOSES, NAMES), max_size=25))
def test_who_is_erased_is_nowhere_and_nobody_is_in_the_journal(acts: list[tuple[str, str, str]]) -> None:
    """Known once a purpose, exported whole, erased for good; the journal only ever holds the opaque id."""
    with a_cafe() as store:
        alive: dict[str, str] = {}
        for what, purpose, name in acts:
            if what == "know":
                with suppress(persons.NameMissing), store.writing(by=BEA) as tx:
                    alive[persons.known(tx, purpose, name, phone="0699135791")] = purpose
            elif alive:
                person = sorted(alive)[len(name) % len(alive)]
                if what == "export":
                    assert persons.export(store, person, by=BEA)
                else:
                    persons.erase(store, person, by=BEA)
                    alive.pop(person)
                    with store.reading() as conn:
                        assert private.recall(conn, person) == {}
        with store.reading() as conn:
            kept = {row[0] for row in conn.execute("SELECT person_id FROM private_person WHERE body LIKE '%qwx%'")}
            entries = b"".join(row.body for row in journal.entries(conn, store.journals()[0]))
        assert kept == set(alive)
        assert b"qwx" not in entries and b"0699135791" not in entries
