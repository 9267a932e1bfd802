"""RFC 6962 section 2.1 spelled out as recursively as the RFC does, to check the code against."""

from __future__ import annotations

from functools import cache
from hashlib import sha256


class Oracle:
    """MTH, PATH and PROOF over a list of leaves; ``[begin, end)`` stands for ``D[begin:end]``."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.mth = cache(self._mth)

    def _mth(self, begin: int, end: int) -> bytes:
        if begin == end:
            return sha256(b"").digest()
        if end - begin == 1:
            return sha256(b"\x00" + self.leaves[begin]).digest()
        k = begin + _largest_power_of_two_below(end - begin)
        return sha256(b"\x01" + self.mth(begin, k) + self.mth(k, end)).digest()

    def path(self, m: int, begin: int, end: int) -> list[bytes]:
        if end - begin == 1:
            return []
        k = _largest_power_of_two_below(end - begin)
        if m < k:
            return [*self.path(m, begin, begin + k), self.mth(begin + k, end)]
        return [*self.path(m - k, begin + k, end), self.mth(begin, begin + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        return self._subproof(m, 0, n, whole=True)

    def _subproof(self, m: int, begin: int, end: int, *, whole: bool) -> list[bytes]:
        if m == end - begin:
            return [] if whole else [self.mth(begin, end)]
        k = _largest_power_of_two_below(end - begin)
        if m <= k:
            return [
                *self._subproof(m, begin, begin + k, whole=whole),
                self.mth(begin + k, end),
            ]
        return [
            *self._subproof(m - k, begin + k, end, whole=False),
            self.mth(begin, begin + k),
        ]


def _largest_power_of_two_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def numbered_leaves(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]
