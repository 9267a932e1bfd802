"""License statuses: several with their reasons, or the whole matrix without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Final

from ledger.codec.answers import cell_to_proto
from ledger.domain.determination.engine import ENGINE_VERSION
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.survey import Cell, survey
from ledger.domain.steps import Steps
from ledger.errors import InputError, LedgerError
from ledger.service.answers import Answers
from ledger.service.pagination import PageStart, Paginator, filled, page_size_of
from ledger.service.parts import Parts
from ledger.service.patterns import Extent, pattern_of
from ledger.service.sizes import checkpoint_at
from ledger.service.wire import delimited
from ledger.v1 import queries_pb2 as pb

REQUESTS_MAX: Final = 1_000
"""Most questions in a batch."""

_RESPONSES: Final = pb.BatchGetLicenseStatusesResponse.RESPONSES_FIELD_NUMBER


class Statuses:
    """Answers from a snapshot of the register; runs in steps in the thread for answers."""

    def __init__(self, parts: Parts, pages: Paginator, single: Answers) -> None:
        self._parts = parts
        self._pages = pages
        self._single = single

    def answers(self, request: pb.BatchGetLicenseStatusesRequest) -> Steps[bytes]:
        """An answer to each of several questions, or one error for all: the serialized response.

        All answers stand on one tree size unless a request names another.

        Raises:
            InputError: There are too many.
            LedgerError: What ``answer`` raises, with the place of the request in its field.
        """
        if len(request.requests) > REQUESTS_MAX:
            message = f"A batch has at most {REQUESTS_MAX} questions."
            raise InputError(message, field="requests", rule="batch-size")
        responses: list[bytes] = []
        with self._parts.models.register.snapshot() as register:
            for place, one in enumerate(request.requests):
                try:
                    data = self._single.answer_bytes(self._single.asked(one), register)
                except LedgerError as error:
                    error.field = f"requests[{place}].{error.field}"
                    raise
                responses.append(delimited(_RESPONSES, data))
                yield
        return b"".join(responses)

    def matrix(
        self, request: pb.ListLicenseStatusesRequest
    ) -> Steps[pb.ListLicenseStatusesResponse]:
        """A page of the matrix, items outermost.

        All its pages stand on one tree size, and take one day for today.

        Raises:
            QuestionError: The pattern or a destination does not do.
            InputError: The page's token or size does not do.
            NotFoundError: An item is not on record.
        """
        size = page_size_of(request)
        start = self._pages.start(request)
        today = date.fromordinal(start.day) if start.day else self._parts.today()
        pattern = pattern_of(request.question, today=today)
        with self._parts.models.register.snapshot(start.tree_size) as register:
            view = self._parts.models.catalog.at(register.tree_size)
            extent = yield from Extent.of(
                view, request.question, request.items, request.destinations
            )
            found = _cells(pattern, register, extent, start.offset)
            cells = yield from filled((partial(cell_to_proto, cell) for cell in found), size)
        offset = start.offset + len(cells)
        token = ""
        if offset < extent.size:
            following = PageStart(view.tree_size, offset, today.toordinal())
            token = self._pages.token(request, following)
        return pb.ListLicenseStatusesResponse(
            cells=cells,
            next_page_token=token,
            tree_size=view.tree_size,
            checkpoint=checkpoint_at(self._parts, view.tree_size).note,
            engine_version=ENGINE_VERSION,
        )


def _cells(pattern: Question, register: Register, extent: Extent, offset: int) -> Iterator[Cell]:
    """The cells from an offset on, computed as they are taken."""
    if not extent.size:
        return
    row, column = divmod(offset, len(extent.destinations))
    for item in extent.items[row:]:
        yield from survey(pattern, register, [item], extent.destinations[column:])
        column = 0
