"""What is in the log twice is found, however long the log, and nothing else."""

from __future__ import annotations

import random

import pytest

from ledger.audit import unique
from ledger.audit.unique import Unique


def found(names: Unique) -> list[tuple[int, str]]:
    """Index and message of each finding."""
    return [(finding.index, finding.message) for finding in names.findings()]


def test_a_nonce_is_its_authors_own() -> None:
    names = Unique()
    names.add(0, "fact-0", "ada", bytes(16))
    names.add(1, "fact-1", "bob", bytes(16))
    assert found(names) == []
    names.add(2, "fact-2", "ada", bytes(16))
    assert found(names) == [(2, "The author's nonce is that of entry 0 too.")]


def test_all_that_repeat_a_fact_id_name_the_first_that_had_it() -> None:
    """Entries that nobody could read have no names, and leave gaps."""
    names = Unique()
    for index, fact_id in ((3, "one"), (4, "two"), (9, "one"), (12, "one")):
        names.add(index, fact_id, "ada", index.to_bytes(16))
    message = "The fact id is that of entry 3 too."
    assert found(names) == [(9, message), (12, message)]


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_what_is_sorted_part_by_part_is_found_all_the_same(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(unique, "_AT_ONCE", at_once)
    draw = random.Random(1)  # noqa: S311 - names to compare
    ids = [f"fact-{draw.randrange(150)}" for _ in range(200)]
    names = Unique()
    for index, fact_id in enumerate(ids):
        names.add(index, fact_id, "ada", index.to_bytes(16))
    expected = [index for index, fact_id in enumerate(ids) if ids.index(fact_id) < index]
    assert [index for index, _ in found(names)] == expected
    assert expected
