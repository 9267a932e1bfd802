"""What a replica refuses, whoever asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import RefusedError
from ledger.store.readonly import ReadOnly, ReadOnlyVault
from ledger.store.vault import Document, Vault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    "ask",
    [
        lambda: ReadOnly().submit([b"envelope"], lambda _: None),
        lambda: ReadOnly().append(b"envelope"),
        lambda: ReadOnly().validate([b"envelope"]),
    ],
)
def test_nothing_is_appended(ask: Callable[[], None]) -> None:
    with pytest.raises(RefusedError) as refusal:
        ask()

    assert refusal.value.rule == "read-only"


def test_no_document_is_stored(tmp_path: Path) -> None:
    vault = ReadOnlyVault(tmp_path / "attachments")
    with pytest.raises(RefusedError) as refusal:
        vault.put(Document(bytes(32), b"content"), check=lambda: None)

    assert refusal.value.rule == "read-only"
    assert not (tmp_path / "attachments").exists()


def test_a_copy_of_a_document_is_destroyed_here_too(tmp_path: Path) -> None:
    commitment = Vault(tmp_path).put(Document(bytes(32), b"content"), check=lambda: None)
    vault = ReadOnlyVault(tmp_path)
    vault.destroy(bytes(32))
    assert vault.holds(commitment)

    vault.destroy(commitment)

    assert not vault.has_traces(commitment)
