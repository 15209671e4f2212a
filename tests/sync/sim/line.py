"""The bad line: requests lost, heard late or twice, answers lost, bytes cut or turned, portals, an HQ that dies."""

import dataclasses
from typing import TYPE_CHECKING

import msgspec

from hq.local import LocalTransport
from pos import journal
from sync import manifest, trouble, wire
from sync.line import Answer
from tests.sync.sim.machine import HqDown, PowerCut

if TYPE_CHECKING:
    from tests.sync.sim.world import Box, World

# A word that no entry may carry out of the café (B9): the name of a guest, typed on the till.
CANARY = "Zénobie Quillerou"
FATES = (
    "unheard",
    "lost",
    "late",
    "twice",
    "cut",
    "turned",
    "half",
    "rot",
    "portal",
    "busy",
    "dies",
    "again",
    "meanwhile",
)
# What comes down is kept, to be shown again.
DOWN = ("/v1/manifest", "/v1/blob")
# Unsigned figures: only TLS protects them, so the bad line cuts them short but does not turn their bits.
_BARE = ("/v1/balances", "/v1/hashes", "/v1/hello")


@dataclasses.dataclass(frozen=True)
class Request:
    """One request as it left a box."""

    method: str
    path: str
    body: bytes
    packed: bool
    token: str
    cafe: int


class Broken(AssertionError):
    """An invariant does not hold: its name, and what was found."""


def must(name: str, holds: object, found: object = "") -> None:
    """Raise Broken unless the invariant holds."""
    if not holds:
        raise Broken(f"{name}: {found}")


class BadLine:
    """A box's line to HQ; what becomes of each request is drawn from the seed."""

    def __init__(self, world: "World", box: "Box") -> None:
        self.world, self.box = world, box
        # Somebody shows the box an old manifest in this call, and the old lists it names.
        self.attacked = False

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Carry one request, badly."""
        world, where = self.world, _where(path)
        if world.fallen(self.box):
            raise PowerCut
        request = Request(method, path, body, packed, token, self.box.cafe)
        watch(self.box, request)
        fate = world.chance.choice(FATES) if world.chance.random() < world.badness else "well"
        if fate == "well" and where in DOWN and world.badness and (self.attacked or world.chance.random() < 0.4):
            fate, self.attacked = "stale", True
        if fate != "well":
            world.tell(f"    {method} {where} of {self.box.name}: {fate}", f"line: {fate}")
            world.faults += 1
        answer = self._suffer(fate, request)
        if (
            fate == "well"
            and where == "/v1/hello"
            and answer.status == 200
            and world.badness
            and world.attacker.random() < 0.3
        ):
            # A hello's answer is not signed: whoever sits on the line has the box ask for a manifest, and gives an old one.
            told = msgspec.json.decode(answer.body)
            answer = Answer(200, msgspec.json.encode(told | {"manifest": told["manifest"] + 1}))
            self.attacked = True
        world.seen[f"HQ: {where} {answer.status} {code_of(answer)}".rstrip()] += 1
        if world.chance.random() < 0.3:
            world.captured.append(request)
        return answer

    def _suffer(self, fate: str, request: Request) -> Answer:
        world, chance = self.world, self.world.chance
        if fate in ("unheard", "late", "portal", "busy"):
            return self._unheard(fate, request)
        if fate in ("cut", "turned", "half") and request.body:
            return self._spoilt(fate, request)
        if fate == "again" and world.captured:
            deliver(world, chance.choice(world.captured))
        if fate == "meanwhile":
            world.meanwhile(self.box)
        if fate == "dies":
            world.shop.fuse = chance.randrange(0, 14)
        if fate == "stale":
            # An attacker's, or a cache's: what HQ once sent down, to this café or to another.
            kept = [one for one in world.lists if _where(one[0]) == _where(request.path)]
            mine = [one for one in kept if one[1] == self.box.cafe and chance.random() < 0.8]
            asked = [one for one in kept if one[0] == request.path and _where(one[0]) == DOWN[1]]
            # Of a café's manifests one of its oldest: of what was in force lately there is nothing to unsay.
            earlier = asked or mine[:2] or kept
            return chance.choice(earlier)[2] if earlier else deliver(world, request)
        answer = deliver(world, request)
        world.shop.fuse = -1
        if fate == "twice":
            answer = deliver(world, request)
        if fate == "lost":
            raise trouble.HqUnreachable
        if fate == "rot" and answer.body:
            return _rotten(world, answer, request.path)
        return answer

    def _unheard(self, fate: str, request: Request) -> Answer:
        if fate == "portal":
            return Answer(200, b"<html><title>Wi-Fi</title></html>")
        if fate == "busy":
            return Answer(self.world.chance.choice((429, 503)), b"", self.world.chance.randrange(0, 900))
        if fate == "late":
            self.world.captured.append(request)
        raise trouble.HqUnreachable

    def _spoilt(self, fate: str, request: Request) -> Answer:
        """W3: a spoilt request gives a 4xx and changes nothing, or says the same as the good one."""
        world, before = self.world, self.world.cursors()
        chance = world.chance
        if fate == "cut":
            body = request.body[: chance.randrange(len(request.body))]
        elif fate == "half" and request.packed:
            # The line spoilt it before it was packed: a bad memory, not a bad wire.
            body = wire.pack(turn(wire.unpack(request.body), chance.randrange(8 * len(wire.unpack(request.body)))))
        elif fate == "turned" and not request.path.startswith("/v1/balances"):
            body = turn(request.body, chance.randrange(8 * len(request.body)))
        else:
            return deliver(world, request)
        answer = deliver(world, dataclasses.replace(request, body=body))
        if answer.status < 400 or answer.status == 410:
            same = request.packed and wire.unpack(body) == wire.unpack(request.body)
            must("W3 a spoilt request is refused", same or _harmless(request.path), f"{request.path}: {answer.status}")
        else:
            must("W3 a refused request changes nothing", world.cursors() == before, request.path)
        return answer


def _where(path: str) -> str:
    """Return the endpoint of a path."""
    return "/".join(path.partition("?")[0].split("/")[:3])


def _harmless(path: str) -> bool:
    """Enrolment asks with a fresh key each time; its own proofs are checked in it."""
    return path == "/v1/challenge"


def turn(data: bytes, bit: int) -> bytes:
    """Return `data` with one bit turned."""
    spoilt = bytearray(data)
    spoilt[bit // 8] ^= 1 << bit % 8
    return bytes(spoilt)


def _rotten(world: "World", answer: Answer, path: str) -> Answer:
    chance = world.chance
    if path.partition("?")[0] in _BARE or chance.random() < 0.4:
        return Answer(answer.status, answer.body[: chance.randrange(len(answer.body))], answer.retry_after)
    return Answer(answer.status, turn(answer.body, chance.randrange(8 * len(answer.body))), answer.retry_after)


def deliver(world: "World", request: Request) -> Answer:
    """Let HQ's desk hear a request; 502 when it dies meanwhile."""
    try:
        answer = LocalTransport(world.office).send(
            request.method, request.path, request.body, packed=request.packed, token=request.token
        )
    except HqDown:
        world.tell("    HQ dies within the request and is started again", "HQ: dies within a request")
        world.office.db.close()
        return Answer(502, b"")
    finally:
        world.shop.fuse = -1
    must("W4 HQ answers whatever it hears", answer.status < 500 or answer.status == 503, (request.path, answer.status))
    if request.path == "/v1/hello" and answer.status == 200 and b'"log":null' not in answer.body:
        world.seen["HQ: shows a checkpoint of its log"] += 1
    if _where(request.path) in DOWN and answer.status == 200:
        world.lists.append((request.path, request.cafe, answer))
    if _where(request.path) == DOWN[0] and answer.status == 200:
        text = wire.parse(answer.body, manifest.Signed).manifest
        world.manifests[manifest.mark(text)] = wire.parse(text, manifest.Manifest).serial
    return answer


def watch(box: "Box", request: Request) -> None:
    """Check what leaves a box: heads of what is on its disk, never two bodies for one place, nobody's name."""
    raw = wire.unpack(request.body) if request.packed else request.body
    must("B9 no private word leaves the café", CANARY.encode() not in raw, request.path)
    if request.path == "/v1/batch":
        batch = wire.read_batch(raw)
        must("W2 a batch is written in one way", _again(batch) == raw, "other bytes")
        _watch_head(box, batch.header.head)
    elif request.path == "/v1/hello":
        _watch_head(box, wire.read_hello(raw)[0].head)


def _again(batch: wire.Batch) -> bytes:
    header = batch.header
    return wire.make_batch(
        header.head, bytes.fromhex(header.sig), bytes.fromhex(header.prev), header.first, batch.bodies
    )


def _watch_head(box: "Box", head: wire.Head) -> None:
    if head.seq >= 0:
        with box.on_disk() as conn:
            row = conn.execute(
                "SELECT e.hash, e.body FROM journal_entry e JOIN journal j USING (jn) WHERE j.jid = ? AND e.seq = ?",
                (head.j, head.seq),
            ).fetchone()
        must("B5 a head is signed over what is on the disk", row and row[0].hex() == head.head, head)
        must("B5 the body on the disk is the signed one", journal.read_envelope(row[1]).seq == head.seq)
    known = box.signed.setdefault((head.j, head.seq), head.head)
    must("B6 one box signs one body for one place", known == head.head, (head.j, head.seq))


def code_of(answer: Answer) -> str:
    """Return the word of an answer."""
    try:
        return str(msgspec.json.decode(answer.body).get("code", ""))
    except (ValueError, AttributeError):
        return ""
