"""Fixtures of the audit's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.audit.database import DatabaseSource
from ledger.audit.exporting import export_bundle
from ledger.domain.vocabulary import Role
from ledger.store.inspection import inspecting
from tests.unit.audit.ledgers import PIN
from tests.unit.client.served import Served, served
from tests.unit.store.builders import LedgerFolder, append, enrollment, order, rotation


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Served]:
    """A fresh ledger, served, with a registrar."""
    with served(tmp_path) as running:
        yield running


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a ledger of eight entries in four batches; to be copied, never changed."""
    folder = LedgerFolder(tmp_path_factory.mktemp("stored"))
    parts = folder.found()
    append(parts, enrollment("nvidia", Role.COMPANY), *map(order, range(4)))
    append(parts, rotation("nvidia", "nvidia-2"))
    folder.close()
    return folder.path


@pytest.fixture(scope="session")
def bundle(stored: Path) -> bytes:
    """Its bundle."""
    path = stored / "bundle"
    with inspecting(stored / "ledger.sqlite3") as inspection:
        export_bundle(DatabaseSource(inspection), PIN, path, policy=b"quorum none\n")
    return path.read_bytes()
