"""A measured row, a target to hold it against, and rounds that take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from tests.bench.load import Sample

MET: Final = "met"
MISSED: Final = "MISSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: What was measured.
        ours: Our figure.
        against: What it is held against, in words.
        theirs: The figure of that.
        asked: The least ratio of ours to theirs.
        detail: Latencies and whatever else helps to judge.
        at_most: Whether the ratio may not exceed what is asked, as with latencies.
    """

    what: str
    ours: float
    against: str
    theirs: float
    asked: float
    detail: str = ""
    at_most: bool = False

    @property
    def ratio(self) -> float:
        """Ours to theirs."""
        return self.ours / self.theirs

    @property
    def verdict(self) -> str:
        """Whether the target is met."""
        met = self.ratio <= self.asked if self.at_most else self.ratio >= self.asked
        return MET if met else MISSED

    def to_json(self) -> dict[str, Any]:
        """Everything, for a file."""
        return {**asdict(self), "ratio": self.ratio, "verdict": self.verdict}


def lower(what: str, ours: float, bars: Mapping[str, tuple[float, float]], detail: str) -> Row:
    """A row held against the lowest of several bars, each a figure and the share of it asked."""
    against = min(bars, key=lambda name: bars[name][0] * bars[name][1])
    theirs, asked = bars[against]
    others = [
        f"{name}: {ours / figure:.2f} of {share:.2f}"
        for name, (figure, share) in bars.items()
        if name != against
    ]
    return Row(
        what=what,
        ours=ours,
        against=against,
        theirs=theirs,
        asked=asked,
        detail="; ".join([detail, *others]),
    )


def in_turns(rounds: int, runs: Mapping[str, Callable[[], Sample]]) -> dict[str, Sample]:
    """Each run's medians over several rounds, every round running all of them one after another.

    What else the machine does meanwhile falls on all of them, so that ratios can be compared.
    """
    taken: dict[str, list[Sample]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            taken[name].append(run())
    return {name: _median(samples) for name, samples in taken.items()}


def _median(samples: list[Sample]) -> Sample:
    return Sample(
        rate=median(sample.rate for sample in samples),
        p50_ms=median(sample.p50_ms for sample in samples),
        p99_ms=median(sample.p99_ms for sample in samples),
        last=samples[-1].last,
    )


def only_rate(rate: float) -> Sample:
    """A sample of something that has no single calls."""
    return Sample(rate=rate, p50_ms=0.0, p99_ms=0.0, last=b"")


def table(rows: list[Row]) -> str:
    """The rows as a table in Markdown."""
    lines = [
        "| what | ours | against | theirs | ratio | asked | | detail |",
        "| --- | ---: | --- | ---: | ---: | ---: | --- | --- |",
    ]
    lines += [
        f"| {row.what} | {row.ours:,.0f} | {row.against} | {row.theirs:,.0f} | {row.ratio:.2f} | "
        f"{'≤' if row.at_most else '≥'} {row.asked:.2f} | {row.verdict} | {row.detail} |"
        for row in rows
    ]
    return "\n".join(lines)
