"""Statements have one spelling, and every other one is refused with the place of the fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import casefile
from ledger.codec.entries import MAX_ENVELOPE_BYTES
from ledger.codec.record import parse_groups_csv, parse_rows
from ledger.codec.statements import decode_statement, encode_statement
from ledger.domain.statement import Statement
from ledger.errors import EnvelopeError
from ledger.v1 import statement_pb2
from tests.builders import action, claim, founded, statement
from tests.unit.codec.mutations import mutations
from tests.unit.codec.samples import SAMPLES, rich_action, rich_statement
from tests.unit.codec.strategies import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.domain.facts import Fact


def message_of(fact: Fact | None = None) -> statement_pb2.Statement:
    return statement_pb2.Statement.FromString(
        encode_statement(rich_statement(fact or rich_action()))
    )


def refusal(data: bytes) -> EnvelopeError:
    with pytest.raises(EnvelopeError) as caught:
        decode_statement(data)
    return caught.value


def case_file() -> Iterator[Fact]:
    yield from parse_groups_csv(casefile.path(casefile.GROUPS).read_bytes())
    yield from parse_rows(casefile.path(casefile.ITEMS).read_bytes())
    yield from parse_rows(casefile.path(casefile.RECORD).read_bytes())


@given(statements())
def test_a_statement_survives_the_wire_and_has_one_spelling(stated: Statement) -> None:
    data = encode_statement(stated)
    decoded = decode_statement(data)
    assert decoded == stated
    assert encode_statement(decoded) == data


def test_the_whole_case_file_survives_the_wire() -> None:
    for fact in case_file():
        stated = statement(fact)
        assert decode_statement(encode_statement(stated)) == stated


@pytest.mark.parametrize("fact", SAMPLES, ids=lambda fact: fact.id)
def test_whatever_decodes_encodes_to_the_same_bytes(fact: Fact) -> None:
    """One change of one field at a time: it is refused, or it is another statement."""
    refused = 0
    for mutated in mutations(message_of(fact)):
        data = mutated.SerializeToString(deterministic=True)
        try:
            decoded = decode_statement(data)
        except EnvelopeError:
            refused += 1
        else:
            assert encode_statement(decoded) == data
    assert refused > 0


@given(st.data())
def test_spoiled_bytes_are_refused_or_say_something_else(data: st.DataObject) -> None:
    """Whatever comes in, nothing but an EnvelopeError comes out."""
    original = encode_statement(rich_statement(data.draw(st.sampled_from(SAMPLES))))
    start = data.draw(st.integers(0, len(original)))
    end = data.draw(st.integers(start, min(start + 3, len(original))))
    spoiled = original[:start] + data.draw(st.binary(max_size=3)) + original[end:]
    try:
        decoded = decode_statement(spoiled)
    except EnvelopeError:
        return
    assert encode_statement(decoded) == spoiled


def test_version_zero_is_stated_and_never_assumed() -> None:
    stated = statement(claim("a-claim"), expected_version=0)
    assert decode_statement(encode_statement(stated)).expected_version == 0
    message = message_of()
    message.ClearField("expected_version")
    error = refusal(message.SerializeToString(deterministic=True))
    assert (error.field, error.rule) == ("expected_version", "missing")


def test_a_statement_too_long_for_an_entry_is_refused_before_it_is_read() -> None:
    assert refusal(b"\xff" * 70_000).rule == "size"
    assert refusal(b"\xff" * (MAX_ENVELOPE_BYTES + 1)).rule == "size"
    assert refusal(b"\xff" * MAX_ENVELOPE_BYTES).rule == "protobuf"


def test_a_fact_too_long_for_an_entry_is_not_written() -> None:
    stated = statement(action("us-rule", items=tuple("x" * 4000 for _ in range(17))))
    with pytest.raises(EnvelopeError, match="at most 65526 fit into an entry"):
        encode_statement(stated)


@pytest.mark.parametrize(
    "suffix",
    [
        pytest.param(b"\x12\x0corders/other", id="a singular field twice"),
        pytest.param(b"\xfa\x01\x01x", id="an unknown field"),
        pytest.param(b"\x0a\x00", id="a field out of order"),
    ],
)
def test_what_is_appended_to_a_statement_is_refused(suffix: bytes) -> None:
    data = encode_statement(rich_statement(rich_action()))
    assert refusal(data + suffix).rule == "canonical"


def test_an_odd_varint_is_refused() -> None:
    """Field 3, the version 3, is written in two bytes where one is enough."""
    data = encode_statement(rich_statement(claim("a-claim")))
    assert data.count(b"\x18\x03") == 1
    assert refusal(data.replace(b"\x18\x03", b"\x18\x83\x00")).rule == "canonical"


def test_an_unpacked_list_of_enums_is_refused() -> None:
    data = encode_statement(rich_statement(rich_action()))
    assert b"\x3a\x02\x01\x03" in data
    assert refusal(data.replace(b"\x3a\x02\x01\x03", b"\x38\x01\x38\x03")).rule == "canonical"


def test_text_that_is_not_utf8_is_refused() -> None:
    data = encode_statement(rich_statement(claim("a-claim")))
    error = refusal(data.replace(b"claims/a-claim", b"claims/a-\xfflaim"))
    assert "UTF-8" in error.message


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda m: setattr(m, "ledger_id", b"short"), "ledger_id"),
        (lambda m: setattr(m, "stream", "elsewhere/x1"), "stream"),
        (lambda m: setattr(m, "expected_version", 2**63), "expected_version"),
        (lambda m: setattr(m, "author", "A"), "author"),
        (lambda m: setattr(m, "nonce", b"15 bytes, alas."), "nonce"),
        (lambda m: setattr(m, "signed_at_ms", -1), "signed_at_ms"),
        (lambda m: setattr(m.anchor, "size", 0), "anchor.size"),
        (lambda m: setattr(m.anchor, "root", b""), "anchor.root"),
        (lambda m: setattr(m, "fact_id", "no"), "fact_id"),
        (lambda m: m.ClearField("fact"), "fact"),
        (lambda m: m.fact.Clear(), "fact.kind"),
        (lambda m: setattr(m.attachments[0], "media_type", "pdf"), "attachments[0].media_type"),
        (
            lambda m: setattr(m.fact.reported.provisions[0].effective, "value", "2025-04-31"),
            "fact.reported.provisions[0].effective.value",
        ),
        (
            lambda m: setattr(m.fact.reported.provisions[0].effective, "value", ""),
            "fact.reported.provisions[0].effective.value",
        ),
        (
            lambda m: setattr(m.fact.reported.provisions[0], "id", "another#place"),
            "fact.reported.provisions[0].id",
        ),
        (lambda m: m.fact.reported.addressees.append(""), "fact.reported.addressees[2]"),
    ],
)
def test_a_refusal_says_where(change: Any, field: str) -> None:
    message = message_of()
    change(message)
    assert refusal(message.SerializeToString(deterministic=True)).field == field


def test_the_founding_names_no_ledger() -> None:
    stated = statement(founded(), ledger_id=b"")
    assert decode_statement(encode_statement(stated)).ledger_id == b""
