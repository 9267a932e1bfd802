"""Key files: private keys as PKCS#8 PEM that only their owner can read, public ones as SPKI PEM.

Pass phrases come in as arguments: where they come from (a prompt, a secret store) is for the
command line to know.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import secrets
import stat
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ledger.errors import InputError, KeyFileError
from ledger.signing.privatekeys import PrivateKey
from ledger.signing.publickeys import PublicKey, parse_public_key

if TYPE_CHECKING:
    from pathlib import Path

KEY_FILE_BYTES_MAX: Final = 16 * 1024
"""Longest key file read; real ones have a few hundred bytes."""

PUBLIC_SUFFIX: Final = ".pub"
_PRIVATE_MODE = 0o600
_PUBLIC_MODE = 0o644
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_BARE_LABEL = b"-----BEGIN PRIVATE KEY-----"
_ENCRYPTED_LABEL = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"
_PUBLIC_PEM = re.compile(
    rb"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)-----END PUBLIC KEY-----\n?"
)
_PEM_LINE = 64


def public_path(path: Path) -> Path:
    """Return where the public half of a private key file lies: beside it, with ``.pub``."""
    return path.with_name(path.name + PUBLIC_SUFFIX)


def write_private_key(
    path: Path, key: PrivateKey, *, passphrase: bytes | None, unencrypted: bool = False
) -> None:
    """Write a private key into a new file of mode 0600: the whole file, or none.

    Args:
        path: A file that must not exist: overwriting a key destroys it.
        key: The key.
        passphrase: What encrypts it, 1 to 1,023 bytes.
        unencrypted: Must be set, and the pass phrase None, to store the key bare.

    Raises:
        KeyFileError: The file exists or cannot be written, the pass phrase is empty or too long,
            or it was not said whether to encrypt.
    """
    if unencrypted == (passphrase is not None):
        raise KeyFileError(
            "Give a pass phrase, or ask for an unencrypted key file: one of the two.",
            field="passphrase",
            rule="passphrase",
        )
    _create(path, key.to_pem(passphrase), _PRIVATE_MODE)


def read_private_key(path: Path, *, passphrase: bytes | None) -> PrivateKey:
    """Read a private key file.

    Args:
        path: The file; a symbolic link is followed, as secrets are often mounted that way.
        passphrase: What encrypts it; None for a file that is not encrypted.

    Raises:
        KeyFileError: It is missing, not a regular file, too large, open to others, not PKCS#8
            PEM, of another algorithm, or the pass phrase is missing, wrong or not needed.
    """
    pem = _read(path, private=True)
    if pem.startswith(_ENCRYPTED_LABEL):
        if not passphrase:
            raise _refused(path, "is encrypted: a pass phrase is needed", "passphrase")
    elif not pem.startswith(_BARE_LABEL):
        raise _refused(path, "is not a private key in PKCS#8 PEM", "key-form")
    elif passphrase is not None:
        # Going on would leave the owner believing that the file is protected.
        raise _refused(path, "is not encrypted, but a pass phrase was given", "passphrase")
    try:
        key = load_pem_private_key(pem, passphrase)
    except UnsupportedAlgorithm as error:
        raise _refused(path, "holds a key of another algorithm", "key-algorithm") from error
    except (ValueError, TypeError) as error:
        raise _refused(path, "is damaged, or the pass phrase is wrong", "passphrase") from error
    if not isinstance(key, Ed25519PrivateKey | ec.EllipticCurvePrivateKey):
        raise _refused(path, "holds a key of another algorithm", "key-algorithm")
    try:
        return PrivateKey(key)
    except InputError as error:
        raise _refused(path, "holds a key of another algorithm", "key-algorithm") from error


def write_public_key(path: Path, key: PublicKey) -> None:
    """Write a public key as SPKI PEM into a new file of mode 0644.

    Raises:
        KeyFileError: The file exists or cannot be written.
    """
    encoded = base64.b64encode(key.spki_der)
    lines = [encoded[at : at + _PEM_LINE] for at in range(0, len(encoded), _PEM_LINE)]
    body = [b"-----BEGIN PUBLIC KEY-----", *lines, b"-----END PUBLIC KEY-----", b""]
    _create(path, b"\n".join(body), _PUBLIC_MODE)


def read_public_key(path: Path) -> PublicKey:
    """Read a public key file, one SPKI PEM and nothing else.

    Raises:
        KeyFileError: It is missing, not a regular file, too large, or not such a key.
    """
    match = _PUBLIC_PEM.fullmatch(_read(path, private=False))
    if match is None:
        raise _refused(path, "is not a public key in SPKI PEM", "key-form")
    try:
        return parse_public_key(base64.b64decode(match[1].replace(b"\n", b""), validate=True))
    except (ValueError, InputError) as error:
        raise _refused(path, f"holds no key that may be used ({error})", "key-form") from error


def _create(path: Path, content: bytes, mode: int) -> None:
    """Create a file that appears whole, or not at all, and never replaces another.

    It is written under a name of its own, made sure of on the disk, then linked to its place;
    linking fails where a file is, which renaming would not.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with contextlib.ExitStack() as undo:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
            undo.callback(draft.unlink)
            with os.fdopen(descriptor, "wb") as file:
                # The process's umask may have taken bits away, which no key file needs back,
                # but a default access list may have added some.
                os.fchmod(descriptor, mode)
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            os.link(draft, path)
        _sync_folder(path.parent)
    except FileExistsError as error:
        raise _refused(path, "exists already, and is not overwritten", "exists") from error
    except OSError as error:
        raise _refused(path, f"cannot be written ({error.strerror})", "io") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path, *, private: bool) -> bytes:
    """Read a small regular file; everything is asked of the open file, so nothing can change."""
    try:
        # Without O_NONBLOCK opening a named pipe would wait for somebody to write.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _refused(path, "is not a regular file", "not-a-file")
            if private and status.st_mode & _OTHERS:
                mode = stat.S_IMODE(status.st_mode)
                raise _refused(path, f"is open to others (mode {mode:04o}): chmod 600 it", "mode")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                content = file.read(KEY_FILE_BYTES_MAX + 1)
        finally:
            os.close(descriptor)
    except FileNotFoundError as error:
        raise _refused(path, "does not exist", "not-found") from error
    except OSError as error:
        raise _refused(path, f"cannot be read ({error.strerror})", "io") from error
    if len(content) > KEY_FILE_BYTES_MAX:
        raise _refused(path, f"is over {KEY_FILE_BYTES_MAX} bytes long", "too-large")
    return content


def _refused(path: Path, fault: str, rule: str) -> KeyFileError:
    return KeyFileError(f"The key file {path} {fault}.", field="path", rule=rule)
