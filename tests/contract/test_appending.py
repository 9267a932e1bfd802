"""What an append promises, whatever the store: order, uniqueness, atomicity, receipts for ever."""

from __future__ import annotations

import threading

import pytest

from ledger.codec.entries import decode_entry
from ledger.errors import (
    DuplicateError,
    InputError,
    SignatureError,
    VersionConflictError,
)
from ledger.log.receipts import Receipt
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.store.appender import Appender
from ledger.store.committing import Committer, Ledger
from tests import builders
from tests.unit.store.builders import (
    FOUNDED_SIZE,
    LEDGER_ID,
    START_MS,
    LedgerFolder,
    append,
    enrollment,
    order,
    proved,
    receipts_of,
    refusal_of,
    signed,
    stated,
)


class TestReceipts:
    def test_an_append_is_acknowledged_by_a_proof(self, ledger: Ledger) -> None:
        envelope = order(1)

        (receipt,) = append(ledger, envelope)

        assert receipt.index == FOUNDED_SIZE
        assert proved(receipt).size == FOUNDED_SIZE + 1
        entry = decode_entry(receipt.entry)
        assert (entry.envelope, entry.recorded_ms) == (envelope, START_MS)

    def test_a_batch_is_proved_to_one_checkpoint(self, ledger: Ledger) -> None:
        receipts = append(ledger, *map(order, range(5)))

        assert [receipt.index for receipt in receipts] == list(range(2, 7))
        assert {proved(receipt).size for receipt in receipts} == {7}

    def test_a_retry_gets_the_same_receipt_for_ever(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        (first,) = append(ledger, order(1))
        append(ledger, *map(order, range(2, 9)))
        folder.clock.now_ms += 1000

        assert append(ledger, order(1)) == (first,)
        assert append(folder.open(), order(1)) == (first,)
        assert ledger.reader.receipt(first.index) == first

    def test_a_retry_in_the_same_round_gets_the_same_receipt(self, ledger: Ledger) -> None:
        outcomes = Committer(ledger).commit([[order(1)], [order(1)], [order(1), order(1)]])

        first, second, (third, fourth) = map(receipts_of, outcomes)
        assert first == second == (third,) == (fourth,)
        assert ledger.reader.tree_size() == FOUNDED_SIZE + 1

    def test_signing_the_same_statement_again_is_a_retry(self, ledger: Ledger) -> None:
        """Signatures identify nothing: this one differs each time it is made."""
        key = PrivateKey.generate(Algorithm.ECDSA_P256_SHA256)
        append(ledger, enrollment("clerk", key=key))
        statement = builders.statement(builders.order("order-1"), "clerk", ledger_id=LEDGER_ID)
        one, other = signed(statement, key), signed(statement, key)

        assert one != other
        assert append(ledger, one) == append(ledger, other)

    @pytest.mark.parametrize("signer", ["eve", "registrar-2"])
    def test_a_retry_that_is_not_signed_by_its_author_gets_nothing(
        self, ledger: Ledger, signer: str
    ) -> None:
        append(ledger, order(1))

        error = refusal_of(ledger, stated(builders.order("order-1"), "registrar", signer))

        assert (error.rule, error.field) == ("key-unknown", "signatures[0].keyid")


class TestUniqueness:
    def test_a_nonce_is_used_once(self, ledger: Ledger) -> None:
        append(ledger, order(1, nonce=b"n" * 16))

        error = refusal_of(ledger, order(2, nonce=b"n" * 16))

        assert isinstance(error, DuplicateError)
        assert (error.rule, error.field) == ("nonce-reused", "nonce")

    def test_a_nonce_is_an_authors_own(self, ledger: Ledger) -> None:
        append(ledger, enrollment("clerk"), order(1, nonce=b"n" * 16))

        (receipt,) = append(ledger, stated(builders.order("order-2"), "clerk", nonce=b"n" * 16))

        assert receipt.index == FOUNDED_SIZE + 2

    def test_a_fact_id_is_taken_once(self, ledger: Ledger) -> None:
        append(ledger, order(1))

        error = refusal_of(ledger, order(1, nonce=b"n" * 16))

        assert isinstance(error, DuplicateError)
        assert (error.rule, error.field) == ("fact-id-taken", "fact_id")

    def test_uniqueness_holds_within_a_round(self, ledger: Ledger) -> None:
        _, nonce, fact_id = Committer(ledger).commit(
            [
                [order(1, nonce=b"n" * 16)],
                [order(2, nonce=b"n" * 16)],
                [order(1, nonce=b"m" * 16)],
            ]
        )

        assert isinstance(nonce, DuplicateError)
        assert nonce.rule == "nonce-reused"
        assert isinstance(fact_id, DuplicateError)
        assert fact_id.rule == "fact-id-taken"


class TestStreams:
    def test_a_stream_grows_by_stated_versions(self, ledger: Ledger) -> None:
        opened = builders.order("order-1", quantity=builders.exactly(10))
        shipped = builders.order(
            "shipped-1",
            "orders/order-1",
            subtype="shipment",
            quantity=builders.exactly(4),
            relates_to=(builders.relation("part_of", "order-1"),),
        )

        append(ledger, stated(opened))
        (receipt,) = append(ledger, stated(shipped, expected_version=1))

        (stored,) = ledger.reader.entries(receipt.index, receipt.index + 1)
        assert stored.version == 2

    def test_a_stale_version_is_told_the_current_one(self, ledger: Ledger) -> None:
        append(ledger, order(1))

        error = refusal_of(
            ledger,
            stated(
                builders.order(
                    "late-1",
                    "orders/order-1",
                    relates_to=(builders.relation("part_of", "order-1"),),
                )
            ),
        )

        assert isinstance(error, VersionConflictError)
        assert (error.expected, error.actual) == (0, 1)

    def test_a_version_ahead_of_the_stream_is_refused(self, ledger: Ledger) -> None:
        error = refusal_of(ledger, order(1, expected_version=1))

        assert isinstance(error, VersionConflictError)

    def test_another_writers_event_moves_the_stream_on(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        one, other = Committer(ledger), Committer(folder.open())
        receipts_of(one.commit([[order(1)]])[0])
        for version, committer in enumerate((other, one, other, one), start=1):
            fact = builders.order(
                f"note-{version}",
                "orders/order-1",
                relates_to=(builders.relation("part_of", "order-1"),),
            )
            receipts_of(committer.commit([[stated(fact, expected_version=version)]])[0])

        assert ledger.reader.tree_size() == FOUNDED_SIZE + 5


class TestAtomicity:
    def test_a_batch_is_appended_whole_or_not_at_all(self, ledger: Ledger) -> None:
        append(ledger, order(1))

        error = refusal_of(ledger, order(2), order(3), order(1, nonce=b"n" * 16))

        assert isinstance(error, DuplicateError)
        assert error.field == "envelopes[2].fact_id"
        (receipt,) = append(ledger, order(2))
        assert receipt.index == FOUNDED_SIZE + 1

    def test_what_is_wrong_with_a_member_is_said_with_its_place(self, ledger: Ledger) -> None:
        unreadable = refusal_of(ledger, order(1), b"\x00")
        unsigned = refusal_of(
            ledger, order(1), stated(builders.order("order-2"), "registrar", "eve")
        )

        assert isinstance(unreadable, InputError)
        assert unreadable.field.startswith("envelopes[1]")
        assert isinstance(unsigned, SignatureError)
        assert unsigned.field == "envelopes[1].signatures[0].keyid"

    def test_a_refused_batch_does_not_disturb_others_of_its_round(self, ledger: Ledger) -> None:
        outcomes = Committer(ledger).commit(
            [
                [order(1)],
                [order(2), order(3), order(1, nonce=b"n" * 16)],
                [order(2)],
                [order(3), order(4)],
            ]
        )

        first, second, third, fourth = outcomes
        assert isinstance(second, DuplicateError)
        indexes = [
            receipt.index for outcome in (first, third, fourth) for receipt in receipts_of(outcome)
        ]
        assert indexes == [2, 3, 4, 5]
        assert {proved(receipts_of(outcome)[0]).size for outcome in (first, third, fourth)} == {6}

    def test_keys_of_a_refused_batch_are_forgotten(self, ledger: Ledger) -> None:
        refusal, later = Committer(ledger).commit(
            [
                [enrollment("clerk"), order(1, expected_version=7)],
                [stated(builders.order("order-2"), "clerk")],
            ]
        )

        assert isinstance(refusal, VersionConflictError)
        assert isinstance(later, SignatureError)
        assert later.rule == "key-unknown"

    def test_a_stream_of_a_refused_batch_is_as_it_was(self, ledger: Ledger) -> None:
        refusal, later = Committer(ledger).commit(
            [[order(1), order(2, expected_version=7)], [order(1, nonce=b"n" * 16)]]
        )

        assert isinstance(refusal, VersionConflictError)
        assert receipts_of(later)[0].index == FOUNDED_SIZE

    def test_members_already_committed_get_their_first_receipt(self, ledger: Ledger) -> None:
        (first,) = append(ledger, order(1))

        again, new = append(ledger, order(1), order(2))

        assert again == first
        assert new.index == first.index + 1


class TestConcurrency:
    def test_many_threads_get_dense_indexes_and_sound_receipts(self, ledger: Ledger) -> None:
        threads, each = 16, 8
        receipts: dict[bytes, Receipt] = {}

        with Appender(ledger) as appender:

            def work(thread: int) -> None:
                for number in range(each):
                    envelope = order(number, f"t{thread}")
                    receipts[envelope] = appender.append(envelope)

            workers = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()

        indexes = sorted(receipt.index for receipt in receipts.values())
        assert indexes == list(range(FOUNDED_SIZE, FOUNDED_SIZE + threads * each))
        for envelope, receipt in receipts.items():
            assert decode_entry(receipt.entry).envelope == envelope
            assert proved(receipt).size > receipt.index
            assert ledger.reader.receipt(receipt.index) == receipt

    def test_two_writers_keep_one_sequence(self, ledger: Ledger, folder: LedgerFolder) -> None:
        writers = [Committer(ledger), Committer(folder.open())]
        indexes = [
            receipts_of(writers[number % 2].commit([[order(number)]])[0])[0].index
            for number in range(8)
        ]

        assert indexes == list(range(FOUNDED_SIZE, FOUNDED_SIZE + 8))

    def test_a_restart_goes_on_where_the_ledger_ended(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        with Appender(ledger) as appender:
            first = appender.append(order(1))
        ledger.recorder.close()

        with Appender(folder.open()) as appender:
            assert appender.append(order(1)) == first
            assert appender.append(order(2)).index == first.index + 1
