"""A tree of hashes in memory that grows by appending and answers for every earlier size."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, final

from ledger.errors import InputError, NotFoundError
from ledger.log.merkle import HASH_BYTES, Frontier
from ledger.log.proofs import root_at

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAIR_BYTES = 2 * HASH_BYTES


@final
class HashTree:
    """Every complete node of the tree, one array of bytes a level: 64 bytes a leaf in all.

    A complete node never changes, which is why one tree serves proofs for all sizes up to its
    own. One thread may append while others read: the size grows only after the nodes are there.
    """

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels = [bytearray()]
        self._size = 0
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf hash; many go faster by ``extend``.

        Raises:
            InputError: The leaf hash is not 32 bytes long.
        """
        self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaf hashes in order, all of them or none.

        Raises:
            InputError: A leaf hash is not 32 bytes long.
        """
        added = list(leaf_hashes)
        for place, value in enumerate(added):
            if len(value) != HASH_BYTES:
                raise InputError(
                    f"A leaf hash has {len(value)} bytes, not {HASH_BYTES}.",
                    field=f"leaf_hashes[{place}]",
                    rule="hash-length",
                )
        self._levels[0] += b"".join(added)
        self._complete_parents()
        self._size += len(added)

    def node(self, level: int, index: int) -> bytes:
        """Return the root (32 bytes) of the leaves ``[index << level, (index + 1) << level)``.

        Raises:
            NotFoundError: The tree does not hold all of these leaves.
        """
        if level >= 0 and index >= 0 and (index + 1) << level <= self.size:
            return bytes(self._levels[level][HASH_BYTES * index : HASH_BYTES * (index + 1)])
        raise NotFoundError(
            f"A tree of size {self.size} has no complete node {index} at level {level}.",
            field="index",
            rule="complete-node",
        )

    def root(self) -> bytes:
        """Return the root hash (32 bytes); ``EMPTY_ROOT`` for the empty tree."""
        return root_at(self.size, self)

    def _complete_parents(self) -> None:
        """Hash every pair that has become whole, level by level."""
        below = self._levels[0]
        for level in range(1, (len(below) // HASH_BYTES).bit_length()):
            if level == len(self._levels):
                self._levels.append(bytearray())
            parents = self._levels[level]
            first = 2 * len(parents)
            whole = len(below) - len(below) % _PAIR_BYTES
            for at in range(first, whole, _PAIR_BYTES):
                parents += sha256(b"\x01" + below[at : at + _PAIR_BYTES]).digest()
            below = parents


def frontier_at(size: int, tree: HashTree) -> Frontier:
    """The right edge of a tree as it was at a size: what appending goes on from.

    Raises:
        NotFoundError: The tree is smaller.
    """
    hashes, begin = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            hashes.append(tree.node(level, begin >> level))
            begin += 1 << level
    return Frontier.from_hashes(size, hashes)
