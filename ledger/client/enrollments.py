"""Who an author is and with which keys it signs, by the entries that made and ended them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import final

from ledger.client.calls import Calls, receipt_of
from ledger.client.opened import OpenedEntry, recorded_of
from ledger.client.records import Proved, Source
from ledger.domain.delegation import kind_of
from ledger.domain.keyring import Keyring
from ledger.domain.roles import attribution, delegate_of
from ledger.errors import LedgerError, VerificationError
from ledger.log.receipts import Receipt


@final
class Enrollments:
    """The authors of one ledger, the entries about each read and proved once.

    Args:
        calls: The rpcs, which say which entries are about an author.
        verified: Verifies a receipt against the history seen.
    """

    def __init__(self, calls: Calls, verified: Callable[[Receipt], Awaitable[Proved]]) -> None:
        self._calls = calls
        self._verified = verified
        self._known: dict[str, Keyring] = {}

    async def source(self, entry: OpenedEntry) -> Source:
        """Say who answers for an entry: its author, for itself or another, and whose key signed.

        Raises:
            VerificationError: The entries that the server names do not enroll the author, or do
                not make the keys that signed.
        """
        author = entry.statement.author
        keyring = self._known.get(author)
        if keyring is None or not _made_the_signers(keyring, entry):
            keyring = self._known[author] = await self._keyring(author)
            if not _made_the_signers(keyring, entry):
                raise VerificationError(
                    f"The entries that are said to be about {author} do not make the keys that "
                    f"signed entry {entry.index}.",
                    field="author",
                    rule="enrollment",
                )
        recorded = recorded_of(entry)
        return Source(
            attribution(recorded, keyring.keys_of(author)[0]), delegate_of(recorded, keyring)
        )

    async def _keyring(self, author: str) -> Keyring:
        """The author's keys, folded from the very entries."""
        response = await self._calls.author(author)
        keyring = Keyring()
        for message in response.receipts:
            entry = (await self._verified(receipt_of(message))).entry
            try:
                keyring = keyring.apply(entry.fact, entry.index)
            except LedgerError as error:
                raise VerificationError(
                    f"The entries that are said to be about {author} do not follow each other: "
                    f"{error.message}",
                    field="author",
                    rule="enrollment",
                ) from error
        return keyring


def _made_the_signers(keyring: Keyring, entry: OpenedEntry) -> bool:
    """Whether the keys that signed are the author's, its own or delegates'.

    What administrators do together others sign too; the author is one of them.
    """
    keys = {record.keyid for record in keyring.keys_of(entry.statement.author)}
    signers = {signature.keyid for signature in entry.envelope.signatures}
    return signers <= keys if kind_of(entry.fact) is not None else bool(signers & keys)
