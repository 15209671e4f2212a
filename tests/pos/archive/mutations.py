"""Single changes to a café's file, as somebody with a tool would make them: what both verifiers must find.

Each mutation takes the open file and chance, changes one thing, and returns what it did.
"""

import json
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pos import drafts, seal, zcj
from pos.archive import verifier
from pos.audit import check_everything
from pos.clock import StoppedClock
from pos.house import FEATURES
from pos.store import Store
from tests.cast import BEA
from tests.conftest import key_of, open_test_store
from tests.pos.archive.played import play

Conn = sqlite3.Connection
# Entries after HQ's acknowledgement: a cut there is found by the tables, below it by the ack.
AFTER_ACK = 14


def base(folder: Path) -> Path:
    """Make the sound café that is mutated: five days and a month closed, HQ's ack in the file and beside it."""
    clock = StoppedClock("2026-10-29T07:00:00")
    store = open_test_store(folder / "cafe.db", clock)
    play(store, clock, "2026-10-29", 5, sales=4)
    opened, hq = store.journal, key_of("hq")
    assert opened is not None
    with store.reading() as conn:
        seq = store.tip().seq - AFTER_ACK
        head = conn.execute("SELECT hash FROM journal_entry WHERE seq = ?", (seq,)).fetchone()[0].hex()
    ack = zcj.encode(
        {"cafe": 17, "head": head, "j": opened.jid, "kid": hq.kid, "seq": seq, "t": 1, "type": "ack", "v": 1}
    )
    kept = {"jid": opened.jid, "seq": seq, "head": head, "ack": ack.decode(), "sig": hq.sign(seal.ACK, ack).hex()}
    with store.writing(by=BEA) as tx:
        drafts.put(tx.conn, "hq_ack", kept)
    (folder / "ack.json").write_text(json.dumps(kept))
    store.close()
    return folder / "cafe.db"


def _flip(data: bytes, chance: random.Random) -> bytes:
    found = bytearray(data)
    found[chance.randrange(len(found))] ^= 1 << chance.randrange(8)
    return bytes(found)


def _any(conn: Conn, chance: random.Random, among: str = "") -> sqlite3.Row:
    rows = conn.execute(f"SELECT * FROM journal_entry {among} ORDER BY seq").fetchall()
    return chance.choice(rows)


def _set(conn: Conn, at: int, **columns: object) -> None:
    for name, value in columns.items():
        conn.execute(f"UPDATE journal_entry SET {name} = ? WHERE seq = ?", (value, at))


_CLOSURE = 'WHERE instr(CAST(body AS TEXT), \'"kind":"till.day_closed"\') > 0'


def byte_flipped(conn: Conn, chance: random.Random) -> str:
    """One bit of one body, hash or seal."""
    row, what = _any(conn, chance), chance.choice(["body", "body", "hash", "seal"])
    _set(conn, row["seq"], **{what: _flip(row[what], chance)})
    return f"{what} of entry {row['seq']}"


def row_dropped(conn: Conn, chance: random.Random) -> str:
    """One entry is taken out."""
    seq = _any(conn, chance)["seq"]
    conn.execute("DELETE FROM journal_entry WHERE seq = ?", (seq,))
    return f"entry {seq}"


def rows_swapped(conn: Conn, chance: random.Random) -> str:
    """Two entries change places, hashes and seals with them."""
    one, two = chance.sample(conn.execute("SELECT * FROM journal_entry").fetchall(), 2)
    for row, seq in ((one, two["seq"]), (two, one["seq"])):
        _set(conn, seq, body=row["body"], hash=row["hash"], seal=row["seal"])
    return f"entries {one['seq']} and {two['seq']}"


def row_repeated(conn: Conn, chance: random.Random) -> str:
    """An old sale is written again at the end."""
    row = _any(conn, chance)
    last = conn.execute("SELECT max(seq) FROM journal_entry").fetchone()[0]
    conn.execute(
        "INSERT INTO journal_entry SELECT jn, ?, hash, body, seal FROM journal_entry WHERE seq = ?",
        (last + 1, row["seq"]),
    )
    return f"entry {row['seq']}"


def row_moved(conn: Conn, chance: random.Random) -> str:
    """An entry is given another number."""
    row = _any(conn, chance)
    _set(conn, row["seq"], seq=10_000 + chance.randrange(1000))
    return f"entry {row['seq']}"


def resigned(conn: Conn, chance: random.Random) -> str:
    """From an entry on, everything is sealed by another key."""
    row = _any(conn, chance)
    other = key_of("other")
    for entry in conn.execute("SELECT seq, hash FROM journal_entry WHERE seq >= ?", (row["seq"],)).fetchall():
        _set(conn, entry["seq"], seal=other.sign(seal.SEAL, entry["hash"]))
    return f"from entry {row['seq']} on"


def tail_cut(conn: Conn, chance: random.Random) -> str:
    """The tail is cut: below what HQ acknowledged, or below the last closure."""
    last = conn.execute("SELECT max(seq) FROM journal_entry").fetchone()[0]
    closed = conn.execute(f"SELECT max(seq) FROM journal_entry {_CLOSURE}").fetchone()[0]
    from_seq = chance.randint(last - AFTER_ACK - 30, closed)
    conn.execute("DELETE FROM journal_entry WHERE seq >= ?", (from_seq,))
    return f"from entry {from_seq} on"


def tail_cut_and_retold(conn: Conn, chance: random.Random) -> str:
    """The tail is cut below HQ's ack, and the tables are made anew to hide it."""
    last = conn.execute("SELECT max(seq) FROM journal_entry").fetchone()[0]
    from_seq = chance.randint(last - AFTER_ACK - 30, last - AFTER_ACK)
    conn.execute("DELETE FROM journal_entry WHERE seq >= ?", (from_seq,))
    conn.execute("DELETE FROM draft_value WHERE name = 'told_by'")
    return f"from entry {from_seq} on, tables told again"


def rewritten(conn: Conn, at: int, change: Callable[[dict[str, object]], None]) -> None:
    """Change an entry, then make every hash and seal after it anew with the till's own key."""
    before = conn.execute("SELECT hash FROM journal_entry WHERE seq = ?", (at - 1,)).fetchone()[0]
    own = key_of("box")
    for row in conn.execute("SELECT seq, body FROM journal_entry WHERE seq >= ? ORDER BY seq", (at,)).fetchall():
        entry = json.loads(row["body"])
        if row["seq"] == at:
            change(entry["data"])
        elif entry["kind"].endswith("_closed"):
            entry["data"]["head"] = before.hex()
        body = zcj.encode(entry)
        before = seal.chain(before, body)
        _set(conn, row["seq"], body=body, hash=before, seal=own.sign(seal.SEAL, before))


# Amounts of a closure that the sales give.
_AMOUNTS = (
    "turnover", "expected", "perpetual", "perpetual_absolute", "month_to_date", "year_to_date", "cash_sales", "tickets",
    "refunds", "voids", "last_no", "z", "number", "days", "first_z",
)  # fmt: skip


def closure_edited(conn: Conn, chance: random.Random) -> str:
    """An amount of a closure is changed in place."""
    row = _any(conn, chance, _CLOSURE)
    entry = json.loads(row["body"])
    name = chance.choice([one for one in _AMOUNTS if one in entry["data"]])
    entry["data"][name] += chance.choice([-100, -1, 1, 100])
    _set(conn, row["seq"], body=zcj.encode(entry))
    return f"{name} of closure {row['seq']}"


def closure_forged(conn: Conn, chance: random.Random) -> str:
    """An amount of a closure is changed, and the chain made anew with the till's own key."""
    row, by = _any(conn, chance, _CLOSURE), chance.choice([-100, -1, 1, 100])
    name = chance.choice([one for one in _AMOUNTS if one in json.loads(row["body"])["data"]])

    def change(data: dict[str, object]) -> None:
        data[name] = int(str(data[name])) + by

    rewritten(conn, row["seq"], change)
    conn.execute("DELETE FROM draft_value WHERE name = 'told_by'")
    return f"{name} of closure {row['seq']}, chain and tables made anew"


def grant_changed(conn: Conn, chance: random.Random) -> str:
    """One bit of what HQ granted, of its signature, or of a key."""
    what = chance.choice(["grant_bytes", "grant_sig", "genesis", "hq_key", "box_key"])
    row = conn.execute("SELECT * FROM journal").fetchone()
    conn.execute(f"UPDATE journal SET {what} = ?", (_flip(row[what], chance),))
    return what


MUTATIONS = (
    byte_flipped, byte_flipped, byte_flipped, row_dropped, rows_swapped, row_repeated, row_moved, resigned, tail_cut,
    tail_cut_and_retold, closure_edited, closure_forged, grant_changed,
)  # fmt: skip


def mutate(sound: Path, folder: Path, n: int, chance: random.Random) -> tuple[Path, str]:
    """Copy the sound café and change one thing; return the copy and what was done."""
    path = folder / "cafe.db"
    for name in ("cafe.db", "cafe.db-wal", "cafe.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(sound, path)
    shutil.copy(sound.with_name("ack.json"), folder / "ack.json")
    conn = sqlite3.connect(path, isolation_level=None)
    conn.row_factory = sqlite3.Row
    for (trigger,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        conn.execute(f"DROP TRIGGER {trigger}")
    mutation = MUTATIONS[n % len(MUTATIONS)]
    conn.execute("BEGIN")
    said = mutation(conn, chance)
    conn.execute("COMMIT")
    conn.close()
    return path, f"{mutation.__name__}: {said}"


def till_finds(path: Path) -> str:
    """What `zinc verify` finds first; empty when nothing."""
    try:
        store = Store(path, clock=StoppedClock("2026-11-03T08:00:00"), keyring=key_of("box"), features=FEATURES)
    except Exception as problem:  # noqa: BLE001 - a file that does not even open is found
        return type(problem).__name__
    try:
        found = check_everything(store, path.with_name("ack.json")).first_bad
        return found.code if found else ""
    finally:
        store.close()


def stranger_finds(path: Path) -> str:
    """What the stand-alone verifier finds first, every seal checked; empty when nothing."""
    try:
        verifier.check(verifier.open_source(path), all_seals=True)
    except verifier.Fault as fault:
        return fault.code
    except verifier.Unreadable:
        return "unreadable"
    return ""


def campaign(folder: Path, n: int, seed: str) -> tuple[Counter[str], list[str]]:
    """Make `n` mutations; return how many of each kind both verifiers found, and what either missed."""
    (folder / "sound").mkdir()
    (folder / "mutant").mkdir()
    sound = base(folder / "sound")
    assert (till_finds(sound), stranger_finds(sound)) == ("", "")
    found: Counter[str] = Counter()
    missed = []
    for i in range(n):
        path, said = mutate(sound, folder / "mutant", i, random.Random(f"{seed}-{i}"))
        by_stranger, by_till = stranger_finds(path), till_finds(path)
        if by_till and by_stranger:
            found[said.split(":")[0]] += 1
        else:
            missed.append(f"{i} {said}: zinc verify {by_till or 'NOTHING'}, verifier {by_stranger or 'NOTHING'}")
    return found, missed
