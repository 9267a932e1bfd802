"""Signed notes: a text and the lines of those who signed it (C2SP signed-note).

The text ends in a newline; after a blank line each signature stands on a line of its own, as
``— name base64(key id || signature)``. Signatures of keys nobody told us of are ignored, which
is what lets a log change its key and witnesses come and go; a known key whose signature fails
condemns the note.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError, SettingError, VerificationError
from ledger.log.notekeys import KEY_ID_BYTES, NoteSigner, VerifierKey, require_key_name
from ledger.log.strict import decode_base64, encode_base64

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIGNATURES_MAX: Final = 16
"""Most signatures in a note: what every C2SP verifier must accept, and no more."""

NOTE_BYTES_MAX: Final = 256 * 1024
"""Longest note read: sixteen post-quantum signatures of 5 kB in base64 fit in half of it."""

_DASH = "\N{EM DASH}"
_LINE_PARTS = 3
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature of a note, not verified.

    Attributes:
        name: The key's name.
        key_id: 4 bytes that with the name tell which key signed.
        signature: The rest, whatever that key's type makes of it.
    """

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Read one line, without its newline.

        Raises:
            NoteError: It is not ``— name base64``, or holds no more than a key id.
        """
        parts = line.split(" ")
        if len(parts) != _LINE_PARTS or parts[0] != _DASH:
            raise NoteError(
                "A signature line is a dash, a name and base64.",
                field="signatures",
                rule="signature-line",
            )
        _, name, encoded = parts
        require_key_name(name)
        data = decode_base64(encoded, field="signatures")
        if len(data) <= KEY_ID_BYTES:
            raise NoteError(
                f"The signature by {name!r} is too short.",
                field="signatures",
                rule="signature-line",
            )
        return cls(name, data[:KEY_ID_BYTES], data[KEY_ID_BYTES:])

    def __str__(self) -> str:
        return f"{_DASH} {self.name} {encode_base64(self.key_id + self.signature)}"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note as it was read, nothing in it verified: for carrying on, not for believing.

    Attributes:
        text: The note text with its final newline.
        signatures: One to sixteen, in the note's order.
    """

    text: str
    signatures: tuple[SignatureLine, ...]

    @classmethod
    def parse(cls, note: bytes) -> SignedNote:
        """Read a note's bytes, as C2SP signed-note, "Format", bounds them.

        Raises:
            NoteError: Too long, not UTF-8, control characters, no final newline, no blank line,
                or signature lines that are none, too many, or not in form.
        """
        if len(note) > NOTE_BYTES_MAX:
            raise _malformed(f"A note has at most {NOTE_BYTES_MAX} bytes.", "note-length")
        try:
            content = note.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _malformed("A note is UTF-8.", "utf-8") from error
        _require_no_controls(content)
        # The text may hold blank lines of its own: the last one is the border.
        text, border, lines = content.rpartition("\n\n")
        if not border or not lines.endswith("\n"):
            raise _malformed(
                "A note is a text, a blank line and signature lines, the last one ended.",
                "note-form",
            )
        signatures = lines[:-1].split("\n")
        _require_count(signatures)
        return cls(text + "\n", tuple(map(SignatureLine.parse, signatures)))

    def with_signatures(self, lines: Iterable[SignatureLine]) -> SignedNote:
        """Return the note with further signature lines, such as witnesses' cosignatures.

        Raises:
            NoteError: More than sixteen signatures would stand under the text.
        """
        signatures = (*self.signatures, *lines)
        _require_count(signatures)
        return replace(self, signatures=signatures)

    def with_cosignatures(self, lines: Sequence[SignatureLine]) -> SignedNote:
        """Return the note with as many further lines as there is room for."""
        return self.with_signatures(lines[: SIGNATURES_MAX - len(self.signatures)])

    def to_bytes(self) -> bytes:
        """Return the note's bytes, which ``parse`` reads back."""
        lines = "".join(f"{line}\n" for line in self.signatures)
        return f"{self.text}\n{lines}".encode()


@dataclass(frozen=True, slots=True)
class VerifiedSignature:
    """A signature that holds: by whom, and for a cosignature when (POSIX seconds)."""

    key: VerifierKey
    time_s: int | None


@dataclass(frozen=True, slots=True)
class VerifiedNote:
    """A note that at least one known key signed.

    Attributes:
        text: The note text with its final newline.
        signatures: Those of the known keys, one a key; of several by one key the first.
    """

    text: str
    signatures: tuple[VerifiedSignature, ...]


def open_note(note: bytes, verifiers: Iterable[VerifierKey]) -> VerifiedNote:
    """Read a note and verify the signatures of every known key in it.

    Which of the keys had to sign is for the caller to say: a witness's signature alone does not
    make a text the log's.

    Raises:
        NoteError: The bytes are not a note.
        VerificationError: A known key's signature fails, or no known key signed.
        SettingError: Two different keys share a name and key id.
    """
    parsed = SignedNote.parse(note)
    verified = verify_known(parsed, verifiers)
    if not verified:
        raise VerificationError(
            "No key that is known here signed this note.",
            field="signatures",
            rule="no-known-signature",
        )
    return VerifiedNote(parsed.text, verified)


def verify_known(
    note: SignedNote, verifiers: Iterable[VerifierKey]
) -> tuple[VerifiedSignature, ...]:
    """Verify the signatures of every known key in a note; there may be none.

    Returns:
        One signature a key; of several by one key the first.

    Raises:
        VerificationError: A known key's signature fails.
        SettingError: Two different keys share a name and key id.
    """
    known = _by_name_and_id(verifiers)
    verified: dict[VerifierKey, VerifiedSignature] = {}
    for line in note.signatures:
        key = known.get((line.name, line.key_id))
        if key is not None:
            time_s = key.verify(note.text, line.signature)
            verified.setdefault(key, VerifiedSignature(key, time_s))
    return tuple(verified.values())


def sign_note(text: str, signers: Sequence[NoteSigner]) -> bytes:
    """Sign a text with type 0x01 keys; several of them while a log's key is being changed.

    Raises:
        NoteError: The text cannot stand in a note, or there are no signers, or over sixteen.
        SettingError: A signer is a cosigner, who would have to state a time.
        VerificationError: A signer's signature is not one of its key.
    """
    if not text.endswith("\n"):
        raise _malformed("A note's text ends in a newline.", "note-form")
    _require_no_controls(text)
    _require_count(signers)
    lines = tuple(_signed_line(text, signer, None) for signer in signers)
    return SignedNote(text, lines).to_bytes()


def cosign_note(note: bytes, signer: NoteSigner, *, time_s: int) -> bytes:
    """Add a cosignature/v1 to a note (C2SP tlog-cosignature); what it vouches for is not checked.

    Args:
        note: The note's bytes.
        signer: A key of type 0x04.
        time_s: POSIX time in seconds of the cosignature.

    Raises:
        NoteError: The bytes are not a note, or it has sixteen signatures already.
        SettingError: The signer is not a cosigner, or the time is out of range.
        VerificationError: The signer's signature is not one of its key.
    """
    parsed = SignedNote.parse(note)
    return parsed.with_signatures([cosignature_of(parsed.text, signer, time_s=time_s)]).to_bytes()


def cosignature_of(text: str, signer: NoteSigner, *, time_s: int) -> SignatureLine:
    """Make a cosignature/v1 over a note's text, as a line; what it vouches for is not checked.

    Raises:
        SettingError: The signer is not a cosigner, or the time is out of range.
        VerificationError: The signer's signature is not one of its key.
    """
    return _signed_line(text, signer, time_s)


def _signed_line(text: str, signer: NoteSigner, time_s: int | None) -> SignatureLine:
    signature = signer.signature_over(text, time_s=time_s)
    return SignatureLine(signer.key.name, signer.key.key_id, signature)


def _by_name_and_id(verifiers: Iterable[VerifierKey]) -> dict[tuple[str, bytes], VerifierKey]:
    known: dict[tuple[str, bytes], VerifierKey] = {}
    for key in verifiers:
        # An id has 32 bits: a second key can be ground to share it, and must not shadow the first.
        if known.setdefault((key.name, key.key_id), key) != key:
            raise SettingError(
                f"Two verifier keys are {key.name}+{key.key_id.hex()}.",
                field="verifiers",
                rule="ambiguous-verifiers",
            )
    return known


def _require_no_controls(content: str) -> None:
    if _CONTROL.search(content) is not None:
        raise _malformed("A note has no control characters.", "control-character")


def _require_count(signatures: Sequence[object]) -> None:
    if not 1 <= len(signatures) <= SIGNATURES_MAX:
        raise _malformed(f"A note has 1 to {SIGNATURES_MAX} signatures.", "signature-count")


def _malformed(message: str, rule: str) -> NoteError:
    return NoteError(message, field="note", rule=rule)
