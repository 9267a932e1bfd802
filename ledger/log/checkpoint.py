"""Checkpoints: a log's size and root hash, signed (C2SP tlog-checkpoint)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.merkle import EMPTY_ROOT, HASH_BYTES
from ledger.log.note import open_note, sign_note
from ledger.log.notekeys import SignatureType
from ledger.log.strict import SIZE_MAX, decode_decimal, decode_hash, encode_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ledger.log.notekeys import NoteSigner, VerifierKey

_BODY_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits to: all of its entries, in order.

    Attributes:
        origin: The log's identity, one line.
        size: How many entries, up to 2**63 - 1.
        root: Root hash, 32 bytes.

    Raises:
        NoteError: The values cannot be those of a tree, or the origin is not a line.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or any(sign < " " for sign in self.origin):
            raise _malformed("A checkpoint's origin is one non-empty line.", "origin")
        if not 0 <= self.size <= SIZE_MAX:
            raise _malformed(f"A checkpoint's size is at most {SIZE_MAX}.", "size")
        if len(self.root) != HASH_BYTES:
            raise _malformed(f"A checkpoint's root hash has {HASH_BYTES} bytes.", "root")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise _malformed("An empty tree has one root hash, and this is another.", "root")

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        r"""Read a body, ``origin\nsize\nbase64(root)\n``; nothing about it is verified.

        Extension lines, which C2SP permits and advises against, are refused: this log writes
        none, nobody could audit what they say, and ignoring them would let a checkpoint carry a
        message to some readers only.

        Raises:
            NoteError: The text is not such a body.
        """
        origin, *rest = text.split("\n")
        if len(rest) != _BODY_LINES or rest[-1]:
            raise _malformed(
                "A checkpoint has three lines, origin, size and root hash.", "body-lines"
            )
        size, root, _ = rest
        return cls(origin, decode_decimal(size, field="size"), decode_hash(root, field="root"))

    def to_text(self) -> str:
        """Return the body, the text that is signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[NoteSigner]) -> bytes:
    """Sign a checkpoint with the log's key, or with its old and new key while it is changed.

    Returns:
        The signed note.

    Raises:
        SettingError: A signer's key is not a type 0x01 key named like the origin.
        NoteError: There are no signers, or over sixteen.
        VerificationError: A signer's signature is not one of its key.
    """
    for signer in signers:
        if not _is_log_key(signer.key, checkpoint.origin):
            raise SettingError(
                f"The key {signer.key.name!r} does not sign for {checkpoint.origin!r}.",
                field="signers",
                rule="log-key",
            )
    return sign_note(checkpoint.to_text(), signers)


def open_checkpoint(
    note_bytes: bytes, *, origin: str, verifiers: Iterable[VerifierKey]
) -> Checkpoint:
    """Verify a checkpoint of the log with this origin.

    Only type 0x01 keys named like the origin count as the log's. Witnesses' keys may stand among
    the verifiers: their cosignatures must hold where present, but make nothing the log's. How
    many witnesses are enough is a policy of the caller, who finds them with ``open_note``.

    Args:
        note_bytes: The signed note.
        origin: The origin that was pinned.
        verifiers: The keys that were pinned: the log's, old and new, and witnesses'.

    Raises:
        NoteError: The bytes are not a note, or its text is not a checkpoint.
        VerificationError: The log did not sign it, a known key's signature fails, only keys
            signed that do not sign trees of this size, or it is another log's.
        SettingError: Two different verifiers share a name and key id.
    """
    note = open_note(note_bytes, verifiers)
    signed = [each.key for each in note.signatures if _is_log_key(each.key, origin)]
    if not signed:
        raise VerificationError(
            f"The log {origin!r} did not sign this checkpoint.",
            field="signatures",
            rule="log-signature",
        )
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != origin:
        raise VerificationError(
            f"The checkpoint is of {checkpoint.origin!r}, not of {origin!r}.",
            field="origin",
            rule="origin",
        )
    if not any(key.signs_at(checkpoint.size) for key in signed):
        raise VerificationError(
            f"No key that signed this checkpoint signs for {origin!r} at tree size "
            f"{checkpoint.size}: the log's key was changed.",
            field="signatures",
            rule="log-key-tenure",
        )
    return checkpoint


def _is_log_key(key: VerifierKey, origin: str) -> bool:
    return key.signature_type is SignatureType.ED25519 and key.name == origin


def _malformed(message: str, part: str) -> NoteError:
    return NoteError(message, field="checkpoint", rule=f"checkpoint-{part}")
