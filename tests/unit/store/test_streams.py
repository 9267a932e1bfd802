"""States are folded once, kept while they are current, and never more of them than asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError
from ledger.store.mapper import StatementRecorded
from ledger.store.streams import Stream, Streams, new_stream
from tests import builders
from tests.unit.store.builders import append, order, stated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.store.committing import Ledger
    from tests.unit.store.builders import LedgerFolder

STREAM = "orders/order-1"


def further(number: int, version: int) -> bytes:
    """Another event in the first order's stream."""
    fact = builders.order(
        f"note-{number}", STREAM, relates_to=(builders.relation("part_of", "order-1"),)
    )
    return stated(fact, expected_version=version)


def versions(streams: Streams, names: Iterable[str]) -> list[int]:
    return [streams.get(name).version for name in names]


def test_a_stream_that_does_not_exist_is_empty(ledger: Ledger) -> None:
    assert Streams(ledger.recorder).get(STREAM) == new_stream(STREAM)


def test_a_stream_is_folded_from_its_events(ledger: Ledger) -> None:
    append(ledger, order(1), further(1, 1))

    stream = Streams(ledger.recorder).get(STREAM)

    assert stream.version == 2
    assert stream.state.opening_id == "order-1"


def test_a_kept_state_is_not_asked_for_again(ledger: Ledger) -> None:
    streams = Streams(ledger.recorder)
    append(ledger, order(1))
    assert streams.get(STREAM).version == 1
    append(ledger, further(1, 1))

    assert streams.knows(STREAM)
    assert streams.get(STREAM).version == 1


def test_an_outdated_state_is_moved_on_by_what_is_new(ledger: Ledger) -> None:
    streams = Streams(ledger.recorder)
    append(ledger, order(1))
    before = streams.get(STREAM)
    append(ledger, further(1, 1), further(2, 2))
    streams.outdate(STREAM)

    assert not streams.knows(STREAM)
    assert streams.get(STREAM) == Streams(ledger.recorder).get(STREAM)
    assert (before.version, streams.get(STREAM).version) == (1, 3)
    assert streams.knows(STREAM)


def test_a_state_outdated_without_news_stays(ledger: Ledger) -> None:
    streams = Streams(ledger.recorder)
    append(ledger, order(1))
    before = streams.get(STREAM)
    streams.outdate(STREAM)

    assert streams.get(STREAM) == before


def test_only_so_many_states_are_kept(ledger: Ledger) -> None:
    append(ledger, *map(order, range(1, 5)))
    streams = Streams(ledger.recorder, kept=2)
    names = [f"orders/order-{number}" for number in range(1, 5)]
    streams.get(names[0])
    streams.outdate(names[0])

    assert versions(streams, names[1:]) == [1, 1, 1]
    assert [streams.knows(name) for name in names] == [False, False, True, True]
    assert streams.get(names[0]).version == 1


def test_the_state_used_last_is_kept_longest(ledger: Ledger) -> None:
    append(ledger, *map(order, range(1, 4)))
    streams = Streams(ledger.recorder, kept=2)
    one, two, three = (f"orders/order-{number}" for number in range(1, 4))

    versions(streams, (one, two, one, three))

    assert (streams.knows(one), streams.knows(two)) == (True, False)


def test_outdating_what_is_not_kept_says_nothing(ledger: Ledger) -> None:
    streams = Streams(ledger.recorder)
    streams.outdate(STREAM)

    assert streams.get(STREAM).version == 0
    assert streams.knows(STREAM)


def test_clearing_forgets_everything(ledger: Ledger) -> None:
    streams = Streams(ledger.recorder)
    streams.get(STREAM)
    streams.clear()

    assert not streams.knows(STREAM)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_an_event_that_does_not_follow_is_the_stores_fault(version: int) -> None:
    fact = builders.order("order-1")
    first = StatementRecorded(STREAM, 1, fact, bytes(32), b"")
    stream: Stream = new_stream(STREAM).after(first)

    with pytest.raises(StoreError) as refusal:
        stream.after(StatementRecorded(STREAM, version, fact, bytes(32), b""))

    assert refusal.value.rule == "version-gap"


def test_a_ledger_opened_elsewhere_folds_the_same(ledger: Ledger, folder: LedgerFolder) -> None:
    append(ledger, order(1), further(1, 1))

    there = Streams(folder.open().recorder).get(STREAM)

    assert there == Streams(ledger.recorder).get(STREAM)
