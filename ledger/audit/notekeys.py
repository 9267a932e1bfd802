"""Whose signature a note must bear: the log's keys, as its entries announce and retire them.

The pin names the key that one trusts to begin with. From the founding on, which the pin names by
its digest, administrators announce every later key; so for each tree size the entries say which
keys sign, and a note must bear the signatures of them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ledger.client.pins import Pin
from ledger.client.trust import Head
from ledger.domain.logkeys import LogKey
from ledger.errors import VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.note import SignedNote, open_note
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.signing.publickeys import parse_public_key


@dataclass(frozen=True, slots=True)
class NoteKeys:
    """The log's keys by the tree sizes that they sign.

    Attributes:
        pin: The pin that was given.
        stretches: Each key with its least size and its largest, None while it signs.
    """

    pin: Pin
    stretches: tuple[tuple[VerifierKey, int, int | None], ...]

    @classmethod
    def of(cls, pin: Pin, log_keys: Sequence[LogKey]) -> NoteKeys:
        """The keys that the entries of a log announce; the pin's, where they announce none."""
        found = tuple(
            (_verifier(pin.origin, key.spki_der), key.from_size, key.until_size) for key in log_keys
        )
        return cls(pin, found or tuple((key, 0, None) for key in pin.log_keys))

    @property
    def all(self) -> Pin:
        """The pin with every key of the log, for what any of them may have signed."""
        known = (*self.pin.log_keys, *(key for key, _, _ in self.stretches))
        keys = {key.public_key: replace(key, from_size=0, until_size=None) for key in known}
        return replace(self.pin, log_keys=tuple(keys.values()))

    def open(self, note: bytes) -> Head:
        """Verify that all of the log's keys of its size signed a note.

        Raises:
            NoteError: The bytes are not a checkpoint.
            VerificationError: One of them did not, or the pinned key is none of the log's.
        """
        keys = self.at(Checkpoint.parse(SignedNote.parse(note).text).size)
        pinned = {key.public_key for key in self.pin.log_keys}
        if not {key.public_key for key, _, _ in self.stretches} & pinned:
            raise VerificationError(
                "The pinned key was never this log's.", field="log_keys", rule="pinned-key"
            )
        checkpoint = open_checkpoint(note, origin=self.pin.origin, verifiers=keys)
        if len(open_note(note, keys).signatures) != len(keys):
            raise VerificationError(
                f"Not all of the log's keys of tree size {checkpoint.size} signed the note.",
                field="signatures",
                rule="log-keys-of-size",
            )
        return Head(checkpoint, note)

    def at(self, size: int) -> list[VerifierKey]:
        """The keys that sign notes of a tree size."""
        return [
            key
            for key, first, last in self.stretches
            if first <= size and (last is None or size <= last)
        ]


def _verifier(origin: str, spki_der: bytes) -> VerifierKey:
    return VerifierKey(origin, SignatureType.ED25519, parse_public_key(spki_der).raw)
