"""The release the network announces: by parts, whole or not at all, never an older one, never twice."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from hq import releases
from hq.access import OFFICE
from hq.local import LocalHq
from hq.wiring import Office
from pos import journal
from pos.store import Store
from pos.system import TroubleNoted
from sync import agent, software, trouble
from sync.line import Answer, Line
from tests.hq.conftest import JoinCafe
from tests.hq.test_releases import keep, release, shelf, tell
from tests.sync.coming_down import Bad, applied, confirmed_box

__all__ = ["shelf"]


@pytest.fixture
def store(join: JoinCafe, office: Office) -> Store:
    """A café whose box is confirmed."""
    return confirmed_box(join, office)


@pytest.fixture
def file(store: Store, office: Office, line: LocalHq, shelf: Path) -> Path:
    """A release in force at the café, of more than one part."""
    made = release(shelf, "9.0.0", content=bytes(range(256)) * 3_000)
    keep(office, made)
    tell(office, "9.0.0")
    agent.push(store, line)
    return made


def test_an_announced_release_comes_by_parts_and_is_what_was_announced(
    store: Store, office: Office, file: Path, tmp_path: Path
) -> None:
    """The list is an entry; the file comes in several parts, is whole, and is not asked for again."""
    assert ("software", 1) in applied(store)
    counting, folder = Bad(office), tmp_path / "came"
    path = software.fetch(store, Line(counting), folder)
    assert path is not None
    assert path.read_bytes() == file.read_bytes()
    assert len([one for one in counting.asked if "release" in one]) > 2
    counting.asked.clear()
    assert software.fetch(store, Line(counting), folder) == path
    told = software.announced(store)
    assert told is not None
    assert software.come(folder, told) == told.size
    software.laid(store, told)
    assert software.fetch(store, Line(counting), folder) is None
    assert counting.asked == []
    software.again(store)
    assert software.due(store)


def test_a_box_whose_entries_hq_no_longer_reads_gets_the_next_release(
    store: Store, office: Office, line: LocalHq, shelf: Path, tmp_path: Path
) -> None:
    """Its hello is heard, its batches are refused (426): the release is announced to it and fetched; it sells on."""
    made = release(shelf, "9.0.0")
    keep(office, made)
    tell(office, "9.0.0")
    no = Answer(426, b'{"code":"upgrade_required"}')
    newer = Line(Bad(office, lambda path, ask: no if path == "/v1/batch" else ask()))
    with pytest.raises(trouble.UpgradeNeeded):
        agent.push(store, newer)
    assert agent.status(store).state == "normal"
    path = software.fetch(store, newer, tmp_path / "came")
    assert path is not None
    assert path.read_bytes() == made.read_bytes()


def test_a_call_takes_its_share_and_the_next_goes_on(
    store: Store, line: LocalHq, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rural line is not held for an hour: what came stays, the next call adds to it."""
    monkeypatch.setattr(software, "MOST_A_CALL", software.PART)
    folder = tmp_path / "came"
    told = software.announced(store)
    assert told is not None
    assert software.come(folder, told) == 0
    assert software.fetch(store, line, folder) is None
    assert software.come(folder, told) == software.PART
    calls = 1
    while software.fetch(store, line, folder) is None:
        calls += 1
    assert calls >= 2
    assert software.path_of(folder, told).read_bytes() == file.read_bytes()


def test_a_cut_line_asks_for_less_then_gives_up_for_now(
    store: Store, office: Office, file: Path, tmp_path: Path
) -> None:
    """Parts get smaller; when even small ones are cut, what came is kept for the next call."""
    asked: list[str] = []

    def cut(path: str, ask: Callable[[], Answer]) -> Answer:
        if "release" in path:
            asked.append(path)
            if len(asked) > 1:
                raise trouble.HqUnreachable
        return ask()

    folder = tmp_path / "came"
    with pytest.raises(trouble.HqUnreachable):
        software.fetch(store, Line(Bad(office, cut)), folder)
    told = software.announced(store)
    assert told is not None
    assert software.come(folder, told) == software.PART
    assert [path.rpartition("=")[2] for path in asked] == [str(1024 * k) for k in (256, 256, 64, 16)]
    assert software.fetch(store, LocalHq(office), folder) is not None


def test_other_bytes_are_fetched_once_more_then_refused(
    store: Store, office: Office, line: LocalHq, file: Path, tmp_path: Path
) -> None:
    """A power cut may spoil a part: tried anew once; then it is an entry, said, and not fetched again."""

    def spoil(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        return Answer(200, b"x" * len(answer.body)) if "release" in path else answer

    bad, folder = Line(Bad(office, spoil)), tmp_path / "came"
    assert software.fetch(store, bad, folder) is None
    assert software.refused(store) is None
    assert software.fetch(store, bad, folder) is None
    no = software.refused(store)
    assert no is not None
    assert (no.version, no.code) == ("9.0.0", "spoilt")
    assert not list(folder.iterdir())
    assert software.fetch(store, line, folder) is None
    software.again(store)
    assert software.fetch(store, line, folder) is not None


def test_an_answer_without_bytes_ends_the_call(store: Store, office: Office, file: Path, tmp_path: Path) -> None:
    """A captive portal, or an HQ that has lost the file: nothing goes round in circles, nothing changes."""
    empty = Line(Bad(office, lambda path, ask: Answer(200, b"") if "release" in path else ask()))
    with pytest.raises(trouble.HqTalksRubbish):
        software.fetch(store, empty, tmp_path / "came")
    for kept in (office.config.data / "releases").iterdir():
        kept.unlink()
    assert software.fetch(store, LocalHq(office), tmp_path / "came") is None
    locked = Line(Bad(office, lambda path, ask: Answer(409, b'{"code":"revoked"}') if "release" in path else ask()))
    with pytest.raises(trouble.BoxRevoked):
        software.fetch(store, locked, tmp_path / "came")


def test_only_a_newer_release_is_fetched_and_the_one_before_is_forgotten(
    store: Store, office: Office, line: LocalHq, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No rollback: what is not after what runs is no offer; a newer announcement takes the place of a half-come one."""
    folder = tmp_path / "came"
    monkeypatch.setattr(software, "MOST_A_CALL", software.PART)
    assert software.fetch(store, line, folder) is None
    (half,) = folder.iterdir()
    half.with_name(f"{'0' * 64}.zip").write_bytes(b"an older one, whole")
    keep(office, release(office.config.data, "9.0.1", content=b"small"))
    tell(office, "9.0.1")
    agent.push(store, line)
    path = software.fetch(store, line, folder)
    assert path is not None
    assert not half.exists()
    assert list(folder.iterdir()) == [path]
    monkeypatch.setattr(software, "VERSION", "9.0.1")
    assert software.announced(store) is None
    assert software.refused(store) is None
    assert not software.due(store)
    assert software.fetch(store, line, folder) is None


def test_a_release_is_given_to_the_box_it_is_announced_to_alone(
    store: Store, office: Office, line: LocalHq, file: Path, join: JoinCafe, tmp_path: Path
) -> None:
    """A box whose manifest does not name it gets no byte, nor does a hash nobody announced."""
    told = software.announced(store)
    assert told is not None
    with office.db.writing() as conn:
        releases.withdraw(conn, OFFICE, "9.0.0", now_ms=office.clock.now_ms())
    agent.push(store, line)
    assert software.fetch(store, line, tmp_path / "came") is None
    stranger = join(18)
    agent.push(stranger, line)
    with stranger.reading() as conn:
        assert software.announced(stranger) is None
        assert conn.execute("SELECT count(*) FROM network_applied").fetchone()[0] == 0


def test_a_refusal_says_why_in_few_words_until_another_release_is_announced(
    store: Store, office: Office, line: LocalHq, file: Path
) -> None:
    """The entry is the box's, and short; what fills the sentence is kept; a newer release is not refused with it."""
    told = software.announced(store)
    assert told is not None
    assert store.journal is not None
    software.refuse(store, told, "c" * 50, name="n" * 80, free=12)
    no = software.refused(store)
    assert no == software.Refused(told.sha256, "9.0.0", "c" * 50, {"name": "n" * 60, "free": "12"})
    with store.reading() as conn:
        last = journal.read_envelope(next(journal.entries(conn, store.journal, store.tip().seq)).body)
    note = msgspec.json.decode(last.data, type=TroubleNoted)
    assert (last.op, note.what, note.detail) == ("box", "release_refused", f"9.0.0 {'c' * 34}")
    keep(office, release(office.config.data, "9.0.1", content=b"small"))
    tell(office, "9.0.1")
    agent.push(store, line)
    assert (software.refused(store), software.due(store)) == (None, True)


def test_what_comes_beyond_the_end_is_left(store: Store, office: Office, file: Path, tmp_path: Path) -> None:
    """A proxy that adds to the last part: the release is what was announced, no byte more."""

    def add(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        last = "release" in path and len(answer.body) < software.PART
        return Answer(200, answer.body + b"<html>") if last else answer

    path = software.fetch(store, Line(Bad(office, add)), tmp_path / "came")
    assert path is not None
    assert path.read_bytes() == file.read_bytes()
