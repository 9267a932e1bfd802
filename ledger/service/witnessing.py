"""Cosigned checkpoints: which there are, and which are enough for the policy."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, final

from ledger.errors import NotFoundError, RefusedError
from ledger.log.note import SignedNote
from ledger.log.policy import TrustPolicy
from ledger.log.strict import SIZE_MAX
from ledger.service.progress import Progress
from ledger.store.cosignatures import Cosignatures
from ledger.store.reader import Reader
from ledger.store.rows import StoredCheckpoint

WAIT_S: Final = 5.0
"""How long a call waits for witnesses who have not cosigned yet."""


@final
class Witnessing:
    """What the services know of witnesses.

    A checkpoint is *witnessed* if its cosignatures make the policy's quorum. Nothing here trusts
    them to do so: whoever is shown one verifies it.

    Args:
        reader: The log.
        progress: Told which size is witnessed.
        cosignatures: What was gathered; None if nothing ever was.
        policy: What is enough; None if nothing is gathered.
        wake: Tells whoever gathers that there is something new.
    """

    def __init__(
        self,
        reader: Reader,
        progress: Progress,
        *,
        cosignatures: Cosignatures | None = None,
        policy: TrustPolicy | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._reader = reader
        self._progress = progress
        self._cosignatures = cosignatures
        self._policy = policy
        self._keys = {(key.name, key.key_id): key for key in policy.witness_keys} if policy else {}
        self.wake = wake

    @property
    def gathers(self) -> bool:
        """Whether there is a policy, so that checkpoints come to be witnessed."""
        return self._policy is not None

    def cosigned(self, stored: StoredCheckpoint) -> StoredCheckpoint:
        """Add to a stored note the cosignatures that there are; the stored one stays as it is."""
        lines = self._cosignatures.at(stored.tree_size) if self._cosignatures else []
        if not lines:
            return stored
        note = SignedNote.parse(stored.note).with_cosignatures(lines)
        return replace(stored, note=note.to_bytes())

    def cosigned_covering(self, tree_size: int) -> StoredCheckpoint:
        """The oldest note at a size or after it, with the cosignatures that there are.

        Raises:
            NotFoundError: The log is not that large.
        """
        return self.cosigned(self._reader.checkpoint_covering(tree_size))

    def newest(self) -> StoredCheckpoint:
        """The newest witnessed checkpoint, with its cosignatures.

        Raises:
            RefusedError: There is no policy.
            NotFoundError: None is witnessed yet.
        """
        return self._first(lambda gathered: gathered.sizes_down_from(SIZE_MAX), SIZE_MAX)

    def covering(self, tree_size: int) -> StoredCheckpoint:
        """The oldest witnessed checkpoint at a size or after it, with its cosignatures.

        Raises:
            RefusedError: There is no policy.
            NotFoundError: None is witnessed yet, or the log is not that large.
        """
        return self._first(lambda gathered: gathered.sizes_from(tree_size), tree_size)

    async def reached(self, tree_size: int) -> None:
        """Wait a little until a size is witnessed, if witnesses are asked at all."""
        if self.gathers and not self._asks_nobody:
            try:
                async with asyncio.timeout(WAIT_S):
                    await self._progress.reached(tree_size)
            except TimeoutError:
                return

    def is_witnessed(self, tree_size: int) -> bool:
        """Whether the cosignatures at a size are enough."""
        lines = self._cosignatures.at(tree_size) if self._cosignatures else []
        known = (self._keys.get((line.name, line.key_id)) for line in lines)
        keys = [key for key in known if key is not None]
        return self._policy is not None and self._policy.is_enough(keys)

    @property
    def _asks_nobody(self) -> bool:
        """Whether the policy is content with no cosignature."""
        return self._policy is not None and self._policy.is_enough(())

    def _first(self, sizes: Callable[[Cosignatures], Iterable[int]], size: int) -> StoredCheckpoint:
        if self._policy is None or self._cosignatures is None:
            raise RefusedError(
                "This server has no policy of witnesses.", field="witnessed", rule="witness-policy"
            )
        if self._asks_nobody:
            reader = self._reader
            newest = size == SIZE_MAX
            return self.cosigned(
                reader.latest_checkpoint() if newest else reader.checkpoint_covering(size)
            )
        for witnessed in filter(self.is_witnessed, sizes(self._cosignatures)):
            return self.cosigned(self._reader.checkpoint_covering(witnessed))
        raise NotFoundError(
            "Its witnesses have not cosigned yet.", field="witnessed", rule="not-witnessed"
        )
