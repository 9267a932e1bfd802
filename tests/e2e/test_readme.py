"""The README tells the truth: its commands work as typed, and its screens are real."""

from __future__ import annotations

import re
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ledger.cli.main import cli
from tests.e2e.cli_process import PROGRAM, ROOT, Home

README = (ROOT / "README.md").read_text(encoding="utf-8")
PROGRAM_TEXT = re.compile(r"```python\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
SCREEN = re.compile(r"```text\n(.*?)```", re.DOTALL)
PORT = "127.0.0.1:7443"
SERVE = "regledger serve h20"
WITNESS_PORT = "127.0.0.1:7490"
WITNESS = (
    "regledger witness --state w1.state --key w1.pem --name w1.example/1 --log h20/pin.json "
    f"--listen {WITNESS_PORT} &"
)


def _commands() -> Iterator[str]:
    """Every command of the README in its order, a here-document with its lines."""
    for block in CONSOLE.findall(README):
        yield from (part.rstrip("\n") for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:])


COMMANDS = tuple(_commands())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A user who has ``regledger`` on the path."""
    program = tmp_path / "bin" / "regledger"
    program.parent.mkdir()
    words = " ".join(f"'{word}'" for word in PROGRAM)
    program.write_text(f'#!/bin/sh\nexec {words} "$@"\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return Home(tmp_path, {"PATH": f"{program.parent}:/usr/bin:/bin"})


# Some sixty processes one after the other, which wait for each other's processor in a busy run.
@pytest.mark.timeout(1_200)
def test_every_command_works_as_typed(home: Home) -> None:
    """In the README's order, by one user; the server runs while the commands behind it do.

    So does a witness, up to there. Its programs run at the end, against the same server.
    """
    serve, witness = COMMANDS.index(SERVE), COMMANDS.index(WITNESS)
    for command in COMMANDS[:witness]:
        done = home.shell(command)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
    with home.witnessing(*shlex.split(WITNESS)[2:-3]) as address:
        for command in COMMANDS[witness + 1 : serve]:
            done = home.shell(command.replace(WITNESS_PORT, address))
            assert done.returncode == 0, f"{command}\n{done.stderr}"
    with home.serving("h20") as address:
        for command in COMMANDS[serve + 1 :]:
            done = home.shell(command.replace(PORT, address))
            assert done.returncode == 0, f"{command}\n{done.stderr}"
        for text in PROGRAM_TEXT.findall(README):
            program = home.folder / "program.py"
            program.write_text(text.replace(PORT, address), encoding="utf-8")
            done = home.shell(f"'{PROGRAM[0]}' program.py")
            assert (done.returncode, done.stderr) == (0, "")
            assert re.fullmatch(r"222 of \d+ since 2025-04-09\n", done.stdout)


def test_the_screen_of_the_demonstration_is_a_real_one(home: Home) -> None:
    """Line by line and in order; ``...`` stands for what is left out or differs every time."""
    (shown,) = SCREEN.findall(README)
    real = home.run("demo").stdout
    place = 0
    for line in filter(None, shown.splitlines()):
        pattern = re.escape(line.strip()).replace(re.escape("..."), r".*?")
        found = re.compile(re.sub(r"(\\ )+", r"\\s+", pattern), re.DOTALL).search(real, place)
        assert found, line
        place = found.end()


NAMES = cli.list_commands(click.Context(cli))


def _options() -> set[str]:
    """Every option of every command, by its long names."""
    context = click.Context(cli)
    commands = [command for name in NAMES if (command := cli.get_command(context, name))]
    assert len(commands) == len(NAMES)
    for command in list(commands):
        if isinstance(command, click.Group):
            commands += command.commands.values()
    return {name for command in commands for option in command.params for name in option.opts}


def test_every_option_that_is_named_exists() -> None:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", README))
    assert named
    assert named - _options() <= {"--help"}


def test_every_command_is_named() -> None:
    assert {name for name in NAMES if f"regledger {name}" not in README} <= {"demo"}


def test_the_two_commands_come_first() -> None:
    assert README.index("make demo") < README.index("regledger init")
    assert README.index("make test") < README.index("regledger init")
    assert "not legal advice" in README
