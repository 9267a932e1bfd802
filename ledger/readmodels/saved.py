"""The read models' columns in a file, so that a start need not read the whole log again.

What the file says is believed only if all of this holds, and else it is as if there were no file:

* it is sealed with this ledger's own secret (HMAC-SHA256 over every byte, RFC 2104), so that
  whoever can write to the folder, but does not hold the log's key, cannot hide an entry from
  answers by editing it;
* its entries are the log's: the tree of its size has the root hash that it names. So neither
  another ledger's file nor that of an undone history is taken up; an older one is, and what came
  after it is read from the log;
* it was written by this very code: a digest of all the source that columns depend on is in it.

A lie that got past all this would still be one about answers, which clients and auditors derive
again from the entries. Nothing in the file is executed, and no object is made from it but numbers
and the names of items. It may be deleted at any time.

**Form.** A line of text; tree size, root hash and code digest; then for each column its kind and
key, its length in bytes and its numbers; at the end the seal. Lengths are unsigned and big-endian,
the numbers as the machine has them, which the code digest covers.
"""

from __future__ import annotations

import fcntl
import hmac
import logging
import os
import struct
import sys
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, final

from ledger.errors import LedgerError, StoreError
from ledger.readmodels.columns import COLUMN_ITEM_BYTES, Column, Columns, column
from ledger.readmodels.models import ReadModels
from ledger.readmodels.records import Stored

_LOG = logging.getLogger(__name__)

_MAGIC: Final = b"regledger read models\n"
_HEAD: Final = struct.Struct(">Q32s32s")
_KEY_LENGTH: Final = struct.Struct(">I")
_ROWS_LENGTH: Final = struct.Struct(">Q")
_SEAL_BYTES: Final = 32

_PACKAGES: Final = ("codec", "domain", "readmodels", "signing", "store", "v1")

LEAST_ENTRIES: Final = 20_000
"""A log that grew by less since the file was written is read faster than the file is written."""

LEAST_SHARE: Final = 20
"""Nor is it written before the log has grown by this part of its size."""

RootAt = Callable[[int], bytes]
"""The root hash of the log's own tree at a size; raises what shows that it has none."""


@final
class SavedModels:
    """A file beside the database. Used by one thread at a time; processes may share it.

    Args:
        path: The file.
        secret: 32 bytes that nobody but the ledger's own processes has.
        root_at: The log's root hash at a size.
    """

    def __init__(self, path: Path, *, secret: bytes, root_at: RootAt) -> None:
        self._path = path
        self._secret = secret
        self._root_at = root_at
        self._saved_size = 0

    def restored(self, stored: Stored) -> ReadModels:
        """The read models as they were saved, or empty ones where nothing is to be believed."""
        try:
            columns = self._read()
            models = ReadModels(stored, columns=columns)
        except FileNotFoundError:
            return ReadModels(stored)
        except (OSError, LedgerError) as error:
            _LOG.warning("The saved read models are not used, and are built anew: %s", error)
            return ReadModels(stored)
        self._saved_size = columns.tree_size
        return models

    def keep_up(self, models: ReadModels) -> None:
        """Write the file anew if the log has grown by much; what fails is logged."""
        least = max(LEAST_ENTRIES, models.tree_size // LEAST_SHARE)
        if models.tree_size - self._saved_size >= least:
            self.save(models)

    def leave(self, models: ReadModels) -> None:
        """Write the file anew, at the end, if that spares the next start anything worth while."""
        if models.tree_size - self._saved_size >= LEAST_ENTRIES // LEAST_SHARE:
            self.save(models)

    def save(self, models: ReadModels) -> None:
        """Write the file anew, by whoever applies entries; what fails is logged.

        It is replaced whole: who is killed meanwhile leaves the one before. It is not synced to
        disk: a file that a power failure tore bears no seal.
        """
        size = models.tree_size
        if models.columns.tree_size != size:
            # A page failed half way, and comes again.
            return
        # It is tried again after as many entries, not at each of them.
        self._saved_size = size
        try:
            with self._draft() as draft:
                if draft is not None:
                    self._write(draft, models.columns, size)
        except (OSError, LedgerError) as error:
            _LOG.warning("The read models could not be saved: %s", error)

    def _write(self, draft: int, columns: Columns, size: int) -> None:
        seal = hmac.new(self._secret, digestmod=sha256)
        with os.fdopen(os.dup(draft), "wb") as file:
            for part in _parts(columns, size, self._root_at(size)):
                seal.update(part)
                file.write(part)
            file.write(seal.digest())

    @contextmanager
    def _draft(self) -> Iterator[int | None]:
        """A file to write that takes the place of the other at the end.

        None where another process is writing.
        """
        path = self._path.with_name(f".{self._path.name}")
        draft = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if not _is_ours(draft, path):
                yield None
                return
            os.ftruncate(draft, 0)
            yield draft
            path.replace(self._path)
        finally:
            os.close(draft)

    def _read(self) -> Columns:
        """Read the file.

        Raises:
            FileNotFoundError: There is none.
            StoreError: It is not to be believed.
            LedgerError: The log has no such tree.
        """
        content = memoryview(self._path.read_bytes())
        body, seal = content[:-_SEAL_BYTES], content[-_SEAL_BYTES:]
        if not hmac.compare_digest(hmac.digest(self._secret, body, "sha256"), seal):
            raise _not_believed("its seal is not this ledger's")
        head = body[len(_MAGIC) : len(_MAGIC) + _HEAD.size]
        if bytes(body[: len(_MAGIC)]) != _MAGIC or len(head) < _HEAD.size:
            raise _not_believed("it is another kind of file")
        size, root, code = _HEAD.unpack(head)
        if code != code_digest():
            raise _not_believed("another version of this program wrote it")
        if self._root_at(size) != root:
            raise _not_believed(f"its first {size} entries are not this log's")
        return Columns.of(size, _sections(body[len(_MAGIC) + _HEAD.size :]))


def _parts(columns: Columns, size: int, root: bytes) -> Iterator[bytes]:
    yield _MAGIC + _HEAD.pack(size, root, code_digest())
    for kind, key, rows in columns.sections():
        name = f"{kind}/{key}".encode()
        data = rows.tobytes()
        yield _KEY_LENGTH.pack(len(name)) + name + _ROWS_LENGTH.pack(len(data))
        yield data


def _sections(data: memoryview) -> Iterator[tuple[str, str, Column]]:
    """What ``_parts`` wrote; the seal vouches for its form."""
    at = 0
    while at < len(data):
        (length,) = _KEY_LENGTH.unpack_from(data, at)
        at += _KEY_LENGTH.size
        kind, _, key = bytes(data[at : at + length]).decode().partition("/")
        at += length
        (length,) = _ROWS_LENGTH.unpack_from(data, at)
        at += _ROWS_LENGTH.size
        rows = column()
        rows.frombytes(data[at : at + length])
        at += length
        yield kind, key, rows


@cache
def code_digest() -> bytes:
    """SHA-256 over the source of everything that columns depend on, and the form of numbers."""
    digest = sha256(f"{sys.byteorder} {COLUMN_ITEM_BYTES} {array.__name__}\n".encode())
    root = resources.files("ledger")
    for package in _PACKAGES:
        for source in sorted(_sources(root / package), key=str):
            content = source.read_bytes()
            digest.update(f"{package} {source.name} {len(content)}\n".encode() + content)
    return digest.digest()


def _sources(folder: Traversable) -> Iterator[Traversable]:
    for inside in folder.iterdir():
        if inside.is_dir():
            yield from _sources(inside)
        elif inside.name.endswith(".py"):
            yield inside


def _is_ours(draft: int, path: Path) -> bool:
    """Whether nobody else writes this draft, and it has not taken the other's place meanwhile."""
    with suppress(BlockingIOError):
        fcntl.flock(draft, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return path.exists() and os.fstat(draft).st_ino == path.stat().st_ino
    return False


def _not_believed(why: str) -> StoreError:
    return StoreError(f"{why}.", rule="saved-models")
