"""``python -m tests.bench``: run the suite, print the table, write JSON."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.bench import appends, onpostgres, reads, replay, watching
from tests.bench.bench import Bench, opened
from tests.bench.rows import MISSED, Row, table

PARTS: Final[dict[str, Callable[[Bench], Iterator[Row]]]] = {
    "statuses": reads.status_rows,
    "proofs": reads.proof_rows,
    "appends": appends.rows,
    "postgres": onpostgres.rows,
    "watching": watching.rows,
    "replay": replay.rows,
}


def main() -> int:
    """Run what is asked for; the exit code is 0 whatever the verdicts are."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="where the figures go")
    chosen = parser.parse_args()
    started, rows = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder, opened(Path(folder), chosen.rounds) as bench:
        for name in chosen.parts or PARTS:
            for row in PARTS[name](bench):
                sys.stderr.write(f"{row.what}: {row.ratio:.2f} ({row.verdict})\n")
                rows.append(row)
    missed = sum(row.verdict == MISSED for row in rows)
    seconds = time.monotonic() - started
    sys.stdout.write(f"{table(rows)}\n\n{len(rows)} rows, {missed} missed, {seconds:.0f} s\n")
    if chosen.json:
        chosen.json.write_text(json.dumps([row.to_json() for row in rows], indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
