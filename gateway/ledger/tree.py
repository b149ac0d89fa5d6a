"""The Merkle tree over the leaves of a log (RFC 9162 section 2.1, the same tree as RFC 6962).

A leaf's hash is SHA-256 over a zero byte and its bytes; a node's over a one byte and its two children. A tree of n leaves
splits at the greatest power of two below n. From that follows all there is here:

* the *root*, one hash for the whole log as it stands;
* an *inclusion proof*: the hashes beside the way from one leaf up to the root, at most log2(n) of them;
* a *consistency proof*: that the tree of m leaves is the beginning of the tree of n: nothing was changed or taken away.

Pure: lists of 32-byte hashes in and out. Whoever checks a proof needs none of the other leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """The greatest power of two below `count` (at least 2)."""
    return 1 << (count - 1).bit_length() - 1


class Levels:
    """Every level of one tree, from the leaves up, so that a further proof costs one look a level."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        level = list(leaves)
        self._levels = [level]
        while len(level) > 1:
            pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
            level = pairs + level[2 * len(pairs) :]
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """The root; of no leaves, the hash of nothing."""
        return self._levels[-1][0] if self._levels[-1] else EMPTY

    def inclusion(self, index: int) -> list[bytes]:
        """The proof that leaf number `index` (from 0) is in the tree, from the leaf upwards. Raises IndexError."""
        if not 0 <= index < len(self._levels[0]):
            raise IndexError(f"leaf {index} of a tree of {len(self._levels[0])}")
        proof: list[bytes] = []
        for level in self._levels[:-1]:
            if index ^ 1 < len(level):
                proof.append(level[index ^ 1])
            index //= 2
        return proof


class Growing:
    """A tree that grows leaf by leaf and remembers no more than the roots of its whole subtrees: log2(n) hashes."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._whole: list[bytes] = []
        for leaf in leaves:
            self.add(leaf)

    def add(self, leaf: bytes) -> None:
        """Put one more leaf behind the others."""
        made, below = leaf, self.size
        while below & 1:  # as often as the new leaf completes a subtree
            made, below = node_hash(self._whole.pop(), made), below >> 1
        self._whole.append(made)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root; of no leaves, the hash of nothing."""
        if not self._whole:
            return EMPTY
        *rest, found = self._whole
        for left in reversed(rest):
            found = node_hash(left, found)
        return found


def root(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes; of none, the hash of nothing."""
    return Growing(leaves).root


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The proof that `leaves[index]` is in the tree of all `leaves`, from the leaf upwards.

    Raises:
        IndexError: there is no such leaf.
    """
    return Levels(leaves).inclusion(index)


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162 section 2.1.3.2); None where the proof cannot be one."""
    if not 0 <= index < size:
        return None
    at, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(beside, found)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def consistency(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """The proof that the tree of the first `old` leaves is the beginning of the tree of all (section 2.1.4.1).

    Raises:
        IndexError: `old` is not between 1 and the number of leaves.
    """
    if not 0 < old <= len(leaves):
        raise IndexError(f"a tree of {old} in one of {len(leaves)}")
    return [] if old == len(leaves) else _subproof(leaves, old, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*_subproof(leaves[:k], old, whole=whole), root(leaves[k:])]
    return [*_subproof(leaves[k:], old - k, whole=False), root(leaves[:k])]


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a consistency proof holds (section 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not proof and old_root == new_root
    path = list(proof)
    if not old & (old - 1):
        path.insert(0, old_root)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(beside, first), node_hash(beside, second)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
