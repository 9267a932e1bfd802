"""The facts by which keys change, with what proves them, under ids that follow from them."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.domain.authorship import ADMINISTRATORS_STREAM, KeyRevoked, KeyRotated
from ledger.domain.delegation import KeyDelegated, delegation_message
from ledger.domain.logkeys import LogKeyRetired, LogKeyRotated, log_key_message
from ledger.domain.vocabulary import Collection, FactKind
from ledger.errors import SignatureError
from ledger.signing.privatekeys import Signer
from ledger.signing.publickeys import PublicKey

_AUTHOR_SIGNS = 40
_KEYID_SIGNS = 16


def rotation(
    author: str, old_keyid: str, new: PublicKey, *, not_after_ms: int | None = None
) -> KeyRotated:
    """Make the fact by which an author replaces its key; old and new key sign it."""
    return KeyRotated(
        id=_name("rotate", author, new.keyid),
        stream=_stream(author),
        author=author,
        old_keyid=old_keyid,
        spki_der=new.spki_der,
        not_after_ms=not_after_ms,
    )


def revocation(
    author: str, keyid: str, reason: str, *, compromised_since_ms: int | None = None
) -> KeyRevoked:
    """Make the fact by which a key is ended."""
    return KeyRevoked(
        id=_name("revoke", author, keyid),
        stream=_stream(author),
        author=author,
        keyid=keyid,
        reason=reason,
        compromised_since_ms=compromised_since_ms,
    )


def prove_delegation(ledger_id: bytes, author: str, signer: Signer) -> bytes:
    """Show that one holds the key by which one asks to sign for an author."""
    return signer.sign(delegation_message(ledger_id, author, signer.public.spki_der))


def delegation(
    *,
    ledger_id: bytes,
    author: str,
    delegating_keyid: str,
    key: PublicKey,
    possession: bytes,
    kinds: Sequence[FactKind],
    streams: Sequence[str],
    not_after_ms: int,
) -> KeyDelegated:
    """Make the fact by which an author delegates, after checking the proof of possession.

    Raises:
        SignatureError: The key's holder did not ask to sign for this author in this ledger.
    """
    try:
        key.verify(possession, delegation_message(ledger_id, author, key.spki_der))
    except SignatureError as error:
        raise SignatureError(
            f"Whoever asks to sign for {author} does not show to hold the key {key.keyid}.",
            field="possession",
            rule="possession",
        ) from error
    return KeyDelegated(
        id=_name("delegate", author, key.keyid),
        stream=_stream(author),
        author=author,
        delegating_keyid=delegating_keyid,
        spki_der=key.spki_der,
        possession=possession,
        kinds=tuple(kinds),
        streams=tuple(streams),
        not_after_ms=not_after_ms,
    )


def log_key_rotation(ledger_id: bytes, old_keyid: str, new: Signer) -> LogKeyRotated:
    """Make the fact that announces the log's next key, which proves that it is held."""
    spki_der = new.public.spki_der
    return LogKeyRotated(
        id=f"log-key-{new.public.keyid[:_KEYID_SIGNS]}",
        stream=ADMINISTRATORS_STREAM,
        old_keyid=old_keyid,
        spki_der=spki_der,
        possession=new.sign(log_key_message(ledger_id, old_keyid, spki_der)),
    )


def log_key_retirement(keyid: str) -> LogKeyRetired:
    """Make the fact after which the log's old key signs no more."""
    return LogKeyRetired(
        id=f"log-key-retired-{keyid[:_KEYID_SIGNS]}", stream=ADMINISTRATORS_STREAM, keyid=keyid
    )


def _name(change: str, author: str, keyid: str) -> str:
    return f"{change}-{author[:_AUTHOR_SIGNS]}-{keyid[:_KEYID_SIGNS]}"


def _stream(author: str) -> str:
    return f"{Collection.AUTHORS.value}/{author}"
