"""Changes of keys, the authors' and the log's own, between protobuf and the domain.

The keys themselves are not examined here.
"""

from __future__ import annotations

from ledger.codec.words import FACT_KINDS
from ledger.domain.authorship import KeyRevoked, KeyRotated
from ledger.domain.delegation import KeyDelegated
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated
from ledger.v1 import facts_pb2


def rotated_to_proto(fact: KeyRotated) -> facts_pb2.KeyRotated:
    """Write the replacement of an author's key."""
    return facts_pb2.KeyRotated(
        author=fact.author,
        old_keyid=fact.old_keyid,
        spki_der=fact.spki_der,
        not_after_ms=fact.not_after_ms,
    )


def rotated_from_proto(message: facts_pb2.KeyRotated, fact_id: str, stream: str) -> KeyRotated:
    """Read the replacement of an author's key.

    Raises:
        ValidationError: The domain refuses the whole.
    """
    return KeyRotated(
        id=fact_id,
        stream=stream,
        author=message.author,
        old_keyid=message.old_keyid,
        spki_der=message.spki_der,
        not_after_ms=message.not_after_ms if message.HasField("not_after_ms") else None,
    )


def revoked_to_proto(fact: KeyRevoked) -> facts_pb2.KeyRevoked:
    """Write the revocation of a key."""
    return facts_pb2.KeyRevoked(
        author=fact.author,
        keyid=fact.keyid,
        reason=fact.reason,
        compromised_since_ms=fact.compromised_since_ms,
    )


def revoked_from_proto(message: facts_pb2.KeyRevoked, fact_id: str, stream: str) -> KeyRevoked:
    """Read the revocation of a key.

    Raises:
        ValidationError: The domain refuses the whole.
    """
    since = message.compromised_since_ms if message.HasField("compromised_since_ms") else None
    return KeyRevoked(
        id=fact_id,
        stream=stream,
        author=message.author,
        keyid=message.keyid,
        reason=message.reason,
        compromised_since_ms=since,
    )


def delegated_to_proto(fact: KeyDelegated) -> facts_pb2.KeyDelegated:
    """Write a delegation."""
    return facts_pb2.KeyDelegated(
        author=fact.author,
        delegating_keyid=fact.delegating_keyid,
        spki_der=fact.spki_der,
        possession=fact.possession,
        kinds=[FACT_KINDS.number(kind) for kind in fact.kinds],
        streams=fact.streams,
        not_after_ms=fact.not_after_ms,
    )


def delegated_from_proto(
    message: facts_pb2.KeyDelegated, fact_id: str, stream: str
) -> KeyDelegated:
    """Read a delegation.

    Raises:
        EnvelopeError: A kind of fact is not one.
        ValidationError: The domain refuses the whole.
    """
    return KeyDelegated(
        id=fact_id,
        stream=stream,
        author=message.author,
        delegating_keyid=message.delegating_keyid,
        spki_der=message.spki_der,
        possession=message.possession,
        kinds=tuple(
            FACT_KINDS.word(kind, f"kinds[{place}]") for place, kind in enumerate(message.kinds)
        ),
        streams=tuple(message.streams),
        not_after_ms=message.not_after_ms,
    )


def log_key_rotated_to_proto(fact: LogKeyRotated) -> facts_pb2.LogKeyRotated:
    """Write the announcement of the log's next key."""
    return facts_pb2.LogKeyRotated(
        old_keyid=fact.old_keyid, spki_der=fact.spki_der, possession=fact.possession
    )


def log_key_rotated_from_proto(
    message: facts_pb2.LogKeyRotated, fact_id: str, stream: str
) -> LogKeyRotated:
    """Read the announcement of the log's next key.

    Raises:
        ValidationError: The domain refuses the whole.
    """
    return LogKeyRotated(
        id=fact_id,
        stream=stream,
        old_keyid=message.old_keyid,
        spki_der=message.spki_der,
        possession=message.possession,
    )


def log_key_retired_to_proto(fact: LogKeyRetired) -> facts_pb2.LogKeyRetired:
    """Write the end of a log key's time."""
    return facts_pb2.LogKeyRetired(keyid=fact.keyid)


def log_key_retired_from_proto(
    message: facts_pb2.LogKeyRetired, fact_id: str, stream: str
) -> LogKeyRetired:
    """Read the end of a log key's time.

    Raises:
        ValidationError: The domain refuses the whole.
    """
    return LogKeyRetired(id=fact_id, stream=stream, keyid=message.keyid)
