"""Many statuses at once: the matrix, differences, drafts, orders, submissions, and a watch.

What is on record is proved before anybody sees it: an order, a submission, or a fact that is named
as a cause, is read from the log under a verified checkpoint. That a status follows from the record
is not proved by that, as with a single answer; ``audit`` and ``client.status`` are there for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import final

from ledger.client.calls import PAGE_SIZE
from ledger.client.client import LedgerClient, Proved
from ledger.client.trust import Head
from ledger.errors import VerificationError
from ledger.v1 import queries_pb2

OrderRecords = Iterable[queries_pb2.OrderExposure]


@dataclass(frozen=True, slots=True)
class Matrix:
    """License statuses of many items and destinations, all at one tree size.

    Attributes:
        cells: The cells, items outermost.
        head: The verified checkpoint of the tree that they stand on.
        engine_version: The version of the determination.
    """

    cells: Sequence[queries_pb2.LicenseStatusCell]
    head: Head
    engine_version: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A submission that is in the log, and what the server says was then done.

    Attributes:
        proved: The submission's entry.
        told: Who answered it, and what came later.
        acts: The acts that ``told`` names, each proved, by fact id.
    """

    proved: Proved
    told: queries_pb2.SubmissionOutcome
    acts: Mapping[str, Proved]


@final
class Comparing:
    """Asks one ledger about many statuses.

    A question that names no tree size is put to the tree of the latest checkpoint, verified first,
    so that a server cannot answer from an older one.

    Args:
        client: The ledger.
    """

    def __init__(self, client: LedgerClient) -> None:
        self._client = client
        self._calls = client.calls
        self._known: dict[str, Proved] = {}

    def matrix(self, request: queries_pb2.ListLicenseStatusesRequest) -> Matrix:
        """Ask for the statuses of many items and destinations, all pages of it.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A page stands on another tree.
        """
        asked = self._size(request.tree_size)
        request.tree_size = asked
        request.page_size = PAGE_SIZE
        cells: list[queries_pb2.LicenseStatusCell] = []
        for page in self._calls.matrix(request):
            head = self._client.trust.accept(page.checkpoint)
            _stands_on(asked, page.tree_size, head.size)
            cells += page.cells
        return Matrix(cells, head, page.engine_version)

    def compare(
        self, request: queries_pb2.CompareLicenseStatusesRequest
    ) -> queries_pb2.CompareLicenseStatusesResponse:
        """Ask what changes between two cut-offs.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A side stands on another tree than was asked for.
        """
        for side in (request.before, request.after):
            side.tree_size = self._size(side.tree_size)
        response = self._calls.compare(request)
        _stands_on(request.before.tree_size, response.before_tree_size)
        _stands_on(request.after.tree_size, response.after_tree_size)
        return response

    def evaluate(
        self, request: queries_pb2.EvaluateDraftRequest
    ) -> queries_pb2.EvaluateDraftResponse:
        """Ask what a draft, or a withdrawal, would change; nothing is appended.

        Raises:
            LedgerError: The draft or the question does not do.
            VerificationError: The answer stands on another tree, or an order is not in the log.
        """
        request.tree_size = self._size(request.tree_size)
        response = self._calls.evaluate(request)
        _stands_on(request.tree_size, response.tree_size)
        for exposed in response.exposures:
            self._prove_orders(exposed.orders, response.tree_size)
        return response

    def exposure(
        self, request: queries_pb2.GetOrderExposureRequest
    ) -> queries_pb2.GetOrderExposureResponse:
        """Ask for an item's orders against its status, each order proved.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: The answer stands on another tree, or an order is not in the log.
        """
        request.tree_size = self._size(request.tree_size)
        response = self._calls.exposure(request)
        _stands_on(request.tree_size, response.tree_size)
        self._prove_orders(response.orders, response.tree_size)
        return response

    def outcomes(self, request: queries_pb2.ListSubmissionOutcomesRequest) -> Iterator[Outcome]:
        """List submissions and what was then done; submissions and acts are proved.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A page stands on another tree, or something is not in the log.
        """
        request.tree_size = self._size(request.tree_size)
        request.page_size = PAGE_SIZE
        asked = request.tree_size
        for page in self._calls.outcomes(request):
            _stands_on(asked, page.tree_size)
            for told in page.outcomes:
                acts = {act.fact_id for act in (*told.answered_by, *told.afterwards)}
                proved = self._record(told.submission, asked)
                yield Outcome(proved, told, self.proved_facts(acts, asked))

    def watch(
        self, question: queries_pb2.Question
    ) -> Iterator[queries_pb2.WatchLicenseStatusResponse]:
        """Follow one status; every answer's checkpoint continues those seen before.

        Raises:
            LedgerError: The question cannot be asked, or the ledger is gone.
            VerificationError: An answer's checkpoint does not hold.
        """
        request = queries_pb2.WatchLicenseStatusRequest(questions=[question])
        with closing(self._calls.watch(request)) as events:
            for event in events:
                kind = event.WhichOneof("event")
                if kind != "progress":
                    answer = event.initial if kind == "initial" else event.changed.after
                    head = self._client.trust.accept(answer.checkpoint)
                    _stands_on(head.size, answer.tree_size)
                yield event

    def proved_facts(self, fact_ids: Iterable[str], tree_size: int) -> dict[str, Proved]:
        """Prove facts that an answer names, by fact id.

        Args:
            fact_ids: Their ids.
            tree_size: The size that the answer stands on; all must be inside.

        Raises:
            NotFoundError: One is not on record.
            VerificationError: One does not hold, or came later than the answer's tree.
        """
        return {name: _inside(self._fact(name), tree_size) for name in sorted(set(fact_ids))}

    def _size(self, asked: int) -> int:
        return asked or self._client.checkpoint().size

    def _fact(self, fact_id: str) -> Proved:
        if fact_id not in self._known:
            self._known[fact_id] = self._client.proved(fact_id)
        return self._known[fact_id]

    def _record(self, record: queries_pb2.FactRecord, tree_size: int) -> Proved:
        proved = _inside(self._client.proved_record(record), tree_size)
        self._known[record.fact_id] = proved
        return proved

    def _prove_orders(self, orders: OrderRecords, tree_size: int) -> None:
        for exposed in orders:
            self._record(exposed.order, tree_size)


def _inside(proved: Proved, tree_size: int) -> Proved:
    """See that an entry was there already when an answer was given."""
    entry = proved.entry
    if entry.index >= tree_size:
        raise VerificationError(
            f"The answer at tree size {tree_size} names {entry.statement.fact_id}, which stands at "
            f"index {entry.index}.",
            field=entry.statement.fact_id,
            rule="tree-size",
        )
    return proved


def _stands_on(asked: int, *sizes: int) -> None:
    for size in sizes:
        if size != asked:
            raise VerificationError(
                f"The answer stands on tree size {size}; asked for was {asked}.",
                field="tree_size",
                rule="tree-size",
            )
