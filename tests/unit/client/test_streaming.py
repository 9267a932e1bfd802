"""New entries are believed once a checkpoint proves them, and nothing else is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from ledger.client import Connection, HeadsInMemory, LedgerClient
from ledger.client.calls import Calls
from ledger.errors import VerificationError
from ledger.v1 import log_pb2 as pb
from tests import builders
from tests.simulator import Simulator

Change = Callable[[pb.WatchEntriesResponse], None]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    folder: Path = tmp_path_factory.mktemp("streaming")
    with Simulator(folder, LEDGER_TICK_MS="1") as simulator:
        yield simulator


@pytest.fixture
def client(service: Simulator) -> Iterator[LedgerClient]:
    connection = Connection(target=str(service.addresses.grpc))
    with LedgerClient.connect(connection, service.pin, HeadsInMemory()) as opened:
        yield opened


@pytest.fixture
def changing(monkeypatch: pytest.MonkeyPatch, service: Simulator) -> Callable[..., None]:
    """Has facts appended once somebody watches, and the events changed that tell of them."""
    honest = Calls.watch_entries

    def change_by(change: Change, *names: str) -> None:
        async def changed(self: Calls, start: int) -> AsyncGenerator[pb.WatchEntriesResponse, None]:
            service.append_all([builders.order(name) for name in names])
            async with aclosing(honest(self, start)) as events:
                async for event in events:
                    if event.page.entries:
                        change(event)
                    yield event

        monkeypatch.setattr(Calls, "watch_entries", changed)

    return change_by


@pytest.mark.parametrize("before", range(9))
def test_every_further_entry_comes_proved_whatever_the_size(
    service: Simulator, client: LedgerClient, changing: Callable[..., None], before: int
) -> None:
    """The right edge of the tree is another one at each size."""
    size = service.tree_size()
    changing(lambda _: None, f"seen-{before}")

    with closing(client.watch_entries()) as entries:
        entry = next(entries)

    assert (entry.index, entry.statement.fact_id) == (size, f"seen-{before}")
    assert client.trust.head is not None
    assert client.trust.head.size == size + 1


def _drop_entry(event: pb.WatchEntriesResponse) -> None:
    del event.page.entries[0]


def _swap_entry(event: pb.WatchEntriesResponse) -> None:
    event.page.entries[0].entry = event.page.entries[1].entry


def _hold_back(event: pb.WatchEntriesResponse) -> None:
    del event.page.entries[-1]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_drop_entry, "index-gap"),
        (_swap_entry, "root-mismatch"),
        (_hold_back, "root-mismatch"),
    ],
)
def test_a_stream_that_leaves_out_or_changes_an_entry_is_found(
    client: LedgerClient, changing: Callable[..., None], change: Change, rule: str
) -> None:
    changing(change, *(f"{rule}-{change.__name__[1:].replace('_', '-')}-{n}" for n in (1, 2)))

    with closing(client.watch_entries()) as entries, pytest.raises(VerificationError) as found:
        next(entries)

    assert found.value.rule == rule
