"""The tree in memory holds what the database signed, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError
from ledger.log.proofs import root_at
from ledger.store import tree as tree_module
from ledger.store.committing import Committer
from ledger.store.rows import StoredCheckpoint
from ledger.store.tree import LogTree
from tests.unit.store.builders import order, receipts_of, tamper

if TYPE_CHECKING:
    from ledger.store.committing import Ledger
    from tests.unit.store.builders import LedgerFolder


@pytest.fixture
def longer(ledger: Ledger) -> Ledger:
    """A ledger with checkpoints at 1, 2, 5 and 9."""
    for size in (3, 4):
        envelopes = [order(number, f"of-{size}") for number in range(size)]
        receipts_of(Committer(ledger).commit([envelopes])[0])
    return ledger


def checkpoint_at(ledger: Ledger, size: int) -> StoredCheckpoint:
    return ledger.reader.checkpoint_covering(size)


@pytest.mark.parametrize("page", [1, 2, 4, 100])
def test_leaves_are_loaded_up_to_the_checkpoint_that_is_asked_for(
    longer: Ledger, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(tree_module, "_PAGE", page)
    tree = LogTree(longer.recorder)

    for size in (2, 5, 9):
        checkpoint = checkpoint_at(longer, size)
        hashes = tree.covering(checkpoint)
        assert hashes.size == size
        assert root_at(size, hashes) == checkpoint.checkpoint().root


def test_a_larger_tree_covers_every_earlier_checkpoint(longer: Ledger) -> None:
    tree = LogTree(longer.recorder)
    tree.covering(checkpoint_at(longer, 9))

    assert tree.covering(checkpoint_at(longer, 2)).size == 9


def test_what_was_just_committed_is_added_without_asking(longer: Ledger) -> None:
    tree = LogTree(longer.recorder)
    tree.covering(checkpoint_at(longer, 5))

    tree.extend(5, longer.recorder.leaf_hashes(5, 9))

    assert tree.hashes.root() == checkpoint_at(longer, 9).checkpoint().root


@pytest.mark.parametrize("first", [4, 6, 0])
def test_nothing_is_added_in_another_place(longer: Ledger, first: int) -> None:
    tree = LogTree(longer.recorder)
    tree.covering(checkpoint_at(longer, 5))

    tree.extend(first, [bytes(32)])

    assert tree.hashes.size == 5


def test_a_cleared_tree_is_loaded_again(longer: Ledger) -> None:
    tree = LogTree(longer.recorder)
    tree.covering(checkpoint_at(longer, 9))
    tree.clear()

    assert tree.hashes.size == 0
    assert tree.covering(checkpoint_at(longer, 5)).size == 5


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_entries SET leaf_hash = zeroblob(32) WHERE entry_index = 7",
        "DELETE FROM ledger_entries WHERE entry_index = 8",
        "DELETE FROM ledger_entries",
    ],
)
def test_hashes_that_do_not_make_the_signed_root_are_refused_and_forgotten(
    longer: Ledger, folder: LedgerFolder, change: str
) -> None:
    checkpoint = checkpoint_at(longer, 9)
    tamper(folder, change)
    tree = LogTree(longer.recorder)

    for _ in range(2):
        with pytest.raises(StoreError) as refusal:
            tree.covering(checkpoint)
        assert refusal.value.rule == "root-mismatch"
        assert tree.hashes.size == 0
