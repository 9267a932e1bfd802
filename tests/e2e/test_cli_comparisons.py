"""The commands about many statuses, against a server whose record and calendar move on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from ledger.cli.main import run
from ledger.client.pins import PIN_FILE
from tests.e2e.world import AS_OF, BEFORE_THE_RULE, RULE, SIZE_BEFORE_THE_RULE, WHOLE_SIZE, fill
from tests.simulator import Simulator

REGLEDGER = (sys.executable, "-c", "from ledger.cli.main import main; main()")
CN = ("H20", "CN", "--consignee-hq", "CN", "--exporter", "NVIDIA", "--as-of", AS_OF)


def where(service: Simulator, folder: Path) -> tuple[str, ...]:
    """The options that lead to a service; its pin lies in its folder."""
    pin = service.directory / PIN_FILE
    config = ("--config", str(folder / "config"))
    return ("--server", str(service.addresses.grpc), "--pin", str(pin), *config)


@contextmanager
def watching(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """A watch in a process of its own; gives it and its stdout."""
    command = [*REGLEDGER, "watch", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


def test_a_watch_prints_the_answer_and_then_what_an_append_changes(
    service: Simulator, tmp_path: Path
) -> None:
    for fact in BEFORE_THE_RULE:
        service.append(fact)
    with watching(*CN, "--until-changes", "1", *where(service, tmp_path)) as (process, out):
        first = out.readline()
        service.append(RULE)
        second = out.readline()
        assert process.wait(timeout=20) == 0
    assert first == f"[{SIZE_BEFORE_THE_RULE}] {AS_OF}  H20 to CN: NO_LICENSE_REQUIRED\n"
    assert second.startswith(f"[{SIZE_BEFORE_THE_RULE + 1}] {AS_OF}  H20 to CN: requirement ")
    assert "requirement NO_LICENSE_REQUIRED -> LICENSE_REQUIRED" in second
    assert second.endswith("; through rule-2023\n")


def test_a_watch_in_json_lines_tells_whole_answers(service: Simulator, tmp_path: Path) -> None:
    fill(service)
    with watching(*CN, "--once", "-o", "jsonl", *where(service, tmp_path)) as (process, out):
        (line,) = out.readlines()
        assert process.wait(timeout=20) == 0
    assert json.loads(line)["initial"]["requirement"] == "LICENSE_REQUIRED"


def test_an_interrupted_watch_ends_as_interrupted(service: Simulator, tmp_path: Path) -> None:
    fill(service)
    with watching(*CN, *where(service, tmp_path)) as (process, out):
        assert "LICENSE_REQUIRED" in out.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130


def test_once_and_until_changes_exclude_each_other(
    service: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["watch", *CN, "--once", "--until-changes", "1", *where(service, tmp_path)]) == 2
    assert "exclude each other" in capsys.readouterr().err


def test_two_sizes_of_a_growing_log_are_compared(
    service: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(service)
    trees = ("--from-tree", str(SIZE_BEFORE_THE_RULE))
    assert run(["diff", *CN, *trees, *where(service, tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 status compared: 1 changed."
    assert lines[1].endswith(f"tree size {SIZE_BEFORE_THE_RULE}")
    assert lines[2].endswith(f"tree size {WHOLE_SIZE}")
    assert "  through               rule-2023" in lines


def test_a_withdrawal_leaves_the_log_as_it_is(
    service: Simulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(service)
    day = ("--as-of", AS_OF, "--consignee-hq", "CN", "--exporter", "NVIDIA")
    command = ["whatif", "--withdraw", "rule-2023", "--items", "H20", *day]
    assert run([*command, *where(service, tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "1 of 2 statuses would change." in out
    assert "LICENSE_REQUIRED -> NO_LICENSE_REQUIRED" in out
    assert "300,000 chips" in out
    assert service.tree_size() == WHOLE_SIZE
