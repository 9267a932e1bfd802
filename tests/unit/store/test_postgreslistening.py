"""A process is woken by what others append, for as long as there is somebody to tell it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psycopg
import pytest

from ledger.readmodels.models import ReadModels
from ledger.store import postgreslistening
from ledger.store.follower import Follower
from ledger.store.postgres import PostgresLedgerRecorder
from tests.postgres import SUPERUSER, WRITER, database_in, postgres_in
from tests.unit.store.builders import FOUNDED_SIZE, LedgerFolder, append, order

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOON_S = 60
"""Longer than anything takes, and shorter than a follower that polls once a day."""


class Woken:
    """Counts wake-ups."""

    def __init__(self) -> None:
        self._times = threading.Semaphore(0)
        self.count = 0

    def __call__(self) -> None:
        self.count += 1
        self._times.release()

    def wait(self) -> bool:
        """Wait for one more."""
        return self._times.acquire(timeout=SOON_S)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[LedgerFolder]:
    made = LedgerFolder(tmp_path, postgres_in)
    made.found()
    yield made
    made.close()


def test_a_follower_learns_of_what_another_process_appends(folder: LedgerFolder) -> None:
    ours, theirs = folder.open(), folder.open()
    a_day_s = 86_400
    follower = Follower(ours.reader, ReadModels(), poll_s=a_day_s)

    with follower, ours.recorder.told_of_appends(follower.wake):
        follower.wait_for(FOUNDED_SIZE, SOON_S)
        append(theirs, order(1))
        follower.wait_for(FOUNDED_SIZE + 1, SOON_S)

    assert follower.tree_size == FOUNDED_SIZE + 1


def test_nobody_is_woken_by_what_this_process_appends(folder: LedgerFolder) -> None:
    ours, theirs, woken = folder.open(), folder.open(), Woken()
    with ours.recorder.told_of_appends(woken):
        assert woken.wait()
        for number in range(5):
            append(ours, order(number))
        append(theirs, order(5))
        assert woken.wait()

    assert woken.count == 2


def test_a_listener_that_was_cut_off_listens_again(folder: LedgerFolder, tmp_path: Path) -> None:
    ledger, woken = folder.open(), Woken()
    superuser = database_in(tmp_path).replace(WRITER, SUPERUSER, 1)
    with ledger.recorder.told_of_appends(woken):
        assert woken.wait()
        with psycopg.connect(superuser, autocommit=True) as connection:
            cut = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
                "AND datname = current_database()"
            ).fetchall()
        assert len(cut) == 1

        assert woken.wait()
        append(folder.open(), order(1))
        assert woken.wait()


def test_without_a_server_a_listener_tries_again_until_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgreslistening, "BACKOFF_MIN_S", 0.001)
    recorder = PostgresLedgerRecorder(f"postgresql://writer@/ledger?host={tmp_path}")
    tried = threading.Semaphore(0)
    connect = recorder.datastore.connect

    def counted() -> psycopg.Connection[tuple[object, ...]]:
        tried.release()
        return connect()

    monkeypatch.setattr(recorder.datastore, "connect", counted)
    with recorder.told_of_appends(lambda: None):
        assert all(tried.acquire(timeout=SOON_S) for _ in range(3))


def test_a_store_that_tells_nothing_is_polled(tmp_path: Path) -> None:
    sqlite = LedgerFolder(tmp_path)
    woken = Woken()

    with sqlite.found().recorder.told_of_appends(woken):
        append(sqlite.open(), order(1))

    sqlite.close()
    assert not woken._times.acquire(blocking=False)
