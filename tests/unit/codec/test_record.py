from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import casefile
from ledger.codec.record import fact_to_row, parse_row, parse_rows
from ledger.codec.statements import decode_statement, encode_statement
from ledger.domain.facts import CoverageDeclared, Fact, ItemDescribed, PartyDescribed, ReportedFact
from ledger.domain.scope import ConsigneeScope
from ledger.errors import RecordFormatError
from tests.builders import co_signature, founded, item, membership, party, statement
from tests.unit.codec.samples import DIGEST, rich_action
from tests.unit.codec.strategies import rows

RECORD = casefile.path(casefile.RECORD).read_bytes()
ITEMS = casefile.path(casefile.ITEMS).read_bytes()

RULE: dict[str, Any] = fact_to_row(rich_action())
CHIP: dict[str, Any] = {
    "name": "H20",
    "vendor": "NVIDIA",
    "launch": {"value": "2024-02", "precision": "month"},
    "parameters": {"tpp": 2368, "perf_density": 2.9, "mem_bw_gbs": {"min": 4000, "max": 4000.5}},
    "unpublished": ["tops_bits"],
    "basis": {"die": "GH100"},
    "grades": {"die": "memory"},
    "certainty": "mixed",
}
COVERAGE: dict[str, Any] = {
    "id": "coverage-2022-2025",
    "family": "coverage",
    "subtype": "declared",
    "stream": "coverage/us",
    "actor": "registrar",
    "regime": "US export controls",
    "from": "2022-08-26",
    "to": "2025-12-31",
    "grade": "secondhand",
}
PARTY: dict[str, Any] = {
    "id": "party-smic",
    "family": "party",
    "subtype": "described",
    "stream": "parties/smic",
    "name": "SMIC",
    "headquarters": "CN",
    "identifiers": {"lei": "5493", "cik": "1"},
    "grade": "checked",
}
GONE = object()


def changed(row: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    copy = deepcopy(row)
    holder: Any = copy
    for part in path[:-1]:
        holder = holder[part]
    if value is GONE:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return copy


def read(row: object) -> Fact:
    return parse_row(json.dumps(row), line=7)


def refusal(row: object) -> RecordFormatError:
    with pytest.raises(RecordFormatError) as caught:
        read(row)
    assert caught.value.line == 7
    return caught.value


@pytest.mark.parametrize("data", [RECORD, ITEMS], ids=["record", "items"])
def test_every_row_of_the_case_file_is_written_as_it_was_read(data: bytes) -> None:
    facts = parse_rows(data)
    lines = data.splitlines()
    assert len(facts) == len(lines)
    for fact, line in zip(facts, lines, strict=True):
        expected = json.loads(line, parse_float=Decimal, parse_int=Decimal)
        written = json.dumps(fact_to_row(fact))
        assert json.loads(written, parse_float=Decimal, parse_int=Decimal) == expected


@given(rows)
def test_a_fact_survives_its_row(fact: Fact) -> None:
    row = json.dumps(fact_to_row(fact))
    assert parse_row(row, line=1) == fact
    assert fact_to_row(parse_row(row, line=1)) == json.loads(row)


@given(rows)
def test_a_row_survives_the_wire(fact: Fact) -> None:
    again = decode_statement(encode_statement(statement(fact))).fact
    assert fact_to_row(again) == fact_to_row(fact)


@pytest.mark.parametrize(
    ("row", "model"),
    [
        (RULE, ReportedFact),
        (CHIP, ItemDescribed),
        (COVERAGE, CoverageDeclared),
        (PARTY, PartyDescribed),
    ],
)
def test_the_family_decides_the_class(row: dict[str, Any], model: type[Fact]) -> None:
    fact = read(row)
    assert type(fact) is model
    assert fact_to_row(fact) == row


def test_numbers_are_exact() -> None:
    exact = '{"name":"X1","vendor":"V","certainty":"mixed","parameters":{"tpp":660.6,"io_gbs":0.1}}'
    fact = parse_row(exact, line=1)
    assert isinstance(fact, ItemDescribed)
    assert fact.parameters == {"tpp": Decimal("660.6"), "io_gbs": Decimal("0.1")}
    assert json.dumps(fact_to_row(fact)["parameters"]) == '{"tpp": 660.6, "io_gbs": 0.1}'


def test_an_item_is_named_by_its_name() -> None:
    fact = read(changed(CHIP, ("name",), "H100 SXM"))
    assert (fact.id, fact.stream) == ("item-h100-sxm", "items/h100-sxm")


def test_a_corrected_item_has_an_id_of_its_own() -> None:
    row = {**CHIP, "id": "item-h20-corrected"}
    fact = read(row)
    assert (fact.id, fact.stream) == ("item-h20-corrected", "items/h20")
    assert fact_to_row(fact) == row


def test_an_item_without_a_latin_name_says_where_it_stands() -> None:
    row = {**CHIP, "name": "\u6607\u817e"}
    error = refusal(row)
    assert (error.field, error.rule) == ("name", "row")
    placed = {**row, "id": "item-ascend", "stream": "items/ascend"}
    assert fact_to_row(read(placed)) == placed


def test_unpublished_consignees_are_a_word_and_not_a_list() -> None:
    row = changed(RULE, ("provisions", 0, "consignees"), {"names": "UNPUBLISHED"})
    fact = read(row)
    assert isinstance(fact, ReportedFact)
    assert fact.provisions[0].consignees == ConsigneeScope(names="UNPUBLISHED")
    assert fact_to_row(fact) == row


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("provisions", 0, "items"), {"names": [], "described_as": "dies"}),
        (("provisions", 0, "consignees"), {"names": [], "complete": False}),
        (("provisions", 0, "exceptions", 0, "preconditions"), []),
        (("signatories"), {"stated_count": 6, "names": []}),
    ],
)
def test_an_empty_list_stands_where_format_writes_it(path: Any, value: object) -> None:
    row = changed(RULE, path if isinstance(path, tuple) else (path,), value)
    assert fact_to_row(read(row)) == row


def test_subsidiaries_may_stand_with_the_consignees_or_with_the_exemption() -> None:
    exemption = {"consignees": {"names": ["Biren"], "subsidiaries": True}, "subsidiaries": True}
    row = changed(RULE, ("provisions", 0, "exempt", 0), exemption)
    assert fact_to_row(read(row)) == row


@pytest.mark.parametrize(
    ("row", "path", "value", "field", "reason"),
    [
        (RULE, ("grade",), "verified", "grade", "must be 'checked', 'secondhand' or 'memory'"),
        (RULE, ("actor",), GONE, "actor", "actor is missing."),
        (RULE, ("actor",), 5, "actor", "actor must be text, not 5."),
        (RULE, ("note",), None, "note", "note is null; leave an empty key out."),
        (RULE, ("note",), "", "note", "note is empty; leave an empty key out."),
        (RULE, ("acter",), "x", "acter", "'acter' is not a key known here; did you mean actor?"),
        (RULE, ("dates", "zzz"), 1, "dates.zzz", "known are compliance, effective, ends"),
        (RULE, ("stream",), "rules/x1", "stream", "the collection being one of instruments"),
        (RULE, ("id",), "Us-Rule", "id", "3 to 80 of a-z, 0-9 and hyphen"),
        (RULE, ("addressee",), 5, "addressee", "must be text, or a list"),
        (RULE, ("addressee",), ["x", 5], "addressee[1]", "must be text"),
        (RULE, ("issuer_country",), "UK", "issuer_country", "not an ISO 3166 country code"),
        (RULE, ("dates",), {}, "dates", "nobody could know of it"),
        (RULE, ("dates", "public"), "2025-04-15", "dates.public", "must be an object"),
        (
            RULE,
            ("dates", "public", "value"),
            "2025-02-30",
            "dates.public.value",
            "'2025-02-30' is not a day of the calendar",
        ),
        (RULE, ("dates", "ends", "value"), "2025-01-01", "dates", "lies before effective"),
        (RULE, ("money", "max"), 0, "money", "max 0 is below min 1"),
        (RULE, ("quantity", "min"), 1.5, "quantity.min", "must be a whole number"),
        (RULE, ("effects", 0, "value"), "TARIFF", "effects[0]", "axis authorization"),
        (RULE, ("effects", 0, "axis"), "requirement", "effects[0].axis", "must be 'authorization'"),
        (RULE, ("relates_to", 0, "id"), "#x", "relates_to[0].id", "or of a provision (fact#name)"),
        (RULE, ("provisions", 0, "id"), "other#x", "provisions[0].id", "must begin with us-rule#"),
        (RULE, ("provisions", 0, "effectiv"), {}, "provisions[0].effectiv", "mean effective?"),
        (
            RULE,
            ("provisions", 0, "items", "any_of", 0, "all_of", 1, "value"),
            "true",
            "provisions[0].items.any_of[0].all_of[1].value",
            "must be true or false, or a number, not 'true'.",
        ),
        (
            RULE,
            ("provisions", 0, "items", "any_of", 0, "all_of", 0, "op"),
            ">",
            "provisions[0].items.any_of[0].all_of[0].op",
            "must be '>=', '<' or '=='",
        ),
        (
            RULE,
            ("provisions", 0, "consignees", "names"),
            "Biren",
            "provisions[0].consignees.names",
            "must be 'UNPUBLISHED'",
        ),
        (CHIP, ("parameters", "tpp"), "2368", "parameters.tpp", "a number, or an object"),
        (CHIP, ("parameters", "flops"), 1, "parameters", "'flops' is not a parameter"),
        (CHIP, ("parameters", "tpp"), {"mn": 1, "max": 2}, "parameters.tpp.mn", "mean min?"),
        (CHIP, ("parameters", "tpp"), {"min": 1}, "parameters.tpp.max", "max is missing"),
        (CHIP, ("parameters", "tpp"), True, "parameters.tpp", "a number or a range, not True"),
        (CHIP, ("parameters", "datacenter"), 1, "parameters.datacenter", "true or false, not 1"),
        (CHIP, ("grades", "dye"), "checked", "grades", "'dye' is not a group of parameters"),
        (CHIP, ("vendor",), GONE, "vendor", "vendor is missing."),
        (CHIP, ("name",), 5, "name", "name must be text."),
        (CHIP, ("family",), "item", "family", "an item has a name and a vendor instead"),
        (COVERAGE, ("from",), 1661472000, "from", "must be a day written YYYY-MM-DD"),
        (COVERAGE, ("from",), "2022-08", "from", "is not a day written YYYY-MM-DD"),
        (COVERAGE, ("to",), "2022-08-25", "", "to (2022-08-25) lies before from"),
        (COVERAGE, ("from_day",), "2022-08-26", "from_day", "not a key known here"),
        (COVERAGE, ("subtype",), "extended", "subtype", "of family coverage is declared"),
        (PARTY, ("subtype",), GONE, "subtype", "of family party is described"),
        (PARTY, ("family",), "partie", "family", "must be one of regulatory_action"),
        (PARTY, ("family",), GONE, "family", "family must be one of"),
        (PARTY, ("identifiers", "lei"), 5, "identifiers.lei", "must be text"),
    ],
)
def test_a_refusal_names_line_place_and_reason(
    row: dict[str, Any], path: tuple[str | int, ...], value: object, field: str, reason: str
) -> None:
    error = refusal(changed(row, path, value))
    assert reason in error.message
    assert error.field == field


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else ()
    for key, member in enumerate(value) if isinstance(value, list) else members:
        yield (*path, key)
        yield from places(member, (*path, key))


@given(st.data())
def test_whatever_stands_in_a_row_nothing_but_our_refusal_comes_out(data: st.DataObject) -> None:
    row = data.draw(st.sampled_from([RULE, CHIP, COVERAGE, PARTY]))
    path = data.draw(st.sampled_from(list(places(row))))
    spoiled = changed(row, path, data.draw(JSON_VALUES | st.just(GONE)))
    try:
        fact = read(spoiled)
    except RecordFormatError as error:
        message = error.message
    else:
        message = ""
        assert parse_row(json.dumps(fact_to_row(fact)), line=1) == fact
    assert "Input should" not in message


def test_a_file_counts_its_lines_from_one() -> None:
    with pytest.raises(RecordFormatError) as caught:
        parse_rows(json.dumps(CHIP) + "\n\n" + json.dumps(COVERAGE))
    assert (caught.value.line, caught.value.rule) == (2, "json")


@pytest.mark.parametrize("encode", [str, str.encode], ids=["text", "bytes"])
def test_only_a_line_feed_ends_a_row(encode: Any) -> None:
    """U+2028 ends a line for str.splitlines(), and stands in texts all the same."""
    noted = json.dumps({**CHIP, "note": "one\u2028two"}, ensure_ascii=False)
    assert [fact.id for fact in parse_rows(encode(noted + "\n"))] == ["item-h20"]


def test_an_empty_file_has_no_rows() -> None:
    assert parse_rows(b"") == []


@pytest.mark.parametrize(
    "fact", [membership(), co_signature("a-b", "submissions/x1", DIGEST), founded()]
)
def test_what_format_does_not_have_is_not_written(fact: Fact) -> None:
    with pytest.raises(RecordFormatError, match=f"no row for a {type(fact).__name__}"):
        fact_to_row(fact)


def test_items_and_parties_of_the_builders_have_rows() -> None:
    assert fact_to_row(item())["name"] == "H20"
    assert fact_to_row(party())["family"] == "party"
