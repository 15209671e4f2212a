"""W3: any single bit of a batch turned on its way is refused and changes nothing, or says the same."""

import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from hq import enrolment
from hq.wiring import Office
from pos.seal import Keyring
from sync import ingest, wire
from sync.wire import Malformed
from tests.faults import counts
from tests.faults.counts import Keep

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())
BOX, HQ = (Keyring(bytes.fromhex(V["keys"][name]["seed"])) for name in ("box", "hq"))
FEW = 600


def batch_of_five() -> bytes:
    """The first five published entries under a head of their own."""
    told = V["entries"][4]
    head = wire.Head(
        boot=41, cafe=17, head=told["hash"], j=V["grant"]["jid"], kid=BOX.kid, mono=1, seq=4, t=1795153500000, tq=2
    )
    bodies = [entry["body"].encode() for entry in V["entries"][:5]]
    return wire.make_batch(head, wire.sign_head(BOX, head), bytes.fromhex(V["grant"]["genesis_hash"]), 0, bodies)


@pytest.fixture
def vectors(office: Office) -> Office:
    """An HQ that signed the published grant and holds nothing of its journal yet."""
    office.keyring = HQ
    with office.db.writing() as conn:
        enrolment.learn_grant(conn, HQ, V["grant"]["bytes"].encode(), bytes.fromhex(V["grant"]["sig"]), at=1)
    return office


def turned(data: bytes, places: Iterable[int]) -> Iterator[tuple[int, bytes]]:
    """Yield `data` with each of these bits turned, one at a time."""
    for bit in places:
        spoilt = bytearray(data)
        spoilt[bit // 8] ^= 1 << bit % 8
        yield bit, bytes(spoilt)


def refused_inflated(office: Office, places: Iterable[int]) -> int:
    """Send the batch with each of these bits turned; return how many were refused, all of them without a trace."""
    raw, n = batch_of_five(), 0
    with office.db.writing() as conn:
        file = conn.connection.dbapi_connection
        assert file is not None
        before = file.total_changes  # type: ignore[attr-defined]
        for bit, spoilt in turned(raw, places):
            verdict = ingest.accept(conn, office.projections.tell, spoilt, at=5, enc="", types=office.projections.types)
            assert 400 <= verdict.status < 500, (bit, verdict)
            assert not verdict.acknowledges, bit
            assert file.total_changes == before, bit  # type: ignore[attr-defined]
            n += 1
    taken(office, raw)
    return n


def refused_packed(places: Iterable[int]) -> tuple[int, int]:
    """Turn bits of the packed batch: it cannot be read any more, or says the same; return how many of each."""
    raw = batch_of_five()
    refused = same = 0
    for bit, spoilt in turned(wire.pack(raw), places):
        try:
            inflated = wire.unpack(spoilt)
        except Malformed as no:
            assert 400 <= ingest.STATUS[no.code] < 500
            refused += 1
        else:
            # Bits of gzip's own header that say nothing of the content.
            assert inflated == raw, bit
            same += 1
    return refused, same


def taken(office: Office, raw: bytes) -> None:
    """The good batch is taken after all that, so that nothing of the refusals stayed."""
    with office.db.writing() as conn:
        verdict = ingest.accept(conn, office.projections.tell, wire.pack(raw), at=6, types=office.projections.types)
    assert (verdict.status, verdict.seq) == (200, 4)


def test_some_bits_of_an_inflated_batch(vectors: Office) -> None:
    """A sample of all bits, the same at each run."""
    bits = 8 * len(batch_of_five())
    assert refused_inflated(vectors, random.Random(5).sample(range(bits), FEW)) == FEW


def test_every_bit_of_a_packed_batch() -> None:
    """Every one of them: gzip's sum catches what its structure does not."""
    bits = 8 * len(wire.pack(batch_of_five()))
    refused, same = refused_packed(range(bits))
    assert refused + same == bits
    assert refused > 0.98 * bits


@pytest.mark.faults
def test_every_bit_of_an_inflated_batch(vectors: Office, record_property: Keep) -> None:
    """All of them."""
    bits = 8 * len(batch_of_five())
    refused = refused_inflated(vectors, range(bits))
    counts.campaign(record_property, "a batch of five", trials=bits, unit="bits", refused_without_a_trace=refused)
