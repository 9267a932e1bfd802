"""Differences on the screen: what changes, grouped, and the entries that cause it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from rich.console import RenderableType
from rich.text import Text

from ledger.cli.cells import Group, axis_name, axis_word, grouped
from ledger.cli.memo import aligned, counted, heading, labeled
from ledger.cli.summary import summary
from ledger.client.client import Proved
from ledger.domain.facts import Fact, ReportedFact
from ledger.readmodels.timeline import day_of
from ledger.v1 import queries_pb2

Difference = queries_pb2.StatusDifference
EVIDENCE: Final = "evidence"

_FEW: Final = 6
"""So many names are told in a line; more are counted there, and listed below."""

_LABEL: Final = len("commercial condition")


class _Change(NamedTuple):
    """What cells must share to be told together."""

    steps: tuple[tuple[str, str, str], ...]
    newly_missing: tuple[str, ...]
    no_longer_missing: tuple[str, ...]
    causes: tuple[str, ...]

    @property
    def is_of_evidence_alone(self) -> bool:
        """Whether the answer is the same, and rests on other facts."""
        return [axis for axis, _, _ in self.steps] == [EVIDENCE]


def difference_blocks(differences: Sequence[Difference]) -> Iterator[RenderableType]:
    """Every change once, with the items and destinations that it holds for.

    The widest come first, and behind all others those that touch the evidence alone.
    """
    blocks = list(grouped((_change(one), one.after) for one in differences))
    blocks.sort(key=lambda block: (block[0].is_of_evidence_alone, -block[1].size))
    for change, group in blocks:
        rows = [*extent_rows(group), *_rows(change)]
        yield Text(f"\n{extent_line(group)}", style="bold")
        yield labeled(rows, width=_LABEL)


def cause_list(causes: Mapping[str, Proved]) -> Iterator[RenderableType]:
    """The entries that differences name, with their days, each proved."""
    if not causes:
        return
    yield heading("Through")
    rows = []
    entries = sorted(causes.values(), key=lambda one: (_first_day(one.entry.fact), one.entry.index))
    for proved in entries:
        fact = proved.entry.fact
        text = Text(fact.id, style="bold")
        text.append(f"\n{summary(fact)}", style="not bold")
        rows.append((own_day(fact), f"[{proved.entry.index}]", text))
    yield aligned(rows)


def own_day(fact: Fact) -> str:
    """A fact's day with its precision, such as ``week of 2025-07-21``; "" where it has none."""
    starts = fact.dates.starts if isinstance(fact, ReportedFact) else None
    return str(starts or day_of(fact) or "")


def _first_day(fact: Fact) -> date:
    starts = fact.dates.starts if isinstance(fact, ReportedFact) else None
    return (starts.first if starts else day_of(fact)) or date.max


def causes_of(differences: Sequence[Difference]) -> set[str]:
    """The facts that any of the differences names, by id."""
    return {cause for one in differences for cause in one.causes}


def extent_line(group: Group) -> str:
    """Items and destinations in a line; many are only counted."""
    items, places = (
        ", ".join(names) if len(names) <= _FEW else counted(len(names), noun)
        for names, noun in ((group.items, "item"), (group.destinations, "destination"))
    )
    return f"{items} to {places}"


def extent_rows(group: Group) -> Iterator[tuple[str, str]]:
    """The names that ``extent_line`` only counts."""
    for label, names in (("items", group.items), ("destinations", group.destinations)):
        if len(names) > _FEW:
            yield label, ", ".join(names)


def _change(difference: Difference) -> _Change:
    before, after = difference.before, difference.after
    steps = tuple(
        (axis, axis_word(before, axis), axis_word(after, axis)) for axis in difference.axes
    )
    lacked, lacks = set(before.missing), set(after.missing)
    causes = tuple(difference.causes)
    return _Change(steps, tuple(sorted(lacks - lacked)), tuple(sorted(lacked - lacks)), causes)


def _rows(change: _Change) -> Iterator[tuple[str, str]]:
    for axis, old, new in change.steps:
        yield axis_name(axis), f"{old} -> {new}"
    for label, names in (
        ("newly missing", change.newly_missing),
        ("no longer missing", change.no_longer_missing),
    ):
        if names:
            yield label, ", ".join(names)
    yield from _listed("through", change.causes)


def _listed(label: str, values: Sequence[str]) -> list[tuple[str, str]]:
    return [(label if place == 0 else "", value) for place, value in enumerate(values)]
