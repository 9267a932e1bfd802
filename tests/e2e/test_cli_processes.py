"""``regledger`` in processes of its own: pipes, terminals, signals, races and TLS."""

from __future__ import annotations

import json
import os
import pty
import secrets
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ledger.signing.keyfiles import read_private_key
from tests.e2e.certificates import Authority
from tests.e2e.cli_process import PROGRAM, Home
from tests.unit.client.served import row

JULY = ("--as-of", "2025-07-20", "--known-at", "2025-07-29", "--exporter", "NVIDIA")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def ledger(home: Home) -> Path:
    """A ledger with nothing but its founding and registrar."""
    done = home.run("init", "mine")
    assert done.returncode == 0, done.stderr
    return home.folder / "mine"


def _rows(home: Home, *rows: dict[str, Any], name: str = "rows.jsonl") -> Path:
    path = home.folder / name
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")
    return path


def test_a_user_finds_the_ledger_again_by_its_context(home: Home, ledger: Path) -> None:
    assert home.run("import", _rows(home, row("co-1"))).returncode == 0
    shown = json.loads(home.run("show", "co-1", "-o", "json").stdout)
    assert shown["facts"][0]["fact"]["id"] == "co-1"
    assert str(ledger) in home.run("context", "list").stdout


def test_a_server_is_asked_and_appended_to(home: Home, ledger: Path) -> None:
    with home.serving(ledger) as address:
        where = ("--server", address, "--pin", ledger / "pin.json")
        key = ledger / "keys" / "registrar.pem"
        done = home.run("import", _rows(home, row("co-1")), *where, "--key", key)
        assert (done.returncode, done.stderr) == (0, "")
        assert home.run("verify", *where).returncode == 0
    assert home.run("show", "co-1", "--ledger", ledger).returncode == 0
    gone = home.run("verify", *where)
    assert gone.returncode == 4
    assert "Traceback" not in gone.stderr


def test_a_server_with_tls_and_tokens_lets_in_whoever_has_one(home: Home, ledger: Path) -> None:
    authority = Authority()
    cert, key = authority.issue("server").write(home.folder, "server")
    ca = home.folder / "ca.crt"
    ca.write_bytes(authority.certificate)
    token = secrets.token_hex(32)
    (home.folder / "token").write_text(token, encoding="utf-8")
    digest = sha256(token.encode()).hexdigest()
    (home.folder / "identities").write_text(f"reader me token:{digest}\n", encoding="utf-8")
    server = home.with_variables(
        LEDGER_TLS_CERT=cert,
        LEDGER_TLS_KEY=key,
        LEDGER_TOKENS_FILE=str(home.folder / "identities"),
    )
    with server.serving(ledger) as address:
        where = ("--server", address, "--pin", ledger / "pin.json", "--tls-ca", ca)
        assert home.run("verify", *where, "--token-file", home.folder / "token").returncode == 0
        anonymous = home.run("verify", *where)
        assert anonymous.returncode == 1
        admin = ledger / "keys" / "registrar.pem"
        denied = home.run(
            "import",
            _rows(home, row("co-1")),
            *(*where, "--token-file", home.folder / "token", "--key", admin),
        )
        assert denied.returncode == 1
        stranger = Authority("another").certificate
        ca.write_bytes(stranger)
        assert home.run("verify", *where, "--token-file", home.folder / "token").returncode == 4


def test_two_imports_at_once_double_nothing(home: Home, ledger: Path) -> None:
    rows = _rows(home, *(row(f"co-{place}") for place in range(120)))
    importing = [home.start("import", rows, "--ledger", ledger, "-o", "json") for _ in range(2)]
    reports = []
    for process in importing:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        reports.append(json.loads(out))
    assert sum(len(report["appended"]) for report in reports) == 120
    assert sum(len(report["already_in"]) for report in reports) == 120
    assert json.loads(home.run("verify", "-o", "json").stdout)["tree_size"] == 122


def test_an_import_that_was_killed_is_resumed(home: Home, ledger: Path) -> None:
    rows = _rows(home, *(row(f"co-{place}") for place in range(600)))
    with home.serving(ledger) as address:
        where = ("--server", address, "--pin", ledger / "pin.json")
        command = ("import", rows, *where, "--key", ledger / "keys" / "registrar.pem")
        killed = home.start(*command)
        while json.loads(home.run("verify", *where, "-o", "json").stdout)["tree_size"] == 2:
            assert killed.poll() is None
        killed.kill()
        killed.communicate()
        resumed = home.run(*command, "-o", "json")
        assert resumed.returncode == 0
        report = json.loads(resumed.stdout)
        assert len(report["appended"]) + len(report["already_in"]) == 600
        assert json.loads(home.run("verify", *where, "-o", "json").stdout)["tree_size"] == 602


def test_an_interrupted_command_says_so_and_ends_by_130(home: Home, ledger: Path) -> None:
    rows = _rows(home, *(row(f"co-{place}") for place in range(2_000)))
    with home.serving(ledger) as address:
        where = ("--server", address, "--pin", ledger / "pin.json")
        process = home.start("import", rows, *where, "--key", ledger / "keys" / "registrar.pem")
        while json.loads(home.run("verify", *where, "-o", "json").stdout)["tree_size"] == 2:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "Interrupted."


def test_a_reader_that_has_seen_enough_is_no_error(home: Home, ledger: Path) -> None:
    home.run("import", _rows(home, *(row(f"co-{place}") for place in range(300))))
    with home.start("timeline", "-o", "jsonl", "--ledger", ledger) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0


def _at_a_terminal(
    home: Home, arguments: tuple[str, ...], typed: Sequence[str] = ()
) -> tuple[int, str]:
    """Run a command at a terminal of 80 columns and answer its prompts; gives code and screen."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *arguments],
        cwd=home.folder,
        env=home.environment | {"TERM": "xterm", "COLUMNS": "80"},
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    screen, answers = b"", list(typed)
    # The other end of a terminal reads EIO, not an end of file, once nobody has it open.
    with suppress(OSError):
        while piece := os.read(master, 4096):
            screen += piece
            if screen.endswith(b": ") and answers:
                os.write(master, answers.pop(0).encode() + b"\n")
    os.close(master)
    return process.wait(60), screen.decode("utf-8", "replace")


def test_pass_phrases_are_asked_for_at_a_terminal_and_not_shown(home: Home) -> None:
    code, screen = _at_a_terminal(home, ("keygen", "me.pem"), ("secret", "secret"))
    assert code == 0
    assert "Pass phrase for the key me.pem" in screen
    assert "secret" not in screen
    key = read_private_key(home.folder / "me.pem", passphrase=b"secret")
    assert key.public.keyid in screen


def test_a_bar_is_shown_at_a_terminal_and_nowhere_else(home: Home, ledger: Path) -> None:
    rows = _rows(home, *(row(f"co-{place}") for place in range(50)))
    code, screen = _at_a_terminal(home, ("import", str(rows)))
    assert code == 0
    assert "importing" in screen
    assert "50 entries appended" in screen
    assert home.run("import", rows).stderr == ""
    assert ledger.exists()


def test_completion_is_clicks(home: Home) -> None:
    completing = home.with_variables(
        _REGLEDGER_COMPLETE="bash_complete", COMP_WORDS="regledger st", COMP_CWORD="1"
    )
    assert "plain,status" in completing.run().stdout.splitlines()
