"""A round keeps its promises when the database does not keep its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from ledger.errors import LedgerError, StoreError, UnavailableError, VersionConflictError
from ledger.store.asking import NOTHING
from ledger.store.committing import Committer
from ledger.store.head import Head
from ledger.store.sqlite import SQLiteLedgerRecorder
from tests import builders
from tests.unit.store.builders import (
    FOUNDED_SIZE,
    LedgerFolder,
    enrollment,
    order,
    proved,
    receipts_of,
    stated,
    tamper,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.store.asking import Known, Mentioned
    from ledger.store.committing import Ledger, Outcome
    from ledger.store.rows import Batch


class Failing(SQLiteLedgerRecorder):
    """A database that fails where it is told to, once each."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.failures: list[str] = []

    def fails(self, where: str) -> None:
        if self.failures[:1] == [where]:
            del self.failures[0]
            raise StoreError(f"failed at {where}", rule="store-refused")

    @contextmanager
    def ordering_lock(self, mentioned: Mentioned = NOTHING, **more: Any) -> Iterator[Known]:
        self.fails("lock")
        with super().ordering_lock(mentioned, **more) as known:
            yield known
            self.fails("commit")
        self.fails("reply")

    def insert_batch(self, batch: Batch) -> None:
        self.fails("insert")
        if self.failures == ["mistake"]:
            raise ZeroDivisionError
        super().insert_batch(batch)


class Round:
    """A committer on a database that fails as told."""

    def __init__(self, folder: LedgerFolder) -> None:
        folder.found()
        self.recorder = Failing(folder.path / "ledger.sqlite3")
        self.ledger = folder.open(self.recorder)
        self.committer = Committer(self.ledger)

    def commit(self, *envelopes: bytes, failing: tuple[str, ...] = ()) -> Outcome:
        self.recorder.failures = list(failing)
        outcome = self.committer.commit([envelopes])[0]
        assert self.recorder.failures == []
        return outcome


@pytest.fixture
def rounds(folder: LedgerFolder) -> Round:
    return Round(folder)


class TestCommit:
    def test_a_commit_whose_reply_was_lost_is_found_out(self, rounds: Round) -> None:
        (receipt,) = receipts_of(rounds.commit(order(1), failing=("reply",)))

        assert proved(receipt).size == FOUNDED_SIZE + 1
        assert rounds.ledger.reader.receipt(receipt.index) == receipt
        assert receipts_of(rounds.commit(order(2)))[0].index == receipt.index + 1

    @pytest.mark.parametrize("where", ["insert", "commit"])
    def test_a_commit_that_failed_leaves_nothing(self, rounds: Round, where: str) -> None:
        outcome = rounds.commit(order(1), failing=(where,))

        assert isinstance(outcome, StoreError)
        assert rounds.ledger.reader.tree_size() == FOUNDED_SIZE
        assert receipts_of(rounds.commit(order(1)))[0].index == FOUNDED_SIZE

    @pytest.mark.parametrize("where", ["commit", "reply"])
    def test_what_cannot_be_found_out_is_said_to_be_unknown(
        self, rounds: Round, where: str
    ) -> None:
        outcome = rounds.commit(order(1), failing=(where, "lock"))

        assert isinstance(outcome, UnavailableError)
        assert outcome.rule == "commit-unknown"
        (receipt,) = receipts_of(rounds.commit(order(1)))
        assert receipt.index == FOUNDED_SIZE
        assert rounds.ledger.reader.tree_size() == FOUNDED_SIZE + 1

    def test_a_lock_that_is_not_to_be_had_costs_no_caches(self, rounds: Round) -> None:
        rounds.committer.catch_up()
        tip = rounds.committer._tip

        assert isinstance(rounds.commit(order(1), failing=("lock",)), StoreError)
        assert rounds.committer._tip is tip

    def test_after_an_error_nothing_cached_is_trusted(self, rounds: Round) -> None:
        receipts_of(rounds.commit(enrollment("clerk")))
        failed = rounds.commit(order(1), failing=("insert",))

        assert isinstance(failed, StoreError)
        assert rounds.committer._tip.size == 0
        assert not rounds.committer._streams.knows("authors/clerk")
        later = rounds.commit(stated(builders.order("order-2"), "clerk"))
        assert receipts_of(later)[0].index == FOUNDED_SIZE + 1

    def test_a_round_without_news_is_committed_empty(self, rounds: Round) -> None:
        first = rounds.commit(order(1))

        assert rounds.commit(order(1)) == first

    def test_an_error_of_the_database_is_told_to_all_who_may_be_stored(self, rounds: Round) -> None:
        rounds.recorder.failures = ["insert"]
        outcomes = rounds.committer.commit([[order(1)], [b""], [order(2)]])

        assert [type(outcome).__name__ for outcome in outcomes] == [
            "StoreError",
            "EnvelopeError",
            "StoreError",
        ]


class TestHead:
    def test_the_head_is_kept_before_a_receipt_is_released(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        (receipt,) = receipts_of(Committer(ledger).commit([[order(1)]])[0])

        checkpoint = proved(receipt)
        assert folder.head.read() == Head(checkpoint.size, checkpoint.root)

    def test_without_the_head_no_receipt_is_released(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        """What was committed gets its receipt once the head can be kept again."""
        committer = Committer(ledger)
        committer.catch_up()
        kept = (folder.path / "head").read_bytes()
        (folder.path / "head").unlink()

        outcome = committer.commit([[order(1)]])[0]

        assert isinstance(outcome, StoreError)
        assert outcome.rule == "head-missing"
        assert isinstance(committer.commit([[order(1)]])[0], StoreError)
        (folder.path / "head").write_bytes(kept)
        (receipt,) = receipts_of(committer.commit([[order(1)]])[0])
        assert receipt.index == FOUNDED_SIZE
        assert folder.head.read().size == FOUNDED_SIZE + 1

    def test_a_refusal_needs_no_head(self, ledger: Ledger, folder: LedgerFolder) -> None:
        committer = Committer(ledger)
        committer.catch_up()
        (folder.path / "head").unlink()

        outcome = committer.commit([[order(1, expected_version=1)]])[0]

        assert isinstance(outcome, VersionConflictError)

    def test_an_older_copy_put_back_under_the_writer_is_not_written_to(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        committer = Committer(ledger)
        receipts_of(committer.commit([[order(1)]])[0])
        tamper(
            folder,
            "DELETE FROM ledger_checkpoints WHERE tree_size = 3",
            "DELETE FROM ledger_entries WHERE entry_index = 2",
            "DELETE FROM stored_events WHERE originator_id = 'orders/order-1'",
        )

        rules = []
        for number in (2, 3, 4):
            outcome = committer.commit([[order(number)]])[0]
            assert isinstance(outcome, LedgerError)
            rules.append(outcome.rule)

        assert rules == ["store-refused", "database-behind-head", "database-behind-head"]
        assert ledger.reader.tree_size() == FOUNDED_SIZE


class TestBlame:
    def test_a_stream_that_does_not_read_back_stops_its_own_statements_only(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        receipts_of(Committer(ledger).commit([[order(1)]])[0])
        tamper(
            folder,
            "UPDATE stored_events SET topic = 'party.v1' WHERE originator_id = 'orders/order-1'",
        )
        further = builders.order(
            "note-1", "orders/order-1", relates_to=(builders.relation("part_of", "order-1"),)
        )

        broken, other = Committer(ledger).commit(
            [[stated(further, expected_version=1)], [order(2)]]
        )

        assert isinstance(broken, StoreError)
        assert receipts_of(other)[0].index == FOUNDED_SIZE + 1

    def test_a_mistake_in_a_round_is_not_swallowed(self, rounds: Round) -> None:
        """It is the appender that outlives it; here it must be seen."""
        rounds.committer.catch_up()

        rounds.recorder.failures = ["mistake"]

        with pytest.raises(ZeroDivisionError):
            rounds.committer.commit([[order(1)]])
        assert rounds.committer._tip.size == 0
