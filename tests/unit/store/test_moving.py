"""A ledger moves whole, goes on after an interruption, and leaves nothing to go on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import RefusedError, StoreError
from ledger.store import moving
from ledger.store.committing import Committer
from ledger.store.moving import move_ledger
from ledger.store.postgres import PostgresLedgerRecorder
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests.postgres import database_in
from tests.unit.store.builders import LedgerFolder, append, enrollment, order, tamper

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.store.rows import Batch

SIZE = 10


@pytest.fixture
def source(folder: LedgerFolder) -> Iterator[SQLiteLedgerRecorder]:
    """A ledger of batches of different lengths, with a stream of two events."""
    ledger = folder.found()
    append(ledger, order(1))
    append(ledger, *map(order, (2, 3, 4)))
    append(ledger, enrollment("clerk"))
    append(ledger, *map(order, (5, 6, 7)))
    recorder = SQLiteLedgerRecorder(folder.path / "ledger.sqlite3")
    yield recorder
    recorder.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[PostgresLedgerRecorder]:
    """An empty database."""
    recorder = PostgresLedgerRecorder(database_in(tmp_path))
    yield recorder
    recorder.close()


def unsealed() -> None:
    """Leave the source as it is."""


class Breaking(PostgresLedgerRecorder):
    """A database that goes away after so many batches."""

    batches = 3

    def insert_batch(self, batch: Batch) -> None:
        self.batches -= 1
        if self.batches < 0:
            raise StoreError("Gone.", rule="test")
        super().insert_batch(batch)


class Altering(PostgresLedgerRecorder):
    """A database that keeps other notes than it was given."""

    def insert_batch(self, batch: Batch) -> None:
        super().insert_batch(type(batch)(batch.entries, batch.tree_size, batch.note + b"\n"))


def test_every_row_and_every_note_moves(
    source: SQLiteLedgerRecorder, target: PostgresLedgerRecorder, folder: LedgerFolder
) -> None:
    told: list[tuple[int, int]] = []

    assert move_ledger(source, target, seal=source.seal, told=lambda *by: told.append(by)) == SIZE

    moved = folder.open(target)
    left = folder.open()
    assert told == [(SIZE, SIZE)]
    assert target.entries(0, 100) == source.entries(0, 100)
    assert target.since(0, 100) == source.since(0, 100)
    assert target.notes_at(range(20)) == source.notes_at(range(20))
    for index in range(SIZE):
        assert moved.reader.receipt(index) == left.reader.receipt(index)
    assert append(moved, order(3)) == append(left, order(3))
    assert append(moved, order(9))[0].index == SIZE


def test_what_was_left_takes_no_more_entries_from_anybody(
    source: SQLiteLedgerRecorder, target: PostgresLedgerRecorder, folder: LedgerFolder
) -> None:
    running = Committer(folder.open())
    running.catch_up()

    move_ledger(source, target, seal=source.seal)

    (outcome,) = running.commit([[order(9)]])
    assert isinstance(outcome, StoreError)
    assert "has moved" in outcome.message
    assert source.latest_checkpoint() == target.latest_checkpoint()


def test_a_move_that_was_cut_short_goes_on(
    source: SQLiteLedgerRecorder,
    target: PostgresLedgerRecorder,
    folder: LedgerFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moving, "PAGE", 2)
    breaking = Breaking(database_in(tmp_path))
    with pytest.raises(StoreError, match="Gone"):
        move_ledger(source, breaking, seal=source.seal)
    breaking.close()
    held = target.latest_checkpoint()
    assert held is not None
    assert 0 < held.tree_size < SIZE
    append(folder.open(), order(8))

    assert move_ledger(source, target, seal=source.seal) == SIZE + 1
    assert move_ledger(source, target, seal=source.seal) == SIZE + 1

    assert target.entries(0, 100) == source.entries(0, 100)


def test_a_database_that_holds_something_else_is_left_alone(
    source: SQLiteLedgerRecorder, target: PostgresLedgerRecorder, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = LedgerFolder(tmp_path / "elsewhere", lambda _: target)
    append(other.found(), order(1, "other"))

    with pytest.raises(RefusedError) as refusal:
        move_ledger(source, target, seal=source.seal)

    assert refusal.value.rule == "target-holds-another"
    append(LedgerFolder(tmp_path).open(), order(9))


def test_an_empty_source_is_refused(tmp_path: Path, target: PostgresLedgerRecorder) -> None:
    source = SQLiteLedgerRecorder(tmp_path / "empty.sqlite3")
    source.create_table()
    with pytest.raises(RefusedError) as refusal:
        move_ledger(source, target, seal=unsealed)
    source.close()

    assert refusal.value.rule == "not-founded"


def test_a_copy_that_differs_seals_nothing(
    source: SQLiteLedgerRecorder, tmp_path: Path, folder: LedgerFolder
) -> None:
    altering = Altering(database_in(tmp_path))

    with pytest.raises(StoreError) as refusal:
        move_ledger(source, altering, seal=source.seal)
    altering.close()

    assert refusal.value.rule == "copy-differs"
    append(folder.open(), order(9))


def test_a_source_that_was_tampered_with_is_not_moved(
    source: SQLiteLedgerRecorder, target: PostgresLedgerRecorder, folder: LedgerFolder
) -> None:
    tamper(folder, "UPDATE stored_events SET state = x'00' WHERE originator_id = 'orders/order-2'")

    with pytest.raises(StoreError) as refusal:
        move_ledger(source, target, seal=source.seal)

    assert refusal.value.rule == "root-mismatch"
