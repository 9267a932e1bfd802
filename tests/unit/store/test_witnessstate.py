from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ledger.errors import OldSizeError, StoreError, UnavailableError
from ledger.log.witnessing import Cosigned
from ledger.store import witnessstate
from ledger.store.witnessstate import WitnessState
from tests.unit.log.builders import ORIGIN, checkpoint_of


@pytest.fixture
def state(tmp_path: Path) -> WitnessState:
    return WitnessState(tmp_path / "state")


def cosigned(size: int) -> Cosigned:
    return Cosigned(size, checkpoint_of(size).root)


def test_what_is_decided_on_is_remembered_log_by_log(state: WitnessState, tmp_path: Path) -> None:
    told = [state.advance(checkpoint_of(size), lambda last: last) for size in (3, 7)]
    state.advance(checkpoint_of(5, "other.example"), lambda last: last)

    again = WitnessState(tmp_path / "state")
    assert told == [None, cosigned(3)]
    assert again.last(ORIGIN) == cosigned(7)
    assert again.last("other.example") == cosigned(5)
    assert again.last("unknown.example") is None


def test_what_is_refused_is_not_remembered(state: WitnessState) -> None:
    state.advance(checkpoint_of(3), lambda _: None)

    def refuse(_: Cosigned | None) -> None:
        raise OldSizeError("No.", size=3)

    with pytest.raises(OldSizeError):
        state.advance(checkpoint_of(7), refuse)
    assert state.last(ORIGIN) == cosigned(3)


def test_the_file_itself_does_not_go_back(state: WitnessState) -> None:
    for size in (7, 3):
        state.advance(checkpoint_of(size), lambda _: None)

    assert state.last(ORIGIN) == cosigned(7)


def test_while_another_decides_one_waits_or_gives_up(
    state: WitnessState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(witnessstate, "BUSY_TIMEOUT_S", 0.01)
    with closing(sqlite3.connect(tmp_path / "state", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(UnavailableError):
            state.advance(checkpoint_of(3), lambda _: None)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        WitnessState(tmp_path / "nowhere" / "state")

    assert caught.value.rule == "witness-state"


def test_a_file_that_is_another_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(b"no database" * 100)

    with pytest.raises(StoreError) as caught:
        WitnessState(tmp_path / "state")

    assert not isinstance(caught.value, UnavailableError)
