"""A follower hands over every entry once, in order, up to checkpoints, whatever happens to it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from ledger.errors import StoreError, UnavailableError
from ledger.store import follower as follower_module
from ledger.store.appender import Appender
from ledger.store.follower import Follower
from tests.unit.store.builders import FOUNDED_SIZE, append, order, tamper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.domain.statement import Recorded
    from ledger.store.committing import Ledger
    from ledger.store.rows import Batch
    from tests.unit.store.builders import LedgerFolder

WAIT_S = 60
NEVER_S = 3600


class Model:
    """A read model that keeps what it is given, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.pages: list[list[Recorded]] = []
        self.failures = failures

    @property
    def tree_size(self) -> int:
        return sum(map(len, self.pages))

    def apply(self, page: Sequence[Recorded]) -> None:
        if self.failures:
            self.failures -= 1
            raise ZeroDivisionError
        self.pages.append(list(page))

    @property
    def indexes(self) -> list[int]:
        return [recorded.index for page in self.pages for recorded in page]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(follower_module, "BACKOFF_MIN_S", 0.001)
    monkeypatch.setattr(follower_module, "BACKOFF_MAX_S", 0.002)


def test_entries_come_in_order_from_the_first(ledger: Ledger) -> None:
    append(ledger, order(1), order(2))
    model = Model()

    with Follower(ledger.reader, model, poll_s=NEVER_S) as follower:
        follower.wait_for(4, WAIT_S)

    assert model.indexes == [0, 1, 2, 3]
    last = model.pages[-1][-1]
    assert (last.fact.id, last.author, last.version) == ("order-2", "registrar", 1)


def test_pages_end_where_checkpoints_do(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for batch in range(4):
        append(ledger, *[order(number, f"b{batch}") for number in range(3)])
    ledger.reader.recent.clear()
    monkeypatch.setattr(follower_module, "PAGE", 4)
    model, reached = Model(), list[int]()

    with Follower(ledger.reader, model, reached=reached.append, poll_s=NEVER_S) as follower:
        follower.wait_for(14, WAIT_S)

    assert reached == [5, 11, 14]
    assert [len(page) for page in model.pages] == [5, 6, 3]


def test_what_this_process_wrote_is_taken_without_a_look_at_the_database(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(ledger, order(1), order(2))
    model = Model()
    with Follower(ledger.reader, model, poll_s=NEVER_S) as follower:
        follower.wait_for(FOUNDED_SIZE + 2, WAIT_S)
        monkeypatch.setattr(ledger.reader, "checkpoint_after", None)
        append(ledger, order(3))
        follower.wake()
        follower.wait_for(FOUNDED_SIZE + 3, WAIT_S)

    assert follower.failure is None
    assert model.indexes == list(range(FOUNDED_SIZE + 3))


def test_what_this_process_is_committing_is_awaited_and_not_read_again(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    recent, insert = ledger.reader.recent, ledger.recorder.insert_batch
    model, looks, read = Model(), threading.Semaphore(0), list[int]()
    with Follower(ledger.reader, model, poll_s=NEVER_S) as follower:
        follower.wait_for(FOUNDED_SIZE, WAIT_S)
        after = recent.after

        def looked_for(start: int) -> Sequence[Recorded]:
            looks.release()
            return after(start)

        def committed(batch: Batch) -> None:
            insert(batch)
            monkeypatch.setattr(recent, "after", looked_for)
            follower.wake()
            assert looks.acquire(timeout=WAIT_S)
            follower.wake()
            assert looks.acquire(timeout=WAIT_S)

        def looked_up(start: int, **_: int) -> None:
            read.append(start)

        monkeypatch.setattr(ledger.reader, "checkpoint_after", looked_up)
        monkeypatch.setattr(ledger.recorder, "insert_batch", committed)
        append(ledger, order(1))
        follower.wake()
        follower.wait_for(FOUNDED_SIZE + 1, WAIT_S)

    assert read == []


def test_the_appender_wakes_the_follower(ledger: Ledger) -> None:
    model = Model()
    follower = Follower(ledger.reader, model, poll_s=NEVER_S)

    with follower, Appender(ledger, wake=follower.wake) as appender:
        for number in range(10):
            receipt = appender.append(order(number))
            follower.wait_for(receipt.index + 1, WAIT_S)

    assert model.indexes == list(range(FOUNDED_SIZE + 10))
    assert follower.tree_size == FOUNDED_SIZE + 10


def test_polling_finds_what_another_process_appended(ledger: Ledger, folder: LedgerFolder) -> None:
    with Follower(folder.open().reader, Model(), poll_s=0.001) as follower:
        follower.wait_for(FOUNDED_SIZE, WAIT_S)
        append(ledger, order(1))
        follower.wait_for(FOUNDED_SIZE + 1, WAIT_S)


def test_a_read_model_goes_on_where_it_stands(ledger: Ledger) -> None:
    model = Model()
    with Follower(ledger.reader, model, poll_s=NEVER_S) as follower:
        follower.wait_for(FOUNDED_SIZE, WAIT_S)
    append(ledger, order(1))

    follower = Follower(ledger.reader, model, poll_s=NEVER_S)
    assert follower.tree_size == FOUNDED_SIZE
    with follower:
        follower.wait_for(FOUNDED_SIZE + 1, WAIT_S)

    assert model.indexes == [0, 1, 2]


def test_after_an_error_it_tries_again(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    model = Model(failures=3)

    with Follower(ledger.reader, model, poll_s=NEVER_S) as follower:
        follower.wait_for(FOUNDED_SIZE, WAIT_S)

    assert model.indexes == [0, 1]
    assert follower.failure is None
    assert len(caplog.records) == 3


def test_what_keeps_it_from_going_on_is_shown(
    ledger: Ledger, folder: LedgerFolder, caplog: pytest.LogCaptureFixture
) -> None:
    append(ledger, order(1))
    tamper(folder, "DELETE FROM ledger_entries WHERE entry_index = 1")
    ledger.reader.recent.clear()
    failed = threading.Event()
    model = Model()

    class Telling(Follower):
        def _follow(self) -> bool:
            if self.failure is not None:
                failed.set()
            return super()._follow()

    with Telling(ledger.reader, model, poll_s=NEVER_S) as follower:
        assert failed.wait(WAIT_S)
        failure = follower.failure

    assert isinstance(failure, StoreError)
    assert failure.rule == "index-gap"
    assert caplog.records
    assert model.pages == []


def test_waiting_ends_when_the_time_is_over(ledger: Ledger) -> None:
    follower = Follower(ledger.reader, Model())

    with pytest.raises(UnavailableError) as refusal:
        follower.wait_for(1, timeout_s=0.001)

    assert refusal.value.rule == "not-yet-applied"


def test_waiting_ends_when_it_is_closed(ledger: Ledger) -> None:
    follower = Follower(ledger.reader, Model(), poll_s=NEVER_S)
    refusals: list[UnavailableError] = []

    def wait() -> None:
        try:
            follower.wait_for(99, WAIT_S)
        except UnavailableError as error:
            refusals.append(error)

    with follower:
        waiting = threading.Thread(target=wait)
        waiting.start()
    waiting.join()

    assert len(refusals) == 1


def test_one_that_was_never_started_can_be_closed(ledger: Ledger) -> None:
    Follower(ledger.reader, Model()).close()
