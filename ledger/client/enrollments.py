"""Who an author is, by the entry that enrolled it, and whether it speaks for itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import final

from ledger.client.calls import Calls
from ledger.client.opened import OpenedEntry, recorded_of
from ledger.client.records import Proved
from ledger.domain.keyring import KeyRecord, Keyring
from ledger.domain.roles import attribution
from ledger.errors import VerificationError


@final
class Enrollments:
    """The enrollments of one ledger, each read and proved once.

    Args:
        calls: The rpcs, which say where an enrollment stands.
        proved: Gets the entry at an index and proves it.
    """

    def __init__(self, calls: Calls, proved: Callable[[int], Awaitable[Proved]]) -> None:
        self._calls = calls
        self._proved = proved
        self._known: dict[str, KeyRecord] = {}

    async def attribution(self, entry: OpenedEntry) -> str:
        """Say whether an entry's author speaks for itself.

        Returns:
            ``FIRST_PARTY``, or ``TRANSCRIBED_BY`` and the author.

        Raises:
            VerificationError: The server names another entry as the author's enrollment.
        """
        author = entry.statement.author
        if author not in self._known:
            self._known[author] = await self._enrollment(author)
        return attribution(recorded_of(entry), self._known[author])

    async def _enrollment(self, author: str) -> KeyRecord:
        """The key by which an author came in, read from the very entry."""
        keys = (await self._calls.author(author)).keys
        first = min((key.valid_from_index for key in keys), default=0)
        entry = (await self._proved(max(first - 1, 0))).entry
        records = Keyring().apply(entry.fact, entry.index).keys_of(author)
        if not records:
            raise VerificationError(
                f"The entry at index {entry.index} is said to enroll {author}, and does not.",
                field="author",
                rule="enrollment",
            )
        return records[0]
