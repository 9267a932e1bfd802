"""From an erasure in the log to the destruction of what it names, however often that is cut short.

The entry comes first and is what counts: from its commit on nobody is given the document. Then the
key is destroyed, by the process that appended the entry and before its receipt leaves. Where the
process dies in between, whoever opens the ledger next destroys it before anything is served. Other
processes of the ledger, which may keep documents on a disk of their own, follow when they learn of
the entry.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final, final

from ledger.domain.vocabulary import Collection
from ledger.errors import LedgerError, StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.store.appender import Deliver
    from ledger.store.committing import Outcome
    from ledger.store.intake import Done
    from ledger.store.recorder import LedgerRecorder
    from ledger.store.vault import Vault

_LOG = logging.getLogger(__name__)

_STREAM_MARK: Final = f"{Collection.ATTACHMENTS.value}/".encode()


@final
class Eraser:
    """Destroys what the log says is erased.

    It begins at the first erasure each time the ledger is opened: destroying what is gone costs
    next to nothing, and a note of how far it came could be wrong after a backup was put back.

    Attributes:
        carried_out: How many erasures it has seen to, from the log's first on.
    """

    def __init__(self, recorder: LedgerRecorder, vault: Vault) -> None:
        self._recorder = recorder
        self._vault = vault
        self._next_index = 0
        self.carried_out = 0
        self._erasing = threading.Lock()

    def catch_up(self) -> None:
        """Destroy what was erased since the last call; from any thread.

        Raises:
            StoreError: The log cannot be read or a key not be destroyed; the next call tries
                again.
        """
        with self._erasing:
            for index, commitment in self._recorder.erasures_since(self._next_index):
                self._vault.destroy(commitment)
                self._next_index = index + 1
                self.carried_out += 1

    def keep_up(self) -> None:
        """The same in a thread that has other work to do: what fails is logged.

        The entry stands all the same, and nobody is given the document any more.
        """
        try:
            self.catch_up()
        except StoreError:
            _LOG.exception("An erased attachment could not be destroyed; this is tried again.")

    def before(self, deliver: Deliver) -> Deliver:
        """Deliver the outcomes of a round once what it erases is destroyed.

        Other rounds are not held up by a question to the database: what erases, says so.
        """

        def deliver_after(outcomes: Sequence[tuple[Done, Outcome]]) -> None:
            if any(_may_erase(outcome) for _, outcome in outcomes):
                self.keep_up()
            deliver(outcomes)

        return deliver_after


def _may_erase(outcome: Outcome) -> bool:
    """Whether there is the name of an erasure's stream in an entry; a text may hold it too."""
    if isinstance(outcome, LedgerError):
        return False
    return any(_STREAM_MARK in receipt.entry for receipt in outcome)
