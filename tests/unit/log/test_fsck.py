from __future__ import annotations

from collections.abc import Callable

import pytest

from ledger.log.checkpoint import Checkpoint
from ledger.log.fsck import Finding, check_tree
from ledger.log.hashtree import HashTree
from ledger.log.layout import static_files
from ledger.log.merkle import leaf_hash
from ledger.log.tiles import TilePath, encode_bundle
from tests.unit.log.builders import ORIGIN, checkpoint_of, flipped, tree_of
from tests.unit.log.oracle import numbered_leaves

SIZE = 600
Files = dict[str, bytes]
Named = tuple[str, int | None, str]


def files_of(size: int) -> Files:
    leaves = list(numbered_leaves(size))
    return dict(static_files(b"", size, lambda start, end: leaves[start:end], tree_of(size)))


def reading(files: Files) -> Callable[[TilePath], bytes | None]:
    return lambda tile: files.get(str(tile))


def findings(files: Files, size: int = SIZE) -> list[Named]:
    found = check_tree(checkpoint_of(size), reading(files))
    return [(one.path, one.index, one.rule) for one in found]


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 512, 65_535, 65_536, 65_537])
def test_a_whole_log_has_no_finding(size: int) -> None:
    assert findings(files_of(size), size) == []


def entries_with(place: int, entry: bytes) -> bytes:
    leaves = list(numbered_leaves(256))
    leaves[place] = entry
    return encode_bundle(leaves)


def swapped(start: int, end: int) -> bytes:
    first, second, *rest = list(numbered_leaves(end))[start:]
    return encode_bundle([second, first, *rest])


def tile_with(files: Files, path: str, place: int) -> bytes:
    data = files[path]
    return (
        data[: 32 * place] + flipped(data[32 * place : 32 * place + 32]) + data[32 * place + 32 :]
    )


DAMAGE: dict[str, tuple[Callable[[Files], Files], list[Named]]] = {
    "an entry was changed": (
        lambda _: {"tile/entries/000": entries_with(7, b"other")},
        [("tile/0/000", 7, "leaf-hash"), ("checkpoint", SIZE, "root-hash")],
    ),
    "two entries changed places": (
        lambda _: {"tile/entries/002.p/88": swapped(512, 600)},
        [
            ("tile/0/002.p/88", 512, "leaf-hash"),
            ("tile/0/002.p/88", 513, "leaf-hash"),
            ("checkpoint", SIZE, "root-hash"),
        ],
    ),
    "an entry and its leaf hash were changed together": (
        lambda files: {
            "tile/entries/000": entries_with(7, b"other"),
            "tile/0/000": leaf_tile_with(files, 7, b"other"),
        },
        [("tile/1/000.p/2", 0, "tile-hash"), ("checkpoint", SIZE, "root-hash")],
    ),
    "a leaf hash was changed": (
        lambda files: {"tile/0/001": tile_with(files, "tile/0/001", 3)},
        [("tile/0/001", 259, "leaf-hash"), ("tile/1/000.p/2", 1, "tile-hash")],
    ),
    "a higher hash was changed": (
        lambda files: {"tile/1/000.p/2": tile_with(files, "tile/1/000.p/2", 1)},
        [("tile/1/000.p/2", 1, "tile-hash")],
    ),
    "a hash tile is missing": (
        lambda _: {"tile/0/001": b"", "tile/1/000.p/2": b"x"},
        [("tile/0/001", None, "tile-length"), ("tile/1/000.p/2", None, "tile-length")],
    ),
    "a bundle ends early": (
        lambda files: {"tile/entries/001": files["tile/entries/001"][:-1]},
        [("tile/entries/001", None, "entry-bundle")],
    ),
    "a bundle goes on": (
        lambda files: {"tile/entries/001": files["tile/entries/001"] + b"\0\0"},
        [("tile/entries/001", None, "entry-bundle")],
    ),
}


def leaf_tile_with(files: Files, place: int, entry: bytes) -> bytes:
    changed = files_with_leaf(place, entry)["tile/0/000"]
    assert changed != files["tile/0/000"]
    return changed


def files_with_leaf(place: int, entry: bytes) -> Files:
    leaves = list(numbered_leaves(SIZE))
    leaves[place] = entry
    tree = HashTree(map(leaf_hash, leaves))
    return dict(static_files(b"", SIZE, lambda start, end: leaves[start:end], tree))


@pytest.mark.parametrize("case", DAMAGE)
def test_each_difference_is_named_by_tile_and_index(case: str) -> None:
    damage, expected = DAMAGE[case]
    files = files_of(SIZE)

    assert findings(files | damage(files)) == expected


@pytest.mark.parametrize(
    ("missing", "expected"),
    [
        (["tile/entries/001"], [("tile/entries/001", None, "bundle-missing")]),
        (["tile/0/000"], [("tile/0/000", None, "tile-missing")]),
        (
            ["tile/entries/000", "tile/0/000"],
            [
                ("tile/entries/000", None, "bundle-missing"),
                ("tile/0/000", None, "tile-missing"),
                ("checkpoint", SIZE, "root-unknown"),
            ],
        ),
    ],
)
def test_what_is_missing_is_named_and_the_rest_is_checked_all_the_same(
    missing: list[str], expected: list[Named]
) -> None:
    files = {path: data for path, data in files_of(SIZE).items() if path not in missing}

    assert findings(files) == expected


def test_a_log_that_was_rewritten_throughout_is_found_by_the_root_alone() -> None:
    assert findings(files_with_leaf(7, b"other")) == [("checkpoint", SIZE, "root-hash")]


def test_where_only_leaf_hashes_are_stored_no_other_tile_is_asked_for() -> None:
    files = files_of(SIZE)
    asked: list[TilePath] = []

    def read(tile: TilePath) -> bytes | None:
        asked.append(tile)
        return files.get(str(tile))

    assert list(check_tree(checkpoint_of(SIZE), read, levels=1)) == []
    assert {tile.level for tile in asked} == {None, 0}


def test_every_earlier_checkpoint_is_rebuilt_too() -> None:
    earlier = [
        checkpoint_of(0),
        checkpoint_of(1),
        Checkpoint(ORIGIN, 256, b"\1" * 32),
        checkpoint_of(257),
        Checkpoint(ORIGIN, 300, b"\2" * 32),
    ]

    found = list(check_tree(checkpoint_of(SIZE), reading(files_of(SIZE)), earlier=earlier))

    assert found == [
        Finding(
            "checkpoint",
            size,
            "root-hash",
            f"The first {size} entries do not make the root that was signed.",
        )
        for size in (256, 300)
    ]


def test_a_changed_entry_does_not_put_all_checkpoints_after_it_under_suspicion() -> None:
    files = files_of(SIZE) | {"tile/entries/000": entries_with(7, b"other")}
    earlier = [checkpoint_of(7), checkpoint_of(8), Checkpoint(ORIGIN, 300, b"\2" * 32)]

    found = list(check_tree(checkpoint_of(SIZE), reading(files), earlier=earlier))

    assert [(one.path, one.index) for one in found] == [
        ("tile/0/000", 7),
        ("checkpoint", 300),
        ("checkpoint", SIZE),
    ]
    assert found[-1].message.endswith("; the stored leaf hashes do.")


def test_a_checkpoint_of_another_log_is_named() -> None:
    other = checkpoint_of(5, origin="other.example/log")

    found = list(check_tree(checkpoint_of(SIZE), reading(files_of(SIZE)), earlier=[other]))

    assert [(one.index, one.rule) for one in found] == [(5, "origin")]


def test_progress_is_told_in_entries() -> None:
    told: list[tuple[int, int]] = []
    read = reading(files_of(SIZE))

    list(check_tree(checkpoint_of(SIZE), read, progress=lambda *said: told.append(said)))

    assert told == [(256, SIZE), (512, SIZE), (SIZE, SIZE)]
