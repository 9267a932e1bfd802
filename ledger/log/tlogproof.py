"""Receipts as text files: index, inclusion proof and checkpoint (C2SP tlog-proof)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ledger.errors import NoteError
from ledger.log.checkpoint import open_checkpoint
from ledger.log.merkle import HASH_BYTES
from ledger.log.note import NOTE_BYTES_MAX, SignedNote
from ledger.log.proofs import verify_inclusion
from ledger.log.strict import (
    SIZE_MAX,
    decode_base64,
    decode_decimal,
    decode_hash,
    encode_base64,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.log.checkpoint import Checkpoint
    from ledger.log.notekeys import VerifierKey

FILE_EXTENSION: Final = ".tlog-proof"
EXTRA_BYTES_MAX: Final = 65_535
"""Longest extra data: as long as the longest entry, so that one may travel along."""

PROOF_BYTES_MAX: Final = NOTE_BYTES_MAX + 128 * 1024
"""Longest file read: a note, extra data in base64, and the 63 hashes of the deepest tree."""

HASHES_MAX: Final = 63
_HEADER = "c2sp.org/tlog-proof@v1"
_EXTRA = "extra "
_INDEX = "index "


@dataclass(frozen=True, slots=True)
class TlogProof:
    """A proof as it was read, nothing in it verified.

    Attributes:
        index: Where in the log the entry is said to be.
        hashes: Inclusion proof, from the leaf's sibling up, 32 bytes each.
        checkpoint: The signed note, verbatim.
        extra: Data of the writer's choice, not covered by any signature; empty if there is none.

    Raises:
        NoteError: A value that no proof text can hold.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= SIZE_MAX:
            raise _malformed(f"An index is at most {SIZE_MAX}.", "index")
        if len(self.hashes) > HASHES_MAX or any(len(one) != HASH_BYTES for one in self.hashes):
            raise _malformed(f"A proof has at most {HASHES_MAX} hashes of 32 bytes.", "hashes")
        if len(self.extra) > EXTRA_BYTES_MAX:
            raise _malformed(f"Extra data has at most {EXTRA_BYTES_MAX} bytes.", "extra")
        SignedNote.parse(self.checkpoint)

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Read a proof file.

        Raises:
            NoteError: It is too long, or departs from C2SP tlog-proof in any way.
        """
        if len(data) > PROOF_BYTES_MAX:
            raise _malformed(f"A proof file has at most {PROOF_BYTES_MAX} bytes.", "length")
        # The first blank line ends the proof; the checkpoint's own blank line comes after it.
        head, border, checkpoint = data.partition(b"\n\n")
        if not border or not head.isascii():
            raise _malformed("A proof is ASCII lines, a blank line and a checkpoint.", "form")
        header, *lines = head.decode("ascii").split("\n")
        if header != _HEADER:
            raise _malformed(f"A proof file begins with {_HEADER}.", "header")
        extra = b""
        if lines and lines[0].startswith(_EXTRA):
            extra = decode_base64(lines.pop(0).removeprefix(_EXTRA), field="extra")
            if not extra:
                raise _malformed("Without extra data there is no extra line.", "extra")
        if not lines or not lines[0].startswith(_INDEX):
            raise _malformed("A proof states its index before its hashes.", "index")
        index = decode_decimal(lines.pop(0).removeprefix(_INDEX), field="index")
        hashes = tuple(
            decode_hash(line, field=f"hashes[{place}]") for place, line in enumerate(lines)
        )
        return cls(index, hashes, checkpoint, extra)

    def to_bytes(self) -> bytes:
        """Return the file's bytes, which ``parse`` reads back."""
        lines = [_HEADER]
        if self.extra:
            lines.append(_EXTRA + encode_base64(self.extra))
        lines.append(f"{_INDEX}{self.index}")
        lines.extend(map(encode_base64, self.hashes))
        return "\n".join(lines).encode("ascii") + b"\n\n" + self.checkpoint

    def verify(
        self, leaf_hash: bytes, *, origin: str, verifiers: Iterable[VerifierKey]
    ) -> Checkpoint:
        """Verify that the log with this origin holds a leaf, at ``index``.

        Args:
            leaf_hash: 32 bytes, computed by the caller from the entry itself.
            origin: The origin that was pinned.
            verifiers: The keys that were pinned, as for ``open_checkpoint``.

        Returns:
            The checkpoint the leaf is proved to.

        Raises:
            NoteError: The checkpoint's text is not one.
            VerificationError: The checkpoint or the inclusion does not hold.
            SettingError: Two different verifiers share a name and key id.
        """
        checkpoint = open_checkpoint(self.checkpoint, origin=origin, verifiers=verifiers)
        verify_inclusion(self.index, checkpoint.size, leaf_hash, self.hashes, checkpoint.root)
        return checkpoint


def _malformed(message: str, part: str) -> NoteError:
    return NoteError(message, field=part, rule=f"tlog-proof-{part}")
