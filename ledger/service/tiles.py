"""Tiles and entry bundles of the log, as far as its latest checkpoint goes.

**Which widths.** C2SP tlog-tiles has a log serve the partial tiles of every size that it made a
checkpoint for, and lets it delete them later. Here a tile is cut from the whole tree, so each width
from 1 to that under the latest checkpoint is served, for ever: complete nodes and entries never
change, and what is narrower than a committed tile says nothing that the tile does not say.
"""

from __future__ import annotations

from ledger.errors import NotFoundError
from ledger.log.tiles import TILE_WIDTH, TilePath, encode_bundle, tile_bytes, tile_width
from ledger.store.reader import Reader


def tile_content(reader: Reader, tile: TilePath) -> bytes:
    """The bytes of a tile, ``width`` hashes, or of an entry bundle, ``width`` entries.

    Raises:
        NotFoundError: The tree of the latest checkpoint does not reach that far.
    """
    size = reader.tree_size()
    if tile.width > tile_width(tile.level, tile.index, size):
        raise NotFoundError(
            f"A log of {size} entries has no {tile}.", field="path", rule="tile-in-tree"
        )
    if tile.level is None:
        first = tile.index * TILE_WIDTH
        stored = reader.entries(first, first + tile.width)
        return encode_bundle([entry.entry for entry in stored])
    return tile_bytes(tile, reader.tree_of(size))
