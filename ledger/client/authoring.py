"""One fact, signed and appended at once: what `enroll` and `init` do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ledger.client.client import LedgerClient, Proved
from ledger.client.signer import Place, sign, state
from ledger.domain.facts import Fact
from ledger.errors import VersionConflictError
from ledger.signing.privatekeys import Signer

_ATTEMPTS: Final = 5


def append_fact(
    client: LedgerClient,
    fact: Fact,
    *,
    author: str,
    signers: Sequence[Signer],
    clock_ms: Callable[[], int],
    expected_version: int = 0,
) -> Proved:
    """Sign a fact for its stream as it stands, and append it.

    The version is a guess that the ledger corrects: streams of authors cannot be asked for theirs.

    Args:
        client: The ledger.
        fact: What is stated.
        author: Who states it.
        signers: The keys that must sign.
        clock_ms: The author's clock, in ms since 1970 (UTC).
        expected_version: How many events the stream is believed to hold.

    Raises:
        LedgerError: The ledger refuses it, or the receipt does not hold.
    """
    attempt = 1
    while True:
        place = Place(
            ledger_id=client.ledger_id,
            expected_version=expected_version,
            signed_at_ms=clock_ms(),
            anchor=client.anchor,
        )
        try:
            return client.append(sign(state(fact, author, place), signers))
        except VersionConflictError as error:
            if attempt == _ATTEMPTS or error.actual == expected_version:
                raise
            attempt, expected_version = attempt + 1, error.actual
