"""The log's own keys: which of them sign the notes of which tree sizes.

The origin stays and the key changes. Three stretches follow from two entries, so that everybody
who reads the log finds the same keys for every size, whatever the clocks say:

* ``LogKeyRotated`` at index i announces a new key, by k administrators: notes of size i + 1 and
  more are signed by the new key, and for a while by the old one too. Whoever pinned the old key
  alone verifies such a note, and by it the entry that names the new key.
* ``LogKeyRetired`` at index j ends that while: notes of size j + 1 and more are signed by the new
  key alone, and a note over a larger tree that only the old key signed is nobody's.

The keys of the past stay known for the sizes that they signed; old receipts verify for ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from ledger.domain.authorship import KeyId, SpkiDer
from ledger.domain.facts import Fact


class LogKeyRotated(Fact):
    """``threshold`` administrators announce the log's next key, in the founding's stream.

    ``possession`` is the new key's signature over the log key message.
    """

    old_keyid: KeyId
    spki_der: SpkiDer
    possession: Annotated[bytes, Field(min_length=64, max_length=128)]


class LogKeyRetired(Fact):
    """``threshold`` administrators end the time in which the log's old key signs as well."""

    keyid: KeyId


@dataclass(frozen=True, slots=True)
class LogKey:
    """One of the log's keys and the tree sizes whose notes it signs.

    Attributes:
        keyid: Hex SHA-256 of ``spki_der``.
        spki_der: The public key, Ed25519.
        from_size: The least size, one more than the index of the entry that announced it.
        until_size: The largest size, the index of the entry that retired it; None while it signs.
    """

    keyid: str
    spki_der: bytes
    from_size: int
    until_size: int | None = None

    def signs_at(self, size: int) -> bool:
        """Whether the note of a tree of this size is signed by the key."""
        return self.from_size <= size and (self.until_size is None or size <= self.until_size)


def log_key_message(ledger_id: bytes, old_keyid: str, spki_der: bytes) -> bytes:
    """What a log's next key signs, to prove that its holder takes over from the old key here."""
    parts = (b"ledger-log-key-v1", ledger_id, old_keyid.encode(), spki_der)
    return b"".join(len(part).to_bytes(4) + part for part in parts)
