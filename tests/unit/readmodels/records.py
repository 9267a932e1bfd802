"""Recorded facts in the order of a log, as a follower hands them over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ledger.domain.facts import Fact
from ledger.domain.statement import Recorded
from ledger.domain.vocabulary import Role
from tests import builders

REGISTRAR = "registrar"


def recorded(facts: Sequence[Fact | tuple[str, Fact]]) -> list[Recorded]:
    """Facts as entries from index 0 on, each by the registrar or by the author beside it."""
    versions: Counter[str] = Counter()
    entries = []
    for index, given in enumerate(facts):
        author, fact = given if isinstance(given, tuple) else (REGISTRAR, given)
        versions[fact.stream] += 1
        entries.append(
            Recorded(
                index=index,
                version=versions[fact.stream],
                recorded_ms=1_760_000_000_000 + index,
                author=author,
                digest=builders.digest_of(fact),
                fact=fact,
            )
        )
    return entries


def ledger_of(*facts: Fact | tuple[str, Fact]) -> list[Recorded]:
    """A founding, the registrar's enrollment, and these facts from index 2 on."""
    return recorded(
        [
            ("ada", builders.founded("ada")),
            ("ada", builders.enrolled(REGISTRAR, Role.REGISTRAR)),
            *facts,
        ]
    )


class Store:
    """Reads entries as a database does, and keeps which."""

    def __init__(self, entries: Sequence[Recorded]) -> None:
        self._entries = entries
        self.read: list[int] = []

    def one_recorded(self, index: int) -> Recorded:
        self.read.append(index)
        return self._entries[index]

    def find_fact(self, fact_id: str) -> int | None:
        return next((entry.index for entry in self._entries if entry.fact.id == fact_id), None)

    def indexes_of_stream(self, name: str) -> list[int]:
        return [entry.index for entry in self._entries if entry.fact.stream == name]
