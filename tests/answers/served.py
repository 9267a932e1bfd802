"""The table's two records behind real servers, founded and filled by the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.cli.embedded import serving
from ledger.cli.main import run
from ledger.client.pins import PIN_FILE
from tests.answers import further, further_time


@dataclass(frozen=True, slots=True)
class ServedRecord:
    """A ledger that is being served.

    Attributes:
        address: Where.
        where: The options of the command line that lead there.
    """

    address: str
    where: tuple[str, ...]


@contextmanager
def served(folder: Path, *, with_further_rows: bool) -> Iterator[ServedRecord]:
    """Found a ledger below a folder, import the case file, perhaps the further rows, and serve."""
    place = folder / "ledger"
    config = ("--config", str(folder / "config"))
    assert run(["init", str(place), "--casefile", "--no-passphrase", *config]) == 0
    if with_further_rows:
        files = [
            _rows(folder / "items.jsonl", further.ITEMS),
            _rows(folder / "rows.jsonl", [*further.ROWS, *further_time.ROWS]),
        ]
        assert run(["import", *files, "--ledger", str(place), *config]) == 0
    with serving(place) as address:
        where = ("--server", address, "--pin", str(place / PIN_FILE), *config)
        yield ServedRecord(address, where)


def options_of(question: Mapping[str, str]) -> list[str]:
    """A case's question as a person types it."""
    options = {name: value for name, value in question.items() if name != "affirm"}
    arguments = [options.pop("item"), options.pop("destination")]
    for name, value in options.items():
        arguments += [f"--{name.replace('_', '-')}", value]
    for precondition in filter(None, question.get("affirm", "").split(";")):
        arguments += ["--affirm", precondition]
    return arguments


def _rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)
