"""A rotten entry on the card (§2.8): the box says so, a repair code heals it, and what cannot be read is kept apart at HQ."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from hq import audit, enrolment
from hq.local import LocalHq, LocalTransport
from hq.wiring import Office
from pos.store import Store
from sync import agent, books, former, imports, ingest, orphans, repair, trouble
from sync.line import Answer, Line
from tests.cast import open_cafe
from tests.hq.conftest import JoinCafe
from tests.sync.test_repair import CAFE, at_hq, sales

Rot = Callable[[bytes], bytes]


def a_bit(body: bytes) -> bytes:
    """One bit in the middle: a digit or a letter is another one."""
    return body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]


def a_zero(body: bytes) -> bytes:
    """No JSON any more, and no text that JSON could carry."""
    return b"\0" + body[1:]


def no_utf8(body: bytes) -> bytes:
    """No text at all."""
    return body[:-9] + b"\xff" + body[-8:]


def no_utf8_in_a_word(body: bytes) -> bytes:
    """A name that is no text, in what is else JSON."""
    return body.replace(b'"kind":"', b'"kind":"\xe2', 1)


def sector_of_zeros(body: bytes) -> bytes:
    """What a card gives back for a block it has lost."""
    return bytes(len(body))


def rot(store: Store, seq: int, how: Rot) -> None:
    """Change an entry on the disk."""
    conn = store._writer
    conn.execute("DROP TRIGGER journal_entry_is_final")
    assert store.journal is not None
    where = (store.journal.jn, seq)
    (body,) = conn.execute("SELECT body FROM journal_entry WHERE jn = ? AND seq = ?", where).fetchone()
    conn.execute("UPDATE journal_entry SET body = ? WHERE jn = ? AND seq = ?", (how(bytes(body)), *where))


def code(office: Office) -> str:
    """A repair code."""
    with office.db.writing() as conn:
        return str(enrolment.make_code(conn, CAFE, enrolment.REPAIR, by="t", at=office.clock.now_ms()))


def set_apart(office: Office) -> list[Any]:
    """What waits on the quarantine page."""
    with office.db.reading() as conn:
        return list(conn.execute(select(books.quarantine)))


@pytest.fixture
def box(join: JoinCafe, line: LocalHq) -> Store:
    """A café with three sales at HQ and four that are not."""
    store = join(CAFE)
    open_cafe(store)
    sales(store, 3)
    agent.push(store, line)
    sales(store, 4)
    return store


@pytest.mark.parametrize("how", [a_bit, a_zero, no_utf8, no_utf8_in_a_word, sector_of_zeros])
def test_a_rotten_entry_is_repaired_around(box: Store, office: Office, line: LocalHq, how: Rot) -> None:
    """It sells on; the code opens a journal with all the others; the rotten bytes are at HQ, set apart, counted nowhere."""
    rot(box, box.tip().seq - 2, how)
    with pytest.raises(trouble.JournalDamaged):
        agent.push(box, line)
    sales(box, 1)
    repair.reopen(box, line, code(office), hw="t")
    agent.push(box, line)
    assert agent.status(box).state == "normal"
    assert at_hq(office) == (7, 7 * 160)
    (aside,) = set_apart(office)
    assert (aside.kind, aside.reason) == ("journal.import", "ValueError")
    with office.db.reading() as conn:
        told = [one.entry for row in enrolment.boxes(conn, CAFE) for one in ingest.entries_after(conn, row, -1)]
    (kept,) = [one for one in told if one.kind == "journal.import" and imports.carried(one) is None]
    assert kept.seq == aside.seq
    assert audit.check(office).faults == []


@pytest.mark.parametrize("how", [a_zero, no_utf8, no_utf8_in_a_word, sector_of_zeros])
def test_a_till_whose_last_entry_rotted_sells_on(box: Store, office: Office, line: LocalHq, how: Rot) -> None:
    """Also at the beginning of a new journal: the time it goes on from is that of the last entry it can read."""
    before = box.tip().t
    sales(box, 1)
    rot(box, box.tip().seq, how)
    assert box.tip().t == before
    sales(box, 1)
    repair.reopen(box, line, code(office), hw="t")
    sales(box, 1)
    agent.push(box, line)
    assert at_hq(office) == (9, 9 * 160)


@pytest.mark.parametrize(("before_the_last", "left"), [(4, 7), (2, 6)])
def test_no_head_of_a_former_journal_is_signed_over_rotten_bytes(
    box: Store, office: Office, line: LocalHq, before_the_last: int, left: int
) -> None:
    """A repair came between: what is left of the journal before goes as imports, and no batch with that entry (B5)."""
    rot(box, box.tip().seq - before_the_last, a_bit)
    repair.reopen(box, line, code(office), hw="t")
    sent: list[int] = []

    class Watched(LocalTransport):
        def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
            answer = super().send(method, path, body, packed=packed, token=token)
            sent.append(answer.status)
            return answer

    agent.push(box, Line(Watched(office)))
    assert 422 not in sent
    assert at_hq(office) == (left, left * 160)


def test_a_second_repair_carries_it_under_the_same_hash(box: Store, office: Office, line: LocalHq) -> None:
    """A second repair, an HQ that had not heard the first: the same bytes under the same hash; the sales count once."""
    rot(box, box.tip().seq - 2, a_zero)
    repair.reopen(box, line, code(office), hw="t")
    repair.reopen(box, line, code(office), hw="t")
    agent.push(box, line)
    assert at_hq(office) == (6, 6 * 160)
    with office.db.reading() as conn:
        told = [one.entry for row in enrolment.boxes(conn, CAFE) for one in ingest.entries_after(conn, row, -1)]
    sent = [msgspec.json.decode(one.data)["orig"] for one in told if one.kind == "journal.import"]
    assert len(set_apart(office)) == 2
    assert len(set(sent)) == len([one for one in sent if sent.count(one) == 1]) + 1


@pytest.mark.parametrize("how", [a_bit, a_zero, no_utf8_in_a_word])
def test_an_import_that_rotted_is_carried_again_from_where_it_was_first_written(
    box: Store, office: Office, line: LocalHq, how: Rot
) -> None:
    """The journal before is whole on the same card: nothing of it is lost to HQ, and nothing counts twice."""
    repair.reopen(box, line, code(office), hw="t")
    rot(box, box.tip().seq - 1, how)
    with pytest.raises(trouble.JournalDamaged):
        agent.push(box, line)
    repair.reopen(box, line, code(office), hw="t")
    agent.push(box, line)
    assert at_hq(office) == (7, 7 * 160)
    assert len(set_apart(office)) == 1
    sales(box, 1)
    before = box.tip().seq
    agent.push(box, line)
    assert box.tip().seq == before + 2, "the nonce and the acknowledgement, nothing carried again"


def test_an_import_that_rotted_carries_nothing_any_more(box: Store, office: Office, line: LocalHq) -> None:
    """What it carried counts as carried by nobody: another may carry it again."""
    repair.reopen(box, line, code(office), hw="t")
    whole = list(former.carried(box, 0))
    rot(box, box.tip().seq, a_bit)
    assert list(former.carried(box, 0)) == whole[:-1]


def test_what_an_import_carries_is_its_hash_s_or_nothing(box: Store) -> None:
    """The way back: an entry that is whole is read again, a rotten one is no entry."""
    assert box.journal is not None
    last = box.tip().seq - 2
    whole = [orphans.as_import(box, before, one) for before, one in orphans.after(box, box.journal, last)]
    assert [orphans.carried_by(one).seq for one in whole if one] == [last + 1, last + 2]  # type: ignore[union-attr]
    rot(box, last + 1, no_utf8)
    rotten, good = [orphans.as_import(box, before, one) for before, one in orphans.after(box, box.journal, last)]
    assert rotten is not None
    assert good is not None
    assert orphans.carried_by(rotten) is None
    assert orphans.carried_by(good) == orphans.carried_by(whole[1])  # type: ignore[arg-type]
