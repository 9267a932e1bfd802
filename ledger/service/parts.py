"""What the edge works with: the parts of an open ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from ledger.readmodels.models import ReadModels
from ledger.service.bridges import Door, Submitting
from ledger.service.progress import Progress
from ledger.service.witnessing import Witnessing
from ledger.store.reader import Reader
from ledger.store.vault import Vault


class Validating(Protocol):
    """What an append would come to, as ``store.validating.Validator`` says it."""

    def validate(self, envelopes: Sequence[bytes]) -> int:
        """See whether envelopes could be appended; gives the tree size they were tried at."""
        ...


class Elsewhere(Protocol):
    """What another process of this server does, as ``service.writer.Writer`` reaches it."""

    async def start(self) -> None:
        """Begin to send and receive, on the running loop."""
        ...

    async def stop(self) -> None:
        """End it, once no call needs it any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of an open ledger, whoever put them together.

    Attributes:
        appender: The one way in.
        validator: What would become of an append.
        reader: Entries, checkpoints, proofs and receipts.
        vault: Attachments.
        witnessing: What witnesses said of checkpoints.
        models: What questions are answered from.
        door: The way from the ledger's threads to the loop, for the server to open.
        progress: How far the read models are, for those who wait.
        clock: Milliseconds since 1970 (UTC).
        page_key: The secret that page tokens are sealed with.
        opened_size: How many entries there were when it was opened; no read answers below it.
        failure: What keeps the read models from going on; None while all is well.
        writer: The process that writes, where that is another one.
        is_replica: Whether the database may lag behind what was released elsewhere.
    """

    appender: Submitting
    validator: Validating
    reader: Reader
    vault: Vault
    witnessing: Witnessing
    models: ReadModels
    door: Door
    progress: Progress
    clock: Callable[[], int]
    page_key: bytes
    opened_size: int
    failure: Callable[[], Exception | None]
    writer: Elsewhere | None = None
    is_replica: bool = False

    def trouble(self) -> str:
        """What keeps the ledger from answering, in a sentence; "" while nothing does."""
        if self.failure() is not None:
            return "The read models cannot go on."
        if self.models.tree_size < self.opened_size:
            return "The read models are being built."
        return ""

    def today(self) -> date:
        """The calendar day at Greenwich, by the injected clock."""
        return datetime.fromtimestamp(self.clock() / 1_000, tz=UTC).date()
