"""HQ's own key is renewed: the old one announces the new one, which signs from then on; boxes follow by themselves.

Beside the key lies the public list of all steps, and the secret that the first key made: whoever keeps the key
keeps both. The database has the steps too, for the manifests.
"""

from pathlib import Path

import msgspec
from sqlalchemy import Connection, insert, select

from hq import revisions, servers
from hq.acts import note_act
from hq.config import Config
from hq.db import Database
from hq.network_tables import hq_key
from pos import durable, hq_keys, seal
from pos.errors import Refusal
from pos.hq_keys import KeyList, Step
from pos.i18n import N_
from pos.seal import Keyring
from sync import books, checkpoint, wire

FILE, SECRET = "hq-keys.json", "hq.secret"

_j, _k = books.journal.c, books.log_checkpoint.c
_NEWEST_GRANT = select(_j.issued, _j.grant_bytes).order_by(_j.issued.desc()).limit(1)
_NEWEST_NOTE = select(_k.note).order_by(_k.size.desc()).limit(1)


class NotThisKey(Refusal):
    """The key to be renewed is named, so that nothing is done twice by mistake."""

    sentence = N_("Nothing was done: HQ’s key is %(kid)s, and a reason is asked for.")
    remedy = N_("Stop HQ, then: zinc-hq key rotate %(kid)s --why …")


class NotOurs(Refusal):
    """What this HQ holds was signed with a key that is not here: no box would believe it, and its log would part."""

    sentence = N_("The key that signed what this HQ holds (%(kid)s) is not %(file)s.")
    remedy = N_("Check ZINC_DATA and ZINC_HQ_DATABASE, or put the copy of HQ’s key files back: docs/hq.md.")


def kept(data: Path) -> list[Step]:
    """Return the steps kept beside the key, the oldest first."""
    path = data / FILE
    return msgspec.json.decode(path.read_bytes(), type=KeyList).steps if path.exists() else []


def check(conn: Connection, config: Config) -> None:
    """Refuse to go on under a key that did not sign the newest grant and checkpoint HQ holds. Raises NotOurs."""
    grants = []
    for _part in servers.each_here(conn):
        grants += conn.execute(_NEWEST_GRANT).all()
    kid = wire.parse(bytes(max(grants).grant_bytes), wire.Grant).hq if grants else ""
    note = conn.execute(_NEWEST_NOTE).scalar()
    if not (kid or note) or (kid and kid == config.lost_key):
        return
    ours = []
    if config.key_file.exists():
        keyring, steps = load(config)
        ours = hq_keys.before(keyring.public, steps)
    signed = not note or any(checkpoint.read(note, key) for key in ours)
    if not signed or (kid and kid not in map(seal.kid_of, ours)):
        raise NotOurs(kid=kid, file=config.key_file)


def load(config: Config) -> tuple[Keyring, list[Step]]:
    """Return HQ's key and the steps that led to it; end a renewal that a power cut left half done."""
    keyring, steps = Keyring.load_or_make(config.key_file), kept(config.data)
    told = hq_keys.onward(keyring.public, steps)
    if told:
        keyring = keyring.settled(bytes.fromhex(told[-1][0].key))
    return keyring, _leading(steps, keyring)


def _leading(steps: list[Step], keyring: Keyring) -> list[Step]:
    """Return the steps that led to a key: with an older key put back, those after it are not announced."""
    led = {key.hex() for key in hq_keys.before(keyring.public, steps)[1:]}
    return [step for step in steps if (one := hq_keys.read(step)) is not None and one.key in led]


def secret(config: Config) -> bytes:
    """Return the secret of the first key, where another took its place; empty before."""
    path = config.data / SECRET
    return bytes.fromhex(path.read_text()) if path.exists() else b""


def rotate(config: Config, db: Database, own_secret: bytes, *, typed: str, why: str, by: str, now_ms: int) -> str:
    """Renew HQ's key, HQ being stopped; return the short name of the new one. Raises NotThisKey."""
    keyring, steps = load(config)
    if typed.strip() != keyring.kid or not why.strip():
        raise NotThisKey(kid=keyring.kid)
    if not (config.data / SECRET).exists():
        durable.write(config.data / SECRET, own_secret.hex().encode(), mode=0o600)
    new = keyring.successor()
    steps = [*steps, hq_keys.make(keyring, new, n=len(steps) + 2, at=now_ms)]
    # From this write on the new key is HQ's: a start finds it and puts it in its place.
    durable.write(config.data / FILE, msgspec.json.encode(KeyList(steps=steps)))
    keyring, steps = load(config)
    with db.writing() as conn:
        bring(conn, steps, by=by, why=why.strip()[:200], now_ms=now_ms)
    return keyring.kid


def bring(conn: Connection, steps: list[Step], *, by: str, why: str = "", now_ms: int) -> None:
    """Put into the database the steps it has not, each an act in the trail."""
    there = set(conn.execute(select(hq_key.c.public)).scalars())
    for step in steps:
        told = hq_keys.read(step)
        if told is not None and told.key not in there:
            conn.execute(insert(hq_key).values(
                n=told.n, public=told.key, statement=step.statement, sig=step.sig, pop=step.pop, by=by, at=now_ms
            ))  # fmt: skip
            note_act(conn, now_ms, by, "hq_key.rotated", n=told.n, public=told.key, **({"why": why} if why else {}))
            revisions.changed(conn)


def steps_to(conn: Connection, keyring: Keyring) -> list[Step]:
    """Return the steps in the database that led to a key."""
    rows = conn.execute(select(hq_key).order_by(hq_key.c.n)).mappings()
    return _leading([Step(statement=row["statement"], sig=row["sig"], pop=row["pop"]) for row in rows], keyring)
