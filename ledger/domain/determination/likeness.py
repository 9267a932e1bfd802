"""Likeness: questions that nothing on record can tell apart.

The determination compares days with days on record, and an exporter with the names that acts on
record address. Two questions that differ only in days between which the record names none, or in
exporters whom no act addresses ("Unknown exporters are ordinary exporters"), have the same answer,
but for what an answer repeats of its question.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import replace

from ledger.domain.determination.answer import Answer
from ledger.domain.determination.days import NO_DAYS, Days, first_like
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import NAMED_BY_NOTHING, Naming, Register
from ledger.domain.determination.situation import names_of
from ledger.domain.vocabulary import Basis, Requirement

Likeness = tuple[Hashable, ...]
"""Equal for questions that the record cannot tell apart."""


def likeness(question: Question, register: Register) -> Likeness | None:
    """What a question has in common with those like it; None if its item is not on record.

    It holds while the register grows: whatever is added may tell apart more questions, and those
    that are still alike were so before.
    """
    stream = register.item_stream(question.item)
    if stream is None:
        return None
    return _likeness(question, register, map(register.naming, register.names_of(stream)), stream)


def likeness_at_hand(question: Question, register: Register) -> Likeness | None:
    """The same, or None, if facts that name the item would have to be read for it."""
    stream = register.item_stream(question.item)
    naming = [register.naming_at_hand(name) for name in register.names_of(stream)]
    named = [one for one in naming if one is not None]
    if stream is None or len(named) < len(naming):
        return None
    return _likeness(question, register, named, stream)


def _likeness(
    question: Question, register: Register, naming: Iterable[Naming], stream: str
) -> Likeness:
    named = [one for one in naming if one is not NAMED_BY_NOTHING]
    days = (
        register.days,
        register.item_days.get(stream, NO_DAYS),
        _place_days(question, register),
        *(one.days for one in named),
    )
    as_of = first_like(question.as_of, days)
    if question.basis is Basis.LEDGER:
        # An entry is known from the day on which it was recorded.
        known_at = question.known_at.toordinal()
    elif question.known_at == question.as_of:
        known_at = as_of
    else:
        known_at = first_like(question.known_at, days)
    return (
        question.item,
        question.destination,
        as_of,
        known_at,
        question.basis,
        _exporter(question, register, named),
        question.consignee,
        question.consignee_headquarters,
        question.end_use,
        question.shipped_from,
        question.transaction,
        question.affirmed,
    )


def restated(answer: Answer, question: Question) -> Answer:
    """The answer to a question, from the answer to one that is like it.

    A requirement that has stood since the day asked about, and that day is not on record, is one
    whose item was not seen before: then it is the day that this question asks about.
    """
    on_the_day = answer.since == answer.question.as_of
    return replace(
        answer,
        question=question,
        since=question.as_of if on_the_day else answer.since,
    )


def may_be_restated(answer: Answer) -> bool:
    """Whether an answer serves all questions like its own: NO_RECORD says in words which it is."""
    return answer.axes.requirement is not Requirement.NO_RECORD


def _place_days(question: Question, register: Register) -> Days:
    """The days on which the destination joins or leaves a group; a seat may be anywhere."""
    if question.consignee is None and question.consignee_headquarters is None:
        return register.place_days.get(question.destination, NO_DAYS)
    return register.membership_days


def _exporter(
    question: Question, register: Register, named: Iterable[Naming]
) -> frozenset[str] | None:
    """Which of the names that acts address are the exporter's."""
    if question.exporter is None:
        return None
    names = names_of(register, question.exporter)
    return (names & register.addressed).union(*(names & one.addressed for one in named))
