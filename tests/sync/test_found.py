"""What the simulator found, each told as its own small story; all of them mended."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hq import audit, enrolment
from hq.config import Config
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office, open_office
from pos import box as boxes
from pos import journal
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from pos.till import clockset, close, tables
from pos.till.refusals import TillLocked
from sync import agent, enrol, former, rebuild, repair, restore, trouble
from sync.line import Answer, Line
from tests.cast import open_cafe
from tests.conftest import MORNING, key_of
from tests.sync.coming_down import Bad
from tests.sync.test_repair import at_hq, copy_of, sales

CAFE, PRICE = 17, 160


class Village:
    """A café and an HQ whose file can be copied and put back."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock = folder, StoppedClock(MORNING)
        self.office = self._office()
        self.line = LocalHq(self.office)
        self.box = self.new_box("box")
        self.back_up()
        self.join(self.box, enrolment.NEW)
        open_cafe(self.box)

    def _office(self) -> Office:
        return open_office(
            Config(data=self.folder, database=f"sqlite:///{self.folder / 'hq.db'}"), clock=self.clock
        )  # fmt: skip

    def new_box(self, name: str) -> Store:
        """Open the file of a box with its own key."""
        return Store(self.folder / f"{name}.db", clock=self.clock, keyring=key_of(name), features=FEATURES)

    def code(self, purpose: str) -> str:
        """Make a code."""
        with self.office.db.writing() as conn:
            return str(enrolment.make_code(conn, CAFE, purpose, by="test", at=self.clock.now_ms()))

    def join(self, store: Store, purpose: str = enrolment.REPAIR) -> repair.Reopened:
        """Type a code on a box."""
        return repair.reopen(store, self.line, self.code(purpose), hw="test")

    def comes_back(self, blank: Store) -> Store:
        """Restore the café onto a new box, its number confirmed."""
        told = enrol.enrol(blank, self.line, self.code(enrolment.REPLACE), hw="test")
        with self.office.db.writing() as conn:
            assert enrolment.confirm_number(conn, CAFE, told.check_number, by="test", at=self.clock.now_ms())
        beside, path = blank.path.with_suffix(".coming"), blank.path.with_suffix(".back")
        back = rebuild.build(beside, restore.fetch(blank, self.line, told, beside), told, path, blank)
        repair.follow(back, self.line, told)
        return back

    def back_up(self) -> Path:
        """Copy HQ's file."""
        self.office.db.close()
        return Path(shutil.copyfile(self.folder / "hq.db", self.folder / "backup.db"))

    def put_back(self) -> None:
        """Replace HQ's file by the copy."""
        self.office.db.close()
        for suffix in ("-wal", "-shm"):
            (self.folder / f"hq.db{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.folder / "backup.db", self.folder / "hq.db")

    def whole(self, tickets: int) -> None:
        """HQ counts each sale once and its figures are those of its segments."""
        assert at_hq(self.office) == (tickets, tickets * PRICE)
        assert audit.check(self.office).faults == []


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    """A café that has sold three coffees, all at HQ."""
    made = Village(tmp_path)
    sales(made.box, 3)
    agent.push(made.box, made.line)
    yield made
    made.office.close()


def test_a_code_typed_twice_is_no_fault(village: Village) -> None:
    """The power failed before the screen could say that it was done: the same code says it again."""
    code = village.code(enrolment.REPAIR)
    first = repair.reopen(village.box, village.line, code, hw="test")
    again = repair.reopen(village.box, village.line, code, hw="test")
    assert (again.check_number, again.no) == (first.check_number, first.no)
    assert (again.lost, again.kept) == (0, 0)
    assert len(village.box.journals()) == 2
    village.join(village.box)
    with pytest.raises(trouble.CodeUsed):
        repair.reopen(village.box, village.line, code, hw="test")


def test_an_answer_of_hq_within_a_repair_is_a_sentence(village: Village) -> None:
    """Whatever HQ answers when a box asks for its balances, a person reads what to do; nothing is opened."""

    class No(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            if path == "/v1/balances":
                return Answer(422, b'{"code":"not_canonical"}')
            return super().send(method, path, body, packed=packed, token=token)

    with pytest.raises(trouble.BatchRefused):
        repair.reopen(village.box, Line(No(village.office)), village.code(enrolment.REPAIR), hw="test")
    assert len(village.box.journals()) == 1


def test_a_journal_begins_with_its_opening_whatever_fails(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut between the journal and its first entry leaves neither."""
    with village.office.db.writing() as conn:
        code = enrolment.make_code(conn, 18, by="test", at=village.clock.now_ms())
    store = village.new_box("other")
    told = enrol.enrol(store, village.line, str(code), hw="test")

    def cut() -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(boxes, "hardware_name", cut)
        with pytest.raises(KeyboardInterrupt):
            enrol.open_first_journal(store, told)
    assert (store.journal, store.journals()) == (None, [])
    enrol.open_first_journal(store, told)
    with store.reading() as conn:
        first = next(journal.entries(conn, store.journals()[0]))
    assert journal.read_envelope(first.body).kind == "journal.open"
    store.close()


def test_an_hq_put_back_gets_the_former_journals_again(village: Village) -> None:
    """What only a repaired box's former journal holds comes back by itself."""
    village.back_up()
    sales(village.box, 4)
    agent.push(village.box, village.line)
    village.join(village.box)
    sales(village.box, 1)
    agent.push(village.box, village.line)
    village.whole(8)
    village.put_back()
    village.whole(3)
    agent.push(village.box, village.line)
    village.whole(8)


def test_each_of_several_former_journals_comes_again_and_is_asked_about_no_more(village: Village) -> None:
    """HQ has the first one whole and lost the end of the second: that end is sent as it was, then one hello is enough."""
    village.join(village.box)
    agent.push(village.box, village.line)
    village.back_up()
    sales(village.box, 2)
    agent.push(village.box, village.line)
    village.join(village.box)
    sales(village.box, 1)
    agent.push(village.box, village.line)
    village.whole(6)
    before = list(former.carried(village.box, 0))
    village.put_back()
    village.whole(3)
    for hellos in (3, 1):
        watched = Bad(village.office)
        agent.push(village.box, Line(watched))
        assert (watched.asked.count("/v1/hello"), [one for one in watched.asked if "hashes" in one]) == (hellos, [])
        village.whole(6)
    assert list(former.carried(village.box, 0)) == before


def test_a_former_journal_that_rotted_after_hq_lost_it_comes_as_imports(village: Village) -> None:
    """What lies before the rotten entry and behind it: all of it goes up in the open journal, and once."""
    village.back_up()
    sales(village.box, 4)
    rotten = village.box.tip().seq - 1
    agent.push(village.box, village.line)
    village.join(village.box)
    agent.push(village.box, village.line)
    village.whole(7)
    village.put_back()
    village.box._writer.execute("DROP TRIGGER journal_entry_is_final")
    village.box._writer.execute("UPDATE journal_entry SET body = x'00' WHERE jn = 1 AND seq = ?", (rotten,))
    for _ in range(2):
        agent.push(village.box, village.line)
        village.whole(6)


def test_a_former_journal_hq_knows_nothing_of_is_sent_as_it_was(village: Village) -> None:
    """Its grant is shown, and nothing of it is appended to the open one."""
    village.join(village.box)
    agent.push(village.box, village.line)
    before = list(former.carried(village.box, 0))
    village.office.db.close()
    (village.folder / "hq.db").unlink()
    village.office = village._office()
    agent.push(village.box, LocalHq(village.office))
    village.whole(3)
    assert list(former.carried(village.box, 0)) == before


def test_an_hq_that_forgot_the_cafe_gets_everything_again(village: Village) -> None:
    """Backed up before anybody joined: the grants are shown, every journal comes, imports count once."""
    copy = copy_of(village.box, village.folder / "copy.db")
    sales(copy, 2)
    sales(village.box, 1)
    agent.push(village.box, village.line)
    village.join(copy)
    agent.push(copy, village.line)
    village.whole(6)
    village.office.db.close()
    (village.folder / "hq.db").unlink()
    village.office = village._office()
    village.line = LocalHq(village.office)
    agent.push(copy, village.line)
    # The sale of the first box is with it alone.
    village.whole(5)
    with pytest.raises(trouble.HistoriesDiffer):
        agent.push(village.box, village.line)
    village.join(village.box)
    agent.push(village.box, village.line)
    village.whole(6)


def test_a_copy_that_comes_first_after_a_restore_loses_us_nothing(village: Village) -> None:
    """HQ forgot our history, a copy sends another one in its place: ours is appended as imports, once."""
    village.back_up()
    copy = copy_of(village.box, village.folder / "copy.db")
    sales(village.box, 5)
    agent.push(village.box, village.line)
    village.join(village.box)
    agent.push(village.box, village.line)
    village.put_back()
    sales(copy, 2)
    agent.push(copy, village.line)
    village.whole(5)
    agent.push(village.box, village.line)
    village.whole(10)
    before = village.box.tip().seq
    agent.push(village.box, village.line)
    assert village.box.tip().seq <= before + 3


def test_a_late_tail_gives_the_figures_of_a_rebuild(village: Village) -> None:
    """Two boxes closed the same day, the replaced one is heard last: the closing that counts is the later journal's."""
    copy = copy_of(village.box, village.folder / "copy.db")
    sales(village.box, 1)
    close.close_day(village.box, counted=15_000, by="g1")
    village.join(copy)
    close.close_day(copy, counted=14_000, by="g1")
    agent.push(copy, village.line)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(village.box, village.line)
    village.whole(4)


def test_a_replaced_till_sells_no_more_until_it_is_repaired(village: Village) -> None:
    """B8: what it had is taken, it says so in a sentence; a code gives it the café back."""
    other = village.new_box("other")
    village.join(other, enrolment.REPLACE)
    sales(village.box, 2)
    with pytest.raises(trouble.BoxReplaced):
        agent.push(village.box, village.line)
    village.whole(5)
    with pytest.raises(TillLocked):
        sales(village.box, 1)
    village.join(village.box)
    sales(village.box, 1)
    agent.push(village.box, village.line)
    village.whole(6)
    other.close()


def test_time_does_not_go_back_with_a_new_journal(village: Village) -> None:
    """A clock that leapt into the next month, then a repair: the till lives on from its last entry, and sells."""
    village.clock.tick(20 * 24 * 3_600_000)
    close.open_day(village.box, 15_000, by="g1")
    last = village.box.tip().t
    village.clock.tick(-20 * 24 * 3_600_000)
    village.join(village.box)
    assert village.box.tip().t >= last
    clockset.confirm_clock(village.box, last, by="g1")
    sales(village.box, 1)


def test_a_box_unpacked_with_a_clock_of_last_year_can_be_set_right(village: Village) -> None:
    """A date far ahead is a typing mistake, unless the machine itself says it."""
    now = village.clock.now_ms() + 500 * 24 * 3_600_000
    with pytest.raises(clockset.FarFromLastEntry):
        clockset.confirm_clock(village.box, now, by="g1")
    village.clock.tick(500 * 24 * 3_600_000)
    clockset.confirm_clock(village.box, now + 60_000, by="g1")
    close.open_day(village.box, 15_000, by="g1")
    sales(village.box, 1)


def test_a_cafe_whose_last_box_had_less_than_hqs_batch_comes_back_from_sums(village: Village) -> None:
    """The box before was found again and sent more in one batch: no head is over what its successor had of it alone."""
    village.back_up()
    sales(village.box, 1)
    agent.push(village.box, village.line)
    second = village.comes_back(village.new_box("second"))
    agent.push(second, village.line)
    village.put_back()
    sales(village.box, 2)
    agent.push(village.box, village.line)
    agent.push(second, village.line)
    third = village.comes_back(village.new_box("third"))
    agent.push(third, village.line)
    village.whole(6)
    assert len(third.journals()) == 1, "no journal that nobody signed is laid"
    with third.reading() as conn:
        assert tables.total(conn, tables.EVER, "turnover", "algebraic") == 6 * PRICE


def test_a_first_journal_given_to_a_box_that_had_one_is_not_half_a_cafe(village: Village) -> None:
    """HQ was put back to before it knew the café, and a code typed at once: the menu lies in the journal before."""
    village.put_back()
    village.clock.tick(60_000)
    done = village.join(village.box, enrolment.NEW)
    assert (done.lost, done.kept, done.no) == (0, 0, 0)
    agent.push(village.box, village.line)
    sales(village.box, 1)
    agent.push(village.box, village.line)
    village.whole(4)
    back = village.comes_back(village.new_box("second"))
    agent.push(back, village.line)
    village.whole(4)
    assert len(back.journals()) == 1, "from sums: nothing of the last journal without the one before"
    with back.reading() as conn:
        assert tables.total(conn, tables.EVER, "turnover", "algebraic") == 4 * PRICE
