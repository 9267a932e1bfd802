"""One answer after another: from memory where the record has not moved, or else determined."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import final

from ledger.codec.answers import Rows, answer_to_proto, question_part, shared_part
from ledger.codec.questions import question_from_proto
from ledger.domain.determination.answer import Answer
from ledger.domain.determination.engine import determine
from ledger.domain.determination.likeness import Likeness, likeness, may_be_restated
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.service.memo import Kept, Memo
from ledger.service.parts import Parts
from ledger.service.sizes import checkpoint_at
from ledger.store.rows import StoredCheckpoint
from ledger.v1 import axes_pb2
from ledger.v1 import queries_pb2 as pb


@final
class Asked:
    """A request for a status on one day, read no further than it is needed.

    Args:
        request: What came.
        today: The day that it takes for today.
    """

    def __init__(self, request: pb.GetLicenseStatusRequest, today: date) -> None:
        self.request = request
        self.today = today
        self._question: Question | None = None

    @cached_property
    def words(self) -> tuple[bytes, bool, int]:
        """The question as it is worded, whether it includes what is not yet known, and today."""
        worded = self.request.question.SerializeToString(deterministic=True)
        return worded, self.request.include_not_yet_known, self.today.toordinal()

    @property
    def question(self) -> Question:
        """The question.

        Raises:
            QuestionError: It cannot be asked.
        """
        if self._question is None:
            self._question = question_from_proto(self.request.question, today=self.today)
        return self._question

    @property
    def may_be_kept(self) -> bool:
        """Whether it will be asked again: not at an older size, and not with its proofs."""
        return not self.request.tree_size and not self.request.include_proofs


@final
class Answers:
    """Answers questions from the register, and keeps what it answered.

    It is kept twice: by the words of the question, and by what the question has in common with all
    that the record cannot tell from it.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        revision, catalog = parts.models.register.revision_of, parts.models.catalog
        self._worded: Memo[tuple[bytes, bool, int]] = Memo(revision)
        self._alike: Memo[tuple[Likeness | None, bool]] = Memo(revision)
        self._rows = Rows(
            attribution=lambda recorded: catalog.at().attribution(recorded),
            delegate=lambda recorded: catalog.at().delegate(recorded),
        )
        self._latest = StoredCheckpoint(0, b"")

    def asked(self, request: pb.GetLicenseStatusRequest) -> Asked:
        """A request as it is understood today."""
        return Asked(request, self._parts.today())

    def remembered(self, asked: Asked) -> bytes | None:
        """The serialized answer where it is known without determining anything; runs on the loop.

        It is what ``answer_bytes`` would give. The newest note comes from whoever was last answered
        by that: after an append, the first question goes the long way.

        Raises:
            QuestionError: The question cannot be asked.
        """
        latest, reached = self._latest, self._parts.progress.tree_size
        least = max(reached, self._parts.opened_size, asked.request.min_tree_size)
        if latest.tree_size < least or not asked.may_be_kept:
            return None
        kept = self._worded.find(asked.words, latest.tree_size)
        if kept is None:
            kind = self._parts.models.register.likeness_of(asked.question)
            kept = self._like(asked, kind, latest.tree_size)
        return None if kept is None else kept.completed(latest.tree_size, latest.note)

    def answer_bytes(self, asked: Asked, snapshot: Register | None = None) -> bytes:
        """One serialized answer, with the checkpoint of the tree that it stands on.

        Args:
            asked: The question.
            snapshot: What a question stands on that names no tree size; None for the newest.

        Raises:
            QuestionError: The question cannot be asked.
            NotFoundError: The item is not on record.
        """
        if not asked.may_be_kept:
            return self.answer(asked, snapshot).SerializeToString()
        if snapshot is not None:
            return self._bytes(asked, snapshot)
        # While the register is lent it does not grow.
        with self._parts.models.register.reading() as register:
            return self._bytes(asked, register)

    def answer(self, asked: Asked, snapshot: Register | None = None) -> pb.GetLicenseStatusResponse:
        """One answer, with the checkpoint of the tree that it stands on.

        Args:
            asked: The question.
            snapshot: What a question stands on that names no tree size; None for the newest.

        Raises:
            QuestionError: The question cannot be asked.
            NotFoundError: The item is not on record.
        """
        request = asked.request
        if snapshot is not None and not request.tree_size:
            answer = self._answer(asked, snapshot)
        else:
            with self._parts.models.register.reading(request.tree_size) as register:
                answer = self._answer(asked, register)
        message = answer_to_proto(answer, self._rows)
        message.checkpoint = checkpoint_at(self._parts, answer.tree_size).note
        if request.include_proofs:
            for entry in message.considered:
                if entry.disposition == axes_pb2.Disposition.APPLIED:
                    proof = self._parts.reader.inclusion_proof(entry.index, answer.tree_size)
                    entry.inclusion_proof.extend(proof)
        return message

    def _bytes(self, asked: Asked, register: Register) -> bytes:
        """A serialized answer, from memory or determined, that is kept."""
        stands_on = self._latest
        if stands_on.tree_size != register.tree_size:
            stands_on = checkpoint_at(self._parts, register.tree_size)
            # A snapshot may be older.
            self._latest = max(self._latest, stands_on, key=attrgetter("tree_size"))
        kept = self._worded.find(asked.words, stands_on.tree_size)
        if kept is None:
            kind = likeness(asked.question, register)
            kept = self._like(asked, kind, stands_on.tree_size)
        if kept is None:
            kept = self._determined(asked, kind, register)
        return kept.completed(stands_on.tree_size, stands_on.note)

    def _answer(self, asked: Asked, register: Register) -> Answer:
        later = asked.request.include_not_yet_known
        return determine(asked.question, register, include_not_yet_known=later)

    def _like(self, asked: Asked, kind: Likeness | None, tree_size: int) -> Kept | None:
        """What was answered to a question that the record cannot tell from this one."""
        alike = self._alike.find((kind, asked.request.include_not_yet_known), tree_size)
        if alike is None:
            return None
        return self._keep(asked, alike, since=asked.question.as_of)

    def _determined(self, asked: Asked, kind: Likeness | None, register: Register) -> Kept:
        """A new answer, which is kept for this question and for all that are like it."""
        answer = self._answer(asked, register)
        names = register.names_of(register.item_stream(asked.question.item))
        body = Kept(shared_part(answer, self._rows), register.tree_size, names)
        if not may_be_restated(answer):
            return self._keep(asked, body, since=None)
        self._alike.keep((kind, asked.request.include_not_yet_known), body)
        return self._keep(asked, body, since=asked.question.as_of)

    def _keep(self, asked: Asked, body: Kept, *, since: date | None) -> Kept:
        """Keep an answer by the words of its question, with what it repeats of them."""
        opening = question_part(asked.question, since).SerializeToString()
        kept = Kept(body.body, body.tree_size, body.item_names, opening)
        self._worded.keep(asked.words, kept)
        return kept
