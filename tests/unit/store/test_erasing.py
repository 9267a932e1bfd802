from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError
from ledger.log.receipts import Receipt
from ledger.store.erasing import Eraser
from ledger.store.vault import Document, Vault
from tests.builders import salt_of
from tests.unit.store.rows import batch, new_entry

if TYPE_CHECKING:
    from ledger.store.recorder import LedgerRecorder
    from ledger.store.rows import NewEntry
    from tests.unit.store.builders import LedgerFolder


@pytest.fixture
def recorder(folder: LedgerFolder) -> LedgerRecorder:
    """An empty database."""
    recorder = folder.open().recorder
    recorder.create_table()
    return recorder


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "attachments")


def put(vault: Vault, text: str) -> bytes:
    return vault.put(Document(salt_of(text), text.encode()), check=lambda: None)


def insert(recorder: LedgerRecorder, *entries: NewEntry) -> None:
    with recorder.ordering_lock():
        recorder.insert_batch(batch(*entries))


def erasing(index: int, commitment: bytes) -> NewEntry:
    return new_entry(index, f"attachments/{commitment.hex()}")


def test_what_the_log_erases_is_destroyed_and_nothing_else(
    recorder: LedgerRecorder, vault: Vault
) -> None:
    letter, contract = put(vault, "a letter"), put(vault, "a contract")
    eraser = Eraser(recorder, vault)
    insert(recorder, new_entry(0))
    eraser.catch_up()

    insert(recorder, erasing(1, letter))
    eraser.catch_up()

    assert (vault.holds(letter), vault.holds(contract)) == (False, True)


def test_each_process_destroys_its_own_copy(
    recorder: LedgerRecorder, vault: Vault, tmp_path: Path
) -> None:
    elsewhere = Vault(tmp_path / "on another machine")
    letter = put(vault, "a letter")
    assert put(elsewhere, "a letter") == letter
    insert(recorder, erasing(0, letter))

    for copy in (vault, elsewhere):
        Eraser(recorder, copy).catch_up()
        assert not copy.holds(letter)


def test_a_key_that_came_back_with_a_backup_is_destroyed_when_the_ledger_is_opened(
    recorder: LedgerRecorder, vault: Vault
) -> None:
    letter = put(vault, "a letter")
    insert(recorder, erasing(0, letter))
    Eraser(recorder, vault).catch_up()
    put(vault, "a letter")

    Eraser(recorder, vault).catch_up()

    assert not vault.holds(letter)


def test_what_fails_is_logged_and_tried_again(
    recorder: LedgerRecorder, vault: Vault, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    letter = put(vault, "a letter")
    insert(recorder, erasing(0, letter))
    key = tmp_path / "attachments" / "keys" / letter.hex()
    secret = key.read_bytes()
    key.unlink()
    key.mkdir()
    eraser = Eraser(recorder, vault)
    with pytest.raises(StoreError):
        eraser.catch_up()

    eraser.keep_up()
    assert "could not be destroyed" in caplog.text
    key.rmdir()
    key.write_bytes(secret)
    eraser.keep_up()

    assert not vault.holds(letter)


def test_a_round_that_erases_is_delivered_after_the_destruction(
    recorder: LedgerRecorder, vault: Vault
) -> None:
    letter = put(vault, "a letter")
    insert(recorder, new_entry(0))
    insert(recorder, erasing(1, letter))
    held: list[bool] = []
    eraser = Eraser(recorder, vault)
    deliver = eraser.before(lambda _: held.append(vault.holds(letter)))

    deliver([(print, StoreError("It failed.")), (print, (Receipt(b"an order", 0, (), b""),))])
    deliver([(print, (Receipt(b"attachments/" + letter.hex().encode(), 1, (), b""),))])

    assert held == [True, False]
    assert eraser.carried_out == 1
