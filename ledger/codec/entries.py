"""The entry, leaf data of the log: ``u8 format=1 || u64be recorded_ms || envelope`` (DESIGN §4)."""

from __future__ import annotations

import struct
from typing import Final

from ledger.codec.canonical import check_length
from ledger.domain.dates import MILLISECONDS_END
from ledger.domain.statement import Entry
from ledger.errors import EnvelopeError

FORMAT: Final = 1
"""The one format of an entry so far."""

_HEADER = struct.Struct(">BQ")

MAX_ENTRY_BYTES: Final = 65_535
"""An entry's length stands in the 16 bits of an entry bundle (C2SP tlog-tiles)."""

MAX_ENVELOPE_BYTES: Final = MAX_ENTRY_BYTES - _HEADER.size
"""What the header leaves for the envelope."""


def encode_entry(entry: Entry) -> bytes:
    """Write the leaf data of an entry; the envelope's bytes go in verbatim.

    Raises:
        EnvelopeError: The envelope is empty, or too long.
    """
    data = _HEADER.pack(FORMAT, entry.recorded_ms) + entry.envelope
    _check_length(data)
    return data


def decode_entry(data: bytes) -> Entry:
    """Read the leaf data of an entry; the envelope is handed on unread.

    Raises:
        EnvelopeError: Too short or too long, of another format, or recorded at a time that no
            calendar holds.
    """
    _check_length(data)
    form, recorded_ms = _HEADER.unpack_from(data)
    if form != FORMAT:
        raise EnvelopeError(
            f"The entry has the unknown format {form}.", field="format", rule="entry-format"
        )
    if recorded_ms >= MILLISECONDS_END:
        raise EnvelopeError(
            "The entry was recorded at a time that no calendar holds.",
            field="recorded_ms",
            rule="value",
        )
    return Entry(recorded_ms, data[_HEADER.size :])


def _check_length(data: bytes) -> None:
    check_length(data, name="entry", limit=MAX_ENTRY_BYTES)
    if len(data) <= _HEADER.size:
        raise EnvelopeError("The entry ends before its envelope.", field="envelope", rule="size")
