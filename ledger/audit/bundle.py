"""A bundle: a log as it stood under one checkpoint, whole, in one file.

A zip file in the one spelling of ``ziparchive``, laid out as C2SP tlog-tiles lays out a log, so
that any tool for tiles reads it once it is unpacked:

| member | what it is |
| --- | --- |
| ``manifest.json`` | format, origin, ledger id, tree size, root hash, how much of what |
| ``pin.json`` | what whoever verifies it has to trust; better had from elsewhere |
| ``checkpoint`` | the signed note, with the cosignatures that stood under it |
| ``policy`` | the witness policy, where the ledger has one |
| ``tile/entries/<N>`` | the entries, 256 to a member |
| ``tile/<L>/<N>`` | the tree's hashes: with them every inclusion and consistency proof |
| ``notes/<N>`` | the note of each batch, 256 to a member: with them every receipt |
| ``attachments/<commitment>`` | documents, salt and content, where they were asked for |

The members stand in this order, none is left out, and there are no others: which there are follows
from the manifest. So the same log at the same size makes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError

from ledger.domain.model import Frozen
from ledger.errors import InputError
from ledger.log.tiles import TILE_HEIGHT, TILE_WIDTH, TilePath, tile_width

FORMAT: Final = "regledger-bundle-v1"
MANIFEST: Final = "manifest.json"
PIN: Final = "pin.json"
CHECKPOINT: Final = "checkpoint"
POLICY: Final = "policy"
_NOTES: Final = "notes/"
_ATTACHMENTS: Final = "attachments/"

_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count = Annotated[int, Field(ge=0, lt=2**53)]


class Manifest(Frozen):
    """What a bundle says of itself; an audit derives all of it again.

    Attributes:
        format: The one format so far.
        origin: The log's.
        ledger_id: Statement digest of entry 0, in hex.
        tree_size: How many entries.
        root_hash: Of the tree over them, in hex.
        notes: How many batch notes.
        policy: Whether there is a witness policy.
        attachments: The commitments of the documents that it holds, in hex, in order.
    """

    format: Literal["regledger-bundle-v1"] = FORMAT
    origin: str
    ledger_id: _Hash
    tree_size: Annotated[int, Field(ge=1, lt=2**53)]
    root_hash: _Hash
    notes: _Count
    policy: bool
    attachments: tuple[_Hash, ...] = ()

    def to_json(self) -> bytes:
        """Write it in its one spelling."""
        return (json.dumps(self.model_dump(mode="json"), indent=2) + "\n").encode("ascii")

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Read what ``to_json`` writes.

        Raises:
            InputError: It is anything else.
        """
        try:
            manifest = cls.model_validate_json(content)
        except ValidationError as error:
            raise _bad_manifest() from error
        if manifest.to_json() != content or list(manifest.attachments) != sorted(
            set(manifest.attachments)
        ):
            raise _bad_manifest()
        return manifest

    def members(self) -> Iterator[str]:
        """The names of all members, in their order."""
        yield from (MANIFEST, PIN, CHECKPOINT)
        if self.policy:
            yield POLICY
        yield from map(str, entry_paths(self.tree_size))
        yield from map(str, hash_paths(self.tree_size))
        yield from (note_member(path) for path in entry_paths(self.notes))
        yield from (f"{_ATTACHMENTS}{commitment}" for commitment in self.attachments)


def entry_paths(count: int) -> Iterator[TilePath]:
    """The entry bundles of so many entries, in order."""
    for index in range(-(-count // TILE_WIDTH)):
        yield TilePath(None, index, tile_width(None, index, count))


def hash_paths(size: int) -> Iterator[TilePath]:
    """The tiles of a tree of this size, level by level."""
    level = 0
    while hashes := size >> (TILE_HEIGHT * level):
        for index in range(-(-hashes // TILE_WIDTH)):
            yield TilePath(level, index, tile_width(level, index, size))
        level += 1


def note_member(path: TilePath) -> str:
    """The name of a member of notes, which are packed as entries are."""
    return str(path).replace("tile/entries/", _NOTES)


def attachment_member(commitment: str) -> str:
    """The name of an attachment's member."""
    return f"{_ATTACHMENTS}{commitment}"


def _bad_manifest() -> InputError:
    return InputError(
        "This is not a bundle: its manifest is not written as one is.",
        field=MANIFEST,
        rule="bundle-manifest",
    )
