"""Tiles are the tree: a bit, a width or an edge that is wrong is named by file and place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.client.tilesources import ServerTiles
from ledger.errors import InputError
from ledger.log.checkpoint import Checkpoint
from ledger.log.fsck import Finding, check_tree
from ledger.log.hashtree import HashTree
from ledger.log.merkle import EMPTY_ROOT, leaf_hash, root_of
from ledger.log.proofs import HashReader, inclusion_proof, verify_inclusion
from ledger.log.tiles import (
    TILE_WIDTH,
    TilePath,
    decode_bundle,
    encode_bundle,
    tile_bytes,
    tile_paths,
    tile_width,
)
from tests.attacks.malice import deceived, edited
from tests.unit.client.served import Served
from tests.unit.log.builders import ORIGIN, flipped

SIZE = 300
LEAVES = [b"%d" % place for place in range(SIZE)]
TREE = HashTree(map(leaf_hash, LEAVES))
CHECKPOINT = Checkpoint(ORIGIN, SIZE, TREE.root())

Files = dict[str, bytes]


def stored() -> Files:
    """Every bundle and tile of the tree, by path."""
    return {str(path): content(path, LEAVES, TREE) for path in tile_paths(SIZE)}


def content(path: TilePath, leaves: list[bytes], tree: HashReader) -> bytes:
    if path.level is None:
        begin = path.index * TILE_WIDTH
        return encode_bundle(leaves[begin : begin + path.width])
    return tile_bytes(path, tree)


def findings(files: Files, checkpoint: Checkpoint = CHECKPOINT) -> list[Finding]:
    return list(check_tree(checkpoint, lambda tile: files.get(str(tile))))


def test_the_tree_as_it_is_stored_holds() -> None:
    assert findings(stored()) == []


def test_a_bit_in_any_hash_of_any_tile_is_found_where_it_is() -> None:
    files = stored()
    tiles = [path for path in tile_paths(SIZE) if path.level is not None]
    assert [str(path) for path in tiles] == ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]
    for path in tiles:
        whole = files[str(path)]
        for place in range(0, path.width, 7):
            bit = 8 * 32 * place + 97 * place % 256
            spoiled = findings(files | {str(path): flipped(whole, bit)})
            found = {(one.path, one.index) for one in spoiled}
            assert (str(path), path.index * TILE_WIDTH + place) in found


def test_every_bit_of_a_bundle_matters() -> None:
    leaves = LEAVES[-20:]
    tree = HashTree(map(leaf_hash, leaves))
    files = {str(path): content(path, leaves, tree) for path in tile_paths(20)}
    checkpoint, bundle = Checkpoint(ORIGIN, 20, tree.root()), "tile/entries/000.p/20"
    assert findings(files, checkpoint) == []
    for bit in range(8 * len(files[bundle])):
        assert findings(files | {bundle: flipped(files[bundle], bit)}, checkpoint)


Spoil = Callable[[Files], object]

SPOILS: dict[str, Spoil] = {
    "a tile is missing": lambda files: files.pop("tile/0/001.p/44"),
    "a bundle is missing": lambda files: files.pop("tile/entries/000"),
    "a tile is empty": lambda files: files.update({"tile/0/000": b""}),
    "a tile is a hash short": lambda files: files.update({"tile/0/000": files["tile/0/000"][:-32]}),
    "a tile is a hash too long": lambda files: files.update(
        {"tile/0/000": files["tile/0/000"] + bytes(32)}
    ),
    "a tile is a byte short": lambda files: files.update({"tile/0/000": files["tile/0/000"][:-1]}),
    "two tiles are swapped": lambda files: files.update(
        {"tile/0/001.p/44": files["tile/0/000"][: 44 * 32]}
    ),
    "a bundle of other entries": lambda files: files.update(
        {"tile/entries/000": encode_bundle(LEAVES[44:])}
    ),
    "a bundle goes on": lambda files: files.update(
        {"tile/entries/001.p/44": files["tile/entries/001.p/44"] + b"\0\0"}
    ),
    "a bundle ends early": lambda files: files.update(
        {"tile/entries/001.p/44": files["tile/entries/001.p/44"][:-1]}
    ),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS.keys())
def test_a_tree_with_a_fault_is_not_passed(spoil: Spoil) -> None:
    files = stored()
    spoil(files)
    assert findings(files)


def test_entries_and_tiles_that_agree_are_held_against_the_signed_root() -> None:
    """Who changes an entry and every hash over it has another tree, which nobody signed."""
    changed = [*LEAVES[:7], b"forged", *LEAVES[8:]]
    tree = HashTree(map(leaf_hash, changed))
    files = {str(path): content(path, changed, tree) for path in tile_paths(SIZE)}
    found = findings(files)
    assert [(one.path, one.index) for one in found] == [("checkpoint", SIZE)]


EDGES: dict[int, list[str]] = {
    0: [],
    1: ["tile/entries/000.p/1", "tile/0/000.p/1"],
    255: ["tile/entries/000.p/255", "tile/0/000.p/255"],
    256: ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"],
    257: [
        "tile/entries/000",
        "tile/entries/001.p/1",
        "tile/0/000",
        "tile/0/001.p/1",
        "tile/1/000.p/1",
    ],
}


@pytest.mark.parametrize(("size", "paths"), EDGES.items())
def test_a_small_tree_has_these_files(size: int, paths: list[str]) -> None:
    assert [str(path) for path in tile_paths(size)] == paths


LARGE_EDGES: dict[int, list[str]] = {
    65_535: ["tile/0/255.p/255", "tile/1/000.p/255"],
    65_536: ["tile/0/255", "tile/1/000", "tile/2/000.p/1"],
    65_537: ["tile/0/256.p/1", "tile/1/000", "tile/2/000.p/1"],
}


@pytest.mark.parametrize(("size", "edge"), LARGE_EDGES.items())
def test_a_large_tree_ends_in_these_files(size: int, edge: list[str]) -> None:
    rightmost = {
        path.level: str(path) for path in tile_paths(size) if path.level is not None
    }  # the last of each level
    assert list(rightmost.values()) == edge
    assert tile_width(0, size // TILE_WIDTH + 1, size) == 0


@pytest.fixture(scope="module")
def large() -> HashTree:
    return HashTree(leaf_hash(b"%d" % place) for place in range(65_537))


@pytest.mark.parametrize("size", [0, *[size for size in EDGES if size], *LARGE_EDGES])
def test_the_tiles_at_an_edge_are_the_tree_of_that_size(size: int, large: HashTree) -> None:
    """The root follows from the leaf hashes in the tiles, and each level from the one below."""
    levels: dict[int, list[bytes]] = {}
    for path in tile_paths(size):
        if path.level is not None:
            data = tile_bytes(path, large)
            hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
            assert len(hashes) == path.width
            levels.setdefault(path.level, []).extend(hashes)
    leaves = levels.get(0, [])
    assert len(leaves) == size
    for level, hashes in levels.items():
        full = 256**level
        for place in {0, len(hashes) - 1}:
            assert hashes[place] == root_of(leaves[place * full : (place + 1) * full])
    root = root_of(leaves) if leaves else EMPTY_ROOT
    for index in {0, size // 2, size - 1} if size else ():
        proof = inclusion_proof(index, size, large)
        verify_inclusion(index, size, leaves[index], proof, root)


PATHS: dict[str, str] = {
    "a full tile as a partial one": "tile/0/000.p/256",
    "an empty tile": "tile/0/000.p/0",
    "a width with a leading zero": "tile/0/000.p/01",
    "an index without its zeros": "tile/0/0",
    "an index with a group too many": "tile/0/x000/000",
    "a group without its prefix": "tile/0/001/234",
    "a prefix on the last group": "tile/0/x001",
    "a level with a leading zero": "tile/00/000",
    "a level above 63": "tile/64/000",
    "a negative index": "tile/0/-01",
    "a way out of the folder": "tile/0/../000",
    "another alphabet's digits": "tile/0/\N{ARABIC-INDIC DIGIT ZERO}00",
    "a newline": "tile/0/000\n",
    "an entry bundle by a level": "tile/entries/entries/000",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_a_tile_has_one_path(path: str) -> None:
    with pytest.raises(InputError):
        TilePath.parse(path)


BUNDLES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 1),
    "half a length": (b"\0", 1),
    "a length and no entry": (b"\0\5", 1),
    "an entry cut off": (b"\0\5abcd", 1),
    "an entry more than its width": (b"\0\1a\0\1b", 1),
    "an entry less than its width": (b"\0\1a", 2),
}


@pytest.mark.parametrize(("data", "width"), BUNDLES.values(), ids=BUNDLES.keys())
def test_a_bundle_has_one_form(data: bytes, width: int) -> None:
    with pytest.raises(InputError):
        decode_bundle(data, width=width)


@pytest.mark.parametrize(("method", "field"), [("GetTile", "tile"), ("GetEntryBundle", "bundle")])
def test_a_server_that_spoils_a_tile_is_found_out(ledger: Served, method: str, field: str) -> None:
    def spoil(reply: object) -> None:
        data: bytes = getattr(reply, field)
        setattr(reply, field, flipped(data, 8 * len(data) - 1))

    with deceived(ledger, edited(method, spoil)) as client:
        head = client.checkpoint()
        tiles = ServerTiles(client.steps.calls, head.note)
        spoiled = list(check_tree(head.checkpoint, tiles.read))
    with ledger.connect() as honest:
        tiles = ServerTiles(honest.steps.calls, head.note)
        assert list(check_tree(head.checkpoint, tiles.read)) == []
    assert spoiled
