"""What HQ sends down: per café a signed manifest, and the blobs it names (ZJP/1 §2.11).

Nothing is made before somebody announced or priced something. From then on each café's manifest is signed anew
when what is in it changed, and once a week: a box that hears no new one for a month knows that it is kept in the past.
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.engine import RowMapping

from hq import channels, keys, tables
from hq.access import User
from hq.db import Database, Upsert, list_applied, price_aside
from hq.network_tables import blob, manifest
from hq.revisions import REVISION
from hq.tables import cafe as cafe_table
from pos.clock import business_day
from pos.hq_keys import KeyList
from pos.seal import Keyring
from pos.till import network_lists
from pos.till.network_lists import NewsList, Software
from sync import manifest as manifests
from sync import wire
from sync.manifest import ANNOUNCE, CONFIG, HQ_KEYS, PRICES, SOFTWARE, Channel, Manifest, Signed

WEEK_MS = 7 * 24 * 3_600_000
STALE_MS = 30 * 24 * 3_600_000
# Serials count the hours since then, at least: an HQ put back from an older copy goes on above what it had given.
_HOURS_FROM = 1_767_225_600_000
_HOUR_MS = 3_600_000

_KEEP = Upsert(manifest, replace=("serial", "stamp", "text", "sig", "made_at"))
_STAMP = update(manifest).where(manifest.c.cafe_id == bindparam("cafe")).values(stamp=bindparam("now_stamped"))
_KEEP_BLOB = Upsert(blob)
_STATE = (
    select(tables.hq_setting.c.value, tables.cafe.c.antenna, tables.cafe.c.changed_at)
    .join_from(tables.hq_setting, tables.cafe, tables.cafe.c.id == bindparam("cafe"), isouter=True)
    .where(tables.hq_setting.c.name == REVISION)
)
_KEPT = select(manifest).where(manifest.c.cafe_id == bindparam("cafe"))
# The price list is the same for all: made once per change and day, not once per café.
_price_lists: WeakKeyDictionary[Database, tuple[tuple[str, str], bytes]] = WeakKeyDictionary()


def named(db: Database, keyring: Keyring, conn: Connection, cafe: int, now: int) -> tuple[int, str]:
    """Return serial and short name of a café's manifest, made anew when it must be; 0 while HQ has nothing to say."""
    row = _current(db, keyring, conn, cafe, now)
    return (int(row["serial"]), manifests.mark(row["text"])) if row is not None else (0, "")


def give(db: Database, keyring: Keyring, conn: Connection, cafe: int, now: int, *, have: int) -> Signed | None:
    """Return a café's manifest; its number goes beyond what the box has, if HQ was put back from an older copy."""
    row = _current(db, keyring, conn, cafe, now)
    if row is not None and row["serial"] < have <= row["serial"] + manifests.LEAP_MOST:
        row = _make(db, keyring, conn, cafe, now, row, above=have)
    if row is None:
        return None
    conn.execute(update(manifest).where(manifest.c.cafe_id == cafe).values(fetched_at=now))
    return Signed(row["text"], row["sig"])


def blob_for(conn: Connection, cafe: int, sha256: str) -> bytes | None:
    """Return a blob that the café's own manifest names, packed."""
    row = conn.execute(_KEPT, {"cafe": cafe}).mappings().first()
    named = wire.parse(row["text"], Manifest).channels.values() if row is not None else ()
    if sha256 not in {channel.sha256 for channel in named}:
        return None
    body = conn.execute(select(blob.c.body).where(blob.c.sha256 == sha256)).scalar_one()
    return wire.pack(bytes(body))


def release_for(conn: Connection, cafe: int, sha256: str) -> bool:
    """Tell whether the café's own manifest announces the release of this hash."""
    row = conn.execute(_KEPT, {"cafe": cafe}).mappings().first()
    named = wire.parse(row["text"], Manifest).channels.get(SOFTWARE) if row is not None else None
    if named is None:
        return False
    body = conn.execute(select(blob.c.body).where(blob.c.sha256 == named.sha256)).scalar_one()
    return network_lists.read(bytes(body), Software).sha256 == sha256


def _current(db: Database, keyring: Keyring, conn: Connection, cafe: int, now: int) -> Mapping[str, Any] | None:
    state = conn.execute(_STATE, {"cafe": cafe}).first()
    if state is None:
        return None
    row = conn.execute(_KEPT, {"cafe": cafe}).mappings().first()
    stamp = _stamp(state, keyring)
    if row is not None and row["stamp"] == stamp and 0 <= now - row["made_at"] < WEEK_MS:
        return row
    return _make(db, keyring, conn, cafe, now, row)


def _make(
    db: Database, keyring: Keyring, conn: Connection, cafe: int, now: int, before: RowMapping | Mapping[str, Any] | None,
    *, above: int = 0,
) -> Mapping[str, Any]:  # fmt: skip
    state = conn.execute(_STATE, {"cafe": cafe}).one()
    (revision, antenna, _changed_at), stamp = state, _stamp(state, keyring)
    blobs = channels.of_cafe(conn, cafe, antenna, business_day(now))
    blobs[PRICES] = _price_list(db, conn, revision, business_day(now))
    if steps := keys.steps_to(conn, keyring):
        blobs[HQ_KEYS] = network_lists.write(KeyList(steps=steps))
    old = wire.parse(before["text"], Manifest).channels if before is not None else {}
    named = {name: _channel(name, body, old.get(name)) for name, body in blobs.items()}
    # What a former key signed is signed anew, whatever is in it.
    same_key = before is not None and before["stamp"].rpartition(".")[2] == keyring.kid
    fresh = before is not None and same_key and 0 <= now - before["made_at"] < WEEK_MS
    if before is not None and fresh and named == old and not above:
        conn.execute(_STAMP, {"cafe": cafe, "now_stamped": stamp})
        return {**before, "stamp": stamp}
    serial = max(before["serial"] if before is not None else 0, above, (now - _HOURS_FROM) // _HOUR_MS) + 1
    signed = manifests.sign(keyring, Manifest(cafe=cafe, channels=named, serial=serial, t=now))
    _KEEP_BLOB.run(conn, [
        {"sha256": named[name].sha256, "body": body, "at": now} for name, body in sorted(blobs.items())
    ])  # fmt: skip
    made = {
        "cafe_id": cafe,
        "serial": serial,
        "stamp": stamp,
        "text": signed.manifest,
        "sig": signed.sig,
        "made_at": now,
    }
    _KEEP.run(conn, [made])
    return made


def _stamp(state: Any, keyring: Keyring) -> str:
    """Return what a manifest was made of: anything else of it, and it is made anew."""
    return ".".join((*map(str, state), keyring.kid))


def _channel(name: str, body: bytes, old: Channel | None) -> Channel:
    sha256 = manifests.digest(body)
    if old is not None and old.sha256 == sha256:
        return old
    # Which services are counted holds from the same call on, as it did when only the welcome said it.
    urgent = name in (CONFIG, HQ_KEYS) or (
        name == ANNOUNCE and any(one.urgent for one in network_lists.read(body, NewsList).news)
    )
    return Channel(n=(old.n if old else 0) + 1, sha256=sha256, urgent=urgent)


def _price_list(db: Database, conn: Connection, revision: str, day: str) -> bytes:
    kept = _price_lists.get(db)
    if kept is None or kept[0] != (revision, day):
        kept = ((revision, day), network_lists.write(channels.priced(conn, day)))
        _price_lists[db] = kept
    return kept[1]


def behind(conn: Connection, now: int, cafes: set[int]) -> set[int]:
    """Return which of these cafés have not come for a manifest for a month, though HQ has one for them (freeze)."""
    rows = conn.execute(select(manifest.c.cafe_id, manifest.c.made_at, manifest.c.fetched_at)).all()
    return {
        cafe for cafe, made_at, fetched_at in rows
        if cafe in cafes and now - max(fetched_at or 0, 0 if fetched_at else made_at - WEEK_MS) > STALE_MS
    }  # fmt: skip


def list_of(conn: Connection, cafe: int, jn: int, seq: int, channel: str = PRICES) -> RowMapping | None:
    """Return which list was in force at an entry of a journal: with its blob, the price list of a sale."""
    table = list_applied.c
    query = (
        select(list_applied, blob.c.body)
        .join_from(list_applied, blob, blob.c.sha256 == table.sha256, isouter=True)
        .where(
            table.cafe_id == cafe, table.channel == channel, or_(table.jn < jn, (table.jn == jn) & (table.seq <= seq))
        )
        .order_by(table.jn.desc(), table.seq.desc())
        .limit(1)
    )
    return conn.execute(query).mappings().first()


def own_prices(conn: Connection, user: User) -> list[RowMapping]:
    """Return the prices that cafés of a user keep above a ceiling, the latest first."""
    a = price_aside.c
    query = (
        select(price_aside, cafe_table.c.name, cafe_table.c.commune)
        .join_from(price_aside, cafe_table, cafe_table.c.id == a.cafe_id)
        .where(a.price > a.ceiling, a.ceiling >= 0)
        .order_by(a.at.desc(), a.cafe_id, a.product)
        .limit(100)
    )
    return list(conn.execute(user.within(query)).mappings())
