"""How commands end: by an exit code, and with one or two lines where something is wrong."""

from __future__ import annotations

import errno
import re
import subprocess
import sys

import click
import pytest

from ledger import errors
from ledger.cli.main import cli, exit_code_of, explain, main, run
from tests.unit.cli.conftest import Command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RuleError("no"), 1),
        (errors.NotFoundError("no"), 1),
        (errors.EnvelopeError("no"), 1),
        (errors.RecordFormatError("no"), 1),
        (errors.KeyFileError("no"), 1),
        (errors.SettingError("no"), 2),
        (errors.VerificationError("no"), 3),
        (errors.ForkError("no"), 3),
        (errors.RollbackError("no"), 3),
        (errors.NoteError("no"), 3),
        (errors.UnavailableError("no"), 4),
        (errors.StoreError("no"), 4),
    ],
)
def test_each_kind_of_error_has_its_exit_code(error: errors.LedgerError, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_error_is_told_with_field_and_rule() -> None:
    error = errors.RuleError("Shipped exceeds ordered.", field="quantity", rule="shipped-exceeds")
    assert explain(error) == (
        "Error: Shipped exceeds ordered.\n  field: quantity, rule: shipped-exceeds"
    )
    assert explain(errors.InputError("No.")) == "Error: No."


def test_a_failed_verification_says_so_first() -> None:
    assert explain(errors.RollbackError("Shorter.")).startswith("VERIFICATION FAILED: ")


def _command(monkeypatch: pytest.MonkeyPatch, raised: BaseException) -> None:
    @click.command(name="failing")
    def failing() -> None:
        raise raised

    monkeypatch.setitem(cli.commands, "failing", failing)


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (errors.NotFoundError("Nothing."), 1, "Error: Nothing.\n"),
        (errors.VerificationError("False."), 3, "VERIFICATION FAILED: False.\n"),
        (KeyboardInterrupt(), 130, "Interrupted.\n"),
        (click.Abort(), 130, "Interrupted.\n"),
        (ValueError("odd"), 70, "regledger failed: ValueError: odd\n"),
    ],
)
def test_whatever_is_raised_ends_in_a_code_and_never_in_a_traceback(
    regledger: Command,
    monkeypatch: pytest.MonkeyPatch,
    raised: BaseException,
    code: int,
    told: str,
) -> None:
    _command(monkeypatch, raised)
    result = regledger("failing")
    assert (result.code, result.out, result.err.lstrip()) == (code, "", told)


def test_a_reader_that_has_seen_enough_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, BrokenPipeError(errno.EPIPE, "closed"))
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert run(["failing"]) == 0
    assert capsys.readouterr().err == ""


def test_an_unknown_command_or_option_is_a_matter_of_usage(regledger: Command) -> None:
    assert regledger("frobnicate").code == 2
    result = regledger("status", "--color")
    assert result.code == 2
    assert "Usage: regledger status" in result.err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], ["status", "--help"]])
def test_help_and_version_are_no_errors(regledger: Command, arguments: list[str]) -> None:
    result = regledger(*arguments)
    assert (result.code, result.err) == (0, "")
    assert result.out


def test_every_command_says_what_it_does(regledger: Command) -> None:
    told = regledger("--help").out
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str(), name
        assert re.search(rf"^  {name}  +[A-Z].*\.$", told, re.MULTILINE), name
        assert regledger(name, "--help").code == 0


def test_only_the_command_that_is_called_is_loaded() -> None:
    told = "import sys; from ledger.cli.main import run; run(['--help']); print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    loaded = {name for name in ended.stdout.split() if name.startswith("ledger.")}
    assert loaded == {"ledger.errors", "ledger.cli", "ledger.cli.commands", "ledger.cli.main"}


def test_the_commands_of_the_design_are_there() -> None:
    designed = (
        "init serve keygen sign append import status timeline show orders submissions verify demo"
    )
    assert set(designed.split()) <= set(cli.list_commands(click.Context(cli)))


def test_the_program_leaves_with_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["frobnicate"])
    assert left.value.code == 2
    assert "No such command" in capsys.readouterr().err


def test_without_any_ledger_a_command_says_how_to_name_one(regledger: Command) -> None:
    result = regledger("status", "H20", "CN")
    assert result.code == 2
    assert "--ledger DIR" in result.err
