"""The record format as a JSON Schema, drawn from the domain's own models.

Editors check a file against it while it is being written. What no schema can say, such as a date
that ends before it begins, only the import refuses.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pydantic.json_schema import models_json_schema

from ledger.domain.facts import (
    DESCRIPTIVE,
    GRADED,
    TESTABLE,
    CoverageDeclared,
    Fact,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
)
from ledger.domain.model import Frozen
from ledger.domain.vocabulary import Family

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_Node = dict[str, Any]


class RowForm(NamedTuple):
    """What a row may be: the fact it becomes, and the keys that stand in the row alone."""

    model: type[Fact]
    constants: dict[str, str]


REPORTED: Final = RowForm(ReportedFact, {})
COVERAGE: Final = RowForm(CoverageDeclared, {"family": "coverage", "subtype": "declared"})
PARTY: Final = RowForm(PartyDescribed, {"family": "party", "subtype": "described"})
ITEM: Final = RowForm(ItemDescribed, {})

FORM_OF_FAMILY: Final[dict[str, RowForm]] = {
    **{family.value: REPORTED for family in Family},
    "coverage": COVERAGE,
    "party": PARTY,
}
"""The form of a row by its family; an item has none."""

ROW_FORMS: Final = (REPORTED, COVERAGE, PARTY, ITEM)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one row, a fresh copy."""
    return deepcopy(_schema())


def schema_text() -> str:
    """The schema as the case file carries it."""
    return json.dumps(_schema(), indent=2, ensure_ascii=False) + "\n"


def keys_known_at(form: RowForm, path: Sequence[str | int]) -> list[str]:
    """The keys that the object at a path may have, sorted; none where no object stands."""
    definitions: dict[str, _Node] = _schema()["$defs"]
    nodes = [definitions[form.model.__name__]]
    for part in path:
        nodes = [
            child
            for node in nodes
            for variant in _variants(node, definitions)
            for child in _children(variant, part)
        ]
    variants = [variant for node in nodes for variant in _variants(node, definitions)]
    return sorted({key for variant in variants for key in variant.get("properties", ())})


@cache
def _schema() -> _Node:
    _, whole = models_json_schema([(form.model, "validation") for form in ROW_FORMS], by_alias=True)
    definitions = {name: _plain(node) for name, node in whole["$defs"].items()}
    for form in ROW_FORMS:
        _add_constants(definitions[form.model.__name__], form.constants)
    item = definitions[ItemDescribed.__name__]
    parameters = sorted(TESTABLE | DESCRIPTIVE)
    item["properties"]["parameters"]["propertyNames"] = {"enum": parameters}
    item["properties"]["unpublished"]["items"] = {"enum": parameters}
    item["properties"]["grades"]["propertyNames"] = {"enum": sorted(GRADED)}
    # An item is named by its name: id and stream follow from it unless they are given.
    item["required"] = [key for key in item["required"] if key not in {"id", "stream"}]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A row of the record: a reported fact, coverage, a party or an item",
        "oneOf": [{"$ref": f"#/$defs/{form.model.__name__}"} for form in ROW_FORMS],
        "$defs": definitions,
    }


def _add_constants(node: _Node, constants: dict[str, str]) -> None:
    node["properties"] |= {key: {"const": value} for key, value in constants.items()}
    node["required"] = sorted({*node["required"], *constants})


def _plain(node: Any) -> Any:
    """A part of pydantic's schema without what a row has not: titles, defaults and nulls."""
    if isinstance(node, list):
        return [_plain(member) for member in node]
    if not isinstance(node, dict):
        return node
    plain = {
        key: {name: _plain(value) for name, value in node[key].items()}
        if key == "properties"
        else _plain(node[key])
        for key in node
        if key not in {"title", "default"}
    }
    if "anyOf" in plain:
        members = [member for member in plain.pop("anyOf") if member != {"type": "null"}]
        plain |= members[0] if len(members) == 1 else {"anyOf": members}
    return _bounded(plain) if plain.get("type") == "string" else plain


def _bounded(node: _Node) -> _Node:
    """A text with its lengths; one with a form of its own needs none."""
    lengths = {
        "minLength": Frozen.model_config["str_min_length"],
        "maxLength": Frozen.model_config["str_max_length"],
    }
    rest = {key: value for key, value in node.items() if key not in lengths}
    return rest if {"enum", "const", "pattern", "format"} & rest.keys() else rest | lengths


def _variants(node: _Node, definitions: dict[str, _Node]) -> Iterator[_Node]:
    """The node itself, or what it refers to, or the members of its union."""
    if "$ref" in node:
        yield from _variants(definitions[node["$ref"].rpartition("/")[2]], definitions)
    elif "anyOf" in node:
        for member in node["anyOf"]:
            yield from _variants(member, definitions)
    else:
        yield node


def _children(node: _Node, part: str | int) -> Iterator[_Node]:
    """The schemas of a node's members: of a list, or of an object under a key."""
    if isinstance(part, int):
        candidates = [node.get("items")]
    else:
        candidates = [node.get("properties", {}).get(part), node.get("additionalProperties")]
    yield from (candidate for candidate in candidates if isinstance(candidate, dict))
