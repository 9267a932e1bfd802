"""Documents outside the log, encrypted, each with a key of its own that can be destroyed.

| file | what it is |
| --- | --- |
| ``documents/<commitment>`` | ``u8 format=1``, nonce (12 bytes), AES-256-GCM of salt and content |
| ``keys/<commitment>`` | the key, 32 random bytes used once |
| ``lock`` | held while a document is put or destroyed |

**Erasing is destroying a key.** Salt and content only ever lie on the disk encrypted, so nothing
else has to be hunted down: not in a journal, a free page or a backup of ``documents``. The keys are
files and no table of a database, because a database copies what it stores, into a journal or a
write-ahead log and back, and an erased row's bytes outlive it there. A file of 32 bytes is
overwritten in place, synced, and only then removed.

What this cannot reach are copies that others made of ``keys``: backups of that folder must expire,
or better not exist, and a file system or a drive that writes elsewhere instead of in place (copy
on write, wear leveling) has to be encrypted below.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ledger.domain.attachments import SALT_LENGTH, commitment_of
from ledger.errors import NotFoundError, StoreError

KEYS_FOLDER: Final = "keys"
DOCUMENTS_FOLDER: Final = "documents"

_LOCK_FILE: Final = "lock"
_FORMAT: Final = b"\x01"
_CONTEXT: Final = b"ledger-vault-v1"
_KEY_LENGTH: Final = 32
_NONCE_LENGTH: Final = 12
_NEW: Final = ".new"


class Document(NamedTuple):
    """A document as its author committed to it."""

    salt: bytes
    content: bytes


class Vault:
    """The documents of a ledger. Any thread and any process may use it at the same time.

    Args:
        folder: Where they lie; made with the first document.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = folder / KEYS_FOLDER
        self._documents = folder / DOCUMENTS_FOLDER

    def holds(self, commitment: bytes) -> bool:
        """Whether both halves of a document are here; ``get`` says whether they read back."""
        name = commitment.hex()
        return (self._keys / name).is_file() and (self._documents / name).is_file()

    def put(self, document: Document, *, check: Callable[[], None]) -> bytes:
        """Store a document; one that is here already stays as it is.

        Args:
            document: Salt and content.
            check: Called with the lock held, before anything is written, and raises where the
                document must not be stored. So an erasure that is in the log by then is seen, and
                one that comes later destroys what is written here.

        Returns:
            Its commitment.

        Raises:
            StoreError: The files cannot be written.
        """
        commitment = commitment_of(document.salt, document.content)
        with self._told(), self._locked():
            check()
            if not self._reads_back(commitment):
                self._write(commitment, document)
        return commitment

    def get(self, commitment: bytes) -> Document:
        """Read a document, which is checked against its commitment.

        Raises:
            NotFoundError: It is not here, for whatever reason.
            StoreError: It does not read back.
        """
        name = commitment.hex()
        with self._told():
            try:
                key = (self._keys / name).read_bytes()
                sealed = (self._documents / name).read_bytes()
            except FileNotFoundError as error:
                raise NotFoundError(
                    f"The attachment {name} is not stored here.",
                    field="commitment",
                    rule="attachment-missing",
                ) from error
        return _opened(commitment, key, sealed)

    def destroy(self, commitment: bytes) -> None:
        """Destroy a document's key, and then remove the rest; what is not here is destroyed.

        Raises:
            StoreError: The key cannot be overwritten or removed.
        """
        if not self._folder.is_dir():
            return
        with self._told(), self._locked():
            for path in _both(self._keys / commitment.hex()):
                _shred(path)
            _sync(self._keys)
            for path in _both(self._documents / commitment.hex()):
                path.unlink(missing_ok=True)

    def has_traces(self, commitment: bytes) -> bool:
        """Whether there is anything of a document, be it half of it or a draft."""
        halves = (self._keys / commitment.hex(), self._documents / commitment.hex())
        return any(path.exists() for half in halves for path in _both(half))

    def _write(self, commitment: bytes, document: Document) -> None:
        key, nonce = AESGCM.generate_key(8 * _KEY_LENGTH), secrets.token_bytes(_NONCE_LENGTH)
        plain = document.salt + document.content
        sealed = AESGCM(key).encrypt(nonce, plain, _CONTEXT + commitment)
        name = commitment.hex()
        # A key that is replaced belonged to a document that did not read back.
        _shred(self._keys / name)
        _replace(self._documents / name, _FORMAT + nonce + sealed)
        _replace(self._keys / name, key)

    def _reads_back(self, commitment: bytes) -> bool:
        try:
            self.get(commitment)
        except (NotFoundError, StoreError):
            return False
        return True

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock, which is opened anew each time and so holds between threads too."""
        for folder in (self._folder, self._keys, self._documents):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
                _sync(folder.parent)
        with (self._folder / _LOCK_FILE).open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"The attachments in {self._folder} cannot be used: {error.strerror}.",
                rule="attachment-files",
            ) from error


def _opened(commitment: bytes, key: bytes, sealed: bytes) -> Document:
    """Decrypt a document and see that it is the one.

    Raises:
        StoreError: It is not.
    """
    form, nonce, body = (
        sealed[: len(_FORMAT)],
        sealed[len(_FORMAT) : len(_FORMAT) + _NONCE_LENGTH],
        sealed[len(_FORMAT) + _NONCE_LENGTH :],
    )
    if form == _FORMAT and len(key) == _KEY_LENGTH and len(nonce) == _NONCE_LENGTH:
        with suppress(InvalidTag):
            plain = AESGCM(key).decrypt(nonce, body, _CONTEXT + commitment)
            document = Document(plain[:SALT_LENGTH], plain[SALT_LENGTH:])
            if commitment_of(*document) == commitment:
                return document
    raise StoreError(
        f"The attachment {commitment.hex()} does not read back: its file or its key was changed. "
        "Whoever has the document can put it again.",
        field="commitment",
        rule="attachment-damaged",
    )


def _both(path: Path) -> tuple[Path, Path]:
    """A file, and the draft that a crash may have left of it."""
    return path, path.with_name(path.name + _NEW)


def _replace(path: Path, content: bytes) -> None:
    """Put a file into place whole, durably, readable by its owner only."""
    _, draft = _both(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with open(os.open(draft, flags, 0o600), "wb") as file:  # noqa: PTH123 - of a descriptor
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    _sync(path.parent)


def _shred(path: Path) -> None:
    """Overwrite a file where it lies, wait until that is on the disk, and remove it."""
    with suppress(FileNotFoundError):
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
