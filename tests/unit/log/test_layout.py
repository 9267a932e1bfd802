from __future__ import annotations

import pytest

from ledger.log.layout import static_files
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.tiles import TilePath, decode_bundle, tile_paths
from tests.unit.log.builders import tree_of
from tests.unit.log.oracle import numbered_leaves

NOTE = b"a note"


def files_of(size: int) -> list[tuple[str, bytes]]:
    leaves = list(numbered_leaves(size))
    return list(static_files(NOTE, size, lambda start, end: leaves[start:end], tree_of(size)))


@pytest.mark.parametrize(
    ("size", "paths"),
    [
        (0, []),
        (1, ["tile/entries/000.p/1", "tile/0/000.p/1"]),
        (255, ["tile/entries/000.p/255", "tile/0/000.p/255"]),
        (256, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]),
        (
            257,
            [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1",
            ],
        ),
    ],
)
def test_a_log_is_its_bundles_its_tiles_and_its_checkpoint_last(
    size: int, paths: list[str]
) -> None:
    assert [path for path, _ in files_of(size)] == [*paths, "checkpoint"]


@pytest.mark.parametrize(
    ("size", "per_level"),
    [
        (65_535, [256, 256, 1]),
        (65_536, [256, 256, 1, 1]),
        (65_537, [257, 257, 1, 1]),
        (70_000, [274, 274, 2, 1]),
    ],
)
def test_a_large_tree_has_the_tiles_that_the_specification_counts(
    size: int, per_level: list[int]
) -> None:
    levels = [tile.level for tile in tile_paths(size)]

    assert [levels.count(level) for level in (None, *range(len(per_level) - 1))] == per_level


def test_the_edge_of_the_specification_s_example_is_as_wide_as_it_says() -> None:
    partial = {tile for tile in tile_paths(70_000) if tile.width < 256 and tile.level is not None}

    assert partial == {TilePath(0, 273, 112), TilePath(1, 1, 17), TilePath(2, 0, 1)}


def test_the_files_hold_the_entries_and_their_hashes() -> None:
    files = dict(files_of(300))
    entries = [
        *decode_bundle(files["tile/entries/000"], width=256),
        *decode_bundle(files["tile/entries/001.p/44"], width=44),
    ]

    assert entries == list(numbered_leaves(300))
    hashes = files["tile/0/000"] + files["tile/0/001.p/44"]
    assert hashes == b"".join(map(leaf_hash, entries))
    assert files["tile/1/000.p/1"] == root_of(map(leaf_hash, entries[:256]))
    assert files["checkpoint"] == NOTE
