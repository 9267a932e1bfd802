"""What waits is prepared ahead of its turn: never decided, never told, and never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ledger.store import ahead as ahead_module
from ledger.store.ahead import Ahead
from ledger.store.committing import Committer, prepare
from ledger.store.intake import Intake, Submission
from tests import builders
from tests.unit.store.builders import (
    FOUNDED_SIZE,
    enrollment,
    founding,
    order,
    receipts_of,
    stated,
)

if TYPE_CHECKING:
    from ledger.domain.keyring import Keyring
    from ledger.errors import LedgerError
    from ledger.store.committing import Ledger


def queue_of(*submissions: tuple[bytes, ...]) -> Intake:
    intake = Intake()
    for envelopes in submissions:
        intake.put(Submission(envelopes, lambda _: None))
    return intake


def all_steps(ahead: Ahead) -> int:
    """Prepare all there is, and say in how many steps."""
    steps = 0
    while ahead.step():
        steps += 1
    return steps


@pytest.fixture
def keyring(ledger: Ledger) -> Keyring:
    committer = Committer(ledger)
    committer.catch_up()
    return committer._tip.keyring


def test_whatever_waits_is_prepared_one_at_a_time_and_stays_in_the_queue(keyring: Keyring) -> None:
    envelopes = [order(number) for number in range(4)]
    intake = queue_of((envelopes[0],), (envelopes[1], envelopes[2]))
    ahead = Ahead(intake.peek)
    ahead.begin(keyring)

    assert all_steps(ahead) == 3
    intake.put(Submission((envelopes[3],), lambda _: None))
    assert all_steps(ahead) == 1

    found = [ahead.find(envelope) for envelope in envelopes]
    assert [each and (each.envelope, each.verified) for each in found] == [
        (envelope, True) for envelope in envelopes
    ]
    assert [each.statements for each in intake.take()] == [
        (envelopes[0],), (envelopes[1], envelopes[2]), (envelopes[3],),
    ]  # fmt: skip


def test_no_more_is_prepared_than_a_round_takes(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead_module, "AHEAD_MAX", 2)
    ahead = Ahead(queue_of(*((order(number),) for number in range(3))).peek)
    ahead.begin(keyring)

    assert all_steps(ahead) == 2


def test_a_new_turn_begins_at_the_front_and_knows_nothing_of_the_one_before(
    keyring: Keyring,
) -> None:
    ahead = Ahead(queue_of((order(1),)).peek)
    ahead.begin(keyring)
    all_steps(ahead)

    ahead.begin(keyring)
    assert ahead.find(order(1)) is None
    assert all_steps(ahead) == 1
    assert ahead.find(order(1)) is not None


def test_what_was_found_is_not_prepared_again(
    keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = Ahead(queue_of((order(1),)).peek)
    ahead.begin(keyring)
    all_steps(ahead)
    for name in ("parse", "verify_if_known"):
        monkeypatch.setattr(f"ledger.store.ahead.{name}", None)
        monkeypatch.setattr(f"ledger.store.preparing.{name}", None)

    ready, refused = prepare({0: [order(1)]}, keyring, ahead)

    assert ([each.verified for each in ready[0]], refused) == ([True], {})


def test_what_is_unsound_is_refused_when_its_turn_comes(keyring: Keyring) -> None:
    forged = bytearray(order(1))
    forged[-80] ^= 1
    unsound = (b"nothing", bytes(forged), founding())
    ahead = Ahead(queue_of(*((envelope,) for envelope in unsound)).peek)
    ahead.begin(keyring)

    assert all_steps(ahead) == 3

    def refusals(of: Ahead) -> list[LedgerError]:
        ready, refused = prepare({n: [each] for n, each in enumerate(unsound)}, keyring, of)
        assert ready == {}
        return [refused[place] for place in range(3)]

    assert [str(each) for each in refusals(ahead)] == [str(each) for each in refusals(Ahead())]


def test_a_key_that_is_in_the_round_before_is_found_when_the_turn_comes(ledger: Ledger) -> None:
    by_clerk = stated(builders.order("order-2"), "clerk")
    intake = queue_of((by_clerk,))
    ahead = Ahead(intake.peek)
    committer = Committer(ledger, ahead)

    receipts_of(committer.commit([[enrollment("clerk")]])[0])
    all_steps(ahead)
    found = ahead.find(by_clerk)
    assert found is not None
    assert not found.verified

    (receipt,) = receipts_of(committer.commit([[by_clerk]])[0])
    assert receipt.index == FOUNDED_SIZE + 1
