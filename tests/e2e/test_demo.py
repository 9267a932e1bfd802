"""The demonstration, as a newcomer sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.cli_process import Home

AXES = ("requirement", "review policy", "authorization", "destination measure", "evidence")


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What ``regledger demo`` prints for a user with an empty home."""
    home = Home(tmp_path_factory.mktemp("home"))
    done = home.run("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(home.folder.iterdir()) == []
    return done.stdout


def _blocks(screen: str) -> dict[tuple[str, str], list[str]]:
    """The answers by as-of and known-at: from the headline to the last deciding entry."""
    found: dict[tuple[str, str], list[str]] = {}
    lines = screen.splitlines()
    for place, line in enumerate(lines):
        days = re.search(r"as of (\S+), as anyone could know it on (\S+)$", line)
        if days:
            end = next(i for i in range(place, len(lines)) if not lines[i])
            found.setdefault((days[1], days[2]), lines[place - 1 : end])
    return found


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("founding", 1),
        ("enrollment", 1),
        ("country groups", 162),
        ("items", 31),
        ("coverage", 1),
        ("facts", 74),
    ],
)
def test_it_says_how_many_of_each_kind_were_appended(screen: str, kind: str, count: int) -> None:
    assert re.search(rf"^  {kind} +{count}  ", screen, re.MULTILINE)


def test_every_receipt_was_verified_here(screen: str) -> None:
    assert "verified here  270 receipts" in screen
    assert re.search(r"tree size +270$", screen, re.MULTILINE)


@pytest.mark.parametrize(
    ("days", "requirement", "authorization"),
    [
        (("2025-04-08", "2025-04-08"), "NO_LICENSE_REQUIRED", "NONE_ON_RECORD"),
        (("2025-04-20", "2025-04-10"), "NO_LICENSE_REQUIRED", "NONE_ON_RECORD"),
        (("2025-04-20", "2025-04-16"), "LICENSE_REQUIRED", "NONE_ON_RECORD"),
        (("2025-07-20", "2025-07-20"), "LICENSE_REQUIRED", "ASSURED_NOT_ISSUED"),
        (("2025-08-15", "2025-08-15"), "LICENSE_REQUIRED", "GRANTED_SCOPED"),
    ],
)
def test_each_answer_is_one_block_with_five_axes_and_what_decides(
    screen: str, days: tuple[str, str], requirement: str, authorization: str
) -> None:
    block = _blocks(screen)[days]
    for axis in AXES:
        assert any(line.startswith(f"  {axis} ") for line in block), axis
    assert any(line.split()[:2] == ["requirement", requirement] for line in block)
    assert any(line.split()[:2] == ["authorization", authorization] for line in block)
    assert any(re.match(r"  \[\d+\]  \S+", line) for line in block)


def test_the_letter_decides_once_it_is_known(screen: str) -> None:
    blocks = _blocks(screen)
    letter = "us-2025-04-09-nvda-h20-letter"
    assert letter not in "\n".join(blocks["2025-04-20", "2025-04-10"])
    assert letter in "\n".join(blocks["2025-04-20", "2025-04-16"])


def test_the_newspapers_spelling_is_understood(screen: str) -> None:
    assert 'H20 (asked as "H2O") to CN: a license is required.' in screen


def test_a_changed_byte_is_caught_and_its_index_named(screen: str) -> None:
    assert re.search(r"verify +CAUGHT\. Entry 222 does not hold", screen)


def test_it_ends_with_what_to_type_next(screen: str) -> None:
    tail = screen[screen.index("What to type next") :]
    for command in ("init --casefile", "status H20 CN", "timeline", "verify"):
        assert f"regledger {command}" in tail


def test_it_fits_a_narrow_screen(tmp_path: Path) -> None:
    done = Home(tmp_path).with_variables(COLUMNS="80").run("demo")
    assert max(map(len, done.stdout.splitlines())) <= 80
