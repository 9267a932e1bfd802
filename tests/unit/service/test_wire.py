"""What is written by hand is what the generated code writes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ledger.service.wire import delimited, log_entries, varint
from ledger.v1 import log_pb2 as pb

ENTRIES = st.lists(
    st.tuples(st.integers(0, 2**63 - 1), st.binary(max_size=300)), min_size=1, max_size=5
)


@given(st.integers(0, 2**64 - 1))
def test_a_number_is_written_as_protobuf_does(value: int) -> None:
    written = pb.ReadEntriesResponse(tree_size=value).SerializeToString()

    assert written == (b"\x10" + varint(value) if value else b"")


@given(ENTRIES)
def test_entries_are_written_as_protobuf_does(entries: list[tuple[int, bytes]]) -> None:
    message = pb.ReadEntriesResponse(
        entries=[pb.LogEntry(index=index, entry=entry) for index, entry in entries]
    )

    assert log_entries(1, entries) == message.SerializeToString()


@given(st.binary(max_size=70_000))
def test_a_field_of_bytes_is_written_as_protobuf_does(content: bytes) -> None:
    assert delimited(2, content) == (
        pb.LogEntry(entry=content).SerializeToString() if content else b"\x12\x00"
    )


@given(st.integers(0, 2**40), st.lists(st.integers(0, 3), max_size=400))
def test_a_run_of_entries_is_written_as_protobuf_does(first: int, lengths: list[int]) -> None:
    entries = [(first + place, bytes(length)) for place, length in enumerate(lengths)]
    message = pb.ReadEntriesResponse(
        entries=[pb.LogEntry(index=index, entry=entry) for index, entry in entries]
    )

    assert log_entries(1, entries) == message.SerializeToString()
