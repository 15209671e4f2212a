"""The journal: appended once, chained, sealed; any byte changed afterwards is found and named (R19–R24)."""

import random
import sqlite3
from pathlib import Path

import msgspec
import pytest

from pos import journal, seal, zcj
from pos.journal import EntryTooLarge
from pos.store import Store
from pos.system import TroubleNoted
from pos.till.events import LineVoided
from tests.cast import open_cafe, sold
from tests.conftest import key_of


@pytest.fixture
def written(store: Store) -> Store:
    """A journal with a morning in it."""
    open_cafe(store)
    for n in range(6):
        sold(store, "cafe", *(["demi"] if n % 2 else []))
    return store


def tampered(store: Store, *statements: tuple[str, tuple[object, ...]]) -> sqlite3.Connection:
    """Return a connection of somebody with a screwdriver: triggers gone, rows changed."""
    conn = sqlite3.connect(store.path, isolation_level=None)
    for (trigger,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {trigger}")
    for statement, params in statements:
        conn.execute(statement, params)
    return conn


def fault_of(store: Store, conn: sqlite3.Connection) -> journal.Fault:
    """Verify and return the first fault; fail when there is none."""
    assert store.journal is not None
    _tip, fault = journal.verify(conn, store.journals()[0])
    assert fault is not None
    return fault


def test_entries_are_numbered_chained_and_sealed(written: Store) -> None:
    """From 0, without gap; each hash covers the one before; each seal is this box's."""
    (told,) = written.journals()
    with written.reading() as conn:
        entries = list(journal.entries(conn, told))
        tip, fault = journal.verify(conn, told)
    assert [entry.seq for entry in entries] == list(range(len(entries)))
    assert fault is None
    assert tip == journal.Tip(entries[-1].seq, entries[-1].hash, tip.t)
    before = told.genesis
    for entry in entries:
        assert entry.hash == seal.chain(before, entry.body)
        assert entry.seal is not None
        assert seal.verify(told.box_key, seal.SEAL, entry.hash, entry.seal)
        assert zcj.encode(zcj.decode(entry.body)) == entry.body
        before = entry.hash


def test_what_an_entry_says_of_itself(written: Store) -> None:
    """Journal, café, operator, time, what the clock was worth."""
    with written.reading() as conn:
        row = conn.execute("SELECT body FROM journal_entry ORDER BY seq DESC LIMIT 1").fetchone()
    entry = journal.read_envelope(row[0])
    assert written.journal is not None
    assert (entry.j, entry.cafe, entry.op, entry.v) == (written.journal.jid, 17, "v1", 1)
    assert (entry.kind, entry.kv, entry.t, entry.tq) == ("till.sale_completed", 1, written.clock.now_ms(), 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal_entry SET body = body WHERE seq = 3", "DELETE FROM journal_entry WHERE seq = 3",
        "UPDATE journal SET cafe = 18", "DELETE FROM journal", "DELETE FROM journal_entry",
        "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry WHERE seq = 3",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal",
    ],
)  # fmt: skip
def test_the_database_itself_refuses_to_change_the_journal(written: Store, statement: str) -> None:
    """UPDATE, DELETE, and a replacing INSERT in disguise are stopped by triggers (R19)."""
    conn = sqlite3.connect(written.path, isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError):
        conn.execute(statement)
    conn.close()


def test_the_till_s_own_connection_cannot_replace_an_entry(written: Store) -> None:
    """The writer of the till itself is held by the same triggers."""
    for statement in (
        "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry WHERE seq = 3",
        "UPDATE OR IGNORE journal_entry SET seal = NULL",
    ):
        with pytest.raises(sqlite3.IntegrityError), written.writing(by="v1") as tx:
            tx.conn.execute(statement)


def test_any_byte_of_any_entry_changed_is_found_and_named(written: Store) -> None:
    """One bit of one byte, at chance places of every entry: verify names that very entry."""
    chance = random.Random(17)
    with written.reading() as conn:
        rows = conn.execute("SELECT seq, body, hash, seal FROM journal_entry").fetchall()
    conn = tampered(written)
    for seq, *columns in rows:
        for name, raw in zip(("body", "hash", "seal"), columns, strict=True):
            place = chance.randrange(len(raw))
            changed = raw[:place] + bytes([raw[place] ^ (1 << chance.randrange(8))]) + raw[place + 1 :]
            conn.execute(f"UPDATE journal_entry SET {name} = ? WHERE seq = ?", (changed, seq))
            assert fault_of(written, conn).seq == seq
            conn.execute(f"UPDATE journal_entry SET {name} = ? WHERE seq = ?", (raw, seq))
    assert journal.verify(conn, written.journals()[0])[1] is None
    conn.close()


def test_a_missing_entry_is_named(written: Store) -> None:
    """Taken out of the middle."""
    conn = tampered(written, ("DELETE FROM journal_entry WHERE seq = 5", ()))
    fault = fault_of(written, conn)
    assert (fault.seq, fault.code) == (5, "missing")
    conn.close()


def test_two_entries_swapped_are_found(written: Store) -> None:
    """Order is part of the truth."""
    conn = tampered(
        written,
        ("UPDATE journal_entry SET seq = -1 WHERE seq = 5", ()),
        ("UPDATE journal_entry SET seq = 5 WHERE seq = 6", ()),
        ("UPDATE journal_entry SET seq = 6 WHERE seq = -1", ()),
    )
    assert fault_of(written, conn).seq == 5
    conn.close()


def test_rewriting_the_whole_tail_with_another_key_is_found(written: Store) -> None:
    """A thief who recomputes the chain lacks the box's key."""
    thief = key_of("thief")
    with written.reading() as conn:
        rows = conn.execute("SELECT seq, hash, body FROM journal_entry ORDER BY seq").fetchall()
    conn = tampered(written)
    before = rows[3]["hash"]
    for row in rows[4:]:
        body = row["body"].replace(b'"gross":160', b'"gross":150')
        before = seal.chain(before, body)
        conn.execute(
            "UPDATE journal_entry SET hash = ?, body = ?, seal = ? WHERE seq = ?",
            (before, body, thief.sign(seal.SEAL, before), row["seq"]),
        )
    fault = fault_of(written, conn)
    assert (fault.seq, fault.code) == (4, "seal")
    assert journal.verify(conn, written.journals()[0], seals=False)[1] is None
    conn.close()


def test_another_cafe_s_grant_is_found(written: Store) -> None:
    """The first hash is the hash of what HQ signed, and HQ's signature is looked at."""
    conn = tampered(written, ("UPDATE journal SET grant_sig = zeroblob(64)", ()))
    assert fault_of(written, conn).code == "grant"
    conn.execute("UPDATE journal SET grant_bytes = x'7b7d'")
    assert fault_of(written, conn).code == "genesis"
    conn.close()


def test_verify_can_begin_in_the_middle(written: Store) -> None:
    """From an entry already checked, the rest is checked alike."""
    (told,) = written.journals()
    with written.reading() as conn:
        whole, _fault = journal.verify(conn, told)
        assert journal.verify(conn, told, first=4) == (whole, None)
        assert journal.verify(conn, told, first=10_000)[1] == journal.Fault(9999, "missing")


def test_changing_any_leaf_of_a_sale_is_found(written: Store) -> None:
    """Every single label, amount, means, rate of a stored sale: changed, re-encoded canonically, found (R9)."""
    with written.reading() as conn:
        seq, body = conn.execute(
            "SELECT seq, body FROM journal_entry WHERE instr(body, ?) > 0 ORDER BY seq DESC LIMIT 1",
            (b"sale_completed",),
        ).fetchone()
    conn = tampered(written)
    leaves = 0
    for changed in each_change(zcj.decode(body)):
        conn.execute(
            "UPDATE journal_entry SET body = ? WHERE seq = ?", (msgspec.json.encode(changed, order="sorted"), seq)
        )
        assert fault_of(written, conn).seq == seq
        leaves += 1
    assert leaves > 40
    conn.close()


def each_change(value: object) -> list[object]:
    """Return copies of a JSON value, each with one leaf changed."""
    if isinstance(value, dict):
        return [{**value, key: other} for key, inner in value.items() for other in each_change(inner)]
    if isinstance(value, list):
        return [[*value[:i], other, *value[i + 1 :]] for i, inner in enumerate(value) for other in each_change(inner)]
    if isinstance(value, bool):
        return [not value]
    return [value + 1] if isinstance(value, int) else [f"{value}x"]


def test_an_entry_has_a_size(written: Store) -> None:
    """16 KiB and no more: what HQ would refuse is never written (§2.2)."""
    tip = written.tip()
    with pytest.raises(EntryTooLarge), written.writing(by="v1") as tx:
        tx.record(LineVoided(tab="t", label="x" * zcj.ENTRY_MAX_BYTES, quantity=1, gross=1, day="2026-11-20"))
    assert written.tip() == tip


def test_a_second_journal_continues_beside_the_first(written: Store, tmp_path: Path) -> None:
    """After a restore the box opens another journal; both are kept and both verified."""
    from tests.conftest import grant_for

    hq = key_of("hq")
    grant, signature = grant_for(written.keyring, hq, n=2)
    with written.reading() as conn:
        last_no = conn.execute("SELECT max(no) FROM till_ticket").fetchone()[0]
    second = written.open_journal(grant=grant, signature=signature, hq_key=hq.public)
    assert second.jn == 2
    sale = sold(written, "cafe").sale
    assert sale is not None
    assert sale.no == last_no + 1
    with written.reading() as conn:
        assert [journal.verify(conn, told)[1] for told in written.journals()] == [None, None]
    assert written.tip().seq == 0
    assert written.tables_that_differ() == []


def test_a_technical_entry_is_in_the_same_chain(written: Store) -> None:
    """Printer troubles and sales, one chain (R41)."""
    tip = written.tip()
    with written.writing(by="") as tx:
        done = tx.record(TroubleNoted(what="printer"))
    assert done.seq == tip.seq + 1
