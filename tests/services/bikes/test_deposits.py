"""Cash deposits are the customers' money whatever happens: the drawer, the account and the list always agree."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from pos.errors import Refusal
from pos.services.bikes import desk, reading
from pos.services.bikes.rules import Terms
from pos.services.bikes.tables import CASH, MEANS, OWNER
from pos.till import sell
from pos.till import tables as till
from pos.till.refund import refund_sale
from tests.services.bikes.conftest import BY, DAY, Bikes, ready

FLOAT = 10_000
KINDS = ("cheque", "card_imprint", "cash")
MOVES = (
    "out",
    "back",
    "late",
    "broken",
    "from_deposit",
    "lost",
    "release",
    "keep",
    "pay",
    "refund",
    "cancel",
    "void",
    "rack",
)
STEP = st.tuples(st.sampled_from(MOVES), st.integers(0, 2), st.sampled_from(KINDS))


def step(cafe: Bikes, move: str, n: int, kind: str) -> None:
    """Try one thing; the café may say no."""
    store, by = cafe.store, BY
    with store.reading() as conn:
        rentals = [row[0] for row in conn.execute("SELECT rental FROM bike_rental ORDER BY out_at, rental")]
        tabs = [tab.tab_id for tab in sell.open_tabs(conn)]
        sold = [row[0] for row in conn.execute("SELECT no FROM till_ticket WHERE original = 0 ORDER BY no")]
    one = rentals[n - len(rentals)] if n < len(rentals) else "none"
    if move == "out":
        cafe.out(n + 1, deposit=kind)
    elif move in ("back", "late", "broken", "from_deposit"):
        late = 0 if move == "back" else 3_600_000 * 6
        desk.take_back(
            store, one, repair=1_200 if move == "broken" else 0, damages=["chain"] if move == "broken" else [],
            from_deposit=move == "from_deposit", happened_at=store.clock.now_ms() + late, **by,
        )  # fmt: skip
    elif move == "lost":
        desk.not_back(store, one, "lost", **by)
    elif move == "release":
        desk.release(store, one, **by)
    elif move == "keep":
        desk.keep_deposit(store, one, 4_000 if kind == "cash" else 0, **by)
    elif move == "pay":
        sell.take_payment(store, tabs[0] if tabs else "none", "cash", **by)
    elif move == "refund":
        refund_sale(store, sold[n] if n < len(sold) else 0, reason="mistake", **by)
    elif move == "cancel":
        desk.cancel(store, one, **by)
    elif move == "void":
        sell.void_tab(store, tabs[-1] if tabs else "none", "mistake", **by)
    else:
        desk.move_bike(store, cafe.ids[n], "available", **by)


def agrees(cafe: Bikes) -> None:
    """Compare the drawer, the account of deposits and the list of hires."""
    with cafe.store.reading() as conn:
        held = reading.held_total(conn, CASH)
        owed = till.third_parties(conn).get(OWNER, 0)
        means = till.totals(conn, DAY, "means")
        # What a deposit paid was cash already: it changed owner, not place.
        own = sum(means.get(one, (0, 0, 0))[0] for one in ("cash", MEANS))
        income = sum(reading.income(conn, DAY, DAY).values())
        assert held == owed >= 0
        assert till.drawer_expected(conn, DAY) == FLOAT + own + owed
        assert income == till.total(conn, DAY, "turnover", "own")
        assert all(0 <= row["held"] <= row["deposit"] for row in conn.execute("SELECT held, deposit FROM bike_rental"))


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(STEP, max_size=16))
def test_deposits_held_are_cash_beside_the_cafes_own(steps: list[tuple[str, int, str]]) -> None:
    """Whatever is hired, broken, lost, kept or given back: drawer = float + own cash + cash deposits, none below zero."""
    with TemporaryDirectory() as folder:
        cafe = ready(Path(folder))
        for move in steps:
            with suppress(Refusal):
                step(cafe, *move)
            agrees(cafe)
        assert cafe.store.tables_that_differ() == []
        cafe.store.close()


@given(
    grace=st.integers(0, 240),
    unit=st.integers(15, 1_440),
    price=st.integers(0, 5_000),
    a=st.integers(-600, 6_000),
    b=st.integers(-600, 6_000),
)
def test_later_never_costs_less(grace: int, unit: int, price: int, a: int, b: int) -> None:
    """Lateness grows with time, costs nothing within grace, and never more than a unit beyond the time passed."""
    terms = Terms(grace, unit, price)
    (_m, early), (minutes, late) = (terms.late(0, one * 60_000) for one in sorted((a, b)))
    assert early <= late
    assert late == 0 if minutes <= grace else late >= price
    assert terms.late(0, grace * 60_000)[1] == 0
    assert late * unit <= (minutes + unit) * price
