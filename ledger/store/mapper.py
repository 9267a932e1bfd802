"""Between entries and the events of the library, without its topics.

The library names an event's type by module and class, so that a rename orphans the history, and
loading imports whatever a row names. Here ``topic`` is the registered name of the fact's type,
which is only compared, and ``state`` is the entry itself, the bytes that the log committed to:
they are stored once, and read as strictly as they were taken in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import Mapper, StoredEvent

from ledger.codec.entries import decode_entry
from ledger.codec.envelopes import decode_envelope
from ledger.codec.facts import event_type
from ledger.codec.statements import decode_statement
from ledger.domain.statement import Recorded
from ledger.errors import InputError, StoreError
from ledger.signing.dsse import statement_digest

if TYPE_CHECKING:
    from eventsourcing.domain import DomainEventProtocol

    from ledger.domain.facts import Fact
    from ledger.domain.statement import Statement
    from ledger.store.rows import StoredEntry


@dataclass(frozen=True, slots=True)
class StatementRecorded:
    """The one kind of event that the library sees: a statement took its place in a stream.

    Attributes:
        originator_id: The stream's name.
        originator_version: The event's place in it, from 1.
        fact: What the statement says.
        digest: Statement digest, 32 bytes.
        entry: The leaf data, verbatim.
    """

    originator_id: str
    originator_version: int
    fact: Fact
    digest: bytes
    entry: bytes


@dataclass(frozen=True, slots=True)
class OpenedEntry:
    """An entry taken apart: when it was recorded, what was signed, and by which keys."""

    recorded_ms: int
    statement: Statement
    digest: bytes
    signers: tuple[str, ...]


def open_entry(entry: bytes) -> OpenedEntry:
    """Read an entry that the store holds.

    Raises:
        StoreError: It does not read back, though it was read before it was stored.
    """
    try:
        outer = decode_entry(entry)
        envelope = decode_envelope(outer.envelope)
        statement = decode_statement(envelope.payload)
    except InputError as error:
        raise StoreError(
            f"A stored entry does not read back: {error.message}", rule="stored-entry"
        ) from error
    digest = statement_digest(envelope.payload_type, envelope.payload)
    signers = tuple(signature.keyid for signature in envelope.signatures)
    return OpenedEntry(outer.recorded_ms, statement, digest, signers)


def recorded_of(stored: StoredEntry) -> Recorded:
    """Turn an entry read back in the log's order into what read models stand on.

    Raises:
        StoreError: It does not read back.
    """
    opened = open_entry(stored.entry)
    return recorded(
        opened.statement,
        index=stored.index,
        version=stored.version,
        recorded_ms=opened.recorded_ms,
        digest=opened.digest,
        signers=opened.signers,
    )


def recorded(
    statement: Statement,
    *,
    index: int,
    version: int,
    recorded_ms: int,
    digest: bytes,
    signers: tuple[str, ...],
) -> Recorded:
    """What read models stand on, from a statement and its place."""
    return Recorded(
        index=index,
        version=version,
        recorded_ms=recorded_ms,
        author=statement.author,
        digest=digest,
        fact=statement.fact,
        signed_at_ms=statement.signed_at_ms,
        anchor_size=statement.anchor.size if statement.anchor else 0,
        attachments=statement.attachments,
        signers=signers,
    )


class LedgerMapper(Mapper[str]):
    """The library's mapper with both directions replaced.

    Its transcoder, compressor and cipher have nothing to do here: what is stored are the bytes
    that were hashed into the log.
    """

    def __init__(self) -> None:
        """Take nothing, since the base class's transcoder is not used."""

    def to_stored_event(self, domain_event: DomainEventProtocol[Any]) -> StoredEvent:
        """Store an entry under the registered name of its fact's type.

        Raises:
            StoreError: The event is not a ``StatementRecorded``.
        """
        if not isinstance(domain_event, StatementRecorded):
            raise StoreError(
                f"A ledger stores no {type(domain_event).__name__}.", rule="stored-event"
            )
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=event_type(domain_event.fact),
            state=domain_event.entry,
        )

    def to_domain_event(self, stored_event: StoredEvent) -> StatementRecorded:
        """Read an event back, and see that its row says what the signed statement says.

        Raises:
            StoreError: The entry does not read back, or stands in a place or under a name that is
                not its own.
        """
        opened = open_entry(stored_event.state)
        statement = opened.statement
        signed = (statement.stream, statement.expected_version + 1, event_type(statement.fact))
        stored = (
            stored_event.originator_id,
            stored_event.originator_version,
            stored_event.topic,
        )
        if signed != stored:
            raise StoreError(
                f"The events table holds {stored} where {signed} was signed.", rule="stored-event"
            )
        return StatementRecorded(
            originator_id=statement.stream,
            originator_version=stored_event.originator_version,
            fact=statement.fact,
            digest=opened.digest,
            entry=stored_event.state,
        )
