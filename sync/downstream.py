"""What comes down the line after the acks: the manifest, its blobs, and the highest serial ever believed (§2.11).

Whatever is wrong with them, nothing changes here and selling goes on; a refusal is an entry, for HQ to see.
"""

import logging
import sqlite3

from pos import drafts
from pos.errors import SyncTrouble
from pos.hq_keys import KeyList
from pos.journal import Journal
from pos.store import Store
from pos.system import TroubleNoted
from pos.till import network_apply, network_lists
from pos.till.network_apply import Listed
from pos.till.network_lists import ListUnreadable
from sync import hqkeys
from sync import manifest as manifests
from sync.line import Hq, Told, Welcome
from sync.manifest import Manifest
from sync.wire import Malformed

log = logging.getLogger("zinc.line")
BOX = "box"
# Without a new manifest for so long, the light is amber. HQ signs one anew each week.
STALE_MS = 30 * 24 * 3_600_000
# Names of drafts: something came down only in part; what was refused last; the short name of the last one believed.
WANTED, REFUSED, BELIEVED = "network.wanted", "network.refused", "network.believed"

# Told from nothing and forgotten by nothing: the file itself refuses a lower serial.
_FLOOR = (
    (
        "CREATE TABLE IF NOT EXISTS sync_manifest"
        " (one INTEGER PRIMARY KEY CHECK (one = 1), serial INTEGER NOT NULL, at INTEGER NOT NULL) STRICT"
    ),
    (
        "CREATE TRIGGER IF NOT EXISTS sync_manifest_goes_up BEFORE UPDATE ON sync_manifest WHEN new.serial <= old.serial"
        " BEGIN SELECT RAISE(ABORT, 'a manifest never goes back'); END"
    ),
    (
        "CREATE TRIGGER IF NOT EXISTS sync_manifest_once BEFORE INSERT ON sync_manifest"
        " WHEN EXISTS (SELECT 1 FROM sync_manifest) BEGIN SELECT RAISE(ABORT, 'a manifest never goes back'); END"
    ),
    (
        "CREATE TRIGGER IF NOT EXISTS sync_manifest_stays BEFORE DELETE ON sync_manifest"
        " BEGIN SELECT RAISE(ABORT, 'a manifest is never forgotten'); END"
    ),
)
_IS_THERE = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sync_manifest'"
_APPLIED = "SELECT max(serial) FROM network_applied"


def serial(conn: sqlite3.Connection) -> int:
    """Return the highest serial ever believed here; a box put back from its journal finds it in the entries."""
    kept = conn.execute("SELECT serial FROM sync_manifest").fetchone() if conn.execute(_IS_THERE).fetchone() else None
    applied = conn.execute(_APPLIED).fetchone()[0]
    return max(kept[0] if kept else 0, applied or 0)


def heard_at(conn: sqlite3.Connection) -> int:
    """Return when the last manifest was believed; 0: never one."""
    kept = conn.execute("SELECT at FROM sync_manifest").fetchone() if conn.execute(_IS_THERE).fetchone() else None
    return int(kept[0]) if kept else 0


def stale_days(store: Store) -> int:
    """Return for how many days no new manifest came, once that is too long; else 0 (freeze)."""
    with store.reading() as conn:
        at = heard_at(conn)
    since = store.clock.now_ms() - at
    return since // (24 * 3_600_000) if at and since > STALE_MS else 0


def wanted(store: Store) -> bool:
    """Tell whether something came down in part only: worth a call of its own."""
    with store.reading() as conn:
        return bool(drafts.get(conn, WANTED))


def says_services(store: Store) -> bool:
    """Tell whether a signed list says which services are counted: an unsigned word counts no more then."""
    with store.reading() as conn:
        return manifests.CONFIG in network_apply.held(conn)


def follow(store: Store, opened: Journal, line: Hq, welcome: Welcome) -> list[str]:
    """Fetch what HQ has in force when it is not what is held here, and apply what may be; return what was applied.

    Raises SyncTrouble when the line is cut; nothing of what came is kept then.
    """
    with store.reading() as conn:
        have, held = serial(conn), network_apply.held(conn)
        lost = bool(have) and bool(drafts.get(conn, WANTED) or not held)
        # Put back from a backup, HQ may give the same number to something else: it is asked for a higher one.
        twice = welcome.manifest == have and welcome.manifest_mark not in ("", drafts.get(conn, BELIEVED))
    if welcome.manifest and (welcome.manifest != have or lost or twice):
        try:
            _fetch(store, opened, line, welcome.token, have, held, ask=have + twice)
        except (Malformed, ListUnreadable) as problem:
            _note_refused(store, getattr(problem, "code", "unreadable"), welcome.manifest)
        except Told as no:
            # HQ has it no longer, or not for this box yet: its next welcome says.
            log.info("manifest not given: %s", no.code)
        except SyncTrouble:
            _want(store, True)
            raise
    return network_apply.apply_waiting(store)


def _fetch(
    store: Store, opened: Journal, line: Hq, token: str, have: int, held: dict[str, str], *, ask: int
) -> None:  # fmt: skip
    signed = line.manifest(ask, token)
    manifest = manifests.read(hqkeys.current(store, opened), opened.cafe, signed, have=have)
    listed = []
    for channel, named in sorted(manifest.channels.items()):
        if channel not in network_apply.CHANNELS or held.get(channel) == named.sha256:
            continue
        blob = manifests.open_blob(line.blob(named.sha256, token), named.sha256)
        try:
            text = blob.decode()
        except UnicodeDecodeError as problem:
            raise ListUnreadable from problem
        network_apply.readable(channel, text)
        if channel == manifests.HQ_KEYS:
            hqkeys.learn(store, opened, network_lists.read(text, KeyList).steps)
        listed.append(Listed(
            channel=channel, n=named.n, sha256=named.sha256, serial=manifest.serial, text=text, urgent=named.urgent,
        ))  # fmt: skip
    _keep(store, manifest, listed, manifests.mark(signed.manifest))


def _keep(store: Store, manifest: Manifest, listed: list[Listed], mark: str) -> None:
    """Keep all of it or nothing: the serial, and the lists until their moment."""
    with store.writing(by=BOX) as tx:
        if manifest.serial > serial(tx.conn) or not heard_at(tx.conn):
            raise_floor(tx.conn, manifest.serial, tx.now)
        network_apply.keep_waiting(tx, listed, {c: named.sha256 for c, named in manifest.channels.items()})
        drafts.put(tx.conn, WANTED, False)
        drafts.put(tx.conn, BELIEVED, mark)


def raise_floor(conn: sqlite3.Connection, value: int, at: int) -> None:
    """Write down the highest serial believed, and when; the table refuses a lower one."""
    for statement in _FLOOR:
        conn.execute(statement)
    changed = conn.execute("UPDATE sync_manifest SET serial = ?, at = ? WHERE one = 1", (value, at)).rowcount
    if not changed:
        conn.execute("INSERT INTO sync_manifest (one, serial, at) VALUES (1, ?, ?)", (value, at))


def _want(store: Store, value: bool) -> None:
    with store.writing(by=BOX) as tx:
        drafts.put(tx.conn, WANTED, value)


def _note_refused(store: Store, code: str, told: int) -> None:
    """Record a manifest that was not believed, once: its serial and why."""
    mark = f"{code}:{told}"
    with store.writing(by=BOX) as tx:
        if drafts.get(tx.conn, REFUSED) == mark:
            return
        tx.trust_clock()
        tx.record(TroubleNoted(what="manifest_refused", detail=mark[:40]))
        drafts.put(tx.conn, REFUSED, mark)
        drafts.put(tx.conn, WANTED, False)
    log.warning("manifest refused: %s", mark)
