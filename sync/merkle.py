"""RFC 6962 Merkle trees: roots, proofs of inclusion and of consistency, and their verification. Pure functions.

A tree is read through `Node`: the hash of a complete subtree, by level and place. `Tiles` answers it from
rows of 256 hashes (C2SP tlog-tiles), so that a proof over a million leaves reads half a dozen of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

# (level, place) → hash over leaves place·2^level … (place+1)·2^level − 1.
Node = Callable[[int, int], bytes]
# (level, place) → the hashes of a tile one after another; empty when there is none.
ReadTile = Callable[[int, int], bytes]

EMPTY = hashlib.sha256().digest()
SIZE = 32
HEIGHT = 8
WIDTH = 1 << HEIGHT


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf."""
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(node: Node, size: int) -> bytes:
    """Return the root over the first `size` leaves."""
    return _over(node, 0, size) if size else EMPTY


def inclusion(node: Node, place: int, size: int) -> list[bytes]:
    """Return the proof that the leaf at `place` is among the first `size`."""
    if not 0 <= place < size:
        raise ValueError("no such leaf")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if place < middle:
            proof.append(_over(node, middle, end))
            end = middle
        else:
            proof.append(_over(node, start, middle))
            start = middle
    return proof[::-1]


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 <= old <= new:
        raise ValueError("a log only grows")
    proof: list[bytes] = []
    if old in (0, new):
        return proof
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_over(node, middle, end))
            end = middle
        else:
            proof.append(_over(node, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(_over(node, start, end))
    return proof[::-1]


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1


def _over(node: Node, start: int, end: int) -> bytes:
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(_over(node, start, middle), _over(node, middle, end))


def included(leaf: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether `proof` shows that the leaf with hash `leaf` is at `place` of the tree with `root` (RFC 9162 §2.1.3.2)."""
    if not 0 <= place < size:
        return False
    at, last, told = place, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            told = node_hash(step, told)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            told = node_hash(told, step)
        at, last = at >> 1, last >> 1
    return last == 0 and told == root


def consistent(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Tell whether `proof` shows that the tree of `new` leaves begins with that of `old` (RFC 9162 §2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and (old_root == new_root if old == new else old_root == EMPTY)
    steps = list(proof)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, step)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


class Frontier:
    """A tree that only grows, known by its complete subtrees on the right: a root at every size, in little memory."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def push(self, leaf: bytes) -> None:
        """Take one more leaf's hash."""
        at = self.size
        while at & 1:
            leaf = node_hash(self._edge.pop(), leaf)
            at >>= 1
        self._edge.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._edge:
            return EMPTY
        told = self._edge[-1]
        for left in self._edge[-2::-1]:
            told = node_hash(left, told)
        return told


class Tiles:
    """A tree kept in tiles; each tile is read once."""

    def __init__(self, read: ReadTile) -> None:
        self._read = read
        self._told: dict[tuple[int, int], bytes] = {}

    def __call__(self, level: int, place: int) -> bytes:
        """Return the hash of a complete subtree; raise LookupError when the tiles do not hold it."""
        row, within = divmod(level, HEIGHT)
        first = place << within
        tile = self._tile(row, first // WIDTH)
        start, end = first % WIDTH * SIZE, (first % WIDTH + (1 << within)) * SIZE
        if len(tile) < end:
            raise LookupError(f"tile {row}/{first // WIDTH} ends before leaf hash {end // SIZE}")
        hashes = [tile[i : i + SIZE] for i in range(start, end, SIZE)]
        return fold(hashes)

    def _tile(self, level: int, place: int) -> bytes:
        if (level, place) not in self._told:
            self._told[level, place] = self._read(level, place)
        return self._told[level, place]


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a power of two of hashes."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


def grow(size: int, leaves: Iterable[bytes], read: ReadTile) -> dict[tuple[int, int], bytes]:
    """Return the tiles that change when leaf hashes join a tree of `size` leaves: the last of each level, and new ones."""
    changed: dict[tuple[int, int], bytes] = {}
    level, fresh = 0, list(leaves)
    while fresh:
        there = size >> HEIGHT * level
        place, held = divmod(there, WIDTH)
        row = read(level, place) if held else b""
        if len(row) != held * SIZE:
            raise LookupError(f"tile {level}/{place} does not hold {held} hashes")
        row += b"".join(fresh)
        fresh = []
        for start in range(0, len(row), WIDTH * SIZE):
            tile = row[start : start + WIDTH * SIZE]
            changed[level, place] = tile
            place += 1
            if len(tile) == WIDTH * SIZE:
                fresh.append(fold([tile[i : i + SIZE] for i in range(0, len(tile), SIZE)]))
        level += 1
    return changed
