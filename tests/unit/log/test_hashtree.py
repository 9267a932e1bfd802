from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError, NotFoundError
from ledger.log.hashtree import HashTree, frontier_at
from ledger.log.merkle import EMPTY_ROOT, Frontier, leaf_hash
from tests.unit.log.oracle import Oracle, numbered_leaves

LEAVES = numbered_leaves(131)
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ORACLE = Oracle(LEAVES)


@pytest.mark.parametrize("size", range(132))
def test_every_complete_node_is_the_root_over_its_leaves(size: int) -> None:
    tree = HashTree(HASHES[:size])

    for level in range(8):
        for index in range(size >> level):
            begin = index << level
            assert tree.node(level, index) == ORACLE.mth(begin, begin + (1 << level))


def test_the_empty_tree_has_the_empty_root() -> None:
    tree = HashTree()

    assert (tree.size, tree.root()) == (0, EMPTY_ROOT)


@given(st.lists(st.integers(0, 20), max_size=8))
def test_a_tree_grown_in_batches_equals_one_grown_leaf_by_leaf(batches: list[int]) -> None:
    batched, single = HashTree(), HashTree()
    for batch in batches:
        grown = HASHES[batched.size : batched.size + batch]
        batched.extend(grown)
        for value in grown:
            single.append(value)

    assert batched.size == single.size
    assert batched.root() == single.root() == ORACLE.mth(0, batched.size)
    assert batched._levels == single._levels


@pytest.mark.parametrize(("level", "index"), [(0, 5), (1, 2), (2, 1), (3, 0), (9, 0), (-1, 0)])
def test_a_node_that_is_not_complete_is_not_found(level: int, index: int) -> None:
    tree = HashTree(HASHES[:5])

    with pytest.raises(NotFoundError):
        tree.node(level, index)


def test_a_negative_index_does_not_read_from_the_end() -> None:
    with pytest.raises(NotFoundError):
        HashTree(HASHES[:5]).node(0, -1)


def test_a_bad_hash_in_a_batch_adds_nothing_of_the_batch() -> None:
    tree = HashTree(HASHES[:3])

    with pytest.raises(InputError) as caught:
        tree.extend([HASHES[3], b"short"])

    assert (caught.value.field, caught.value.rule) == ("leaf_hashes[1]", "hash-length")
    assert (tree.size, tree.root()) == (3, ORACLE.mth(0, 3))


@pytest.mark.parametrize("size", range(132))
def test_the_right_edge_at_a_size_is_that_of_a_tree_that_ends_there(size: int) -> None:
    assert frontier_at(size, HashTree(HASHES)) == Frontier().extend(HASHES[:size])
