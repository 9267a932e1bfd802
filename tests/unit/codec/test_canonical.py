from __future__ import annotations

import pytest
from google.protobuf.message import Message

from ledger.codec.canonical import check_length, parse, serialize
from ledger.errors import EnvelopeError
from ledger.v1 import shared_pb2

MESSAGE = shared_pb2.Source(publisher="SEC", title="Form 8-K")


def read(data: bytes) -> shared_pb2.Source:
    return parse(shared_pb2.Source, data, name="source", limit=100)


def test_the_one_spelling_is_read() -> None:
    assert read(serialize(MESSAGE)) == MESSAGE


@pytest.mark.parametrize(
    ("data", "rule", "reason"),
    [
        (b"\xff", "protobuf", "The source does not parse."),
        (b"\x0a\x02\xff\xfe", "protobuf", "The source has text that is not UTF-8."),
        (b"\x0a\x00", "canonical", "is not spelled canonically"),
        (b"\x0a\x01a\x0a\x01a", "canonical", "is not spelled canonically"),
        (b"\x12\x01b\x0a\x01a", "canonical", "is not spelled canonically"),
        (bytes(101), "size", "The source has 101 bytes; at most 100 fit into an entry."),
    ],
)
def test_every_other_spelling_is_refused(data: bytes, rule: str, reason: str) -> None:
    with pytest.raises(EnvelopeError, match=reason) as caught:
        read(data)
    assert caught.value.rule == rule


def test_text_that_is_not_utf8_is_refused_by_the_runtime_in_pure_python_too() -> None:
    """That runtime lets the UnicodeDecodeError out where the others raise a DecodeError."""

    class InPurePython(Message):
        @staticmethod
        def FromString(s: bytes) -> InPurePython:  # noqa: N802 - protobuf's name
            raise UnicodeDecodeError("utf-8", s, 0, 1, "invalid start byte")

    with pytest.raises(EnvelopeError, match="not UTF-8"):
        parse(InPurePython, b"\xff", name="source", limit=100)


def test_as_many_bytes_as_fit_pass() -> None:
    check_length(bytes(100), name="source", limit=100)
    with pytest.raises(EnvelopeError):
        check_length(bytes(101), name="source", limit=100)
