"""The same client for plain functions: each method runs its namesake over a blocking transport."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Self, final

from ledger.client import completeness, firstuse
from ledger.client.administration import Administration
from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.connection import Connection
from ledger.client.heads import HeadMemory
from ledger.client.histories import AuthorHistory
from ledger.client.opened import OpenedEntry
from ledger.client.pins import Pin
from ledger.client.records import Proved, Source
from ledger.client.streaming import append_each, watch_entries
from ledger.client.transport import BlockingTransport, each, finished
from ledger.client.trust import Head, TrustedLog
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Collection
from ledger.errors import LedgerError
from ledger.log.policy import TrustPolicy
from ledger.log.receipts import Receipt
from ledger.v1 import log_pb2, queries_pb2, services_pb2

__all__ = ["LedgerClient", "Proved", "first_pin"]


@final
class LedgerClient:
    """One ledger, over one channel. Use it as a context manager, or close it.

    What each method proves, and what it raises, its namesake in ``AsyncLedgerClient`` says.

    Args:
        steps: The client whose transport blocks.
    """

    def __init__(self, steps: AsyncLedgerClient) -> None:
        self.steps = steps

    @classmethod
    def connect(
        cls,
        connection: Connection,
        pin: Pin,
        memory: HeadMemory,
        policy: TrustPolicy | None = None,
    ) -> Self:
        """Open a channel to a ledger; on the very first use, see that it is the pinned one."""
        transport = BlockingTransport(connection)
        return cls(finished(AsyncLedgerClient.over(transport, pin, memory, policy)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        finished(self.steps.close())

    @property
    def trust(self) -> TrustedLog:
        """The log as far as it was verified."""
        return self.steps.trust

    @property
    def ledger_id(self) -> bytes:
        """The pinned ledger's id."""
        return self.steps.ledger_id

    @property
    def anchor(self) -> Anchor | None:
        """The highest verified checkpoint, as a statement that is signed now names it."""
        return self.steps.anchor

    def verify_founding(self) -> Proved:
        """See that entry 0 is the founding that the pin names."""
        return finished(self.steps.verify_founding())

    def checkpoint(self) -> Head:
        """Get the latest checkpoint, proved to continue the highest one seen before."""
        return finished(self.steps.checkpoint())

    def append(self, envelope: bytes) -> Proved:
        """Append one envelope and verify its receipt."""
        return finished(self.steps.append(envelope))

    def append_batch(self, envelopes: Sequence[bytes]) -> list[Proved]:
        """Append several envelopes, all or none, and verify every receipt."""
        return finished(self.steps.append_batch(envelopes))

    def append_each(
        self, envelopes: Iterable[bytes]
    ) -> Generator[Proved | LedgerError, None, None]:
        """Append envelopes each on its own, over one stream, and verify every receipt."""
        return each(append_each(self.steps, envelopes))

    def validate_batch(self, envelopes: Sequence[bytes]) -> None:
        """Ask whether a batch would be taken; nothing is stored."""
        finished(self.steps.validate_batch(envelopes))

    def proved(self, name: str | int | bytes) -> Proved:
        """Get an entry by fact id, index or statement digest, and verify its receipt."""
        return finished(self.steps.proved(name))

    def verified(self, receipt: Receipt) -> Proved:
        """Verify a receipt that came by another way, such as a file."""
        return finished(self.steps.verified(receipt))

    def proved_record(self, record: queries_pb2.FactRecord) -> Proved:
        """Prove a row of a list: the log holds this fact, at this place, by this author."""
        return finished(self.steps.proved_record(record))

    def source(self, entry: OpenedEntry) -> Source:
        """Say who answers for an entry, and whether a delegate's key signed it."""
        return finished(self.steps.source(entry))

    def author_history(self, author: str) -> AuthorHistory:
        """Get an author's keys and the entries that made and ended them, all of it verified."""
        return finished(self.steps.author_history(author))

    def administration(self) -> Administration:
        """Get what the log holds of administrators and its own keys, all of it verified."""
        return finished(self.steps.administration())

    def status(
        self, request: queries_pb2.GetLicenseStatusRequest, *, prove: bool = True
    ) -> queries_pb2.GetLicenseStatusResponse:
        """Ask for a license status, and verify the evidence that the answer brings."""
        return finished(self.steps.status(request, prove=prove))

    def statuses(
        self, requests: Sequence[queries_pb2.GetLicenseStatusRequest], *, prove: bool = True
    ) -> list[queries_pb2.GetLicenseStatusResponse]:
        """Ask several questions in one call, and verify the evidence of each answer."""
        return finished(self.steps.statuses(requests, prove=prove))

    def timeline(
        self, request: queries_pb2.ListTimelineRequest, limit: int = 0
    ) -> Generator[tuple[queries_pb2.FactRecord, Proved], None, None]:
        """List facts in the order of their dates, each proved; at most ``limit`` unless it is 0."""
        return each(self.steps.timeline(request, limit))

    def entries(self, start: int, end: int) -> Generator[log_pb2.LogEntry, None, None]:
        """Read entries in order, without a gap; they are not proved one by one."""
        return each(self.steps.entries(start, end))

    def watch_entries(self) -> Generator[OpenedEntry, None, None]:
        """Entries as they are appended from now on, each proved, without an end."""
        return each(watch_entries(self.steps))

    def replay(self, tree_size: int = 0) -> Generator[OpenedEntry, None, None]:
        """Read the whole log, and prove all of it at once, at the end."""
        return each(self.steps.replay(tree_size))

    def stream(self, name: str, tree_size: int = 0) -> queries_pb2.AggregateRecord:
        """Get one stream as the server's read model has it, unverified."""
        return finished(self.steps.stream(name, tree_size))

    def streams(
        self, collection: Collection, tree_size: int = 0
    ) -> Generator[queries_pb2.AggregateRecord, None, None]:
        """List streams as the server's read model has them, unverified."""
        return each(self.steps.streams(collection, tree_size))

    def listed_attachments(
        self, fact_id: str = ""
    ) -> Generator[services_pb2.Attachment, None, None]:
        """List attachments as the server has them, unverified: names stand in entries."""
        return each(self.steps.listed_attachments(fact_id))

    def proved_stream(self, name: str, tree_size: int = 0) -> list[Proved]:
        """Get a stream's facts, each proved, in their order and without a gap."""
        return finished(self.steps.proved_stream(name, tree_size))

    def proved_streams(
        self, collection: Collection, tree_size: int = 0
    ) -> Generator[tuple[str, list[Proved]], None, None]:
        """List the streams of a collection as ``proved_stream`` gets one."""
        return each(self.steps.proved_streams(collection, tree_size))

    def whole_stream(self, name: str, tree_size: int = 0) -> Sequence[Proved]:
        """Get a stream's facts, and prove by the whole log that it ends there."""
        return finished(completeness.whole_stream(self.steps, name, tree_size))

    def whole_collection(
        self, collection: Collection, tree_size: int = 0
    ) -> Sequence[tuple[str, Sequence[Proved]]]:
        """List a collection's streams, and prove by the whole log that these are all."""
        return finished(completeness.whole_collection(self.steps, collection, tree_size))

    def whole_timeline(self, request: queries_pb2.ListTimelineRequest) -> Sequence[Proved]:
        """List facts in the order of their dates, and prove by the whole log that these are all."""
        return finished(completeness.whole_timeline(self.steps, request))


def first_pin(connection: Connection) -> Pin:
    """Trust on first use: take the pin from the server itself, by a user's explicit wish."""
    return finished(firstuse.first_pin(BlockingTransport(connection)))
