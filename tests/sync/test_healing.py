"""What rotted on the card after HQ had it comes back from HQ (§2.8): the very bytes, and nothing else."""

import sqlite3
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from hq import enrolment
from hq.db import cafe_health
from hq.local import LocalHq
from hq.wiring import Office
from kiosk import scheduler
from kiosk.wiring import Kiosk
from pos import journal
from pos.audit import check_everything
from pos.store import Store
from pos.system import TroubleNoted
from sync import ackfile, agent, healing, repair, trouble, wire
from sync.line import Answer, Line
from tests.cast import open_cafe
from tests.hq.conftest import JoinCafe
from tests.sync.coming_down import Bad, confirmed_box
from tests.sync.test_repair import CAFE, sales
from tests.sync.test_restore import asked, blank, restored
from tests.sync.test_rotten import Rot, a_bit, a_zero, code, no_utf8, no_utf8_in_a_word, sector_of_zeros

ROW = "SELECT hash, body, seal FROM journal_entry WHERE jn = ? AND seq = ?"


@pytest.fixture
def box(join: JoinCafe, office: Office, line: LocalHq) -> Store:
    """A confirmed café with three sales, all at HQ."""
    store = confirmed_box(join, office, CAFE)
    open_cafe(store)
    sales(store, 3)
    agent.push(store, line)
    return store


def row(store: Store, seq: int, jn: int = 1) -> Any:
    """What the disk holds of an entry."""
    with store.reading() as conn:
        return tuple(conn.execute(ROW, (jn, seq)).fetchone())


def healed(store: Store) -> list[str]:
    """The entries that the journal says were put back: journal and place."""
    assert store.journal is not None
    with store.reading() as conn:
        told = [journal.read_envelope(one.body) for one in journal.entries(conn, store.journal)]
    notes = [msgspec.json.decode(one.data) for one in told if one.kind == TroubleNoted.kind]
    return [note["detail"] for note in notes if note["what"] == "entry_healed"]


def spoil(store: Store, seq: int, how: Rot = a_bit, column: str = "body", jn: int = 1) -> None:
    """Change an entry on the disk, as a card does: no trigger asks."""
    writer = store._writer
    writer.execute("DROP TRIGGER IF EXISTS journal_entry_is_final")
    (old,) = writer.execute(f"SELECT {column} FROM journal_entry WHERE jn = ? AND seq = ?", (jn, seq)).fetchone()
    writer.execute(f"UPDATE journal_entry SET {column} = ? WHERE jn = ? AND seq = ?", (how(bytes(old)), jn, seq))


@pytest.mark.parametrize("how", [a_bit, a_zero, no_utf8, no_utf8_in_a_word, sector_of_zeros])
def test_what_hq_has_comes_back_as_it_was(box: Store, office: Office, line: LocalHq, how: Rot) -> None:
    """Body, hash and seal are those of before; the till and HQ know it; the journal is final again."""
    before = [row(box, seq) for seq in (0, 3, 4)]
    for seq in (0, 3, 4):
        spoil(box, seq, how)
    assert healing.heal(box, line) == 3
    assert [row(box, seq) for seq in (0, 3, 4)] == before
    assert check_everything(box).findings == ()
    assert healed(box) == ["1:0", "1:3", "1:4"]
    with pytest.raises(sqlite3.IntegrityError), box.writing(by="t") as tx:
        tx.conn.execute("UPDATE journal_entry SET body = x'00' WHERE seq = 3")
    agent.push(box, line)
    with office.db.reading() as conn:
        assert conn.execute(select(cafe_health.c.last_trouble)).scalar_one() == "entry_healed"
    assert healing.heal(box, line) == 0


@pytest.mark.parametrize("column", ["hash", "seal"])
def test_a_rotten_hash_or_seal_is_made_again(box: Store, line: LocalHq, column: str) -> None:
    """The hash follows from the bytes; the seal is this box's own key over it, always the same."""
    before = row(box, 3)
    spoil(box, 3, column=column)
    assert healing.heal(box, line) == 1
    assert row(box, 3) == before
    assert check_everything(box).findings == ()


def test_a_former_journal_of_the_same_key_heals_too(box: Store, office: Office, line: LocalHq) -> None:
    """A repair came between: what the box wrote before it is its own."""
    repair.reopen(box, line, code(office), hw="t")
    with office.db.writing() as conn:
        enrolment.confirm(conn, CAFE, 2, by="t", at=office.clock.now_ms())
    agent.push(box, line)
    before = row(box, 3)
    spoil(box, 3, a_zero)
    assert healing.heal(box, line) == 1
    assert row(box, 3) == before


def test_what_hq_has_not_is_left_to_a_repair(box: Store, line: LocalHq) -> None:
    """Nothing is put in its place; the line says which entry, as before."""
    sales(box, 2)
    spoil(box, box.tip().seq - 1, a_zero)
    with pytest.raises(trouble.JournalDamaged) as no:
        healing.heal(box, line)
    assert no.value.params == {"seq": box.tip().seq - 1}


def test_between_the_last_entry_hq_has_and_the_first_it_has_not(box: Store, line: LocalHq) -> None:
    """What HQ acknowledged last heals, though a seal rotted since; of the entry after it the line says that it is damaged."""
    sales(box, 1)
    agent.push(box, line)
    known = ackfile.last(box)
    assert known is not None
    before = row(box, known.seq)
    spoil(box, known.seq + 1, column="seal")
    spoil(box, known.seq, a_zero)
    assert healing.heal(box, line) == 1
    assert row(box, known.seq) == before
    spoil(box, known.seq + 1, a_zero)
    with pytest.raises(trouble.JournalDamaged) as no:
        healing.heal(box, line)
    assert no.value.params == {"seq": known.seq + 1}


def test_an_entry_that_is_gone_is_left_to_a_repair(box: Store, line: LocalHq) -> None:
    """Where a card lost a row nothing is put back, and nothing is said to be."""
    box._writer.execute("DROP TRIGGER journal_entry_is_kept")
    box._writer.execute("DELETE FROM journal_entry WHERE seq = 3")
    assert healing.heal(box, line) == 0
    assert healed(box) == []


def test_a_box_hq_has_not_heard_yet_has_nothing_to_heal_from(join: JoinCafe, line: LocalHq) -> None:
    """HQ acknowledged nothing: its journal is read from the first entry on, and says that it is damaged."""
    store = join(CAFE)
    spoil(store, 0, a_zero)
    with pytest.raises(trouble.JournalDamaged) as no:
        healing.heal(store, line)
    assert no.value.params == {"seq": 0}


def test_hq_does_not_give_it_to_a_box_nobody_confirmed(join: JoinCafe, line: LocalHq) -> None:
    """The key of a stolen envelope reads nothing."""
    store = join(CAFE)
    open_cafe(store)
    agent.push(store, line)
    spoil(store, 3, a_zero)
    assert healing.heal(store, line) == 0
    assert row(store, 3)[1][:1] == b"\0"


def other_bytes(answer: Answer) -> bytes:
    """Another history under the same head."""
    raw = wire.unpack(answer.body)
    return wire.pack(raw.replace(b'"total":160', b'"total":161'))


@pytest.mark.parametrize("bend", [other_bytes, lambda answer: answer.body[:-20], lambda _answer: b"<html>"])
def test_bytes_this_box_did_not_sign_are_not_put_back(
    box: Store, office: Office, bend: Callable[[Answer], bytes]
) -> None:
    """An HQ, or whoever sits between, that gives others: the chain and the head say so."""

    def mistreat(path: str, ask: Callable[[], Answer]) -> Answer:
        answer = ask()
        return Answer(200, bend(answer)) if path.startswith("/v1/restore/") else answer

    last = next(seq for seq in range(box.tip().seq, 0, -1) if b'"total":160' in row(box, seq)[1])
    spoil(box, last, a_zero)
    spoilt = row(box, last)
    assert healing.heal(box, Line(Bad(office, mistreat))) == 0
    assert row(box, last) == spoilt


def test_the_nightly_check_heals_by_itself(box: Store, line: LocalHq) -> None:
    """Nobody has to know: the check finds it, HQ gives it back, the check is content. Without a line it says so."""
    kiosk = Kiosk(store=box, devices=None, data=box.path.parent, settings={}, line=None)
    spoil(box, 3, a_bit)
    assert scheduler.audit(kiosk) is False
    kiosk.line = line
    assert scheduler.audit(kiosk) is True
    assert scheduler.audit(kiosk) is True


def test_a_box_that_has_no_journal_has_nothing_to_heal(box: Store, line: LocalHq, tmp_path: Any) -> None:
    """A new box before its first contact."""
    blank = Store(tmp_path / "blank.db", clock=box.clock, keyring=box.keyring, features=())
    assert healing.heal(blank, line) == 0
    blank.close()


def test_a_card_that_rots_all_over_is_not_healed_for_ever(box: Store, line: LocalHq, monkeypatch: Any) -> None:
    """So many at once: the counter and the line have other work, and the card is to be replaced."""
    monkeypatch.setattr(healing, "AT_ONCE", 2)
    for seq in (3, 4, 5):
        spoil(box, seq, a_zero)
    assert healing.heal(box, line) == 2
    assert healing.heal(box, line) == 1


def test_a_revoked_box_is_given_nothing(box: Store, office: Office, line: LocalHq) -> None:
    """HQ's word is a trouble like at any call."""
    with office.db.writing() as conn:
        enrolment.revoke(conn, CAFE, 1)
    spoil(box, 3, a_zero)
    with pytest.raises(trouble.BoxRevoked):
        healing.heal(box, line)


def test_what_came_back_from_hq_heals_on_the_new_box(box: Store, office: Office, line: LocalHq) -> None:
    """The journal of the box before has no seals here: its heads answer for it, and it is given none."""
    spare = blank(box, "spare")
    told = asked(office, line, spare)
    back = restored(line, spare, told)
    repair.follow(back, line, told)
    agent.push(back, line)
    before = row(back, 3)
    assert before[2] is None
    spoil(back, 3, a_zero)
    assert healing.heal(back, line) == 1
    assert row(back, 3) == before
    assert check_everything(back).findings == ()
    # A seal of the box before cannot be made again: what is said of it is said once.
    back._writer.execute("DROP TRIGGER journal_entry_is_final")
    back._writer.execute("UPDATE journal_entry SET seal = zeroblob(64) WHERE jn = 1 AND seq = 3")
    assert healing.heal(back, line) == 1
    assert row(back, 3) == (*before[:2], bytes(64))
    back.close()


def test_an_import_that_rots_on_a_box_that_came_back_is_read_as_such(box: Store, office: Office, line: LocalHq) -> None:
    """It answered for entries of the journal before that bear no seal: the check says so, and HQ heals it."""
    sales(box, 2)
    repair.reopen(box, line, code(office), hw="t")
    agent.push(box, line)
    spare = blank(box, "spare")
    told = asked(office, line, spare)
    back = restored(line, spare, told)
    repair.follow(back, line, told)
    agent.push(back, line)
    before, last = row(back, 3, jn=2), len(back.journals())
    assert (last, b"journal.import" in before[1]) == (3, True)
    spoil(back, 3, a_zero, jn=2)
    assert check_everything(back).findings
    assert healing.heal(back, line) == 1
    assert row(back, 3, jn=2) == before
    assert check_everything(back).findings == ()
    back.close()
