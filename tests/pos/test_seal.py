"""Hashes and signatures: the published vectors, and each domain only good for itself."""

import hashlib
import json
import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pos import seal
from tests.conftest import key_of

DOMAINS = (seal.ENTRY, seal.GENESIS, seal.SEAL, seal.HEAD, seal.ACK, seal.GRANT)


@given(message=st.binary(max_size=200))
def test_a_signature_is_good_for_its_domain_alone(message: bytes) -> None:
    """An ack can never be passed off as a grant."""
    key = key_of("box")
    signature = key.sign(seal.ACK, message)
    assert [seal.verify(key.public, domain, message, signature) for domain in DOMAINS] == [
        domain == seal.ACK for domain in DOMAINS
    ]


def test_one_bit_is_enough() -> None:
    """Message, signature or key changed by a bit: not signed."""
    key, message = key_of("box"), b"0042"
    signature = key.sign(seal.SEAL, message)
    assert seal.verify(key.public, seal.SEAL, message, signature)
    flipped = bytes([signature[0] ^ 1]) + signature[1:]
    assert not seal.verify(key.public, seal.SEAL, message, flipped)
    assert not seal.verify(key.public, seal.SEAL, b"0043", signature)
    assert not seal.verify(key_of("other").public, seal.SEAL, message, signature)
    assert not seal.verify(b"short", seal.SEAL, message, signature)
    assert not seal.verify(key.public, seal.SEAL, message, b"")


def test_the_chain_is_the_domain_hash_of_what_went_before_and_the_bytes() -> None:
    """§2.3, computed here once more by hand."""
    assert seal.chain(b"p" * 32, b"body") == hashlib.sha256(b"zinc/entry/1\0" + b"p" * 32 + b"body").digest()
    assert seal.chain(b"p" * 32, b"body") == seal.ds(seal.ENTRY, b"p" * 32, b"body")


def test_the_key_stays_in_its_file(tmp_path: Path) -> None:
    """Made once, mode 0600, the same at the next start (R22)."""
    path = tmp_path / "deep" / "box.key"
    made = seal.Keyring.load_or_make(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert seal.Keyring.load_or_make(path).public == made.public
    assert seal.kid_of(made.public) == made.kid
    assert path.read_text() not in repr(made)


def test_the_protocol_s_vectors_hold() -> None:
    """Keys of the known-answer file are named as it says."""
    vectors = json.loads((Path(__file__).parent.parent / "golden" / "zjp.json").read_text())
    for key in vectors["keys"].values():
        keyring = seal.Keyring(bytes.fromhex(key["seed"]))
        assert keyring.public.hex() == key["pub"]
        assert keyring.kid == key["kid"]
