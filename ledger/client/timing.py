"""An entry's times, with the anchor proved: what a client shows of when something was signed."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.client import LedgerClient
from ledger.client.opened import OpenedEntry
from ledger.client.transport import finished
from ledger.domain.timing import TimeFlag, time_flags
from ledger.errors import VerificationError
from ledger.log.proofs import verify_consistency


@dataclass(frozen=True, slots=True)
class Timing:
    """When an entry was signed, and what is odd about that.

    Attributes:
        signed_at_ms: The author's word, in ms since 1970 (UTC).
        recorded_ms: When the log recorded it.
        not_before_ms: When the last entry under the anchor was recorded, which bounds the signing
            from below whatever the author says; None without an anchor.
        flags: What is odd.
    """

    signed_at_ms: int
    recorded_ms: int
    not_before_ms: int | None
    flags: tuple[TimeFlag, ...]


async def timing(client: AsyncLedgerClient, entry: OpenedEntry) -> Timing:
    """Say what an entry's times are worth, and prove its anchor.

    Raises:
        VerificationError: The anchor is not a tree of this log.
    """
    return _timing(entry, await _anchored_ms(client, entry))


def timing_of(client: LedgerClient, entry: OpenedEntry) -> Timing:
    """The same for plain functions."""
    return finished(timing(client.steps, entry))


def timing_alone(entry: OpenedEntry) -> Timing:
    """Say what an entry's times show by themselves, where nobody can be asked about its anchor."""
    return _timing(entry, None)


def _timing(entry: OpenedEntry, anchored_ms: int | None) -> Timing:
    signed_at_ms = entry.statement.signed_at_ms
    flags = time_flags(
        entry.fact,
        signed_at_ms=signed_at_ms,
        recorded_ms=entry.recorded_ms,
        anchored_ms=anchored_ms,
    )
    return Timing(signed_at_ms, entry.recorded_ms, anchored_ms, flags)


async def _anchored_ms(client: AsyncLedgerClient, entry: OpenedEntry) -> int | None:
    """When the tree that the anchor names came to be."""
    anchor = entry.statement.anchor
    if anchor is None:
        return None
    head = client.trust.head or await client.checkpoint()
    if anchor.size > entry.index:
        raise VerificationError(
            f"The anchor of entry {entry.index} has the size {anchor.size}.",
            field="anchor.size",
            rule="anchor-from-the-future",
        )
    proof = await client.calls.consistency_proof(anchor.size, head.size)
    verify_consistency(anchor.size, anchor.root, head.size, head.checkpoint.root, proof)
    return (await client.proved(anchor.size - 1)).entry.recorded_ms
