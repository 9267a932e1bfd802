"""Which rows are new: facts are known by their id, descriptions by what they say.

A fact on record is never edited. A row that says again what is there is skipped; one that says
something else under the same id is refused, with the way out. Items and memberships take their ids
from what they describe, so that a changed row is the next version of the description.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from typing import Protocol, final

from ledger.client.rows import RefusedRow, Row
from ledger.client.signer import content_of
from ledger.domain.facts import Fact, GroupMembership, ItemDescribed
from ledger.errors import DuplicateError, NotFoundError


class Record(Protocol):
    """What is on record, proved."""

    def fact(self, fact_id: str) -> Fact:
        """Return the fact with this id.

        Raises:
            NotFoundError: There is none.
        """
        ...

    def stream(self, name: str) -> list[Fact]:
        """Return the facts of a stream, oldest first; none where there is no such stream."""
        ...

    def version(self, name: str) -> int:
        """Return how many facts a stream holds."""
        ...


class Outcome(Enum):
    """What becomes of a row that may stand."""

    NEW = "new"
    ALREADY_IN = "already in"


@dataclass(frozen=True, slots=True)
class Settled:
    """A row, with the id under which it goes in or went in."""

    row: Row
    outcome: Outcome


@final
class Settler:
    """Settles rows one after the other, each against the record and the rows before it.

    Args:
        record: What is on record.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._planned: dict[str, Row] = {}
        self._described: dict[str, list[Fact]] = {}

    def settle(self, row: Row) -> Settled | RefusedRow:
        """Say whether a row is new, is on record already, or contradicts what is."""
        if _is_named_by_what_it_describes(row.fact):
            return self._settle_description(row)
        earlier = self._planned.get(row.fact.id)
        if earlier is not None:
            return _again(row, earlier.fact, f"{earlier.file}:{earlier.line}")
        known = self._known(row.fact.id)
        if known is not None:
            return _again(row, known, "The record")
        self._planned[row.fact.id] = row
        return Settled(row, Outcome.NEW)

    def settle_again(self, row: Row) -> Settled | RefusedRow | None:
        """Settle a row that the ledger called a duplicate; None if it is not on record after all.

        Somebody else may have appended it since it was settled.
        """
        known = self._known(row.fact.id)
        return None if known is None else _again(row, known, "The record")

    def _settle_description(self, row: Row) -> Settled | RefusedRow:
        told = self._described.get(row.fact.stream)
        if told is None:
            told = self._described[row.fact.stream] = self._record.stream(row.fact.stream)
        for known in told:
            if _says_the_same(known, row.fact):
                return Settled(_named(row, known.id), Outcome.ALREADY_IN)
        taken = {known.id for known in told}
        fresh = next(name for name in _versions(row.fact, len(told)) if name not in taken)
        settled = _named(row, fresh)
        told.append(settled.fact)
        return Settled(settled, Outcome.NEW)

    def _known(self, fact_id: str) -> Fact | None:
        try:
            return self._record.fact(fact_id)
        except NotFoundError:
            return None


def _is_named_by_what_it_describes(fact: Fact) -> bool:
    """Whether a row's id was made from its content; a row of an item may bring one of its own."""
    if isinstance(fact, ItemDescribed):
        return fact.id == f"item-{fact.stream.partition('/')[2]}"
    return isinstance(fact, GroupMembership)


def _versions(fact: Fact, told: int) -> Iterator[str]:
    """The ids a description may have: its own, then that of its next version, and so on.

    A stream of memberships tells of several groups, so only an item's place counts its versions.
    """
    yield fact.id
    first = told + 1 if isinstance(fact, ItemDescribed) else 2
    yield from (f"{fact.id}-v{version}" for version in count(max(first, 2)))


def _named(row: Row, fact_id: str) -> Row:
    return replace(row, fact=row.fact.model_copy(update={"id": fact_id}))


def _says_the_same(known: Fact, fact: Fact) -> bool:
    return known.stream == fact.stream and content_of(known) == content_of(fact)


def _again(row: Row, known: Fact, where: str) -> Settled | RefusedRow:
    if _says_the_same(known, row.fact):
        return Settled(row, Outcome.ALREADY_IN)
    return row.refused(
        DuplicateError(
            f"{where} has {row.fact.id} with other content. A fact is never edited: append a "
            "correction under an id of its own, related to this one.",
            field="id",
            rule="fact-id-taken",
        )
    )
