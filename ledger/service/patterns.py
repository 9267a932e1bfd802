"""A question asked of many items and destinations at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from ledger.codec.questions import question_from_proto
from ledger.domain.determination.question import Question
from ledger.domain.facts import ItemDescribed
from ledger.domain.places import is_country
from ledger.domain.steps import Steps
from ledger.domain.vocabulary import Collection
from ledger.errors import QuestionError
from ledger.readmodels.catalog import CatalogView
from ledger.v1 import queries_pb2 as pb

_ANY_PLACE = "US"


@dataclass(frozen=True, slots=True)
class Extent:
    """Which items, by name, and which destinations, by code; items outermost."""

    items: Sequence[str]
    destinations: Sequence[str]

    @classmethod
    def of(
        cls,
        view: CatalogView,
        asked: pb.Question,
        items: Sequence[str],
        destinations: Sequence[str],
    ) -> Steps[Self]:
        """What a request is about; where it names nothing, all on record, as they were opened.

        Args:
            view: The record.
            asked: The pattern, whose own item and destination count as named.
            items: Names or aliases.
            destinations: ISO 3166-1 alpha-2 codes.

        Raises:
            QuestionError: A destination is no country.
        """
        names = [*filter(None, [asked.item]), *items]
        codes = [*filter(None, [asked.destination]), *destinations]
        for place, code in enumerate(destinations):
            if not is_country(code.upper()):
                raise QuestionError(
                    f"{code!r} is not an ISO 3166-1 alpha-2 code.",
                    field=f"destinations[{place}]",
                    rule="destination-code",
                )
        if not names:
            names = yield from _items_on_record(view)
        return cls(names, [code.upper() for code in codes] or _destinations_on_record(view))

    @property
    def size(self) -> int:
        """How many cells it has."""
        return len(self.items) * len(self.destinations)


def pattern_of(asked: pb.Question, *, today: date) -> Question:
    """The question that all cells share; its item and destination only stand in for theirs.

    Raises:
        QuestionError: It cannot be asked in that way.
    """
    message = pb.Question()
    message.CopyFrom(asked)
    message.item = asked.item or "any"
    message.destination = asked.destination or _ANY_PLACE
    return question_from_proto(message, today=today)


def _items_on_record(view: CatalogView) -> Steps[list[str]]:
    """Each item by its name in the latest description."""
    names = []
    for stream in view.streams(Collection.ITEMS):
        fact = view.stream(stream)[-1].fact
        if isinstance(fact, ItemDescribed):
            names.append(fact.name)
        yield
    return names


def _destinations_on_record(view: CatalogView) -> list[str]:
    prefix = f"{Collection.DESTINATIONS.value}/"
    streams = view.streams(Collection.DESTINATIONS)
    return [stream.removeprefix(prefix).upper() for stream in streams]
