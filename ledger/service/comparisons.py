"""Comparisons: two cut-offs, a draft laid over the record, orders and submissions against it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import Final

from ledger.codec.comparisons import (
    advocacy_to_proto,
    difference_to_proto,
    order_to_proto,
    total_to_proto,
)
from ledger.codec.facts import fact_from_proto
from ledger.codec.questions import question_from_proto
from ledger.domain.determination.advocacy import advocacy, submissions
from ledger.domain.determination.difference import Side, differing, side_by_side
from ledger.domain.determination.draft import evaluate, withdrawal
from ledger.domain.determination.engine import ENGINE_VERSION
from ledger.domain.determination.exposure import exposure
from ledger.domain.determination.knowledge import Knowledge
from ledger.domain.determination.register import Register
from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.steps import Steps
from ledger.errors import QuestionError
from ledger.service.pagination import PageStart, Paginator, filled, page_size_of
from ledger.service.parts import Parts
from ledger.service.patterns import Extent, pattern_of
from ledger.service.records import fact_record
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb

CELLS_MAX: Final = 10_000
"""Most cells compared in one call, which takes some seconds."""


class Comparisons:
    """Compares by the register; runs in steps in the thread for answers.

    Between steps the record may grow: each comparison holds snapshots, and stands on their sizes.
    """

    def __init__(self, parts: Parts, pages: Paginator) -> None:
        self._parts = parts
        self._pages = pages

    def compare(
        self, request: pb.CompareLicenseStatusesRequest
    ) -> Steps[pb.CompareLicenseStatusesResponse]:
        """What changes between two cut-offs.

        Raises:
            QuestionError: The pattern, a cut-off or a destination does not do.
            NotFoundError: An item is not on record on one of the sides.
        """
        with ExitStack() as lent:
            before, after = self._sides(request, lent)
            response = pb.CompareLicenseStatusesResponse(
                before_tree_size=before.register.tree_size,
                after_tree_size=after.register.tree_size,
                engine_version=ENGINE_VERSION,
            )
            size = min(response.before_tree_size, response.after_tree_size)
            extent = yield from self._extent(request, size)
            response.compared = extent.size
            for pair in side_by_side(before, after, extent.items, extent.destinations):
                response.differences.extend(map(difference_to_proto, differing([pair])))
                yield
        return response

    def _sides(
        self, request: pb.CompareLicenseStatusesRequest, lent: ExitStack
    ) -> tuple[Side, Side]:
        """Both sides; while one is lent the other does not grow, so that the newest is one size."""
        register, today = self._parts.models.register, self._parts.today()
        with register.reading():
            before, after = (
                Side(
                    pattern_of(_cut(request.question, cut), today=today),
                    lent.enter_context(register.snapshot(cut.tree_size)),
                )
                for cut in (request.before, request.after)
            )
        return before, after

    def evaluate(self, request: pb.EvaluateDraftRequest) -> Steps[pb.EvaluateDraftResponse]:
        """What a draft, or a withdrawal, would change.

        Raises:
            InputError: The draft, the pattern or a destination does not do.
            NotFoundError: An item, or what is withdrawn, is not on record.
        """
        pattern = pattern_of(request.question, today=self._parts.today())
        with self._parts.models.register.snapshot(request.tree_size) as register:
            size = register.tree_size
            extent = yield from self._extent(request, size)
            draft = _draft(request, register, pattern.as_of)
            outcome = yield from evaluate(
                draft, pattern, register, extent.items, extent.destinations
            )
        response = pb.EvaluateDraftResponse(
            compared=extent.size, tree_size=size, engine_version=ENGINE_VERSION
        )
        for difference in outcome.differences:
            response.differences.append(difference_to_proto(difference))
            yield
        record = partial(fact_record, self._parts.models.catalog.at(size))
        for item, destination, exposed in outcome.exposures:
            message = response.exposures.add(item=item, destination=destination)
            message.totals.extend(map(total_to_proto, exposed.totals))
            for order in exposed.orders:
                message.orders.append(order_to_proto(order, record=record))
                yield
        return response

    def exposure(self, request: pb.GetOrderExposureRequest) -> Steps[pb.GetOrderExposureResponse]:
        """Every known order of an item against its status.

        Raises:
            QuestionError: The question cannot be asked.
            NotFoundError: The item is not on record.
        """
        question = question_from_proto(request.question, today=self._parts.today())
        with self._parts.models.register.snapshot(request.tree_size) as register:
            found = yield from exposure(question, register)
            size = register.tree_size
        record = partial(fact_record, self._parts.models.catalog.at(size))
        message = pb.GetOrderExposureResponse(
            totals=map(total_to_proto, found.totals), tree_size=size
        )
        for order in found.orders:
            message.orders.append(order_to_proto(order, record=record))
            yield
        return message

    def outcomes(
        self, request: pb.ListSubmissionOutcomesRequest
    ) -> Steps[pb.ListSubmissionOutcomesResponse]:
        """A page of submissions, each with what was then done.

        Raises:
            InputError: The cut-off, or the page's token or size, does not do.
        """
        size = page_size_of(request)
        start = self._pages.start(request)
        today = date.fromordinal(start.day) if start.day else self._parts.today()
        cut = pattern_of(pb.Question(known_at=request.known_at, basis=request.basis), today=today)
        knowledge = Knowledge(cut.basis, cut.known_at)
        with self._parts.models.register.snapshot(start.tree_size) as register:
            found = submissions(register, knowledge)[start.offset :]
            view = self._parts.models.catalog.at(register.tree_size)
            record = partial(fact_record, view)

            def written(recorded: Recorded, fact: ReportedFact) -> pb.SubmissionOutcome:
                told = advocacy(recorded, fact, register, knowledge)
                return advocacy_to_proto(told, record=record)

            outcomes = yield from filled((partial(written, *one) for one in found), size)
        token = ""
        if len(outcomes) < len(found):
            offset = start.offset + len(outcomes)
            following = PageStart(view.tree_size, offset, today.toordinal())
            token = self._pages.token(request, following)
        return pb.ListSubmissionOutcomesResponse(
            outcomes=outcomes, next_page_token=token, tree_size=view.tree_size
        )

    def _extent(
        self, request: pb.CompareLicenseStatusesRequest | pb.EvaluateDraftRequest, size: int
    ) -> Steps[Extent]:
        """Which cells are compared.

        Raises:
            QuestionError: Too many, or a destination is no country.
        """
        view = self._parts.models.catalog.at(size)
        extent = yield from Extent.of(view, request.question, request.items, request.destinations)
        if extent.size > CELLS_MAX:
            raise QuestionError(
                f"These are {extent.size} cells, and at most {CELLS_MAX} are compared at once: "
                "name items or destinations.",
                field="items",
                rule="too-many-cells",
            )
        return extent


def _cut(pattern: pb.Question, cut: pb.CutOff) -> pb.Question:
    """The pattern at a cut-off; what the cut-off leaves open, the pattern says."""
    message = pb.Question()
    message.CopyFrom(pattern)
    message.as_of = cut.as_of or pattern.as_of
    message.known_at = cut.known_at or pattern.known_at
    if cut.basis != axes_pb2.Basis.UNSPECIFIED:
        message.basis = cut.basis
    return message


def _draft(request: pb.EvaluateDraftRequest, register: Register, day: date) -> Fact:
    match request.WhichOneof("change"):
        case "draft":
            given = request.draft
            return fact_from_proto(given.fact, fact_id=given.fact_id, stream=given.stream)
        case "withdraw":
            return withdrawal(request.withdraw, register, day)
        case _:
            raise QuestionError(
                "Give a draft, or name what is withdrawn.", field="change", rule="draft-given"
            )
