"""A box gone bad: it signs whatever it likes, with texts made to be run, opened or fetched by who reads them."""

from itertools import count
from typing import Any

import msgspec
from sqlalchemy import update

from hq import desk, enrolment
from hq.desk import Ask
from hq.tables import cafe as cafe_table
from hq.tables import hq_user
from hq.wiring import Office
from pos import zcj
from pos.journal import read_envelope
from pos.store import Store
from sync import books, ingest, wire
from tests.builders import WORDS, an_event, every_event

PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'onmouseover='alert(1)", "</code></td></table><svg/onload=alert(1)>",
    "javascript:alert(1)", "{{7*7}}{% raw %}%(n)s", "<a href=//evil.example>x</a>", "</textarea><style>*{display:none}</style>",
    "<base href=//evil.example><iframe src=/>", '=HYPERLINK("http://evil.example")', "\u202e<b>\u2028x",
)  # fmt: skip
# Texts that say which row a fact belongs to stay as they are, so that it gets as far into the figures as it can.
KEPT = frozenset(WORDS) | {"j", "jid", "tab", "visit", "owner", "service"}


def spoilt(value: Any, chance: Any, *, name: str = "", trap: str = "", every: bool = False) -> Any:
    """Return built-in data with each text replaced by a payload."""
    if isinstance(value, dict):
        return {k: spoilt(v, chance, name=k, trap=trap, every=every) for k, v in value.items()}
    if isinstance(value, list):
        return [spoilt(v, chance, name=name, trap=trap, every=every) for v in value]
    if not isinstance(value, str) or (name in KEPT and not every):
        return value
    return (*PAYLOADS, trap)[next(chance) % (len(PAYLOADS) + bool(trap))]


def entries(trap: str = "") -> list[tuple[str, int, Any]]:
    """Every kind of the house: once with its free texts spoilt, once with all of them, and a kind nobody knows."""
    chance = count()
    told = []
    for (kind, kv), cls in sorted(every_event().items()):
        data = msgspec.to_builtins(an_event(cls))
        told += [(kind, kv, spoilt(data, chance, trap=trap, every=every)) for every in (False, True)]
    return [*told, ("nobody.knows_it", 1, {"label": PAYLOADS[1]})]


def send(office: Office, store: Store, told: list[tuple[str, int, Any]]) -> None:
    """Have the café's box sign and send entries after the last one HQ holds: it takes them, as it must."""
    opened = store.journal
    assert opened is not None
    with office.db.reading() as conn:
        seq, prev = ingest.cursor_of(conn, enrolment.boxes(conn, opened.cafe)[-1])
    with store.reading() as conn:
        last = read_envelope(conn.execute("SELECT body FROM journal_entry ORDER BY jn DESC, seq DESC").fetchone()[0])
    bodies = [
        zcj.encode({
            "boot": last.boot, "cafe": opened.cafe, "data": data, "j": opened.jid, "kind": kind, "kv": kv,
            "mono": last.mono + n, "op": PAYLOADS[n % len(PAYLOADS)], "seq": seq + n, "t": last.t + n, "tq": 2, "v": 1,
        }) for n, (kind, kv, data) in enumerate(told, 1)
    ]  # fmt: skip
    head = wire.Head(
        boot=last.boot, cafe=opened.cafe, head=wire.fold(prev, bodies)[-1].hex(), j=opened.jid, kid=store.keyring.kid,
        mono=last.mono + len(bodies), seq=seq + len(bodies), t=last.t + len(bodies), tq=2,
    )  # fmt: skip
    raw = wire.make_batch(head, wire.sign_head(store.keyring, head), prev, seq + 1, bodies)
    token = desk.make_token(office, opened.cafe, opened.jid, office.clock.now_ms())
    reply = desk.answer(office, Ask("POST", "/v1/batch", wire.pack(raw), "gzip", token))
    assert reply.message["code"] == "ack", reply.message


def spoil_the_register(office: Office, number: int) -> None:
    """Put payloads where people type at HQ, and where a box tells of itself."""
    with office.db.writing() as conn:
        conn.execute(update(cafe_table).where(cafe_table.c.id == number).values(
            name=PAYLOADS[0], delegated=PAYLOADS[1], phone=PAYLOADS[4], consent_source=PAYLOADS[2],
        ))  # fmt: skip
        conn.execute(update(hq_user).where(hq_user.c.username != "nadia").values(name=PAYLOADS[3]))
        conn.execute(
            update(books.journal).where(books.journal.c.cafe_id == number)
            .values(hw=PAYLOADS[1], check_number=PAYLOADS[0], confirmed_by=PAYLOADS[6])
        )  # fmt: skip
