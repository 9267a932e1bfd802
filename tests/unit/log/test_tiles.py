from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import InputError, NotFoundError
from ledger.log.hashtree import HashTree
from ledger.log.merkle import leaf_hash, root_of
from ledger.log.tiles import (
    TILE_WIDTH,
    TilePath,
    decode_bundle,
    encode_bundle,
    tile_bytes,
    tile_width,
)
from tests.unit.log.oracle import Oracle, numbered_leaves

paths = st.builds(
    TilePath,
    level=st.none() | st.integers(0, 63),
    index=st.integers(0, 2**55 - 1),
    width=st.integers(1, 256),
)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (TilePath(0, 0), "tile/0/000"),
        (TilePath(0, 7), "tile/0/007"),
        (TilePath(1, 999), "tile/1/999"),
        (TilePath(2, 1000), "tile/2/x001/000"),
        (TilePath(0, 1234067), "tile/0/x001/x234/067"),
        (TilePath(63, 5, 1), "tile/63/005.p/1"),
        (TilePath(None, 1234067, 255), "tile/entries/x001/x234/067.p/255"),
        (TilePath(0, 2**55 - 1), "tile/0/x036/x028/x797/x018/x963/967"),
    ],
)
def test_a_path_groups_the_index_by_three_digits(tile: TilePath, path: str) -> None:
    assert str(tile) == path
    assert TilePath.parse(path) == tile


@given(paths)
def test_a_path_comes_back_as_it_went(tile: TilePath) -> None:
    assert TilePath.parse(str(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/-1/000",
        "tile/64/000",
        "tile/100/000",
        "tile/Entries/000",
        "tile/data/000",
        "/tile/0/000",
        "tile//000",
        "tile/0/000/",
        "tile/0/000\n",
        "tile/0/x000/001",
        "tile/0/x000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/x01/000",
        "tile/0/X001/000",
        "tile/0/../000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.P/1",
        "tile/0/\u0660\u0660\u0660",
        "tile/0/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x001/" * 1000 + "000",
    ],
)
def test_a_path_in_another_spelling_is_refused(path: str) -> None:
    with pytest.raises(InputError) as caught:
        TilePath.parse(path)

    assert caught.value.rule == "tile-path"


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 2**55, 1), (0, 0, 0), (0, 0, 257)],
)
def test_a_tile_out_of_range_cannot_be_named(level: int, index: int, width: int) -> None:
    with pytest.raises(InputError):
        TilePath(level, index, width)


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [
        (0, 0, 256),
        (0, 272, 256),
        (0, 273, 112),
        (0, 274, 0),
        (1, 0, 256),
        (1, 1, 17),
        (2, 0, 1),
        (3, 0, 0),
        (None, 273, 112),
    ],
)
def test_the_tiles_of_a_tree_of_70000_are_those_of_the_c2sp_example(
    level: int | None, index: int, width: int
) -> None:
    assert tile_width(level, index, 70_000) == width


def test_a_tile_holds_the_roots_of_the_full_tiles_below() -> None:
    leaves = numbered_leaves(600)
    tree, oracle = HashTree(map(leaf_hash, leaves)), Oracle(leaves)

    bottom = tile_bytes(TilePath(0, 2, 88), tree)
    above = tile_bytes(TilePath(1, 0, 2), tree)

    assert bottom == b"".join(leaf_hash(leaf) for leaf in leaves[512:])
    assert above == oracle.mth(0, 256) + oracle.mth(256, 512)


@given(st.integers(1, 600))
def test_the_tiles_of_a_tree_hold_all_its_leaf_hashes(size: int) -> None:
    leaves = numbered_leaves(size)
    tree = HashTree(map(leaf_hash, leaves))
    read = b""
    while width := tile_width(0, len(read) // 32 // TILE_WIDTH, size):
        read += tile_bytes(TilePath(0, len(read) // 32 // TILE_WIDTH, width), tree)
        if width < TILE_WIDTH:
            break

    assert root_of(read[at : at + 32] for at in range(0, len(read), 32)) == tree.root()


def test_a_tile_wider_than_the_tree_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        tile_bytes(TilePath(0, 0, 6), HashTree(map(leaf_hash, numbered_leaves(5))))


def test_an_entry_bundle_is_not_made_of_hashes() -> None:
    with pytest.raises(InputError):
        tile_bytes(TilePath(None, 0, 1), HashTree(map(leaf_hash, numbered_leaves(5))))


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_a_bundle_comes_back_as_it_went(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), width=len(entries)) == entries


def test_a_bundle_puts_each_length_before_its_entry() -> None:
    assert encode_bundle([b"ab", b"", b"c" * 256]) == b"\0\2ab\0\0\1\0" + b"c" * 256


def test_the_longest_entry_fits_and_a_longer_one_does_not() -> None:
    longest = bytes(65_535)

    assert decode_bundle(encode_bundle([longest]), width=1) == [longest]
    with pytest.raises(InputError) as caught:
        encode_bundle([longest + b"\0"])
    assert caught.value.rule == "entry-bundle"


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_of_no_entries_or_more_than_a_tile_is_refused(count: int) -> None:
    with pytest.raises(InputError):
        encode_bundle([b"x"] * count)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=5), st.data())
def test_a_bundle_cut_anywhere_is_refused(entries: list[bytes], data: st.DataObject) -> None:
    bundle = encode_bundle(entries)
    at = data.draw(st.integers(0, len(bundle) - 1))

    with pytest.raises(InputError) as caught:
        decode_bundle(bundle[:at], width=len(entries))

    assert caught.value.rule == "entry-bundle"


def test_a_bundle_that_goes_on_is_refused() -> None:
    bundle = encode_bundle([b"a", b"b"])

    with pytest.raises(InputError):
        decode_bundle(bundle, width=1)
    with pytest.raises(InputError):
        decode_bundle(bundle + b"\0", width=2)
    with pytest.raises(InputError):
        decode_bundle(bundle, width=3)


@given(st.binary(max_size=60), st.integers(1, 5))
def test_any_bytes_are_a_bundle_in_one_spelling_or_refused(data: bytes, width: int) -> None:
    try:
        entries = decode_bundle(data, width=width)
    except InputError:
        return

    assert encode_bundle(entries) == data
