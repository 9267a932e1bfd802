"""The shipped record, and whatever rows a test adds to it, as a register of the domain."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import Any, Final

from ledger import casefile
from ledger.domain.authorship import Policy
from ledger.domain.determination.register import Register
from ledger.domain.facts import (
    CoverageDeclared,
    Fact,
    GroupMembership,
    ItemDescribed,
    PartyDescribed,
    ReportedFact,
    slug,
)
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Grade
from tests.builders import founded

Row = dict[str, Any]

RECORDED_MS: Final = 1_795_392_000_000
"""When every entry was recorded: 2026-11-23T00:00Z, after all that it tells of."""


def shipped_rows() -> list[Row]:
    """The rows of the record, as they stand in the file."""
    return _json_lines(casefile.RECORD)


def shipped_items() -> list[Row]:
    """The items, as they stand in the file."""
    return _json_lines(casefile.ITEMS)


def facts_of(rows: Iterable[Row], items: Iterable[Row]) -> list[Fact]:
    """Memberships, then items, then rows: the order in which a record is imported."""
    return [*_memberships(), *map(item_of, items), *map(fact_of, rows)]


def register_of(facts: Iterable[Fact]) -> Register:
    """A register over a founding entry and these facts, each in the next place of its stream."""
    versions: dict[str, int] = {}
    records: list[Recorded] = []
    policy = Policy.model_validate_json(casefile.path(casefile.POLICY).read_bytes())
    for fact in (founded(policy=policy), *facts):
        versions[fact.stream] = versions.get(fact.stream, 0) + 1
        records.append(
            Recorded(
                index=len(records),
                version=versions[fact.stream],
                recorded_ms=RECORDED_MS,
                author="registrar",
                digest=sha256(fact.id.encode()).digest(),
                fact=fact,
            )
        )
    return Register.of(records)


def item_of(row: Row) -> ItemDescribed:
    """An item's row as a fact; ``id`` and stream follow from the name unless the row has them."""
    name = slug(row["name"])
    named = {"id": f"item-{name}", "stream": f"items/{name}", **row}
    return ItemDescribed.model_validate_json(json.dumps(named))


def fact_of(row: Row) -> Fact:
    """A record's row as a fact of its family."""
    kinds: dict[str, type[Fact]] = {"coverage": CoverageDeclared, "party": PartyDescribed}
    kind = kinds.get(row["family"])
    if kind is None:
        return ReportedFact.model_validate_json(json.dumps(row))
    bare = {key: value for key, value in row.items() if key not in {"family", "subtype"}}
    return kind.model_validate_json(json.dumps(bare))


def _memberships() -> list[GroupMembership]:
    text = casefile.path(casefile.GROUPS).read_text(encoding="utf-8")
    return [
        GroupMembership(
            id=f"group-{number}-{slug(row['group'])}-{row['iso3166_alpha2'].lower()}",
            stream=f"destinations/{row['iso3166_alpha2'].lower()}",
            group=row["group"],
            country=row["iso3166_alpha2"],
            name=row["name"],
            from_date=_day(row["from_date"]),
            until_date=_day(row["until_date"]),
            grade=Grade(row["grade"]),
            source=row["source"],
            note=row["note"] or None,
        )
        for number, row in enumerate(csv.DictReader(text.splitlines()))
    ]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _json_lines(name: str) -> list[Row]:
    text = casefile.path(name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
