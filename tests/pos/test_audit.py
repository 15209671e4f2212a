"""Whatever is done to the journal behind the till's back is found, and the first bad entry is named."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pos import audit, drafts, seal, zcj
from pos.audit import Report, check_everything
from pos.clock import StoppedClock
from pos.store import Store
from pos.till.events import DayOpened, ProductListed, SignedIn
from tests.conftest import key_of, open_test_store

ENTRIES = 12


@pytest.fixture
def till(tmp_path: Path, clock: StoppedClock) -> Iterator[Store]:
    """A till with twelve entries, the tenth acknowledged by HQ, the ack kept twice."""
    store = make(tmp_path, clock)
    yield store
    store.close()


def make(folder: Path, clock: StoppedClock) -> Store:
    store = open_test_store(folder / "cafe.db", clock)
    with store.writing(by="g1") as tx:
        tx.record(DayOpened(day="2026-11-20", float_cents=10_000))
        tx.record(ProductListed(product="cafe", label="Café « crème »", category="hot", price=150, vat_class="drink"))
        for i in range(ENTRIES - 2):
            tx.record(SignedIn(op=f"g{i}"))
    acknowledge(store, 9, folder / "ack.json")
    return store


def acknowledge(store: Store, seq: int, file: Path) -> None:
    """HQ's signed ack of entry `seq`, kept in the drafts and beside the database."""
    hq, opened = key_of("hq"), store.journal
    assert opened is not None
    with store.reading() as conn:
        head = conn.execute("SELECT hash FROM journal_entry WHERE seq = ?", (seq,)).fetchone()[0].hex()
    text = zcj.encode(
        {"cafe": 17, "head": head, "j": opened.jid, "kid": hq.kid, "seq": seq, "t": 1, "type": "ack", "v": 1}
    )
    kept = {"jid": opened.jid, "seq": seq, "head": head, "ack": text.decode(), "sig": hq.sign(seal.ACK, text).hex()}
    with store.writing(by="g1") as tx:
        drafts.put(tx.conn, "hq_ack", kept)
    file.write_text(json.dumps(kept))


def behind_its_back(store: Store, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Change the file as somebody with a tool would: triggers dropped first."""
    conn = sqlite3.connect(store.path, isolation_level=None)
    for name in ("journal_entry_is_final", "journal_entry_is_kept", "journal_is_final", "journal_is_kept"):
        conn.execute(f"DROP TRIGGER IF EXISTS {name}")
    for sql, params in statements:
        conn.execute(sql, params)
    conn.close()


def first_bad(store: Store) -> tuple[int, str]:
    """The entry and code named first."""
    report = check_everything(store, store.path.with_name("ack.json"))
    found = report.first_bad
    assert found is not None
    assert found.sentence
    return found.seq, found.code


def test_a_sound_till_has_no_findings(till: Store) -> None:
    """Everything is checked and the head is named."""
    report: Report = check_everything(till, till.path.with_name("ack.json"))
    assert report.findings == ()
    assert report.first_bad is None
    tip = till.tip()
    assert (report.entries, report.head_seq, report.head, report.acked_seq) == (ENTRIES, tip.seq, tip.hash.hex(), 9)
    assert report.tables > 0


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seq=st.integers(0, ENTRIES - 1),
    place=st.integers(0, 10_000),
    bit=st.integers(0, 7),
    what=st.sampled_from(["body", "hash", "seal"]),
)
def test_any_changed_byte_of_any_entry_is_found_and_named(
    tmp_path_factory: pytest.TempPathFactory, seq: int, place: int, bit: int, what: str
) -> None:
    """One bit of a body, a hash or a seal: the entry is named."""
    store = make(tmp_path_factory.mktemp("till"), StoppedClock("2026-11-20T07:02:00+01:00"))
    with store.reading() as conn:
        old = conn.execute(f"SELECT {what} FROM journal_entry WHERE seq = ?", (seq,)).fetchone()[0]
    new = bytearray(old)
    new[place % len(new)] ^= 1 << bit
    behind_its_back(store, (f"UPDATE journal_entry SET {what} = ? WHERE seq = ?", (bytes(new), seq)))
    assert first_bad(store)[0] == seq
    store.close()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seq=st.integers(0, ENTRIES - 2))
def test_an_entry_removed_is_found_and_named(tmp_path_factory: pytest.TempPathFactory, seq: int) -> None:
    """The hole is named, wherever it is."""
    store = make(tmp_path_factory.mktemp("till"), StoppedClock("2026-11-20T07:02:00+01:00"))
    behind_its_back(store, ("DELETE FROM journal_entry WHERE seq = ?", (seq,)))
    assert first_bad(store) == (seq, "missing")
    store.close()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=st.lists(st.integers(0, ENTRIES - 1), min_size=2, max_size=2, unique=True))
def test_two_entries_swapped_are_found_and_the_first_is_named(
    tmp_path_factory: pytest.TempPathFactory, pair: list[int]
) -> None:
    """Order is part of the truth."""
    store = make(tmp_path_factory.mktemp("till"), StoppedClock("2026-11-20T07:02:00+01:00"))
    a, b = sorted(pair)
    move = "UPDATE journal_entry SET seq = ? WHERE seq = ?"
    behind_its_back(store, (move, (-5, a)), (move, (a, b)), (move, (b, -5)))
    assert first_bad(store) == (a, "chain")
    store.close()


@pytest.mark.parametrize("kept", ["both", "file", "drafts"])
def test_a_tail_cut_below_an_acknowledged_head_is_found(till: Store, kept: str) -> None:
    """The chain of what is left is whole: only HQ's ack tells. Either copy is enough."""
    statements: list[tuple[str, tuple[object, ...]]] = [("DELETE FROM journal_entry WHERE seq > 7", ())]
    if kept == "file":
        statements.append(("DELETE FROM draft_value WHERE name = 'hq_ack'", ()))
    if kept == "drafts":
        till.path.with_name("ack.json").unlink()
    behind_its_back(till, *statements)
    assert first_bad(till) == (8, "cut")


def test_a_tail_cut_above_the_acknowledged_head_cannot_be_seen_but_by_its_tables(till: Store) -> None:
    """What HQ never acknowledged has no witness outside; the told tables still remember."""
    behind_its_back(till, ("DELETE FROM journal_entry WHERE seq > 9", ()))
    report = check_everything(till, till.path.with_name("ack.json"))
    assert all(found.code == "table" for found in report.findings)


def test_another_history_under_the_same_key_is_found(till: Store) -> None:
    """Entries written again by the box's own key, chain and seals right: HQ's ack still differs."""
    behind_its_back(till, ("DELETE FROM journal_entry WHERE seq > 5", ()))
    for i in range(8):
        with till.writing(by="g1") as tx:
            tx.record(SignedIn(op=f"other{i}"))
    assert first_bad(till) == (9, "ack_differs")


@pytest.mark.parametrize(("change", "code"), [
    ({"sig": "00" * 64}, "ack_forged"), ({"ack": "{}"}, "ack_forged"), ({"ack": "rubbish"}, "ack_forged"),
    ({"sig": "zz"}, "ack_forged"),
])  # fmt: skip
def test_a_forged_ack_is_found(till: Store, change: dict[str, str], code: str) -> None:
    """Lowering the ack to hide a cut does not help: HQ's signature is missing."""
    file = till.path.with_name("ack.json")
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    assert code in {found.code for found in check_everything(till, file).findings}


def test_a_rubbish_ack_file_is_a_finding_not_a_crash(till: Store) -> None:
    """Half a file, another file: said in a sentence."""
    file = till.path.with_name("ack.json")
    for text in (b"", b"{", b"[]", b"5", b'{"ack":"\xe2"}'):
        file.write_bytes(text)
        assert {found.code for found in check_everything(till, file).findings} == {"ack_forged"}


def test_the_grant_and_the_genesis_are_checked(till: Store) -> None:
    """A journal under another grant is not this one."""
    behind_its_back(till, ("UPDATE journal SET grant_sig = zeroblob(64)", ()))
    assert first_bad(till) == (0, "grant")
    behind_its_back(till, ("UPDATE journal SET grant_bytes = CAST('{}' AS BLOB)", ()))
    assert first_bad(till) == (0, "genesis")


def test_a_table_changed_by_hand_is_named(till: Store) -> None:
    """Tables equal the retelling, or are named."""
    table = next(t for t in till.projector.tables if rows_in(till, t))
    behind_its_back(till, (f"DELETE FROM {table}", ()))
    report = check_everything(till, till.path.with_name("ack.json"))
    assert [found.code for found in report.findings] == ["table"]
    assert table in report.findings[0].sentence


def rows_in(store: Store, table: str) -> int:
    with store.reading() as conn:
        return int(conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_every_code_has_its_sentence() -> None:
    """Findings are told in words a person understands."""
    assert all("%" not in audit._finding(1, 3, code, table="t", acked=9, copy="c").sentence for code in audit._SAYS)
