from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.codec.entries import (
    MAX_ENTRY_BYTES,
    MAX_ENVELOPE_BYTES,
    decode_entry,
    encode_entry,
)
from ledger.domain.dates import MILLISECONDS_END
from ledger.domain.statement import Entry
from ledger.errors import EnvelopeError


def refusal(data: bytes) -> EnvelopeError:
    with pytest.raises(EnvelopeError) as caught:
        decode_entry(data)
    return caught.value


def test_an_entry_is_format_time_and_envelope() -> None:
    entry = Entry(recorded_ms=1_760_000_000_000, envelope=b"envelope")
    data = b"\x01" + (1_760_000_000_000).to_bytes(8) + b"envelope"
    assert encode_entry(entry) == data
    assert decode_entry(data) == entry


@given(st.integers(0, MILLISECONDS_END - 1), st.binary(min_size=1))
def test_an_entry_survives(recorded_ms: int, envelope: bytes) -> None:
    entry = Entry(recorded_ms=recorded_ms, envelope=envelope)
    assert decode_entry(encode_entry(entry)) == entry


def test_the_largest_envelope_fits_and_one_byte_more_does_not() -> None:
    largest = Entry(recorded_ms=0, envelope=bytes(MAX_ENVELOPE_BYTES))
    assert len(encode_entry(largest)) == MAX_ENTRY_BYTES == 65_535
    assert decode_entry(encode_entry(largest)) == largest
    with pytest.raises(EnvelopeError, match="at most 65535"):
        encode_entry(Entry(recorded_ms=0, envelope=bytes(MAX_ENVELOPE_BYTES + 1)))
    assert refusal(b"\x01" + bytes(MAX_ENTRY_BYTES)).rule == "size"


@pytest.mark.parametrize("length", [0, 1, 8, 9])
def test_an_entry_that_ends_before_its_envelope_is_refused(length: int) -> None:
    error = refusal((b"\x01" + bytes(8))[:length])
    assert (error.field, error.rule) == ("envelope", "size")


def test_an_empty_envelope_is_not_recorded() -> None:
    with pytest.raises(EnvelopeError, match="ends before its envelope"):
        encode_entry(Entry(recorded_ms=0, envelope=b""))


@pytest.mark.parametrize("form", [0, 2, 255])
def test_another_format_is_refused(form: int) -> None:
    error = refusal(bytes([form]) + bytes(8) + b"envelope")
    assert (error.field, error.rule) == ("format", "entry-format")


@pytest.mark.parametrize("recorded_ms", [MILLISECONDS_END, 2**64 - 1])
def test_a_time_that_no_calendar_holds_is_refused(recorded_ms: int) -> None:
    error = refusal(b"\x01" + recorded_ms.to_bytes(8) + b"envelope")
    assert error.field == "recorded_ms"
