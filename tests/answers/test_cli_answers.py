"""The table at the command line, as a person types it, against a real server."""

from __future__ import annotations

import json

import pytest

from ledger.cli.main import run
from tests.answers.asking import departures_of, told_in_json
from tests.answers.case import Case
from tests.answers.served import ServedRecord, options_of
from tests.answers.table import FURTHER, SHIPPED

Capture = pytest.CaptureFixture[str]


def departures_at_the_command_line(case: Case, record: ServedRecord, capsys: Capture) -> list[str]:
    capsys.readouterr()
    code = run(["status", *options_of(case.question), "-o", "json", *record.where])
    assert code == 0, capsys.readouterr().err
    return departures_of(case, told_in_json(json.loads(capsys.readouterr().out)))


@pytest.mark.parametrize("case", SHIPPED, ids=lambda case: case.name)
def test_the_shipped_record_is_answered_at_the_command_line(
    case: Case, served_shipped: ServedRecord, capsys: Capture
) -> None:
    assert departures_at_the_command_line(case, served_shipped, capsys) == [], case.why


@pytest.mark.parametrize("case", FURTHER, ids=lambda case: case.name)
def test_further_rows_are_answered_at_the_command_line(
    case: Case, served_further: ServedRecord, capsys: Capture
) -> None:
    assert departures_at_the_command_line(case, served_further, capsys) == [], case.why
