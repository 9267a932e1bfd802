"""Pieces of a screen keep their columns at any width."""

from __future__ import annotations

import pytest

from ledger.cli.memo import aligned, counted, heading, labeled
from ledger.cli.output import show

Capture = pytest.CaptureFixture[str]


def test_labels_stand_in_a_column_and_texts_wrap_beside_them(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    show(labeled([("one", "a b c d e f g h i j"), ("", "more")]))
    assert capsys.readouterr().out == "  one  a b c d e f g\n       h i j\n       more\n"


def test_rows_stand_in_columns(capsys: Capture) -> None:
    show(aligned([("a", "bbb", "c"), ("aa", "b", "d")], bold=1))
    assert capsys.readouterr().out == "  a   bbb  c\n  aa  b    d\n"


def test_no_rows_are_nothing(capsys: Capture) -> None:
    show(aligned([]))
    assert capsys.readouterr().out.strip() == ""


def test_a_heading_stands_off(capsys: Capture) -> None:
    show(heading("Why"))
    assert capsys.readouterr().out == "\nWhy\n"


@pytest.mark.parametrize(
    ("number", "told"), [(0, "0 entries"), (1, "1 entry"), (1_000, "1,000 entries")]
)
def test_a_number_takes_its_noun_along(number: int, told: str) -> None:
    assert counted(number, "entry", "entries") == told


def test_a_noun_without_a_plural_gets_an_s() -> None:
    assert counted(2, "fact") == "2 facts"
