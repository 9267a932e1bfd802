"""A contradiction leaves evidence that a third party can check, and forged evidence is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ledger.client.heads import HeadFile, HeadsInMemory
from ledger.client.misbehavior import BYTES_MAX, Kind, judge
from ledger.client.pins import Pin
from ledger.client.transport import finished
from ledger.client.trust import TrustedLog
from ledger.errors import (
    ForkError,
    MisbehaviorError,
    NoteError,
    NotFoundError,
    RollbackError,
    VerificationError,
)
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.signing.privatekeys import PrivateKey
from tests.unit.client.logs import ORIGIN, PIN, Log

Forge = Callable[[dict[str, Any]], None]


class Silent(Log):
    """A log that hands out no inclusion proofs."""

    async def inclusion_proof(self, index: int, size: int) -> tuple[bytes, Sequence[bytes]]:
        raise NotFoundError(f"No proof of {index} in {size}.")


class Shortened(Silent):
    """A log that no longer has what it had."""

    async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
        raise NotFoundError(f"No proof from {older} to {newer}.")


def contradiction(
    mine: Log, other: Log, seen: int, served: int, memory: HeadFile | None = None
) -> MisbehaviorError:
    """What a client raises that has seen a size of one log and is served one of another."""
    trust = TrustedLog(PIN, memory or HeadsInMemory(), other)
    finished(trust.accept(mine.note(seen)))
    with pytest.raises(MisbehaviorError) as found:
        finished(trust.accept(other.note(served)))
    return found.value


@pytest.mark.parametrize("forked_at", [0, 5, 7])
@pytest.mark.parametrize(("seen", "served"), [(8, 20), (9, 20), (13, 14), (16, 32), (31, 33)])
def test_a_fork_is_proved_by_what_the_other_side_believes_in(
    seen: int, served: int, forked_at: int
) -> None:
    mine, other = Log("a", forked_at=forked_at), Log("b", forked_at=forked_at)
    error = contradiction(mine, other, seen, served)
    assert isinstance(error, ForkError)
    verdict = judge(error.evidence, PIN)
    assert verdict.kind is Kind.OTHER_PREFIX
    assert verdict.kind.is_proof
    assert (verdict.older.size, verdict.newer.size) == (seen, served)
    assert "does not begin with the smaller" in verdict.sentence


def test_a_fork_after_what_was_seen_is_none() -> None:
    mine, other = Log("a", forked_at=9), Log("b", forked_at=9)
    trust = TrustedLog(PIN, HeadsInMemory(), other)
    finished(trust.accept(mine.note(9)))
    assert finished(trust.accept(other.note(20))).size == 20


def test_two_trees_of_one_size_are_proof_by_themselves() -> None:
    verdict = judge(contradiction(Log("a"), Log("b"), 7, 7).evidence, PIN)
    assert (verdict.kind, verdict.older.size, verdict.newer.size) == (Kind.TWO_ROOTS, 7, 7)
    assert verdict.older.root != verdict.newer.root


def test_two_trees_of_an_earlier_size_are_proof_too() -> None:
    mine, other = Log("a", forked_at=5), Log("b", forked_at=5)
    trust = TrustedLog(PIN, HeadsInMemory(), mine)
    finished(trust.accept(mine.note(7)))
    finished(trust.accept(mine.note(20)))
    with pytest.raises(ForkError) as found:
        finished(trust.accept(other.note(7)))
    assert judge(found.value.evidence, PIN).kind is Kind.TWO_ROOTS


@pytest.mark.parametrize(("seen", "served"), [(9, 20), (20, 9)])
def test_what_the_log_will_not_connect_is_told_and_proves_nothing(seen: int, served: int) -> None:
    error = contradiction(Log("a"), Silent("b"), seen, served)
    assert isinstance(error, ForkError)
    verdict = judge(error.evidence, PIN)
    assert verdict.kind is Kind.UNCONNECTED
    assert not verdict.kind.is_proof
    assert "No proof of 8 in 20" in json.loads(error.evidence)["reason"]


def test_a_log_that_lost_what_was_seen_is_told_as_a_rollback() -> None:
    mine = Log("a", 20)
    error = contradiction(mine, Shortened("a", 10), 20, 9)
    assert isinstance(error, RollbackError)
    verdict = judge(error.evidence, PIN)
    assert (verdict.kind, verdict.kind.is_proof) == (Kind.ROLLBACK, False)
    assert (verdict.older.size, verdict.newer.size) == (9, 20)


def test_a_latest_checkpoint_that_shrank_is_told_as_a_rollback() -> None:
    log = Log()
    trust = TrustedLog(PIN, HeadsInMemory(), log)
    finished(trust.accept(log.note(20)))
    with pytest.raises(RollbackError) as found:
        finished(trust.accept_latest(log.note(7), []))
    assert judge(found.value.evidence, PIN).kind is Kind.ROLLBACK


def test_evidence_lies_beside_the_head_and_the_error_says_where(tmp_path: Path) -> None:
    memory = HeadFile(tmp_path / "heads" / "of.note")
    error = contradiction(Log("a"), Log("b"), 7, 7, memory)
    (file,) = (tmp_path / "heads").glob("of.misbehavior-*.json")
    assert str(file) in error.message
    assert error.evidence_file == str(file)
    assert file.read_bytes() == error.evidence


def test_the_same_contradiction_is_kept_once(tmp_path: Path) -> None:
    memory = HeadFile(tmp_path / "of.note")
    mine, other = Log("a"), Log("b")
    trust = TrustedLog(PIN, memory, other)
    finished(trust.accept(mine.note(7)))
    for _ in range(2):
        with pytest.raises(ForkError):
            finished(TrustedLog(PIN, memory, other).accept(other.note(9)))
    assert len(list(tmp_path.glob("*.json"))) == 1


def test_evidence_that_cannot_be_kept_is_still_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "heads"
    memory = HeadFile(folder / "of.note")
    trust = TrustedLog(PIN, memory, Log("b"))
    finished(trust.accept(Log("a").note(7)))
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(ForkError) as found:
        finished(trust.accept(Log("b").note(7)))
    assert "The evidence is lost: " in found.value.message
    assert found.value.evidence_file == ""
    assert judge(found.value.evidence, PIN).kind is Kind.TWO_ROOTS


def evidence_of(kind: Kind) -> dict[str, Any]:
    """Evidence of each kind, as it is written."""
    sides: dict[Kind, tuple[Log, int, int]] = {
        Kind.TWO_ROOTS: (Log("b"), 9, 9),
        Kind.OTHER_PREFIX: (Log("b"), 9, 20),
        Kind.UNCONNECTED: (Silent("b"), 9, 20),
        Kind.ROLLBACK: (Shortened("b"), 20, 9),
    }
    other, seen, served = sides[kind]
    written: dict[str, Any] = json.loads(contradiction(Log("a"), other, seen, served).evidence)
    assert written["kind"] == kind
    return written


def _note_of_another_key(told: dict[str, Any]) -> None:
    told["served"] = Log("b").note(20, key=PrivateKey.generate()).decode()


def _same_note_twice(told: dict[str, Any]) -> None:
    told["served"] = told["seen"]


def _honest_later_note(told: dict[str, Any]) -> None:
    told["seen"], told["served"] = Log("a").note(9).decode(), Log("a").note(20).decode()


def _honest_prefix(told: dict[str, Any]) -> None:
    log = Log("a")
    _honest_later_note(told)
    leaf, path = finished(log.inclusion_proof(8, 20))
    told |= {"leaf_hash": leaf.hex(), "proof": [node.hex() for node in path]}


def _connected(told: dict[str, Any]) -> None:
    _honest_later_note(told)
    told["proof"] = [node.hex() for node in finished(Log("a").consistency_proof(9, 20))]


def _another_leaf(told: dict[str, Any]) -> None:
    told["leaf_hash"] = "00" * 32


def _no_leaf(told: dict[str, Any]) -> None:
    del told["leaf_hash"]


def _no_proof(told: dict[str, Any]) -> None:
    told["proof"] = []


def _changed_size(told: dict[str, Any]) -> None:
    told["served"] = told["served"].replace("\n20\n", "\n19\n").replace("\n9\n", "\n8\n")


def _other_origin(told: dict[str, Any]) -> None:
    told["origin"] = "ledger.example/other"


def _other_key(told: dict[str, Any]) -> None:
    key = PrivateKey.generate().public.raw
    told["log_keys"] = [VerifierKey(ORIGIN, SignatureType.ED25519, key).vkey()]


FORGERIES: dict[str, tuple[Kind, Forge]] = {
    "two roots: a note that another key signed": (Kind.TWO_ROOTS, _note_of_another_key),
    "two roots: one note twice": (Kind.TWO_ROOTS, _same_note_twice),
    "two roots: two honest sizes": (Kind.TWO_ROOTS, _honest_later_note),
    "two roots: the size edited": (Kind.TWO_ROOTS, _changed_size),
    "two roots: another log's name": (Kind.TWO_ROOTS, _other_origin),
    "two roots: keys that are not pinned": (Kind.TWO_ROOTS, _other_key),
    "prefix: honest notes and an honest proof": (Kind.OTHER_PREFIX, _honest_prefix),
    "prefix: honest notes and the proof of another tree": (Kind.OTHER_PREFIX, _honest_later_note),
    "prefix: another leaf": (Kind.OTHER_PREFIX, _another_leaf),
    "prefix: no leaf": (Kind.OTHER_PREFIX, _no_leaf),
    "prefix: no proof": (Kind.OTHER_PREFIX, _no_proof),
    "prefix: a note that another key signed": (Kind.OTHER_PREFIX, _note_of_another_key),
    "unconnected: a proof that connects": (Kind.UNCONNECTED, _connected),
    "unconnected: one note twice": (Kind.UNCONNECTED, _same_note_twice),
    "rollback: a log that grew": (Kind.ROLLBACK, _honest_later_note),
    "rollback: one note twice": (Kind.ROLLBACK, _same_note_twice),
    "rollback: the size edited": (Kind.ROLLBACK, _changed_size),
}


@pytest.mark.parametrize(("kind", "forge"), FORGERIES.values(), ids=FORGERIES.keys())
def test_forged_evidence_is_refused(kind: Kind, forge: Forge) -> None:
    told = evidence_of(kind)
    judge(json.dumps(told).encode(), PIN)
    forge(told)
    with pytest.raises(VerificationError):
        judge(json.dumps(told).encode(), PIN)


def test_evidence_against_one_log_says_nothing_of_another() -> None:
    told = json.dumps(evidence_of(Kind.TWO_ROOTS)).encode()
    other = PrivateKey.generate().public.raw
    for pin in (
        Pin("ledger.example/other", PIN.ledger_id, PIN.log_keys),
        Pin(ORIGIN, PIN.ledger_id, (VerifierKey(ORIGIN, SignatureType.ED25519, other),)),
    ):
        with pytest.raises(VerificationError):
            judge(told, pin)


MALFORMED: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"fork!",
    "too long": b" " * (BYTES_MAX + 1),
    "another format": b'{"format": "ledger-misbehavior-v2"}',
}


@pytest.mark.parametrize("content", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_evidence_does_not_parse(content: bytes) -> None:
    with pytest.raises(NoteError):
        judge(content, PIN)


def test_evidence_has_no_keys_of_its_own() -> None:
    told = evidence_of(Kind.TWO_ROOTS) | {"witness": "me"}
    with pytest.raises(NoteError):
        judge(json.dumps(told).encode(), PIN)


def test_a_proof_of_garbage_is_kept_only_as_far_as_it_could_be_one() -> None:
    class Garbling(Silent):
        async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
            return [older.to_bytes(), *[newer.to_bytes(32)] * 1_000]

    verdict = judge(contradiction(Log("a"), Garbling("b"), 9, 20).evidence, PIN)
    assert verdict.kind is Kind.UNCONNECTED
