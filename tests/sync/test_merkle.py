"""HQ's log in the small: trees, proofs and signed checkpoints, against the published vectors."""

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pos.seal import Keyring
from sync import checkpoint, merkle
from sync.checkpoint import Checkpoint
from sync.merkle import Frontier, Tiles, grow, leaf_hash

V = json.loads((Path(__file__).parents[1] / "golden" / "zjp.json").read_text())
C = V["checkpoint"]
HQ = Keyring(bytes.fromhex(V["keys"]["hq"]["seed"]))
MOST = 700


class Log:
    """A log with all its leaves at hand: its tiles, and its root at every size by another way."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.hashes = [leaf_hash(leaf) for leaf in leaves]
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.reads: Counter[tuple[int, int]] = Counter()
        edge, self.roots = Frontier(), [merkle.EMPTY]
        for told in self.hashes:
            edge.push(told)
            self.roots.append(edge.root)

    def fill(self, *, steps: list[int]) -> "Log":
        """Let the tiles grow, a few leaves at a time."""
        at = 0
        for step in [*steps, len(self.hashes)]:
            self.tiles |= grow(at, self.hashes[at : at + step], self.read)
            at = min(len(self.hashes), at + step)
        return self

    def read(self, level: int, place: int) -> bytes:
        """Return a tile, and count it."""
        self.reads[level, place] += 1
        return self.tiles.get((level, place), b"")

    @property
    def node(self) -> Tiles:
        """A fresh reader."""
        self.reads.clear()
        return Tiles(self.read)


LOG = Log([b"leaf %d" % i for i in range(MOST)]).fill(steps=[1, 2, 252, 1, 1, 300])


def by_the_book(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 §2.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return merkle.node_hash(by_the_book(hashes[:k]), by_the_book(hashes[k:]))


def test_the_published_vectors_are_ours() -> None:
    """Roots at each size, the proof of the fourth leaf, the signed note and its key id are those of the protocol."""
    log = Log([leaf.encode() for leaf in C["leaves"]]).fill(steps=[])
    assert {str(n): root.hex() for n, root in enumerate(log.roots)} == C["roots_by_size"]
    proof = merkle.inclusion(log.node, 3, 5)
    assert [step.hex() for step in proof] == C["inclusion_index3_size5"]
    assert merkle.included(log.hashes[3], 3, 5, proof, log.roots[5])
    told = Checkpoint("hq.zinc.example/heads", 5, log.roots[5])
    assert checkpoint.sign(HQ, told) == C["note"]
    assert checkpoint.read(C["note"], HQ.public) == told
    assert checkpoint.key_id(told.origin, HQ.public).hex() == C["key_id"]
    leaf = json.loads(C["leaves"][3])
    assert checkpoint.leaf(leaf["cafe"], leaf["j"], leaf["seq"], leaf["head"]).decode() == C["leaves"][3]


def test_roots_do_not_depend_on_how_the_log_grew() -> None:
    """Tiles grown by steps, the running edge and the book give the same root at every size."""
    node = LOG.node
    for size in range(MOST + 1):
        assert merkle.root(node, size) == LOG.roots[size]
    for size in (0, 1, 2, 3, 7, 255, 256, 257, 512, 513, MOST):
        assert by_the_book(LOG.hashes[:size]) == LOG.roots[size]
    assert Log([b"leaf %d" % i for i in range(MOST)]).fill(steps=[]).tiles == LOG.tiles


def test_a_log_continues_each_of_its_beginnings() -> None:
    """Over ten thousand pairs of sizes drawn at random a proof is good, and none other is (H10, T6)."""
    chance, node = random.Random(6962), Tiles(LOG.read)
    for _ in range(10_000):
        new = chance.randint(0, MOST)
        old = chance.randint(0, new)
        proof = merkle.consistency(node, old, new)
        assert merkle.consistent(old, LOG.roots[old], new, LOG.roots[new], proof)
        assert len(proof) <= 11
        if proof:
            at = chance.randrange(len(proof))
            wrong = [*proof[:at], bytes(32), *proof[at + 1 :]]
            assert not merkle.consistent(old, LOG.roots[old], new, LOG.roots[new], wrong)
            assert not merkle.consistent(old, LOG.roots[old], new, LOG.roots[new], proof[:-1])
            assert not merkle.consistent(old, bytes(32), new, LOG.roots[new], proof)
            assert not merkle.consistent(old, LOG.roots[old], new, bytes(32), proof)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_every_leaf_is_proved_in_its_place_and_in_no_other(data: st.DataObject) -> None:
    """An inclusion proof holds for its leaf, its place, its size and its root, and for nothing else."""
    size = data.draw(st.integers(1, MOST))
    place = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion(LOG.node, place, size)
    leaf, root = LOG.hashes[place], LOG.roots[size]
    assert merkle.included(leaf, place, size, proof, root)
    assert not merkle.included(LOG.hashes[(place + 1) % MOST], place, size, proof, root)
    other = data.draw(st.integers(-1, size))
    assert (other == place) == merkle.included(leaf, other, size, proof, root)
    assert not merkle.included(leaf, place, size, [*proof, root], root)
    assert not merkle.included(leaf, place, size, proof, LOG.roots[size - 1])


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_leaf_dropped_changed_or_moved_does_not_continue(data: st.DataObject) -> None:
    """A log with a past of its own has no proof that continues the true one, whatever its server answers."""
    old = data.draw(st.integers(2, 40))
    leaves = [b"leaf %d" % i for i in range(60)]
    at = data.draw(st.integers(0, old - 2))
    match data.draw(st.sampled_from(["dropped", "changed", "moved"])):
        case "dropped":
            del leaves[at]
        case "changed":
            leaves[at] += b"!"
        case _:
            leaves[at], leaves[at + 1] = leaves[at + 1], leaves[at]
    forged = Log(leaves).fill(steps=[])
    new = data.draw(st.integers(old, len(leaves)))
    assert forged.roots[old] != LOG.roots[old]
    assert not merkle.consistent(old, LOG.roots[old], new, forged.roots[new], merkle.consistency(forged.node, old, new))


def test_a_proof_over_a_million_leaves_reads_a_handful_of_rows() -> None:
    """Reads grow like the number of levels of tiles: at 10^6 leaves at most seven rows for any proof."""
    # Only shapes matter: every hash of a tile is the same here.
    reads: Counter[tuple[int, int]] = Counter()

    def read(level: int, place: int) -> bytes:
        reads[level, place] += 1
        return bytes(32 * 256)

    size, chance = 1_000_000, random.Random(1)
    for _ in range(50):
        reads.clear()
        node = Tiles(read)
        merkle.inclusion(node, chance.randrange(size), size)
        merkle.consistency(node, chance.randrange(size), size)
        assert sum(reads.values()) <= 7


@pytest.mark.parametrize(
    "spoil",
    [
        lambda note: note.replace("\n5\n", "\n05\n"),
        lambda note: note.replace("\n5\n", "\n6\n"),
        lambda note: note[:-1],
        lambda note: note + "x" * 3_000,
        lambda note: note.replace("\n\n", "\nmore\n\n"),
        lambda note: note.replace("— hq", "- hq"),
        lambda note: note.replace("hq.zinc", "h q.zinc"),
        lambda note: note.replace("E+xN", "F+xN"),
        lambda note: note.replace("E+xN", "*"),
        lambda note: note.replace("uQ/B", "uQ/C"),
        lambda note: note[:0],
    ],
)
def test_a_note_that_is_not_whole_says_nothing(spoil) -> None:
    """Whatever is changed in a note, it is read as none."""
    assert checkpoint.read(spoil(C["note"]), HQ.public) is None


def test_a_witness_may_sign_beside_hq_and_nobody_instead() -> None:
    """Another line of signature does not disturb; another key's alone is not HQ's."""
    other = Keyring(bytes(32))
    told = Checkpoint("hq.zinc.example/heads", 5, bytes(32))
    theirs, ours = checkpoint.sign(other, told), checkpoint.sign(HQ, told)
    assert checkpoint.read(theirs, HQ.public) is None
    assert checkpoint.read(theirs + ours.partition("\n\n")[2], HQ.public) == told


def test_a_note_cannot_be_made_of_another_message() -> None:
    """Notes are signed without a domain, so that a text with the byte that ends a domain is refused."""
    with pytest.raises(ValueError, match="zero byte"):
        HQ.sign_note("zinc/ack/1\0{}")
    with pytest.raises(ValueError, match="name of a log"):
        checkpoint.sign(HQ, Checkpoint("two words", 1, bytes(32)))


def test_proofs_of_what_is_not_there_are_refused() -> None:
    """No leaf beyond the end, no smaller log, no tile that does not hold what the size says."""
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion(LOG.node, 5, 5)
    with pytest.raises(ValueError, match="only grows"):
        merkle.consistency(LOG.node, 6, 5)
    with pytest.raises(LookupError):
        merkle.root(LOG.node, MOST + 1)
    with pytest.raises(LookupError):
        grow(5, [bytes(32)], Log([]).read)
    long = merkle.consistency(LOG.node, 2, 3)
    assert not merkle.consistent(2, LOG.roots[2], 3, LOG.roots[3], [*long, bytes(32)])
    assert Frontier().root == merkle.root(LOG.node, 0) == merkle.EMPTY
    assert not merkle.consistent(6, LOG.roots[6], 5, LOG.roots[5], [])
    assert not merkle.consistent(3, LOG.roots[3], 5, LOG.roots[5], [])
    assert merkle.consistent(0, merkle.EMPTY, 5, LOG.roots[5], [])
    assert not merkle.included(LOG.hashes[0], 0, 1, [bytes(32)], LOG.roots[1])
