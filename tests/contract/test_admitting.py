"""What an append is held to, whatever the store: keys, time, anchors, and the founding."""

from __future__ import annotations

import pytest

from ledger.codec.entries import decode_entry
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Role
from ledger.errors import (
    DuplicateError,
    LedgerError,
    RefusedError,
    RoleError,
    RuleError,
    SignatureError,
    UnavailableError,
)
from ledger.store.committing import Committer, Ledger
from ledger.store.founding import found
from ledger.store.validating import Validator
from tests import builders
from tests.unit.store.builders import (
    FOUNDED_SIZE,
    START_MS,
    LedgerFolder,
    append,
    enrollment,
    founding,
    order,
    proved,
    receipts_of,
    refusal_of,
    revocation,
    rotation,
    stated,
)


class TestKeys:
    def test_a_key_is_valid_from_the_index_after_its_enrollment(self, ledger: Ledger) -> None:
        enrolled, stated_by_it = append(
            ledger, enrollment("clerk"), stated(builders.order("order-1"), "clerk")
        )

        assert stated_by_it.index == enrolled.index + 1

    def test_a_key_signs_nothing_before_its_enrollment(self, ledger: Ledger) -> None:
        error = refusal_of(ledger, stated(builders.order("order-1"), "clerk"), enrollment("clerk"))

        assert isinstance(error, SignatureError)

    def test_a_revocation_binds_after_its_own_index(self, ledger: Ledger) -> None:
        append(ledger, enrollment("clerk"))

        (first,) = append(ledger, stated(builders.order("order-1"), "clerk"))
        append(ledger, revocation("clerk"))
        error = refusal_of(ledger, stated(builders.order("order-2"), "clerk"))

        assert error.rule == "key-revoked"
        assert append(ledger, stated(builders.order("order-1"), "clerk")) == (first,)

    def test_after_a_rotation_the_new_key_signs(self, ledger: Ledger) -> None:
        append(ledger, enrollment("clerk"))

        append(
            ledger,
            rotation("clerk", "clerk-2"),
            stated(builders.order("order-1"), "clerk", "clerk-2"),
        )

        error = refusal_of(ledger, stated(builders.order("order-2"), "clerk"))
        assert error.rule == "key-revoked"

    def test_a_role_is_held_to(self, ledger: Ledger) -> None:
        append(ledger, enrollment("lobby", Role.ADVOCATE))

        assert isinstance(refusal_of(ledger, stated(builders.order("o-1"), "lobby")), RoleError)

    def test_a_key_enrolled_by_another_writer_is_known(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        behind = Committer(folder.open())
        behind.catch_up()
        append(ledger, enrollment("clerk"))

        outcome = behind.commit([[stated(builders.order("order-1"), "clerk")]])[0]

        assert receipts_of(outcome)[0].index == FOUNDED_SIZE + 1

    def test_a_statement_for_another_ledger_is_refused(self, ledger: Ledger) -> None:
        assert refusal_of(ledger, order(1, ledger_id=b"\x01" * 32)).rule == "other-ledger"


class TestTime:
    def test_the_recorded_time_never_goes_back(self, ledger: Ledger, folder: LedgerFolder) -> None:
        folder.clock.now_ms -= 9_999

        (receipt,) = append(ledger, order(1))

        assert decode_entry(receipt.entry).recorded_ms == START_MS

    def test_nothing_is_recorded_while_the_clock_is_ten_seconds_behind(
        self, ledger: Ledger, folder: LedgerFolder
    ) -> None:
        (first,) = append(ledger, order(1))
        folder.clock.now_ms -= 10_000

        error = refusal_of(ledger, order(2))

        assert isinstance(error, UnavailableError)
        assert error.rule == "clock-behind"
        assert append(ledger, order(1)) == (first,)

    def test_a_batch_has_one_recorded_time(self, ledger: Ledger, folder: LedgerFolder) -> None:
        folder.clock.now_ms += 5

        receipts = append(ledger, order(1), order(2))

        assert {decode_entry(r.entry).recorded_ms for r in receipts} == {START_MS + 5}


class TestAnchors:
    def anchored(self, number: int, size: int, root: bytes) -> bytes:
        return order(number, anchor=Anchor(size=size, root=root))

    def test_a_checkpoint_that_the_author_verified_may_be_named(self, ledger: Ledger) -> None:
        (receipt,) = append(ledger, order(1))
        checkpoint = proved(receipt)

        append(ledger, self.anchored(2, checkpoint.size, checkpoint.root))

    def test_a_root_of_another_history_is_refused(self, ledger: Ledger) -> None:
        error = refusal_of(ledger, self.anchored(1, FOUNDED_SIZE, bytes(32)))

        assert isinstance(error, RuleError)
        assert (error.rule, error.field) == ("anchor-root", "anchor.root")

    def test_a_size_at_which_nothing_was_signed_is_refused(self, ledger: Ledger) -> None:
        append(ledger, order(1), order(2))
        tree = ledger.reader.tree_of(4)

        error = refusal_of(ledger, self.anchored(3, 3, tree.node(0, 2)))

        assert error.rule == "anchor-root"

    @pytest.mark.parametrize("size", [FOUNDED_SIZE + 1, 2**62])
    def test_a_tree_that_is_not_there_yet_is_refused(self, ledger: Ledger, size: int) -> None:
        error = refusal_of(ledger, self.anchored(1, size, bytes(32)))

        assert error.rule == "anchor-from-the-future"

    def test_a_size_inside_the_round_is_refused(self, ledger: Ledger) -> None:
        error = refusal_of(ledger, order(1), self.anchored(2, FOUNDED_SIZE + 1, bytes(32)))

        assert error.rule == "anchor-root"


class TestFounding:
    def test_a_ledger_is_founded_into_an_empty_store(self, folder: LedgerFolder) -> None:
        receipt = found(folder.open(), founding())

        assert (receipt.index, proved(receipt).size) == (0, 1)

    def test_a_ledger_is_founded_once(self, ledger: Ledger) -> None:
        with pytest.raises(RefusedError) as refusal:
            found(ledger, founding())

        assert refusal.value.rule == "already-founded"

    def test_append_refuses_a_founding(self, ledger: Ledger) -> None:
        assert refusal_of(ledger, founding()).rule == "founding-is-local"
        assert refusal_of(ledger, founding(threshold=1, origin="x.example/y")).rule == (
            "founding-is-local"
        )


class TestValidating:
    def test_a_validation_stores_nothing(self, ledger: Ledger) -> None:
        assert Validator(ledger).validate([order(1), order(2)]) == FOUNDED_SIZE
        assert ledger.reader.tree_size() == FOUNDED_SIZE

    def test_a_validation_refuses_what_an_append_refuses(self, ledger: Ledger) -> None:
        append(ledger, order(1))
        cases = {
            "fact-id-taken": [order(1, nonce=b"n" * 16)],
            "expected-version": [order(2, expected_version=3)],
            "key-unknown": [stated(builders.order("order-3"), "eve")],
            "founding-is-local": [founding()],
            "batch-size": [],
        }
        for rule, envelopes in cases.items():
            with pytest.raises(LedgerError) as refusal:
                Validator(ledger).validate(envelopes)
            assert refusal.value.rule == rule

    def test_a_validation_takes_no_lock(self, ledger: Ledger, folder: LedgerFolder) -> None:
        validator = Validator(folder.open())
        with ledger.recorder.ordering_lock():
            assert validator.validate([order(1)]) == FOUNDED_SIZE

    def test_a_validation_sees_what_was_appended_since_the_last_one(self, ledger: Ledger) -> None:
        validator = Validator(ledger)
        validator.validate([order(1)])
        append(ledger, order(1), enrollment("clerk"))

        assert validator.validate([stated(builders.order("order-2"), "clerk")]) == 4
        with pytest.raises(DuplicateError):
            validator.validate([order(1, nonce=b"n" * 16)])

    def test_what_is_recorded_already_validates(self, ledger: Ledger) -> None:
        append(ledger, order(1))

        assert Validator(ledger).validate([order(1)]) == FOUNDED_SIZE + 1
