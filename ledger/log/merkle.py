"""Merkle tree hashing (RFC 6962 section 2.1, RFC 9162 section 2.1.1) and the tree's right edge.

The two prefixes keep a leaf from ever passing for an inner node, which is what makes a proof
mean something: without them an inner node's 64 bytes could be presented as an entry.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, final

from ledger.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_BYTES: Final = 32
"""Length of every hash in the tree (SHA-256)."""

EMPTY_ROOT: Final = sha256(b"").digest()
"""Root hash of the tree of size 0."""


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf: ``SHA-256(0x00 || data)`` (RFC 6962 section 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children: ``SHA-256(0x01 || left || right)`` (RFC 6962 section 2.1)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root hash of the tree over these leaf hashes.

    Raises:
        InputError: A leaf hash is not 32 bytes long.
    """
    return Frontier().extend(leaf_hashes).root()


@final
class Frontier:
    """The compact range of a tree: the roots of the complete subtrees its size is the sum of.

    It is all that appending needs: one hash for each 1 in the binary size, the largest subtree
    first. A frontier never changes; growing one gives another, so a writer whose transaction
    fails just keeps the one it had. Take ``Frontier()`` and grow it, or ``from_hashes``, which
    checks; the constructor does not.
    """

    __slots__ = ("_hashes", "_size")

    def __init__(self, size: int = 0, hashes: tuple[bytes, ...] = ()) -> None:
        self._size = size
        self._hashes = hashes

    @classmethod
    def from_hashes(cls, size: int, hashes: Sequence[bytes]) -> Frontier:
        """Restore the frontier of a tree from its size and what ``to_hashes`` gave.

        The hashes themselves cannot be checked here: compare ``root()`` with a root that is known.

        Raises:
            InputError: The count or a length does not fit the size.
        """
        if size < 0 or len(hashes) != size.bit_count():
            raise InputError(
                f"A frontier of size {size} does not have {len(hashes)} hashes.",
                field="hashes",
                rule="frontier-shape",
            )
        for place, value in enumerate(hashes):
            if len(value) != HASH_BYTES:
                raise InputError(
                    f"A frontier's hash has {len(value)} bytes, not {HASH_BYTES}.",
                    field=f"hashes[{place}]",
                    rule="hash-length",
                )
        return cls(size, tuple(hashes))

    @property
    def size(self) -> int:
        """How many leaves the tree has."""
        return self._size

    def to_hashes(self) -> list[bytes]:
        """Return the subtree roots, the largest first: ``size.bit_count()`` hashes of 32 bytes."""
        return list(self._hashes)

    def append(self, leaf_hash: bytes) -> Frontier:
        """Return the frontier of the tree with one leaf more; many leaves go faster by ``extend``.

        Raises:
            InputError: The leaf hash is not 32 bytes long.
        """
        return self.extend((leaf_hash,))

    def extend(self, leaf_hashes: Iterable[bytes]) -> Frontier:
        """Return the frontier of the tree with these leaves added in order.

        Raises:
            InputError: A leaf hash is not 32 bytes long.
        """
        hashes = list(self._hashes)
        size = self._size
        for leaf in leaf_hashes:
            if len(leaf) != HASH_BYTES:
                raise InputError(
                    f"A leaf hash has {len(leaf)} bytes, not {HASH_BYTES}.",
                    field=f"leaf_hashes[{size - self._size}]",
                    rule="hash-length",
                )
            # Each trailing 1 of the old size is a complete subtree as large as the one carried:
            # the two become one, exactly as a carry runs through a binary counter.
            carried, ones = leaf, size
            while ones & 1:
                carried = sha256(b"\x01" + hashes.pop() + carried).digest()
                ones >>= 1
            hashes.append(carried)
            size += 1
        return Frontier(size, tuple(hashes))

    def root(self) -> bytes:
        """Return the root hash (32 bytes); ``EMPTY_ROOT`` for the empty tree."""
        return fold_right(self._hashes)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frontier):
            return NotImplemented
        return self._size == other._size and self._hashes == other._hashes

    def __hash__(self) -> int:
        return hash((self._size, self._hashes))

    def __repr__(self) -> str:
        return f"Frontier(size={self._size}, root={self.root().hex()})"


def fold_right(subtree_roots: Sequence[bytes]) -> bytes:
    """Join adjoining complete subtrees, the largest first, into the root above them.

    RFC 6962 splits a tree at the largest power of two, so the smaller ones join first. Nothing
    gives ``EMPTY_ROOT``.
    """
    if not subtree_roots:
        return EMPTY_ROOT
    root = subtree_roots[-1]
    for left in reversed(subtree_roots[:-1]):
        root = node_hash(left, root)
    return root
