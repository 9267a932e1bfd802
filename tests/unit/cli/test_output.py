"""Data goes to stdout, words about it to stderr, and a bar only where somebody watches."""

from __future__ import annotations

import json
import sys

import pytest
from rich.text import Text

from ledger.cli.output import (
    Format,
    console,
    print_json,
    print_message,
    print_rows,
    progress,
    say,
    show,
    warn,
)
from ledger.v1 import queries_pb2

Capture = pytest.CaptureFixture[str]


def test_without_a_terminal_a_screen_has_100_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console().width == 100
    monkeypatch.setenv("COLUMNS", "80")
    assert console().width == 80


def test_a_screen_has_no_blanks_at_the_ends_of_lines(capsys: Capture) -> None:
    show(Text("one  \ntwo"), Text("[bold]three[/bold] :smile: "))
    assert capsys.readouterr().out == "one\ntwo\n[bold]three[/bold] :smile:\n"


def test_json_is_one_value_with_its_letters_as_they_are(capsys: Capture) -> None:
    print_json({"é": [1]})
    assert capsys.readouterr().out == '{\n  "é": [\n    1\n  ]\n}\n'


def test_rows_are_one_object_or_a_line_each(capsys: Capture) -> None:
    rows = [{"a": 1}, {"a": 2}]
    print_rows(Format.JSON, "rows", rows, size=2)
    assert json.loads(capsys.readouterr().out) == {"rows": rows, "size": 2}
    print_rows(Format.JSONL, "rows", rows, size=2)
    assert capsys.readouterr().out == '{"a": 1}\n{"a": 2}\n'


def test_a_message_has_its_proto_field_names_and_every_field(capsys: Capture) -> None:
    message = queries_pb2.NextChange(date="2025-01-01")
    print_message(message, Format.JSON)
    assert json.loads(capsys.readouterr().out) == {
        "date": "2025-01-01",
        "description": "",
        "fact_ids": [],
        "requirement": "UNSPECIFIED",
    }
    print_message(message, Format.JSONL)
    assert capsys.readouterr().out.count("\n") == 1


def test_words_go_to_stderr(capsys: Capture) -> None:
    say("hello")
    warn("careful")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "hello\nWarning: careful\n")


def test_nobody_watching_sees_no_bar(capsys: Capture) -> None:
    with progress("importing") as told:
        told(1, 2)
    assert capsys.readouterr() == ("", "")


def test_whoever_watches_sees_how_far_it_is(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress("importing") as told:
        told(1, 2)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "importing" in captured.err
