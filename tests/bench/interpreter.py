"""Which of this machine's interpreters is the quickest: the one that measures.

Run as ``python tests/bench/interpreter.py [NAME ...]``, by any interpreter, without anything
installed: prints the path of the quickest one. How an interpreter was built makes more of a
difference than most of what a program could do: one built without its profile (CPython's
``--enable-optimizations``), as by a plain ``./configure``, takes up to twice as long as the same
release from a distribution. A service runs on a distribution's or a container image's, so the
figures should too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("python3", "python3.11", "python3.12", "python3.13", "python3.14")
"""The names looked for, in every folder of the PATH."""

GAIN = 1.1
"""How much quicker than the first one found another has to be to be taken instead."""

_TIMEOUT_S = 30

# Objects, dictionaries and calls, as in any service; prints seconds, the least of five.
_WORK = """
import sqlite3, ssl, sys, venv
from dataclasses import dataclass
from time import perf_counter
@dataclass(frozen=True)
class Pair:
    number: int
    text: str
def work():
    found = {}
    for number in range(20_000):
        found.setdefault(Pair(number % 100, str(number % 7)), []).append(number)
    return sum(sum(number for number in numbers if number & 1) for numbers in found.values())
def timed():
    start = perf_counter()
    work()
    return perf_counter() - start
if sys.version_info < (3, 11):
    sys.exit(1)
print(min(timed() for _ in range(5)))
"""


def candidates(names: tuple[str, ...] = NAMES) -> list[Path]:
    """Every interpreter of these names on the PATH, each once, in the order of the names."""
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = (shutil.which(name, path=folder) for name in names for folder in folders)
    return list({Path(path).resolve(): Path(path) for path in found if path}.values())


def seconds(interpreter: Path) -> float | None:
    """How long it takes for the work; None if it is too old, or lacks what is needed."""
    try:
        done = subprocess.run(
            [interpreter, "-I", "-c", _WORK], capture_output=True, check=True, timeout=_TIMEOUT_S
        )
        return float(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def quickest(timed: dict[Path, float]) -> Path:
    """The first of these, or the quickest if that is worth it."""
    first, best = next(iter(timed)), min(timed, key=timed.__getitem__)
    return best if timed[first] > GAIN * timed[best] else first


def main(names: tuple[str, ...]) -> int:
    """Measure and print."""
    taken = {path: seconds(path) for path in candidates(names)}
    timed = {path: each for path, each in taken.items() if each is not None}
    if not timed:
        sys.stderr.write("Python 3.11 or newer is needed.\n")
        return 1
    for path, each in timed.items():
        sys.stderr.write(f"{path}: {1000 * each:.0f} ms\n")
    sys.stdout.write(f"{quickest(timed)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:]) or NAMES))
