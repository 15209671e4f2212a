"""The café's end of the wire: asks HQ over a transport and believes only answers that are whole.

Anything that is not what the protocol promises (a captive portal's page, half a body, another
HQ's signature) becomes a `LineTrouble`; the caller's cursor does not move.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec
import urllib3

from pos.hq_keys import Step
from pos.release import VERSION
from pos.system import Carried
from sync import trouble, wire
from sync.checkpoint import Published
from sync.manifest import Signed
from sync.wire import Ack, BalancesAsked, Malformed

TIMEOUT = urllib3.Timeout(connect=5, read=30)
ANSWER_MAX = 256 * 1024
# One batch at least comes at a time, and none is larger than what HQ takes.
PIECE_MAX = 2 * wire.PACKED_MAX
IN_PIECES = ("/v1/restore/", "/v1/release/")
T = TypeVar("T")
_ADDRESS = re.compile(r"https?://[^/\s\[\]]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, bytes, and how long HQ asks to wait."""

    status: int
    body: bytes
    retry_after: int = 0


class Transport(Protocol):
    """Carries one request; raises HqUnreachable."""

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Return HQ's answer."""


class Cursor(msgspec.Struct, frozen=True):
    """The last entry HQ holds, and its hash."""

    seq: int
    head: str


class Challenge(msgspec.Struct, frozen=True):
    """HQ's random bytes and time."""

    challenge: str
    t: int


class Welcome(msgspec.Struct, frozen=True):
    """HQ's answer to a hello."""

    status: str
    cursor: Cursor
    t: int
    token: str
    pending: bool = False
    # The café's second in the night, where HQ wants another than the box works out; −1 from an HQ that does not say.
    slot: int = -1
    # Where HQ stands in the other journals of this café, by their names; None from an HQ that does not say.
    former: dict[str, Cursor] | None = None
    # HQ asks the box to take another key.
    rotate: bool = False
    # Counted services HQ has switched on for this café; None from an HQ that does not say.
    services: list[str] | None = None
    # HQ's log, when it has grown since the checkpoint the box knows.
    log: Published | None = None
    # Every step of HQ's keys, up to the one that signs here.
    keys: list[Step] = []
    # Serial of the café's manifest; 0: HQ has none for it.
    manifest: int = 0
    # Its short name (`manifest.mark`); empty from an HQ that does not say.
    manifest_mark: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """HQ's signed acknowledgement of a batch."""

    ack: str
    sig: str
    code: str = "ack"
    quarantined: list[int] = []


class Hashes(msgspec.Struct, frozen=True):
    """HQ's hash at each place asked; empty where it has none."""

    hashes: dict[str, str]


class Balances(msgspec.Struct, frozen=True):
    """What HQ holds and the box does not: up to where, how many entries, last numbers, sums."""

    upto: dict[str, int]
    lost: int
    no: int
    z: int
    turnover: int
    absolute: int
    # Lists, not maps: months (`2026-10`) and third parties (`baker:b1`) are no keys of the canonical form.
    spans: list[Carried] = []
    owners: list[Carried] = []


class Former(msgspec.Struct, frozen=True):
    """A journal of the café as HQ holds it: its grant, up to where, and when HQ last heard of it."""

    jid: str
    grant: str
    sig: str
    seq: int
    head: str
    heard_at: int = 0


class _Restorable(msgspec.Struct, frozen=True):
    journals: list[Former]


class Attested(msgspec.Struct, frozen=True):
    """HQ's attestation: its exact text and signature."""

    body: str
    sig: str


class Enrolled(msgspec.Struct, frozen=True):
    """HQ's grant, with the proof that it comes from the HQ that made the code."""

    grant: str
    sig: str
    hq_key: str
    hq_mac: str
    check_number: str
    # How HQ came to this key: former grants were signed by former ones.
    keys: list[Step] = []


class Rotated(msgspec.Struct, frozen=True):
    """HQ's grant for the box's next key."""

    grant: str
    sig: str


class _No(msgspec.Struct, frozen=True):
    code: str = ""
    detail: str = ""
    cursor: Cursor | None = None
    tries_left: int = 0


class Told(Exception):
    """HQ said no, in its own words. The agent decides what follows."""

    def __init__(self, status: int, no: _No, retry_after: int) -> None:
        super().__init__(f"{status} {no.code}")
        self.status, self.code, self.cursor, self.tries_left = status, no.code, no.cursor, no.tries_left
        self.retry_after = retry_after


class Hq(Protocol):
    """What the agent asks of HQ."""

    def challenge(self) -> Challenge:
        """Ask for fresh random bytes."""

    def hello(self, signed: bytes) -> Welcome:
        """Report; learn HQ's cursor."""

    def batch(self, raw: bytes, token: str) -> tuple[Receipt, Ack]:
        """Send a batch; return HQ's ack, not yet verified."""

    def hashes(self, jid: str, places: list[int], token: str) -> dict[int, str]:
        """Ask for HQ's hashes of a journal of this café."""

    def balances(self, asked: BalancesAsked, token: str) -> Balances:
        """Ask what HQ holds and the box does not."""

    def attestation(self, asked: bytes, token: str) -> Attested:
        """Ask for the attestation of what runs here."""

    def rotate(self, asked: bytes, token: str) -> Rotated:
        """Ask for a grant for another key."""

    def restorable(self, token: str) -> list[Former]:
        """Ask which journals HQ gives back to this box."""

    def piece(self, jid: str, first: int, most: int, token: str) -> bytes:
        """Ask for stored batches that follow, about `most` bytes of them, as they came."""

    def manifest(self, have: int, token: str) -> Signed:
        """Ask for the café's manifest."""

    def blob(self, sha256: str, token: str) -> bytes:
        """Ask for what a manifest names."""

    def release(self, sha256: str, first: int, most: int, token: str) -> bytes:
        """Ask for a part of the release that is announced."""

    def enrol(self, request: bytes) -> Enrolled:
        """Ask for a grant."""

    def show_grant(self, grant: str, signature: str) -> None:
        """Show HQ a grant it signed and has forgotten."""


class Line:
    """HQ over a transport."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def challenge(self) -> Challenge:
        """Ask for fresh random bytes."""
        return _whole(self._ask("GET", "/v1/challenge"), Challenge)

    def hello(self, signed: bytes) -> Welcome:
        """Report; learn HQ's cursor."""
        return _whole(self._ask("POST", "/v1/hello", signed), Welcome)

    def batch(self, raw: bytes, token: str) -> tuple[Receipt, Ack]:
        """Send a batch; return HQ's ack, not yet verified."""
        receipt = _whole(self._ask("POST", "/v1/batch", wire.pack(raw), packed=True, token=token), Receipt)
        try:
            return receipt, wire.parse(receipt.ack, Ack)
        except Malformed as problem:
            raise trouble.HqTalksRubbish from problem

    def hashes(self, jid: str, places: list[int], token: str) -> dict[int, str]:
        """Ask for HQ's hashes of a journal of this café; empty where HQ has none."""
        path = f"/v1/hashes?j={jid}&at={','.join(map(str, places))}"
        told = _whole(self._ask("GET", path, token=token), Hashes)
        return {place: told.hashes.get(str(place), "") for place in places}

    def balances(self, asked: BalancesAsked, token: str) -> Balances:
        """Ask what HQ holds and the box does not."""
        return _whole(self._ask("POST", "/v1/balances", wire.dump(asked), token=token), Balances)

    def attestation(self, asked: bytes, token: str) -> Attested:
        """Ask for the attestation of what runs here; the caller checks HQ's signature."""
        return _whole(self._ask("POST", "/v1/attestation", asked, token=token), Attested)

    def rotate(self, asked: bytes, token: str) -> Rotated:
        """Ask for a grant for another key; the caller checks HQ's signature."""
        return _whole(self._ask("POST", "/v1/rotate", asked, token=token), Rotated)

    def restorable(self, token: str) -> list[Former]:
        """Ask which journals HQ gives back to this box, oldest first."""
        return _whole(self._ask("GET", "/v1/restore", token=token), _Restorable).journals

    def piece(self, jid: str, first: int, most: int, token: str) -> bytes:
        """Ask for stored batches from entry `first` on, about `most` bytes of them: gzip members, one after the other."""
        return self._ask("GET", f"/v1/restore/{jid}?from={first}&most={most}", token=token).body

    def manifest(self, have: int, token: str) -> Signed:
        """Ask for the café's manifest, saying the serial one has; the caller checks HQ's signature."""
        return _whole(self._ask("GET", f"/v1/manifest?have={have}", token=token), Signed)

    def blob(self, sha256: str, token: str) -> bytes:
        """Ask for what a manifest names, packed; the caller checks its hash."""
        return self._ask("GET", f"/v1/blob/{sha256}", token=token).body

    def release(self, sha256: str, first: int, most: int, token: str) -> bytes:
        """Ask for bytes of the announced release from `first` on; the caller checks the hash of the whole."""
        return self._ask("GET", f"/v1/release/{sha256}?from={first}&most={most}", token=token).body

    def enrol(self, request: bytes) -> Enrolled:
        """Ask for a grant."""
        return _whole(self._ask("POST", "/v1/enrol", request), Enrolled)

    def show_grant(self, grant: str, signature: str) -> None:
        """Show HQ a grant it signed and has forgotten."""
        self._ask("POST", "/v1/grant", wire.dump({"grant": grant, "sig": signature}))

    def _ask(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        answer = self._transport.send(method, path, body, packed=packed, token=token)
        # 410 carries an ack: the tail of a replaced box was taken.
        if answer.status in (200, 202) or (answer.status == 410 and path == "/v1/batch"):
            return answer
        if answer.status in (429, 503):
            raise trouble.HqBusy(minutes=max(1, answer.retry_after // 60), seconds=answer.retry_after)
        if answer.status >= 500:
            raise trouble.HqFailed(status=answer.status)
        no = _whole(answer, _No)
        if not no.code:
            raise trouble.HqTalksRubbish(status=answer.status)
        if answer.status == 426:
            raise trouble.UpgradeNeeded
        raise Told(answer.status, no, answer.retry_after)


def _whole(answer: Answer, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise trouble.HqTalksRubbish(status=answer.status) from problem


class HttpTransport:
    """HQ behind an address, over urllib3: short timeouts, one kept connection, no redirect followed."""

    def __init__(self, url: str, *, timeout: urllib3.Timeout = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=1, retries=False)

    def send(self, method: str, path: str, body: bytes = b"", *, packed: bool = False, token: str = "") -> Answer:
        """Return HQ's answer; raise HqUnreachable or HqTalksRubbish."""
        headers = {"Zinc-Protocol": wire.PROTOCOL, "User-Agent": f"zinc/{VERSION}", "Accept-Encoding": "gzip"}
        if body:
            headers["Content-Type"] = "application/x-ndjson" if packed else "application/json"
        if packed:
            headers["Content-Encoding"] = "gzip"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if not _ADDRESS.match(self.url):
            raise trouble.AddressWrong(address=self.url[:60])
        try:
            response = self._pool.request(
                method, self.url + path, body=body or None, headers=headers, timeout=self._timeout,
                preload_content=False, redirect=False,
            )  # fmt: skip
            # One byte more than allowed: an endless answer is cut, never kept in memory.
            most = PIECE_MAX if path.startswith(IN_PIECES) else ANSWER_MAX
            told = response.read(most + 1, decode_content=True)
            if len(told) > most:
                response.close()
            response.release_conn()
        except urllib3.exceptions.DecodeError as problem:
            raise trouble.HqTalksRubbish from problem
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as problem:
            raise trouble.HqUnreachable from problem
        return _checked(response.status, told, response.headers, most)


def _checked(status: int, body: bytes, headers: Mapping[str, str], most: int = ANSWER_MAX) -> Answer:
    if len(body) > most or headers.get("Zinc-Protocol") != wire.PROTOCOL:
        # 5xx and 429 may come from the proxy before HQ, which knows nothing of the protocol.
        if status < 500 and status != 429:
            raise trouble.HqTalksRubbish(status=status)
        body = b""
    after = headers.get("Retry-After", "")
    return Answer(status, body, min(int(after), 86_400) if after.isdecimal() and len(after) < 8 else 0)


class HttpHq(Line):
    """HQ behind an address."""

    def __init__(self, url: str, *, timeout: urllib3.Timeout = TIMEOUT) -> None:
        super().__init__(HttpTransport(url, timeout=timeout))
