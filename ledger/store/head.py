"""The last released tree head, kept outside the database: what catches a restored old backup.

A database that was put back to an earlier state is consistent in itself and would sign a second
history under the same origin. So size and root hash of the last tree that anybody was shown are
also kept in a file of their own, and a ledger that is behind it, or beside it, is not served.

**Order.** The file is written after COMMIT is confirmed and before a receipt leaves the writer.
So it never names a tree that is not durably in the database, and a crash between the two leaves
the database ahead of the file, which is no fault: the tree at the file's size is compared. What was
written outlives the process at once, and a power failure from ``sync`` on, which the writer calls
when it has nothing better to do, many times a second: waiting for the disk a second time would
double what an author waits for. A power failure can thus set the file back to a tree released a
moment before, and whoever then also puts back an older database must have copied it in that moment.

**Form.** Two slots of one line each, ``size root check``, overwritten in place. A torn write harms
only the slot that was being written, whose check then fails; the other one is the head. So a slot
is written only while the other one is on the disk. Renaming a fresh file into place would be as
safe and costs four times as much: it has to make sure of a file and a folder, where here one
``fdatasync`` does.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ledger.errors import ForkError, NotFoundError, StoreError
from ledger.log.merkle import EMPTY_ROOT
from ledger.log.proofs import root_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ledger.store.reader import Reader

_SLOT_BYTES: Final = 4096
"""A slot has a block of its own, so that writing one cannot tear the other."""

_LINE: Final = re.compile(
    rb"(?P<head>(?P<size>[0-9]{1,19}) (?P<root>[0-9a-f]{64})) (?P<check>[0-9a-f]{64})\n"
)


@dataclass(frozen=True, slots=True)
class Head:
    """A tree that was shown to somebody: its size, and its root hash (32 bytes)."""

    size: int
    root: bytes

    def to_slot(self) -> bytes:
        """Return the slot's bytes: a line that a person can read, and blanks."""
        text = f"{self.size} {self.root.hex()}"
        return f"{text} {_check(text)}\n".encode().ljust(_SLOT_BYTES)

    @classmethod
    def from_slot(cls, data: bytes) -> Head | None:
        """Read a slot; None if it was torn, or never written."""
        match = _LINE.match(data)
        if match is None or match["check"].decode() != _check(match["head"].decode()):
            return None
        return cls(int(match["size"]), bytes.fromhex(match["root"].decode()))


def _check(text: str) -> str:
    return sha256(text.encode()).hexdigest()


NOTHING_RELEASED: Final = Head(0, EMPTY_ROOT)


class HeadFile:
    """The file that keeps the last released tree head.

    Several processes may share it, as they share the database; it is locked while it is written.

    Args:
        path: The file; ``create`` makes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._unsynced: Head | None = None
        self._synced: Head | None = None

    def exists(self) -> bool:
        """Whether there is such a file."""
        return self._path.exists()

    def create(self, head: Head = NOTHING_RELEASED) -> None:
        """Create the file, for a new ledger or, with a head, for one that somebody vouches for.

        Raises:
            StoreError: There is such a file already, or it cannot be written.
        """
        with self._told():
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o644)
            try:
                os.pwrite(descriptor, head.to_slot() * 2, 0)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def read(self) -> Head:
        """Return the last released head.

        Raises:
            StoreError: The file is missing or damaged.
        """
        with self._opened() as descriptor:
            return self._newest(self._slots(descriptor))

    def inspect(self) -> list[Head]:
        """Return both slots, strictly: for an audit, to which a torn slot is worth telling.

        Raises:
            StoreError: The file is missing, a slot is damaged, or it holds anything else.
        """
        with self._told():
            content = self._path.read_bytes()
        slots = [Head.from_slot(content[:_SLOT_BYTES]), Head.from_slot(content[_SLOT_BYTES:])]
        whole = [slot for slot in slots if slot is not None]
        if b"".join(slot.to_slot() for slot in whole) != content:
            raise StoreError(
                f"{self._path} is damaged, or was being written: not both of its slots are whole.",
                rule="head-damaged",
            )
        return whole

    def advance(self, head: Head) -> None:
        """Keep a head that is about to be released, unless a later one is kept; ``sync`` follows.

        Raises:
            ForkError: Another root hash was released at this size.
            StoreError: The file is missing, damaged, or cannot be written.
        """
        with self._writing, self._opened() as descriptor:
            slots = self._slots(descriptor)
            newest = self._newest(slots)
            if newest.size == head.size and newest.root != head.root:
                raise ForkError(
                    f"Two different trees of size {head.size} would have been released.",
                    rule="head-mismatch",
                )
            if newest.size < head.size:
                place = slots.index(newest)
                if newest != self._unsynced:
                    # Another process may have written it, or this one before it was restarted.
                    if newest != self._synced:
                        os.fdatasync(descriptor)
                    place = 1 - place
                os.pwrite(descriptor, head.to_slot(), place * _SLOT_BYTES)
                self._unsynced = head

    def sync(self) -> None:
        """Wait until what was kept is on the disk.

        Raises:
            StoreError: The file is missing, or cannot be written.
        """
        with self._writing:
            if self._unsynced is not None:
                with self._opened() as descriptor:
                    os.fdatasync(descriptor)
                self._synced, self._unsynced = self._unsynced, None

    def check(self, reader: Reader) -> None:
        """See that the ledger contains the tree that was released last, or refuse to go on.

        Raises:
            StoreError: It does not, or the file is missing or damaged: says what was found and
                what to do.
        """
        head = self.read()
        if head.size == 0:
            return
        size = reader.tree_size()
        try:
            tree = reader.tree_of(head.size)
        except NotFoundError as error:
            raise StoreError(
                f"The database holds {size} entries, but {head.size} were released according to "
                f"{self._path}: it is an older copy. Put back one that holds at least "
                f"{head.size}. If the newer entries are lost for good, remove the file and "
                "create it anew from the database; whoever verified the lost ones will rightly "
                "report a rollback.",
                rule="database-behind-head",
            ) from error
        if root_at(head.size, tree) != head.root:
            raise StoreError(
                f"The first {head.size} entries of the database are not the ones that were "
                f"released according to {self._path}: this is another ledger's database, or its "
                "history was changed. Put back the one that belongs to this file.",
                rule="head-mismatch",
            )

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Open the file anew each time: it may have been replaced by hand meanwhile."""
        with self._told():
            descriptor = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                yield descriptor
            finally:
                os.close(descriptor)

    def _slots(self, descriptor: int) -> list[Head | None]:
        data = os.pread(descriptor, 2 * _SLOT_BYTES, 0)
        return [Head.from_slot(data[:_SLOT_BYTES]), Head.from_slot(data[_SLOT_BYTES:])]

    def _newest(self, slots: list[Head | None]) -> Head:
        whole = [slot for slot in slots if slot is not None]
        if not whole:
            raise StoreError(
                f"{self._path} is damaged: it does not say which tree was released last. Put "
                "back a copy, or remove it and create it anew from a database that you trust.",
                rule="head-damaged",
            )
        return max(whole, key=lambda head: head.size)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise StoreError(
                f"{self._path} is missing, which says which tree was released last. Put it back, "
                "or create it anew from a database that you trust.",
                rule="head-missing",
            ) from error
        except OSError as error:
            raise StoreError(
                f"{self._path} cannot be used: {error.strerror}.", rule="head-file"
            ) from error
