"""Where a log's files can be read in the layout of C2SP tlog-tiles: a server, a folder, a zip file.

Nothing that they give is verified here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol, final

from ledger.client.calls import Calls
from ledger.client.transport import finished
from ledger.client.web import WebClient
from ledger.errors import InputError, NotFoundError, UnavailableError
from ledger.log.layout import CHECKPOINT_PATH
from ledger.log.merkle import HASH_BYTES
from ledger.log.note import NOTE_BYTES_MAX
from ledger.log.tiles import ENTRY_BYTES_MAX, TilePath

_LENGTH_BYTES: Final = 2
_OK: Final = 200
_NOT_FOUND: Final = 404


class TileSource(Protocol):
    """A log's checkpoint and tiles, wherever they lie."""

    def checkpoint(self) -> bytes:
        """Return the signed note, as much of it as a note may have.

        Raises:
            NotFoundError: There is none.
            UnavailableError: The source does not answer.
        """
        ...

    def read(self, tile: TilePath, /) -> bytes | None:
        """Return a tile or bundle, or None if it is missing.

        Raises:
            UnavailableError: The source does not answer.
        """
        ...


@contextmanager
def open_source(where: str) -> Iterator[TileSource]:
    """Open a URL, a folder, or a zip file of the layout.

    Raises:
        InputError: It is none of these, or cannot be read.
    """
    if "://" in where:
        with WebClient(where) as web:
            yield WebTiles(web)
    elif Path(where).is_dir():
        yield FolderTiles(Path(where))
    else:
        try:
            archive = zipfile.ZipFile(where)
        except (OSError, zipfile.BadZipFile) as error:
            raise InputError(
                f"{where} is not a URL, a folder, or a zip file of a log.",
                field="source",
                rule="tile-source",
            ) from error
        with archive:
            yield ZipTiles(archive)


@final
class WebTiles:
    """A log that is served over HTTP."""

    def __init__(self, web: WebClient) -> None:
        self._web = web

    def checkpoint(self) -> bytes:
        """Get the checkpoint."""
        return _there(self._get(CHECKPOINT_PATH, NOTE_BYTES_MAX))

    def read(self, tile: TilePath, /) -> bytes | None:
        """Get a tile or bundle."""
        return self._get(str(tile), bytes_max(tile))

    def _get(self, path: str, longest: int) -> bytes | None:
        answer = self._web.get(path, bytes_max=longest)
        if answer.status == _NOT_FOUND:
            return None
        if answer.status != _OK:
            raise UnavailableError(
                f"The server answers {answer.status} for {path}.", rule="web-server"
            )
        return answer.body


@final
class FolderTiles:
    """A log whose files lie in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def checkpoint(self) -> bytes:
        """Read the checkpoint."""
        return _there(self._read(CHECKPOINT_PATH, NOTE_BYTES_MAX))

    def read(self, tile: TilePath, /) -> bytes | None:
        """Read a tile or bundle."""
        return self._read(str(tile), bytes_max(tile))

    def _read(self, path: str, longest: int) -> bytes | None:
        try:
            with (self._folder / path).open("rb") as file:
                # One byte more than there can be, so that what is too long is seen to be.
                return file.read(longest + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise UnavailableError(
                f"{self._folder / path} cannot be read: {error.strerror}.", rule="file"
            ) from error


@final
class ZipTiles:
    """A log whose files are members of a zip file."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def checkpoint(self) -> bytes:
        """Read the checkpoint."""
        return _there(self._read(CHECKPOINT_PATH, NOTE_BYTES_MAX))

    def read(self, tile: TilePath, /) -> bytes | None:
        """Read a tile or bundle."""
        return self._read(str(tile), bytes_max(tile))

    def _read(self, path: str, longest: int) -> bytes | None:
        try:
            with self._archive.open(path) as member:
                return member.read(longest + 1)
        except KeyError:
            return None
        except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise InputError(
                f"The member {path} cannot be read: {error}.", field="source", rule="zip-member"
            ) from error


@final
class ServerTiles:
    """A log whose server is asked over gRPC.

    Args:
        calls: The rpcs, over a blocking transport.
        note: A checkpoint that was verified already.
    """

    def __init__(self, calls: Calls, note: bytes) -> None:
        self._calls = calls
        self._note = note

    def checkpoint(self) -> bytes:
        """Return the verified checkpoint."""
        return self._note

    def read(self, tile: TilePath, /) -> bytes | None:
        """Get a tile or bundle."""
        try:
            return finished(self._calls.tile(tile))
        except NotFoundError:
            return None


def bytes_max(tile: TilePath) -> int:
    """How many bytes a tile has, or a bundle at most."""
    if tile.level is None:
        return tile.width * (_LENGTH_BYTES + ENTRY_BYTES_MAX)
    return tile.width * HASH_BYTES


def _there(note: bytes | None) -> bytes:
    if note is None:
        raise NotFoundError("There is no checkpoint.", field="checkpoint", rule="no-checkpoint")
    return note
