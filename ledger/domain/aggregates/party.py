"""A party: a company or body under one name, described version by version (FORMAT §5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.domain.aggregates.base import Aggregate
from ledger.domain.facts import PartyDescribed
from ledger.domain.vocabulary import Collection
from ledger.errors import RuleError


@dataclass(frozen=True, slots=True)
class PartyState:
    """A party so far; ``name`` is the one it was first described under, "" before."""

    version: int = 0
    name: str = ""


def keeps_its_name(state: PartyState, fact: PartyDescribed) -> None:
    """A stream describes one party: a new name of the same one is entered as an alias."""
    if state.version and fact.name.casefold() != state.name.casefold():
        raise RuleError(
            f"{fact.stream} describes {state.name}, not {fact.name}: "
            "enter another name of the same party as an alias.",
            field="name",
            rule="party-keeps-its-name",
        )


def _described(state: PartyState, fact: PartyDescribed, _: bytes) -> PartyState:
    return PartyState(version=state.version + 1, name=state.name or fact.name)


PARTIES: Final = Aggregate(
    collection=Collection.PARTIES,
    kinds=(PartyDescribed,),
    nothing=PartyState(),
    rules=(keeps_its_name,),
    fold=_described,
)
"""The streams ``parties/<id>``."""
