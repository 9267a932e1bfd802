"""Answers kept as bytes, for as long as nothing that they depend on has changed.

Most entries of a busy log, such as orders for other items, change nothing in an answer but the
tree size that it stands on, and the checkpoint. So an answer is kept without these two, and they
are put behind it when it is given out: a message may be written in parts, in any order (protobuf
encoding, "Last One Wins"). What it repeats of its question is kept apart in the same way, so that
one body serves all questions that the record cannot tell apart.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar, final

from ledger.v1 import queries_pb2 as pb

BYTES_MAX: Final = 64 * 2**20
"""Most bytes of answers kept; the one not asked for longest goes first."""

_KeyT = TypeVar("_KeyT", bound=Hashable)

Revision = Callable[[Collection[str]], int]
"""The tree size from which answers about an item of these names have been what they are."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer without tree size and checkpoint.

    Attributes:
        body: The rest of it, serialized.
        tree_size: What it was determined at.
        item_names: The folded names of its item.
        opening: What it repeats of its question, serialized; what the body says again counts.
    """

    body: bytes
    tree_size: int
    item_names: Collection[str]
    opening: bytes = b""

    @property
    def bytes_held(self) -> int:
        """How much is kept of it."""
        return len(self.body) + len(self.opening)

    def completed(self, tree_size: int, checkpoint: bytes) -> bytes:
        """The answer's bytes with the tree size that it stands on, and the note signed there."""
        tail = pb.GetLicenseStatusResponse(tree_size=tree_size, checkpoint=checkpoint)
        return self.opening + self.body + tail.SerializeToString()


@final
class Memo(Generic[_KeyT]):
    """What was answered lately, by what was asked; may be used from any thread.

    Args:
        revision: Says since when answers about an item have not changed.
        bytes_max: How much is kept.
    """

    def __init__(self, revision: Revision, *, bytes_max: int = BYTES_MAX) -> None:
        self._revision = revision
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[_KeyT, Kept] = OrderedDict()
        self._changing = threading.Lock()

    def find(self, key: _KeyT, tree_size: int) -> Kept | None:
        """The answer at a tree size; None if it is not known to be the same there.

        Args:
            key: What is asked.
            tree_size: A size that the read models have reached, no further back than the newest
                but one: what has been applied since then only makes more answers unknown.
        """
        kept = self._kept.get(key)
        if kept is None or not self._revision(kept.item_names) <= kept.tree_size <= tree_size:
            return None
        with self._changing:
            if key in self._kept:
                self._kept.move_to_end(key)
        return kept

    def keep(self, key: _KeyT, kept: Kept) -> None:
        """Keep an answer, in the place of an older one."""
        with self._changing:
            replaced = self._kept.pop(key, None)
            self._bytes += kept.bytes_held - (replaced.bytes_held if replaced else 0)
            self._kept[key] = kept
            while self._bytes > self._bytes_max:
                self._bytes -= self._kept.popitem(last=False)[1].bytes_held
