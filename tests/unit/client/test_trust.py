"""A checkpoint is accepted only if the pinned key signed it and one history holds them all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledger.client.heads import HeadsInMemory
from ledger.client.transport import finished
from ledger.client.trust import Head, TrustedLog, last_verified
from ledger.errors import (
    ForkError,
    RollbackError,
    UnavailableError,
    VerificationError,
)
from ledger.log.proofs import consistency_proof
from ledger.log.receipts import Receipt
from ledger.signing.privatekeys import PrivateKey
from tests.unit.client.logs import PIN, Log


def accept(trust: TrustedLog, note: bytes, proof: Sequence[bytes] | None = None) -> Head:
    return finished(trust.accept(note, proof))


def accept_latest(trust: TrustedLog, note: bytes, proof: Sequence[bytes]) -> Head:
    return finished(trust.accept_latest(note, proof))


def _trusting(log: Log, memory: HeadsInMemory | None = None) -> TrustedLog:
    return TrustedLog(PIN, memory or HeadsInMemory(), log)


def test_before_the_first_checkpoint_there_is_no_head() -> None:
    assert _trusting(Log()).head is None


def test_the_first_checkpoint_becomes_the_head_and_is_remembered() -> None:
    memory, log = HeadsInMemory(), Log()
    trust = _trusting(log, memory)
    head = accept(trust, log.note(7))
    assert trust.head == head
    assert (head.size, memory.load()) == (7, log.note(7))
    assert head.anchor.size == 7


def test_a_checkpoint_of_another_key_is_refused() -> None:
    log = Log()
    with pytest.raises(VerificationError):
        accept(_trusting(log), log.note(7, key=PrivateKey.generate()))


def test_a_larger_checkpoint_is_proved_and_becomes_the_head() -> None:
    log = Log()
    trust = _trusting(log)
    accept(trust, log.note(7))
    accept(trust, log.note(20))
    assert log.asked == [(7, 20)]
    assert trust.head is not None
    assert trust.head.size == 20


def test_a_proof_that_came_along_is_not_asked_for_again() -> None:
    log = Log()
    trust = _trusting(log)
    accept(trust, log.note(7))
    proof = consistency_proof(7, 20, log.tree)
    assert accept(trust, log.note(20), proof).size == 20
    assert log.asked == []


def test_an_earlier_checkpoint_is_proved_and_leaves_the_head() -> None:
    log = Log()
    trust = _trusting(log)
    accept(trust, log.note(20))
    assert accept(trust, log.note(7)).size == 7
    assert log.asked == [(7, 20)]
    assert trust.head is not None
    assert trust.head.size == 20


def test_nothing_is_proved_twice() -> None:
    log = Log()
    trust = _trusting(log)
    for size in (7, 20, 7, 20, 7):
        accept(trust, log.note(size))
    assert log.asked == [(7, 20)]


def test_two_trees_of_one_size_are_a_fork() -> None:
    trust = _trusting(Log("a"))
    accept(trust, Log("a").note(7))
    with pytest.raises(ForkError):
        accept(trust, Log("b").note(7))


@pytest.mark.parametrize("sizes", [(7, 20), (20, 7)])
def test_a_tree_of_another_history_is_a_fork(sizes: tuple[int, int]) -> None:
    mine, other = Log("a"), Log("b")
    trust = _trusting(other)
    accept(trust, mine.note(sizes[0]))
    with pytest.raises(ForkError):
        accept(trust, other.note(sizes[1]))
    assert trust.head is not None
    assert trust.head.size == sizes[0]


def test_a_false_proof_of_one_history_is_refused_and_no_fork() -> None:
    log = Log()
    trust = _trusting(log)
    accept(trust, log.note(7))
    with pytest.raises(VerificationError) as found:
        accept(trust, log.note(20), consistency_proof(8, 20, log.tree))
    assert (type(found.value), found.value.rule) == (VerificationError, "consistency-proof")
    assert trust.head == accept(trust, log.note(7))


def test_an_empty_tree_is_no_checkpoint_of_a_ledger() -> None:
    with pytest.raises(VerificationError) as found:
        accept(_trusting(Log()), Log().note(0))
    assert found.value.rule == "empty-tree"


def test_a_latest_checkpoint_that_shrank_is_a_rollback() -> None:
    log = Log()
    trust = _trusting(log)
    accept(trust, log.note(20))
    with pytest.raises(RollbackError):
        accept_latest(trust, log.note(7), [])
    assert accept_latest(trust, log.note(20), []).size == 20


def test_a_log_that_cannot_reach_the_head_any_more_is_a_rollback() -> None:
    log, short = Log(), Log(size=10)
    memory = HeadsInMemory()
    accept(_trusting(log, memory), log.note(20))

    with pytest.raises(RollbackError):
        accept(TrustedLog(PIN, memory, short), short.note(8))


def test_a_proof_that_cannot_be_had_leaves_a_larger_checkpoint_unaccepted() -> None:
    log, memory = Log(), HeadsInMemory()
    accept(_trusting(log, memory), log.note(7))

    class Busy(Log):
        async def administration(self) -> Sequence[Receipt]:
            return []

        async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
            raise UnavailableError(f"not now: {older} to {newer}")

    with pytest.raises(UnavailableError):
        accept(TrustedLog(PIN, memory, Busy()), log.note(20))
    assert memory.load() == log.note(7)


def test_what_was_verified_before_is_remembered_by_the_next_process() -> None:
    memory, log = HeadsInMemory(), Log()
    accept(_trusting(log, memory), log.note(7))
    with pytest.raises(ForkError):
        accept(_trusting(Log("b"), memory), Log("b").note(7))


def test_a_head_that_another_process_advanced_meanwhile_is_compared() -> None:
    memory, log = HeadsInMemory(), Log()
    first, second = _trusting(log, memory), _trusting(log, memory)
    accept(first, log.note(7))
    accept(second, log.note(20))
    assert accept(first, log.note(30)).size == 30
    assert memory.load() == log.note(30)
    assert (20, 30) in log.asked


def test_a_fork_is_seen_even_if_another_process_saw_the_other_side() -> None:
    memory, mine, other = HeadsInMemory(), Log("a"), Log("b")
    first, second = _trusting(mine, memory), _trusting(other, memory)
    accept(first, mine.note(7))
    with pytest.raises(ForkError):
        accept(second, other.note(20))


def test_a_memory_of_another_key_is_an_error_and_not_a_first_use() -> None:
    """It may be that of the log's next key, which the log then has to show."""
    memory, log = HeadsInMemory(), Log()
    memory.replace(log.note(7, key=PrivateKey.generate()), known=None)
    trust = TrustedLog(PIN, memory, log)
    with pytest.raises(VerificationError):
        accept(trust, log.note(9))
    assert trust.head is None


def test_a_damaged_memory_is_an_error_and_not_a_first_use() -> None:
    memory = HeadsInMemory()
    memory.replace(Log().note(7).replace(b"\n7\n", b"\n8\n"), known=None)
    with pytest.raises(VerificationError):
        TrustedLog(PIN, memory, Log())


def test_the_last_verified_head_is_known_offline_and_can_be_compared_only_with_itself() -> None:
    memory, log = HeadsInMemory(), Log()
    assert last_verified(PIN, memory) is None
    accept(_trusting(log, memory), log.note(7))
    head = last_verified(PIN, memory)
    assert head is not None
    assert head.size == 7


def test_only_so_many_checkpoints_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.client.trust._ACCEPTED_KEPT", 2)
    log = Log()
    trust = _trusting(log)
    for size in (5, 6, 7, 8, 5):
        accept(trust, log.note(size))
    assert log.asked[-1] == (5, 8)
