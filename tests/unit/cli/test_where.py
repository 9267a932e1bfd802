"""Which ledger is meant: an option before a variable, and both before the context."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from ledger.cli.contexts import Context, Contexts, save_contexts
from ledger.cli.main import cli
from ledger.cli.where import Where, where_options
from ledger.client.pins import PIN_FILE, Pin
from ledger.errors import InputError, NotFoundError, SettingError
from ledger.log.notekeys import SignatureType, VerifierKey
from ledger.signing.privatekeys import PrivateKey
from tests.unit.cli.conftest import Command


def _pin(origin: str) -> Pin:
    key = VerifierKey(origin, SignatureType.ED25519, PrivateKey.generate().public.raw)
    return Pin(origin, bytes(range(32)), (key,))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    contexts = Contexts().with_context("far", Context(server="far.example:443", author="amd"))
    save_contexts(tmp_path / "c", contexts.with_context("near", Context(ledger="/srv/near")))
    return tmp_path / "c"


def test_the_current_context_says_which_ledger(config: Path) -> None:
    target = Where(config=config).resolved()
    assert (target.folder, target.server) == (Path("/srv/near"), "")


def test_a_named_context_goes_before_the_current_one(config: Path) -> None:
    target = Where(config=config, context="far").resolved()
    assert (target.folder, target.server) == (None, "far.example:443")


def test_an_option_goes_before_the_context(config: Path, tmp_path: Path) -> None:
    target = Where(config=config, ledger=tmp_path).resolved()
    assert target.folder == tmp_path
    target = Where(config=config, server="here.example:1").resolved()
    assert (target.folder, target.server) == (None, "here.example:1")


def test_a_context_of_another_ledger_lends_nothing_to_one_that_is_named(config: Path) -> None:
    save_contexts(config, Contexts().with_context("far", Context(server="x:1", author="amd")))
    assert Where(config=config, server="here.example:1").resolved().author(None) == "registrar"


def test_two_ledgers_at_once_are_refused(config: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingError):
        Where(config=config, ledger=tmp_path, server="x:1").resolved()


def test_no_ledger_at_all_is_refused_unless_nobody_is_asked(tmp_path: Path) -> None:
    with pytest.raises(SettingError) as refused:
        Where(config=tmp_path).resolved()
    assert "regledger init" in refused.value.message
    target = Where(config=tmp_path).resolved(offline=True)
    assert target.pin() is None
    with pytest.raises(SettingError):
        target.known_pin()


def test_a_context_that_is_not_there_is_not_found(config: Path) -> None:
    with pytest.raises(NotFoundError):
        Where(config=config, context="nowhere").resolved()


def test_the_pin_is_the_options_or_the_contexts_or_the_folders(tmp_path: Path) -> None:
    option, context, folder = _pin("a.example/1"), _pin("b.example/1"), _pin("c.example/1")
    (tmp_path / "option.json").write_text(option.to_json(), encoding="utf-8")
    (tmp_path / PIN_FILE).write_text(folder.to_json(), encoding="utf-8")
    named = Context(ledger=str(tmp_path), pin=context.to_json())
    save_contexts(tmp_path, Contexts().with_context("one", named))
    assert Where(config=tmp_path).resolved().pin() == context
    assert Where(config=tmp_path, ledger=tmp_path).resolved().pin() == folder
    chosen = Where(config=tmp_path, pin=tmp_path / "option.json")
    assert chosen.resolved().pin() == option


def test_the_pin_of_a_first_use_is_kept_for_that_server_alone(tmp_path: Path) -> None:
    target = Where(config=tmp_path, server="[::1]:7443").resolved()
    assert target.pin() is None
    target.keep_pin(_pin("a.example/1"))
    kept = target.known_pin()
    assert kept.origin == "a.example/1"
    assert Where(config=tmp_path, server="[::1]:7444").resolved().pin() is None


def test_a_pin_that_cannot_be_kept_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    target = Where(config=tmp_path / "file", server="x:1")
    with pytest.raises(SettingError):
        target.resolved(offline=True)
    where = Where(config=tmp_path, server="x:1").resolved()
    (tmp_path / "pins").write_bytes(b"")
    with pytest.raises(SettingError) as refused:
        where.keep_pin(_pin("a.example/1"))
    assert refused.value.rule == "pin-file"


def test_the_connection_reads_its_files(tmp_path: Path) -> None:
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "token").write_text("secret\n", encoding="utf-8")
    connection = (
        Where(
            config=tmp_path,
            server="far.example:443",
            tls_ca=tmp_path / "ca",
            client_cert=tmp_path / "cert",
            client_key=tmp_path / "key",
            token_file=tmp_path / "token",
        )
        .resolved()
        .connection()
    )
    assert (connection.ca, connection.certificate) == (b"ca", b"cert")
    assert connection.token == "secret"  # noqa: S105 - of this test
    (tmp_path / "ca").unlink()
    gone = Where(config=tmp_path, server="far.example:443", tls_ca=tmp_path / "ca")
    with pytest.raises(InputError):
        gone.resolved().connection()


def test_a_context_brings_its_files_author_and_key(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("secret", encoding="utf-8")
    context = Context(
        server="far.example:443",
        token_file=str(tmp_path / "token"),
        author="amd",
        key="/keys/amd.pem",
    )
    save_contexts(tmp_path, Contexts().with_context("far", context))
    target = Where(config=tmp_path).resolved()
    assert target.connection().metadata == (("authorization", "Bearer secret"),)
    assert target.author(None) == "amd"
    assert target.author("nvidia") == "nvidia"
    assert target.key(None, "amd") == Path("/keys/amd.pem")
    assert target.key(Path("mine"), "amd") == Path("mine")
    with pytest.raises(SettingError):
        target.key(None, "nvidia")


def test_a_folder_has_the_keys_of_its_authors(tmp_path: Path) -> None:
    target = Where(config=tmp_path, ledger=tmp_path).resolved()
    assert target.key(None, "registrar") == tmp_path / "keys" / "registrar.pem"


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("LEDGER_DIRECTORY", "/srv/one", "ledger"),
        ("LEDGER_SERVER", "far.example:443", "server"),
        ("LEDGER_CONTEXT", "far", "context"),
        ("LEDGER_TOKEN", "secret", "token"),
    ],
)
def test_variables_stand_for_options(
    regledger: Command,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    name: str,
) -> None:
    seen: list[Where] = []

    @click.command(name="where")
    @where_options
    def show(where: Where) -> None:
        seen.append(where)

    monkeypatch.setitem(cli.commands, "where", show)
    monkeypatch.setenv(variable, value)
    assert regledger("where").code == 0
    found: Any = getattr(seen[0], name)
    assert str(found) == value
