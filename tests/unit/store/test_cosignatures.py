from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import StoreError
from ledger.log.note import SignatureLine, cosignature_of
from ledger.store.cosignatures import Cosignatures, kept_at
from tests.unit.log.builders import TEXT, TIME_S, cosigner_of

W1, W2 = cosigner_of("w.example/1", seed=1), cosigner_of("w.example/2", seed=2)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Cosignatures]:
    with closing(Cosignatures(tmp_path / "cosignatures")) as cosignatures:
        yield cosignatures


def line(name: str = "1", time_s: int = TIME_S) -> SignatureLine:
    return cosignature_of(TEXT, {"1": W1, "2": W2}[name], time_s=time_s)


def test_what_is_kept_comes_back_in_its_order(kept: Cosignatures, tmp_path: Path) -> None:
    for name in ("2", "1"):
        kept.keep(5, line(name))

    with closing(Cosignatures(tmp_path / "cosignatures")) as again:
        assert again.at(5) == [line("2"), line("1")]
        assert again.at(6) == []


def test_the_first_cosignature_of_a_witness_at_a_size_stays(kept: Cosignatures) -> None:
    kept.keep(5, line())
    kept.keep(5, line(time_s=TIME_S + 1))

    assert kept.at(5) == [line()]


def test_sizes_are_found_from_both_ends(kept: Cosignatures) -> None:
    for size in (5, 3, 9):
        kept.keep(size, line())

    assert list(kept.sizes_from(4)) == [5, 9]
    assert list(kept.sizes_down_from(8)) == [5, 3]
    assert list(kept.sizes_from(10)) == []


def test_a_witness_is_known_by_what_it_cosigned_last(kept: Cosignatures) -> None:
    kept.keep(5, line("1"))
    kept.keep(9, line("2"))

    assert (kept.last_by(W1.key), kept.last_by(W2.key)) == (5, 9)
    assert kept.last_by(cosigner_of("w.example/3").key) == 0


def test_a_file_that_is_another_is_told(tmp_path: Path) -> None:
    (tmp_path / "cosignatures").write_bytes(b"no database" * 100)

    with pytest.raises(StoreError) as caught:
        Cosignatures(tmp_path / "cosignatures")

    assert caught.value.rule == "cosignatures"


def test_what_is_kept_can_be_read_without_writing_to_anything(
    kept: Cosignatures, tmp_path: Path
) -> None:
    kept.keep(5, line())

    assert kept_at(tmp_path / "cosignatures", 5) == [line()]
    assert kept_at(tmp_path / "cosignatures", 6) == []
    assert kept_at(tmp_path / "nowhere", 5) == []
    assert not (tmp_path / "nowhere").exists()


def test_a_file_that_is_another_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "cosignatures").write_bytes(b"no database" * 100)

    with pytest.raises(StoreError):
        kept_at(tmp_path / "cosignatures", 5)
