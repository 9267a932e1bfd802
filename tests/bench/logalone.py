"""``python -m tests.bench.logalone``: the log without anything around it, up to 10,000,000 entries.

At 1,000, 10,000, ... entries some batches are added as the writer adds them: their leaves are
hashed, the tree and its root made, the checkpoint signed, and each entry proved to it. What a batch
takes is compared with a tree that stays at the first size, asked in turns with it.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Final

from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.proofs import consistency_proof, inclusion_proof, verify_inclusion
from tests.unit.store.builders import ORIGIN, log_signer

FIRST: Final = 1_000
LAST: Final = 10_000_000
_BATCH: Final = 64
_ROUNDS: Final = 41
_FILLED_AT_ONCE: Final = 100_000
_SIGNER: Final = log_signer()
_HEADINGS: Final = "     entries     fill   batch of 64  ratio   proof  consistency   memory"


@dataclass(frozen=True, slots=True)
class Point:
    """What was seen at one size.

    Attributes:
        entries: The tree size.
        fill_s: Adding that many leaves, hashing included.
        batch_us: A batch: 64 entries, their proofs and one signed checkpoint; a median.
        ratio: That, to the same with the tree of the first size.
        proof_bytes: The longest inclusion proof in a batch.
        consistency_us: A consistency proof from the first size; a median.
        resident_mb: Memory of this process.
    """

    entries: int
    fill_s: float
    batch_us: float
    ratio: float
    proof_bytes: int
    consistency_us: float
    resident_mb: int


def added(tree: HashTree) -> list[list[bytes]]:
    """Add a batch as the writer does, and prove every entry of it."""
    first = tree.size
    tree.extend([leaf_hash(b"%d" % index) for index in range(first, first + _BATCH)])
    sign_checkpoint(Checkpoint(ORIGIN, tree.size, tree.root()), [_SIGNER])
    return [inclusion_proof(index, tree.size, tree) for index in range(first, tree.size)]


def filled(tree: HashTree, size: int) -> None:
    """Add leaves until there are so many."""
    while tree.size < size:
        end = min(size, tree.size + _FILLED_AT_ONCE)
        tree.extend([leaf_hash(b"%d" % index) for index in range(tree.size, end)])


def measured(tree: HashTree, size: int) -> Point:
    """Fill a tree up to a size, and look at it there."""
    began = time.process_time()
    filled(tree, size)
    fill_s = time.process_time() - began
    own, small, consistency = list[float](), list[float](), list[float]()
    proofs = list[list[bytes]]()
    for _ in range(_ROUNDS):
        beside = HashTree(leaf_hash(b"%d" % index) for index in range(FIRST))
        began = time.process_time()
        added(beside)
        between = time.process_time()
        proofs = added(tree)
        ended = time.process_time()
        consistency_proof(FIRST, tree.size, tree)
        small.append(between - began)
        own.append(ended - between)
        consistency.append(time.process_time() - ended)
    last = tree.size - 1
    verify_inclusion(last, tree.size, leaf_hash(b"%d" % last), proofs[-1], tree.root())
    return Point(
        entries=size,
        fill_s=fill_s,
        batch_us=1e6 * median(own),
        ratio=median(one / other for one, other in zip(own, small, strict=True)),
        proof_bytes=max(sum(map(len, proof)) for proof in proofs),
        consistency_us=1e6 * median(consistency),
        resident_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    )


def main(arguments: list[str]) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.logalone")
    parser.add_argument("--last", type=int, default=LAST, help="the largest tree")
    last = parser.parse_args(arguments).last
    tree, size = HashTree(), FIRST
    print(_HEADINGS)  # noqa: T201 - a script
    while size <= last:
        seen = measured(tree, size)
        print(  # noqa: T201 - a script
            f"{seen.entries:12,}{seen.fill_s:7.1f} s{seen.batch_us:11,.0f} us{seen.ratio:7.2f}"
            f"{seen.proof_bytes:6} B{seen.consistency_us:10,.0f} us{seen.resident_mb:6} MB",
            flush=True,
        )
        size *= 10
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
