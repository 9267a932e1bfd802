from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from ledger.client.tilesources import bytes_max, open_source
from ledger.errors import InputError, NotFoundError, UnavailableError
from ledger.log.tiles import TilePath
from tests.staticlog import file_server
from tests.unit.client.test_web import playing

TILE = TilePath(0, 0, 1)
FAULT = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


def test_every_kind_of_source_gives_the_same_and_says_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    (folder / "tile/0/000.p").mkdir(parents=True)
    (folder / "checkpoint").write_bytes(b"note")
    (folder / str(TILE)).write_bytes(b"h" * 32)
    with zipfile.ZipFile(tmp_path / "log.zip", "w") as archive:
        for path in ("checkpoint", str(TILE)):
            archive.write(folder / path, path)

    with file_server(folder) as url:
        for where in (str(folder), str(tmp_path / "log.zip"), url):
            with open_source(where) as source:
                assert source.checkpoint() == b"note"
                assert source.read(TILE) == b"h" * 32
                assert source.read(TilePath(None, 0, 1)) is None
                # The checkpoint is a file, where this tile's folder would be.
                assert source.read(TilePath(1, 0)) is None


def test_a_file_that_is_too_long_is_read_as_far_as_that_shows(tmp_path: Path) -> None:
    (tmp_path / "tile/0/000.p").mkdir(parents=True)
    (tmp_path / str(TILE)).write_bytes(b"h" * 1_000)

    with open_source(str(tmp_path)) as source:
        assert source.read(TILE) == b"h" * 33


def test_a_folder_without_a_checkpoint_is_no_log(tmp_path: Path) -> None:
    with open_source(str(tmp_path)) as source, pytest.raises(NotFoundError) as caught:
        source.checkpoint()

    assert caught.value.rule == "no-checkpoint"


def test_a_file_that_is_a_folder_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "checkpoint").mkdir()

    with open_source(str(tmp_path)) as source, pytest.raises(UnavailableError):
        source.checkpoint()


def test_a_damaged_member_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "log.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("checkpoint", b"note")
    path.write_bytes(path.read_bytes().replace(b"note", b"nope"))

    with open_source(str(path)) as source, pytest.raises(InputError) as caught:
        source.checkpoint()

    assert caught.value.rule == "zip-member"


def test_a_server_that_fails_is_not_one_that_lacks_a_tile() -> None:
    with (
        playing((FAULT,)) as url,
        open_source(url) as source,
        pytest.raises(UnavailableError) as caught,
    ):
        source.read(TILE)

    assert "500" in caught.value.message


@pytest.mark.parametrize(
    ("tile", "longest"),
    [(TilePath(3, 0), 8_192), (TILE, 32), (TilePath(None, 0), 256 * 65_537)],
)
def test_what_a_tile_may_take_up_is_known(tile: TilePath, longest: int) -> None:
    assert bytes_max(tile) == longest
