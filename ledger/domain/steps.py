"""Long work in steps, so that whoever does it can do something else in between."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeAlias, TypeVar

_T = TypeVar("_T")

Steps: TypeAlias = Generator[None, None, _T]
"""Work that stops after every step of it, and returns what it came to.

A step takes a millisecond or so. What the work reads must stay as it is between steps; whoever
gives it up closes it."""


def finished(steps: Steps[_T]) -> _T:
    """Do all the steps at once, and give what they came to."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: _T = end.value
            return value
