"""Flips by the thousand: what was tried, what was found, and what does not matter, by name.

Run as ``python -m tests.attacks.sweep [database flips] [bundle flips]``.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.attacks.flipping import (
    Target,
    finds_in_bundle,
    finds_in_database,
    flipped,
    rows,
    target,
)
from tests.attacks.pages import counters, unused


@dataclass(slots=True)
class Outcome:
    """What became of flips.

    Attributes:
        tried: How many there were.
        found: How many each rule found.
        harmless: How many lie where nothing is stored, and changed nothing that is, by place.
        missed: The bits that were found by nothing and may matter.
    """

    tried: int = 0
    found: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    missed: list[int] = field(default_factory=list)


def sweep_database(attacked: Target, flips: int, *, seed: int = 1) -> Outcome:
    """Flip so many bits of the database file, evenly drawn."""
    outcome = Outcome()
    free, counting = unused(attacked.database), counters()
    said = rows(attacked.database, attacked.folder)
    for bit in _drawn(attacked.database, flips, seed):
        outcome.tried += 1
        content = flipped(attacked.database, bit)
        rule = finds_in_database(content, attacked.folder)
        place = bit // 8
        if rule:
            outcome.found[rule] += 1
        elif (place in free or place in counting) and rows(content, attacked.folder) == said:
            outcome.harmless["unused space" if place in free else "header counter"] += 1
        else:
            outcome.missed.append(bit)
    return outcome


def sweep_bundle(attacked: Target, flips: int, *, seed: int = 1) -> Outcome:
    """Flip so many bits of the bundle, evenly drawn; none of them is harmless."""
    outcome = Outcome()
    for bit in _drawn(attacked.bundle, flips, seed):
        outcome.tried += 1
        rule = finds_in_bundle(flipped(attacked.bundle, bit))
        if rule:
            outcome.found[rule] += 1
        else:
            outcome.missed.append(bit)
    return outcome


def _drawn(data: bytes, flips: int, seed: int) -> list[int]:
    """So many different bits, or all, the same every time."""
    bits = 8 * len(data)
    if flips >= bits:
        return list(range(bits))
    return sorted(random.Random(seed).sample(range(bits), flips))  # noqa: S311 - a sample


def main(database: int = 20_000, bundle: int = 100_000) -> int:
    """Sweep both and print what came of it."""
    with tempfile.TemporaryDirectory() as folder:
        attacked = target(Path(folder))
        outcomes = {
            "database": (attacked.database, sweep_database(attacked, database)),
            "bundle": (attacked.bundle, sweep_bundle(attacked, bundle)),
        }
    for name, (content, outcome) in outcomes.items():
        print(  # noqa: T201 - a script
            f"{name}: {len(content):,} bytes, {outcome.tried:,} bits flipped, "
            f"{outcome.found.total():,} found, {outcome.harmless.total():,} harmless "
            f"{dict(outcome.harmless)}, {len(outcome.missed)} missed {outcome.missed[:20]}\n"
            f"  by rule {dict(outcome.found.most_common())}"
        )
    return 1 if any(outcome.missed for _, outcome in outcomes.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
