"""A herd of boxes is let in a few at a time, and a café that loops waits before it slows the others (§2.16)."""

from collections.abc import Callable

import pytest

from hq import inbox, limits, shaping
from hq.app import create_app
from hq.local import LocalHq
from hq.wiring import Office
from pos.clock import StoppedClock
from pos.store import Store
from pos.till.events import SignedIn
from sync import agent, trouble
from sync.line import Line
from tests.hq.conftest import ENGINES, JoinCafe
from tests.sync.test_agent import Answer, Faulty

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def work(store: Store, n: int = 3) -> None:
    """Write something to send."""
    with store.writing(by="g1") as tx:
        for _ in range(n):
            tx.record(SignedIn(op="g1"))


@both
def test_a_cafe_that_calls_too_often_waits_its_minutes(
    join: JoinCafe, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with the seconds until a hello and a batch fit; another café is heard meanwhile."""
    monkeypatch.setattr(shaping, "CALLS_AN_HOUR", 4)
    mine, other = join(17), join(18)
    for _ in range(2):
        # A hello and a batch each.
        agent.push(mine, line)
    work(mine)
    with pytest.raises(trouble.HqBusy) as told:
        agent.push(mine, line)
    seconds = int(told.value.params["seconds"])  # type: ignore[call-overload]
    assert seconds == 30 * 60 + 1
    assert agent.status(mine).state == "normal"
    agent.push(other, line)
    # Whoever comes back when told is heard to the end; a call for the hello alone would be asked to wait for ever.
    clock.tick(seconds * 1000)
    agent.push(mine, line)
    assert agent.backlog(mine) == 0


@both
def test_a_cafe_that_sends_without_end_is_stopped_until_it_may_again(
    join: JoinCafe, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 once it has sent more than a café can in a day, for as long as it owes; nothing is lost, then it goes on."""
    monkeypatch.setattr(shaping, "ENTRIES_A_DAY", 10)
    store = join()
    work(store, 12)
    agent.push(store, line)
    work(store)
    with pytest.raises(trouble.HqBusy) as told:
        agent.push(store, line)
    owed = int(told.value.params["seconds"])  # type: ignore[call-overload]
    assert 0 < owed < shaping.DAY_MS // 1000
    clock.tick(owed * 1000)
    agent.push(store, line)
    assert agent.backlog(store) == 0


@both
def test_a_clock_of_hq_that_was_ahead_puts_nobody_off_for_long(
    join: JoinCafe, office: Office, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year ahead, then set right: buckets fill again from now on, and seats taken in a year to come are free."""
    monkeypatch.setattr(shaping, "CALLS_AN_HOUR", 4)
    seats(office, 1)
    mine, other = join(17), join(18)
    year = 365 * 24 * 3_600_000
    with office.db.writing() as conn:
        shaping.let_call(conn, 17, backlog=5, now=clock.now_ms() + year)
    agent.push(mine, line)
    with office.db.writing() as conn:
        shaping.let_call(conn, 18, backlog=5, now=clock.now_ms() + year)
    for _ in range(4):
        clock.tick(3_600_000)
        agent.push(mine, line)
        agent.push(other, line)


def seats(office: Office, most: int) -> None:
    """Set how many cafés send at a time."""
    with office.db.writing() as conn:
        typed = {name: str(getattr(limits.Limits(), name)) for name in limits.Limits.__slots__}
        limits.set_limits(conn, {**typed, "sending": str(most)}, by="t", now_ms=1)


@both
def test_of_a_herd_a_few_send_at_a_time(join: JoinCafe, office: Office, line: LocalHq, clock: StoppedClock) -> None:
    """503 with a moment to come back, while others are within their batches; a seat is free when they are done or gone."""
    seats(office, 1)
    first, second, third = join(17), join(18), join(19)

    def while_the_first_sends(_n: int, path: str, real: Callable[[], Answer]) -> Answer:
        if path == "/v1/batch":
            with pytest.raises(trouble.HqBusy) as told:
                agent.push(second, line)
            assert 30 <= int(told.value.params["seconds"]) <= 60  # type: ignore[call-overload]
            # It dies there: its batch is never sent.
            raise trouble.HqFailed
        return real()

    with pytest.raises(trouble.HqFailed):
        agent.push(first, Line(Faulty(office, while_the_first_sends)))
    with pytest.raises(trouble.HqBusy):
        agent.push(third, line)
    clock.tick(shaping.SEAT_MS)
    agent.push(second, line)
    agent.push(third, line)
    agent.push(first, line)
    assert [agent.backlog(one) for one in (first, second, third)] == [0, 0, 0]


@both
def test_two_workers_never_give_one_seat_twice(office: Office) -> None:
    """Two open transactions take two seats; a third finds none (PostgreSQL; SQLite lets one write at a time)."""
    seats(office, 2)
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        shaping.let_call(conn, 1, backlog=0, now=now)
    if office.db.is_sqlite:
        for cafe in (1, 2):
            with office.db.writing() as conn:
                shaping.let_call(conn, cafe, backlog=5, now=now)
    else:
        with office.db.writing() as conn:
            shaping.let_call(conn, 1, backlog=5, now=now)
        with office.db.writing() as one, office.db.writing() as two:
            shaping.let_call(one, 1, backlog=5, now=now)
            shaping.let_call(two, 2, backlog=5, now=now)
    with office.db.writing() as conn, pytest.raises(shaping.Wait):
        shaping.let_call(conn, 3, backlog=5, now=now)
    with office.db.writing() as conn:
        # The second has sent all it announced: its seat is free at once.
        shaping.sent(conn, 2, stored=5, now=now)
        shaping.let_call(conn, 3, backlog=5, now=now)


def test_a_worker_greets_two_boxes_at_a_time(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third hello of a moment is put off before it costs anything; a batch is taken: its café has a seat."""
    door = shaping.Door(1)
    monkeypatch.setattr(inbox, "_door", door)
    client, ours = create_app(office).test_client(), {"Zinc-Protocol": "1"}
    with door.greeting(office.db.engine):
        told = client.get("/v1/challenge", headers=ours)
        assert (told.status_code, told.json) == (503, {"code": "busy"})
        assert 30 <= int(told.headers["Retry-After"]) <= 130
        assert client.post("/v1/batch", headers=ours, data=b"x").status_code == 401
    assert client.get("/v1/challenge", headers=ours).status_code == 200


def test_a_challenge_says_how_busy_its_worker_is(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint of §2.5: hundredths of the places for hellos that others hold."""
    door = shaping.Door(4)
    monkeypatch.setattr(inbox, "_door", door)
    client, loads = create_app(office).test_client(), []
    with door.greeting(office.db.engine), door.greeting(office.db.engine):
        loads.append(client.get("/v1/challenge", headers={"Zinc-Protocol": "1"}).json["load"])
    loads.append(client.get("/v1/challenge", headers={"Zinc-Protocol": "1"}).json["load"])
    assert loads == [50, 0]


def test_the_wait_grows_with_the_network(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirteen cafés are back within a minute, a thousand within three, twenty thousand within a quarter of an hour."""
    with office.db.reading() as conn:
        for size, longest in ((13, 60), (1_000, 130), (20_000, 900)):
            monkeypatch.setitem(shaping._sizes, conn.engine, (5, size))
            assert shaping._spread(conn, 6) == longest


def test_the_wait_is_said_over_http(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Retry-After`, as every proxy knows it."""
    from hq import desk

    monkeypatch.setattr(desk, "answer", lambda *_args: desk.Reply(503, {"code": "busy"}, 42))
    told = create_app(office).test_client().get("/v1/challenge", headers={"Zinc-Protocol": "1"})
    assert (told.status_code, told.headers["Retry-After"], told.json) == (503, "42", {"code": "busy"})
