"""An author's whole history, proved: every key, the entries that made and ended it, who let it in.

Each entry is proved by its receipt. Then they are replayed with those about the administrators,
from the pinned founding on, so that every signature in them is verified too, with its threshold.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from ledger.client.administration import Administration
from ledger.client.calls import Calls, receipt_of
from ledger.client.records import Proved
from ledger.domain.keyring import KeyRecord
from ledger.errors import NotFoundError, VerificationError
from ledger.log.receipts import Receipt


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """What the log shows of an author.

    That its stream ends here the server says; ``audit`` reads the whole log and shows it.

    Attributes:
        author: The author's id.
        keys: Every key, ended ones and delegates' included, oldest first.
        entries: The entries about them, in the log's order; for a founder with the founding.
        version: How many entries the author's stream holds.
    """

    author: str
    keys: tuple[KeyRecord, ...]
    entries: Sequence[Proved]
    version: int

    def key(self, keyid: str = "") -> KeyRecord:
        """The author's key whose keyid begins so; without, its only own key that was not ended.

        Raises:
            NotFoundError: There is none, or there are several.
        """
        found = [
            record
            for record in self.keys
            if (record.keyid.startswith(keyid) if keyid else _is_own_and_stands(record))
        ]
        if len(found) != 1:
            whose = f"whose keyid begins with {keyid}" if keyid else "of its own in force"
            raise NotFoundError(
                f"{self.author} has {len(found)} keys {whose}.",
                field="keyid",
                rule="key-on-record",
            )
        return found[0]


def _is_own_and_stands(record: KeyRecord) -> bool:
    return record.delegation is None and record.revoked_at_index is None


async def history_of(
    author: str,
    calls: Calls,
    verified: Callable[[Receipt], Awaitable[Proved]],
    ledger_id: bytes,
) -> AuthorHistory:
    """Get an author's history and verify all of it.

    Args:
        author: The author's id.
        calls: The rpcs.
        verified: Verifies a receipt against the history seen.
        ledger_id: The pinned ledger's id.

    Raises:
        NotFoundError: No such author is enrolled.
        VerificationError: An entry does not hold, one is missing in between, or the server tells
            of other keys than the entries make.
    """
    response = await calls.author(author)
    own = {message.index: receipt_of(message) for message in response.receipts}
    receipts = {receipt.index: receipt for receipt in await calls.administration()} | own
    administration, entries = Administration(ledger_id), []
    for index in sorted(receipts):
        proved = await verified(receipts[index])
        administration.admit(proved.entry)
        if index in own:
            entries.append(proved)
    keys = administration.keyring.keys_of(author)
    told = [(key.keyid, key.revoked_at_index) for key in keys]
    said = [
        (key.keyid, key.revoked_at_index if key.HasField("revoked_at_index") else None)
        for key in response.author.keys
    ]
    if not keys or told != said:
        raise VerificationError(
            f"The server tells of other keys of {author} than the entries make.",
            field="author",
            rule="author-differs",
        )
    version = sum(proved.entry.statement.stream == f"authors/{author}" for proved in entries)
    return AuthorHistory(author, keys, entries, version)
