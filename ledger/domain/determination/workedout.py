"""What follows from something that stands still, worked out when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

_ValueT = TypeVar("_ValueT")

ASKED_MAX: Final = 4_096
"""How much is kept of what depends on questions; beyond, all of it is worked out anew."""


@dataclass(slots=True)
class WorkedOut:
    """Results by name. Asking is the same as working out, only sooner done.

    ``most`` bounds what is kept; None where what stands still bounds it by itself.
    """

    most: int | None = ASKED_MAX
    # Any: each name has results of its own type.
    _results: dict[Hashable, Any] = field(default_factory=dict)

    def __call__(self, what: Hashable, work_out: Callable[[], _ValueT]) -> _ValueT:
        """The result of this name, worked out now unless it was before.

        Args:
            what: Names the result, with all that it depends on besides what stands still.
            work_out: Works it out, of nothing else; never None.
        """
        found: _ValueT | None = self._results.get(what)
        if found is None:
            if self.most is not None and len(self._results) >= self.most:
                self._results.clear()
            found = self._results[what] = work_out()
        return found

    def forget(self) -> None:
        """Begin anew, because what stood still has moved."""
        self._results.clear()
