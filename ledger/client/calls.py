"""The rpcs, one method each, with deadline, identity and errors of our own; nothing is verified.

``client.LedgerClient`` stands on this and verifies; whoever calls these methods directly gets
what the server says.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, Final, final

import grpc

from ledger.client.connection import Connection
from ledger.client.failures import translated
from ledger.domain.vocabulary import Collection
from ledger.errors import NotFoundError
from ledger.log.receipts import Receipt
from ledger.log.tiles import TilePath
from ledger.v1 import log_pb2, queries_pb2, services_pb2, services_pb2_grpc

DEADLINE_S: Final = 30.0
PAGE_SIZE: Final = 500

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

    def __init__(self, channel: grpc.Channel, connection: Connection) -> None:
        self._channel = channel
        self._metadata = connection.metadata
        self._ledger = services_pb2_grpc.LedgerServiceStub(channel)
        self._query = services_pb2_grpc.QueryServiceStub(channel)
        self._stream = services_pb2_grpc.StreamServiceStub(channel)
        self._log = services_pb2_grpc.LogServiceStub(channel)

    def close(self) -> None:
        """Hang up."""
        self._channel.close()

    def append(self, envelope: bytes) -> Receipt:
        """Append one envelope."""
        request = services_pb2.AppendRequest(envelope=envelope)
        return receipt_of(self._call(self._ledger.Append, request).receipt)

    def append_batch(
        self, envelopes: Sequence[bytes], *, validate_only: bool = False
    ) -> list[Receipt]:
        """Append several envelopes, all or none; without receipts where only validated."""
        request = services_pb2.AppendBatchRequest(envelopes=envelopes, validate_only=validate_only)
        response = self._call(self._ledger.AppendBatch, request)
        return [receipt_of(receipt) for receipt in response.receipts]

    def receipt(self, name: str | int | bytes) -> Receipt:
        """Get the receipt of a fact id, an index or a statement digest."""
        request = services_pb2.GetReceiptRequest()
        if isinstance(name, str):
            request.fact_id = name
        elif isinstance(name, int):
            request.index = name
        else:
            request.statement_digest = name
        return receipt_of(self._call(self._ledger.GetReceipt, request).receipt)

    def put_attachment(self, index: int, salt: bytes, content: bytes) -> None:
        """Store a document that the statement at an index names."""
        request = services_pb2.PutAttachmentRequest(index=index, salt=salt, content=content)
        self._call(self._ledger.PutAttachment, request)

    def get_attachment(self, index: int, commitment: bytes) -> tuple[bytes, bytes]:
        """Get salt and content of a document that the statement at an index names."""
        request = services_pb2.GetAttachmentRequest(index=index, commitment=commitment)
        response = self._call(self._ledger.GetAttachment, request)
        return response.salt, response.content

    def attachments(self, fact_id: str = "") -> Iterator[services_pb2.Attachment]:
        """List the documents that statements name, or that one does."""
        request = services_pb2.ListAttachmentsRequest(fact_id=fact_id, page_size=PAGE_SIZE)
        for page in self._pages(self._ledger.ListAttachments, request):
            yield from page.attachments

    def checkpoint(self, consistent_with: int) -> tuple[bytes, Sequence[bytes]]:
        """Get the latest checkpoint, and the proof that leads to it from a tree size."""
        request = log_pb2.GetCheckpointRequest(consistent_with=consistent_with)
        response = self._call(self._log.GetCheckpoint, request)
        return response.checkpoint, response.consistency_proof

    def consistency_proof(self, older: int, newer: int) -> Sequence[bytes]:
        """Get the proof that leads from one tree size to a larger one."""
        request = log_pb2.GetConsistencyProofRequest(first_tree_size=older, second_tree_size=newer)
        proof: Sequence[bytes] = self._call(
            self._log.GetConsistencyProof, request
        ).consistency_proof
        return proof

    def inclusion_proof(self, index: int, size: int) -> Sequence[bytes]:
        """Get the proof that an entry is in the tree of a size."""
        request = log_pb2.GetInclusionProofRequest(index=index, tree_size=size)
        proof: Sequence[bytes] = self._call(self._log.GetInclusionProof, request).inclusion_proof
        return proof

    def tile(self, tile: TilePath) -> bytes:
        """Get a hash tile or an entry bundle."""
        if tile.level is None:
            wanted = log_pb2.GetEntryBundleRequest(index=tile.index, width=tile.width)
            bundle: bytes = self._call(self._log.GetEntryBundle, wanted).bundle
            return bundle
        request = log_pb2.GetTileRequest(level=tile.level, index=tile.index, width=tile.width)
        hashes: bytes = self._call(self._log.GetTile, request).tile
        return hashes

    def entries(self, start: int, end: int) -> Iterator[log_pb2.LogEntry]:
        """Read the entries from an index to before another; ends early if nothing more comes."""
        request = log_pb2.ReadEntriesRequest(start_index=start, end_index=end)
        with translated():
            responses = self._stream.ReadEntries(
                request, timeout=DEADLINE_S * 20, metadata=self._metadata
            )
            try:
                for response in responses:
                    if not response.entries:
                        return
                    yield from response.entries
            finally:
                responses.cancel()

    def author(self, author: str) -> log_pb2.Author:
        """Get an author and its keys."""
        request = log_pb2.GetAuthorRequest(author=author)
        found: log_pb2.Author = self._call(self._log.GetAuthor, request).author
        return found

    def authors(self) -> Iterator[log_pb2.Author]:
        """List all authors."""
        request = log_pb2.ListAuthorsRequest(page_size=PAGE_SIZE)
        for page in self._pages(self._log.ListAuthors, request):
            yield from page.authors

    def status(
        self, request: queries_pb2.GetLicenseStatusRequest
    ) -> queries_pb2.GetLicenseStatusResponse:
        """Ask for a license status."""
        response: queries_pb2.GetLicenseStatusResponse = self._call(
            self._query.GetLicenseStatus, request
        )
        return response

    def matrix(
        self, request: queries_pb2.ListLicenseStatusesRequest
    ) -> Iterator[queries_pb2.ListLicenseStatusesResponse]:
        """Ask for license statuses of many items and destinations, page by page."""
        return self._pages(self._query.ListLicenseStatuses, request)

    def compare(
        self, request: queries_pb2.CompareLicenseStatusesRequest
    ) -> queries_pb2.CompareLicenseStatusesResponse:
        """Ask what changes between two cut-offs."""
        response: queries_pb2.CompareLicenseStatusesResponse = self._call(
            self._query.CompareLicenseStatuses, request
        )
        return response

    def evaluate(
        self, request: queries_pb2.EvaluateDraftRequest
    ) -> queries_pb2.EvaluateDraftResponse:
        """Ask what a draft would change."""
        response: queries_pb2.EvaluateDraftResponse = self._call(self._query.EvaluateDraft, request)
        return response

    def exposure(
        self, request: queries_pb2.GetOrderExposureRequest
    ) -> queries_pb2.GetOrderExposureResponse:
        """Ask for an item's orders against its status."""
        response: queries_pb2.GetOrderExposureResponse = self._call(
            self._query.GetOrderExposure, request
        )
        return response

    def outcomes(
        self, request: queries_pb2.ListSubmissionOutcomesRequest
    ) -> Iterator[queries_pb2.ListSubmissionOutcomesResponse]:
        """List submissions with what was then done, page by page."""
        return self._pages(self._query.ListSubmissionOutcomes, request)

    def watch(
        self, request: queries_pb2.WatchLicenseStatusRequest
    ) -> Generator[queries_pb2.WatchLicenseStatusResponse, None, None]:
        """Follow statuses until the iterator is closed; a watch has no deadline."""
        with translated():
            responses = self._stream.WatchLicenseStatus(request, metadata=self._metadata)
            try:
                yield from responses
            finally:
                responses.cancel()

    def timeline(
        self, request: queries_pb2.ListTimelineRequest
    ) -> Iterator[queries_pb2.FactRecord]:
        """List facts in the order of their dates."""
        for page in self._pages(self._query.ListTimeline, request):
            yield from page.facts

    def stream(self, name: str, tree_size: int = 0) -> queries_pb2.AggregateRecord:
        """Get one stream, event by event.

        Raises:
            NotFoundError: There is no such stream, or none that queries show.
        """
        one, _ = _words_for(name.partition("/")[0])
        request_type = getattr(queries_pb2, f"Get{one}Request")
        method = getattr(self._query, f"Get{one}")
        response = self._call(method, request_type(name=name, tree_size=tree_size))
        record: queries_pb2.AggregateRecord = getattr(response, one.lower())
        return record

    def streams(
        self, collection: Collection, tree_size: int = 0
    ) -> Iterator[queries_pb2.AggregateRecord]:
        """List the streams of a collection."""
        _, several = _words_for(collection.value)
        request_type = getattr(queries_pb2, f"List{several}Request")
        method = getattr(self._query, f"List{several}")
        request = request_type(tree_size=tree_size, page_size=PAGE_SIZE)
        for page in self._pages(method, request):
            yield from getattr(page, several.lower())

    # Any: the stubs' methods and their messages have no type in common.
    def _call(self, method: Any, request: Any) -> Any:
        with translated():
            return method(request, timeout=DEADLINE_S, metadata=self._metadata)

    def _pages(self, method: Callable[..., Any], request: Any) -> Iterator[Any]:
        """Follow page tokens to the end; what a page holds stands on the first page's tree."""
        while True:
            page = self._call(method, request)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token


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
