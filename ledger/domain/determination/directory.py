"""The directory of a register: every fact, found by its id, its stream and the items it names.

Most facts of a large log do no more than name an item: orders, claims. A register takes nothing
from them but that they can be found, and whoever keeps them elsewhere need not hand them over
again after a restart: such a directory asks where they are kept. So whatever is taken from facts of
that kind belongs here, and not into the register.
"""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Protocol, final

from ledger.domain.facts import Fact, ReportedFact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Family


class Directory(Protocol):
    """Where a register finds facts that it does not hold itself."""

    @property
    def facts(self) -> Mapping[str, Recorded]:
        """Every entry by the id of its fact."""
        ...

    def add(self, recorded: Recorded) -> None:
        """Take in the next entry."""
        ...

    def naming(self, name: str) -> Iterable[Recorded]:
        """The reported facts that name an item by this folded name, in the order of the log.

        They may be read as they are taken, and are taken once.
        """
        ...

    def named_at(self, name: str) -> int:
        """The tree size after the last of them, 0 where there are none."""
        ...

    def length(self, stream: str) -> int:
        """How many events a stream has."""
        ...


@final
class OwnDirectory:
    """A directory in memory.

    Args:
        below: Another one that is not touched, for a copy that grows by itself; no fact of it is
            read but those that name an item which a further fact names.
    """

    def __init__(self, below: Directory | None = None) -> None:
        self._below = below
        self._own: dict[str, Recorded] = {}
        self._naming: dict[str, list[Recorded]] = {}
        self._lengths: dict[str, int] = defaultdict(int)
        self.facts: Mapping[str, Recorded] = (
            ChainMap(self._own, _as_mutable(below.facts)) if below is not None else self._own
        )

    def add(self, recorded: Recorded) -> None:
        """Take in the next entry."""
        fact = recorded.fact
        self._own[fact.id] = recorded
        self._lengths[fact.stream] += 1
        for name in items_named_by(fact):
            if name not in self._naming:
                self._naming[name] = [*self._naming_below(name)]
            self._naming[name].append(recorded)

    def naming(self, name: str) -> Iterable[Recorded]:
        """The reported facts that name an item."""
        own = self._naming.get(name)
        return self._naming_below(name) if own is None else own

    def named_at(self, name: str) -> int:
        """The tree size after the last of them."""
        own = self._naming.get(name)
        if own is not None:
            return own[-1].index + 1
        return self._below.named_at(name) if self._below is not None else 0

    def length(self, stream: str) -> int:
        """How many events a stream has."""
        below = self._below.length(stream) if self._below is not None else 0
        return below + self._lengths.get(stream, 0)

    def _naming_below(self, name: str) -> Iterable[Recorded]:
        return self._below.naming(name) if self._below is not None else ()


def items_named_by(fact: Fact) -> set[str]:
    """The folded names of the items that a reported fact names."""
    return {name.casefold() for name in fact.items} if isinstance(fact, ReportedFact) else set()


def bears(fact: ReportedFact) -> bool:
    """Whether a fact is looked at by every question."""
    return bool(fact.family is Family.REGULATORY_ACTION or fact.provisions or fact.effects)


def only_names_items(fact: Fact) -> bool:
    """Whether a fact can change no more than the answers about the items that it names."""
    return isinstance(fact, ReportedFact) and not bears(fact) and not fact.relates_to


def is_only_found(fact: Fact) -> bool:
    """Whether a directory takes all that there is to be taken from a fact."""
    return (
        isinstance(fact, ReportedFact)
        and only_names_items(fact)
        and fact.family is not Family.ADVOCACY_SUBMISSION
    )


def _as_mutable(facts: Mapping[str, Recorded]) -> MutableMapping[str, Recorded]:
    """A ``ChainMap`` writes to its first map alone, but its type wants all to be mutable."""
    return facts  # type: ignore[return-value]  # the lower map is only read
