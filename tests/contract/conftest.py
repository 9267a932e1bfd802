"""Every test here runs once for each store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contract.stores import STORES
from tests.unit.store.builders import LedgerFolder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.store.committing import Ledger


@pytest.fixture(params=sorted(STORES))
def store(request: pytest.FixtureRequest) -> str:
    """The name of the store under test."""
    name: str = request.param
    return name


@pytest.fixture
def folder(store: str, tmp_path: Path) -> Iterator[LedgerFolder]:
    """A place for a ledger, which is not founded yet."""
    made = LedgerFolder(tmp_path, STORES[store])
    yield made
    made.close()


@pytest.fixture
def ledger(folder: LedgerFolder) -> Ledger:
    """The parts of a ledger with the founding and a registrar in it."""
    return folder.found()
