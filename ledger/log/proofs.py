"""Inclusion and consistency proofs (RFC 6962 sections 2.1.1-2.1.2, RFC 9162 sections 2.1.3-2.1.4).

Maker and verifier walk the same way down from the root, so the shape of a proof follows from
the sizes alone: a verifier knows the one length that fits before it hashes anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from ledger.errors import InputError, VerificationError
from ledger.log.merkle import HASH_BYTES, fold_right, node_hash

if TYPE_CHECKING:
    from collections.abc import Sequence


_Span: TypeAlias = tuple[int, int]
"""The leaves ``[begin, end)`` under one node of some tree."""


class HashReader(Protocol):
    """Where the hashes of complete subtrees come from: memory, a table, or tiles."""

    def node(self, level: int, index: int) -> bytes:
        """Return the root (32 bytes) of the leaves ``[index << level, (index + 1) << level)``.

        Raises:
            NotFoundError: The tree does not hold all of these leaves.
        """
        ...


def inclusion_proof(index: int, size: int, hash_reader: HashReader) -> list[bytes]:
    """Prove that the leaf at ``index`` is in the tree of ``size`` leaves.

    Returns:
        The sibling hashes from the leaf up, as RFC 6962 section 2.1.1 orders ``PATH(m, D[n])``.

    Raises:
        InputError: The tree of that size has no such index.
        NotFoundError: The reader does not hold that many leaves.
    """
    if not 0 <= index < size:
        raise InputError(
            f"A tree of size {size} has no index {index}.", field="index", rule="index-range"
        )
    return [_range_root(span, hash_reader) for span in _siblings_of_leaf(index, (0, size))]


def inclusion_proofs(begin: int, end: int, size: int, hash_reader: HashReader) -> list[list[bytes]]:
    """Prove the leaves ``[begin, end)`` at once: what stands beside several is read once.

    Returns:
        For each leaf what ``inclusion_proof`` gives.

    Raises:
        InputError: The tree of that size has no such leaves, or there are none.
        NotFoundError: The reader does not hold that many leaves.
    """
    if not 0 <= begin < end <= size:
        raise InputError(
            f"A tree of size {size} has no leaves from {begin} to before {end}.",
            field="index",
            rule="index-range",
        )
    return _paths((begin, end), (0, size), hash_reader)


def consistency_proof(size1: int, size2: int, hash_reader: HashReader) -> list[bytes]:
    """Prove that the tree of ``size2`` leaves begins with the tree of ``size1`` leaves.

    Returns:
        The hashes in the order of RFC 6962 section 2.1.2, ``PROOF(m, D[n])``; none if the sizes
        are equal.

    Raises:
        InputError: The sizes are not ``0 < size1 <= size2``; ``verify_consistency`` says why a
            proof from the empty tree is not given.
        NotFoundError: The reader does not hold that many leaves.
    """
    if not 0 < size1 <= size2:
        raise InputError(
            f"There is no consistency proof from size {size1} to size {size2}.",
            field="size1",
            rule="consistency-sizes",
        )
    start, siblings = _siblings_of_edge(size1, size2)
    spans = siblings if start == 0 else [(start, size1), *siblings]
    return [_range_root(span, hash_reader) for span in spans]


def root_at(size: int, hash_reader: HashReader) -> bytes:
    """Return the root hash the tree had at an earlier size, or has at its present one.

    Raises:
        InputError: The size is negative.
        NotFoundError: The reader does not hold that many leaves.
    """
    if size < 0:
        raise InputError(f"A tree cannot have size {size}.", field="size", rule="size-range")
    return _range_root((0, size), hash_reader)


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that a leaf hash is at ``index`` in the tree with this size and root hash.

    Raises:
        VerificationError: It is not, or the proof does not show it.
    """
    if not 0 <= index < size:
        raise VerificationError(
            f"A tree of size {size} has no index {index}.", field="index", rule="index-range"
        )
    _require_hash(leaf_hash, "leaf_hash")
    siblings = _siblings_of_leaf(index, (0, size))
    _require_shape(proof, len(siblings))
    computed = leaf_hash
    for (begin, _), sibling in zip(siblings, proof, strict=True):
        left, right = (sibling, computed) if begin < index else (computed, sibling)
        computed = node_hash(left, right)
    if computed != root:
        raise VerificationError(
            f"The proof does not put this leaf at index {index} under this root hash.",
            field="proof",
            rule="inclusion-proof",
        )


def verify_consistency(
    size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree (size2, root2) begins with the tree (size1, root1).

    **Size 0 is refused**, also against itself. Every tree begins with the empty one, so such a
    proof has nothing in it and no hash of it touches ``root2``: accepting it would let a caller
    take an unverified root for a verified one. RFC 9162 section 2.1.4.1 asks for ``0 < m``, and
    transparency-dev's vectors refuse it too. A log of ours has entry 0 from its founding on; a
    client without an earlier checkpoint has nothing to compare and must pin one instead.

    Raises:
        VerificationError: It does not, the sizes are not ``0 < size1 <= size2``, or the proof
            does not show it.
    """
    if not 0 < size1 <= size2:
        raise VerificationError(
            f"No proof can lead from size {size1} to size {size2}.",
            field="size1",
            rule="consistency-sizes",
        )
    start, siblings = _siblings_of_edge(size1, size2)
    hashes = [root1, *proof] if start == 0 else list(proof)
    _require_shape(proof, len(siblings) + (start != 0))
    computed1 = computed2 = hashes[0]
    for (begin, _), sibling in zip(siblings, hashes[1:], strict=True):
        if begin < start:
            computed1 = node_hash(sibling, computed1)
            computed2 = node_hash(sibling, computed2)
        else:
            computed2 = node_hash(computed2, sibling)
    if (computed1, computed2) != (root1, root2):
        raise VerificationError(
            f"The tree of size {size2} is not shown to begin with the tree of size {size1}.",
            field="proof",
            rule="consistency-proof",
        )


def prefix_root(
    size1: int, size2: int, last_leaf: bytes, proof: Sequence[bytes], root2: bytes
) -> bytes:
    """Say which root hash the first ``size1`` leaves of a tree have, by one inclusion proof.

    The siblings left of the path to leaf ``size1 - 1`` are the complete subtrees that all leaves
    before it are the sum of. So whoever proves that leaf has also shown the root of the tree as it
    stood when that leaf was its last. Where a log has signed another root of that size, this needs
    no cooperation in proving them consistent: it proves that they are not.

    Args:
        size1: How many leaves the prefix has.
        size2: The size of the tree, at least ``size1``.
        last_leaf: The hash of leaf ``size1 - 1``.
        proof: The inclusion proof of that leaf in the tree.
        root2: The tree's root hash.

    Raises:
        VerificationError: The sizes are not ``0 < size1 <= size2``, or the proof does not hold.
    """
    verify_inclusion(size1 - 1, size2, last_leaf, proof, root2)
    computed = last_leaf
    for (begin, _), sibling in zip(_siblings_of_leaf(size1 - 1, (0, size2)), proof, strict=True):
        if begin < size1:
            computed = node_hash(sibling, computed)
    return computed


def _middle(begin: int, end: int) -> int:
    """Where the leaves ``[begin, end)`` divide: at the largest power of two below their number.

    So RFC 6962 section 2.1 splits every tree.
    """
    return begin + (1 << (end - begin - 1).bit_length() - 1)


def _siblings_of_leaf(index: int, subtree: _Span) -> list[_Span]:
    """Return the subtrees beside the path from a leaf up to the root of one that holds it."""
    begin, end = subtree
    siblings = []
    while end - begin > 1:
        middle = _middle(begin, end)
        if index < middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((begin, middle))
            begin = middle
    return siblings[::-1]


def _paths(leaves: _Span, subtree: _Span, hash_reader: HashReader) -> list[list[bytes]]:
    """Return the path of each of these leaves up to the root of a subtree that holds them."""
    first, last = leaves
    if last - first == 1:
        return [[_range_root(span, hash_reader) for span in _siblings_of_leaf(first, subtree)]]
    begin, end = subtree
    middle = _middle(begin, end)
    left, right = (begin, middle), (middle, end)
    paths = []
    if first < middle:
        paths += _beside(right, _paths((first, min(last, middle)), left, hash_reader), hash_reader)
    if middle < last:
        paths += _beside(left, _paths((max(first, middle), last), right, hash_reader), hash_reader)
    return paths


def _beside(sibling: _Span, paths: list[list[bytes]], hash_reader: HashReader) -> list[list[bytes]]:
    """Go one step further up with each of these paths, past the same sibling."""
    root = _range_root(sibling, hash_reader)
    for path in paths:
        path.append(root)
    return paths


def _siblings_of_edge(size1: int, size2: int) -> tuple[int, list[_Span]]:
    """Return where the smallest node that ends where the old tree ended begins, and those beside.

    Both trees have that node. The siblings left of it are in both trees, those right of it only
    in the new one. A start at leaf 0 is the whole old tree, so its hash is ``root1`` and a proof
    leaves it out.
    """
    begin, end = 0, size2
    siblings = []
    while end != size1:
        middle = _middle(begin, end)
        if size1 <= middle:
            siblings.append((middle, end))
            end = middle
        else:
            siblings.append((begin, middle))
            begin = middle
    return begin, siblings[::-1]


def _range_root(span: _Span, hash_reader: HashReader) -> bytes:
    """Return the root over a span, read as the complete subtrees it is the sum of."""
    begin, end = span
    roots = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        roots.append(hash_reader.node(level, begin >> level))
        begin += 1 << level
    return fold_right(roots) if len(roots) != 1 else roots[0]


def _require_shape(proof: Sequence[bytes], count: int) -> None:
    if len(proof) != count:
        raise VerificationError(
            f"The proof has {len(proof)} hashes, these sizes need {count}.",
            field="proof",
            rule="proof-length",
        )
    for place, value in enumerate(proof):
        _require_hash(value, f"proof[{place}]")


def _require_hash(value: bytes, field: str) -> None:
    if len(value) != HASH_BYTES:
        raise VerificationError(
            f"A hash has {len(value)} bytes, not {HASH_BYTES}.", field=field, rule="hash-length"
        )
