"""Entries, checkpoints, proofs and receipts, as anybody may ask for them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ledger.errors import InputError, NotFoundError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import root_at, verify_consistency, verify_inclusion
from ledger.log.tiles import TilePath, tile_bytes, tile_width
from ledger.store.committing import Committer
from ledger.store.reader import Reader
from tests.unit.store.builders import (
    LEDGER_ID,
    ORIGIN,
    log_signer,
    order,
    proved,
    receipts_of,
)

if TYPE_CHECKING:
    from ledger.log.receipts import Receipt
    from ledger.store.committing import Ledger
    from tests.unit.store.builders import LedgerFolder

SIZE = 9


@pytest.fixture
def receipts(ledger: Ledger) -> list[Receipt]:
    """The receipts of entries 2 to 8; checkpoints stand at 1, 2, 5 and 9."""
    given: list[Receipt] = []
    for size in (3, 4):
        envelopes = [order(number, f"of-{size}") for number in range(size)]
        given += receipts_of(Committer(ledger).commit([envelopes])[0])
    return given


@pytest.fixture
def reader(folder: LedgerFolder, receipts: list[Receipt]) -> Reader:
    """A reader that has loaded nothing yet."""
    assert receipts
    return folder.open().reader


class TestCheckpoints:
    def test_the_newest_is_the_logs(self, reader: Reader) -> None:
        stored = reader.latest_checkpoint()

        opened = open_checkpoint(stored.note, origin=ORIGIN, verifiers=[log_signer().key])
        assert (stored.tree_size, opened.size, reader.tree_size()) == (SIZE, SIZE, SIZE)

    @pytest.mark.parametrize(("size", "covering"), [(1, 1), (2, 2), (3, 5), (5, 5), (6, 9)])
    def test_one_covers_every_size(self, reader: Reader, size: int, covering: int) -> None:
        assert reader.checkpoint_covering(size).tree_size == covering

    @pytest.mark.parametrize("size", [SIZE + 1, 2**63, 2**64])
    def test_none_covers_what_is_not_there(self, reader: Reader, size: int) -> None:
        with pytest.raises(NotFoundError) as refusal:
            reader.checkpoint_covering(size)

        assert refusal.value.rule == "tree-size"

    @pytest.mark.parametrize(
        ("size", "page", "after"),
        [(0, 1, 1), (0, 3, 5), (2, 3, 5), (2, 4, 9), (0, 500, 9), (8, 1, 9), (9, 1, None)],
    )
    def test_reading_goes_on_to_a_checkpoint(
        self, reader: Reader, size: int, page: int, after: int | None
    ) -> None:
        stored = reader.checkpoint_after(size, page=page)

        assert (stored.tree_size if stored else None) == after

    def test_an_empty_database_has_none(self, folder: LedgerFolder) -> None:
        ledger = folder.open()
        ledger.recorder.create_table()

        assert ledger.reader.tree_size() == 0
        assert ledger.reader.checkpoint_after(0) is None
        with pytest.raises(NotFoundError) as refusal:
            ledger.reader.latest_checkpoint()
        assert refusal.value.rule == "not-founded"


class TestEntries:
    @pytest.mark.parametrize(
        ("start", "end", "indexes"),
        [
            (0, 2, [0, 1]),
            (7, 100, [7, 8]),
            (3, 3, []),
            (9, 10, []),
            (8, 2**70, [8]),
            (2**70, 2**71, []),
        ],
    )
    def test_a_range_is_read_as_far_as_it_is_there(
        self, reader: Reader, start: int, end: int, indexes: list[int]
    ) -> None:
        assert [entry.index for entry in reader.entries(start, end)] == indexes

    @pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 2)])
    def test_a_range_that_cannot_be_is_refused(self, reader: Reader, start: int, end: int) -> None:
        with pytest.raises(InputError) as refusal:
            reader.entries(start, end)

        assert refusal.value.rule == "index-range"

    @pytest.mark.parametrize("page", [1, 4, 100])
    def test_pages_follow_each_other(self, reader: Reader, page: int) -> None:
        pages = list(reader.pages(1, 100, page=page))

        assert [entry.index for entries in pages for entry in entries] == list(range(1, SIZE))
        assert all(len(entries) == page for entries in pages[:-1])

    def test_an_entry_is_the_bytes_of_its_receipt(
        self, reader: Reader, receipts: list[Receipt]
    ) -> None:
        stored = [entry.entry for entry in reader.entries(2, SIZE)]

        assert stored == [receipt.entry for receipt in receipts]


class TestReceipts:
    def test_everybody_gets_the_authors_receipt(
        self, reader: Reader, receipts: list[Receipt]
    ) -> None:
        assert [reader.receipt(receipt.index) for receipt in receipts] == receipts

    @pytest.mark.parametrize("index", range(SIZE))
    def test_every_entry_is_proved_to_its_own_batch(self, reader: Reader, index: int) -> None:
        proved_to = proved(reader.receipt(index))

        assert proved_to.size == reader.checkpoint_covering(index + 1).tree_size

    @pytest.mark.parametrize("index", [-1, SIZE, 2**63, 2**64 - 1])
    def test_what_is_not_there_has_none(self, reader: Reader, index: int) -> None:
        with pytest.raises(NotFoundError):
            reader.receipt(index)

    def test_an_entry_is_found_by_fact_and_by_statement(self, reader: Reader) -> None:
        assert reader.index_of_fact("of-3-0") == 2
        assert reader.index_of_statement(LEDGER_ID) == 0
        with pytest.raises(NotFoundError):
            reader.index_of_fact("of-3-9")
        with pytest.raises(NotFoundError):
            reader.index_of_statement(bytes(32))


class TestProofs:
    @pytest.mark.parametrize("size", range(1, SIZE + 1))
    def test_inclusion_is_proved_at_every_size(self, reader: Reader, size: int) -> None:
        root = root_at(size, reader.tree_of(size))
        for index in range(size):
            (stored,) = reader.entries(index, index + 1)
            proof = reader.inclusion_proof(index, size)
            verify_inclusion(index, size, leaf_hash(stored.entry), proof, root)

    def test_consistency_is_proved_between_checkpoints(self, reader: Reader) -> None:
        sizes = (1, 2, 5, 9)
        roots = {s: reader.checkpoint_covering(s).checkpoint().root for s in sizes}
        for size1 in sizes:
            for size2 in sizes[sizes.index(size1) :]:
                proof = reader.consistency_proof(size1, size2)
                verify_consistency(size1, roots[size1], size2, roots[size2], proof)

    def test_nothing_is_proved_of_what_is_not_there(self, reader: Reader) -> None:
        for prove in (reader.inclusion_proof, reader.consistency_proof):
            with pytest.raises(NotFoundError):
                prove(1, SIZE + 1)
            with pytest.raises(InputError):
                prove(0, 0)
        with pytest.raises(InputError):
            reader.inclusion_proof(SIZE, SIZE)
        with pytest.raises(InputError):
            reader.consistency_proof(5, 2)

    def test_tiles_are_read_from_the_tree(self, reader: Reader) -> None:
        width = tile_width(0, 0, SIZE)

        tile = tile_bytes(TilePath(0, 0, width), reader.tree_of(SIZE))

        hashes = [leaf_hash(entry.entry) for entry in reader.entries(0, SIZE)]
        assert tile == b"".join(hashes)


def test_many_threads_read_at_once(reader: Reader, receipts: list[Receipt]) -> None:
    failures: list[Exception] = []

    def read() -> None:
        try:
            for receipt in receipts:
                assert reader.receipt(receipt.index) == receipt
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
