"""What would become of statements if they were appended now: asked without writing or waiting."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ledger.errors import LedgerError
from ledger.store.asking import Mentioned
from ledger.store.committing import decide, prepare
from ledger.store.drafting import Draft, Past
from ledger.store.intake import require_batch_size
from ledger.store.streams import Streams
from ledger.store.tip import EMPTY_TIP, catch_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.store.committing import Ledger


class Validator:
    """Runs everything that an append runs, on a snapshot, and stores nothing.

    It has keys and states of its own, so that it neither waits for the writer nor disturbs it.
    Validations wait for each other.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._streams = Streams(ledger.recorder)
        self._tip = EMPTY_TIP
        self._validating = threading.Lock()

    def validate(self, envelopes: Sequence[bytes]) -> int:
        """See whether these envelopes could be appended together.

        Returns:
            The tree size that they were validated against. Whoever appends later may find that
            the ledger has moved on.

        Raises:
            LedgerError: What an append would be refused with.
        """
        require_batch_size(envelopes)
        with self._validating:
            ready, refused = prepare({0: envelopes}, self._tip.keyring)
            if refused:
                raise refused[0]
            with self._ledger.recorder.snapshot():
                recorder = self._ledger.recorder
                tree = self._ledger.reader.tree
                self._tip = catch_up(self._tip, recorder, self._streams, tree)
                known = recorder.known(Mentioned.by(ready[0], self._streams))
                past = Past(known, self._streams)
                draft = Draft(
                    self._tip, past, signers=self._ledger.signers, now_ms=self._ledger.clock()
                )
                decided = decide(draft, ready)[0]
            size = self._tip.size
        if isinstance(decided, LedgerError):
            raise decided
        return size
