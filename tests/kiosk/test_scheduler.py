"""What the box does by itself: sending when it is time, forgetting when it is due, checking when it is quiet."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from hq import enrolment
from hq.config import Config
from hq.local import LocalHq
from hq.register import Sheet, add_cafe
from hq.wiring import Office, open_office
from kiosk import scheduler
from kiosk.wiring import Kiosk
from pos import private
from pos.clock import StoppedClock
from pos.errors import SyncTrouble
from pos.house import FEATURES
from pos.seal import Keyring
from pos.store import Store
from pos.system import TroubleNoted
from pos.till import close
from sync import agent, books, enrol, trouble
from sync.trouble import HqUnreachable
from sync.wire import slot


class CutLine:
    """A line that a person can cut and mend."""

    def __init__(self, office: Office) -> None:
        self._line = LocalHq(office)
        self.cut = False

    def __getattr__(self, name: str) -> object:
        if self.cut:
            raise HqUnreachable
        return getattr(self._line, name)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An HQ in the same process, Friday 20 November 2026 at 7:02."""
    clock = StoppedClock("2026-11-20T07:02:00+01:00")
    office = open_office(Config(data=tmp_path / "hq", database=f"sqlite:///{tmp_path / 'hq.db'}"), clock=clock)
    yield office
    office.close()


@pytest.fixture
def kiosk(tmp_path: Path, office: Office) -> Iterator[Kiosk]:
    """A joined and confirmed café whose HQ is in the same process."""
    clock = office.clock
    with office.db.writing() as conn:
        number = add_cafe(
            conn, Sheet(name="Café", insee="53195", antenna=4, model="managed"), by="office", now_ms=clock.now_ms()
        )
        code = str(enrolment.make_code(conn, number, by="office", at=clock.now_ms()))
    folder = tmp_path / "box"
    store = Store(folder / "cafe.db", clock=clock, keyring=Keyring.load_or_make(folder / "box.key"), features=FEATURES)
    line = CutLine(office)
    enrol.open_first_journal(store, enrol.enrol(store, line, code, hw="test"))  # type: ignore[arg-type]
    with office.db.writing() as conn:
        enrolment.confirm(conn, number, 1, by="office", at=clock.now_ms())
    agent.push(store, line, keep=folder / "ack.json")  # type: ignore[arg-type]
    yield Kiosk(store=store, devices=None, data=folder, line=line)
    store.close()


def at(kiosk: Kiosk, when: str) -> None:
    """Move the café's clock."""
    kiosk.store.clock.set(when)  # type: ignore[attr-defined]


def test_a_closed_day_is_sent_soon_after(kiosk: Kiosk) -> None:
    """While the day is open what is sold goes every quarter of an hour; once it is closed the next tick sends it."""
    close.open_day(kiosk.store, 15000, by="g1")
    assert not scheduler.push_due(kiosk)
    at(kiosk, "2026-11-20T07:17:00+01:00")
    assert "push" in scheduler.tick(kiosk)
    at(kiosk, "2026-11-20T19:40:00+01:00")
    assert not scheduler.push_due(kiosk)
    close.close_day(kiosk.store, counted=15000, by="g1")
    assert scheduler.push_due(kiosk)
    assert "push" in scheduler.tick(kiosk)
    assert agent.backlog(kiosk.store) == 0
    assert not scheduler.push_due(kiosk)


def test_a_café_at_rest_calls_once_a_night_in_its_own_slot(kiosk: Kiosk) -> None:
    """Nothing was sold: the box says that it lives, at the second that spreads the cafés over the night."""
    assert kiosk.store.journal is not None
    second = slot(kiosk.store.journal.cafe)
    at(kiosk, "2026-11-20T22:29:00+01:00")
    assert not scheduler.push_due(kiosk)
    for night in range(3):
        at(kiosk, f"2026-11-{20 + night}T22:30:00+01:00")
        kiosk.store.clock.tick((second - 1) * 1000)  # type: ignore[attr-defined]
        assert not scheduler.push_due(kiosk)
        kiosk.store.clock.tick(1000)  # type: ignore[attr-defined]
        assert scheduler.push(kiosk)
        assert not scheduler.push_due(kiosk)


def test_hq_may_give_another_place_in_the_night(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hello says a second of the night: the box calls then; one that is none leaves its own."""
    own = scheduler._last_slot(-1, 1, kiosk.store.clock.now_ms())
    assert scheduler._last_slot(25_200, 1, kiosk.store.clock.now_ms()) == own
    monkeypatch.setattr("hq.desk.wire.slot", lambda _cafe: 60)
    assert scheduler.push(kiosk)
    monkeypatch.undo()
    assert agent.status(kiosk.store).slot == 60
    at(kiosk, "2026-11-20T22:30:30+01:00")
    assert not scheduler.push_due(kiosk)
    at(kiosk, "2026-11-20T22:31:00+01:00")
    assert scheduler.push_due(kiosk)


def test_a_box_that_waits_for_its_confirmation_calls_again_soon(kiosk: Kiosk, office: Office) -> None:
    """The coordinator has the number: within five minutes the screen knows, and asks nobody to call again."""
    with office.db.writing() as conn:
        conn.execute(update(books.journal).values(confirmed_at=None))
    assert scheduler.push(kiosk)
    assert not scheduler.push_due(kiosk)
    with office.db.writing() as conn:
        enrolment.confirm(conn, 1, 1, by="office", at=office.clock.now_ms())
    kiosk.store.clock.tick(5 * 60_000)  # type: ignore[attr-defined]
    assert "push" in scheduler.tick(kiosk)
    assert not agent.status(kiosk.store).pending
    kiosk.store.clock.tick(5 * 60_000)  # type: ignore[attr-defined]
    assert not scheduler.push_due(kiosk)


def test_what_hq_asks_for_is_kept_to(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with `Retry-After`: neither sooner nor, by a growing back-off, later; and the line has not failed."""

    def busy(_kiosk: Kiosk) -> str:
        raise trouble.HqBusy(minutes=2, seconds=140)

    monkeypatch.setattr(scheduler.joining, "push_now", busy)
    for _ in range(4):
        assert not scheduler.push(kiosk)
        told = scheduler._jobs(kiosk)
        assert (told["push_after"] - kiosk.store.clock.now_ms(), told["push_failures"]) == (140_000, 0)


def test_a_cut_line_is_tried_again_later_for_ever(kiosk: Kiosk) -> None:
    """Each failure puts the next try off, never to more than an hour; nothing is lost meanwhile."""
    close.open_day(kiosk.store, 15000, by="g1")
    close.close_day(kiosk.store, counted=15000, by="g1")
    kiosk.line.cut = True
    waits = []
    for _try in range(12):
        now = kiosk.store.clock.now_ms()
        assert scheduler.push(kiosk) is False
        waits.append(scheduler._jobs(kiosk)["push_after"] - now)
    assert max(waits) <= scheduler.RETRY_MAX_MS
    kiosk.store.clock.tick(scheduler.RETRY_MAX_MS)  # type: ignore[attr-defined]
    kiosk.line.cut = False
    assert scheduler.push_due(kiosk)
    assert scheduler.push(kiosk)
    assert agent.backlog(kiosk.store) == 0


def test_six_days_without_a_line_are_caught_up(kiosk: Kiosk) -> None:
    """Days closed without a line wait in the journal and leave together."""
    kiosk.line.cut = True
    for day in range(20, 26):
        at(kiosk, f"2026-11-{day}T07:30:00+01:00")
        close.open_day(kiosk.store, 15000, by="g1")
        at(kiosk, f"2026-11-{day}T19:30:00+01:00")
        close.close_day(kiosk.store, counted=15000, by="g1")
        with pytest.raises(SyncTrouble):
            agent.push(kiosk.store, kiosk.line)
    waiting = agent.backlog(kiosk.store)
    assert waiting >= 18
    kiosk.line.cut = False
    at(kiosk, "2026-11-26T09:00:00+01:00")
    assert scheduler.push_due(kiosk)
    scheduler.tick(kiosk)
    assert agent.backlog(kiosk.store) == 0


def test_what_cannot_be_done_holds_nothing_else_up(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk in the middle of one job: the jobs after it are done, and it is tried again at the next tick."""

    def full(_kiosk: Kiosk) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    at(kiosk, "2026-11-21T09:00:00+01:00")
    with monkeypatch.context() as patched:
        patched.setattr(scheduler.announced, "due", lambda _kiosk: True)
        patched.setattr(scheduler.announced, "fetch", full)
        done = scheduler.tick(kiosk)
    assert "release" not in done
    assert "forget" in done


def test_names_are_forgotten_on_their_date_once_a_day(kiosk: Kiosk) -> None:
    """What has a date to be forgotten is erased that day, by itself."""
    with kiosk.store.writing(by="g1") as tx:
        private.remember(
            tx.conn, purpose="parcels", purge_after="2026-11-20", now_ms=tx.now, person_id="p1", name="Mme Essai"
        )
    assert scheduler.forget(kiosk) == 0
    assert not scheduler.forget_due(kiosk)
    at(kiosk, "2026-11-21T09:00:00+01:00")
    assert scheduler.forget_due(kiosk)
    assert scheduler.forget(kiosk) == 1


def test_the_journal_is_checked_when_the_counter_is_quiet(kiosk: Kiosk) -> None:
    """A whole journal leaves no trace; a damaged one becomes an entry, and selling goes on (R26)."""
    assert not scheduler.audit_due(kiosk)
    kiosk.store.clock.tick(scheduler.QUIET_MS + 1000)  # type: ignore[attr-defined]
    assert scheduler.audit_due(kiosk)
    assert scheduler.audit(kiosk)
    assert not scheduler.audit_due(kiosk)
    writer = kiosk.store._writer
    writer.execute("DROP TRIGGER journal_entry_is_final")
    writer.execute("UPDATE journal_entry SET body = CAST(body || ' ' AS BLOB) WHERE seq = 1")
    kiosk.line.cut = True
    assert scheduler.audit(kiosk) is False
    with kiosk.store.reading() as conn:
        last = kiosk.store.event(conn, kiosk.store.tip().seq).event
    assert isinstance(last, TroubleNoted)
    assert last.what == "integrity_failure"
    close.open_day(kiosk.store, 15000, by="g1")
