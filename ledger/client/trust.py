"""How a checkpoint is accepted: signed by the pinned key, and of one history with all before.

Pure but for the memory of the highest head and a prover, who is asked for proofs. Every checkpoint
that arrives, in a receipt, an answer or by itself, goes through ``accept``. A key that the log was
given since the pin was made is learned from the log itself (``learn``), and in no other way. Where
a checkpoint contradicts what was seen, the error carries evidence, which is kept beside the head
(``misbehavior``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar, final

from ledger.client.administration import Administration, with_log_keys
from ledger.client.contradictions import Prover, of_rollback, of_two_roots, of_unconnected
from ledger.client.heads import HeadMemory
from ledger.client.misbehavior import Misbehavior
from ledger.client.opened import OpenedEntry, open_entry
from ledger.client.pins import Pin
from ledger.domain.statement import Anchor
from ledger.errors import (
    ForkError,
    InputError,
    MisbehaviorError,
    NotFoundError,
    RollbackError,
    StoreError,
    VerificationError,
)
from ledger.log.checkpoint import Checkpoint, open_checkpoint
from ledger.log.proofs import verify_consistency
from ledger.log.receipts import Receipt, verify_receipt

if TYPE_CHECKING:
    from ledger.client.quorum import Quorum

_ErrorT = TypeVar("_ErrorT", bound=MisbehaviorError)

_SIGNED_BY_OTHERS: Final = frozenset({"no-known-signature", "log-signature", "log-key-tenure"})
"""Why a note is refused that a key may have signed of which only the log tells."""

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


def recalled_pin(pin: Pin, memory: HeadMemory) -> Pin:
    """A pin with the keys that were learned here; as it is, where it names one that was not.

    Raises:
        StoreError: The keys cannot be read.
        SettingError: What is kept is no pin.
    """
    text = memory.load_pin()
    if text is None:
        return pin
    known = Pin.parse(text)
    pinned = {key.public_key for key in pin.log_keys}
    is_same = (known.origin, known.ledger_id) == (pin.origin, pin.ledger_id)
    return known if is_same and pinned <= {key.public_key for key in known.log_keys} else pin


def last_verified(pin: Pin, memory: HeadMemory) -> Head | None:
    """The highest head that was verified here, without asking anybody; None before the first.

    Raises:
        NoteError: The note in memory is damaged.
        VerificationError: The note in memory is not one of the pinned log's.
    """
    note = memory.load()
    return open_head(recalled_pin(pin, memory), note) if note is not None else None


@final
class TrustedLog:
    """One log as far as it was verified; several tasks of an event loop may share it.

    Args:
        pin: Which log.
        memory: Where the highest verified head is kept, and evidence against the log.
        prover: Who is asked for proofs.
        quorum: What is demanded of witnesses; None demands nothing.

    Raises:
        VerificationError: The note in memory has a signature that does not hold.
        NoteError: The note in memory is damaged.
    """

    def __init__(
        self, pin: Pin, memory: HeadMemory, prover: Prover, quorum: Quorum | None = None
    ) -> None:
        self._quorum = quorum
        self._pinned = self._pin = pin
        self._memory = memory
        self._prover = prover
        self._accepted: dict[int, Head] = {}
        self._head: Head | None = None
        self._is_unsure = False
        self._recall()

    @property
    def pin(self) -> Pin:
        """Which log it is, with the keys that it has had as far as they were learned."""
        return self._pin

    @property
    def head(self) -> Head | None:
        """The highest verified head, None before the first."""
        return self._head

    async def accept(self, note: bytes, proof: Sequence[bytes] | None = None) -> Head:
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
            VerificationError: The pinned key did not sign it, it is of an empty tree, which nothing
                could be proved to continue, the proof is false though the history is one, or it is
                below the quorum of witnesses that is demanded.
        """
        head = await self._continued(await self._opened(note), proof)
        if self._quorum is not None:
            await self._quorum.cover(head, self._accept_alone)
        return head

    async def _accept_alone(self, note: bytes) -> Head:
        """Accept a checkpoint, whoever cosigned it."""
        return await self._continued(await self._opened(note), None)

    async def _continued(self, head: Head, proof: Sequence[bytes] | None) -> Head:
        """Fit a head whose signature holds into the history."""
        if head.size == 0:
            raise VerificationError(
                "The checkpoint is of an empty tree, and a ledger has entry 0 from its founding.",
                field="checkpoint",
                rule="empty-tree",
            )
        while not self._is_known(head):
            highest = self._head
            if highest is not None and head.size < highest.size:
                await self._prove(head, highest, head, None)
            else:
                if highest is not None:
                    await self._prove(highest, head, head, proof)
                known = highest.note if highest is not None else None
                if not self._memory.replace(head.note, known=known):
                    # Somebody else went ahead: what they verified is trusted, and compared.
                    self._recall()
                    proof = None
                    continue
                self._head = head
            self._remember(head)
        return head

    async def accept_latest(self, note: bytes, proof: Sequence[bytes]) -> Head:
        """Verify what the server says is its latest checkpoint; it never shrinks.

        Raises:
            RollbackError: It is smaller than one already seen.
            NoteError, ForkError, VerificationError: As ``accept`` does.
        """
        head, highest = await self._opened(note), self._head
        if highest is not None and head.size < highest.size:
            raise self._rollback(
                highest,
                head,
                f"The log says it has {head.size} entries; a checkpoint over {highest.size} was "
                "verified here before.",
            )
        return await self.accept(note, proof)

    async def verify(self, receipt: Receipt) -> OpenedEntry:
        """Verify that the log holds a receipt's entry; its checkpoint is still to be accepted.

        Raises:
            LedgerError: As ``learn`` does, or the entry is not the one that is proved.
        """
        await self._opened(receipt.checkpoint)
        return self._held(receipt)

    async def learn(self) -> Administration:
        """Replay what the log holds of administrators and of its own keys, and know its keys.

        A new key is taken from an entry alone that k administrators signed, and that is proved
        under a checkpoint which a key known before signed and which continues what was seen. It
        is kept beside the head, where every process of this user finds it.

        Returns:
            The administration, for whoever verifies an author's history by it.

        Raises:
            VerificationError: An entry does not hold.
            RollbackError, ForkError: As ``accept`` does.
        """
        administration, before, notes = Administration(self._pin.ledger_id), self._pin, []
        try:
            for receipt in await self._prover.administration():
                administration.admit(self._held(receipt))
                notes.append(receipt.checkpoint)
                self._pin = with_log_keys(self._pin, administration.keyring)
            if self._is_unsure:
                self._open_remembered()
            for note in notes:
                await self._continued(open_head(self._pin, note), None)
        except BaseException:
            self._pin = before
            raise
        if self._pin.to_json() != before.to_json():
            self._memory.keep_pin(self._pin.to_json())
        return administration

    async def _opened(self, note: bytes) -> Head:
        """Verify a note's signature, learning the log's keys anew where none known signed it."""
        if self._is_unsure:
            await self.learn()
        try:
            return open_head(self._pin, note)
        except VerificationError as error:
            if error.rule not in _SIGNED_BY_OTHERS:
                raise
            known = self._pin.to_json()
            try:
                await self.learn()
            except (StoreError, InputError) as failure:
                raise error from failure
            if self._pin.to_json() == known:
                raise
        return open_head(self._pin, note)

    def _held(self, receipt: Receipt) -> OpenedEntry:
        """The entry of a receipt, proved under a checkpoint that a known key signed."""
        verify_receipt(receipt, origin=self._pin.origin, verifiers=self._pin.log_keys)
        return open_entry(receipt.entry, receipt.index)

    def _is_known(self, head: Head) -> bool:
        accepted = self._accepted.get(head.size)
        if accepted is not None and accepted.checkpoint.root != head.checkpoint.root:
            raise self._fork(
                of_two_roots(self._pin, seen=accepted.note, served=head.note),
                f"The log has signed two trees of size {head.size}.",
            )
        return accepted is not None

    async def _prove(
        self, older: Head, newer: Head, served: Head, proof: Sequence[bytes] | None
    ) -> None:
        """See that one tree continues another; ``served`` is the one that is new here."""
        seen = newer if served is older else older
        try:
            if proof is None:
                proof = await self._prover.consistency_proof(older.size, newer.size)
            verify_consistency(
                older.size, older.checkpoint.root, newer.size, newer.checkpoint.root, proof
            )
        except (VerificationError, NotFoundError, InputError) as error:
            evidence = await of_unconnected(
                self._pin,
                self._prover,
                seen=seen.note,
                served=served.note,
                older=older.checkpoint,
                newer=newer.checkpoint,
                proof=proof or (),
                reason=error.message,
            )
            if evidence is None:
                raise VerificationError(
                    f"The proof that leads from size {older.size} to size {newer.size} is false, "
                    f"though the trees are of one history. {error.message}",
                    field="checkpoint",
                    rule="consistency-proof",
                ) from error
            if isinstance(error, NotFoundError) and not evidence.kind.is_proof and served is older:
                raise self._rollback(
                    seen,
                    served,
                    f"The log cannot prove its way to size {newer.size}, which was verified here "
                    f"before: {error.message}",
                ) from error
            raise self._fork(
                evidence,
                f"The tree of size {newer.size} is not shown to continue the one of size "
                f"{older.size}: there are two histories, or the proof is false. {error.message}",
            ) from error

    def _fork(self, evidence: Misbehavior, message: str) -> ForkError:
        return self._against_the_log(ForkError, evidence, message, "fork")

    def _rollback(self, seen: Head, served: Head, message: str) -> RollbackError:
        evidence = of_rollback(self._pin, seen=seen.note, served=served.note, reason=message)
        return self._against_the_log(RollbackError, evidence, message, "rollback")

    def _against_the_log(
        self, kind: type[_ErrorT], evidence: Misbehavior, message: str, rule: str
    ) -> _ErrorT:
        """Keep the evidence, and make the error that says what happened and where it lies."""
        content, file = evidence.to_json(), ""
        try:
            file = self._memory.keep(content)
            where = f" The evidence is in {file}." if file else ""
        except StoreError as error:
            where = f" The evidence is lost: {error.message}"
        return kind(
            f"{message}{where}",
            field="checkpoint",
            rule=rule,
            evidence=content,
            evidence_file=file,
        )

    def _recall(self) -> None:
        known = recalled_pin(self._pinned, self._memory)
        if len(known.log_keys) >= len(self._pin.log_keys):
            self._pin = known
        try:
            self._open_remembered()
        except VerificationError as error:
            if error.rule not in _SIGNED_BY_OTHERS:
                raise
            # By a key that a newer pin named: the log has to show it before anything is accepted.
            self._is_unsure = True

    def _open_remembered(self) -> None:
        """Verify the head in memory, and take it for the highest.

        Raises:
            VerificationError: It is not one of this log's.
            NoteError: It is damaged.
        """
        note = self._memory.load()
        if note is not None:
            self._head = open_head(self._pin, note)
            self._is_known(self._head)
            self._remember(self._head)
        self._is_unsure = False

    def _remember(self, head: Head) -> None:
        self._accepted[head.size] = head
        while len(self._accepted) > _ACCEPTED_KEPT:
            del self._accepted[next(iter(self._accepted))]
