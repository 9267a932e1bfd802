"""Evidence that a log contradicts itself: a small file that anybody can check offline by a pin.

Two of the four kinds prove it, by signatures and hashes alone. The other two tell what the log has
to answer for: a signed note carries no time and a missing proof no signature, so that whoever holds
two honest notes could write such a file too. ``judge`` keeps the two apart.

| kind | what the file holds | what it shows |
| --- | --- | --- |
| two-roots | two notes of one size, with different roots | proves a fork |
| other-prefix | two notes; the larger tree does not begin with the smaller | proves a fork |
| unconnected | two notes, and why nothing that was served connects them | asks for a proof |
| rollback | two notes; the smaller was served as all there is | asks for the larger tree |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from ledger.client.pins import Pin
from ledger.domain.model import Frozen
from ledger.errors import NoteError, VerificationError
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.note import NOTE_BYTES_MAX
from ledger.log.proofs import prefix_root, verify_consistency

FORMAT: Final = "ledger-misbehavior-v1"
BYTES_MAX: Final = 2**20
"""Longest file read: two notes and a proof are far below it."""

PROOF_HASHES_MAX: Final = 128
"""Most hashes kept of a proof: no tree of up to 2**63 leaves needs as many."""

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Note = Annotated[str, Field(max_length=NOTE_BYTES_MAX)]


class Kind(StrEnum):
    """What a log has done, and whether the file proves it."""

    TWO_ROOTS = "two-roots"
    OTHER_PREFIX = "other-prefix"
    UNCONNECTED = "unconnected"
    ROLLBACK = "rollback"

    @property
    def is_proof(self) -> bool:
        """Whether nothing but the log's own key can have made such a file."""
        return self in (Kind.TWO_ROOTS, Kind.OTHER_PREFIX)


class Misbehavior(Frozen):
    """What is in the file.

    ``seen`` is the note that was verified first and ``served`` the one that contradicts it, both
    verbatim. ``leaf_hash`` and ``proof`` are, for other-prefix, the hash of the older tree's last
    leaf and its inclusion proof in the newer; for unconnected, ``proof`` is the consistency proof
    that was served. ``log_keys`` are for the reader: a file is judged by the pin's keys.
    """

    format: Literal["ledger-misbehavior-v1"] = FORMAT
    kind: Kind
    origin: str
    log_keys: Annotated[tuple[str, ...], Field(min_length=1, max_length=16)]
    seen: _Note
    served: _Note
    leaf_hash: _Hash | None = None
    proof: Annotated[tuple[_Hash, ...], Field(max_length=PROOF_HASHES_MAX)] = ()
    reason: Annotated[str, Field(min_length=0)] = ""

    @property
    def proof_hashes(self) -> list[bytes]:
        """The proof, 32 bytes a hash."""
        return [bytes.fromhex(value) for value in self.proof]

    def to_json(self) -> bytes:
        """Write the file: the same contradiction, the same bytes."""
        return (self.model_dump_json(indent=2) + "\n").encode()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file shows, after everything in it was checked.

    Attributes:
        kind: What the log has done.
        older: The checkpoint of the smaller size; of one size, the one seen first.
        newer: The other.
        sentence: What follows, for a person.
    """

    kind: Kind
    older: Checkpoint
    newer: Checkpoint
    sentence: str


def judge(content: bytes, pin: Pin) -> Verdict:
    """Check a file offline, by nothing but a pin.

    Raises:
        NoteError: The file is not of this format, or a note in it does not parse.
        VerificationError: The pinned log did not sign both notes, or they do not contradict each
            other as the file says: it is forged, or of another log.
    """
    told = _parsed(content)
    pinned = {key.vkey() for key in pin.log_keys}
    if told.origin != pin.origin or pinned.isdisjoint(told.log_keys):
        raise VerificationError(
            f"The file is about the log {told.origin!r} and keys that are not pinned here.",
            field="origin",
            rule="origin",
        )
    seen, served = (
        open_checkpoint(note.encode(), origin=pin.origin, verifiers=pin.log_keys)
        for note in (told.seen, told.served)
    )
    older, newer = sorted((seen, served), key=lambda checkpoint: checkpoint.size)
    if told.kind is Kind.ROLLBACK and served is not older:
        raise _nothing_in_it(told)
    return Verdict(told.kind, older, newer, _sentence_of(told, older, newer))


def _parsed(content: bytes) -> Misbehavior:
    if len(content) > BYTES_MAX:
        raise NoteError(
            f"Evidence has at most {BYTES_MAX} bytes.", field="evidence", rule="evidence-form"
        )
    try:
        return Misbehavior.model_validate_json(content)
    except ValidationError as error:
        raise NoteError(
            f"This is not evidence of the form {FORMAT}.", field="evidence", rule="evidence-form"
        ) from error


def _sentence_of(told: Misbehavior, older: Checkpoint, newer: Checkpoint) -> str:
    """See that the contradiction is there, and say what it is.

    Raises:
        VerificationError: It is not.
    """
    if told.kind is Kind.TWO_ROOTS:
        if older.size != newer.size or older.root == newer.root:
            raise _nothing_in_it(told)
        return f"The log signed two different trees of size {older.size}."
    if not 0 < older.size < newer.size:
        raise _nothing_in_it(told)
    sizes = f"The log signed trees of sizes {older.size} and {newer.size}"
    match told.kind:
        case Kind.OTHER_PREFIX:
            if _prefix(told, older, newer) == older.root:
                raise _nothing_in_it(told)
            return f"{sizes}, and the larger does not begin with the smaller."
        case Kind.UNCONNECTED:
            if _connects(told, older, newer):
                raise _nothing_in_it(told)
            return (
                f"{sizes}, and did not show that the larger continues the smaller. That alone "
                "proves no fork: ask the log for the consistency proof."
            )
        case Kind.ROLLBACK:
            return (
                f"{sizes}. That it served the smaller as all there is, after the larger, rests on "
                "the word of whoever wrote this file: ask the log for the larger tree, which it "
                "cannot deny having signed."
            )


def _prefix(told: Misbehavior, older: Checkpoint, newer: Checkpoint) -> bytes:
    leaf = bytes.fromhex(told.leaf_hash or "")
    return prefix_root(older.size, newer.size, leaf, told.proof_hashes, newer.root)


def _connects(told: Misbehavior, older: Checkpoint, newer: Checkpoint) -> bool:
    try:
        verify_consistency(older.size, older.root, newer.size, newer.root, told.proof_hashes)
    except VerificationError:
        return False
    return True


def _nothing_in_it(told: Misbehavior) -> VerificationError:
    return VerificationError(
        f"The notes in this file do not show {told.kind.value}: nothing in it is against the log.",
        field="kind",
        rule="evidence",
    )
