"""The rpcs, one method each, over any transport; nothing is verified.

``asyncclient.AsyncLedgerClient`` stands on this and verifies; whoever calls these methods directly
gets what the server says.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, final

from ledger.client.failures import error_of_status
from ledger.client.transport import DEADLINE_S, Transport
from ledger.domain.vocabulary import Collection
from ledger.errors import LedgerError, NotFoundError
from ledger.log.receipts import Receipt
from ledger.log.tiles import TilePath
from ledger.v1 import log_pb2, queries_pb2, services_pb2, services_pb2_grpc

PAGE_SIZE: Final = 500
_GROUP: Final = 50
_GROUP_BYTES: Final = 2**20
_READ_S: Final = 20 * DEADLINE_S
"""How long one call may read entries."""

SINGULARS: Final[Mapping[Collection, tuple[str, str]]] = {
    Collection.INSTRUMENTS: ("Instrument", "Instruments"),
    Collection.LICENSES: ("License", "Licenses"),
    Collection.ORDERS: ("Order", "Orders"),
    Collection.SUBMISSIONS: ("Submission", "Submissions"),
    Collection.CLAIMS: ("Claim", "Claims"),
    Collection.ITEMS: ("Item", "Items"),
    Collection.DESTINATIONS: ("Destination", "Destinations"),
    Collection.PARTIES: ("Party", "Parties"),
    Collection.COVERAGE: ("Coverage", "Coverages"),
}
"""What the API calls one and several of each collection that QueryService shows."""


@final
class Calls:
    """The four services over one channel."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        channel = transport.channel
        self._ledger = services_pb2_grpc.LedgerServiceStub(channel)
        self._query = services_pb2_grpc.QueryServiceStub(channel)
        self._stream = services_pb2_grpc.StreamServiceStub(channel)
        self._log = services_pb2_grpc.LogServiceStub(channel)

    async def close(self) -> None:
        """Hang up."""
        await self._transport.close()

    async def append(self, envelope: bytes) -> Receipt:
        """Append one envelope."""
        request = services_pb2.AppendRequest(envelope=envelope)
        return receipt_of((await self._ask(self._ledger.Append, request)).receipt)

    async def append_batch(
        self, envelopes: Sequence[bytes], *, validate_only: bool = False
    ) -> list[Receipt]:
        """Append several envelopes, all or none; without receipts where only validated."""
        request = services_pb2.AppendBatchRequest(envelopes=envelopes, validate_only=validate_only)
        response = await self._ask(self._ledger.AppendBatch, request)
        return [receipt_of(receipt) for receipt in response.receipts]

    async def append_each(
        self, envelopes: Iterable[bytes]
    ) -> AsyncGenerator[Receipt | LedgerError, None]:
        """Append envelopes each on its own, over one stream; what became of each, in order."""
        requests = (services_pb2.AppendStreamRequest(envelopes=some) for some in batched(envelopes))
        method = self._ledger.AppendStream
        replies = self._transport.follow(method, requests, timeout_s=_READ_S)
        async with aclosing(replies):
            async for reply in replies:
                for result in reply.results:
                    if result.WhichOneof("result") == "receipt":
                        yield receipt_of(result.receipt)
                    else:
                        yield error_of_status(result.refusal)

    async def receipt(self, name: str | int | bytes) -> Receipt:
        """Get the receipt of a fact id, an index or a statement digest."""
        request = services_pb2.GetReceiptRequest()
        if isinstance(name, str):
            request.fact_id = name
        elif isinstance(name, int):
            request.index = name
        else:
            request.statement_digest = name
        return receipt_of((await self._ask(self._ledger.GetReceipt, request)).receipt)

    async def put_attachment(self, index: int, salt: bytes, content: bytes) -> None:
        """Store a document that the statement at an index names."""
        request = services_pb2.PutAttachmentRequest(index=index, salt=salt, content=content)
        await self._ask(self._ledger.PutAttachment, request)

    async def get_attachment(self, index: int, commitment: bytes) -> tuple[bytes, bytes]:
        """Get salt and content of a document that the statement at an index names."""
        request = services_pb2.GetAttachmentRequest(index=index, commitment=commitment)
        response = await self._ask(self._ledger.GetAttachment, request)
        return response.salt, response.content

    async def attachments(self, fact_id: str = "") -> AsyncGenerator[services_pb2.Attachment, None]:
        """List the documents that statements name, or that one does."""
        request = services_pb2.ListAttachmentsRequest(fact_id=fact_id, page_size=PAGE_SIZE)
        async for page in self._pages(self._ledger.ListAttachments, request):
            for attachment in page.attachments:
                yield attachment

    async def checkpoint(self, consistent_with: int) -> tuple[bytes, Sequence[bytes]]:
        """Get the latest checkpoint, and the proof that leads to it from a tree size."""
        request = log_pb2.GetCheckpointRequest(consistent_with=consistent_with)
        response = await self._ask(self._log.GetCheckpoint, request)
        return response.checkpoint, response.consistency_proof

    async def witnessed_checkpoint(self, min_tree_size: int) -> bytes:
        """Get the newest checkpoint that has its quorum of witnesses, wanted for a size."""
        request = log_pb2.GetCheckpointRequest(witnessed=True, min_tree_size=min_tree_size)
        note: bytes = (await self._ask(self._log.GetCheckpoint, request)).checkpoint
        return note

    async def witnessed_receipt(self, index: int) -> Receipt:
        """Get the receipt of an entry to a checkpoint that has its quorum of witnesses."""
        request = services_pb2.GetReceiptRequest(index=index, witnessed=True)
        return receipt_of((await self._ask(self._ledger.GetReceipt, request)).receipt)

    async def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
        """Get the proof that leads from one tree size to a larger one."""
        request = log_pb2.GetConsistencyProofRequest(first_tree_size=older, second_tree_size=newer)
        response: log_pb2.GetConsistencyProofResponse = await self._ask(
            self._log.GetConsistencyProof, request
        )
        return response.consistency_proof

    async def inclusion_proof(self, index: int, size: int) -> tuple[bytes, Sequence[bytes]]:
        """Get the hash of a leaf, and the proof that it is in the tree of a size."""
        request = log_pb2.GetInclusionProofRequest(index=index, tree_size=size)
        response: log_pb2.GetInclusionProofResponse = await self._ask(
            self._log.GetInclusionProof, request
        )
        return response.leaf_hash, response.inclusion_proof

    async def tile(self, tile: TilePath) -> bytes:
        """Get a hash tile or an entry bundle."""
        if tile.level is None:
            wanted = log_pb2.GetEntryBundleRequest(index=tile.index, width=tile.width)
            bundled: log_pb2.GetEntryBundleResponse = await self._ask(
                self._log.GetEntryBundle, wanted
            )
            return bundled.bundle
        request = log_pb2.GetTileRequest(level=tile.level, index=tile.index, width=tile.width)
        response: log_pb2.GetTileResponse = await self._ask(self._log.GetTile, request)
        return response.tile

    async def entries(self, start: int, end: int) -> AsyncGenerator[log_pb2.LogEntry, None]:
        """Read the entries from an index to before another; ends early if nothing more comes."""
        request = log_pb2.ReadEntriesRequest(start_index=start, end_index=end)
        replies = self._transport.follow(self._stream.ReadEntries, request, timeout_s=_READ_S)
        async with aclosing(replies):
            async for reply in replies:
                if not reply.entries:
                    return
                for entry in reply.entries:
                    yield entry

    def watch_entries(self, start: int) -> AsyncGenerator[log_pb2.WatchEntriesResponse, None]:
        """Follow entries from an index on until the generator is closed; it has no deadline."""
        request = log_pb2.WatchEntriesRequest(start_index=start)
        return self._transport.follow(self._stream.WatchEntries, request, timeout_s=None)

    async def author(self, author: str) -> log_pb2.GetAuthorResponse:
        """Get an author, its keys, and the receipts of the entries about them."""
        request = log_pb2.GetAuthorRequest(author=author, include_receipts=True)
        response: log_pb2.GetAuthorResponse = await self._ask(self._log.GetAuthor, request)
        return response

    async def administration(self) -> Sequence[Receipt]:
        """Get the receipts of the entries about administrators and the log's keys, in order."""
        response: log_pb2.ListLogKeysResponse = await self._ask(
            self._log.ListLogKeys, log_pb2.ListLogKeysRequest()
        )
        return [receipt_of(message) for message in response.receipts]

    async def authors(self) -> AsyncGenerator[log_pb2.Author, None]:
        """List all authors."""
        request = log_pb2.ListAuthorsRequest(page_size=PAGE_SIZE)
        async for page in self._pages(self._log.ListAuthors, request):
            for author in page.authors:
                yield author

    async def status(
        self, request: queries_pb2.GetLicenseStatusRequest
    ) -> queries_pb2.GetLicenseStatusResponse:
        """Ask for a license status."""
        response: queries_pb2.GetLicenseStatusResponse = await self._ask(
            self._query.GetLicenseStatus, request
        )
        return response

    async def statuses(
        self, request: queries_pb2.BatchGetLicenseStatusesRequest
    ) -> queries_pb2.BatchGetLicenseStatusesResponse:
        """Ask for several license statuses in one call."""
        response: queries_pb2.BatchGetLicenseStatusesResponse = await self._ask(
            self._query.BatchGetLicenseStatuses, request
        )
        return response

    def matrix(
        self, request: queries_pb2.ListLicenseStatusesRequest
    ) -> AsyncGenerator[queries_pb2.ListLicenseStatusesResponse, None]:
        """Ask for license statuses of many items and destinations, page by page."""
        return self._pages(self._query.ListLicenseStatuses, request)

    async def compare(
        self, request: queries_pb2.CompareLicenseStatusesRequest
    ) -> queries_pb2.CompareLicenseStatusesResponse:
        """Ask what changes between two cut-offs."""
        response: queries_pb2.CompareLicenseStatusesResponse = await self._ask(
            self._query.CompareLicenseStatuses, request
        )
        return response

    async def evaluate(
        self, request: queries_pb2.EvaluateDraftRequest
    ) -> queries_pb2.EvaluateDraftResponse:
        """Ask what a draft would change."""
        response: queries_pb2.EvaluateDraftResponse = await self._ask(
            self._query.EvaluateDraft, request
        )
        return response

    async def exposure(
        self, request: queries_pb2.GetOrderExposureRequest
    ) -> queries_pb2.GetOrderExposureResponse:
        """Ask for an item's orders against its status."""
        response: queries_pb2.GetOrderExposureResponse = await self._ask(
            self._query.GetOrderExposure, request
        )
        return response

    def outcomes(
        self, request: queries_pb2.ListSubmissionOutcomesRequest
    ) -> AsyncGenerator[queries_pb2.ListSubmissionOutcomesResponse, None]:
        """List submissions with what was then done, page by page."""
        return self._pages(self._query.ListSubmissionOutcomes, request)

    def watch(
        self, request: queries_pb2.WatchLicenseStatusRequest
    ) -> AsyncGenerator[queries_pb2.WatchLicenseStatusResponse, None]:
        """Follow statuses until the generator is closed; a watch has no deadline."""
        return self._transport.follow(self._stream.WatchLicenseStatus, request, timeout_s=None)

    def timeline(
        self, request: queries_pb2.ListTimelineRequest
    ) -> AsyncGenerator[queries_pb2.ListTimelineResponse, None]:
        """List facts in the order of their dates, page by page."""
        return self._pages(self._query.ListTimeline, request)

    async def stream(
        self, name: str, tree_size: int = 0
    ) -> tuple[queries_pb2.AggregateRecord, int]:
        """Get one stream, event by event, and the tree size that it stands on.

        Raises:
            NotFoundError: There is no such stream, or none that queries show.
        """
        one, _ = _words_for(name.partition("/")[0])
        request_type = getattr(queries_pb2, f"Get{one}Request")
        method = getattr(self._query, f"Get{one}")
        response = await self._ask(method, request_type(name=name, tree_size=tree_size))
        return getattr(response, one.lower()), response.tree_size

    async def streams(
        self, collection: Collection, tree_size: int = 0
    ) -> AsyncGenerator[tuple[queries_pb2.AggregateRecord, int], None]:
        """List the streams of a collection, each with the tree size that it stands on."""
        _, several = _words_for(collection.value)
        request_type = getattr(queries_pb2, f"List{several}Request")
        method = getattr(self._query, f"List{several}")
        request = request_type(tree_size=tree_size, page_size=PAGE_SIZE)
        async for page in self._pages(method, request):
            for stream in getattr(page, several.lower()):
                yield stream, page.tree_size

    # Any: the stubs' methods and their messages have no type in common.
    async def _ask(self, method: Any, request: Any) -> Any:
        return await self._transport.ask(method, request)

    async def _pages(self, method: Any, request: Any) -> AsyncGenerator[Any, None]:
        """Follow page tokens to the end; what a page holds stands on the first page's tree."""
        while True:
            page = await self._ask(method, request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


def batched(envelopes: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Envelopes in groups that fit into a message: a few dozen, or what 1 MiB holds."""
    group: list[bytes] = []
    size = 0
    for envelope in envelopes:
        if group and (len(group) >= _GROUP or size + len(envelope) > _GROUP_BYTES):
            yield group
            group, size = [], 0
        group.append(envelope)
        size += len(envelope)
    if group:
        yield group


def receipt_of(message: log_pb2.Receipt) -> Receipt:
    """A receipt as it came, nothing in it verified."""
    return Receipt(message.entry, message.index, tuple(message.inclusion_proof), message.checkpoint)


def _words_for(collection: str) -> tuple[str, str]:
    words = {known.value: names for known, names in SINGULARS.items()}.get(collection)
    if words is None:
        raise NotFoundError(
            f"{collection!r} is not a collection that can be shown: {', '.join(SINGULARS)}.",
            field="name",
            rule="collection",
        )
    return words
