"""License statuses: one with its reasons, several, or the whole matrix without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Final

from ledger.codec.answers import answer_to_proto, cell_to_proto
from ledger.codec.questions import question_from_proto
from ledger.domain.determination.engine import ENGINE_VERSION, determine
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.survey import Cell, survey
from ledger.errors import InputError, LedgerError
from ledger.service.memo import Kept, Key, Memo, completed
from ledger.service.pagination import PageStart, Paginator, fill, page_size_of
from ledger.service.parts import Parts
from ledger.service.patterns import Extent, pattern_of
from ledger.service.sizes import checkpoint_at
from ledger.store.rows import StoredCheckpoint
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb

REQUESTS_MAX: Final = 1_000
"""Most questions in a batch."""


class Statuses:
    """Answers questions from the register; runs in the thread for answers."""

    def __init__(self, parts: Parts, pages: Paginator) -> None:
        self._parts = parts
        self._pages = pages
        self._memo = Memo(parts.models.register.revision_of)
        self._latest = StoredCheckpoint(0, b"")

    def remembered(self, request: pb.GetLicenseStatusRequest) -> bytes | None:
        """The serialized answer where it is known without asking anything; runs on the loop.

        It is what ``answer_bytes`` would give. The newest note comes from whoever was last answered
        by that: after an append, the first question goes the long way.
        """
        latest, reached = self._latest, self._parts.progress.tree_size
        least = max(reached, self._parts.opened_size, request.min_tree_size)
        if latest.tree_size < least or not _may_be_kept(request):
            return None
        body = self._memo.find(self._key(request), latest.tree_size)
        return None if body is None else completed(body, latest.tree_size, latest.note)

    def answer_bytes(self, request: pb.GetLicenseStatusRequest) -> bytes:
        """One serialized answer, with the checkpoint of the tree that it stands on.

        Raises:
            QuestionError: The question cannot be asked.
            NotFoundError: The item is not on record.
        """
        if not _may_be_kept(request):
            return self.answer(request).SerializeToString()
        key = self._key(request)
        # While the register is lent it does not grow.
        with self._parts.models.register.reading() as register:
            latest = self._latest
            if latest.tree_size != register.tree_size:
                latest = self._latest = checkpoint_at(self._parts, register.tree_size)
            body = self._memo.find(key, latest.tree_size)
            if body is None:
                body = self._determined(key, request, register)
        return completed(body, latest.tree_size, latest.note)

    def _determined(
        self, key: Key, request: pb.GetLicenseStatusRequest, register: Register
    ) -> bytes:
        """A new answer without tree size and checkpoint, which is kept."""
        message = self.answer(request)
        message.ClearField("tree_size")
        message.ClearField("checkpoint")
        body = message.SerializeToString()
        names = register.names_of(register.item_stream(request.question.item.strip()))
        self._memo.keep(key, Kept(body, register.tree_size, names))
        return body

    def _key(self, request: pb.GetLicenseStatusRequest) -> Key:
        question = request.question.SerializeToString(deterministic=True)
        return question, request.include_not_yet_known, self._parts.today().toordinal()

    def answer(self, request: pb.GetLicenseStatusRequest) -> pb.GetLicenseStatusResponse:
        """One answer, with the checkpoint of the tree that it stands on.

        Raises:
            QuestionError: The question cannot be asked.
            NotFoundError: The item is not on record.
        """
        question = question_from_proto(request.question, today=self._parts.today())
        with self._parts.models.register.reading(request.tree_size) as register:
            answer = determine(
                question, register, include_not_yet_known=request.include_not_yet_known
            )
        view = self._parts.models.catalog.at(answer.tree_size)
        message = answer_to_proto(answer, attribution=view.attribution, delegate=view.delegate)
        message.checkpoint = checkpoint_at(self._parts, answer.tree_size).note
        if request.include_proofs:
            for entry in message.considered:
                if entry.disposition == axes_pb2.Disposition.APPLIED:
                    proof = self._parts.reader.inclusion_proof(entry.index, answer.tree_size)
                    entry.inclusion_proof.extend(proof)
        return message

    def answers(
        self, request: pb.BatchGetLicenseStatusesRequest
    ) -> pb.BatchGetLicenseStatusesResponse:
        """An answer to each of several questions, or one error for all.

        Raises:
            InputError: There are too many.
            LedgerError: What ``answer`` raises, with the place of the request in its field.
        """
        if len(request.requests) > REQUESTS_MAX:
            message = f"A batch has at most {REQUESTS_MAX} questions."
            raise InputError(message, field="requests", rule="batch-size")
        responses = []
        # While the register is lent it does not grow, so that all answers stand on one tree size
        # unless a request names another.
        with self._parts.models.register.reading():
            for place, one in enumerate(request.requests):
                try:
                    data = self.answer_bytes(one)
                    responses.append(pb.GetLicenseStatusResponse.FromString(data))
                except LedgerError as error:
                    error.field = f"requests[{place}].{error.field}"
                    raise
        return pb.BatchGetLicenseStatusesResponse(responses=responses)

    def matrix(self, request: pb.ListLicenseStatusesRequest) -> pb.ListLicenseStatusesResponse:
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
        with self._parts.models.register.reading(start.tree_size) as register:
            view = self._parts.models.catalog.at(register.tree_size)
            extent = Extent.of(view, request.question, request.items, request.destinations)
            found = _cells(pattern, register, extent, start.offset)
            cells = fill((partial(cell_to_proto, cell) for cell in found), size)
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


def _may_be_kept(request: pb.GetLicenseStatusRequest) -> bool:
    """Whether an answer will be asked for again: not at an older size, and not with its proofs."""
    return not request.tree_size and not request.include_proofs


def _cells(pattern: Question, register: Register, extent: Extent, offset: int) -> Iterator[Cell]:
    """The cells from an offset on, computed as they are taken."""
    if not extent.size:
        return
    row, column = divmod(offset, len(extent.destinations))
    for item in extent.items[row:]:
        yield from survey(pattern, register, [item], extent.destinations[column:])
        column = 0
