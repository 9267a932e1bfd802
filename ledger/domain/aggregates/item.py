"""An item: a chip or board and its parameters, version by version (FORMAT §3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.aggregates.base import Aggregate, tail
from ledger.domain.facts import ItemDescribed, slug
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item as last described, and how often it was."""

    version: int = 0
    current: ItemDescribed | None = None


def name_gives_stream(_: ItemState, fact: ItemDescribed) -> None:
    """The stream bears the slug of the item's name, so that one item has one stream."""
    try:
        expected = slug(fact.name)
    except ValueError as error:
        raise RuleError(str(error), field="name", rule="item-name-gives-stream") from error
    if tail(fact.stream) != expected:
        raise RuleError(
            f"The item {fact.name} lives in items/{expected}, not in {fact.stream}.",
            field="stream",
            rule="item-name-gives-stream",
        )


def keeps_its_vendor(state: ItemState, fact: ItemDescribed) -> None:
    """Another vendor's item is another item, even under the same name."""
    if state.current and fact.vendor.casefold() != state.current.vendor.casefold():
        raise RuleError(
            f"{fact.stream} is an item of {state.current.vendor}, not of {fact.vendor}.",
            field="vendor",
            rule="item-keeps-its-vendor",
        )


def says_something_new(state: ItemState, fact: ItemDescribed) -> None:
    """A later version differs from the current one in more than its id."""
    if state.current == fact.model_copy(update={"id": state.current.id} if state.current else {}):
        raise RuleError(
            f"{fact.id} says of {fact.name} what {fact.stream} says already.",
            rule="item-unchanged",
        )


def _described(state: ItemState, fact: ItemDescribed, _: bytes) -> ItemState:
    return ItemState(version=state.version + 1, current=fact)


ITEMS: Final = Aggregate(
    collection=Collection.ITEMS,
    kinds=(ItemDescribed,),
    nothing=ItemState(),
    rules=(name_gives_stream, keeps_its_vendor, says_something_new),
    fold=_described,
)
"""The streams ``items/<slug of the name>``."""
