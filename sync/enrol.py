"""Join HQ with a one-time code: both ends prove that they know it, neither ever sends it (§2.7)."""

import hmac
import secrets

from pos import box, seal
from pos.journal import Journal
from pos.release import VERSION
from pos.store import Store
from sync import code_card, trouble, wire
from sync.line import Enrolled, Hq, Told
from sync.wire import Grant, Malformed


def enrol(store: Store, line: Hq, code: str, *, hw: str) -> Enrolled:
    """Ask HQ for this box's grant, with a code typed or scanned; raise SyncTrouble. `check_number` is for the telephone."""
    card = code_card.read(code)
    try:
        read = wire.read_code(card.code)
    except Malformed as problem:
        raise trouble.CodeMistyped from problem
    request = wire.dump(wire.EnrolRequest(
        code_id=read.code_id, hw=hw, key=store.keyring.public.hex(), nonce=secrets.token_hex(16), sw=VERSION
    ))  # fmt: skip
    key = read.key()
    asked = wire.dump({
        "request": request.decode(), "mac": wire.enrol_mac(key, request).hex(),
        "pop": store.keyring.sign(wire.ENROL_POP, request).hex(),
    })  # fmt: skip
    try:
        told = line.enrol(asked)
    except Told as no:
        meaning = trouble.CODE_TROUBLES.get(no.code, trouble.HqTalksRubbish)
        raise meaning(left=no.tries_left) from no
    _believe(store, told, key, request, card.kid)
    return told


def _believe(store: Store, told: Enrolled, key: bytes, request: bytes, kid: str) -> None:
    """Take the grant only from the HQ that made the code, and drew it (`kid`) where it was scanned, for this box's key."""
    try:
        hq_key, signature = wire.unhex(told.hq_key, 32), wire.unhex(told.sig, 64)
        grant = told.grant.encode()
        named = wire.parse(grant, Grant)
    except Malformed as problem:
        raise trouble.HqTalksRubbish from problem
    proven = hmac.compare_digest(wire.enrolled_mac(key, request, grant).hex(), told.hq_mac)
    signed = seal.verify(hq_key, seal.GRANT, grant, signature) and named.hq == seal.kid_of(hq_key) == (kid or named.hq)
    ours = named.key == store.keyring.public.hex()
    if not (proven and signed and ours and told.check_number == wire.check_number(store.keyring.public, hq_key)):
        raise trouble.HqNotProven


def open_first_journal(store: Store, told: Enrolled) -> Journal:
    """Open the journal of a grant, with its first two entries."""
    opened = box.begin_journal(store, told.grant.encode(), bytes.fromhex(told.sig), bytes.fromhex(told.hq_key))
    box.start(store)
    return opened
