"""The small encodings C2SP texts are made of, each read in its one canonical spelling.

A lenient reader lets one object have many texts, and two readers disagree about what was
signed; so padding, unused bits, leading zeros, signs and other scripts' digits are refused.
"""

from __future__ import annotations

import base64
import re
from typing import Final

from ledger.errors import NoteError
from ledger.log.merkle import HASH_BYTES

SIZE_MAX: Final = 2**63 - 1
"""Largest tree size, index or POSIX time accepted: what every database and language can hold."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def encode_text(text: str, *, field: str) -> bytes:
    """Write text as UTF-8.

    Raises:
        NoteError: It holds half a surrogate pair, which no UTF-8 text does.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NoteError(f"The {field} is not Unicode text.", field=field, rule="utf-8") from error


def encode_base64(data: bytes) -> str:
    """Write bytes as RFC 4648 section 4 base64."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str, *, field: str) -> bytes:
    """Read RFC 4648 section 4 base64: no whitespace, full padding, unused bits zero.

    Raises:
        NoteError: The text is anything else; ``field`` says where it stood.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise NoteError(f"The {field} is not base64.", field=field, rule="base64") from error
    if encode_base64(data) != text:
        raise NoteError(f"The {field} is not canonical base64.", field=field, rule="base64")
    return data


def decode_hash(text: str, *, field: str) -> bytes:
    """Read a base64 SHA-256 hash, 32 bytes.

    Raises:
        NoteError: It is not canonical base64, or not of that length.
    """
    value = decode_base64(text, field=field)
    if len(value) != HASH_BYTES:
        raise NoteError(
            f"The {field} has {len(value)} bytes, not {HASH_BYTES}.",
            field=field,
            rule="hash-length",
        )
    return value


def decode_decimal(text: str, *, field: str) -> int:
    """Read an ASCII decimal from 0 to ``SIZE_MAX``, without sign or leading zeros.

    Raises:
        NoteError: The text is anything else.
    """
    if _DECIMAL.fullmatch(text) is None or (value := int(text)) > SIZE_MAX:
        raise NoteError(
            f"The {field} is not a plain decimal up to {SIZE_MAX}.", field=field, rule="decimal"
        )
    return value
