from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError, NotFoundError, VerificationError
from ledger.log.hashtree import HashTree
from ledger.log.merkle import EMPTY_ROOT, leaf_hash
from ledger.log.proofs import (
    consistency_proof,
    inclusion_proof,
    inclusion_proofs,
    root_at,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.log.builders import flipped
from tests.unit.log.oracle import Oracle, numbered_leaves

LEAVES = numbered_leaves(1100)
ORACLE = Oracle(LEAVES)
TREE = HashTree(map(leaf_hash, LEAVES))
SMALL = range(1, 131)
LARGE = [255, 256, 257, 511, 512, 513, 1000, 1023, 1024, 1025]

sizes = st.integers(1, 130)


def root(size: int) -> bytes:
    return ORACLE.mth(0, size)


def leaf(index: int) -> bytes:
    return leaf_hash(LEAVES[index])


@pytest.mark.parametrize("size", SMALL)
def test_inclusion_proofs_are_those_of_rfc_6962_and_verify(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, size, TREE)
        assert proof == ORACLE.path(index, 0, size)
        verify_inclusion(index, size, leaf(index), proof, root(size))


@pytest.mark.parametrize("size", LARGE)
def test_inclusion_proofs_hold_in_larger_trees(size: int) -> None:
    chosen = {0, 1, size // 2, size - 2, size - 1, *range(0, size, 41)}
    for index in chosen:
        proof = inclusion_proof(index, size, TREE)
        assert proof == ORACLE.path(index, 0, size)
        verify_inclusion(index, size, leaf(index), proof, root(size))


@pytest.mark.parametrize("size", [*range(1, 40), *LARGE])
def test_leaves_proved_together_have_the_proofs_that_each_has_alone(size: int) -> None:
    edges = sorted({0, 1, size // 3, size // 2, size - 1, size} & set(range(size + 1)))
    for begin, end in combinations(edges, 2):
        alone = [inclusion_proof(index, size, TREE) for index in range(begin, end)]
        assert inclusion_proofs(begin, end, size, TREE) == alone


def test_what_stands_beside_several_leaves_is_read_once() -> None:
    reads: list[tuple[int, int]] = []

    class Counting:
        def node(self, level: int, index: int) -> bytes:
            reads.append((level, index))
            return TREE.node(level, index)

    inclusion_proofs(960, 1024, 1024, Counting())

    assert len(reads) == len(set(reads)) == 2 * 63 + 4


@pytest.mark.parametrize("leaves", [(-1, 1), (3, 3), (4, 3), (7, 10)])
def test_leaves_that_the_tree_does_not_hold_are_not_proved(leaves: tuple[int, int]) -> None:
    with pytest.raises(InputError) as caught:
        inclusion_proofs(*leaves, 9, TREE)
    assert caught.value.rule == "index-range"


@pytest.mark.parametrize("size2", SMALL)
def test_consistency_proofs_are_those_of_rfc_6962_and_verify(size2: int) -> None:
    for size1 in range(1, size2 + 1):
        proof = consistency_proof(size1, size2, TREE)
        assert proof == ORACLE.proof(size1, size2)
        verify_consistency(size1, root(size1), size2, root(size2), proof)


@pytest.mark.parametrize("size2", LARGE)
def test_consistency_proofs_hold_in_larger_trees(size2: int) -> None:
    chosen = {1, 2, size2 // 2, size2 - 1, *range(1, size2, 41)}
    for size1 in chosen:
        proof = consistency_proof(size1, size2, TREE)
        assert proof == ORACLE.proof(size1, size2)
        verify_consistency(size1, root(size1), size2, root(size2), proof)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 127, 128, 129, 1024, 1100])
def test_the_root_of_every_earlier_size_can_be_read(size: int) -> None:
    assert root_at(size, TREE) == root(size)


@given(size=sizes, data=st.data())
def test_an_inclusion_proof_with_a_bit_changed_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, TREE)
    parts = [leaf(index), root(size), *proof]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = flipped(parts[place], data.draw(st.integers(0, 255)))

    with pytest.raises(VerificationError) as caught:
        verify_inclusion(index, size, parts[0], parts[2:], parts[1])

    assert caught.value.rule == "inclusion-proof"


@given(size=st.integers(2, 130), data=st.data())
def test_an_inclusion_proof_does_not_hold_at_another_index(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, size - 1).filter(lambda drawn: drawn != index))

    with pytest.raises(VerificationError):
        verify_inclusion(other, size, leaf(index), inclusion_proof(index, size, TREE), root(size))


@given(size=sizes, other=sizes, data=st.data())
def test_an_inclusion_proof_does_not_hold_under_another_root(
    size: int, other: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, min(size, other) - 1))
    proof = inclusion_proof(index, size, TREE)

    if size != other:
        with pytest.raises(VerificationError):
            verify_inclusion(index, other, leaf(index), proof, root(other))


@given(size=sizes, data=st.data())
def test_an_inclusion_proof_that_is_too_short_or_long_is_refused(
    size: int, data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, TREE)
    place = data.draw(st.integers(0, len(proof)))
    longer = [*proof[:place], EMPTY_ROOT, *proof[place:]]

    for changed in (longer, *([proof[1:], proof[:-1]] if proof else [])):
        with pytest.raises(VerificationError) as caught:
            verify_inclusion(index, size, leaf(index), changed, root(size))
        assert caught.value.rule == "proof-length"


@pytest.mark.parametrize("index", [-1, 5, 6])
def test_an_index_outside_the_tree_is_refused(index: int) -> None:
    with pytest.raises(VerificationError) as verifying:
        verify_inclusion(index, 5, leaf(0), [], root(5))
    with pytest.raises(InputError) as proving:
        inclusion_proof(index, 5, TREE)

    assert verifying.value.rule == proving.value.rule == "index-range"


def test_a_leaf_hash_that_is_no_hash_is_refused_even_where_it_is_the_root() -> None:
    with pytest.raises(VerificationError) as caught:
        verify_inclusion(0, 1, b"", [], b"")

    assert (caught.value.field, caught.value.rule) == ("leaf_hash", "hash-length")


def test_hashes_of_uneven_length_cannot_be_shifted_into_each_other() -> None:
    left, right = leaf(0), leaf(1)

    with pytest.raises(VerificationError) as caught:
        verify_inclusion(0, 2, left, [right + b"\x00"], root(2))

    assert (caught.value.field, caught.value.rule) == ("proof[0]", "hash-length")


@given(size1=sizes, size2=sizes, data=st.data())
def test_a_consistency_proof_with_a_bit_changed_is_refused(
    size1: int, size2: int, data: st.DataObject
) -> None:
    size1, size2 = min(size1, size2), max(size1, size2)
    parts = [root(size1), root(size2), *consistency_proof(size1, size2, TREE)]
    place = data.draw(st.integers(0, len(parts) - 1))
    parts[place] = flipped(parts[place], data.draw(st.integers(0, 255)))

    with pytest.raises(VerificationError) as caught:
        verify_consistency(size1, parts[0], size2, parts[1], parts[2:])

    assert caught.value.rule == "consistency-proof"


@given(size1=sizes, size2=sizes, data=st.data())
def test_a_consistency_proof_that_is_too_short_or_long_is_refused(
    size1: int, size2: int, data: st.DataObject
) -> None:
    size1, size2 = min(size1, size2), max(size1, size2)
    proof = consistency_proof(size1, size2, TREE)
    place = data.draw(st.integers(0, len(proof)))
    longer = [*proof[:place], root(size1), *proof[place:]]

    for changed in (longer, *([[], proof[1:], proof[:-1]] if proof else [])):
        with pytest.raises(VerificationError) as caught:
            verify_consistency(size1, root(size1), size2, root(size2), changed)
        assert caught.value.rule == "proof-length"


def test_a_hash_of_a_consistency_proof_must_have_the_length_of_one() -> None:
    with pytest.raises(VerificationError) as caught:
        verify_consistency(1, root(1), 2, root(2), [leaf(1)[:31]])

    assert caught.value.rule == "hash-length"


def test_a_history_rewritten_before_the_old_size_is_not_consistent() -> None:
    rewritten = HashTree(map(leaf_hash, [b"changed", *LEAVES[1:9]]))

    with pytest.raises(VerificationError) as caught:
        verify_consistency(6, root(6), 9, rewritten.root(), consistency_proof(6, 9, rewritten))

    assert caught.value.rule == "consistency-proof"


def test_a_tree_is_consistent_with_itself_by_an_empty_proof_only() -> None:
    verify_consistency(7, root(7), 7, root(7), [])

    with pytest.raises(VerificationError):
        verify_consistency(7, root(7), 7, root(8), [])
    with pytest.raises(VerificationError):
        verify_consistency(7, root(7), 7, root(7), [root(7)])


@pytest.mark.parametrize(("size1", "size2"), [(0, 0), (0, 1), (0, 8), (-1, 3), (4, 3), (1, 0)])
def test_sizes_between_which_nothing_is_proved_are_refused(size1: int, size2: int) -> None:
    """From size 0 a "proof" would hold for every root, so there is none."""
    root1, root2 = root(max(size1, 0)), root(size2)

    with pytest.raises(VerificationError) as verifying:
        verify_consistency(size1, root1, size2, root2, [])
    with pytest.raises(InputError) as proving:
        consistency_proof(size1, size2, TREE)

    assert verifying.value.rule == proving.value.rule == "consistency-sizes"


def test_a_proof_beyond_what_the_reader_holds_is_not_found() -> None:
    short = HashTree(map(leaf_hash, LEAVES[:5]))

    with pytest.raises(NotFoundError):
        inclusion_proof(0, 6, short)
    with pytest.raises(NotFoundError):
        consistency_proof(2, 6, short)
    with pytest.raises(NotFoundError):
        root_at(6, short)


def test_there_is_no_root_of_a_negative_size() -> None:
    with pytest.raises(InputError) as caught:
        root_at(-1, TREE)

    assert caught.value.rule == "size-range"
