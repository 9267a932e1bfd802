"""Drafts: one unsigned fact in a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ledger.codec.facts import fact_to_proto
from ledger.codec.record import parse_row
from ledger.domain.facts import Fact
from ledger.errors import InputError
from ledger.v1 import queries_pb2

_BYTES_MAX: Final = 2**20


def read_draft(path: Path) -> Fact:
    """Read a row of the record format; it may be spread over several lines.

    Raises:
        InputError: The file cannot be read, or is too long.
        RecordFormatError: It is not one row.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES_MAX + 1)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", field="draft", rule="file"
        ) from error
    if len(content) > _BYTES_MAX:
        raise InputError(f"{path} is too long for a draft.", field="draft", rule="file-length")
    return parse_row(content.strip(), line=1)


def draft_to_proto(fact: Fact) -> queries_pb2.DraftFact:
    """Write a draft for the wire."""
    return queries_pb2.DraftFact(fact_id=fact.id, stream=fact.stream, fact=fact_to_proto(fact))
