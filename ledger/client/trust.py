"""How a checkpoint is accepted: signed by the pinned key, and of one history with all before.

Pure but for the memory of the highest head and a function that fetches consistency proofs. Every
checkpoint that arrives, in a receipt, an answer or by itself, goes through ``accept``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, final

from ledger.client.heads import HeadMemory
from ledger.client.pins import Pin
from ledger.domain.statement import Anchor
from ledger.errors import (
    ForkError,
    LedgerError,
    RollbackError,
    VerificationError,
)
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.proofs import verify_consistency

ProofFetcher = Callable[[int, int], Sequence[bytes]]
"""Fetches the consistency proof from one tree size to a larger one."""

_ACCEPTED_KEPT: Final = 4_096
"""How many accepted checkpoints are remembered, so that none is proved twice."""


@dataclass(frozen=True, slots=True)
class Head:
    """A verified checkpoint and the note it came in.

    Attributes:
        checkpoint: Origin, size and root hash.
        note: The signed note, verbatim.
    """

    checkpoint: Checkpoint
    note: bytes

    @property
    def size(self) -> int:
        """The tree size."""
        return self.checkpoint.size

    @property
    def anchor(self) -> Anchor:
        """The head as a statement names it: what is signed now is not older than it."""
        return Anchor(size=self.checkpoint.size, root=self.checkpoint.root)


def open_head(pin: Pin, note: bytes) -> Head:
    """Verify a note's signature; whether it fits the history is ``TrustedLog.accept``'s question.

    Raises:
        NoteError: The bytes are not a checkpoint.
        VerificationError: The pinned key did not sign it.
    """
    checkpoint = open_checkpoint(note, origin=pin.origin, verifiers=pin.log_keys)
    return Head(checkpoint, note)


def last_verified(pin: Pin, memory: HeadMemory) -> Head | None:
    """The highest head that was verified here, without asking anybody; None before the first.

    Raises:
        NoteError: The note in memory is damaged.
        VerificationError: The note in memory is not one of the pinned log's.
    """
    note = memory.load()
    return open_head(pin, note) if note is not None else None


@final
class TrustedLog:
    """One log as far as it was verified.

    Args:
        pin: Which log.
        memory: Where the highest verified head is kept.
        fetch: How consistency proofs are had.

    Raises:
        VerificationError: The note in memory is not one of this log's.
        NoteError: The note in memory is damaged.
    """

    def __init__(self, pin: Pin, memory: HeadMemory, fetch: ProofFetcher) -> None:
        self._pin = pin
        self._memory = memory
        self._fetch = fetch
        self._accepted: dict[int, bytes] = {}
        self._note: bytes | None = None
        self._head: Head | None = None
        self._recall()

    @property
    def pin(self) -> Pin:
        """Which log it is."""
        return self._pin

    @property
    def head(self) -> Head | None:
        """The highest verified head, None before the first."""
        return self._head

    def accept(self, note: bytes, proof: Sequence[bytes] | None = None) -> Head:
        """Verify a checkpoint: its signature, and that it is of the history already seen.

        A checkpoint larger than the highest head becomes the highest. A smaller one is an earlier
        state, and is proved to lead to the highest.

        Args:
            note: The signed note.
            proof: The consistency proof from the highest head, where it came along.

        Raises:
            NoteError: The bytes are not a checkpoint.
            ForkError: It is of another history.
            RollbackError: The log no longer reaches the highest head.
            VerificationError: The pinned key did not sign it.
        """
        head = open_head(self._pin, note)
        while not self._is_known(head.checkpoint):
            highest = self._head
            if highest is None or head.size > highest.size:
                if highest is not None:
                    self._prove(highest.checkpoint, head.checkpoint, proof)
                if not self._memory.replace(note, known=self._note):
                    # Another process went ahead: what it verified is trusted, and compared.
                    self._recall()
                    proof = None
                    continue
                self._note, self._head = note, head
            else:
                self._prove(head.checkpoint, highest.checkpoint, None)
            self._remember(head.checkpoint)
        return head

    def accept_latest(self, note: bytes, proof: Sequence[bytes]) -> Head:
        """Verify what the server says is its latest checkpoint; it never shrinks.

        Raises:
            RollbackError: It is smaller than one already seen.
            NoteError, ForkError, VerificationError: As ``accept`` does.
        """
        head = open_head(self._pin, note)
        if self._head is not None and head.size < self._head.size:
            raise RollbackError(
                f"The log says it has {head.size} entries; a checkpoint over {self._head.size} "
                "was verified here before.",
                field="checkpoint",
                rule="rollback",
            )
        return self.accept(note, proof)

    def _is_known(self, checkpoint: Checkpoint) -> bool:
        root = self._accepted.get(checkpoint.size)
        if root is not None and root != checkpoint.root:
            raise ForkError(
                f"The log has signed two trees of size {checkpoint.size}.",
                field="checkpoint",
                rule="fork",
            )
        return root is not None

    def _prove(self, older: Checkpoint, newer: Checkpoint, proof: Sequence[bytes] | None) -> None:
        if proof is None:
            proof = self._fetched(older.size, newer.size)
        try:
            verify_consistency(older.size, older.root, newer.size, newer.root, proof)
        except VerificationError as error:
            raise ForkError(
                f"The tree of size {newer.size} is not shown to continue the one of size "
                f"{older.size}: there are two histories, or the proof is false. {error.message}",
                field="checkpoint",
                rule="fork",
            ) from error

    def _fetched(self, older: int, newer: int) -> Sequence[bytes]:
        try:
            return self._fetch(older, newer)
        except LedgerError as error:
            if self._head is not None and newer == self._head.size:
                raise RollbackError(
                    f"The log cannot prove its way to size {newer}, which was verified here "
                    f"before: {error.message}",
                    field="checkpoint",
                    rule="rollback",
                ) from error
            raise

    def _recall(self) -> None:
        self._note = self._memory.load()
        if self._note is not None:
            self._head = open_head(self._pin, self._note)
            self._is_known(self._head.checkpoint)
            self._remember(self._head.checkpoint)

    def _remember(self, checkpoint: Checkpoint) -> None:
        self._accepted[checkpoint.size] = checkpoint.root
        while len(self._accepted) > _ACCEPTED_KEPT:
            del self._accepted[next(iter(self._accepted))]
