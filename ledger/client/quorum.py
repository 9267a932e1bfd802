"""A client that demands witnesses: nothing is shown that their quorum does not cover.

A checkpoint is covered if it carries the quorum itself, or if a later one does that is proved to
continue it: what stands in the smaller tree stands in the larger one. A receipt has to carry it,
since it is kept, and shown to others who ask nobody. Without a policy nothing is demanded.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol, TypeVar, final

from ledger.client.pins import Pin
from ledger.client.records import Proved
from ledger.errors import NotFoundError, RefusedError, VerificationError
from ledger.log.policy import TrustPolicy
from ledger.log.receipts import Receipt

if TYPE_CHECKING:
    from ledger.client.trust import Head, TrustedLog

_T = TypeVar("_T")


class WitnessedSource(Protocol):
    """Where what is witnessed is had; the server waits a little for its witnesses."""

    async def witnessed_checkpoint(self, min_tree_size: int) -> bytes:
        """Get the newest witnessed checkpoint, wanted for a size.

        Raises:
            NotFoundError: Nothing is witnessed yet.
            RefusedError: The server asks no witnesses.
        """
        ...

    async def witnessed_receipt(self, index: int) -> Receipt:
        """Get the receipt of an entry to a witnessed checkpoint.

        Raises:
            NotFoundError: Nothing that has the entry is witnessed yet.
            RefusedError: The server asks no witnesses.
        """
        ...


@final
class Quorum:
    """What a client demands of witnesses.

    Args:
        policy: Whose cosignatures are enough; None demands none.
        pin: The log, which the policy has to accept.
        source: Where what is witnessed is had.
        clock: POSIX time in seconds.

    Raises:
        SettingError: The policy accepts other logs.
    """

    def __init__(
        self,
        policy: TrustPolicy | None,
        pin: Pin,
        source: WitnessedSource,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._policy = policy
        self._source = source
        self._clock = clock
        self._covered = 0
        if policy is not None:
            policy.require_log(pin.origin, pin.log_keys)

    async def cover(self, head: Head, accept: Callable[[bytes], Awaitable[Head]]) -> None:
        """See that an accepted checkpoint is covered.

        Args:
            head: The checkpoint.
            accept: Verifies another one, and that it is of the same history.

        Raises:
            VerificationError: It is not, or a known witness's cosignature fails.
            LedgerError: As ``accept`` says, or the server does not answer.
        """
        if self._policy is None or head.size <= self._covered:
            return
        if not self._carries(head.note):
            note = await _below(self._source.witnessed_checkpoint(head.size))
            self.require(note)
            newest = await accept(note)
            if newest.size < head.size:
                raise VerificationError(
                    f"The log has {head.size} entries, and its witnesses know of {newest.size}.",
                    field="checkpoint",
                    rule="quorum",
                )
            head = newest
        self._covered = max(self._covered, head.size)

    async def witnessed(self, proved: Proved, trust: TrustedLog) -> Proved:
        """Prove an entry by a receipt that carries the quorum, if it does not already.

        Args:
            proved: The entry, as it was proved.
            trust: The log as far as it was verified.

        Raises:
            VerificationError: There is none, or it does not hold.
        """
        if self._policy is None or self._carries(proved.receipt.checkpoint):
            return proved
        receipt = await _below(self._source.witnessed_receipt(proved.entry.index))
        self.require(receipt.checkpoint)
        if (receipt.index, receipt.entry) != (proved.entry.index, proved.entry.data):
            raise VerificationError(
                f"The witnessed receipt is not that of entry {proved.entry.index}.",
                rule="receipt-of-another",
            )
        entry = await trust.verify(receipt)
        return Proved(entry, receipt, await trust.accept(receipt.checkpoint))

    def require(self, note: bytes) -> None:
        """See that a note carries the quorum itself.

        Raises:
            NoteError: The bytes are not a note.
            VerificationError: It does not, or a known witness's cosignature fails.
        """
        if self._policy is not None:
            self._policy.require_quorum(note, now_s=int(self._clock()))

    def _carries(self, note: bytes) -> bool:
        if self._policy is None:
            return True
        counted = self._policy.cosignatures(note, now_s=int(self._clock()))
        return self._policy.is_enough(one.key for one in counted)


async def _below(asked: Awaitable[_T]) -> _T:
    """Wait for what is witnessed; that there is nothing is below the quorum."""
    try:
        return await asked
    except (NotFoundError, RefusedError) as error:
        raise VerificationError(
            f"Below the quorum of witnesses: {error.message}", field="signatures", rule="quorum"
        ) from error
