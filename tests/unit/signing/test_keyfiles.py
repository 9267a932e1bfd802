from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.errors import KeyFileError
from ledger.signing.keyfiles import (
    KEY_FILE_BYTES_MAX,
    public_path,
    read_private_key,
    read_public_key,
    write_private_key,
    write_public_key,
)
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import Algorithm

if TYPE_CHECKING:
    from pathlib import Path

PASSPHRASE = b"correct horse"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "author.key"


@pytest.fixture
def key() -> PrivateKey:
    return PrivateKey.generate()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(path: Path, passphrase: bytes | None = None) -> KeyFileError:
    with pytest.raises(KeyFileError) as caught:
        read_private_key(path, passphrase=passphrase)
    return caught.value


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_an_encrypted_key_comes_back_under_its_pass_phrase(
    path: Path, algorithm: Algorithm
) -> None:
    key = PrivateKey.generate(algorithm)
    write_private_key(path, key, passphrase=PASSPHRASE)

    read = read_private_key(path, passphrase=PASSPHRASE)

    assert read.public == key.public
    key.public.verify(read.sign(b"m"), b"m")
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in path.read_bytes()


def test_a_bare_key_comes_back_without_one(path: Path, key: PrivateKey) -> None:
    write_private_key(path, key, passphrase=None, unencrypted=True)

    assert read_private_key(path, passphrase=None).public == key.public


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_the_files_have_their_modes_whatever_the_umask(
    path: Path, key: PrivateKey, umask: int
) -> None:
    before = os.umask(umask)
    try:
        write_private_key(path, key, passphrase=PASSPHRASE)
        write_public_key(public_path(path), key.public)
    finally:
        os.umask(before)

    assert (mode(path), mode(public_path(path))) == (0o600, 0o644)


@pytest.mark.parametrize(
    ("passphrase", "unencrypted"),
    [
        pytest.param(None, False, id="nothing said"),
        pytest.param(PASSPHRASE, True, id="both said"),
        pytest.param(b"", False, id="empty pass phrase"),
        pytest.param(b"x" * 1024, False, id="overlong pass phrase"),
    ],
)
def test_whether_to_encrypt_must_be_said(
    path: Path, key: PrivateKey, passphrase: bytes | None, unencrypted: bool
) -> None:
    with pytest.raises(KeyFileError) as caught:
        write_private_key(path, key, passphrase=passphrase, unencrypted=unencrypted)

    assert caught.value.rule == "passphrase"
    assert list(path.parent.iterdir()) == []


def test_a_file_that_exists_is_never_overwritten(path: Path, key: PrivateKey) -> None:
    path.write_bytes(b"precious")

    with pytest.raises(KeyFileError) as private:
        write_private_key(path, key, passphrase=PASSPHRASE)
    with pytest.raises(KeyFileError) as public:
        write_public_key(path, key.public)

    assert private.value.rule == public.value.rule == "exists"
    assert path.read_bytes() == b"precious"
    assert list(path.parent.iterdir()) == [path]


def test_a_dangling_link_is_not_written_through(path: Path, key: PrivateKey) -> None:
    path.symlink_to(path.parent / "elsewhere")

    with pytest.raises(KeyFileError):
        write_private_key(path, key, passphrase=PASSPHRASE)

    assert list(path.parent.iterdir()) == [path]


def test_a_write_that_fails_leaves_nothing_behind(
    path: Path, key: PrivateKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(KeyFileError) as caught:
        write_private_key(path, key, passphrase=PASSPHRASE)

    assert "No space left" in caught.value.message
    assert list(path.parent.iterdir()) == []


def test_a_folder_that_is_not_there_is_an_error_of_ours(path: Path, key: PrivateKey) -> None:
    with pytest.raises(KeyFileError) as caught:
        write_private_key(path / "deeper", key, passphrase=PASSPHRASE)

    assert caught.value.rule == "io"


@pytest.mark.parametrize("others", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o666])
def test_a_key_open_to_others_is_refused_and_says_how_to_mend_it(
    path: Path, key: PrivateKey, others: int
) -> None:
    write_private_key(path, key, passphrase=PASSPHRASE)
    path.chmod(others)

    error = refusal(path, PASSPHRASE)

    assert error.rule == "mode"
    assert f"mode {others:04o}" in error.message
    assert "chmod 600" in error.message


def test_a_read_only_key_of_the_owner_is_read(path: Path, key: PrivateKey) -> None:
    write_private_key(path, key, passphrase=PASSPHRASE)
    path.chmod(0o400)

    assert read_private_key(path, passphrase=PASSPHRASE).public == key.public


def test_a_link_to_a_key_is_followed_and_the_mode_of_the_key_counts(
    path: Path, key: PrivateKey
) -> None:
    write_private_key(path, key, passphrase=PASSPHRASE)
    link = path.parent / "mounted"
    link.symlink_to(path)

    assert read_private_key(link, passphrase=PASSPHRASE).public == key.public
    path.chmod(0o644)
    assert refusal(link, PASSPHRASE).rule == "mode"


@pytest.mark.parametrize("passphrase", [None, b"", b"wrong", b"x" * 5000])
def test_a_missing_or_wrong_pass_phrase_is_refused(
    path: Path, key: PrivateKey, passphrase: bytes | None
) -> None:
    write_private_key(path, key, passphrase=PASSPHRASE)

    assert refusal(path, passphrase).rule == "passphrase"


def test_a_pass_phrase_for_a_bare_key_is_refused(path: Path, key: PrivateKey) -> None:
    write_private_key(path, key, passphrase=None, unencrypted=True)

    assert refusal(path, PASSPHRASE).rule == "passphrase"


def test_a_file_that_is_missing_is_refused(path: Path) -> None:
    assert refusal(path).rule == "not-found"


def test_a_folder_is_no_key_file(path: Path) -> None:
    assert refusal(path.parent).rule == "not-a-file"


def test_a_named_pipe_is_refused_without_waiting_for_a_writer(path: Path) -> None:
    os.mkfifo(path, 0o600)

    assert refusal(path).rule == "not-a-file"


def test_a_link_that_turns_in_a_circle_is_refused(path: Path) -> None:
    path.symlink_to(path)

    assert refusal(path).rule == "io"


def test_a_file_that_is_too_large_is_refused(path: Path, key: PrivateKey) -> None:
    put(path, key.to_pem(None) + b"\n" * KEY_FILE_BYTES_MAX)

    assert refusal(path).rule == "too-large"


OTHER_KEYS = {
    "Ed448": ed448.Ed448PrivateKey.generate(),
    "RSA": rsa.generate_private_key(65537, 2048),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
}


@pytest.mark.parametrize("other", OTHER_KEYS.values(), ids=OTHER_KEYS)
def test_a_key_of_another_algorithm_is_refused(
    path: Path, other: ed448.Ed448PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    put(path, other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    assert refusal(path).rule == "key-algorithm"


def test_an_algorithm_nobody_knows_is_refused(path: Path) -> None:
    # PKCS#8 with the object identifier 1.2.3.4 and an empty key.
    put(
        path,
        b"-----BEGIN PRIVATE KEY-----\nMA4CAQAwBQYDKgMEBAIEAA==\n-----END PRIVATE KEY-----\n",
    )

    assert refusal(path).rule == "key-algorithm"


OTHER_FORMATS = {
    "OpenSSH": Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    ),
    "SEC 1": ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ),
    "DER": Ed25519PrivateKey.generate().private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    ),
    "a public key": Ed25519PrivateKey.generate()
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "nothing": b"",
}


@pytest.mark.parametrize("content", OTHER_FORMATS.values(), ids=OTHER_FORMATS)
def test_a_private_key_in_another_format_is_refused(path: Path, content: bytes) -> None:
    put(path, content)

    assert refusal(path).rule == "key-form"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 110), byte=st.integers(0, 255))
def test_a_damaged_key_file_is_refused_or_still_a_whole_key(
    tmp_path: Path, at: int, byte: int
) -> None:
    path = tmp_path / "damaged.key"
    pem = bytearray(PrivateKey.generate().to_pem(None))
    pem[at] = byte
    put(path, bytes(pem))

    try:
        read = read_private_key(path, passphrase=None)
    except KeyFileError:
        return

    read.public.verify(read.sign(b"m"), b"m")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_public_key_comes_back_and_is_what_openssl_would_write(
    path: Path, algorithm: Algorithm
) -> None:
    key = PrivateKey.generate(algorithm)
    write_public_key(path, key.public)

    assert read_public_key(path) == key.public
    assert path.read_bytes() == key._key.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )


def test_a_public_key_may_be_open_to_others(path: Path, key: PrivateKey) -> None:
    write_public_key(path, key.public)
    path.chmod(0o666)

    assert read_public_key(path) == key.public


PUBLIC_PEM = b"-----BEGIN PUBLIC KEY-----\n%b\n-----END PUBLIC KEY-----\n"
BAD_PUBLIC = {
    "nothing": b"",
    "another label": b"-----BEGIN PRIVATE KEY-----\nQQ==\n-----END PRIVATE KEY-----\n",
    "no base64": PUBLIC_PEM % b"Q",
    "no key": PUBLIC_PEM % b"QQ==",
    "text before": b"hello\n" + PUBLIC_PEM % b"QQ==",
    "two keys": PUBLIC_PEM % b"QQ==" * 2,
    "a torsion point": PUBLIC_PEM % b"MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
}


@pytest.mark.parametrize("content", BAD_PUBLIC.values(), ids=BAD_PUBLIC)
def test_a_public_key_file_with_anything_else_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(KeyFileError) as caught:
        read_public_key(path)

    assert caught.value.rule == "key-form"


def test_the_public_file_lies_beside_the_private_one(tmp_path: Path) -> None:
    assert public_path(tmp_path / "author.key") == tmp_path / "author.key.pub"
