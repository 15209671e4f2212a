"""One café that never stops asking: what it costs the office, and what the others feel of it."""

import statistics
import time

import pytest
from sqlalchemy import event

from hq import shaping
from hq.local import LocalHq
from hq.wiring import Office
from pos.store import Store
from sync import agent, trouble
from tests.hq.conftest import ENGINES, JoinCafe

both = pytest.mark.parametrize("hq_db", ENGINES, indirect=True)


def call(store: Store, line: LocalHq) -> tuple[float, bool]:
    """Call once; return the seconds of processor it took, and whether HQ said to wait."""
    began = time.process_time()
    try:
        agent.push(store, line)
    except trouble.HqBusy:
        return time.process_time() - began, True
    return time.process_time() - began, False


@both
def test_who_never_stops_is_told_to_wait_for_less_than_a_call_costs(
    join: JoinCafe, office: Office, line: LocalHq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past its calls of the hour a café is refused without a row written, for less than an answer costs; another is heard."""
    monkeypatch.setattr(shaping, "CALLS_AN_HOUR", 24)
    mine, other = join(17), join(18)
    heard, refused = [], []
    written: list[str] = []
    for _ in range(60):
        if refused and not written:
            event.listen(office.db.engine, "before_cursor_execute", lambda *of: written.append(of[2]))
        seconds, wait = call(mine, line)
        (refused if wait else heard).append(seconds)
    assert len(heard) <= 24
    assert len(refused) >= 36
    changes = [one for one in written if one.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]
    assert changes == []
    assert statistics.median(refused) < statistics.median(heard)
    assert call(other, line)[1] is False
