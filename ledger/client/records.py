"""What must hold of rows and streams that a server lists: each is what stands in the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ledger.client.opened import OpenedEntry
from ledger.client.trust import Head
from ledger.codec.facts import event_type, fact_to_proto
from ledger.codec.words import TIME_FLAGS
from ledger.domain.timing import time_flags
from ledger.errors import VerificationError
from ledger.log.receipts import Receipt
from ledger.v1 import queries_pb2


@dataclass(frozen=True, slots=True)
class Proved:
    """An entry that is in the log, and what proves it.

    Attributes:
        entry: The entry, opened.
        receipt: The proof, as it can travel.
        head: The verified checkpoint that it is proved to.
    """

    entry: OpenedEntry
    receipt: Receipt
    head: Head


class Source(NamedTuple):
    """Who answers for an entry.

    Attributes:
        attribution: ``FIRST_PARTY``, or ``TRANSCRIBED_BY`` and the author.
        delegate_keyid: The key that signed where the author had delegated to it; else "".
    """

    attribution: str
    delegate_keyid: str


def check_record(record: queries_pb2.FactRecord, entry: OpenedEntry, source: Source) -> None:
    """See that a row of a list tells of an entry what stands in the log.

    ``unresolved`` is left out: what is not on record no single entry can say.

    Args:
        record: The row.
        entry: The entry, proved.
        source: Who answers for it, by the log.

    Raises:
        VerificationError: The row tells something else.
    """
    statement = entry.statement
    told = {
        "fact_id": (record.fact_id, statement.fact_id),
        "stream": (record.stream, statement.stream),
        "index": (record.index, entry.index),
        "version": (record.version, statement.expected_version + 1),
        "author": (record.author, statement.author),
        "attribution": (record.attribution, source.attribution),
        "delegate_keyid": (record.delegate_keyid, source.delegate_keyid),
        "recorded_ms": (record.recorded_ms, entry.recorded_ms),
        "statement_digest": (record.statement_digest, entry.digest),
        "event_type": (record.event_type, event_type(entry.fact)),
        "fact": (record.fact, fact_to_proto(entry.fact)),
        "signed_at_ms": (record.signed_at_ms, statement.signed_at_ms),
        "anchor_size": (record.anchor_size, statement.anchor.size if statement.anchor else 0),
        "time_flags": (_provable(record.time_flags), _time_flags(entry)),
    }
    differing = [name for name, (said, found) in told.items() if said != found]
    if differing:
        raise VerificationError(
            f"{record.fact_id} is listed otherwise than it stands in the log at index "
            f"{entry.index}: {', '.join(differing)}.",
            field=f"{record.fact_id}.{differing[0]}",
            rule="record-differs",
        )


def _time_flags(entry: OpenedEntry) -> set[int]:
    """What the entry by itself shows to be odd about its times."""
    flags = time_flags(
        entry.fact,
        signed_at_ms=entry.statement.signed_at_ms,
        recorded_ms=entry.recorded_ms,
        anchored_ms=None,
    )
    return {int(TIME_FLAGS.number(flag)) for flag in flags}


def _provable(flags: Iterable[int]) -> set[int]:
    """The flags that one entry shows; what its anchor shows needs another one (``timing``)."""
    return set(flags) - {queries_pb2.TIME_FLAG_SIGNED_BEFORE_ANCHOR}


def check_stream(record: queries_pb2.AggregateRecord, entries: Sequence[OpenedEntry]) -> None:
    """See that a stream's facts are its own, in its order, and none is missing in between.

    Raises:
        VerificationError: One is another stream's, or not at its version, or there are more or
            fewer than the stream is said to hold.
    """
    found = [(entry.statement.stream, entry.statement.expected_version) for entry in entries]
    if found != [(record.stream, place) for place in range(record.version)]:
        raise VerificationError(
            f"What came is not the whole of {record.stream} up to version {record.version}.",
            field=record.stream,
            rule="stream-gap",
        )


def inside(proved: Proved, tree_size: int) -> Proved:
    """See that an entry was there already when an answer was given.

    Raises:
        VerificationError: It came later.
    """
    entry = proved.entry
    if entry.index >= tree_size:
        raise VerificationError(
            f"The answer at tree size {tree_size} names {entry.statement.fact_id}, which stands at "
            f"index {entry.index}.",
            field=entry.statement.fact_id,
            rule="tree-size",
        )
    return proved


def stands_on(asked: int, *sizes: int) -> None:
    """See that an answer stands on the tree that was asked about.

    Raises:
        VerificationError: It stands on another.
    """
    for size in sizes:
        if size != asked:
            raise VerificationError(
                f"The answer stands on tree size {size}; asked for was {asked}.",
                field="tree_size",
                rule="tree-size",
            )
