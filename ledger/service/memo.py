"""Answers kept as bytes, for as long as nothing that they depend on has changed.

Most entries of a busy log, such as orders for other items, change nothing in an answer but the
tree size that it stands on, and the checkpoint. So an answer is kept without these two, under its
question and the day that it took for today, and they are put behind it when it is given out: a
message may be written in parts, in any order (protobuf encoding, "Last One Wins").
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, final

from ledger.v1 import queries_pb2 as pb

BYTES_MAX: Final = 64 * 2**20
"""Most bytes of answers kept; the one not asked for longest goes first."""

Key = tuple[bytes, bool, int]
"""A question's bytes, whether it includes what is not yet known, and the ordinal of today."""

Revision = Callable[[Collection[str]], int]
"""The tree size from which answers about an item of these names have been what they are."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer without tree size and checkpoint.

    Attributes:
        body: The rest of it, serialized.
        tree_size: What it was determined at.
        item_names: The folded names of its item.
    """

    body: bytes
    tree_size: int
    item_names: Collection[str]


@final
class Memo:
    """What was answered lately; may be used from any thread.

    Args:
        revision: Says since when answers about an item have not changed.
        bytes_max: How much is kept.
    """

    def __init__(self, revision: Revision, *, bytes_max: int = BYTES_MAX) -> None:
        self._revision = revision
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._changing = threading.Lock()

    def find(self, key: Key, tree_size: int) -> bytes | None:
        """The body of the answer at a tree size; None if it is not known to be the same there.

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
        return kept.body

    def keep(self, key: Key, kept: Kept) -> None:
        """Keep an answer, in the place of an older one."""
        with self._changing:
            replaced = self._kept.pop(key, None)
            self._bytes += len(kept.body) - (len(replaced.body) if replaced else 0)
            self._kept[key] = kept
            while self._bytes > self._bytes_max:
                self._bytes -= len(self._kept.popitem(last=False)[1].body)


def completed(body: bytes, tree_size: int, checkpoint: bytes) -> bytes:
    """An answer's bytes with the tree size that it stands on, and the note signed there."""
    tail = pb.GetLicenseStatusResponse(tree_size=tree_size, checkpoint=checkpoint)
    return body + tail.SerializeToString()
