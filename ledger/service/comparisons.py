"""Comparisons: two cut-offs, a draft laid over the record, orders and submissions against it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from functools import partial
from typing import Final

from ledger.codec.comparisons import (
    advocacy_to_proto,
    difference_to_proto,
    exposure_to_proto,
    order_to_proto,
    total_to_proto,
)
from ledger.codec.facts import fact_from_proto
from ledger.codec.questions import question_from_proto
from ledger.domain.determination.advocacy import submissions
from ledger.domain.determination.difference import Side, compare
from ledger.domain.determination.draft import evaluate, withdrawal
from ledger.domain.determination.engine import ENGINE_VERSION
from ledger.domain.determination.exposure import exposure
from ledger.domain.determination.knowledge import Knowledge
from ledger.domain.determination.register import Register
from ledger.domain.facts import Fact
from ledger.errors import QuestionError
from ledger.service.pagination import PageStart, Paginator, fill, page_size_of
from ledger.service.parts import Parts
from ledger.service.patterns import Extent, pattern_of
from ledger.service.records import fact_record
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb

CELLS_MAX: Final = 10_000
"""Most cells compared in one call; it keeps other questions waiting for some seconds."""


class Comparisons:
    """Compares by the register; runs in the thread for answers."""

    def __init__(self, parts: Parts, pages: Paginator) -> None:
        self._parts = parts
        self._pages = pages

    def compare(
        self, request: pb.CompareLicenseStatusesRequest
    ) -> pb.CompareLicenseStatusesResponse:
        """What changes between two cut-offs.

        Raises:
            QuestionError: The pattern, a cut-off or a destination does not do.
            NotFoundError: An item is not on record on one of the sides.
        """
        with ExitStack() as lent:
            before, after = (
                Side(
                    pattern_of(_cut(request.question, cut), today=self._parts.today()),
                    lent.enter_context(self._parts.models.register.reading(cut.tree_size)),
                )
                for cut in (request.before, request.after)
            )
            sizes = (before.register.tree_size, after.register.tree_size)
            extent = self._extent(request, min(sizes))
            found = compare(before, after, extent.items, extent.destinations)
            differences = [difference_to_proto(difference) for difference in found]
        return pb.CompareLicenseStatusesResponse(
            differences=differences,
            compared=extent.size,
            before_tree_size=sizes[0],
            after_tree_size=sizes[1],
            engine_version=ENGINE_VERSION,
        )

    def evaluate(self, request: pb.EvaluateDraftRequest) -> pb.EvaluateDraftResponse:
        """What a draft, or a withdrawal, would change.

        Raises:
            InputError: The draft, the pattern or a destination does not do.
            NotFoundError: An item, or what is withdrawn, is not on record.
        """
        pattern = pattern_of(request.question, today=self._parts.today())
        with self._parts.models.register.reading(request.tree_size) as register:
            size = register.tree_size
            extent = self._extent(request, size)
            draft = _draft(request, register, pattern.as_of)
            outcome = evaluate(draft, pattern, register, extent.items, extent.destinations)
        record = partial(fact_record, self._parts.models.catalog.at(size))
        return pb.EvaluateDraftResponse(
            differences=map(difference_to_proto, outcome.differences),
            exposures=[
                pb.DraftExposure(
                    item=item,
                    destination=destination,
                    orders=[order_to_proto(order, record=record) for order in exposed.orders],
                    totals=map(total_to_proto, exposed.totals),
                )
                for item, destination, exposed in outcome.exposures
            ],
            compared=extent.size,
            tree_size=size,
            engine_version=ENGINE_VERSION,
        )

    def exposure(self, request: pb.GetOrderExposureRequest) -> pb.GetOrderExposureResponse:
        """Every known order of an item against its status.

        Raises:
            QuestionError: The question cannot be asked.
            NotFoundError: The item is not on record.
        """
        question = question_from_proto(request.question, today=self._parts.today())
        with self._parts.models.register.reading(request.tree_size) as register:
            found = exposure(question, register)
            size = register.tree_size
        record = partial(fact_record, self._parts.models.catalog.at(size))
        message = exposure_to_proto(found, record=record)
        message.tree_size = size
        return message

    def outcomes(
        self, request: pb.ListSubmissionOutcomesRequest
    ) -> pb.ListSubmissionOutcomesResponse:
        """A page of submissions, each with what was then done.

        Raises:
            InputError: The cut-off, or the page's token or size, does not do.
        """
        size = page_size_of(request)
        start = self._pages.start(request)
        today = date.fromordinal(start.day) if start.day else self._parts.today()
        cut = pattern_of(pb.Question(known_at=request.known_at, basis=request.basis), today=today)
        with self._parts.models.register.reading(start.tree_size) as register:
            found = submissions(register, Knowledge(cut.basis, cut.known_at))[start.offset :]
            view = self._parts.models.catalog.at(register.tree_size)
        record = partial(fact_record, view)
        rows = (partial(advocacy_to_proto, advocacy, record=record) for advocacy in found)
        outcomes = fill(rows, size)
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
    ) -> Extent:
        """Which cells are compared.

        Raises:
            QuestionError: Too many, or a destination is no country.
        """
        view = self._parts.models.catalog.at(size)
        extent = Extent.of(view, request.question, request.items, request.destinations)
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
