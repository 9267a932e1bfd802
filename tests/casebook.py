"""The case file as a register, and questions about it in one line."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from ledger import casefile
from ledger.codec.groups import parse_groups_csv
from ledger.codec.record import parse_rows
from ledger.domain.authorship import Policy
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.facts import Fact
from ledger.domain.statement import Recorded
from tests.builders import digest_of, founded

RECORDED_MS: Final = 1_780_000_000_000
"""A day of May 2026: the case file is filled after all that it speaks of."""


@cache
def facts() -> tuple[Fact, ...]:
    """All facts of the case file, in the order of its import."""
    memberships = parse_groups_csv(casefile.path(casefile.GROUPS).read_bytes())
    items = parse_rows(casefile.path(casefile.ITEMS).read_bytes())
    record = parse_rows(casefile.path(casefile.RECORD).read_bytes())
    return (*memberships, *items, *record)


def recorded(*more: Fact) -> list[Recorded]:
    """The founding, the case file and further facts, each as the next entry."""
    policy = Policy.model_validate_json(casefile.path(casefile.POLICY).read_bytes())
    versions: Counter[str] = Counter()
    entries = []
    for index, fact in enumerate((founded("admin", policy=policy), *facts(), *more)):
        versions[fact.stream] += 1
        entries.append(
            Recorded(
                index=index,
                version=versions[fact.stream],
                recorded_ms=RECORDED_MS,
                author="registrar",
                digest=digest_of(fact),
                fact=fact,
            )
        )
    return entries


def casebook(*more: Fact) -> Register:
    """A register of the case file and further facts."""
    return Register.of(recorded(*more))


def asking(**supplied: Any) -> Question:
    """A question about the H20 for China by NVIDIA; days are given as text."""
    fields: dict[str, Any] = {
        "item": "H20",
        "destination": "CN",
        "exporter": "NVIDIA",
        "as_of": "2025-08-15",
        "known_at": "2026-01-01",
    }
    fields |= supplied
    day = TypeAdapter(date)
    for name in ("as_of", "known_at"):
        fields[name] = day.validate_python(fields[name])
    return Question(**fields)
