"""Bytes that have one spelling only: parse, and refuse whatever would be written otherwise.

Two readers that see two meanings in one message, or one meaning in two messages, disagree about
what was signed. A message that equals its own deterministic re-serialization with unknown fields
discarded has no unknown fields, no field twice, no odd varint and no disorder (DESIGN §4). What
protobuf itself spells in several ways, such as decimals, enums and empty messages, the converters
of each message hold to one.
"""

from __future__ import annotations

from typing import TypeVar

from google.protobuf.message import DecodeError, Message

from ledger.errors import EnvelopeError

_MessageT = TypeVar("_MessageT", bound=Message)


def parse(kind: type[_MessageT], data: bytes, *, name: str, limit: int) -> _MessageT:
    """Read a message in its one spelling.

    Args:
        kind: The generated class.
        data: The bytes.
        name: What a refusal calls them.
        limit: How many there may be.

    Raises:
        EnvelopeError: Too long, not such a message, text that is not UTF-8, or another spelling.
    """
    check_length(data, name=name, limit=limit)
    try:
        message = kind.FromString(data)
    # The runtime in pure Python lets text that is not UTF-8 out as it is.
    except (DecodeError, UnicodeDecodeError) as error:
        reason = (
            "has text that is not UTF-8" if "utf-8" in str(error).casefold() else "does not parse"
        )
        raise EnvelopeError(f"The {name} {reason}.", rule="protobuf") from error
    message.DiscardUnknownFields()
    if serialize(message) != data:
        raise EnvelopeError(
            f"The {name} is not spelled canonically: an unknown field, a field twice or out of "
            "order, or a value written longer than it need be.",
            rule="canonical",
        )
    return message


def serialize(message: Message) -> bytes:
    """Write a message in its one spelling."""
    return message.SerializeToString(deterministic=True)


def check_length(data: bytes, *, name: str, limit: int) -> None:
    """Refuse what no entry could hold.

    Raises:
        EnvelopeError: There are more than ``limit`` bytes.
    """
    if len(data) > limit:
        raise EnvelopeError(
            f"The {name} has {len(data)} bytes; at most {limit} fit into an entry.", rule="size"
        )
