"""Signing by ``securesystemslib``: its own signer of a key in a file."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ledger.errors import SignerError
from ledger.signing.keyfiles import write_private_key
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm
from ledger.signing.urisigner import UriSigner

MESSAGE = b"a message"


def stored(path: Path, key: PrivateKey) -> str:
    """The URI of a key in a file."""
    write_private_key(path, key, passphrase=None, unencrypted=True)
    return f"file2:{path}"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_behind_a_uri_signs(tmp_path: Path, algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)
    signer = UriSigner(key.public, stored(tmp_path / "key.pem", key))

    signer.public.verify(signer.sign(MESSAGE), MESSAGE)


@pytest.mark.parametrize("uri", ["file2:nowhere.pem", "nothing:at-all", "", "hsm:2?label=none"])
def test_a_key_that_cannot_be_reached_is_told(uri: str) -> None:
    with pytest.raises(SignerError) as caught:
        UriSigner(PrivateKey.generate().public, uri)
    assert caught.value.rule == "signer-uri"


def test_a_uri_of_another_key_is_found_out(tmp_path: Path) -> None:
    uri = stored(tmp_path / "key.pem", PrivateKey.generate())

    with pytest.raises(SignerError):
        UriSigner(PrivateKey.generate().public, uri)


def _of_something_else(signer: Any, payload: bytes) -> Any:
    """A signature over something else than was given."""
    signature = signer._private_key.sign(payload + b"!")
    return import_module("securesystemslib.signer").Signature("keyid", signature.hex())


def _out_of_reach(_: Any, payload: bytes) -> Any:
    """A key service that is gone by the time it should sign."""
    message = f"no route to sign {len(payload)} bytes"
    raise ConnectionError(message)


@pytest.mark.parametrize(
    ("sign", "rule"), [(_of_something_else, "signer-signature"), (_out_of_reach, "signer-uri")]
)
def test_what_a_key_service_gives_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: Any, rule: str
) -> None:
    key = PrivateKey.generate()
    signer = UriSigner(key.public, stored(tmp_path / "key.pem", key))
    service = import_module("securesystemslib.signer").CryptoSigner
    monkeypatch.setattr(service, "sign", sign)

    with pytest.raises(SignerError) as caught:
        signer.sign(MESSAGE)

    assert caught.value.rule == rule


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # What Python finds None for, it refuses to import.
    absent: ModuleType | None = None
    monkeypatch.setitem(sys.modules, "securesystemslib.signer", absent)

    with pytest.raises(SignerError, match=r"pip install 'regulatory-ledger\[signers\]'") as caught:
        UriSigner(PrivateKey.generate().public, "file2:key.pem")

    assert caught.value.rule == "signer-extra"
