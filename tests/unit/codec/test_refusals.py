from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from ledger.codec.refusals import FORMS, explain, join, own_path, quoted
from ledger.domain import attachments, authorship, facts
from ledger.domain.model import Frozen
from ledger.domain.number import Number
from ledger.domain.statement import Statement
from ledger.domain.vocabulary import Grade

MODELS: list[type[BaseModel]] = [
    facts.ReportedFact,
    facts.CoverageDeclared,
    facts.PartyDescribed,
    facts.ItemDescribed,
    facts.GroupMembership,
    facts.CoSignature,
    authorship.LedgerFounded,
    authorship.AuthorEnrolled,
    authorship.KeyRotated,
    authorship.KeyRevoked,
    attachments.AttachmentErased,
    Statement,
]


class Sample(Frozen):
    text: str = "x"
    known: Grade = Grade.CHECKED
    flag: bool = False
    count: Annotated[int, Field(ge=1, le=9)] = 1
    below: Annotated[int, Field(lt=5)] = 1
    number: Number | None = None
    some: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("x",)
    one_or_more: str | tuple[str, ...] = "x"
    named: Mapping[str, str] = {}
    data: Annotated[bytes, Field(min_length=2, max_length=3)] = b"xx"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"


def errors_of(value: object, model: type[BaseModel] = Sample) -> list[ErrorDetails]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(TypeAdapter(Any).dump_json(value))
    return caught.value.errors(include_url=False)


def said(value: object) -> str:
    return explain([((str(e["loc"][0]),), e) for e in errors_of(value)])[1]


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"text": 5}, "text must be text, not 5."),
        ({"text": ""}, "text is empty."),
        ({"text": "x" * 4001}, "text has more than 4000 characters."),
        (
            {"known": "guess"},
            "known must be 'checked', 'secondhand' or 'memory', not 'guess'.",
        ),
        ({"flag": "yes"}, "flag must be true or false, not 'yes'."),
        ({"count": 0}, "count must be at least 1, not 0."),
        ({"count": 10}, "count must be at most 9, not 10."),
        ({"count": "1"}, "count must be a whole number, not '1'."),
        ({"count": 1.5}, "count must be a whole number, not 1.5."),
        ({"below": 5}, "below must be below 5, not 5."),
        ({"number": "5"}, "number must be a number, not '5'."),
        ({"number": 0.1234567890123456}, "number has more than 15 digits."),
        ({"some": []}, "some needs at least 1 member."),
        ({"some": ["x", "y", "z"]}, "some has more than 2 members."),
        ({"some": "x"}, "some must be a list, not 'x'."),
        ({"one_or_more": 5}, "one_or_more must be text, or a list, not 5."),
        ({"named": []}, "named must be an object."),
        ({"data": "x"}, "data has fewer than 2 bytes."),
        ({"data": "xxxx"}, "data has more than 3 bytes."),
        (
            {"currency": "dollars"},
            "currency must be a currency in three capitals, such as USD, not 'dollars'.",
        ),
        ({"unheard": 1}, "unheard is not a key known here."),
    ],
)
def test_a_refusal_is_a_sentence_about_the_value(value: object, sentence: str) -> None:
    assert said(value) == sentence


def test_an_error_without_words_of_ours_keeps_those_it_has() -> None:
    error: ErrorDetails = {"type": "novel", "loc": ("x",), "msg": "Too new", "input": None}
    assert explain([(("x",), error)]) == ("x", "x is refused: Too new.")


def test_an_unknown_pattern_is_shown_as_it_is() -> None:
    class Novel(BaseModel):
        code: Annotated[str, Field(pattern="^x$")]

    [error] = errors_of({"code": "y"}, Novel)
    assert explain([(("code",), error)])[1] == "code must be of the form ^x$, not 'y'."


def test_what_the_domain_says_itself_is_kept_with_its_place() -> None:
    error: ErrorDetails = {
        "type": "value_error",
        "loc": (),
        "msg": "Value error, dates.ends: it lies before effective: why",
        "input": None,
    }
    assert own_path(error) == ("dates.ends", "it lies before effective: why")
    assert explain([(("dates.ends",), error)]) == (
        "dates.ends",
        "ends: it lies before effective: why.",
    )
    assert explain([((), error)]) == ("", "it lies before effective: why.")


def test_a_reason_that_names_no_place_has_none() -> None:
    error: ErrorDetails = {
        "type": "value_error",
        "loc": (),
        "msg": "Value error, 'UK' is not an ISO 3166 country code",
        "input": "UK",
    }
    assert own_path(error) == ("", "'UK' is not an ISO 3166 country code")


def test_of_a_union_the_member_that_went_deepest_speaks() -> None:
    [whole, inner] = errors_of({"one_or_more": ["x", ""]})
    placed = [(("one_or_more",), whole), (("one_or_more", 1), inner)]
    assert explain(placed) == ("one_or_more[1]", "one_or_more[1] is empty.")


def test_of_a_union_the_member_that_took_the_kind_speaks() -> None:
    class Either(Frozen):
        model_config = ConfigDict(extra="forbid")
        value: bool | Number

    errors = errors_of({"value": 0.1234567890123456}, Either)
    assert len(errors) == 2
    assert "has more than 15 digits" in explain([(("value",), e) for e in errors])[1]


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", 0, "b"), "a[0].b"),
        (("", "a", "", "b.c"), "a.b.c"),
        (("a[0]", 1, 2), "a[0][1][2]"),
    ],
)
def test_a_path_is_written_in_one_way(parts: tuple[str | int, ...], path: str) -> None:
    assert join(*parts) == path


def test_a_value_is_shown_on_one_line_and_in_part() -> None:
    assert quoted("a\nb\x1b[31m") == r"'a\nb\x1b[31m'"
    assert quoted("\u6607") == r"'\u6607'"
    assert len(quoted("x" * 1000)) == 60
    assert quoted("x" * 1000).endswith("...'")


def _patterns(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for child in node.values():
            yield from _patterns(child)
    elif isinstance(node, list):
        for child in node:
            yield from _patterns(child)


def test_every_pattern_of_the_domain_has_words() -> None:
    by_hand = {r"^[A-Z]{2}$", r"^[A-E]:[1-9](-[a-z]{1,20})?$", facts.STREAM}
    patterns = {p for model in MODELS for p in _patterns(model.model_json_schema())}
    assert patterns - by_hand <= set(FORMS)
    assert len(patterns) > 9
