"""Watching: the statuses of some questions, asked again whenever the record or the day moves on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, NamedTuple

from ledger.codec.comparisons import difference_to_proto
from ledger.codec.questions import question_from_proto
from ledger.domain.determination.difference import differing
from ledger.domain.determination.register import Register
from ledger.domain.determination.survey import Cell, survey
from ledger.domain.steps import Steps
from ledger.errors import InputError, LedgerError
from ledger.service.answers import Answers
from ledger.service.parts import Parts
from ledger.v1 import queries_pb2 as pb

QUESTIONS_MAX: Final = 100
"""Most questions on one stream."""


class Look(NamedTuple):
    """What was seen at one tree size and day: a cell for each question, and what is to be sent."""

    tree_size: int
    today: date
    cells: Sequence[Cell]
    events: Sequence[pb.WatchLicenseStatusResponse]


class Watch:
    """Some questions that a client watches; runs in steps in the thread for answers."""

    def __init__(
        self, parts: Parts, answers: Answers, request: pb.WatchLicenseStatusRequest
    ) -> None:
        self._parts = parts
        self._answers = answers
        self._questions = request.questions

    def first_look(self) -> Steps[Look]:
        """Each question's answer.

        Raises:
            InputError: There are no questions, or too many.
            LedgerError: A question cannot be answered; its place stands in ``field``.
        """
        if not 1 <= len(self._questions) <= QUESTIONS_MAX:
            message = f"A watch has 1 to {QUESTIONS_MAX} questions."
            raise InputError(message, field="questions", rule="watch-size")
        events: list[pb.WatchLicenseStatusResponse] = []
        with self._parts.models.register.snapshot() as register:
            size, today = register.tree_size, self._parts.today()
            cells = yield from self._cells(register, today)
            for place in range(len(self._questions)):
                initial = self._answer(place, register)
                events.append(pb.WatchLicenseStatusResponse(initial=initial))
                yield
        return Look(size, today, cells, [*events, _progress(size, today)])

    def look_again(self, last: Look) -> Steps[Look]:
        """What has changed since the last look, and how far this one has seen."""
        events: list[pb.WatchLicenseStatusResponse] = []
        with self._parts.models.register.snapshot() as register:
            size, today = register.tree_size, self._parts.today()
            cells = yield from self._cells(register, today)
            for place, pair in enumerate(zip(last.cells, cells, strict=True)):
                events += self._changes(place, pair, register)
                yield
        return Look(size, today, cells, [*events, _progress(size, today)])

    def _cells(self, register: Register, today: date) -> Steps[list[Cell]]:
        cells: list[Cell] = []
        for place, asked in enumerate(self._questions):
            try:
                question = question_from_proto(asked, today=today)
                item, destination = question.item, question.destination
                cells.extend(survey(question, register, [item], [destination]))
            except LedgerError as error:
                error.field = f"questions[{place}].{error.field}"
                raise
            yield
        return cells

    def _changes(
        self, place: int, pair: tuple[Cell, Cell], register: Register
    ) -> Iterator[pb.WatchLicenseStatusResponse]:
        for difference in differing([pair]):
            told = difference_to_proto(difference)
            changed = pb.LicenseStatusChanged(
                question_index=place,
                before=told.before,
                after=self._answer(place, register),
                axes=told.axes,
                causes=told.causes,
            )
            yield pb.WatchLicenseStatusResponse(changed=changed)

    def _answer(self, place: int, register: Register) -> pb.GetLicenseStatusResponse:
        request = pb.GetLicenseStatusRequest(question=self._questions[place])
        return self._answers.answer(self._answers.asked(request), register)


def _progress(tree_size: int, today: date) -> pb.WatchLicenseStatusResponse:
    return pb.WatchLicenseStatusResponse(
        progress=pb.WatchProgress(tree_size=tree_size, today=today.isoformat())
    )
