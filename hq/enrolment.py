"""A box joins the network: one-time code, grant, check number read over the telephone (§2.7).

The code is shown once; HQ keeps only the key that scrypt makes of it. Until the coordinator has
confirmed the check number the box is pending: its data are taken; hashes and sums of its café are all it is given,
no entry, no list, no attestation.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select, update

from hq import db, servers
from hq.db import Upsert
from hq.tables import hq_setting
from pos import seal
from pos.seal import Keyring
from sync import books, ingest, wire
from sync.wire import Base, EnrolCode, Malformed

CODE_DAYS = 7
TRIES_MAX = 5
NEW, REPLACE, REPAIR = "new", "replace", "repair"
_DAY_MS = 24 * 60 * 60 * 1000

# A key serves a year.
KEY_DAYS = 365
_ASKED = Upsert(hq_setting, replace=("value",))

_code, _journal = books.enrol_code, books.journal


class CafeHasBox(ValueError):
    """A first code was asked for a café that has a box: a replacement is meant, or a mistake."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What HQ says to a box that wants to join. `code` is "enrolled" or the reason why not."""

    code: str
    tries_left: int = 0
    grant: bytes = b""
    signature: bytes = b""
    hq_mac: bytes = b""
    check_number: str = ""

    @property
    def status(self) -> int:
        """The HTTP status."""
        return {"enrolled": 200, "bad_field": 422, "not_canonical": 422, "bad_signature": 401}.get(self.code, 403)


class SignedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request with the proofs that the box knows the code and owns its key."""

    mac: str
    pop: str
    request: str


def make_code(conn: Connection, cafe: int, purpose: str = NEW, *, by: str, at: int) -> EnrolCode:
    """Make a code for one café: seven days, one use, five wrong tries. Shown once, never kept."""
    if purpose not in (NEW, REPLACE, REPAIR):
        raise ValueError(purpose)
    if purpose == NEW and _journals(conn, cafe):
        raise CafeHasBox(cafe)
    taken = set(conn.execute(select(_code.c.code_id)).scalars())
    while (code_id := _signs(4)) in taken:
        pass
    code = EnrolCode(code_id, _signs(11))
    conn.execute(insert(_code).values(
        cafe_id=cafe, code_id=code_id, purpose=purpose, code_key=code.key(), made_by=by, made_at=at,
        expires_at=at + CODE_DAYS * _DAY_MS, tries=0,
    ))  # fmt: skip
    return code


def _signs(n: int) -> str:
    return "".join(secrets.choice(wire.ALPHABET) for _ in range(n))


def enrol(conn: Connection, keyring: Keyring, raw: bytes, *, at: int) -> Answer:
    """Answer a box's request. A wrong try is counted in the caller's transaction, which must commit."""
    try:
        signed = wire.parse(raw, SignedRequest)
        request = wire.parse(signed.request, wire.EnrolRequest)
        mac, pop = wire.unhex(signed.mac, 32), wire.unhex(signed.pop, 64)
        box_key = wire.unhex(request.key, 32)
    except Malformed as problem:
        return Answer(problem.code)
    asked = signed.request.encode()
    code = conn.execute(select(_code).where(_code.c.code_id == request.code_id).with_for_update()).one_or_none()
    refusal = _refusal(conn, code, asked, mac, at)
    if refusal:
        return refusal
    servers.hold(conn, code.cafe_id)
    if not seal.verify(box_key, wire.ENROL_POP, asked, pop):
        return Answer("bad_signature")
    if code.used_at is not None:
        # The answer was lost on the way: the same box gets the same grant again.
        row = conn.execute(
            select(_journal).where(_journal.c.cafe_id == code.cafe_id, _journal.c.jn == code.used_jn)
        ).one()
        if bytes(row.box_key) != box_key:
            return Answer("code_used")
    else:
        row = _open(conn, keyring, code, request, at=at)
        if row is None:
            return Answer("code_used")
    grant = bytes(row.grant_bytes)
    return Answer(
        "enrolled", grant=grant, signature=bytes(row.grant_sig), check_number=row.check_number,
        hq_mac=wire.enrolled_mac(code.code_key, asked, grant),
    )  # fmt: skip


def _refusal(conn: Connection, code: Any, asked: bytes, mac: bytes, at: int) -> Answer | None:
    if code is None:
        return Answer("code_unknown")
    if code.tries >= TRIES_MAX:
        return Answer("code_dead")
    if not hmac.compare_digest(wire.enrol_mac(code.code_key, asked), mac):
        conn.execute(
            update(_code)
            .where(_code.c.cafe_id == code.cafe_id, _code.c.code_id == code.code_id)
            .values(tries=code.tries + 1)
        )
        left = TRIES_MAX - code.tries - 1
        return Answer("code_wrong" if left else "code_dead", tries_left=left)
    if code.used_at is None and at > code.expires_at:
        return Answer("code_expired")
    return None


def _journals(conn: Connection, cafe: int) -> list[Any]:
    return list(conn.execute(select(_journal).where(_journal.c.cafe_id == cafe).order_by(_journal.c.jn)).all())


def _by_issue(conn: Connection, cafe: int) -> list[Any]:
    """Return a café's journals by the hour of their grants: one that an HQ put back learnt late has a higher number."""
    return sorted(_journals(conn, cafe), key=lambda row: (row.issued, -row.jn))


def _open(conn: Connection, keyring: Keyring, code: Any, request: wire.EnrolRequest, *, at: int) -> Any:
    """Write the grant of a new journal upon what HQ holds of the one before, and use the code up.

    None: a first box's code where a box has joined meanwhile by another one; it puts nobody's till out of use.
    """
    before = _by_issue(conn, code.cafe_id)
    base = None
    seq, head = ingest.cursor_of(conn, before[-1]) if before else (-1, b"")
    same = bool(before) and seq < 0 and before[-1].kid == seal.kid_of(bytes.fromhex(request.key))
    if same and before[-1].made_at >= code.made_at and not _opened_by_a_code(conn, before[-1]):
        # Opened on the café's own server, and cut before this one kept that the code was used: asked again. The box
        # has never written into it: times alone would lie once HQ's clock went back, or a grant was learnt anew.
        row = before[-1]
    elif before and code.purpose == NEW:
        return None
    else:
        if before:
            base = Base(head=head.hex(), j=before[-1].jid, seq=seq)
        row = add_journal(
            conn, keyring, cafe=code.cafe_id, box_key=bytes.fromhex(request.key), base=base, hw=request.hw, at=at,
            n=max((row.jn for row in before), default=0) + 1, issued=max(at, before[-1].issued + 1 if before else 0),
        )  # fmt: skip
    conn.execute(
        update(_code)
        .where(_code.c.cafe_id == code.cafe_id, _code.c.code_id == code.code_id)
        .values(used_at=at, used_jn=row.jn)
    )
    return row


def _opened_by_a_code(conn: Connection, row: Any) -> bool:
    """Tell whether some code is known to have opened a journal."""
    used = select(_code.c.code_id).where(_code.c.cafe_id == row.cafe_id, _code.c.used_jn == row.jn)
    return conn.execute(used).first() is not None


def add_journal(
    conn: Connection, keyring: Keyring, *, cafe: int, box_key: bytes, n: int, issued: int, at: int,
    base: Base | None = None, hw: str = "",
) -> Any:  # fmt: skip
    """Write a grant and open its journal; the one before is superseded."""
    grant, signature = wire.make_grant(keyring, cafe=cafe, box_key=box_key, n=n, issued=issued, base=base)
    return learn_grant(conn, keyring, grant, signature, hw=hw, at=at)


def rotate(conn: Connection, keyring: Keyring, caller: tuple[int, str], raw: bytes, *, at: int) -> Any:
    """Open the journal of a box's next key, on the word of the key it has; asked again, the same. Raises Refused."""
    signed = wire.parse(raw, wire.SignedRotation)
    asked = wire.parse(signed.request, wire.RotateRequest)
    journals = _by_issue(conn, caller[0])
    told = next((row for row in journals if row.jid == caller[1]), None)
    if told is None or (asked.cafe, asked.j) != caller:
        raise ingest.Refused("unknown_journal")
    if told.state == ingest.REVOKED:
        raise ingest.Refused("revoked")
    new, old = wire.unhex(asked.new, 32), bytes(told.box_key)
    by_old = seal.verify(old, wire.ROTATED_BY, signed.request.encode(), wire.unhex(signed.sig, 64))
    if not (by_old and seal.verify(new, wire.ROTATE, old + new, wire.unhex(signed.pop, 64))):
        raise ingest.Refused("bad_signature")
    newest = journals[-1]
    if newest is not told:
        if bytes(newest.box_key) == new:
            return newest
        raise ingest.Refused("superseded")
    if in_anomaly(conn, caller[0]):
        # Two boxes may have this key: a person says which one goes on.
        raise ingest.Refused("fork")
    seq, head = ingest.cursor_of(conn, told)
    row = add_journal(
        conn, keyring, cafe=caller[0], box_key=new, base=Base(head=head.hex(), j=told.jid, seq=seq), hw=told.hw, at=at,
        n=max(row.jn for row in journals) + 1, issued=max(at, told.issued + 1),
    )  # fmt: skip
    # The check number was heard for the old key, which answers for the new one.
    conn.execute(
        update(_journal)
        .where(_journal.c.cafe_id == caller[0], _journal.c.jn == row.jn)
        .values(confirmed_at=told.confirmed_at, confirmed_by=told.confirmed_by)
    )
    return row


def ask_rotation(conn: Connection, cafe: int) -> bool:
    """Ask the café's box to take another key at its next call; tell whether it has one."""
    told = [row.jid for row in _journals(conn, cafe) if row.state == ingest.OPEN]
    if told:
        _ASKED.run(conn, [{"name": f"rotate.{cafe}", "value": told[0]}])
    return bool(told)


def rotation_asked(conn: Connection, cafe: int) -> bool:
    """Tell whether a café's box was asked for another key and has not taken one yet."""
    asked = conn.execute(select(hq_setting.c.value).where(hq_setting.c.name == f"rotate.{cafe}")).scalar()
    return any(row.jid == asked and row.state == ingest.OPEN for row in _journals(conn, cafe))


def rotation_due(conn: Connection, told: Any, at: int) -> bool:
    """Tell whether a box is to take another key: its own is a year old, or HQ asked for it."""
    if told.state != ingest.OPEN:
        return False
    asked = conn.execute(select(hq_setting.c.value).where(hq_setting.c.name == f"rotate.{told.cafe_id}")).scalar()
    return bool(at - told.issued > KEY_DAYS * _DAY_MS or asked == told.jid)


def learn_grant(
    conn: Connection, keyring: Keyring, grant: bytes, signature: bytes, *, hw: str = "", at: int,
    former: Sequence[bytes] = (),
) -> Any:  # fmt: skip
    """Open the journal of a grant HQ signed; raise Refused. Also heals an HQ restored from an old backup (§2.8)."""
    told = wire.parse(grant, wire.Grant)
    signer = next((key for key in (keyring.public, *former) if seal.kid_of(key) == told.hq), b"")
    if not seal.verify(signer, seal.GRANT, grant, signature):
        raise ingest.Refused("bad_signature", "HQ did not sign this grant")
    genesis = seal.ds(seal.GENESIS, grant)
    known = _journals(conn, told.cafe)
    for row in known:
        if bytes(row.genesis) == genesis:
            return row
    box_key = bytes.fromhex(told.key)
    newest = all(told.issued > row.issued for row in known)
    jn = max([told.n, *(row.jn + 1 for row in known)]) if any(row.jn == told.n for row in known) else told.n
    if newest:
        conn.execute(
            update(_journal)
            .where(_journal.c.cafe_id == told.cafe, _journal.c.state == ingest.OPEN)
            .values(state=ingest.SUPERSEDED)
        )
    conn.execute(insert(_journal).values(
        cafe_id=told.cafe, jn=jn, jid=genesis[:8].hex(), box_key=box_key, kid=seal.kid_of(box_key), genesis=genesis,
        grant_bytes=grant, grant_sig=signature, issued=told.issued, hw=hw, made_at=at,
        state=ingest.OPEN if newest else ingest.SUPERSEDED, check_number=wire.check_number(box_key, signer),
    ))  # fmt: skip
    conn.execute(insert(books.cursor).values(cafe_id=told.cafe, jn=jn, seq=-1, head=genesis, updated_at=at))
    return conn.execute(select(_journal).where(_journal.c.cafe_id == told.cafe, _journal.c.jn == jn)).one()


def confirm(conn: Connection, cafe: int, jn: int, *, by: str, at: int) -> bool:
    """Note that the coordinator heard the right check number; tell whether a box was waiting for it."""
    done = conn.execute(
        update(_journal)
        .where(_journal.c.cafe_id == cafe, _journal.c.jn == jn, _journal.c.confirmed_at.is_(None))
        .values(confirmed_at=at, confirmed_by=by)
    )
    return bool(done.rowcount)


def confirm_number(conn: Connection, cafe: int, number: str, *, by: str, at: int) -> bool:
    """Confirm the waiting box of a café whose check number was read over the telephone."""
    servers.hold(conn, cafe)
    read = "".join(c for c in number if c.isdecimal())
    return any(
        confirm(conn, cafe, row.jn, by=by, at=at)
        for row in pending(conn) if row.cafe_id == cafe and row.check_number == read
    )  # fmt: skip


def revoke(conn: Connection, cafe: int, jn: int) -> bool:
    """Refuse a box from its next request on; what HQ holds of it stays good."""
    last = select(books.cursor.c.seq).where(books.cursor.c.cafe_id == cafe, books.cursor.c.jn == jn).scalar_subquery()
    done = conn.execute(
        update(_journal)
        .where(_journal.c.cafe_id == cafe, _journal.c.jn == jn)
        .values(state=ingest.REVOKED, revoked_seq=last)
    )
    return bool(done.rowcount)


def boxes(conn: Connection, cafe: int) -> list[Any]:
    """Return the journals of a café, oldest first (state, check_number, confirmed_at, hw, made_at…)."""
    return _journals(conn, cafe)


def pending(conn: Connection) -> list[Any]:
    """Return the boxes whose check number nobody has confirmed yet."""
    return list(conn.execute(
        select(_journal).where(_journal.c.confirmed_at.is_(None), _journal.c.state == ingest.OPEN)
        .order_by(_journal.c.cafe_id, _journal.c.jn)
    ).all())  # fmt: skip


def live_codes(conn: Connection, at: int) -> list[Any]:
    """Return the codes that may still be used."""
    return list(conn.execute(
        select(_code).where(_code.c.used_at.is_(None), _code.c.expires_at >= at, _code.c.tries < TRIES_MAX)
        .order_by(_code.c.made_at)
    ).all())  # fmt: skip


def cafes_with_box(conn: Connection) -> int:
    """Return how many cafés have joined."""
    return int(conn.execute(select(func.count(func.distinct(_journal.c.cafe_id)))).scalar_one())


def in_anomaly(conn: Connection, cafe: int) -> bool:
    """Tell whether the open journal of a café has two histories, or its box says it is in anomaly."""
    opened = [row.jn for row in _journals(conn, cafe) if row.state == ingest.OPEN]
    proof = books.fork_proof.c
    forked = conn.execute(select(proof.seq).where(proof.cafe_id == cafe, proof.jn.in_(opened)).limit(1)).first()
    said = conn.execute(select(db.cafe_health.c.state).where(db.cafe_health.c.cafe_id == cafe)).scalar()
    return forked is not None or said == "anomaly"
