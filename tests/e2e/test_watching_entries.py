"""Entries as they come: from any index, without a gap, and never at the writers' expense."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.service import stream_service, tail
from ledger.v1 import log_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, FOUNDED_SIZE, Simulator


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("watching")
    with Simulator(folder, LEDGER_TICK_MS="1") as simulator:
        yield simulator


def watch(service: Simulator, start: int) -> Any:
    request = pb.WatchEntriesRequest(start_index=start)
    return service.stream.WatchEntries(request, timeout=CALL_S)


def until(events: Any, kind: str) -> list[pb.WatchEntriesResponse]:
    """The events up to the first of a kind."""
    seen = []
    for event in events:
        seen.append(event)
        if event.WhichOneof("event") == kind:
            return seen
    pytest.fail(f"the stream ended without {kind}")


def indexes(events: list[pb.WatchEntriesResponse]) -> list[int]:
    return [entry.index for event in events for entry in event.page.entries]


def test_what_is_on_record_comes_first_and_then_what_is_appended(service: Simulator) -> None:
    size = service.tree_size()
    events = watch(service, 0)
    before = until(events, "caught_up")

    receipt = service.append(builders.order("watched"))
    after = until(events, "page")
    events.cancel()

    assert indexes(before) == list(range(size))
    assert before[-1].caught_up.next_index == size
    (entry,) = after[-1].page.entries
    assert (entry.index, entry.entry) == (receipt.index, receipt.entry)
    assert after[-1].page.checkpoint == receipt.checkpoint


def test_the_last_page_on_record_ends_with_its_checkpoint(service: Simulator) -> None:
    events = watch(service, 0)
    pages = until(events, "caught_up")[:-1]
    events.cancel()

    assert pages[-1].page.checkpoint == service.opened.parts.reader.latest_checkpoint().note


def test_a_watch_from_the_end_waits_for_what_is_new(service: Simulator) -> None:
    size = service.tree_size()
    events = watch(service, size)
    first = next(events)
    service.append(builders.order("new"))
    page = until(events, "page")
    events.cancel()

    assert first.caught_up.next_index == size
    assert indexes(page) == [size]


def test_all_subscribers_are_sent_the_same(service: Simulator) -> None:
    watches = [watch(service, service.tree_size()) for _ in range(3)]
    for events in watches:
        until(events, "caught_up")
    service.append(builders.order("for-all"))

    pages = [until(events, "page")[-1].page for events in watches]
    for events in watches:
        events.cancel()

    assert pages[0] == pages[1] == pages[2]


def test_whoever_reads_too_slowly_is_told_so_and_misses_nothing(
    service: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = service.tree_size()
    # No page fits: every subscriber is too slow.
    monkeypatch.setattr(tail, "BACKLOG_BYTES_MAX", 1)
    events = watch(service, size)
    until(events, "caught_up")

    service.append_all([builders.order(f"slow-{number}") for number in range(5)])
    behind = until(events, "fell_behind")
    again = until(events, "caught_up")
    events.cancel()

    assert indexes(behind) == []
    assert behind[-1].fell_behind.next_index == size
    assert indexes(again) == list(range(size, size + 5))


def test_a_silent_log_shows_that_it_is_alive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_service, "HEARTBEAT_S", 0.01)
    with Simulator(tmp_path) as quiet:
        events = watch(quiet, FOUNDED_SIZE)
        seen = until(events, "progress")
        events.cancel()

    assert seen[-1].progress.next_index == FOUNDED_SIZE


def test_a_page_is_cut_where_it_grows_too_long(
    service: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "ENTRIES_MAX", 2)
    size = service.tree_size()
    events = watch(service, size)
    until(events, "caught_up")

    batch = service.append_all([builders.order(f"cut-{number}") for number in range(3)])
    first, second = until(events, "page") + until(events, "page")
    events.cancel()

    assert (indexes([first]), indexes([second])) == ([size, size + 1], [size + 2])
    assert (first.page.checkpoint, second.page.checkpoint) == (b"", batch[0].checkpoint)


def test_what_lies_beyond_the_log_cannot_be_watched(service: Simulator) -> None:
    request = pb.WatchEntriesRequest(start_index=service.tree_size() + 1)

    refusal = refusal_of(service.stream.WatchEntries, request)

    assert (refusal.code, refusal.field) == ("NOT_FOUND", "start_index")


def test_the_log_can_be_watched_again_after_everybody_has_left(service: Simulator) -> None:
    for number in range(2):
        events = watch(service, FOUNDED_SIZE)
        until(events, "caught_up")
        service.append(builders.order(f"again-{number}"))
        page = until(events, "page")
        events.cancel()
        assert indexes(page)[-1] == service.tree_size() - 1
