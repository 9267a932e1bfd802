"""What a log asks of a witness, and what a witness decides (C2SP tlog-witness, add-checkpoint).

A witness cosigns a checkpoint only if it continues the last one that it cosigned of this log; so
two histories of one log never both get its cosignature. What it remembers, and in which
transaction, is the caller's matter: here is the decision.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import (
    ForkError,
    InputError,
    NoteError,
    NotFoundError,
    OldSizeError,
    VerificationError,
)
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.note import NOTE_BYTES_MAX, SIGNATURES_MAX, SignatureLine, SignedNote
from ledger.log.proofs import verify_consistency
from ledger.log.strict import decode_decimal, decode_hash, encode_base64

if TYPE_CHECKING:
    from ledger.log.notekeys import VerifierKey

ADD_CHECKPOINT: Final = "add-checkpoint"
"""The path of the call, below a witness's submission prefix."""

SIZE_CONTENT_TYPE: Final = "text/x.tlog.size"
"""What the body of a conflict is: the size that was cosigned last, and a newline."""

PROOF_LINES_MAX: Final = 63
REQUEST_BYTES_MAX: Final = NOTE_BYTES_MAX + 4 * 1024
"""Longest request: a note, 63 hashes in base64, and the old size."""

_OLD: Final = "old "
_BORDER: Final = b"\n\n"


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request to cosign a checkpoint, as it was read; nothing in it is verified.

    Attributes:
        old_size: The size that the log takes the witness to have cosigned last; 0 for none.
        proof: Consistency proof from there to the checkpoint, 32 bytes each.
        note: The checkpoint, a signed note.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes

    @classmethod
    def parse(cls, body: bytes) -> AddCheckpoint:
        """Read a request's body.

        Raises:
            NoteError: It departs from C2SP tlog-witness in any way, or is too long.
        """
        if len(body) > REQUEST_BYTES_MAX:
            raise _malformed(f"A request has at most {REQUEST_BYTES_MAX} bytes.")
        # The first empty line ends the proof; the note has one of its own.
        head, border, note = body.partition(_BORDER)
        if not border or not head.isascii():
            raise _malformed("A request is ASCII lines, an empty line and a checkpoint.")
        first, *lines = head.decode("ascii").split("\n")
        if not first.startswith(_OLD) or len(lines) > PROOF_LINES_MAX:
            raise _malformed("A request begins with the old size, and has at most 63 hashes.")
        old_size = decode_decimal(first.removeprefix(_OLD), field="old")
        proof = tuple(decode_hash(line, field=f"proof[{at}]") for at, line in enumerate(lines))
        SignedNote.parse(note)
        return cls(old_size, proof, note)

    def to_bytes(self) -> bytes:
        """Return the request's body, which ``parse`` reads back."""
        lines = [f"{_OLD}{self.old_size}", *map(encode_base64, self.proof)]
        return "\n".join(lines).encode("ascii") + _BORDER + self.note


@dataclass(frozen=True, slots=True)
class Cosigned:
    """What a witness cosigned last of a log: size and root hash (32 bytes)."""

    size: int
    root: bytes


def open_request(request: AddCheckpoint, logs: Mapping[str, Sequence[VerifierKey]]) -> Checkpoint:
    """Verify that a known log signed what is to be cosigned.

    Args:
        request: What was asked.
        logs: The keys of the known logs, by origin.

    Raises:
        NoteError: The note is not a checkpoint.
        NotFoundError: Nobody knows a log of this origin here.
        VerificationError: The log did not sign it.
        InputError: The old size is larger than the checkpoint's.
    """
    checkpoint = Checkpoint.parse(SignedNote.parse(request.note).text)
    if checkpoint.origin not in logs:
        raise NotFoundError(
            f"There is no log {checkpoint.origin!r} here.", field="origin", rule="log-known"
        )
    keys = logs[checkpoint.origin]
    open_checkpoint(request.note, origin=checkpoint.origin, verifiers=keys)
    if request.old_size > checkpoint.size:
        raise InputError(
            f"The old size {request.old_size} is larger than the checkpoint's.",
            field="old",
            rule="old-size-range",
        )
    return checkpoint


def require_next(request: AddCheckpoint, checkpoint: Checkpoint, last: Cosigned | None) -> None:
    """Decide whether a checkpoint may be cosigned as the next of its log.

    Args:
        request: What was asked.
        checkpoint: What ``open_request`` made of it.
        last: What was cosigned last of this log; None for nothing.

    Raises:
        OldSizeError: Another size was cosigned last, or another root at this very size.
        ForkError: The proof does not show that the checkpoint continues the last one.
    """
    held = last.size if last else 0
    if request.old_size != held:
        raise OldSizeError(
            f"The checkpoint builds on {request.old_size}, and {held} was cosigned last.", size=held
        )
    if last is not None and checkpoint.size == held and checkpoint.root != last.root:
        raise OldSizeError(f"Another root was cosigned at size {held}.", size=held)
    # Every tree continues the empty one: there is nothing to prove, and no proof.
    if last is None or held == 0:
        if request.proof:
            raise _not_continued("no proof leads from size 0.")
        return
    try:
        verify_consistency(held, last.root, checkpoint.size, checkpoint.root, request.proof)
    except VerificationError as error:
        raise _not_continued(error.message) from error


def parse_cosignatures(body: bytes) -> tuple[SignatureLine, ...]:
    """Read a witness's reply: one or more signature lines, none verified.

    Raises:
        NoteError: It is anything else.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _malformed("A reply is UTF-8.") from error
    lines = text.split("\n")
    if lines.pop() or not 1 <= len(lines) <= SIGNATURES_MAX:
        raise _malformed(f"A reply is 1 to {SIGNATURES_MAX} signature lines, each ended.")
    return tuple(map(SignatureLine.parse, lines))


def parse_size(body: bytes) -> int:
    """Read the body of a conflict: the size that was cosigned last, and a newline.

    Raises:
        NoteError: It is anything else.
    """
    if not body.isascii() or not body.endswith(b"\n"):
        raise _malformed("A conflict names a size, and a newline.")
    return decode_decimal(body[:-1].decode("ascii"), field="size")


def _not_continued(why: str) -> ForkError:
    return ForkError(
        f"The checkpoint is not shown to continue the last one: {why}",
        field="proof",
        rule="consistency-proof",
    )


def _malformed(message: str) -> NoteError:
    return NoteError(message, field="add-checkpoint", rule="add-checkpoint")
