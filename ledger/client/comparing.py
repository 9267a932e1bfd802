"""Many statuses at once, for plain functions: each method runs its namesake without a loop."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import final

from ledger.client.asynccomparing import AsyncComparing, Matrix, Outcome
from ledger.client.client import LedgerClient
from ledger.client.records import Proved
from ledger.client.transport import each, finished
from ledger.v1 import queries_pb2

__all__ = ["Comparing", "Matrix", "Outcome"]


@final
class Comparing:
    """Asks one ledger about many statuses.

    What each method proves, and what it raises, its namesake in ``AsyncComparing`` says.

    Args:
        client: The ledger.
    """

    def __init__(self, client: LedgerClient) -> None:
        self._steps = AsyncComparing(client.steps)

    def matrix(self, request: queries_pb2.ListLicenseStatusesRequest) -> Matrix:
        """Ask for the statuses of many items and destinations, all pages of it."""
        return finished(self._steps.matrix(request))

    def compare(
        self, request: queries_pb2.CompareLicenseStatusesRequest
    ) -> queries_pb2.CompareLicenseStatusesResponse:
        """Ask what changes between two cut-offs."""
        return finished(self._steps.compare(request))

    def evaluate(
        self, request: queries_pb2.EvaluateDraftRequest
    ) -> queries_pb2.EvaluateDraftResponse:
        """Ask what a draft, or a withdrawal, would change; nothing is appended."""
        return finished(self._steps.evaluate(request))

    def exposure(
        self, request: queries_pb2.GetOrderExposureRequest
    ) -> queries_pb2.GetOrderExposureResponse:
        """Ask for an item's orders against its status, each order proved."""
        return finished(self._steps.exposure(request))

    def outcomes(
        self, request: queries_pb2.ListSubmissionOutcomesRequest
    ) -> Generator[Outcome, None, None]:
        """List submissions and what was then done; submissions and acts are proved."""
        return each(self._steps.outcomes(request))

    def watch(
        self, question: queries_pb2.Question
    ) -> Generator[queries_pb2.WatchLicenseStatusResponse, None, None]:
        """Follow one status, from an answer to each change of it."""
        return each(self._steps.watch(question))

    def proved_facts(self, fact_ids: Iterable[str], tree_size: int) -> dict[str, Proved]:
        """Prove facts that an answer names, by fact id."""
        return finished(self._steps.proved_facts(fact_ids, tree_size))
