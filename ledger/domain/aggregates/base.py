"""What every aggregate is: a state, the rules that may refuse a fact, and a fold.

The core is functional. ``decide`` looks and raises, ``evolve`` gives another state and changes
nothing, so a stream is ``reduce(evolve)`` over its facts, and ``evolve`` never fails on what
``decide`` allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from ledger.domain.facts import Fact
from ledger.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.domain.vocabulary import Collection

S = TypeVar("S")
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S, F]):
    """One kind of stream, as data.

    Attributes:
        collection: The first part of its streams' names.
        kinds: The fact classes that live there.
        nothing: The state of a stream that holds no fact yet.
        rules: What may refuse a fact, in the order in which it is asked: each takes state and
            fact, and raises RuleError with the name of the rule.
        fold: The state after a fact; it is also given the fact's statement digest.
    """

    collection: Collection
    kinds: tuple[type[F], ...]
    nothing: S
    rules: tuple[Callable[[S, F], None], ...]
    fold: Callable[[S, F, bytes], S]

    def initial(self) -> S:
        """The state of a stream that does not exist yet."""
        return self.nothing

    def decide(self, state: S, fact: Fact) -> None:
        """Let a fact into its stream, or refuse it.

        Raises:
            RuleError: The first rule that refuses, by name.
        """
        own = self._of_this_kind(fact)
        for rule in self.rules:
            rule(state, own)

    def evolve(self, state: S, fact: Fact, digest: bytes) -> S:
        """The state after a fact that ``decide`` allowed; ``digest`` is its statement digest.

        Raises:
            RuleError: The fact is of a kind that no stream of this collection holds.
        """
        return self.fold(state, self._of_this_kind(fact), digest)

    def _of_this_kind(self, fact: Fact) -> F:
        if isinstance(fact, self.kinds) and fact.collection is self.collection:
            return fact
        wanted = " or ".join(kind.__name__ for kind in self.kinds)
        raise RuleError(
            f"A stream of {self.collection.value} holds {wanted}, not {type(fact).__name__} "
            f"in {fact.stream}.",
            field="stream",
            rule="fact-fits-collection",
        )


def tail(stream: str) -> str:
    """What follows the collection in a stream's name: ``co-1`` of ``orders/co-1``."""
    return stream.partition("/")[2]
