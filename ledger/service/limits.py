"""How many calls: a bucket of tokens for each caller, and places for all of them together."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final, final

_CALLERS_MAX: Final = 10_000


@final
class RateLimit:
    """A token bucket for each caller: so many calls a second, and a second's worth at once.

    The buckets of the callers seen longest ago are forgotten; a forgotten one is full again, so
    whoever has ten thousand names is bounded by the places instead.
    """

    def __init__(self, calls_per_second: int, *, clock: Callable[[], float]) -> None:
        """Args: ``clock`` gives seconds that never go back, such as the event loop's time."""
        self._rate = calls_per_second
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> bool:
        """Take a token from a caller's bucket; False if there is none."""
        now = self._clock()
        tokens, filled_at = self._buckets.pop(caller, (float(self._rate), now))
        tokens = min(float(self._rate), tokens + (now - filled_at) * self._rate)
        allowed = tokens >= 1
        self._buckets[caller] = (tokens - allowed, now)
        if len(self._buckets) > _CALLERS_MAX:
            self._buckets.popitem(last=False)
        return allowed


@final
class Places:
    """Room for so many calls at once; whoever takes a place gives it back."""

    def __init__(self, count: int) -> None:
        self._free = count

    def take(self) -> bool:
        """Take a place; False if there is none."""
        if self._free == 0:
            return False
        self._free -= 1
        return True

    def give_back(self) -> None:
        """Give back a place that was taken."""
        self._free += 1
