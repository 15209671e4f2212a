"""The bytes on the line are those of the protocol's published vectors."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from pos import journal, seal, zcj
from pos.seal import Keyring
from sync import wire
from sync.wire import Malformed

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())
BOX, BOX2, HQ = (Keyring(bytes.fromhex(V["keys"][name]["seed"])) for name in ("box", "box2", "hq"))


@pytest.mark.parametrize(("key", "name"), [(BOX, "box"), (BOX2, "box2"), (HQ, "hq")])
def test_keys_have_their_short_names(key: Keyring, name: str) -> None:
    """The kid is the first 8 bytes of DS("zinc/key/1", public)."""
    assert (key.public.hex(), key.kid) == (V["keys"][name]["pub"], V["keys"][name]["kid"])


@pytest.mark.parametrize("case", V["canonical"], ids=lambda case: case["sha256"][:8])
def test_canonical_bytes_are_those_of_the_vectors(case: dict[str, str]) -> None:
    """Decode and encode give the same bytes, and the referee agrees."""
    raw = bytes.fromhex(case["hex"])
    value = zcj.decode(raw)
    assert zcj.encode(value) == raw == rfc8785.dumps(value)
    assert hashlib.sha256(raw).hexdigest() == case["sha256"]


@pytest.mark.parametrize("name", ["grant", "grant2"])
def test_grant_bytes_signature_and_genesis(name: str) -> None:
    """HQ's grant is canonical, signed, and names the journal by its hash."""
    told, key = V[name], BOX if name == "grant" else BOX2
    base = wire.parse(told["bytes"], wire.Grant).base
    grant, signature = wire.make_grant(
        HQ, cafe=17, box_key=key.public, n=1 if name == "grant" else 2, base=base,
        issued=1795149000000 if name == "grant" else 1795239000000,
    )  # fmt: skip
    assert grant.decode() == told["bytes"]
    assert signature.hex() == told["sig"]
    genesis = seal.ds(seal.GENESIS, grant)
    assert genesis.hex() == told["genesis_hash"]
    assert genesis[:8].hex() == told["jid"]


def test_entries_chain_from_the_genesis() -> None:
    """Each entry's hash covers the one before and its own bytes."""
    bodies = [entry["body"].encode() for entry in V["entries"]]
    hashes = wire.fold(bytes.fromhex(V["grant"]["genesis_hash"]), bodies)
    assert [h.hex() for h in hashes] == [entry["hash"] for entry in V["entries"]]
    for entry, body in zip(V["entries"], bodies, strict=True):
        assert len(body) == entry["len"]
        assert zcj.encode(zcj.decode(body)) == body
        assert journal.read_envelope(body).seq == entry["seq"]


@pytest.mark.parametrize(("text", "sig", "key"), [
    (V["head"]["bytes"], V["head"]["sig"], BOX), (V["fork"]["head"], V["fork"]["sig"], BOX),
    (V["rotate"]["head"], V["rotate"]["sig_by_old_key"], BOX),
])  # fmt: skip
def test_heads_are_signed_by_their_box(text: str, sig: str, key: Keyring) -> None:
    """A head's bytes and signature are those of the vectors."""
    head = wire.parse(text, wire.Head)
    assert wire.dump(head).decode() == text
    assert wire.sign_head(key, head).hex() == sig


def test_batch_bytes_are_those_of_the_vectors() -> None:
    """Header, LF, each body and LF: 2,295 bytes with the published hash; and it reads back."""
    head = wire.parse(V["head"]["bytes"], wire.Head)
    bodies = [entry["body"].encode() for entry in V["entries"]]
    genesis = bytes.fromhex(V["grant"]["genesis_hash"])
    raw = wire.make_batch(head, bytes.fromhex(V["head"]["sig"]), genesis, 0, bodies)
    assert raw.split(b"\n")[0].decode() == V["batch"]["header"]
    assert len(raw) == V["batch"]["ndjson_len"]
    assert hashlib.sha256(raw).hexdigest() == V["batch"]["ndjson_sha256"]
    batch = wire.read_batch(wire.unpack(wire.pack(raw)))
    assert (batch.bodies, batch.head_bytes.decode()) == (tuple(bodies), V["head"]["bytes"])


def test_ack_is_signed_by_hq() -> None:
    """The ack's bytes and signature are those of the vectors, and the box accepts them."""
    ack, signature = wire.sign_ack(
        HQ, cafe=17, jid=V["grant"]["jid"], seq=6, head=bytes.fromhex(V["entries"][6]["hash"]), at=1795210202000
    )
    assert (wire.dump(ack).decode(), signature.hex()) == (V["ack"]["bytes"], V["ack"]["sig"])
    assert wire.ack_is_good(HQ.public, ack, signature)
    assert not wire.ack_is_good(BOX.public, ack, signature)


def test_enrolment_is_proved_both_ways() -> None:
    """Code, scrypt key, request, proofs of both ends and check number are those of the vectors."""
    told = V["enrol"]
    code = wire.read_code(told["code"])
    assert str(code) == told["code"]
    key = code.key()
    assert key.hex() == told["scrypt_key"]
    request = wire.dump(
        wire.EnrolRequest(
            code_id=code.code_id,
            hw="b8-27-eb",
            key=BOX.public.hex(),
            nonce="a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
            sw="1.0.0",
        )
    )
    assert request.decode() == told["request"]
    assert wire.enrol_mac(key, request).hex() == told["mac"]
    assert BOX.sign(wire.ENROL_POP, request).hex() == told["pop"]
    assert wire.enrolled_mac(key, request, V["grant"]["bytes"].encode()).hex() == told["hq_mac"]
    assert wire.check_number(BOX.public, HQ.public) == told["sas"]


def test_a_code_is_forgiving_to_read_and_strict_to_check() -> None:
    """Case, spaces and look-alikes are forgiven; one wrong sign is caught before it is tried."""
    typed = V["enrol"]["code"].lower().replace("-", " ")
    assert str(wire.read_code(typed)) == V["enrol"]["code"]
    caught = 0
    for sign in wire.ALPHABET:
        try:
            wire.read_code("K7QF-M2XD-9RT4-WH8" + sign)
        except Malformed:
            caught += 1
    assert caught == 31
    for bad in ("", "K7QF", "K7QF-M2XD-9RT4-WH8U", "K7QF-M2XD-9RT4-WH83-0"):
        with pytest.raises(Malformed):
            wire.read_code(bad)


@pytest.mark.parametrize(("cafe", "second"), V["slots"].items())
def test_night_slots(cafe: str, second: int) -> None:
    """Each café has its second of the night."""
    assert wire.slot(int(cafe)) == second


def test_pseudonym_and_commitment() -> None:
    """A tracking number leaves keyed; erasable facts leave as a salted hash."""
    told = V["pseudonym"]
    assert wire.pseudonym(bytes.fromhex(told["key"]), told["carrier"], told["tracking"]) == told["ref"]
    told = V["commitment"]
    assert wire.commitment(bytes.fromhex(told["salt"]), told["bytes"].encode()) == told["commit"]


def test_the_imported_orphan_keeps_its_first_hash() -> None:
    """The original hash of a rescued entry can be computed again from what travels."""
    told = V["import"]
    inner = zcj.decode(told["import_body"].encode())["data"]
    prev, orphan = bytes.fromhex(inner["prev"]), zcj.encode(inner["entry"])
    assert orphan.decode() == told["orphan_body"]
    assert seal.chain(prev, orphan).hex() == inner["orig"] == told["orphan_hash"]
    genesis = bytes.fromhex(V["grant2"]["genesis_hash"])
    assert seal.chain(genesis, told["import_body"].encode()).hex() == told["import_hash_if_first"]


def test_a_fork_is_another_entry_upon_the_same_one_before() -> None:
    """The clone's entry follows entry 5 too, with another hash; its head is in the vectors' heads."""
    told = V["fork"]
    before = bytes.fromhex(V["entries"][5]["hash"])
    assert seal.chain(before, told["body"].encode()).hex() == told["hash"] != V["entries"][6]["hash"]
    assert wire.parse(told["head"], wire.Head).head == told["hash"]


def test_an_entry_is_never_hashed_without_its_purpose() -> None:
    """The published hash without a domain string is none of ours; an altered body has the published other hash."""
    genesis, body = bytes.fromhex(V["grant"]["genesis_hash"]), V["entries"][0]["body"].encode()
    assert hashlib.sha256(genesis + body).hexdigest() == V["no_domain_hash_entry0_DO_NOT_USE"]
    assert seal.chain(genesis, body).hex() != V["no_domain_hash_entry0_DO_NOT_USE"]
    before, sale = bytes.fromhex(V["entries"][1]["hash"]), V["entries"][2]["body"].encode()
    altered = sale.replace(b'"total":620', b'"total":520')
    assert seal.chain(before, altered).hex() == V["negative"][0]["hash_of_altered"]


def test_gzip_that_blows_up_is_stopped_at_the_limit() -> None:
    """16 MiB inflated is the limit, whatever the header says; cut and trailing bytes are refused."""
    with pytest.raises(Malformed, match="too_large"):
        wire.unpack(gzip.compress(b"0" * (wire.UNPACKED_MAX + 1)))
    whole = wire.pack(b"hello")
    for bad in (whole[:-1], whole + b"x", b"", b"not gzip", whole + whole):
        with pytest.raises(Malformed, match="bad_field"):
            wire.unpack(bad)


@given(st.binary(max_size=300))
def test_reading_rubbish_is_refused_and_never_crashes(raw: bytes) -> None:
    """Any bytes give Malformed, nothing else."""
    for read in (wire.read_batch, wire.read_hello, wire.unpack, lambda b: wire.parse(b, wire.Grant)):
        with pytest.raises(Malformed):
            read(raw)
    with pytest.raises(Malformed):
        wire.read_code(raw.decode("latin-1"))
