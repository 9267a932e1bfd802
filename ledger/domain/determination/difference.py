"""Differences: what changes between two cut-offs, for which items and places, and through what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ledger.domain.determination.answer import Axes
from ledger.domain.determination.question import Question
from ledger.domain.determination.register import Register
from ledger.domain.determination.survey import Cell, survey
from ledger.domain.vocabulary import Requirement

EVIDENCE: Final = "evidence"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: a question's pattern, and the register it is put to."""

    pattern: Question
    register: Register


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose axes are not the same on both sides.

    Attributes:
        before: The cell on the first side.
        after: The cell on the second side.
        axes: The names of the axes that differ.
        causes: Facts that decide on one side only; where the same facts decide on both, these.
    """

    before: Cell
    after: Cell
    axes: tuple[str, ...]
    causes: tuple[str, ...]


def compare(
    before: Side, after: Side, items: Sequence[str], destinations: Sequence[str]
) -> Iterator[Difference]:
    """The cells that differ between two sides, items outermost; none where nothing changed.

    Raises:
        NotFoundError: An item is not on record on one of the sides.
    """
    yield from differing(side_by_side(before, after, items, destinations))


def side_by_side(
    before: Side, after: Side, items: Sequence[str], destinations: Sequence[str]
) -> Iterator[tuple[Cell, Cell]]:
    """Each cell as it is on both sides, items outermost, determined as it is taken.

    Raises:
        NotFoundError: An item is not on record on one of the sides.
    """
    earlier = survey(before.pattern, before.register, items, destinations)
    later = survey(after.pattern, after.register, items, destinations)
    return zip(earlier, later, strict=True)


def differing(pairs: Iterable[tuple[Cell, Cell]]) -> Iterator[Difference]:
    """Those of the pairs of cells that are not the same, with what differs and why."""
    for old, new in pairs:
        axes = tuple(_differing_axes(old, new))
        if axes:
            yield Difference(old, new, axes, _causes(old, new))


def _differing_axes(old: Cell, new: Cell) -> Iterator[str]:
    for axis in Axes.__dataclass_fields__:
        if getattr(old.axes, axis) is not getattr(new.axes, axis):
            yield axis
    if old.evidence is not new.evidence:
        yield EVIDENCE


def _causes(old: Cell, new: Cell) -> tuple[str, ...]:
    """What decides on one side and not on the other; a date alone may change what a fact does.

    So does an act that keeps from deciding, on one side, a provision that decides on the other; and
    so do another description of the item and another membership, and the coverage where one side
    has no record.
    """
    if Requirement.NO_RECORD in (old.axes.requirement, new.axes.requirement):
        return tuple(sorted(old.coverage ^ new.coverage or _ground_turned(old, new)))
    one_sided = set(old.deciding) ^ set(new.deciding)
    turned = old.provisions ^ new.provisions
    one_sided |= {act for provision, act in old.halted ^ new.halted if provision in turned}
    one_sided |= _ground_turned(old, new)
    return tuple(sorted(one_sided or set(new.deciding)))


def _ground_turned(old: Cell, new: Cell) -> set[str]:
    """The description of the item and the tested memberships that are on one side only."""
    tested = {"", *old.tested, *new.tested}
    return {fact_id for group, fact_id in old.ground ^ new.ground if group in tested}
