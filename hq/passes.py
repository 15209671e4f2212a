"""Challenges and tokens of the boxes' line: each carries its own proof, so that any worker may answer any request."""

import hmac
from typing import Any

from sqlalchemy import Connection

from hq.wiring import Office
from sync import ingest, wire
from sync.ingest import Refused

CHALLENGE_MS = 5 * 60 * 1000
TOKEN_MS = 30 * 60 * 1000


def stamp(office: Office, second: int, chance: bytes) -> str:
    """Return a challenge made at a second, with its proof."""
    start = second.to_bytes(4) + chance
    return (start + hmac.digest(office.secret, b"zinc/challenge/1\0" + start, "sha256")[:8]).hex()


def check_challenge(office: Office, text: str) -> None:
    """Raise Refused unless this HQ made a challenge within the last five minutes."""
    raw = wire.unhex(text, 16)
    second = int.from_bytes(raw[:4])
    fresh = abs(office.clock.now_ms() - second * 1000) <= CHALLENGE_MS
    if not fresh or not hmac.compare_digest(stamp(office, second, raw[4:8]), text):
        raise Refused("bad_signature", "challenge")


def make_token(office: Office, cafe: int, jid: str, at: int) -> str:
    """Return a token for one café and journal, good for half an hour."""
    until = at + TOKEN_MS
    mac = hmac.digest(office.secret, f"zinc/token/1\0{cafe}.{jid}.{until}".encode(), "sha256")
    return f"{cafe}.{jid}.{until}.{mac.hex()}"


def read_token(office: Office, token: str) -> tuple[int, str]:
    """Return the café and journal of a token; raise Refused."""
    cafe, _, rest = token.partition(".")
    jid, _, rest = rest.partition(".")
    until = rest.partition(".")[0]
    if not (cafe.isdecimal() and until.isdecimal() and len(until) < 16 and len(cafe) < 11):
        raise Refused("unknown_key", "token")
    expected = make_token(office, int(cafe), jid, int(until) - TOKEN_MS)
    if not hmac.compare_digest(expected.encode(), token.encode()) or int(until) < office.clock.now_ms():
        raise Refused("unknown_key", "token")
    return int(cafe), jid


def caller_of(office: Office, conn: Connection, token: str) -> Any:
    """Return the journal of who shows a token; raise Refused. Whatever its token says, a revoked box is refused at once."""
    cafe, jid = read_token(office, token)
    told = conn.execute(ingest.JOURNAL, {"cafe": cafe, "jid": jid}).one_or_none()
    if told is None:
        raise Refused("unknown_journal")
    if told.state == ingest.REVOKED:
        raise Refused("revoked")
    return told
