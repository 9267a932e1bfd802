"""What waits for its turn is prepared while the writer itself waits for the database to commit.

Only what ``preparing`` does ahead of the lock anyway: whether a signature holds depends on the key
and the bytes alone. Nothing is taken from the queue, nothing is decided and nobody is told
anything; what the writer then finds prepared, it need not prepare again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from ledger.domain.admission import CandidateKeys
from ledger.domain.keyring import Keyring
from ledger.store.preparing import Prepared, parse, verify_if_known

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ledger.store.preparing import Given

AHEAD_MAX: Final = 1000
"""Most statements prepared ahead: a round's."""


@final
class Ahead:
    """Prepares statements one at a time. Used by the writer's thread alone.

    Args:
        waiting: The statements of the submission at a place of the queue, from 0; None beyond its
            end. Nothing is taken from the queue between ``begin`` and the last ``step``.
    """

    def __init__(self, waiting: Callable[[int], Sequence[Given] | None] = lambda _: None) -> None:
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
        statements = self._waiting(self._place)
        if statements is None or self._done >= AHEAD_MAX:
            return False
        given = statements[self._member]
        self._done += 1
        self._member += 1
        if self._member == len(statements):
            self._place, self._member = self._place + 1, 0
        if isinstance(given, Prepared):
            return True
        try:
            self._prepared[given] = verify_if_known(parse(given), self._candidates)
        except Exception:  # noqa: BLE001 - when its turn comes it fails again, and is told
            return True
        return True

    def find(self, envelope: bytes) -> Prepared | None:
        """What was prepared of an envelope, if it was."""
        return self._prepared.get(envelope)

    def parsed(self, given: Given) -> Prepared:
        """A statement parsed strictly, verified as well if it was prepared before.

        Raises:
            EnvelopeError, SignatureError: As ``parse`` does.
        """
        if isinstance(given, Prepared):
            return given
        return self.find(given) or parse(given)
