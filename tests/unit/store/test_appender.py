"""One thread writes for all who come; nobody waits for ever, and no mistake stops it."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import pytest

from ledger.errors import DuplicateError, InputError, StoreError, UnavailableError
from ledger.store.appender import Appender, deliver_here
from ledger.store.committing import Committer
from tests.unit.store.builders import FOUNDED_SIZE, order, proved, receipts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.store.committing import Ledger, Outcome
    from ledger.store.intake import Done
    from tests.unit.store.builders import LedgerFolder


class Outcomes:
    """Collects outcomes, and waits until there are so many."""

    def __init__(self) -> None:
        self.told: list[Outcome] = []
        self._more = threading.Condition()

    def __call__(self, outcome: Outcome) -> None:
        with self._more:
            self.told.append(outcome)
            self._more.notify()

    def wait(self, count: int) -> list[Outcome]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.told) >= count, timeout=60)
        return self.told


class TestAppending:
    def test_a_statement_gets_its_receipt(self, ledger: Ledger) -> None:
        with Appender(ledger) as appender:
            receipt = appender.append(order(1))

        assert receipt == ledger.reader.receipt(FOUNDED_SIZE)
        assert proved(receipt).size == FOUNDED_SIZE + 1

    def test_a_batch_gets_its_receipts(self, ledger: Ledger) -> None:
        with Appender(ledger) as appender:
            receipts = appender.append_batch([order(1), order(2)])

        assert [receipt.index for receipt in receipts] == [2, 3]

    def test_a_refusal_is_raised_where_one_waits(self, ledger: Ledger) -> None:
        with Appender(ledger) as appender:
            appender.append(order(1))
            with pytest.raises(DuplicateError):
                appender.append(order(1, nonce=b"n" * 16))
            with pytest.raises(InputError):
                appender.append_batch([])

    def test_what_comes_together_is_committed_together(self, ledger: Ledger) -> None:
        """Queued before the writer starts, everything is one round, with one note."""
        appender = Appender(ledger)
        outcomes = Outcomes()
        for number in range(5):
            appender.submit([order(number)], outcomes)

        with appender:
            told = outcomes.wait(5)

        sizes = {proved(receipts_of(outcome)[0]).size for outcome in told}
        assert sizes == {FOUNDED_SIZE + 5}

    def test_the_outcomes_of_a_round_are_delivered_at_once(self, ledger: Ledger) -> None:
        rounds: list[int] = []
        outcomes = Outcomes()

        def deliver(settled: Sequence[tuple[Done, Outcome]]) -> None:
            rounds.append(len(settled))
            deliver_here(settled)

        appender = Appender(ledger, deliver=deliver)
        for number in range(3):
            appender.submit([order(number)], outcomes)
        with appender:
            outcomes.wait(3)

        assert rounds == [3]

    def test_whoever_waits_is_told_before_followers_are_woken(self, ledger: Ledger) -> None:
        events: list[str] = []
        appender = Appender(
            ledger,
            wake=lambda: events.append("wake"),
            deliver=lambda _: events.append("deliver"),
        )
        appender.submit([order(1)], lambda _: None)
        with appender:
            pass

        assert events == ["deliver", "wake"]


class TestClosing:
    def test_what_is_queued_is_finished(self, ledger: Ledger) -> None:
        outcomes = Outcomes()
        with Appender(ledger) as appender:
            for number in range(20):
                appender.submit([order(number)], outcomes)

        assert len(outcomes.told) == 20
        assert ledger.reader.tree_size() == FOUNDED_SIZE + 20

    def test_afterwards_nothing_comes_in(self, ledger: Ledger) -> None:
        with Appender(ledger) as appender:
            pass

        with pytest.raises(UnavailableError) as refusal:
            appender.append(order(1))
        assert refusal.value.rule == "shutting-down"

    def test_one_that_was_never_started_can_be_closed(self, ledger: Ledger) -> None:
        Appender(ledger).close()


class TestStarting:
    def test_a_ledger_that_is_behind_its_head_is_not_written_to(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        """The whole way: a copy of the folder's database from before the last append."""
        copy = folder.path / "copy.sqlite3"
        ledger.recorder.close()
        copy.write_bytes((folder.path / "ledger.sqlite3").read_bytes())
        receipts_of(Committer(folder.open()).commit([[order(1)]])[0])
        folder.close()
        copy.replace(folder.path / "ledger.sqlite3")

        with pytest.raises(StoreError) as refusal:
            Appender(folder.open()).start()

        assert refusal.value.rule == "database-behind-head"

    def test_a_store_without_a_ledger_is_not_written_to(self, folder: LedgerFolder) -> None:
        ledger = folder.open()
        ledger.recorder.create_table()
        ledger.head.create()

        with pytest.raises(StoreError) as refusal:
            Appender(ledger).start()

        assert refusal.value.rule == "not-founded"


class TestMistakes:
    def test_a_mistake_in_a_round_is_told_and_outlived(
        self,
        ledger: Ledger,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        def mistake(_: Committer, __: object) -> None:
            raise ZeroDivisionError

        with Appender(ledger) as appender:
            with monkeypatch.context() as patched:
                patched.setattr(Committer, "settle", mistake)
                with pytest.raises(StoreError) as refusal:
                    appender.append(order(1))
            assert appender.append(order(1)).index == FOUNDED_SIZE

        assert refusal.value.rule == "internal"
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    def test_whoever_fails_to_listen_stops_nobody(
        self, ledger: Ledger, caplog: pytest.LogCaptureFixture
    ) -> None:
        def deaf(_: Outcome) -> None:
            raise ZeroDivisionError

        outcomes = Outcomes()
        appender = Appender(ledger)
        appender.submit([order(1)], deaf)
        appender.submit([order(2)], outcomes)
        with appender:
            (outcome,) = outcomes.wait(1)

        assert receipts_of(outcome)[0].index == FOUNDED_SIZE + 1
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    def test_a_delivery_that_fails_stops_no_later_one(
        self, ledger: Ledger, caplog: pytest.LogCaptureFixture
    ) -> None:
        failures = [ZeroDivisionError()]

        def deliver(settled: Sequence[tuple[Done, Outcome]]) -> None:
            if failures:
                raise failures.pop()
            deliver_here(settled)

        outcomes = Outcomes()
        lost = threading.Event()
        with Appender(ledger, wake=lost.set, deliver=deliver) as appender:
            appender.submit([order(1)], outcomes)
            assert lost.wait(60)
            appender.append(order(2))

        assert outcomes.told == []
        assert [record.levelno for record in caplog.records] == [logging.ERROR]

    def test_followers_that_cannot_be_woken_keep_nobody_waiting(
        self, ledger: Ledger, caplog: pytest.LogCaptureFixture
    ) -> None:
        def wake() -> None:
            raise ZeroDivisionError

        with Appender(ledger, wake=wake) as appender:
            assert appender.append(order(1)).index == FOUNDED_SIZE

        assert [record.levelno for record in caplog.records] == [logging.ERROR]
