"""An immutable mapping that grows in logarithmic time: the keyring and long streams stand on it.

A dict copied at every event makes folding n events cost n squared. Here a new version shares all
but one path with the version before it: a trie of sixteen-way branches along the hex digits of
SHA-256(key), which are spread evenly whatever the keys look like. Versions that hold the same are
equal, in whichever order they grew, since a leaf always stands as high as it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Generic, TypeAlias, TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class _Leaf(Generic[V]):
    """One key with its value; ``path`` is the key's hash, whose digits lead here."""

    path: bytes
    value: V


_Branch: TypeAlias = "tuple[_Node[V], ...]"
_Node: TypeAlias = "_Leaf[V] | _Branch[V] | None"

_EMPTY_BRANCH: Final = (None,) * 16


@dataclass(frozen=True, slots=True)
class PersistentMap(Generic[V]):
    """A mapping from text to values; ``with_entry`` gives another and changes nothing."""

    _root: _Node[V] = None

    def get(self, key: str) -> V | None:
        """The value under a key, or None where there is none: O(log n)."""
        path = sha256(key.encode()).digest()
        node, depth = self._root, 0
        while isinstance(node, tuple):
            node, depth = node[_digit(path, depth)], depth + 1
        return node.value if node is not None and node.path == path else None

    def with_entry(self, key: str, value: V) -> PersistentMap[V]:
        """This mapping with one key set or replaced: O(log n), sharing all other entries."""
        return PersistentMap(_put(self._root, _Leaf(sha256(key.encode()).digest(), value), 0))


def _digit(path: bytes, depth: int) -> int:
    byte = path[depth // 2]
    return byte & 0x0F if depth % 2 else byte >> 4


def _put(node: _Node[V], leaf: _Leaf[V], depth: int) -> _Node[V]:
    if node is None or (isinstance(node, _Leaf) and node.path == leaf.path):
        return leaf
    branch = _with_child(_EMPTY_BRANCH, node, depth) if isinstance(node, _Leaf) else node
    return _with_child(branch, leaf, depth)


def _with_child(branch: _Branch[V], leaf: _Leaf[V], depth: int) -> _Branch[V]:
    digit = _digit(leaf.path, depth)
    return (*branch[:digit], _put(branch[digit], leaf, depth + 1), *branch[digit + 1 :])
