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
from typing import TYPE_CHECKING, final

from ledger.errors import StoreError

if TYPE_CHECKING:
    from ledger.store.recorder import LedgerRecorder
    from ledger.store.vault import Vault

_LOG = logging.getLogger(__name__)


@final
class Eraser:
    """Destroys what the log says is erased.

    It begins at the first erasure each time the ledger is opened: destroying what is gone costs
    next to nothing, and a note of how far it came could be wrong after a backup was put back.
    """

    def __init__(self, recorder: LedgerRecorder, vault: Vault) -> None:
        self._recorder = recorder
        self._vault = vault
        self._next_index = 0
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

    def keep_up(self) -> None:
        """The same in a thread that has other work to do: what fails is logged.

        The entry stands all the same, and nobody is given the document any more.
        """
        try:
            self.catch_up()
        except StoreError:
            _LOG.exception("An erased attachment could not be destroyed; this is tried again.")
