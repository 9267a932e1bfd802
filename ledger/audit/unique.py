"""What must be unique in the whole log: fact ids, and the nonces of each author.

Of each name is kept a hash of 64 bits, so that the memory of a long log stays small. What is there
twice has one hash, and is never missed. That two names share one happens by chance once among 2^64
pairs; nobody can bring it about, since Python's hash has a new key in each process.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, final

from ledger.audit.findings import Finding

_AT_ONCE: Final = 250_000
"""How many hashes are sorted at once, which takes 40 bytes each."""


@final
@dataclass(slots=True)
class Unique:
    """The names in all entries so far, 24 bytes an entry."""

    _indexes: array[int] = field(default_factory=lambda: array("Q"))
    _fact_ids: array[int] = field(default_factory=lambda: array("q"))
    _nonces: array[int] = field(default_factory=lambda: array("q"))

    def add(self, index: int, fact_id: str, author: str, nonce: bytes) -> None:
        """Take in an entry; indexes only rise."""
        self._indexes.append(index)
        self._fact_ids.append(hash(fact_id))
        self._nonces.append(hash((author, nonce)))

    def findings(self) -> Iterator[Finding]:
        """Every entry whose fact id or nonce an earlier one has."""
        for hashes, what in ((self._fact_ids, "The fact id"), (self._nonces, "The author's nonce")):
            for index, first in self._repeated(hashes):
                message = f"{what} is that of entry {first} too."
                yield Finding(index, "entry", "unique", message)

    def _repeated(self, hashes: array[int]) -> Iterator[tuple[int, int]]:
        """The entries whose hash an earlier one has, each with the first of these."""
        repeated = set(_repeated(hashes))
        if not repeated:
            return
        first: dict[int, int] = {}
        for index, hashed in zip(self._indexes, hashes, strict=True):
            if hashed in repeated and first.setdefault(hashed, index) != index:
                yield index, first[hashed]


def _repeated(hashes: array[int]) -> Iterator[int]:
    """What is there more than once: of one part of the numbers after the other, by sorting it."""
    parts = len(hashes) // _AT_ONCE + 1
    for part in range(parts):
        for one, next_one in pairwise(sorted(one for one in hashes if one % parts == part)):
            if one == next_one:
                yield one
