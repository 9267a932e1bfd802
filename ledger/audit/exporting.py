"""Writing a bundle: from any source, if its entries make the root that was signed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO, Final, Self, final

from ledger.audit.bundle import (
    CHECKPOINT,
    MANIFEST,
    PIN,
    POLICY,
    Manifest,
    attachment_member,
    entry_paths,
    hash_paths,
    note_member,
)
from ledger.audit.documents import check_document, encode, held_documents
from ledger.audit.source import Source
from ledger.audit.ziparchive import ZipWriter
from ledger.client.pins import Pin
from ledger.client.trust import open_head
from ledger.errors import InputError, VerificationError
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash
from ledger.log.tiles import TILE_WIDTH, encode_bundle, tile_bytes

Told = Callable[[int, int], None]
"""Told how many entries are written, of how many."""


def export_bundle(
    source: Source,
    pin: Pin,
    path: Path,
    *,
    tree_size: int = 0,
    policy: bytes | None = None,
    with_attachments: bool = False,
    told: Told = lambda _done, _total: None,
) -> Manifest:
    """Write a bundle of a log; the file appears whole, or not at all.

    The entries are hashed on the way; nothing else of them is verified, which is an audit's work.

    Args:
        source: The log.
        pin: Which log it must be.
        path: A file that is not there yet.
        tree_size: The log as it stood at this size; 0 is the latest checkpoint.
        policy: The witness policy to go with it.
        with_attachments: Put the documents into it that the source holds. No erasure reaches them
            there.
        told: Told of progress.

    Raises:
        VerificationError: The checkpoint does not hold, or the entries do not make its root.
        NotFoundError: The log signed no checkpoint of that size.
        InputError: The file is there already, cannot be written, or would be too large.
    """
    note = source.checkpoint(tree_size)
    head = open_head(pin, note)
    size = head.size
    documents = list(held_documents(source, size)) if with_attachments else []
    notes = _Notes(stored.note for stored in source.notes(size))
    manifest = Manifest(
        origin=pin.origin,
        ledger_id=pin.ledger_id.hex(),
        tree_size=size,
        root_hash=head.checkpoint.root.hex(),
        notes=notes.count,
        policy=policy is not None,
        attachments=tuple(one.named.commitment.hex() for one in documents),
    )
    with notes, appearing(path) as file:
        archive = ZipWriter(file)
        archive.add(MANIFEST, manifest.to_json())
        archive.add(PIN, pin.to_json().encode())
        archive.add(CHECKPOINT, note)
        if policy is not None:
            archive.add(POLICY, policy)
        tree = _add_entries(archive, source, size, told)
        if tree.root() != head.checkpoint.root:
            raise VerificationError(
                f"The {size} entries do not make the root hash that was signed: audit the ledger.",
                field="checkpoint",
                rule="root-hash",
            )
        for tile in hash_paths(size):
            archive.add(str(tile), tile_bytes(tile, tree))
        for tile, packed in zip(entry_paths(notes.count), notes.packed(), strict=True):
            archive.add(note_member(tile), packed)
        for attachment in documents:
            document = source.document(attachment)
            check_document(document, attachment.named.commitment)
            archive.add(attachment_member(attachment.named.commitment.hex()), encode(document))
        archive.finish()
    return manifest


@final
class _Notes:
    """The notes of all batches, counted before anything is written, and kept on the disk meanwhile.

    In memory those of a log whose batches are small take as much as its entries. A context manager.
    """

    def __init__(self, notes: Iterable[bytes]) -> None:
        self.count = 0
        self._ends: list[int] = []
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed at the end of the block
        left = iter(notes)
        while some := list(islice(left, TILE_WIDTH)):
            self._file.write(encode_bundle(some))
            self._ends.append(self._file.tell())
            self.count += len(some)

    def packed(self) -> Iterator[bytes]:
        """The notes as members of a bundle have them, 256 to each."""
        self._file.seek(0)
        for begin, end in pairwise([0, *self._ends]):
            yield self._file.read(end - begin)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _add_entries(archive: ZipWriter, source: Source, size: int, told: Told) -> HashTree:
    """Write the entries, and hash them.

    Raises:
        VerificationError: One is missing.
    """
    tree = HashTree()
    entries = _entries(source, size)
    for tile in entry_paths(size):
        members = list(islice(entries, tile.width))
        if len(members) != tile.width:
            raise VerificationError(
                f"Entry {tree.size + len(members)} is missing: audit the ledger.",
                field=f"entries[{tree.size + len(members)}]",
                rule="entry-missing",
            )
        archive.add(str(tile), encode_bundle(members))
        tree.extend(map(leaf_hash, members))
        told(tree.size, size)
    return tree


def _entries(source: Source, size: int) -> Iterator[bytes]:
    """The entries' leaf data, until one is missing."""
    for page in source.pages(0, size):
        for piece in page:
            if piece.data is None:
                return
            yield piece.data


_MODE: Final = 0o644


@contextmanager
def appearing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes its place at the end, or vanishes if that fails.

    It never takes the place of another.

    Raises:
        InputError: There is such a file, or it cannot be written.
    """
    if path.exists():
        raise InputError(f"{path} exists already.", field="file", rule="file")
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as draft:
            try:
                yield draft.file  # type: ignore[misc]
                draft.flush()
                os.fchmod(draft.fileno(), _MODE)
                os.fsync(draft.fileno())
                # Linking fails where a file has come meanwhile, which renaming would replace.
                os.link(draft.name, path)
            finally:
                Path(draft.name).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror}.", field="file", rule="file"
        ) from error
