"""What HQ answers to boxes, from bytes to bytes: the web bridge and the line in process share it (§2.5).

Every answer is `Reply(status, message)`. Tokens and challenges carry their own proof, so that any
worker of HQ may answer any request.
"""

import logging
import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from sqlalchemy import Connection, bindparam, case, select, update
from sqlalchemy.exc import DBAPIError

from hq import attestation, balances, db, downstream, enrolment, late, publishing, releases, restore, servers, shaping
from hq import tables as register_tables
from hq.db import Upsert
from hq.passes import caller_of, check_challenge, make_token, read_token, stamp
from hq.wiring import Office
from pos import seal
from pos.release import VERSION
from sync import books, ingest, wire
from sync.attestation import Asked
from sync.ingest import Refused, Verdict
from sync.wire import Malformed

HASHES_MAX = 64
# A server that went away is back in minutes, or in hours.
AWAY_S = (60, 300)
PIECES, BLOBS, RELEASES = "/v1/restore/", "/v1/blob/", "/v1/release/"

_CONTACT = Upsert(
    db.cafe_health, replace=("last_contact_at", "backlog", "version", "clock_quality", "clock_offset_ms",
                             "disk_free_bytes", "state", "trouble"),
)  # fmt: skip
_REPORT = Upsert(
    db.box_report, replace=("at", "fiscal", "copy_at", "drill_at", "drill_failed", "machines", "commit_us")
)
_MACHINE = re.compile(r"[a-z]{1,16}\.[a-z]{1,16}")
_FORKED = select(books.fork_proof.c.seq).where(
    books.fork_proof.c.cafe_id == bindparam("cafe"), books.fork_proof.c.jn == bindparam("jn")
)
_FORMER = select(books.journal.c.jid, books.cursor.c.seq, books.cursor.c.head).join_from(
    books.journal, books.cursor,
    (books.journal.c.cafe_id == books.cursor.c.cafe_id) & (books.journal.c.jn == books.cursor.c.jn),
).where(books.journal.c.cafe_id == bindparam("cafe"), books.journal.c.jid != bindparam("jid"))  # fmt: skip
_TROUBLED = Upsert(db.cafe_health, replace=("last_contact_at", "state", "trouble"))
_OFFERED = select(register_tables.cafe.c.services).where(register_tables.cafe.c.id == bindparam("cafe"))
# What the box announced at its hello gets smaller with each batch.
_CAUGHT_UP = update(db.cafe_health).where(db.cafe_health.c.cafe_id == bindparam("cafe")).values(
    backlog=case((db.cafe_health.c.backlog > bindparam("stored"), db.cafe_health.c.backlog - bindparam("stored")), else_=0)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a box."""

    method: str
    path: str
    body: bytes = b""
    enc: str = ""
    token: str = ""
    query: str = ""
    # Hundredths of the worker's places for those who say hello that are taken.
    load: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of HQ."""

    status: int
    message: dict[str, Any]
    # Seconds to wait before the next request (429, 503).
    retry_after: int = 0
    # Instead of the message: bytes as they lie in HQ's store.
    raw: bytes = b""


class SignedGrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grant shown back to an HQ that has forgotten it."""

    grant: str
    sig: str


def answer(office: Office, ask: Ask) -> Reply:
    """Answer one request."""
    prefix = next((one for one in (PIECES, BLOBS, RELEASES) if ask.path.startswith(one)), ask.path)
    handle = _HANDLERS.get((ask.method, prefix))
    if handle is None:
        return Reply(404, {"code": "not_found"})
    if "\0" in ask.path + unquote(ask.query):
        # No box writes it, and PostgreSQL keeps no such text.
        return Reply(422, {"code": "bad_field"})
    try:
        return handle(office, ask)
    except shaping.Wait as wait:
        return Reply(wait.status, {"code": "busy"}, wait.seconds)
    except (servers.Away, DBAPIError) as trouble:
        if not servers.is_away(trouble):
            raise
        # The café's server, or HQ's own: nothing was acknowledged, the box keeps what it has and calls again.
        logging.getLogger(__name__).warning("%s is put off: %s", ask.path, trouble)
        return Reply(503, {"code": "away"}, random.randint(*AWAY_S))  # noqa: S311  (spread, not secret)
    except (Malformed, Refused) as problem:
        return Reply(ingest.STATUS.get(problem.code, 422), {"code": problem.code, "detail": problem.detail})


def _challenge(office: Office, ask: Ask) -> Reply:
    now = office.clock.now_ms()
    return Reply(200, {"challenge": stamp(office, now // 1000, os.urandom(4)), "t": now, "load": ask.load})


def _hello(office: Office, ask: Ask) -> Reply:
    hello, signed, signature = wire.read_hello(_inflated(ask))
    check_challenge(office, hello.challenge)
    head, now = hello.head, office.clock.now_ms()
    with office.db.writing() as conn, servers.of_cafe(office.db, conn, head.cafe) as own:
        told = ingest.known_journal(own, head, wire.unhex(hello.head_sig, 64))
        if not seal.verify(told.box_key, wire.HELLO, signed, signature):
            raise Refused("bad_signature", "hello")
        seq, ours = ingest.cursor_of(own, told)
        shaping.let_call(conn, head.cafe, backlog=head.seq - seq, now=now)
        code = _compare(own, told, hello, seq, now)
        _note_contact(own, told, hello, seq, code, now)
        services = conn.execute(_OFFERED, {"cafe": head.cafe}).scalar()
        rotate = enrolment.rotation_due(conn, told, now)
        former = {
            row.jid: {"seq": row.seq, "head": row.head.hex()}
            for row in own.execute(_FORMER, {"cafe": head.cafe, "jid": head.j})
        }
        manifest, mark = _manifest_named(office, conn, told, now)
        log = publishing.shown_to(office, conn, told, hello.log)
    publishing.publish_tonight(office)
    cursor = {"seq": seq, "head": ours.hex()}
    if code:
        return Reply(409, {"code": code, "cursor": cursor})
    return Reply(200, {
        "status": told.state, "cursor": cursor, "t": now, "token": make_token(office, head.cafe, head.j, now),
        "pending": told.confirmed_at is None, "slot": wire.slot(head.cafe), "sw": VERSION, "former": former, "rotate": rotate,
        "keys": [msgspec.to_builtins(step) for step in office.steps],
        "services": services.split() if services is not None else None,
        "log": msgspec.to_builtins(log), "manifest": manifest, "manifest_mark": mark,
    })  # fmt: skip


def _note_contact(conn: Connection, told: Any, hello: wire.Hello, seq: int, code: str, now: int) -> None:
    """Keep how the café's box fares. A replaced one that calls says nothing of the box in use, but that it is there."""
    head = hello.head
    if told.state == ingest.OPEN:
        _CONTACT.run(conn, [{
            "cafe_id": head.cafe, "last_contact_at": now, "backlog": max(0, head.seq - seq), "version": hello.sw[:40],
            "clock_quality": head.tq if 0 <= head.tq <= 9 else 0, "clock_offset_ms": _bounded(head.t - now),
            "disk_free_bytes": _bounded(hello.stats.disk_free), **_state(conn, told, code, hello.stats),
        }])  # fmt: skip
        if hello.stats.fiscal:
            _keep_report(conn, head.cafe, hello.stats, now)
    elif code:
        _TROUBLED.run(conn, [{"cafe_id": head.cafe, "last_contact_at": now, "state": "anomaly", "trouble": code}])


def _keep_report(conn: Connection, cafe: int, stats: wire.Stats, now: int) -> None:
    """Keep what a box tells of itself; of what it says, only what a page can hold."""
    machines = [one for one in stats.machines[:12] if _MACHINE.fullmatch(one)]
    _REPORT.run(conn, [{
        "cafe_id": cafe, "at": now, "fiscal": stats.fiscal[:20], "copy_at": _bounded(stats.copy_at),
        "drill_at": _bounded(stats.drill_at), "drill_failed": stats.drill_failed, "machines": " ".join(machines),
        "commit_us": _bounded(stats.commit),
    }])  # fmt: skip


def _compare(conn: Connection, told: Any, hello: wire.Hello, seq: int, now: int) -> str:
    """Return "" when the box's head and HQ's history may be one, else why they are not."""
    head = hello.head
    if head.seq > seq:
        return ""
    if ingest.hash_at(conn, told, head.seq).hex() != head.head:
        ingest.keep_proof(conn, told, head.seq, ingest.Proof(head, hello.head_sig, b"", now))
        return "fork"
    return "behind" if head.seq < seq else ""


def _state(conn: Connection, told: Any, code: str, stats: wire.Stats) -> dict[str, str]:
    """A history found twice stays on HQ's page until the box is replaced, whichever copy calls next."""
    if not code and conn.execute(_FORKED, {"cafe": told.cafe_id, "jn": told.jn}).first():
        code = "fork"
    if code:
        return {"state": "anomaly", "trouble": code}
    return {"state": stats.state[:20], "trouble": stats.trouble[:60]}


def _bounded(value: int) -> int:
    return max(-(2**62), min(2**62, value))


def _batch(office: Office, ask: Ask) -> Reply:
    caller, now = read_token(office, ask.token), office.clock.now_ms()
    with office.db.writing() as conn, servers.of_cafe(office.db, conn, caller[0]) as own:
        shaping.let_send(conn, caller[0], now)
        verdict = ingest.accept(
            own, late.teller(office.projections), ask.body, at=now, enc=ask.enc, caller=caller,
            types=office.projections.types,
        )  # fmt: skip
        if verdict.stored:
            shaping.sent(conn, caller[0], stored=verdict.stored, now=now)
            own.execute(_CAUGHT_UP, {"cafe": caller[0], "stored": verdict.stored})
        if verdict.code == "fork":
            _TROUBLED.run(own, [{
                "cafe_id": caller[0], "last_contact_at": now, "state": "anomaly", "trouble": "fork",
            }])  # fmt: skip
    return _reply(office, verdict)


def _reply(office: Office, verdict: Verdict) -> Reply:
    """Turn a verdict into an answer; the transaction is over, so the ack may be signed."""
    message: dict[str, Any] = {"code": verdict.code, "detail": verdict.detail}
    if verdict.acknowledges:
        ack, signature = wire.sign_ack(
            office.keyring, cafe=verdict.cafe, jid=verdict.jid, seq=verdict.seq, head=verdict.head,
            at=office.clock.now_ms(),
        )  # fmt: skip
        message |= {"ack": wire.dump(ack).decode(), "sig": signature.hex(), "quarantined": verdict.quarantined}
    elif verdict.head:
        message["cursor"] = {"seq": verdict.seq, "head": verdict.head.hex()}
    return Reply(verdict.status, message)


def _counted(office: Office, ask: Ask) -> Any:
    """Return the journal of who calls, once the call is taken from its café's hour; raise Refused, Wait."""
    with office.db.writing() as conn:
        told = caller_of(office, conn, ask.token)
        shaping.spend(conn, told.cafe_id, now=office.clock.now_ms(), calls=1)
    return told


def _hashes(office: Office, ask: Ask) -> Reply:
    query = dict(parse_qsl(ask.query))
    places = query.get("at", "").split(",")
    if len(places) > HASHES_MAX or not all(p.isdecimal() and len(p) < 16 for p in places):
        raise Refused("bad_field", "at")
    told = _counted(office, ask)
    with office.db.reading() as conn:
        if "j" in query:
            told = conn.execute(ingest.JOURNAL, {"cafe": told.cafe_id, "jid": query["j"]}).one_or_none()
        if told is None:
            raise Refused("unknown_journal")
        hashes = ingest.hashes_at(conn, told, map(int, places))
    return Reply(200, {"hashes": {p: hashes[int(p)].hex() for p in places}})


def _balances(office: Office, ask: Ask) -> Reply:
    """Tell a box that opens a new journal what HQ holds and it does not: sums, never entries."""
    asked = wire.parse(_inflated(ask, 1024 * 1024), wire.BalancesAsked)
    told = _counted(office, ask)
    with office.db.reading() as conn:
        return Reply(200, balances.missing(conn, office.projections.types, told.cafe_id, told.jid, asked).told())


def _restorable(office: Office, ask: Ask) -> Reply:
    with office.db.reading() as conn:
        return Reply(200, {"journals": restore.journals(conn, caller_of(office, conn, ask.token))})


def _piece(office: Office, ask: Ask) -> Reply:
    """Give back stored batches, as they came, to the box that takes the café over."""
    jid, (first, most) = ask.path.removeprefix(PIECES), _range(ask)
    with office.db.reading() as conn:
        return Reply(200, {}, raw=restore.piece(conn, caller_of(office, conn, ask.token), jid, first, most))


def _range(ask: Ask) -> tuple[int, int]:
    """Return from where on, and how much at most, a box asks for."""
    query = dict(parse_qsl(ask.query))
    first, most = query.get("from", ""), query.get("most", "0")
    if not all(one.isdecimal() and len(one) < 16 for one in (first, most)):
        raise Refused("bad_field", "from")
    return int(first), int(most)


def _manifest_named(office: Office, conn: Connection, told: Any, now: int) -> tuple[int, str]:
    """Tell which manifest is in force; none for a box not confirmed yet, or no longer the café's."""
    if not _in_use(told):
        return 0, ""
    return downstream.named(office.db, office.keyring, conn, told.cafe_id, now)


def _manifest(office: Office, ask: Ask) -> Reply:
    """Give the café's manifest to the box in use."""
    have, now = dict(parse_qsl(ask.query)).get("have", "0"), office.clock.now_ms()
    if not have.isdecimal() or len(have) > 15:
        raise Refused("bad_field", "have")
    with office.db.writing() as conn:
        told = caller_of(office, conn, ask.token)
        if not _manifest_named(office, conn, told, now)[0]:
            return Reply(404, {"code": "no_manifest"})
        signed = downstream.give(office.db, office.keyring, conn, told.cafe_id, now, have=int(have))
    return Reply(200, msgspec.to_builtins(signed))


def _blob(office: Office, ask: Ask) -> Reply:
    """Give what the café's own manifest names, and nothing else."""
    with office.db.reading() as conn:
        told = caller_of(office, conn, ask.token)
        body = downstream.blob_for(conn, told.cafe_id, ask.path.removeprefix(BLOBS)) if _in_use(told) else None
    return Reply(200, {}, raw=body) if body is not None else Reply(404, {"code": "no_blob"})


def _in_use(told: Any) -> bool:
    """Tell whether a journal is that of the café's box, confirmed by somebody."""
    return told.state == ingest.OPEN and told.confirmed_at is not None


def _release(office: Office, ask: Ask) -> Reply:
    """Give a part of the release that the café's own manifest announces."""
    sha256, (first, most) = ask.path.removeprefix(RELEASES), _range(ask)
    with office.db.reading() as conn:
        told = caller_of(office, conn, ask.token)
        mine = _in_use(told) and downstream.release_for(conn, told.cafe_id, sha256)
    body = releases.piece(office.config.data, sha256, first, most) if mine else b""
    return Reply(200, {}, raw=body) if body else Reply(404, {"code": "no_blob"})


def _attestation(office: Office, ask: Ask) -> Reply:
    """Attest the till of the box in use, once somebody has heard its check number."""
    asked, told = wire.parse(_inflated(ask), Asked), _counted(office, ask)
    if not _in_use(told):
        raise Refused("superseded" if told.state == ingest.SUPERSEDED else "pending")
    with office.db.writing() as conn:
        made = attestation.make(conn, office.keyring, told.cafe_id, told.jid, asked, at=office.clock.now_ms())
    return Reply(200, {"body": made.body, "sig": made.sig})


def _rotate(office: Office, ask: Ask) -> Reply:
    """Give a box the grant of its next key."""
    with office.db.writing() as conn:
        servers.hold(conn, read_token(office, ask.token)[0])
        told = caller_of(office, conn, ask.token)
        row = enrolment.rotate(conn, office.keyring, (told.cafe_id, told.jid), _inflated(ask), at=office.clock.now_ms())
    return Reply(200, {"grant": bytes(row.grant_bytes).decode(), "sig": bytes(row.grant_sig).hex()})


def _enrol(office: Office, ask: Ask) -> Reply:
    """Let a box in by its code. Wrong codes are one count for everybody: past it a try leaves no trace, on the code neither."""
    now = office.clock.now_ms()
    with office.db.writing() as conn:
        told = enrolment.enrol(conn, office.keyring, _inflated(ask), at=now)
        if told.code in ("code_unknown", "code_wrong", "code_dead"):
            shaping.spend(conn, shaping.NOBODY, now=now, calls=1)
    if told.code != "enrolled":
        return Reply(told.status, {"code": told.code, "tries_left": told.tries_left})
    return Reply(200, {
        "code": told.code, "grant": told.grant.decode(), "sig": told.signature.hex(), "hq_mac": told.hq_mac.hex(),
        "hq_key": office.keyring.public.hex(), "check_number": told.check_number,
        "keys": [msgspec.to_builtins(step) for step in office.steps],
    })  # fmt: skip


def _grant(office: Office, ask: Ask) -> Reply:
    shown = wire.parse(_inflated(ask), SignedGrant)
    with office.db.writing() as conn:
        servers.hold(conn, wire.parse(shown.grant.encode(), wire.Grant).cafe)
        row = enrolment.learn_grant(
            conn,
            office.keyring,
            shown.grant.encode(),
            wire.unhex(shown.sig, 64),
            at=office.clock.now_ms(),
            former=office.former,
        )
    return Reply(200, {"code": "known", "j": row.jid})


def _inflated(ask: Ask, limit: int = 64 * 1024) -> bytes:
    body = wire.unpack(ask.body, limit) if ask.enc == "gzip" else ask.body
    if len(body) > limit:
        raise Refused("too_large")
    return body


_HANDLERS: dict[tuple[str, str], Callable[[Office, Ask], Reply]] = {
    ("GET", "/v1/challenge"): _challenge, ("POST", "/v1/hello"): _hello, ("POST", "/v1/batch"): _batch,
    ("GET", "/v1/hashes"): _hashes, ("POST", "/v1/balances"): _balances,
    ("POST", "/v1/attestation"): _attestation, ("GET", "/v1/restore"): _restorable, ("GET", PIECES): _piece,
    ("GET", "/v1/manifest"): _manifest, ("GET", BLOBS): _blob, ("GET", RELEASES): _release,
    ("POST", "/v1/rotate"): _rotate, ("POST", "/v1/enrol"): _enrol, ("POST", "/v1/grant"): _grant,
}  # fmt: skip
