"""The way to a server: what is an address, what is encrypted, what every call carries."""

from __future__ import annotations

import pytest

from ledger.client.connection import Connection
from ledger.errors import SettingError


@pytest.mark.parametrize(
    "target",
    ["", "host", "host:", ":7443", "host:seven", "::1:7443", "unix:", "host:٣", "[::1:7443"],
)
def test_what_is_not_an_address_is_refused(target: str) -> None:
    with pytest.raises(SettingError) as refused:
        Connection(target=target)
    assert refused.value.rule == "address"


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("localhost:1", True),
        ("127.0.0.1:1", True),
        ("127.8.9.1:1", True),
        ("[::1]:1", True),
        ("unix:/run/ledger.sock", True),
        ("ledger.example:443", False),
        ("192.0.2.1:443", False),
        ("[2001:db8::1]:443", False),
    ],
)
def test_only_what_stays_on_this_machine_is_spoken_to_in_the_clear(
    target: str, *, local: bool
) -> None:
    connection = Connection(target=target)
    assert connection.is_local is local
    assert connection.is_encrypted is not local


def test_a_local_server_with_certificates_is_spoken_to_encrypted() -> None:
    assert Connection(target="localhost:1", ca=b"pem").is_encrypted
    assert Connection(target="localhost:1", certificate=b"c", certificate_key=b"k").is_encrypted


def test_a_client_certificate_without_its_key_is_refused() -> None:
    with pytest.raises(SettingError) as refused:
        Connection(target="ledger.example:443", certificate=b"pem")
    assert refused.value.rule == "tls"


def test_a_token_travels_with_every_call_and_nothing_does_without_one() -> None:
    known = Connection(target="localhost:1", token="one")  # noqa: S106 - opens nothing
    assert known.metadata == (("authorization", "Bearer one"),)
    assert Connection(target="localhost:1").metadata == ()


@pytest.mark.parametrize("target", ["localhost:1", "ledger.example:443"])
def test_opening_a_channel_sends_nothing(target: str) -> None:
    Connection(target=target).open().close()
