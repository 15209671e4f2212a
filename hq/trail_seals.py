"""The trail sealed: each night's acts hashed upon those before and signed with HQ's key, so that a row changed, taken
out or slipped in later is found. Whoever notes the last seal elsewhere needs not trust that key either.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable
from operator import itemgetter

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import RowMapping

from hq.tables import act_seal, hq_act
from hq.wiring import Office
from pos import hq_keys

SEAL = b"zinc/trail/1"
# An act's transaction is over by then: what is sealed is complete.
SETTLED_MS = 15 * 60 * 1000
_FIELDS = ("id", "at", "by", "act", "cafe_id", "detail")


def seal(conn: Connection, office: Office) -> RowMapping | None:
    """Seal the acts that are not yet; return the last seal there is."""
    now, before = office.clock.now_ms(), last(conn)
    n, digest = (before["n"] + 1, before["digest"]) if before else (1, "")
    # Marked and read at once: exactly those, however many.
    marked = conn.execute(
        update(hq_act).where(hq_act.c.seal.is_(None), hq_act.c.at <= now - SETTLED_MS).values(seal=n).returning(hq_act)
    )
    fresh = sorted(marked.mappings(), key=itemgetter("id"))
    if not fresh:
        return before
    values = {
        "n": n,
        "at": now,
        "acts": len(fresh),
        "first_at": min(row["at"] for row in fresh),
        "digest": _over(digest, fresh),
    }
    conn.execute(insert(act_seal).values(**values, sig=office.keyring.sign(SEAL, _said(values)).hex()))
    return last(conn)


def last(conn: Connection) -> RowMapping | None:
    """Return the newest seal."""
    return conn.execute(select(act_seal).order_by(act_seal.c.n.desc()).limit(1)).mappings().first()


def faults(conn: Connection, office: Office, *, forgotten_before: int) -> list[str]:
    """Check every seal against its acts and the one before; return what is wrong, one line each.

    Of a seal with acts older than `forgotten_before` the signature and its place are all that is left to check.
    """
    keys, found, n, digest = [*office.former, office.keyring.public], [], 0, ""
    under: defaultdict[int | None, list[RowMapping]] = defaultdict(list)
    for row in conn.execute(select(hq_act).order_by(hq_act.c.id)).mappings():
        under[row["seal"]].append(row)
    for one in conn.execute(select(act_seal).order_by(act_seal.c.n)).mappings():
        n += 1
        if one["n"] != n:
            found.append(f"seal {n} is missing")
            n = one["n"]
        elif not hq_keys.signed_by(keys, SEAL, _said(one), bytes.fromhex(one["sig"])):
            found.append(f"seal {n} is not signed by this HQ")
        elif one["first_at"] >= forgotten_before and one["digest"] != _over(digest, under[n]):
            found.append(f"seal {n}: its {one['acts']} acts are not what was sealed ({len(under[n])} there)")
        digest = one["digest"]
    late = office.clock.now_ms() - SETTLED_MS
    sealed = select(act_seal.c.at).order_by(act_seal.c.n.desc()).limit(1)
    upto = conn.execute(sealed).scalar() or 0
    slipped = [row["id"] for row in under[None] if row["at"] <= min(upto - SETTLED_MS, late)]
    found += [f"act {which} was slipped in after its night was sealed" for which in slipped]
    found += [f"acts under seal {which}, which is not there" for which in under if which is not None and which > n]
    return found


def _over(digest: str, rows: Iterable[RowMapping]) -> str:
    """Hash acts upon what went before."""
    told = hashlib.sha256(bytes.fromhex(digest))
    for row in rows:
        told.update(json.dumps([row[name] for name in _FIELDS], ensure_ascii=False).encode() + b"\n")
    return told.hexdigest()


def _said(one: RowMapping | dict[str, object]) -> bytes:
    return json.dumps([one[name] for name in ("n", "at", "acts", "first_at", "digest")]).encode()
