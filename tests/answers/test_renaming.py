"""No answer turns on what an item is called where a technical rule can test it.

DESIGN §7: "no chip, country or instrument is named in code: blanking the item names of every
technical rule changes no answer, nor does renaming an item."
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from ledger.domain.determination.answer import Answer
from ledger.domain.determination.register import Register
from ledger.errors import NotFoundError
from tests.answers.asking import answer, axes_of
from tests.answers.case import Case, ask
from tests.answers.record import facts_of, register_of, shipped_items, shipped_rows
from tests.answers.rows import Row
from tests.answers.table import SHIPPED

ASKED = SHIPPED
"""Every question of the table over the shipped record."""


def blanked(value: Any) -> Any:
    """The same rows, with no item named wherever a class is given beside the names."""
    if isinstance(value, list):
        return [blanked(part) for part in value]
    if not isinstance(value, dict):
        return value
    return {
        key: [] if key == "names" and "any_of" in value else blanked(part)
        for key, part in value.items()
    }


class Renaming:
    """One new name for each item; every old name and alias leads to it."""

    def __init__(self, items: Iterable[Row]) -> None:
        self._new: dict[str, str] = {}
        for number, item in enumerate(items):
            for name in (item["name"], *item.get("aliases", [])):
                self._new[name.casefold()] = f"Thing {number:02}"

    def of(self, name: str) -> str:
        return self._new[name.casefold()]

    def item(self, item: Row) -> Row:
        renamed = {key: part for key, part in item.items() if key != "aliases"}
        return {**renamed, "name": self.of(item["name"])}

    def row(self, value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {
                part_key: self._names(part)
                if key == "items" and part_key == "names"
                else self.row(part, part_key)
                for part_key, part in value.items()
            }
        if isinstance(value, list) and key == "items":
            return self._names(value)
        return [self.row(part, key) for part in value] if isinstance(value, list) else value

    def _names(self, names: list[str]) -> list[str]:
        return list(dict.fromkeys(self.of(name) for name in names))

    def question(self, case: Case) -> Case:
        renamed = {**case.question, "item": self.of(case.question["item"])}
        return Case(case.name, renamed, case.why)


RENAMING = Renaming(shipped_items())


@pytest.fixture(scope="module")
def shipped() -> Register:
    return register_of(facts_of(shipped_rows(), shipped_items()))


@pytest.fixture(scope="module")
def nameless() -> Register:
    return register_of(facts_of(blanked(shipped_rows()), shipped_items()))


@pytest.fixture(scope="module")
def renamed() -> Register:
    items = [RENAMING.item(item) for item in shipped_items()]
    return register_of(facts_of([RENAMING.row(row) for row in shipped_rows()], items))


def told(given: Answer) -> dict[str, object]:
    """Everything an answer says, but for the words in which its item is named."""
    return {
        **axes_of(given),
        "missing": given.missing,
        "assumed": given.assumed,
        "flags": given.flags,
        "offers": [(offer.exception.code, offer.provision_id) for offer in given.offers],
        "considered": [
            (entry.recorded.fact.id, entry.disposition, entry.superseded_by)
            for entry in given.considered
        ],
        "conflicts": [conflict.fact_ids for conflict in given.conflicts],
        "since": given.since,
        "next_change": given.next_change and given.next_change.day,
    }


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.name)
def test_blanking_the_names_of_technical_rules_changes_no_answer(
    case: Case, shipped: Register, nameless: Register
) -> None:
    assert told(answer(case, nameless)) == told(answer(case, shipped))


@pytest.mark.parametrize("case", ASKED, ids=lambda case: case.name)
def test_renaming_every_item_changes_no_answer(
    case: Case, shipped: Register, renamed: Register
) -> None:
    assert told(answer(RENAMING.question(case), renamed)) == told(answer(case, shipped))


def test_enough_is_asked() -> None:
    assert len(ASKED) >= 40


def test_the_rows_have_really_lost_the_names(renamed: Register) -> None:
    assert blanked(shipped_rows()) != shipped_rows()
    rows = [RENAMING.row(row) for row in shipped_rows()]
    scopes = json.dumps([row.get("provisions") for row in rows])
    assert '"H20"' not in scopes
    with pytest.raises(NotFoundError):
        answer(Case("old-name", ask("H20", "CN", "2025-05-01"), "The old name is gone."), renamed)
