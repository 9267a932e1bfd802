"""The few fields of an entry that put it in its place, read fast and believed by nobody.

An audit reads every entry strictly in one process of several. Which process that is, and what must
be unique across all of them, is decided beforehand from what is read here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from google.protobuf.message import DecodeError

from ledger.v1 import statement_pb2

_HEADER_BYTES: Final = 9


class Skimmed(NamedTuple):
    """What an entry seems to say.

    Attributes:
        recorded_ms: When it was recorded, in ms since 1970 (UTC).
        stream: Its stream.
        fact_id: Its fact's name.
        author: Who states it.
        nonce: The author's nonce.
        anchor: Size and root hash of the checkpoint that it names, if it names one.
        has_attachments: Whether it names documents outside the log.
        signed_at_ms: When its author says it was signed, in ms since 1970 (UTC).
    """

    recorded_ms: int
    stream: str
    fact_id: str
    author: str
    nonce: bytes
    anchor: tuple[int, bytes] | None
    has_attachments: bool
    signed_at_ms: int


def skim(data: bytes) -> Skimmed | None:
    """Read an entry's place; None where it is no entry, which reading it strictly will say."""
    try:
        envelope = statement_pb2.Envelope.FromString(data[_HEADER_BYTES:])
        statement = statement_pb2.Statement.FromString(envelope.payload)
    except (DecodeError, UnicodeDecodeError):
        return None
    anchor = None
    if statement.HasField("anchor"):
        anchor = (statement.anchor.size, statement.anchor.root)
    return Skimmed(
        int.from_bytes(data[1:_HEADER_BYTES], "big"),
        statement.stream,
        statement.fact_id,
        statement.author,
        statement.nonce,
        anchor,
        len(statement.attachments) > 0,
        statement.signed_at_ms,
    )
