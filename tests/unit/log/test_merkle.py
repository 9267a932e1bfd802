from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError
from ledger.log.merkle import EMPTY_ROOT, Frontier, fold_right, leaf_hash, node_hash, root_of
from tests.unit.log.oracle import Oracle, numbered_leaves

LEAVES = numbered_leaves(131)
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ORACLE = Oracle(LEAVES)


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert sha256(b"").digest() == EMPTY_ROOT == Frontier().root() == root_of([])


def test_leaf_and_node_are_hashed_under_different_prefixes() -> None:
    left, right = leaf_hash(b"l"), leaf_hash(b"r")

    assert leaf_hash(b"l") == sha256(b"\x00l").digest()
    assert node_hash(left, right) == sha256(b"\x01" + left + right).digest()
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("size", range(132))
def test_a_frontier_has_the_root_of_rfc_6962_at_every_size(size: int) -> None:
    assert Frontier().extend(HASHES[:size]).root() == ORACLE.mth(0, size)


@pytest.mark.parametrize("size", [255, 256, 257, 1000, 4095, 4096, 4097])
def test_a_frontier_has_the_root_of_rfc_6962_at_larger_sizes(size: int) -> None:
    leaves = numbered_leaves(size)

    assert root_of(map(leaf_hash, leaves)) == Oracle(leaves).mth(0, size)


@given(st.lists(st.integers(0, 20), max_size=8))
def test_the_way_leaves_are_batched_does_not_matter(batches: list[int]) -> None:
    frontier, at = Frontier(), 0
    for batch in batches:
        frontier = frontier.extend(HASHES[at : min(at + batch, 131)])
        at = min(at + batch, 131)
    one_by_one = Frontier()
    for value in HASHES[:at]:
        one_by_one = one_by_one.append(value)

    assert frontier == one_by_one
    assert frontier.size == at


def test_growing_a_frontier_leaves_the_old_one_as_it_was() -> None:
    before = Frontier().extend(HASHES[:7])

    after = before.append(HASHES[7])

    assert (before.size, before.root()) == (7, ORACLE.mth(0, 7))
    assert (after.size, after.root()) == (8, ORACLE.mth(0, 8))


@given(st.integers(0, 131))
def test_a_stored_frontier_is_restored_equal(size: int) -> None:
    frontier = Frontier().extend(HASHES[:size])

    restored = Frontier.from_hashes(size, frontier.to_hashes())

    assert restored == frontier
    assert len(frontier.to_hashes()) == size.bit_count()


@pytest.mark.parametrize(("size", "count"), [(5, 1), (5, 3), (0, 1), (1, 0), (-1, 1)])
def test_a_stored_frontier_of_the_wrong_shape_is_refused(size: int, count: int) -> None:
    with pytest.raises(InputError) as caught:
        Frontier.from_hashes(size, HASHES[:count])

    assert caught.value.rule == "frontier-shape"


def test_a_stored_frontier_with_a_short_hash_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Frontier.from_hashes(5, [HASHES[0], HASHES[1][:31]])

    assert (caught.value.field, caught.value.rule) == ("hashes[1]", "hash-length")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_leaf_hash_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(InputError) as caught:
        Frontier().extend([HASHES[0], bytes(length)])

    assert (caught.value.field, caught.value.rule) == ("leaf_hashes[1]", "hash-length")


def test_frontiers_are_equal_by_size_and_hashes() -> None:
    frontier = Frontier().extend(HASHES[:3])

    assert frontier == Frontier().extend(HASHES[:3])
    assert hash(frontier) == hash(Frontier().extend(HASHES[:3]))
    assert frontier != Frontier().extend(HASHES[1:4])
    assert frontier != frontier.append(HASHES[3])
    assert frontier != "a frontier"


def test_a_frontier_shows_its_size_and_root() -> None:
    shown = repr(Frontier().append(HASHES[0]))

    assert shown == f"Frontier(size=1, root={HASHES[0].hex()})"


def test_folding_joins_the_smaller_subtrees_first() -> None:
    a, b, c = HASHES[:3]

    assert fold_right([a, b, c]) == node_hash(a, node_hash(b, c))
    assert fold_right([]) == EMPTY_ROOT
