"""The served records, filled once for all tests of the table."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.answers.served import ServedRecord, served


@pytest.fixture(scope="package")
def served_shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRecord]:
    """The shipped record."""
    with served(tmp_path_factory.mktemp("shipped"), with_further_rows=False) as record:
        yield record


@pytest.fixture(scope="package")
def served_further(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedRecord]:
    """The shipped record and the further rows."""
    with served(tmp_path_factory.mktemp("further"), with_further_rows=True) as record:
        yield record
