"""What goes on as it comes, verified on its arrival: receipts of a stream, and new entries."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.opened import OpenedEntry, open_entry
from ledger.client.records import Proved
from ledger.client.trust import Head
from ledger.errors import LedgerError, VerificationError
from ledger.log.merkle import Frontier, leaf_hash, node_hash
from ledger.log.receipts import Receipt


async def append_each(
    client: AsyncLedgerClient, envelopes: Iterable[bytes]
) -> AsyncGenerator[Proved | LedgerError, None]:
    """Append envelopes each on its own, over one stream, and verify every receipt.

    Args:
        client: The ledger's client.
        envelopes: What is appended, taken as fast as the ledger takes it.

    Yields:
        For each envelope, in order, what proves it, or why the ledger refuses it.

    Raises:
        VerificationError: A receipt is missing, does not hold, or is another statement's.
        LedgerError: The stream itself failed; what was not answered for may have been recorded,
            and can be sent again.
    """
    sent: deque[bytes] = deque()

    def remembered() -> Iterator[bytes]:
        for envelope in envelopes:
            sent.append(envelope)
            yield envelope

    async with aclosing(client.calls.append_each(remembered())) as results:
        async for result in results:
            if not sent:
                raise _miscounted("more")
            envelope = sent.popleft()
            if isinstance(result, Receipt):
                yield await client.verified(result, sent=envelope)
            else:
                yield result
    if sent:
        raise _miscounted("fewer")


async def watch_entries(client: AsyncLedgerClient) -> AsyncGenerator[OpenedEntry, None]:
    """Follow what is appended after the latest checkpoint, without an end.

    An entry is given out once a checkpoint proves that the log is what was verified before,
    these entries, and nothing else.

    Args:
        client: The ledger's client.

    Yields:
        Every further entry, in order.

    Raises:
        VerificationError: An entry is missing or does not parse, or the tree is another one.
        LedgerError: The stream failed.
    """
    head = await client.checkpoint()
    frontier = await _frontier_at(client, head)
    held: list[OpenedEntry] = []
    async with aclosing(client.calls.watch_entries(head.size)) as events:
        async for event in events:
            for entry in event.page.entries:
                if entry.index != frontier.size:
                    raise VerificationError(
                        f"Entry {entry.index} came where {frontier.size} follows.",
                        field="index",
                        rule="index-gap",
                    )
                frontier = frontier.append(leaf_hash(entry.entry))
                held.append(open_entry(entry.entry, entry.index))
            if event.page.checkpoint:
                _is_head_of(await client.trust.accept(event.page.checkpoint), frontier)
                for opened in held:
                    yield opened
                held.clear()


async def _frontier_at(client: AsyncLedgerClient, head: Head) -> Frontier:
    """The tree's right edge at a checkpoint: the proof of the last entry holds all of it.

    Below the last entry's own complete subtree its siblings stand to its left; above, each is one
    of the larger complete subtrees that the size is the sum of (RFC 6962 section 2.1.1).
    """
    receipt = (await client.proved(head.size - 1)).receipt
    within = (head.size & -head.size).bit_length() - 1
    smallest = leaf_hash(receipt.entry)
    for sibling in receipt.inclusion_proof[:within]:
        smallest = node_hash(sibling, smallest)
    larger = reversed(receipt.inclusion_proof[within:])
    frontier = Frontier.from_hashes(head.size, [*larger, smallest])
    _is_head_of(head, frontier)
    return frontier


def _is_head_of(head: Head, frontier: Frontier) -> None:
    """See that a verified checkpoint commits to exactly these entries.

    Raises:
        VerificationError: It does not.
    """
    if (head.size, head.checkpoint.root) != (frontier.size, frontier.root()):
        raise VerificationError(
            f"The {frontier.size} entries read are not those of the checkpoint at {head.size}.",
            field="checkpoint",
            rule="root-mismatch",
        )


def _miscounted(how: str) -> VerificationError:
    return VerificationError(
        f"There came {how} results than statements were sent.", rule="receipt-count"
    )
