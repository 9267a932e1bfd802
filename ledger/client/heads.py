"""The highest checkpoint that was verified, kept on disk, one file a ledger.

It is what makes a rollback visible: a server that shows less than it showed before, or another
history, is found out by whoever remembers. The file is replaced in one step and only ever grows.
Evidence against the log is kept beside it, in files of their own.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from ledger.errors import StoreError

_DIGEST_DIGITS: Final = 16


class HeadMemory(Protocol):
    """Where the note of the highest verified checkpoint is kept."""

    def load(self) -> bytes | None:
        """Return the signed note, or None before the first one."""
        ...

    def replace(self, note: bytes, *, known: bytes | None) -> bool:
        """Keep a note in place of the one that was known; False if that one has changed since."""
        ...

    def load_pin(self) -> str | None:
        """Return the pin with the log keys that were learned, or None before the first change."""
        ...

    def keep_pin(self, pin: str) -> None:
        """Keep a pin with the log keys that were learned.

        Raises:
            StoreError: It cannot be kept.
        """
        ...

    def keep(self, evidence: bytes) -> str:
        """Keep evidence that the log contradicts itself; says in which file, or "".

        Raises:
            StoreError: It cannot be kept.
        """
        ...


class HeadsInMemory:
    """A head that lasts as long as the process: for tests, and for ledgers that do."""

    def __init__(self) -> None:
        self._note: bytes | None = None
        self._pin: str | None = None

    def load(self) -> bytes | None:
        """Return the signed note, or None before the first one."""
        return self._note

    def replace(self, note: bytes, *, known: bytes | None) -> bool:
        """Keep a note in place of the one that was known; False if that one has changed since."""
        if self._note != known:
            return False
        self._note = note
        return True

    def load_pin(self) -> str | None:
        """Return the pin with the keys that were learned, or None before the first change."""
        return self._pin

    def keep_pin(self, pin: str) -> None:
        """Keep a pin with the keys that were learned."""
        self._pin = pin

    def keep(self, evidence: bytes) -> str:  # noqa: ARG002 - the error carries it too
        """Keep nothing: who remembers no longer than the process has no place for evidence."""
        return ""


class HeadFile:
    """A head in a file, shared by every process of this user.

    Args:
        path: Where the note lies; its folder is made with the first one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        """Return the signed note, or None before the first one.

        Raises:
            StoreError: The file is there and cannot be read.
        """
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._failed("read", error) from error

    def replace(self, note: bytes, *, known: bytes | None) -> bool:
        """Keep a note in place of the one that was known; False if that one has changed since.

        Raises:
            StoreError: The file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._locked():
                if self.load() != known:
                    return False
                _write(self._path, note)
        except OSError as error:
            raise self._failed("written", error) from error
        return True

    def load_pin(self) -> str | None:
        """Return the pin with the keys that were learned, or None before the first change.

        Raises:
            StoreError: The file is there and cannot be read.
        """
        try:
            return self._pin_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise StoreError(
                f"The keys that were learned, {self._pin_path}, cannot be read: {error}.",
                rule="learned-keys",
            ) from error

    def keep_pin(self, pin: str) -> None:
        """Keep a pin with the keys that were learned, beside the head, in one step.

        Raises:
            StoreError: The file cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self._pin_path, pin.encode())
        except OSError as error:
            raise StoreError(
                f"The keys that were learned cannot be kept in {self._pin_path}: {error.strerror}.",
                rule="learned-keys",
            ) from error

    @property
    def _pin_path(self) -> Path:
        return self._path.with_suffix(".pin.json")

    def keep(self, evidence: bytes) -> str:
        """Keep evidence beside the head, in a file named by its digest; gives the path.

        Raises:
            StoreError: The file cannot be written.
        """
        digest = sha256(evidence).hexdigest()[:_DIGEST_DIGITS]
        path = self._path.with_name(f"{self._path.stem}.misbehavior-{digest}.json")
        try:
            _write(path, evidence)
        except OSError as error:
            raise StoreError(
                f"The evidence cannot be written to {path}: {error.strerror}.", rule="evidence-file"
            ) from error
        return str(path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold a lock beside the file: the file itself is another one after every replacement."""
        with self._path.with_suffix(".lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _failed(self, done: str, error: OSError) -> StoreError:
        return StoreError(
            f"The file of the last verified checkpoint {self._path} cannot be {done}: "
            f"{error.strerror}.",
            rule="head-file",
        )


def _write(path: Path, content: bytes) -> None:
    """Put a file in its place in one step, and see that it outlives a crash."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as draft:
        try:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except OSError:
            Path(draft.name).unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
