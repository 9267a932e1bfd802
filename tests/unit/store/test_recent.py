"""What was just committed is handed to the follower as it was read, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.domain.statement import Recorded
from ledger.errors import StoreError
from ledger.store.mapper import recorded_of
from ledger.store.recent import Recent
from tests import builders
from tests.unit.store.builders import FOUNDED_SIZE, append, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.store.committing import Ledger
    from ledger.store.rows import Batch


def entries(start: int, end: int) -> list[Recorded]:
    return [
        Recorded(
            index=index,
            version=1,
            recorded_ms=1,
            author="registrar",
            digest=bytes(32),
            fact=builders.order(f"order-{index}"),
        )
        for index in range(start, end)
    ]


def test_a_range_is_taken_only_if_all_of_it_is_there() -> None:
    recent, run = Recent(), entries(5, 9)
    recent.put(run)

    assert recent.take(5, 9) == run
    assert recent.take(6, 8) == run[1:3]
    assert recent.take(4, 8) is None
    assert recent.take(6, 10) is None


def test_an_empty_one_gives_nothing() -> None:
    assert Recent().take(0, 1) is None


def test_entries_that_follow_make_one_run_and_the_oldest_go_first() -> None:
    recent = Recent(kept=3)
    recent.put(entries(0, 2))
    recent.put(entries(2, 4))

    assert recent.take(0, 4) is None
    assert recent.take(1, 4) == entries(1, 4)


def test_after_a_gap_only_what_is_new_is_there() -> None:
    recent = Recent()
    recent.put(entries(0, 2))
    recent.put(entries(7, 8))

    assert recent.take(0, 2) is None
    assert recent.take(7, 8) == entries(7, 8)


def test_what_was_forgotten_is_not_given() -> None:
    recent = Recent()
    recent.put(entries(0, 2))
    recent.clear()

    assert recent.take(0, 2) is None


def test_what_the_writer_hands_over_is_what_is_read_back(ledger: Ledger) -> None:
    append(ledger, order(1), order(2))
    end = FOUNDED_SIZE + 2

    handed = ledger.reader.recent.take(FOUNDED_SIZE, end)

    assert handed == [recorded_of(stored) for stored in ledger.reader.entries(FOUNDED_SIZE, end)]
    assert ledger.reader.recorded(FOUNDED_SIZE, end) == handed
    ledger.reader.recent.clear()
    assert ledger.reader.recorded(FOUNDED_SIZE, end) == handed


def test_all_that_is_after_an_index_is_given_or_nothing() -> None:
    recent = Recent(kept=3)
    recent.put(entries(2, 6))

    assert recent.after(4) == entries(4, 6)
    assert not recent.after(2)
    assert not recent.after(6)
    assert not Recent().after(0)


def test_what_was_taken_stays_as_it_was() -> None:
    recent = Recent(kept=2)
    recent.put(entries(0, 2))
    taken = recent.take(0, 2)
    for index in range(2, 9):
        recent.put(entries(index, index + 1))

    assert taken == entries(0, 2)
    assert recent.take(7, 9) == entries(7, 9)
    assert recent.take(6, 9) is None


def test_what_is_being_committed_is_expected_until_it_is_there_or_forgotten() -> None:
    recent = Recent()
    assert not recent.is_expecting(0)

    ends: list[Callable[[], None]] = [recent.clear, lambda: recent.put(entries(0, 2))]
    for end in ends:
        recent.expect()
        assert recent.is_expecting(0)
        end()
        assert not recent.is_expecting(0)
        assert not recent.is_expecting(2)


def test_only_what_follows_the_newest_is_expected() -> None:
    recent = Recent()
    recent.put(entries(3, 5))
    recent.expect()

    assert [start for start in range(8) if recent.is_expecting(start)] == [5]


def test_the_writer_expects_nothing_after_a_round_whatever_came_of_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent, expected = ledger.reader.recent, list[bool]()

    def failing(_: Batch) -> None:
        expected.append(recent.is_expecting(FOUNDED_SIZE + 1))
        raise StoreError("The disk is full.", rule="disk")

    append(ledger, order(1))
    assert not recent.is_expecting(FOUNDED_SIZE + 1)
    monkeypatch.setattr(ledger.recorder, "insert_batch", failing)
    with pytest.raises(StoreError):
        append(ledger, order(2))

    assert expected == [True]
    assert not recent.is_expecting(FOUNDED_SIZE + 1)
