"""The case file holds together: every name in it leads somewhere, and every row says its worth."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

import pytest

from ledger import casefile
from ledger.domain.authorship import Policy
from ledger.domain.dates import OutsideDate
from ledger.domain.vocabulary import Certainty, Grade, ItemCertainty, RelationKind
from ledger.errors import NotFoundError

Row = dict[str, Any]

DOCUMENTS = files(casefile.__name__)

SOURCE_KEYS = {"publisher", "title", "date", "url", "language"}
GRADES = {grade.value for grade in Grade}


def read(name: str) -> str:
    return casefile.path(name).read_text(encoding="utf-8")


def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in read(name).splitlines()]


RECORD = rows(casefile.RECORD)
ITEMS = rows(casefile.ITEMS)
GROUPS = list(csv.DictReader(read(casefile.GROUPS).splitlines()))


def provisions(fact: Row) -> list[Row]:
    found: list[Row] = fact.get("provisions", [])
    return found


def names_on_file() -> set[str]:
    named = {fact["id"] for fact in RECORD}
    return named | {provision["id"] for fact in RECORD for provision in provisions(fact)}


def named_items(fact: Row) -> Iterator[str]:
    yield from fact.get("items", [])
    for effect in fact.get("effects", []):
        yield from effect.get("items", [])
    for provision in provisions(fact):
        scopes = [provision, *provision.get("exceptions", [])]
        yield from chain.from_iterable(s.get("items", {}).get("names", []) for s in scopes)


def test_the_file_has_the_rows_it_declares() -> None:
    assert (len(RECORD), len(ITEMS), len(GROUPS)) == (75, 31, 162)


@pytest.mark.parametrize("name", [casefile.RECORD, casefile.ITEMS])
def test_every_line_is_one_object_in_the_plain_form(name: str) -> None:
    text = read(name)
    assert text.endswith("}\n")
    for line in text.splitlines():
        assert json.dumps(json.loads(line), ensure_ascii=False) == line


def test_no_two_facts_or_provisions_share_an_id() -> None:
    ids = [fact["id"] for fact in RECORD]
    ids += [provision["id"] for fact in RECORD for provision in provisions(fact)]
    assert len(set(ids)) == len(ids)


def test_no_two_items_answer_to_one_name() -> None:
    owners = [
        {name.casefold() for name in (item["name"], *item.get("aliases", []))} for item in ITEMS
    ]
    assert sum(map(len, owners)) == len(set().union(*owners))


def test_every_relation_leads_to_a_fact_or_a_provision_on_file() -> None:
    on_file = names_on_file()
    relations = [relation for fact in RECORD for relation in fact.get("relates_to", [])]
    assert relations
    for relation in relations:
        assert relation["id"] in on_file
        assert relation["relation"] in set(RelationKind)


def test_every_amended_provision_is_on_file() -> None:
    amended = {p["amends"] for fact in RECORD for p in provisions(fact) if "amends" in p}
    assert amended
    assert amended <= names_on_file()


def test_every_stream_is_opened_by_the_fact_that_names_it() -> None:
    opened: set[str] = set()
    for fact in RECORD:
        life = fact["stream"].partition("/")[2]
        assert fact["family"] == "coverage" or fact["id"] == life or fact["stream"] in opened
        opened.add(fact["stream"])


def test_every_item_named_resolves_without_regard_to_case() -> None:
    known = {name.casefold() for item in ITEMS for name in (item["name"], *item.get("aliases", []))}
    named = {name.casefold() for fact in RECORD for name in named_items(fact)}
    assert "h20" in named
    assert named <= known


def test_the_misspelling_of_the_article_is_an_alias_of_the_h20() -> None:
    assert [item["name"] for item in ITEMS if "H2O" in item.get("aliases", [])] == ["H20"]


@pytest.mark.parametrize("name", [casefile.RECORD, casefile.ITEMS])
def test_every_source_says_who_published_what_and_where(name: str) -> None:
    sources = [source for row in rows(name) for source in row.get("sources", [])]
    assert sources
    for source in sources:
        assert set(source) <= SOURCE_KEYS
        assert source["publisher"]
        assert source["title"]
        assert re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", source.get("date", "2025-07"))
        if "url" in source:
            parts = urlsplit(source["url"])
            assert parts.scheme in {"http", "https"}
            assert parts.netloc
            assert source["url"] == source["url"].strip()


def test_every_fact_reported_cites_a_source() -> None:
    assert [fact["id"] for fact in RECORD if not fact.get("sources")] == ["coverage-2022-2025"]


def test_every_row_says_how_it_was_verified() -> None:
    graded = [*RECORD, *GROUPS, *chain.from_iterable(provisions(fact) for fact in RECORD)]
    assert {row["grade"] for row in graded} == GRADES
    for item in ITEMS:
        assert item["grades"]
        assert set(item["grades"].values()) <= GRADES


def test_every_row_says_how_strong_its_source_is() -> None:
    facts = [fact for fact in RECORD if fact["family"] != "coverage"]
    assert {fact["certainty"] for fact in facts} == set(Certainty)
    assert {item["certainty"] for item in ITEMS} == set(ItemCertainty)


def test_every_claim_is_attributed() -> None:
    claims = [fact for fact in RECORD if fact["family"] == "claim"]
    assert claims
    assert all(fact["attributed_to"] for fact in claims)


def test_every_date_is_written_as_its_precision_asks() -> None:
    dates = [date for fact in RECORD for date in fact.get("dates", {}).values()]
    dates += [item[key] for item in ITEMS for key in ("launch", "reported") if key in item]
    for date in dates:
        assert OutsideDate.model_validate_json(json.dumps(date)).value == date["value"]


def test_a_group_row_has_eight_columns_and_a_known_group() -> None:
    for row in GROUPS:
        assert None not in row
        assert None not in row.values()
        assert re.fullmatch(r"[A-Z]{2}", row["iso3166_alpha2"])
    groups = {row["group"] for row in GROUPS}
    assert groups == {"A:1", "A:5", "A:6", "D:1", "D:4", "D:5", "D:5-state"}


def test_no_membership_is_listed_twice() -> None:
    members = [(row["group"], row["iso3166_alpha2"]) for row in GROUPS]
    assert len(set(members)) == len(members)


def test_macau_is_not_in_d5() -> None:
    assert {r["group"] for r in GROUPS if r["iso3166_alpha2"] == "MO"} == {"D:1", "D:4"}


def test_the_policy_names_the_embargoed_destinations() -> None:
    (outside,) = Policy.model_validate_json(read(casefile.POLICY)).outside_record
    assert outside.codes == ("BY", "CU", "IR", "KP", "RU", "SY")
    assert outside.citation == "15 CFR part 746"


@pytest.mark.parametrize("document", ["README.md", "ARTICLE.md"])
def test_every_fact_that_a_document_names_is_on_file(document: str) -> None:
    text = DOCUMENTS.joinpath(document).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:ad|cl|cn|co|pi|st|us)-[a-z0-9-]{4,})`", text))
    assert named <= names_on_file()


def test_every_claim_of_the_article_is_discussed() -> None:
    text = DOCUMENTS.joinpath("ARTICLE.md").read_text(encoding="utf-8")
    claims = [fact["id"] for fact in RECORD if fact["id"].startswith("pi-")]
    assert len(claims) == 5
    assert all(f"`{claim}`" in text for claim in claims)


def test_a_fact_named_in_a_note_is_on_file() -> None:
    notes = " ".join(fact.get("note", "") for fact in RECORD)
    named = set(re.findall(r"\b(?:ad|cl|cn|co|pi|st|us)-\d{4}-[a-z0-9-]+", notes))
    assert "us-2025-04-09-nvda-h20-letter" in named
    assert named <= names_on_file()


def test_the_import_order_describes_before_it_names() -> None:
    assert casefile.IMPORT_ORDER == ("country_groups.csv", "items.jsonl", "record.jsonl")


@pytest.mark.parametrize("name", ["", "README.md", "../errors.py", "RECORD.JSONL"])
def test_only_the_data_files_are_handed_out(name: str) -> None:
    with pytest.raises(NotFoundError) as caught:
        casefile.path(name)
    assert caught.value.field == "name"
