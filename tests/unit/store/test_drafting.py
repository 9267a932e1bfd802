"""Decisions leave no trace of what was refused, and the batch is the sum of what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.errors import DuplicateError, LedgerError, VersionConflictError
from ledger.log.merkle import leaf_hash
from ledger.store.asking import Mentioned
from ledger.store.drafting import Draft, Past, say_place
from ledger.store.preparing import parse
from ledger.store.streams import Streams
from ledger.store.tip import EMPTY_TIP, catch_up
from tests.unit.store.builders import (
    FOUNDED_SIZE,
    START_MS,
    digest_in,
    enrollment,
    key_of,
    log_signer,
    order,
)

if TYPE_CHECKING:
    from ledger.store.committing import Ledger


def draft_of(ledger: Ledger, *envelopes: bytes, now_ms: int = START_MS) -> Draft:
    """A draft that may be asked about these envelopes."""
    streams = Streams(ledger.recorder)
    tip = catch_up(EMPTY_TIP, ledger.recorder, streams, ledger.reader.tree)
    known = ledger.recorder.known(Mentioned.by(map(parse, envelopes), streams))
    past = Past(known, streams)
    return Draft(tip, past, signers=[log_signer()], now_ms=now_ms)


def facts_in(draft: Draft) -> list[tuple[int, str, int]]:
    return [
        (accepted.index, accepted.prepared.statement.fact_id, accepted.after.version)
        for accepted in draft.accepted
    ]


def test_indexes_are_given_in_order(ledger: Ledger) -> None:
    envelopes = [order(number) for number in range(3)]
    draft = draft_of(ledger, *envelopes)

    assert draft.decide([parse(envelopes[0])]) == (2,)
    assert draft.decide([parse(envelopes[1]), parse(envelopes[2])]) == (3, 4)
    assert facts_in(draft) == [(2, "order-0", 1), (3, "order-1", 1), (4, "order-2", 1)]


def test_a_refusal_takes_no_index_and_leaves_no_trace(ledger: Ledger) -> None:
    envelopes = [order(1), enrollment("clerk"), order(2, expected_version=5)]
    draft = draft_of(ledger, *envelopes)
    draft.decide([parse(envelopes[0])])
    keyring = draft._keyring

    with pytest.raises(VersionConflictError) as refusal:
        draft.decide([parse(envelopes[1]), parse(envelopes[2])])

    assert refusal.value.field == "envelopes[1].expected_version"
    assert facts_in(draft) == [(2, "order-1", 1)]
    assert draft._keyring is keyring
    assert draft.decide([parse(envelopes[1])]) == (3,)
    assert draft._keyring.find(key_of("clerk").public.keyid) is not None


def test_a_field_is_said_as_it_is_for_a_single_statement(ledger: Ledger) -> None:
    envelope = order(1, expected_version=5)

    with pytest.raises(VersionConflictError) as refusal:
        draft_of(ledger, envelope).decide([parse(envelope)])

    assert refusal.value.field == "expected_version"


def test_an_error_without_a_field_is_said_with_its_place() -> None:
    error = LedgerError("no")
    say_place(error, 3, 5)

    assert error.field == "envelopes[3]"


def test_a_statement_of_the_same_draft_gets_its_index_again(ledger: Ledger) -> None:
    draft = draft_of(ledger, order(1))

    assert draft.decide([parse(order(1)), parse(order(1))]) == (2, 2)
    with pytest.raises(DuplicateError):
        draft.decide([parse(order(1, nonce=b"n" * 16))])


def test_a_sealed_batch_is_signed_and_counts_everything(ledger: Ledger) -> None:
    envelopes = [order(1), order(2)]
    draft = draft_of(ledger, *envelopes, now_ms=START_MS + 7)
    draft.decide([parse(envelope) for envelope in envelopes])

    sealed = draft.seal()

    batch, tip = sealed.batch, sealed.tip
    assert (batch.tree_size, tip.size, tip.recorded_ms) == (4, 4, START_MS + 7)
    assert [new.index for new in batch.entries] == [FOUNDED_SIZE, FOUNDED_SIZE + 1]
    for new, envelope in zip(batch.entries, envelopes, strict=True):
        assert new.leaf_hash == leaf_hash(new.event.state)
        assert new.event.state.endswith(envelope)
        assert (new.digest, new.author) == (digest_in(envelope), "registrar")
        assert (new.event.topic, new.event.originator_version) == ("company-order.v1", 1)
        assert new.recorded_ms == START_MS + 7
    assert {stream.id: stream.version for stream in sealed.streams} == {
        "orders/order-1": 1,
        "orders/order-2": 1,
    }


def test_a_draft_changes_nothing_in_the_database(ledger: Ledger) -> None:
    draft = draft_of(ledger, order(1))
    draft.decide([parse(order(1))])
    draft.seal()

    assert ledger.reader.tree_size() == FOUNDED_SIZE
