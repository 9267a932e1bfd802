from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ledger.errors import InputError, KeyFileError
from ledger.signing.privatekeys import PASSPHRASE_BYTES_MAX, PrivateKey, Signer
from ledger.signing.publickeys import Algorithm, PublicKey

MESSAGE = b"a statement"


def opened(pem: bytes, passphrase: bytes) -> PrivateKey:
    key = load_pem_private_key(pem, passphrase)
    assert isinstance(key, Ed25519PrivateKey)
    return PrivateKey(key)


def test_a_new_key_is_ed25519_unless_asked_otherwise() -> None:
    assert PrivateKey.generate().public.algorithm is Algorithm.ED25519


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_a_key_signs_its_public_half_verifies(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)

    key.public.verify(key.sign(MESSAGE), MESSAGE)

    assert key.public.algorithm is algorithm


def test_two_new_keys_are_different() -> None:
    assert PrivateKey.generate().public.keyid != PrivateKey.generate().public.keyid


def test_a_key_that_could_not_be_enrolled_is_refused() -> None:
    with pytest.raises(InputError):
        PrivateKey(ec.generate_private_key(ec.SECP384R1()))


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_shows_its_keyid_and_no_secret(algorithm: Algorithm) -> None:
    key = PrivateKey.generate(algorithm)

    assert repr(key) == f"PrivateKey({algorithm.value}, keyid={key.public.keyid})"


def test_a_key_in_memory_is_one_kind_of_signer() -> None:
    class Device:
        """A key that is elsewhere, such as in a hardware module."""

        def __init__(self, key: PrivateKey) -> None:
            self._key = key

        @property
        def public(self) -> PublicKey:
            return self._key.public

        def sign(self, message: bytes) -> bytes:
            return self._key.sign(message)

    key = PrivateKey.generate()
    signers: list[Signer] = [key, Device(key)]

    for signer in signers:
        signer.public.verify(signer.sign(MESSAGE), MESSAGE)


def test_the_pem_is_encrypted_exactly_if_a_pass_phrase_is_given() -> None:
    key = PrivateKey.generate()

    assert key.to_pem(None).startswith(b"-----BEGIN PRIVATE KEY-----")
    assert key.to_pem(b"secret").startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert opened(key.to_pem(b"secret"), b"secret").public == key.public


@pytest.mark.parametrize("length", [0, PASSPHRASE_BYTES_MAX + 1])
def test_an_empty_or_overlong_pass_phrase_is_refused(length: int) -> None:
    with pytest.raises(KeyFileError) as caught:
        PrivateKey.generate().to_pem(b"x" * length)

    assert caught.value.rule == "passphrase"


def test_the_longest_pass_phrase_works() -> None:
    key, longest = PrivateKey.generate(), b"x" * PASSPHRASE_BYTES_MAX

    assert opened(key.to_pem(longest), longest).public == key.public
