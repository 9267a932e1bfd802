from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest

from ledger.codec import words
from ledger.codec.words import GRADES, REQUIREMENTS, Words
from ledger.domain.vocabulary import Grade, Requirement
from ledger.errors import EnvelopeError
from ledger.v1 import axes_pb2, facts_pb2, shared_pb2

TABLES: dict[str, Words[Any, Any]] = {
    name: table for name, table in vars(words).items() if isinstance(table, Words)
}
ENUMS = {
    enum.full_name: enum
    for file in (axes_pb2, facts_pb2, shared_pb2)
    for enum in (
        *file.DESCRIPTOR.enum_types_by_name.values(),
        *(
            nested
            for message in file.DESCRIPTOR.message_types_by_name.values()
            for nested in message.enum_types
        ),
    )
}
ANSWERS_ALONE = {"ledger.v1.Evidence.Value", "ledger.v1.Disposition.Value", "ledger.v1.Basis.Value"}


class Planet(StrEnum):
    EARTH = "earth"


def table_of(name: str) -> Words[Any, Any]:
    [table] = [
        table for table in TABLES.values() if set(table._numbers.values()) and _is(table, name)
    ]
    return table


def _is(table: Words[Any, Any], name: str) -> bool:
    word = type(next(iter(table._numbers)))
    return name.removesuffix(".Value").endswith(f".{word.__name__}")


@pytest.mark.parametrize("name", sorted(set(ENUMS) - ANSWERS_ALONE))
def test_every_number_of_the_wire_is_a_word_and_every_word_a_number(name: str) -> None:
    table = table_of(name)
    numbers = set(ENUMS[name].values_by_number) - {0}
    assert {table.word(number, "field").name for number in numbers} == {
        word.name for word in table._numbers
    }
    assert {table.number(word) for word in table._numbers} == numbers


def test_no_word_is_number_zero() -> None:
    assert GRADES.number(None) == 0
    assert GRADES.word_or_none(shared_pb2.GRADE_UNSPECIFIED, "grade") is None


def test_a_word_that_is_needed_may_not_be_number_zero() -> None:
    with pytest.raises(EnvelopeError, match="grade is missing") as caught:
        GRADES.word(shared_pb2.GRADE_UNSPECIFIED, "grade")
    assert caught.value.field == "grade"


def test_an_unknown_number_is_no_absent_word() -> None:
    with pytest.raises(EnvelopeError, match="unknown value 9"):
        GRADES.word_or_none(shared_pb2.Grade.ValueType(9), "grade")


def test_words_go_there_and_back() -> None:
    assert GRADES.word(GRADES.number(Grade.MEMORY), "grade") is Grade.MEMORY
    number = REQUIREMENTS.number(Requirement.STAYED)
    assert axes_pb2.Requirement.Value.Name(number) == "STAYED"


def test_a_word_without_a_number_is_found_when_the_table_is_made() -> None:
    with pytest.raises(ValueError, match="GRADE_EARTH"):
        Words(Planet, shared_pb2.Grade.Value, "GRADE_")
