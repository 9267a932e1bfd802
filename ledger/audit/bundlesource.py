"""A bundle as a source: every byte of it is read, and follows from the entries or is verified."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import zip_longest
from pathlib import Path
from typing import Final, final

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
from ledger.audit.documents import MEMBER_BYTES_MAX, check_member
from ledger.audit.findings import NOWHERE, Finding, Findings
from ledger.audit.notes import compare_notes
from ledger.audit.source import Derived, Piece, StoredNote
from ledger.audit.ziparchive import ZipReader
from ledger.client.pins import Pin
from ledger.domain.attachments import SALT_LENGTH, NamedAttachment
from ledger.errors import InputError, LedgerError, NotFoundError, VerificationError
from ledger.log.checkpoint import Checkpoint
from ledger.log.merkle import HASH_BYTES
from ledger.log.note import NOTE_BYTES_MAX, SignedNote
from ledger.log.tiles import TILE_WIDTH, TilePath, decode_bundle, tile_bytes
from ledger.store.vault import Document

_PIN_BYTES_MAX: Final = 64 * 1024
_POLICY_BYTES_MAX: Final = 64 * 1024
_MANIFEST_BYTES_MAX: Final = 64 * 1024 * 1024
_TILE_BYTES_MAX: Final = TILE_WIDTH * (2 + 65_535)


@final
class BundleSource:
    """A bundle, opened for reading.

    Args:
        archive: The file.
        name: Its path, for the report.

    Raises:
        InputError: It is no bundle.
    """

    kind: Final = "bundle"
    is_latest: Final = False

    def __init__(self, archive: ZipReader, name: str) -> None:
        self._archive = archive
        self.name = name
        self._lengths = {member.name: member.length for member in archive.members}
        self.manifest = Manifest.parse(self._read(MANIFEST, _MANIFEST_BYTES_MAX))
        names = (member.name for member in archive.members)
        # A manifest can name more members than there are bytes: the first that differs ends this.
        if any(one != other for one, other in zip_longest(names, self.manifest.members())):
            raise InputError(
                f"{name} is not a bundle: its members are not those that its manifest names.",
                field="bundle",
                rule="bundle-members",
            )

    def pin(self) -> Pin:
        """The pin that came with it, which nothing but the bundle vouches for.

        Raises:
            SettingError: It is none, or not written as one is.
            InputError: It is damaged.
        """
        content = self._read(PIN, _PIN_BYTES_MAX)
        pin = Pin.parse(content)
        if pin.to_json().encode() != content:
            raise InputError(
                "The bundle's pin is not written as one is.", field=PIN, rule="bundle-pin"
            )
        return pin

    def count(self) -> int:
        """How many entries its manifest says it holds."""
        return self.manifest.tree_size

    def checkpoint(self, tree_size: int = 0) -> bytes:
        """Its note.

        Raises:
            NotFoundError: It is of another size.
            InputError: The member is damaged.
        """
        if tree_size not in (0, self.manifest.tree_size):
            raise NotFoundError(
                f"The bundle is one of {self.manifest.tree_size} entries.",
                field="tree_size",
                rule="tree-size",
            )
        return self._read(CHECKPOINT, NOTE_BYTES_MAX)

    def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
        """The entries in order, a member at a time.

        Those of a damaged member come as they can be read, or without their data.
        """
        first, last = start // TILE_WIDTH, -(-end // TILE_WIDTH)
        for path in entry_paths(self.manifest.tree_size):
            if not first <= path.index < last:
                continue
            begin = path.index * TILE_WIDTH
            pieces = self._pieces(path)
            yield pieces[max(start - begin, 0) : end - begin]

    def notes(self, tree_size: int) -> Iterator[StoredNote]:
        """The notes of all batches up to a tree size.

        Raises:
            InputError: A member is damaged.
        """
        for path in entry_paths(self.manifest.notes):
            content = self._read(note_member(path), _TILE_BYTES_MAX)
            for note in decode_bundle(content, width=path.width):
                size = Checkpoint.parse(SignedNote.parse(note).text).size
                if size <= tree_size:
                    yield StoredNote(size, note)

    def differing(self, derived: Derived) -> Iterator[Finding]:  # noqa: ARG002 - of the protocol
        """Nothing: the leaf hashes in its tiles were compared one by one."""
        yield from ()

    def examine(self, findings: Findings) -> dict[str, int]:  # noqa: ARG002 - of the protocol
        """Nothing: all that it keeps is held against what was derived."""
        return {}

    def compare(self, derived: Derived, findings: Findings) -> dict[str, int]:
        """Hold manifest, pin, note, tiles and batch notes against what was derived."""
        looked: dict[str, int] = {}
        for name, check in (
            ("members of the bundle", self._compare_manifest),
            ("tiles", self._compare_tiles),
            ("stored checkpoints", self._compare_notes),
            ("documents", self._compare_documents),
        ):
            try:
                looked[name] = check(derived, findings)
            except LedgerError as error:
                findings.add(Finding.of_error(error, name))
        return looked

    def holds(self, commitment: bytes) -> bool:
        """Whether it holds the document with this commitment."""
        return commitment.hex() in self.manifest.attachments

    def document(self, attachment: NamedAttachment) -> Document:
        """Salt and content of a document that it holds.

        Raises:
            InputError: It holds none with this commitment, or the member is damaged.
        """
        content = self._document(attachment.named.commitment.hex())
        return Document(content[:SALT_LENGTH], content[SALT_LENGTH:])

    def _document(self, commitment: str) -> bytes:
        return self._read(attachment_member(commitment), MEMBER_BYTES_MAX)

    def _compare_documents(self, derived: Derived, findings: Findings) -> int:
        """Each document is the one of its name, and one that a statement names."""
        known, size = derived.attachments, derived.tree.size
        for name in self.manifest.attachments:
            try:
                check_member(self._document(name), bytes.fromhex(name), known, size, findings)
            except LedgerError as error:
                findings.add(Finding.of_error(error, attachment_member(name)))
        return len(self.manifest.attachments)

    def _compare_manifest(self, derived: Derived, findings: Findings) -> int:
        pin, said = derived.pin, self.manifest
        expected = (pin.origin, pin.ledger_id.hex(), derived.tree.size, derived.tree.root().hex())
        if (said.origin, said.ledger_id, said.tree_size, said.root_hash) != expected:
            message = "The manifest does not say what the entries and the pin make of it."
            findings.add(Finding(NOWHERE, MANIFEST, "bundle-manifest", message))
        own = self.pin()
        if (own.origin, own.ledger_id) != (pin.origin, pin.ledger_id):
            message = "The pin that came with the bundle is another ledger's."
            findings.add(Finding(NOWHERE, PIN, "bundle-pin", message))
        note = self.checkpoint()
        if SignedNote.parse(note).to_bytes() != note:
            message = "The checkpoint is not written as one is."
            findings.add(Finding(NOWHERE, CHECKPOINT, "bundle-checkpoint", message))
        if said.policy:
            self._read(POLICY, _POLICY_BYTES_MAX)
        return len(self._lengths)

    def _compare_tiles(self, derived: Derived, findings: Findings) -> int:
        """Tiles hold the tree's hashes, and every member that holds entries is whole."""
        looked = 0
        for path in (*entry_paths(self.manifest.tree_size), *hash_paths(derived.tree.size)):
            looked += 1
            try:
                stored = self._read(str(path), _TILE_BYTES_MAX)
            except LedgerError as error:
                findings.add(Finding.of_error(error, str(path)))
                continue
            if path.level is not None and stored != tile_bytes(path, derived.tree):
                message = "The tile does not hold the hashes of these entries."
                findings.add(Finding(NOWHERE, str(path), "tile", message))
        return looked

    def _compare_notes(self, derived: Derived, findings: Findings) -> int:
        return compare_notes(self.notes(derived.tree.size), derived, findings)

    def _pieces(self, path: TilePath) -> list[Piece]:
        """The entries of one member, each with the leaf hash that its tile holds."""
        begin = path.index * TILE_WIDTH
        hashes = self._salvaged(str(TilePath(0, path.index, path.width)))
        claims = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
        claims += [b""] * (path.width - len(claims))
        entries: list[bytes | None] = [None] * path.width
        with suppress(LedgerError):
            entries = [*decode_bundle(self._salvaged(str(path)), width=path.width)]
        return [
            Piece(begin + place, entry, claims[place] or None)
            for place, entry in enumerate(entries)
        ]

    def _salvaged(self, name: str) -> bytes:
        """A member's content, damaged or not: ``compare`` reads it strictly and says so."""
        if self._lengths.get(name, 0) > _TILE_BYTES_MAX:
            return b""
        return self._archive.salvage(name)

    def _read(self, name: str, limit: int) -> bytes:
        """A member's content, if it is no longer than such a member may be.

        Raises:
            InputError: It is longer, damaged, or not there.
        """
        if self._lengths.get(name, 0) > limit:
            raise InputError(
                f"This is not a bundle: {name} has more than {limit} bytes.",
                field=name,
                rule="bundle-member-length",
            )
        return self._archive.read(name)


@contextmanager
def opening(path: Path) -> Iterator[BundleSource]:
    """Open a bundle.

    Raises:
        VerificationError: The file is no bundle, or was damaged: every byte of one counts.
        InputError: It cannot be read.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", field="bundle", rule="file"
        ) from error
    with file:
        try:
            source = BundleSource(ZipReader(file), str(path))
        except LedgerError as error:
            raise VerificationError(error.message, field=error.field, rule=error.rule) from error
        yield source
