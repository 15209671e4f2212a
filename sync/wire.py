"""The bytes on the line (ZJP/1 §2.4–2.7): heads, batches, acks, grants, hello, enrolment. Pure functions.

Everything signed is canonical JSON under its own domain string, so that no signature serves twice.
"""

import base64
import gzip
import hashlib
import hmac
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import msgspec

from pos import seal, zcj
from pos.seal import ACK, GRANT, HEAD, Keyring
from sync.health import Stats

PROTOCOL = "1"
HELLO, ENROL, ENROLLED, ENROL_POP, CODE, SAS, SLOT, REF, COMMIT = (
    b"zinc/hello/1", b"zinc/enrol/1", b"zinc/enrolled/1", b"zinc/enrol-pop/1", b"zinc/code/1", b"zinc/sas/1",
    b"zinc/slot/1", b"zinc/ref/1", b"zinc/commit/1",
)  # fmt: skip

# The new key's word over both public keys, and the old key's over the request.
ROTATE, ROTATED_BY = b"zinc/rotate/1", b"zinc/rotated-by/1"

PACKED_MAX = 2 * 1024 * 1024
UNPACKED_MAX = 16 * 1024 * 1024
ENTRIES_MAX = 5_000
HEADER_MAX = 4 * 1024
# The night window of cafés: seven hours from 22:30.
SLOT_SECONDS = 25_200

# How hard a code is to guess from what was heard: about 50 ms of scrypt.
CODE_WORK = 2**15

# Crockford's base 32: no I, L, O, U, so that a code can be read out over the telephone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")


T = TypeVar("T", bound=msgspec.Struct)


class Malformed(ValueError):
    """Bytes from the line are not what the protocol says. `code` is the word of §2.5."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a journal stands, as its box signs it."""

    boot: int
    cafe: int
    head: str
    j: str
    kid: str
    mono: int
    seq: int
    t: int
    tq: int
    type: Literal["head"] = "head"
    v: Literal[1] = 1


class Ack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """HQ holds everything up to `seq`, durably."""

    cafe: int
    head: str
    j: str
    kid: str
    seq: int
    t: int
    type: Literal["ack"] = "ack"
    v: Literal[1] = 1


class BatchHeader(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line of a batch."""

    count: int
    first: int
    head: Head
    prev: str
    sig: str
    type: Literal["batch"] = "batch"
    v: Literal[1] = 1


class Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last entry HQ holds of the journal before."""

    head: str
    j: str
    seq: int


class Grant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """HQ lets a box open a café's journal. `n` is for people only; `issued` decides which is open."""

    base: Base | None
    cafe: int
    hq: str
    issued: int
    key: str
    n: int
    type: Literal["grant"] = "grant"
    v: Literal[1] = 1


class BalancesAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a repaired box has: the last entry of each journal, and the first halves of hashes of its own entries."""

    have: dict[str, int]
    mine: list[str] = []


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """A box reports: its signed head, HQ's challenge, its version and health."""

    challenge: str
    head: Head
    head_sig: str
    sw: str
    stats: Stats
    # The last checkpoint of HQ's log that the box believed.
    log: str = ""
    type: Literal["hello"] = "hello"
    v: Literal[1] = 1


class EnrolRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new box asks for its grant."""

    code_id: str
    hw: str
    key: str
    nonce: str
    sw: str
    type: Literal["enrol"] = "enrol"
    v: Literal[1] = 1


class RotateRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A box asks to go on under another key of its own."""

    cafe: int
    j: str
    new: str
    type: Literal["rotate"] = "rotate"
    v: Literal[1] = 1


class SignedRotation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The request, with the proofs of the key that goes and of the one that comes."""

    pop: str
    request: str
    sig: str


def dump(value: Any) -> bytes:
    """Return the canonical bytes of a message."""
    return zcj.encode(value)


def parse(raw: bytes | str, shape: type[T], code: str = "bad_field") -> T:
    """Return the message in canonical `raw`; raise Malformed when other bytes would say the same."""
    data = raw.encode() if isinstance(raw, str) else raw
    try:
        zcj.decode(data)
        value = msgspec.json.decode(data, type=shape)
        # Within the same guard: what was read may not be writable again.
        written = dump(value) if shape.__struct_config__.forbid_unknown_fields else data
    except zcj.NotCanonical as problem:
        raise Malformed("not_canonical", str(problem)[:200]) from problem
    except (msgspec.DecodeError, ValueError) as problem:
        raise Malformed(code, str(problem)[:200]) from problem
    if written != data:
        raise Malformed(code, "type or version left out")
    return value


def unhex(text: str, size: int, code: str = "bad_field") -> bytes:
    """Return `size` bytes from lower-case hex; raise Malformed."""
    try:
        value = bytes.fromhex(text)
    except ValueError as problem:
        raise Malformed(code, "not hexadecimal") from problem
    if len(value) != size or value.hex() != text:
        raise Malformed(code, f"not {size} bytes in lower-case hexadecimal")
    return value


# Heads and acks


def sign_head(keyring: Keyring, head: Head) -> bytes:
    """Return the box's signature over a head."""
    return keyring.sign(HEAD, dump(head))


def sign_ack(keyring: Keyring, *, cafe: int, jid: str, seq: int, head: bytes, at: int) -> tuple[Ack, bytes]:
    """Return HQ's acknowledgement of everything up to `seq`, and its signature."""
    ack = Ack(cafe=cafe, head=head.hex(), j=jid, kid=keyring.kid, seq=seq, t=at)
    return ack, keyring.sign(ACK, dump(ack))


def ack_is_good(hq_key: bytes, ack: Ack, signature: bytes) -> bool:
    """Tell whether HQ signed this ack."""
    return ack.kid == seal.kid_of(hq_key) and seal.verify(hq_key, ACK, dump(ack), signature)


def make_grant(
    keyring: Keyring, *, cafe: int, box_key: bytes, n: int, issued: int, base: Base | None = None
) -> tuple[bytes, bytes]:
    """Return a grant's bytes and HQ's signature."""
    grant = dump(Grant(base=base, cafe=cafe, hq=keyring.kid, issued=issued, key=box_key.hex(), n=n))
    return grant, keyring.sign(GRANT, grant)


# Batches


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch taken apart: its header, the signed bytes of its head, and the bodies."""

    header: BatchHeader
    head_bytes: bytes
    bodies: tuple[bytes, ...]


def make_batch(head: Head, signature: bytes, prev: bytes, first: int, bodies: Sequence[bytes]) -> bytes:
    """Return the NDJSON of a batch: its header, then each body as stored, each followed by LF."""
    header = BatchHeader(count=len(bodies), first=first, head=head, prev=prev.hex(), sig=signature.hex())
    return b"\n".join((dump(header), *bodies, b""))


def pack(raw: bytes) -> bytes:
    """Return `raw` gzipped; the same bytes always give the same bytes."""
    return gzip.compress(raw, compresslevel=6, mtime=0)


def unpack(packed: bytes, limit: int = UNPACKED_MAX) -> bytes:
    """Return what `packed` holds; stop at `limit` whatever the header promises."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        raw = inflater.decompress(packed, limit + 1)
    except zlib.error as problem:
        raise Malformed("bad_field", "not gzip") from problem
    if len(raw) > limit or inflater.unconsumed_tail:
        raise Malformed("too_large", f"more than {limit} bytes inflated")
    if not inflater.eof or inflater.unused_data:
        raise Malformed("bad_field", "gzip cut short or followed by something")
    return raw


def pack_entry(body: bytes) -> str:
    """Return an entry's bytes as a short text: a long sale is carried within another entry of the same limit."""
    return base64.b64encode(zlib.compress(body, 9)).decode()


def unpack_entry(text: str) -> bytes:
    """Return the bytes of `pack_entry`; stop at the limit of an entry."""
    inflater = zlib.decompressobj()
    try:
        body = inflater.decompress(base64.b64decode(text, validate=True), zcj.ENTRY_MAX_BYTES)
    except (ValueError, zlib.error) as problem:
        raise Malformed("bad_field", "not a packed entry") from problem
    if not inflater.eof or inflater.unused_data:
        raise Malformed("bad_field", "a packed entry cut short, too long or followed by something")
    return body


def read_batch(raw: bytes) -> Batch:
    """Take a batch apart. Signatures, chain and bodies are not checked here."""
    if len(raw) > UNPACKED_MAX or raw.count(b"\n") > ENTRIES_MAX + 1:
        raise Malformed("too_large")
    if not raw.endswith(b"\n"):
        raise Malformed("bad_field", "the last line has no end")
    first, *bodies = raw[:-1].split(b"\n")
    if len(first) > HEADER_MAX:
        raise Malformed("too_large", "header")
    header = parse(first, BatchHeader)
    return Batch(header, dump(header.head), tuple(bodies))


def fold(prev: bytes, bodies: Iterable[bytes]) -> list[bytes]:
    """Return the chain hash after each body."""
    hashes = []
    for body in bodies:
        prev = seal.chain(prev, body)
        hashes.append(prev)
    return hashes


# Hello


def sign_hello(keyring: Keyring, hello: Hello) -> bytes:
    """Return the body of a hello: its message, and the box's signature over all of it."""
    message = dump(hello)
    return dump({"hello": message.decode(), "sig": keyring.sign(HELLO, message).hex()})


class _SignedHello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hello: str
    sig: str


def read_hello(raw: bytes) -> tuple[Hello, bytes, bytes]:
    """Return a hello, its signed bytes and the signature (not yet checked)."""
    signed = parse(raw, _SignedHello)
    return parse(signed.hello, Hello), signed.hello.encode(), unhex(signed.sig, 64)


# Enrolment (§2.7)


@dataclass(frozen=True, slots=True)
class EnrolCode:
    """A one-time code: a public id of 4 signs and a secret of 11."""

    code_id: str
    secret: str

    def __str__(self) -> str:
        text = self.code_id + self.secret + check_sign(self.code_id, self.secret)
        return "-".join(text[i : i + 4] for i in range(0, 16, 4))

    def key(self) -> bytes:
        """Return the key both ends make of the secret, slowly on purpose."""
        return hashlib.scrypt(
            self.secret.encode(), salt=ENROL + b"\0" + self.code_id.encode(), n=CODE_WORK, r=8, p=1, dklen=32,
            maxmem=64 * 1024 * 1024,
        )  # fmt: skip


def check_sign(code_id: str, secret: str) -> str:
    """Return the sign that catches a mistyped code before it is tried."""
    return ALPHABET[seal.ds(CODE, (code_id + secret).encode())[0] >> 3]


def read_code(typed: str) -> EnrolCode:
    """Return the code a person typed (spaces, dashes, case and look-alikes forgiven); raise Malformed."""
    text = "".join(c for c in typed.upper().translate(_READ_AS) if c not in " -\u00a0\u202f\u2011")
    if len(text) != 16 or any(c not in ALPHABET for c in text):
        raise Malformed("bad_code", "16 letters and digits")
    code = EnrolCode(text[:4], text[4:15])
    if check_sign(code.code_id, code.secret) != text[15]:
        raise Malformed("bad_code", "check sign")
    return code


def enrol_mac(code_key: bytes, request: bytes) -> bytes:
    """Return the proof that the box knows the code."""
    return hmac.digest(code_key, ENROL + b"\0" + request, "sha256")


def enrolled_mac(code_key: bytes, request: bytes, grant: bytes) -> bytes:
    """Return the proof that the answer comes from the HQ that made the code."""
    return hmac.digest(code_key, ENROLLED + b"\0" + request + grant, "sha256")


def check_number(box_key: bytes, hq_key: bytes) -> str:
    """Return the six digits both ends read to each other over the telephone."""
    return f"{int.from_bytes(seal.ds(SAS, box_key, hq_key)[:8]) % 1_000_000:06d}"


def slot(cafe: int) -> int:
    """Return the café's second in the night window (§2.16)."""
    return int.from_bytes(seal.ds(SLOT, str(cafe).encode())[:8]) % SLOT_SECONDS


# Pseudonyms and commitments (§2.13)


def pseudonym(cafe_key: bytes, carrier: str, tracking: str) -> str:
    """Return the name under which a tracking number leaves the café."""
    return hmac.digest(cafe_key, REF + b"\0" + carrier.encode() + b"\0" + tracking.encode(), "sha256")[:16].hex()


def commitment(salt: bytes, facts: bytes) -> str:
    """Return the hash that stands in an entry for facts that can be erased."""
    return seal.ds(COMMIT, salt, facts).hex()
