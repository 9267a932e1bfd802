"""Many statuses at once: the matrix, differences, drafts, orders, submissions, and a watch.

What is on record is proved before anybody sees it: an order, a submission, or a fact that is named
as a cause, is read from the log under a verified checkpoint. That a status follows from the record
is not proved by that, nor that no order or submission was left out; ``audit`` is there for it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import final

from ledger.client.asyncclient import AsyncLedgerClient
from ledger.client.calls import PAGE_SIZE
from ledger.client.records import Proved, inside, stands_on
from ledger.client.trust import Head
from ledger.v1 import queries_pb2


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
class AsyncComparing:
    """Asks one ledger about many statuses; ``comparing.Comparing`` does it for plain functions.

    A question that names no tree size is put to the tree of the latest checkpoint, verified first,
    so that a server cannot answer from an older one.

    Args:
        client: The ledger.
    """

    def __init__(self, client: AsyncLedgerClient) -> None:
        self._client = client
        self._calls = client.calls
        self._known: dict[str, Proved] = {}

    async def matrix(self, request: queries_pb2.ListLicenseStatusesRequest) -> Matrix:
        """Ask for the statuses of many items and destinations, all pages of it.

        Proved is the checkpoint that all cells stand on, and nothing of the cells themselves: ask
        ``status`` for the evidence of one.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A page stands on another tree.
        """
        asked = await self._client.size_for(request.tree_size)
        request.tree_size = asked
        request.page_size = PAGE_SIZE
        cells: list[queries_pb2.LicenseStatusCell] = []
        async with aclosing(self._calls.matrix(request)) as pages:
            async for page in pages:
                head = await self._client.trust.accept(page.checkpoint)
                stands_on(asked, page.tree_size, head.size)
                cells += page.cells
        return Matrix(cells, head, page.engine_version)

    async def compare(
        self, request: queries_pb2.CompareLicenseStatusesRequest
    ) -> queries_pb2.CompareLicenseStatusesResponse:
        """Ask what changes between two cut-offs.

        Proved is each entry that is named as a cause. Not proved is that the cells follow from the
        record, or that no difference was left out.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A side stands on another tree than was asked for, or a cause is not
                in the log.
        """
        for side in (request.before, request.after):
            side.tree_size = await self._client.size_for(side.tree_size)
        response = await self._calls.compare(request)
        stands_on(request.before.tree_size, response.before_tree_size)
        stands_on(request.after.tree_size, response.after_tree_size)
        larger = max(response.before_tree_size, response.after_tree_size)
        await self.proved_facts(_causes(response.differences), larger)
        return response

    async def evaluate(
        self, request: queries_pb2.EvaluateDraftRequest
    ) -> queries_pb2.EvaluateDraftResponse:
        """Ask what a draft, or a withdrawal, would change; nothing is appended.

        Proved is each order that it would touch. Not proved is that the differences follow, or that
        none was left out; the draft itself is among their causes and on no record.

        Raises:
            LedgerError: The draft or the question does not do.
            VerificationError: The answer stands on another tree, or an order is not in the log.
        """
        request.tree_size = await self._client.size_for(request.tree_size)
        response = await self._calls.evaluate(request)
        stands_on(request.tree_size, response.tree_size)
        for exposed in response.exposures:
            await self._prove_orders(exposed.orders, exposed.totals, response.tree_size)
        return response

    async def exposure(
        self, request: queries_pb2.GetOrderExposureRequest
    ) -> queries_pb2.GetOrderExposureResponse:
        """Ask for an item's orders against its status.

        Proved is each order, and each fact that a total adds up. Not proved is that no order was
        left out, that the sums are right, or that the statuses follow.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: The answer stands on another tree, or an order is not in the log.
        """
        request.tree_size = await self._client.size_for(request.tree_size)
        response = await self._calls.exposure(request)
        stands_on(request.tree_size, response.tree_size)
        await self._prove_orders(response.orders, response.totals, response.tree_size)
        return response

    async def outcomes(
        self, request: queries_pb2.ListSubmissionOutcomesRequest
    ) -> AsyncGenerator[Outcome, None]:
        """List submissions and what was then done.

        Proved are submissions and acts. Not proved is that none was left out, or that an act is
        about the submission.

        Raises:
            LedgerError: The question cannot be asked.
            VerificationError: A page stands on another tree, or something is not in the log.
        """
        request.tree_size = await self._client.size_for(request.tree_size)
        request.page_size = PAGE_SIZE
        asked = request.tree_size
        async with aclosing(self._calls.outcomes(request)) as pages:
            async for page in pages:
                stands_on(asked, page.tree_size)
                for told in page.outcomes:
                    acts = {act.fact_id for act in (*told.answered_by, *told.afterwards)}
                    proved = await self._record(told.submission, asked)
                    yield Outcome(proved, told, await self.proved_facts(acts, asked))

    async def watch(
        self, question: queries_pb2.Question
    ) -> AsyncGenerator[queries_pb2.WatchLicenseStatusResponse, None]:
        """Follow one status, from an answer to each change of it.

        Proved is of every answer what ``AsyncLedgerClient.status`` proves, and each cause of a
        change. Not proved is that no change was left out, or how far a progress has come: a server
        can fall silent, and only asking the log for its checkpoint shows that.

        Raises:
            LedgerError: The question cannot be asked, or the ledger is gone.
            VerificationError: An answer is to another question, or its evidence does not hold.
        """
        request = queries_pb2.WatchLicenseStatusRequest(questions=[question])
        async with aclosing(self._calls.watch(request)) as events:
            async for event in events:
                kind = event.WhichOneof("event")
                if kind == "initial":
                    await self._client.verify_pushed(question, event.initial)
                elif kind == "changed":
                    await self._client.verify_pushed(question, event.changed.after)
                    size = event.changed.after.tree_size
                    await self.proved_facts(event.changed.causes, size)
                yield event

    async def proved_facts(self, fact_ids: Iterable[str], tree_size: int) -> dict[str, Proved]:
        """Prove facts that an answer names, by fact id.

        Args:
            fact_ids: Their ids.
            tree_size: The size that the answer stands on; all must be inside.

        Raises:
            NotFoundError: One is not on record.
            VerificationError: One does not hold, or came later than the answer's tree.
        """
        return {name: inside(await self._fact(name), tree_size) for name in sorted(set(fact_ids))}

    async def _fact(self, fact_id: str) -> Proved:
        if fact_id not in self._known:
            self._known[fact_id] = await self._client.proved(fact_id)
        return self._known[fact_id]

    async def _record(self, record: queries_pb2.FactRecord, tree_size: int) -> Proved:
        proved = inside(await self._client.proved_record(record), tree_size)
        self._known[record.fact_id] = proved
        return proved

    async def _prove_orders(
        self,
        orders: Iterable[queries_pb2.OrderExposure],
        totals: Iterable[queries_pb2.QuantityTotal],
        tree_size: int,
    ) -> None:
        for exposed in orders:
            await self._record(exposed.order, tree_size)
        await self.proved_facts((name for total in totals for name in total.fact_ids), tree_size)


def _causes(differences: Iterable[queries_pb2.StatusDifference]) -> set[str]:
    return {cause for difference in differences for cause in difference.causes}
