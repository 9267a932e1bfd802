from __future__ import annotations

import os
from pathlib import Path

import pytest

from ledger.errors import SettingError
from ledger.settings import Address, LogFormat, Part, Settings, parse_address

TLS = {"LEDGER_TLS_CERT": "cert.pem", "LEDGER_TLS_KEY": "key.pem"}


def refused(**variables: str) -> SettingError:
    with pytest.raises(SettingError) as caught:
        Settings.of(variables)
    return caught.value


def test_nothing_set_listens_on_loopback_only() -> None:
    settings = Settings.of({})

    assert settings.listen.is_loopback
    assert settings.http_listen is not None
    assert settings.http_listen.is_loopback
    assert settings.log_format is LogFormat.JSON


def test_an_empty_variable_counts_as_not_set() -> None:
    assert Settings.of({"LEDGER_TICK_MS": ""}) == Settings.of({})


def test_variables_of_other_programs_are_not_read() -> None:
    assert Settings.of({"PATH": "/bin", "LEDGER_SERVICE_HOST": "10.0.0.1"}) == Settings.of({})


def test_the_environment_of_the_process_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_TICK_MS", "7")

    assert Settings.from_environment().tick_ms == 7


@pytest.mark.parametrize(
    ("variable", "value", "form"),
    [
        ("LEDGER_TICK_MS", "soon", "whole milliseconds"),
        ("LEDGER_TICK_MS", "0", "1 to 1000"),
        ("LEDGER_MESSAGE_BYTES_MAX", "-1", "1 MiB to 256 MiB"),
        ("LEDGER_LISTEN", "7443", "host:port"),
        ("LEDGER_LISTEN", "unix:", "unix:<path>"),
        ("LEDGER_LISTEN", "localhost:70000", "host:port"),
        ("LEDGER_LISTEN", "localhost:port", "host:port"),
        ("LEDGER_LISTEN", "::1:7443", "[IPv6]:port"),
        ("LEDGER_HTTP_LISTEN", "on", "or off"),
        ("LEDGER_LOG_FORMAT", "xml", "json or text"),
    ],
)
def test_a_bad_value_is_refused_with_the_variable_and_its_form(
    variable: str, value: str, form: str
) -> None:
    error = refused(**{variable: value})

    assert error.field == variable
    assert error.rule == "setting-form"
    assert variable in error.message
    assert form in error.message
    assert repr(value) in error.message


def test_a_pass_phrase_is_shown_nowhere() -> None:
    settings = Settings.of({"LEDGER_LOG_KEY_PASSPHRASE": "correct horse"})

    assert "horse" not in repr(settings)
    assert settings.log_key_passphrase is not None
    assert settings.log_key_passphrase.get_secret_value() == "correct horse"


def test_http_can_be_turned_off() -> None:
    assert Settings.of({"LEDGER_HTTP_LISTEN": "off"}).http_listen is None


@pytest.mark.parametrize("listen", ["0.0.0.0:7443", "[::]:7443", "ledger.example:7443"])
def test_off_loopback_tls_is_mandatory(listen: str) -> None:
    error = refused(LEDGER_LISTEN=listen, LEDGER_TOKENS_FILE="tokens")

    assert (error.field, error.rule) == ("LEDGER_TLS_CERT", "safe-to-serve")


def test_off_loopback_identities_are_mandatory() -> None:
    error = refused(LEDGER_LISTEN="0.0.0.0:7443", **TLS)

    assert error.field == "LEDGER_TOKENS_FILE"


def test_off_loopback_with_tls_and_identities_is_served() -> None:
    settings = Settings.of({"LEDGER_LISTEN": "192.0.2.1:1", "LEDGER_TOKENS_FILE": "tokens", **TLS})

    assert settings.listen == Address("192.0.2.1", 1)
    assert settings.tokens_file == Path("tokens")


@pytest.mark.parametrize("variable", ["LEDGER_TLS_CERT", "LEDGER_TLS_KEY"])
def test_certificate_and_key_go_together(variable: str) -> None:
    assert refused(**{variable: "file.pem"}).field == "LEDGER_TLS_KEY"


def test_client_certificates_need_tls() -> None:
    error = refused(LEDGER_TLS_CLIENT_CA="ca.pem", LEDGER_TOKENS_FILE="tokens")

    assert error.field == "LEDGER_TLS_CLIENT_CA"


def test_client_certificates_need_identities() -> None:
    assert refused(LEDGER_TLS_CLIENT_CA="ca.pem", **TLS).field == "LEDGER_TOKENS_FILE"


@pytest.mark.parametrize(
    ("text", "address", "is_loopback"),
    [
        ("localhost:1", Address("localhost", 1), True),
        ("127.0.0.2:0", Address("127.0.0.2", 0), True),
        ("[::1]:65535", Address("::1", 65_535), True),
        ("192.0.2.1:80", Address("192.0.2.1", 80), False),
        ("unix:/run/ledger.sock", Address("unix:/run/ledger.sock", 0), True),
    ],
)
def test_an_address_is_read_and_written_alike(
    text: str, address: Address, is_loopback: bool
) -> None:
    assert parse_address(text) == address
    assert str(address) == text
    assert address.is_loopback is is_loopback


def test_a_unix_socket_has_a_path() -> None:
    address = parse_address("unix:/run/ledger.sock")

    assert address.is_unix
    assert address.path == "/run/ledger.sock"
    assert not parse_address("localhost:1").is_unix


def test_an_address_is_refused_with_its_rule() -> None:
    with pytest.raises(SettingError) as caught:
        parse_address(":7443")

    assert caught.value.rule == "address"


def test_another_process_gets_the_same_settings_but_for_what_is_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LEDGER_TICK_MS", "7")
    monkeypatch.setenv("LEDGER_CONFIG", "/home/config")
    monkeypatch.setenv("LEDGER_LISTEN", "127.0.0.1:1")
    settings = Settings.of(
        {
            "LEDGER_DATABASE": "postgresql://writer:secret@host/ledger",
            "LEDGER_LISTEN": "[::1]:2",
            "LEDGER_HTTP_PUBLISH": "false",
        }
    )

    environment = settings.environment(workers=0, part=Part.WORKER)

    changed = settings.model_copy(update={"workers": 0, "part": Part.WORKER})
    assert Settings.of(environment) == changed
    assert environment["LEDGER_CONFIG"] == "/home/config"
    assert environment["PATH"] == os.environ["PATH"]
