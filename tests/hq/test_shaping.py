"""A herd of boxes is let in a few at a time, and a café that loops waits before it slows the others (§2.16)."""

from collections.abc import Callable

import pytest

from hq import shaping
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
def test_a_cafe_that_calls_too_often_waits_for_the_next_hour(
    join: JoinCafe, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 with the seconds left of the hour; another café is heard meanwhile."""
    monkeypatch.setattr(shaping, "CALLS_AN_HOUR", 3)
    mine, other = join(17), join(18)
    for _ in range(3):
        agent.push(mine, line)
    with pytest.raises(trouble.HqBusy) as told:
        agent.push(mine, line)
    # It is 7:02.
    assert 3_400 < int(told.value.params["seconds"]) <= 58 * 60 + 1  # type: ignore[call-overload]
    assert agent.status(mine).state == "normal"
    agent.push(other, line)
    clock.tick(int(told.value.params["seconds"]) * 1000)  # type: ignore[call-overload]
    work(mine)
    agent.push(mine, line)
    assert agent.backlog(mine) == 0


@both
def test_a_cafe_that_sends_without_end_is_stopped_for_a_day(
    join: JoinCafe, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """429 once it has sent more than a café can in a day; nothing is lost, the day after it goes on."""
    monkeypatch.setattr(shaping, "ENTRIES_A_DAY", 10)
    store = join()
    work(store, 12)
    agent.push(store, line)
    work(store)
    with pytest.raises(trouble.HqBusy):
        agent.push(store, line)
    clock.tick(shaping.DAY_MS + shaping.HOUR_MS)
    agent.push(store, line)
    assert agent.backlog(store) == 0


def test_of_a_herd_a_few_send_at_a_time(
    join: JoinCafe, office: Office, line: LocalHq, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with a moment to come back, while others are within their batches; a place is free when they are done or gone."""
    monkeypatch.setattr(shaping, "SENDING_MOST", 1)
    first, second, third = join(17), join(18), join(19)

    def while_the_first_sends(_n: int, path: str, real: Callable[[], Answer]) -> Answer:
        if path == "/v1/batch":
            with pytest.raises(trouble.HqBusy) as told:
                agent.push(second, line)
            assert 15 <= int(told.value.params["seconds"]) <= 180  # type: ignore[call-overload]
            # It dies there: its batch is never sent.
            raise trouble.HqFailed
        return real()

    with pytest.raises(trouble.HqFailed):
        agent.push(first, Line(Faulty(office, while_the_first_sends)))
    with pytest.raises(trouble.HqBusy):
        agent.push(third, line)
    clock.tick(shaping.SENDING_MS)
    agent.push(second, line)
    agent.push(third, line)
    agent.push(first, line)
    assert [agent.backlog(one) for one in (first, second, third)] == [0, 0, 0]


def test_the_wait_is_said_over_http(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """`Retry-After`, as every proxy knows it."""
    from hq import desk

    monkeypatch.setattr(desk, "answer", lambda *_args: desk.Reply(503, {"code": "busy"}, 42))
    told = create_app(office).test_client().get("/v1/challenge", headers={"Zinc-Protocol": "1"})
    assert (told.status_code, told.headers["Retry-After"], told.json) == (503, "42", {"code": "busy"})
