"""Three-valued truth that remembers what it lacks.

FORMAT §2: a provision "applies where all its tests hold; a test left out holds. A test that lacks
a fact is undetermined."
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Truth:
    """The outcome of a test.

    Attributes:
        value: True, False, or None where the test lacks a fact.
        lacks: What an undetermined test lacks, as names of facts.
        atoms: Which tests are undetermined: two provisions that turn on the same test share it.
        why: Why a test fails, for the explanation.
        assumed: The assumptions on which a failed test rests.
    """

    value: bool | None
    lacks: frozenset[str] = frozenset()
    atoms: frozenset[Hashable] = frozenset()
    why: str = ""
    assumed: frozenset[str] = frozenset()


HOLDS: Final = Truth(value=True)


def fails(why: str, *, assumed: str = "") -> Truth:
    """A test that does not hold, and why."""
    return Truth(value=False, why=why, assumed=frozenset({assumed} if assumed else ()))


def lacking(*names: str) -> Truth:
    """A test that lacks these facts."""
    return Truth(value=None, lacks=frozenset(names))


def all_of(tests: Iterable[Truth]) -> Truth:
    """Holds where all hold; a failing test outweighs an undetermined one.

    Tests are drawn one by one, and none after the first that fails on the record.

    A failure that stands on the record outweighs one that stands on an assumption, so that an
    assumption is only ever blamed where the answer rests on it.
    """
    undetermined = HOLDS
    assumed: Truth | None = None
    for truth in tests:
        if truth.value is False:
            if not truth.assumed:
                return truth
            assumed = assumed or truth
        elif truth.value is None:
            undetermined = both(undetermined, truth)
    return assumed if assumed is not None else undetermined


def both(one: Truth, other: Truth) -> Truth:
    """Two tests of which neither fails: undetermined where one of them is."""
    if one.value and other.value:
        return HOLDS
    return Truth(value=None, lacks=one.lacks | other.lacks, atoms=one.atoms | other.atoms)


def on(test: Hashable, truth: Truth) -> Truth:
    """Name the test that an undetermined truth comes from."""
    return replace(truth, atoms=frozenset({test})) if truth.value is None else truth


def any_of(tests: Iterable[Truth], *, otherwise: str) -> Truth:
    """Holds where one holds; undetermined where none does and one lacks a fact."""
    undetermined: Truth | None = None
    for truth in tests:
        if truth.value:
            return HOLDS
        if truth.value is None:
            undetermined = both(undetermined, truth) if undetermined else truth
    return undetermined or fails(otherwise)
