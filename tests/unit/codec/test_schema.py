from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from ledger import casefile
from ledger.codec.schema import (
    COVERAGE,
    FORM_OF_FAMILY,
    ITEM,
    PARTY,
    REPORTED,
    json_schema,
    keys_known_at,
    schema_text,
)
from ledger.domain.vocabulary import Family

SCHEMA = json_schema()
DEFINITIONS: dict[str, dict[str, Any]] = SCHEMA["$defs"]


def test_the_schema_of_the_case_file_is_the_one_the_models_give() -> None:
    """When this fails, write ``schema_text()`` to ledger/casefile/record.schema.json."""
    committed = files(casefile.__name__).joinpath("record.schema.json").read_text("utf-8")
    assert committed == schema_text()


def test_a_copy_may_be_changed_without_harm() -> None:
    json_schema()["$defs"].clear()
    assert json_schema() == SCHEMA == json.loads(schema_text())


def test_a_row_is_of_one_of_four_forms() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    names = [member["$ref"].rpartition("/")[2] for member in SCHEMA["oneOf"]]
    assert names == ["ReportedFact", "CoverageDeclared", "PartyDescribed", "ItemDescribed"]


def test_keys_stand_under_the_names_of_the_row() -> None:
    coverage = DEFINITIONS["CoverageDeclared"]
    assert {"from", "to", "family", "subtype"} <= set(coverage["required"])
    assert coverage["properties"]["family"] == {"const": "coverage"}
    assert DEFINITIONS["PartyDescribed"]["properties"]["subtype"] == {"const": "described"}
    assert {"id", "stream"} & set(DEFINITIONS["ItemDescribed"]["required"]) == set()


def test_unknown_keys_are_closed_out_everywhere() -> None:
    objects = {name: node for name, node in DEFINITIONS.items() if "properties" in node}
    assert len(objects) > 20
    assert all(node["additionalProperties"] is False for node in objects.values())


def test_neither_nulls_nor_defaults_are_offered() -> None:
    text = schema_text()
    assert '"null"' not in text
    assert '"default"' not in text


def test_texts_are_not_empty() -> None:
    actor = DEFINITIONS["ReportedFact"]["properties"]["actor"]
    assert actor == {"type": "string", "minLength": 1, "maxLength": 4000}


def test_a_threshold_is_a_number_and_no_text() -> None:
    value = DEFINITIONS["ParameterTest"]["properties"]["value"]
    assert value == {"anyOf": [{"type": "boolean"}, {"type": "number"}]}


def test_parameters_and_grades_have_known_names() -> None:
    item = DEFINITIONS["ItemDescribed"]["properties"]
    assert "mem_bw_gbs" in item["parameters"]["propertyNames"]["enum"]
    assert "mem_bw_gbs" in item["unpublished"]["items"]["enum"]
    assert "launch" in item["grades"]["propertyNames"]["enum"]


def test_every_family_has_a_form() -> None:
    assert set(FORM_OF_FAMILY) == {*Family, "coverage", "party"}


@pytest.mark.parametrize(
    ("form", "path", "known"),
    [
        (REPORTED, ["dates"], ["compliance", "effective", "ends", "notified", "public"]),
        (REPORTED, ["dates", "public"], ["precision", "value"]),
        (REPORTED, ["provisions", 0, "items", "any_of", 1], ["all_of"]),
        (REPORTED, ["provisions", 3, "review_by", 0], ["policy", "when"]),
        (ITEM, ["parameters", "tpp"], ["max", "min"]),
        (ITEM, ["parameters"], []),
        (PARTY, ["name"], []),
        (COVERAGE, ["nothing", 0], []),
    ],
)
def test_the_keys_known_at_a_place(form: Any, path: list[str | int], known: list[str]) -> None:
    assert keys_known_at(form, path) == known


def test_the_keys_of_a_row_itself() -> None:
    assert {"id", "family", "from", "to"} <= set(keys_known_at(COVERAGE, []))
