"""The house rules that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_MAX = 500
FUNCTION_LINES_MAX = 70
# Written as patterns so that this file does not contain what it forbids.
HOSTS = re.compile(r"pypi[.]org|python[h]osted|registry[.]npmjs|deb[.]debian")
LEFTOVERS = re.compile(r"\b(T[O]DO|FIX[M]E|XX[X])\b")
TOP_LEVEL = {
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "deploy",
    "ledger",
    "protos",
    "pyproject.toml",
    "tests",
}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


TRACKED = _tracked()
PYTHON = [p for p in TRACKED if p.suffix == ".py" and "_pb2" not in p.name]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PYTHON, ids=_name)
def test_a_file_stays_short_and_its_functions_too(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES_MAX
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= FUNCTION_LINES_MAX, (
                f"{node.name} at line {node.lineno}: {length} lines"
            )


@pytest.mark.parametrize("path", [p for p in PYTHON if "tests" not in p.parts], ids=_name)
def test_a_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_no_file_names_where_packages_come_from() -> None:
    named = [_name(p) for p in TRACKED if HOSTS.search(p.read_text("utf-8", errors="replace"))]
    assert named == []


def test_nothing_is_left_for_later() -> None:
    left = [_name(p) for p in PYTHON if LEFTOVERS.search(p.read_text(encoding="utf-8"))]
    assert left == []


def test_the_top_level_holds_what_the_design_lists() -> None:
    found = {p.relative_to(ROOT).parts[0] for p in TRACKED}
    assert {name for name in found if not name.startswith(".")} <= TOP_LEVEL


def test_every_requirement_is_pinned_and_hashed() -> None:
    for lock in sorted((ROOT / "deploy").glob("requirements*.txt")):
        text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in text.splitlines():
            assert re.match(r"[a-z0-9._-]+(\[.+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line
