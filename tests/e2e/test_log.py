from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.proofs import verify_consistency, verify_inclusion
from ledger.service import stream_service, tail
from ledger.v1 import log_pb2 as pb
from tests import builders
from tests.e2e.refusals import refusal_of
from tests.simulator import CALL_S, FOUNDED_SIZE, Simulator

BATCH = 5
SIZE = FOUNDED_SIZE + 2 + BATCH


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Two entries one by one, and then a batch."""
    with Simulator(tmp_path_factory.mktemp("log")) as simulator:
        simulator.append(builders.order("order-1"))
        simulator.append(builders.order("order-2"))
        simulator.append_all([builders.order(f"batch-{number}") for number in range(BATCH)])
        yield simulator


def opened(world: Simulator, note: bytes) -> Checkpoint:
    return open_checkpoint(note, origin=world.pin.origin, verifiers=world.pin.log_keys)


def latest(world: Simulator, consistent_with: int = 0) -> pb.GetCheckpointResponse:
    request = pb.GetCheckpointRequest(consistent_with=consistent_with)
    return world.log.GetCheckpoint(request, timeout=CALL_S)


def at(world: Simulator, size: int) -> Checkpoint:
    """The checkpoint of an earlier size, from the receipt of its last entry."""
    return world.verify(world.opened.parts.reader.receipt(size - 1))


def read(world: Simulator, **more: int) -> list[pb.ReadEntriesResponse]:
    return list(world.stream.ReadEntries(pb.ReadEntriesRequest(**more), timeout=CALL_S))


def indexes(chunks: list[pb.ReadEntriesResponse]) -> list[int]:
    return [entry.index for chunk in chunks for entry in chunk.entries]


def test_the_newest_tree_proves_an_entry_the_same_way_again_and_after_an_append(
    tmp_path: Path,
) -> None:
    with Simulator(tmp_path) as service:
        for size in (FOUNDED_SIZE, FOUNDED_SIZE, FOUNDED_SIZE + 1, FOUNDED_SIZE + 1):
            if service.tree_size() < size:
                service.append(builders.order("order-1"))
            newest = service.log.GetInclusionProof(
                pb.GetInclusionProofRequest(index=1), timeout=CALL_S
            )
            named = pb.GetInclusionProofRequest(index=1, tree_size=size)

            assert newest == service.log.GetInclusionProof(named, timeout=CALL_S)


def test_the_latest_checkpoint_is_the_log_s(world: Simulator) -> None:
    response = latest(world)

    assert opened(world, response.checkpoint).size == SIZE
    assert list(response.consistency_proof) == []


@pytest.mark.parametrize("size", [1, 2, 3, SIZE])
def test_the_latest_checkpoint_is_proved_to_continue_an_earlier_one(
    world: Simulator, size: int
) -> None:
    response = latest(world, size)
    newest = opened(world, response.checkpoint)

    verify_consistency(
        size, at(world, size).root, newest.size, newest.root, response.consistency_proof
    )


def test_a_checkpoint_larger_than_the_log_is_told_to_be_kept(world: Simulator) -> None:
    refusal = refusal_of(world.log.GetCheckpoint, pb.GetCheckpointRequest(consistent_with=SIZE + 1))

    assert (refusal.code, refusal.field) == ("NOT_FOUND", "consistent_with")


@pytest.mark.parametrize(("index", "size"), [(0, 0), (0, 1), (3, 4), (SIZE - 1, SIZE)])
def test_an_entry_is_proved_in_a_tree(world: Simulator, index: int, size: int) -> None:
    request = pb.GetInclusionProofRequest(index=index, tree_size=size)

    response = world.log.GetInclusionProof(request, timeout=CALL_S)

    checkpoint = opened(world, response.checkpoint)
    assert response.tree_size == checkpoint.size == (size or SIZE)
    verify_inclusion(
        index, checkpoint.size, response.leaf_hash, response.inclusion_proof, checkpoint.root
    )
    (chunk,) = read(world, start_index=index, end_index=index + 1)
    assert leaf_hash(chunk.entries[0].entry) == response.leaf_hash


@pytest.mark.parametrize(
    ("index", "size", "code", "field"),
    [
        (SIZE, 0, "INVALID_ARGUMENT", "index"),
        (1, 1, "INVALID_ARGUMENT", "index"),
        (0, SIZE - 1, "INVALID_ARGUMENT", "tree_size"),
        (0, SIZE + 1, "NOT_FOUND", "tree_size"),
        (0, 2**64 - 1, "NOT_FOUND", "tree_size"),
        (2**64 - 1, 0, "INVALID_ARGUMENT", "index"),
    ],
)
def test_an_inclusion_that_cannot_be_proved_is_refused(
    world: Simulator, index: int, size: int, code: str, field: str
) -> None:
    request = pb.GetInclusionProofRequest(index=index, tree_size=size)

    refusal = refusal_of(world.log.GetInclusionProof, request)

    assert (refusal.code, refusal.field) == (code, field)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (2, 4), (3, 0), (4, 4)])
def test_a_tree_is_proved_to_continue_another(world: Simulator, first: int, second: int) -> None:
    request = pb.GetConsistencyProofRequest(first_tree_size=first, second_tree_size=second)

    response = world.log.GetConsistencyProof(request, timeout=CALL_S)

    assert (response.first_tree_size, response.second_tree_size) == (first, second or SIZE)
    verify_consistency(
        first,
        at(world, first).root,
        response.second_tree_size,
        at(world, response.second_tree_size).root,
        response.consistency_proof,
    )


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        (0, 0, "INVALID_ARGUMENT"),
        (4, 3, "INVALID_ARGUMENT"),
        (1, SIZE + 1, "NOT_FOUND"),
        (2**64 - 1, 2**64 - 1, "NOT_FOUND"),
    ],
)
def test_a_consistency_that_cannot_be_proved_is_refused(
    world: Simulator, first: int, second: int, code: str
) -> None:
    request = pb.GetConsistencyProofRequest(first_tree_size=first, second_tree_size=second)

    assert refusal_of(world.log.GetConsistencyProof, request).code == code


def test_the_whole_log_is_read_and_makes_its_root(world: Simulator) -> None:
    chunks = read(world)

    assert indexes(chunks) == list(range(SIZE))
    assert {chunk.tree_size for chunk in chunks} == {SIZE}
    entries = [entry.entry for chunk in chunks for entry in chunk.entries]
    assert root_of(map(leaf_hash, entries)) == opened(world, latest(world).checkpoint).root


def test_reading_goes_on_where_it_stopped(world: Simulator) -> None:
    assert indexes(read(world, start_index=3)) == list(range(3, SIZE))
    assert indexes(read(world, start_index=3, end_index=5)) == [3, 4]


def test_reading_at_the_end_says_how_far_the_log_goes(world: Simulator) -> None:
    (chunk,) = read(world, start_index=SIZE)

    assert (list(chunk.entries), chunk.tree_size) == ([], SIZE)


@pytest.mark.parametrize(
    ("limit", "value"), [("ENTRIES_MAX", 2), ("BYTES_MAX", 900), ("BYTES_MAX", 1)]
)
def test_a_message_ends_before_it_grows_too_large(
    world: Simulator, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    module = stream_service if limit == "ENTRIES_MAX" else tail
    monkeypatch.setattr(module, limit, value)

    chunks = read(world)

    assert len(chunks) > 2
    assert indexes(chunks) == list(range(SIZE))


@pytest.mark.parametrize(
    ("start", "end", "code", "field"),
    [
        (5, 4, "INVALID_ARGUMENT", "end_index"),
        (SIZE + 1, 0, "NOT_FOUND", "start_index"),
        (0, SIZE + 1, "NOT_FOUND", "end_index"),
        (2**64 - 1, 2**64 - 1, "NOT_FOUND", "start_index"),
    ],
)
def test_a_range_that_is_not_there_is_refused(
    world: Simulator, start: int, end: int, code: str, field: str
) -> None:
    request = pb.ReadEntriesRequest(start_index=start, end_index=end)

    refusal = refusal_of(world.stream.ReadEntries, request)

    assert (refusal.code, refusal.field) == (code, field)


def test_a_reader_gets_the_size_that_it_began_with(service: Simulator) -> None:
    stream = service.stream.ReadEntries(pb.ReadEntriesRequest(), timeout=CALL_S)
    first = next(stream)
    service.append(builders.order("order-1"))

    assert first.tree_size == FOUNDED_SIZE
    assert indexes([first, *stream]) == list(range(FOUNDED_SIZE))
