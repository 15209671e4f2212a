"""Every log of up to seventeen leaves, against the definitions of RFC 6962 §2.1 written down once more."""

import hashlib

import pytest

from sync import merkle

LEAVES = [bytes([n]) for n in range(17)]
OTHER = b"\xff" * 32


def tree(leaves: list[bytes]) -> bytes:
    """MTH: the hash of a list."""
    if len(leaves) < 2:
        return hashlib.sha256(b"\0" + leaves[0] if leaves else b"").digest()
    k = largest(len(leaves))
    return hashlib.sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()


def largest(n: int) -> int:
    """The largest power of two below `n`."""
    return max(2**i for i in range(6) if 2**i < n)


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH: the proof that leaf `m` is in the list."""
    if len(leaves) == 1:
        return []
    k = largest(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), tree(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree(leaves[:k])]


def subproof(m: int, leaves: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF: the proof that the list begins with its first `m` leaves."""
    if m == len(leaves):
        return [] if whole else [tree(leaves)]
    k = largest(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole=whole), tree(leaves[k:])]
    return [*subproof(m - k, leaves[k:], whole=False), tree(leaves[:k])]


def node(level: int, place: int) -> bytes:
    """The hash of a complete subtree."""
    found = LEAVES[place << level : (place + 1) << level]
    assert len(found) == 1 << level
    return tree(found)


def test_every_root_and_every_proof_is_that_of_the_definitions() -> None:
    """Roots, inclusion and consistency, in every place of every size; a frontier and tiles give the same roots."""
    grown, tiles = merkle.Frontier(), merkle.Tiles(lambda level, _place: b"" if level else hashes)
    hashes = b"".join(merkle.leaf_hash(leaf) for leaf in LEAVES)
    for size in range(len(LEAVES) + 1):
        assert merkle.root(node, size) == merkle.root(tiles, size) == grown.root == tree(LEAVES[:size])
        assert grown.size == size
        for place in range(size):
            assert merkle.inclusion(node, place, size) == path(place, LEAVES[:size])
        for old in range(1, size + 1):
            assert merkle.consistency(node, old, size) == subproof(old, LEAVES[:size], whole=True)
        assert merkle.consistency(node, 0, size) == []
        if size < len(LEAVES):
            grown.push(merkle.leaf_hash(LEAVES[size]))
    for place in (-1, 3):
        with pytest.raises(ValueError, match=r"^no such leaf$"):
            merkle.inclusion(node, place, 3)
    for old, new in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match=r"^a log only grows$"):
            merkle.consistency(node, old, new)


def test_a_proof_of_inclusion_proves_its_leaf_in_its_place_alone() -> None:
    """Another leaf, place, size or root, a step less, more or changed: no proof."""
    for size in range(1, len(LEAVES) + 1):
        root = tree(LEAVES[:size])
        for place in range(size):
            leaf, proof = merkle.leaf_hash(LEAVES[place]), path(place, LEAVES[:size])
            assert merkle.included(leaf, place, size, proof, root)
            assert not merkle.included(OTHER, place, size, proof, root)
            assert not merkle.included(leaf, place, size, proof, OTHER)
            assert not merkle.included(leaf, place, size, [*proof, OTHER], root)
            assert not merkle.included(leaf, place, size, [*proof, OTHER, OTHER], root)
            for n in range(len(proof)):
                assert not merkle.included(leaf, place, size, [*proof[:n], OTHER, *proof[n + 1 :]], root)
                assert not merkle.included(leaf, place, size, proof[:n] + proof[n + 1 :], root)
            for elsewhere in range(-1, size + 1):
                if elsewhere != place:
                    assert not merkle.included(leaf, elsewhere, size, proof, root)


def test_a_proof_of_consistency_proves_one_beginning_alone() -> None:
    """Other roots, a step less, more or changed: no proof; nothing begins everything, everything begins itself."""
    for new in range(len(LEAVES) + 1):
        end = tree(LEAVES[:new])
        for old in range(new + 1):
            start = tree(LEAVES[:old])
            proof = subproof(old, LEAVES[:new], whole=True) if old else []
            assert merkle.consistent(old, start, new, end, proof)
            assert not merkle.consistent(old, OTHER, new, end, proof)
            assert not merkle.consistent(old, start, new, end, [*proof, OTHER])
            assert not merkle.consistent(old, start, new, end, [*proof, OTHER, OTHER])
            if old > 0:
                assert not merkle.consistent(old, start, new, OTHER, proof)
            for n in range(len(proof)):
                assert not merkle.consistent(old, start, new, end, [*proof[:n], OTHER, *proof[n + 1 :]])
                assert not merkle.consistent(old, start, new, end, proof[:n] + proof[n + 1 :])
    assert not merkle.consistent(-1, merkle.EMPTY, 3, tree(LEAVES[:3]), [])
    assert not merkle.consistent(4, tree(LEAVES[:4]), 3, tree(LEAVES[:3]), [])


def test_each_tile_is_read_once_and_a_subtree_comes_from_the_level_that_holds_it() -> None:
    """Within a tile its hashes are folded; from 256 leaves on the tile above answers; what it lacks is named."""
    asked: list[tuple[int, int]] = []

    def read(level: int, place: int) -> bytes:
        asked.append((level, place))
        return b"".join(bytes([level, place, n]) + bytes(29) for n in range(256))

    tiles = merkle.Tiles(read)
    one = [bytes([1, 0, n]) + bytes(29) for n in range(256)]
    assert tiles(8, 5) == one[5]
    assert tiles(9, 2) == merkle.node_hash(one[4], one[5])
    assert tiles(0, 256 + 7) == bytes([0, 1, 7]) + bytes(29)
    assert tiles(7, 3) == merkle.fold([bytes([0, 1, n]) + bytes(29) for n in range(128, 256)])
    assert asked == [(1, 0), (0, 1)]
    short = merkle.Tiles(lambda _level, _place: bytes(3 * 32))
    assert short(0, 2) == bytes(32)
    for level, place, told in ((0, 3, 4), (1, 1, 4), (2, 0, 4)):
        with pytest.raises(LookupError, match=rf"^tile 0/0 ends before leaf hash {told}$"):
            short(level, place)
    with pytest.raises(LookupError, match=r"^tile 1/2 ends before leaf hash 4$"):
        short(8, 2 * 256 + 3)
