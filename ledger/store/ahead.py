"""What waits for its turn is prepared while the writer itself waits for the database to commit.

Only what ``preparing`` does ahead of the lock anyway: whether a signature holds depends on the key
and the bytes alone. Nothing is taken from the queue, nothing is decided and nobody is told
anything; what the writer then finds prepared, it need not prepare again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from ledger.domain.admission import CandidateKeys
from ledger.domain.keyring import Keyring
from ledger.store.preparing import parse, verify_if_known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.store.preparing import Prepared

AHEAD_MAX: Final = 1000
"""Most statements prepared ahead: a round's."""


@final
class Ahead:
    """Prepares statements one at a time. Used by the writer's thread alone.

    Args:
        waiting: The envelopes of the submission at a place of the queue, from 0; None beyond its
            end. Nothing is taken from the queue between ``begin`` and the last ``step``.
    """

    def __init__(self, waiting: Callable[[int], Sequence[bytes] | None] = lambda _: None) -> None:
        self._waiting = waiting
        self._prepared: dict[bytes, Prepared] = {}
        self.begin(Keyring())

    def begin(self, keyring: Keyring) -> None:
        """Forget what was prepared, and begin at the front of the queue."""
        self._prepared.clear()
        self._candidates = CandidateKeys(keyring)
        self._place = self._member = self._done = 0

    def step(self) -> bool:
        """Prepare one more statement; False if none waits, or enough are prepared."""
        envelopes = self._waiting(self._place)
        if envelopes is None or self._done >= AHEAD_MAX:
            return False
        envelope = envelopes[self._member]
        self._done += 1
        self._member += 1
        if self._member == len(envelopes):
            self._place, self._member = self._place + 1, 0
        try:
            self._prepared[envelope] = verify_if_known(parse(envelope), self._candidates)
        except Exception:  # noqa: BLE001 - when its turn comes it fails again, and is told
            return True
        return True

    def find(self, envelope: bytes) -> Prepared | None:
        """What was prepared of an envelope, if it was."""
        return self._prepared.get(envelope)
