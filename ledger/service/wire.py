"""Entries as they stand in messages, put there without a message being made of each.

A page of a stream is one field of a message after another, and nearly all of it are bytes that are
stored as they are sent (protobuf's encoding, "Message Structure"). Made of messages it costs more
than reading it from the database does. What is written here is, byte for byte, what the generated
code writes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_LENGTH_DELIMITED: Final = 2
_CONTINUES: Final = 0x80
_BITS: Final = 7
_LOW_BITS: Final = 0x7F
_LOW: Final = tuple(bytes([low | _CONTINUES]) for low in range(_LOW_BITS + 1))

# LogEntry: ``uint64 index = 1; bytes entry = 2;``.
_INDEX: Final = b"\x08"
_ENTRY: Final = b"\x12"


def varint(value: int) -> bytes:
    """A number that is not negative, seven bits a byte, the lowest first."""
    encoded = bytearray()
    while value > _LOW_BITS:
        encoded.append(value & _LOW_BITS | _CONTINUES)
        value >>= _BITS
    encoded.append(value)
    return bytes(encoded)


def delimited(number: int, content: bytes) -> bytes:
    """A field of bytes or of a message, with its content.

    Args:
        number: The field's, from 1 to 15.
        content: The serialized content.
    """
    return bytes([number << 3 | _LENGTH_DELIMITED]) + varint(len(content)) + content


def log_entries(number: int, entries: Iterable[tuple[int, bytes]]) -> bytes:
    """A repeated field of ``LogEntry``.

    Args:
        number: The field's, from 1 to 15.
        entries: Index and stored bytes of each.
    """
    parts: list[bytes] = []
    # What stands around the lowest byte of an index is the same for all entries of one length,
    # as long as the rest of the index is.
    around: dict[int, tuple[bytes, bytes]] = {}
    high = 0
    for index, entry in entries:
        if index >> _BITS != high:
            high = index >> _BITS
            around.clear()
        if high and entry:
            found = around.get(len(entry))
            if found is None:
                found = around[len(entry)] = _around(number, high, len(entry))
            before, behind = found
            parts += (before, _LOW[index & _LOW_BITS], behind, entry)
        else:
            parts.append(delimited(number, _small(index, entry)))
    return b"".join(parts)


def _around(number: int, high: int, length: int) -> tuple[bytes, bytes]:
    """What comes before an index's lowest byte and what between it and the entry's bytes."""
    behind = varint(high) + _ENTRY + varint(length)
    content = len(_INDEX) + 1 + len(behind) + length
    return bytes([number << 3 | _LENGTH_DELIMITED]) + varint(content) + _INDEX, behind


def _small(index: int, entry: bytes) -> bytes:
    """A message whose index takes one byte, or whose entry is empty: defaults are left out."""
    place = _INDEX + varint(index) if index else b""
    return place + (delimited(2, entry) if entry else b"")
