"""A ledger in a temporary folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.store.sqlite import SQLiteLedgerRecorder
from tests.unit.store.builders import LedgerFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.store.committing import Ledger


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[LedgerFolder]:
    made = LedgerFolder(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ledger(folder: LedgerFolder) -> Ledger:
    """The parts of a ledger with the founding and a registrar in it."""
    return folder.found()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of ``recorder`` lies."""
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def recorder(path: Path) -> Iterator[SQLiteLedgerRecorder]:
    """An empty SQLite database with the ledger's tables."""
    opened = SQLiteLedgerRecorder(path)
    opened.create_table()
    yield opened
    opened.close()
