"""Fixtures of the client's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.client.served import Served, served


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Served]:
    """A fresh ledger, served, with a registrar."""
    with served(tmp_path) as running:
        yield running
