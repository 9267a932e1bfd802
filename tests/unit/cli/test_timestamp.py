"""Checkpoints are stamped by an authority, and the stamps verified without anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.authority import TimeAuthority
from tests.unit.cli.conftest import Command


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("stamps") / "authority")


@pytest.fixture(scope="module")
def tsa(authority: TimeAuthority) -> Iterator[str]:
    with authority.serving() as url:
        yield url


@pytest.fixture
def roots(authority: TimeAuthority) -> Path:
    return authority.folder / "root.pem"


@pytest.mark.usefixtures("empty")
def test_a_checkpoint_is_stamped_and_the_stamp_holds_offline(
    regledger: Command, tsa: str, roots: Path, tmp_path: Path
) -> None:
    stamped = regledger("timestamp", "--tsa", tsa, "--roots", roots)
    assert stamped.code == 0, stamped.err
    stamp = Path(stamped.out.strip())
    note = stamp.with_suffix(".checkpoint")
    assert stamp.parent == Path("timestamps")
    assert "verified by the roots" in stamped.err
    given = (stamp, "--checkpoint", note, "--roots", roots)

    shown = regledger("timestamp", "verify", *given)
    assert shown.code == 0, shown.err
    read = regledger("timestamp", "verify", *given, "-o", "json").json()

    assert shown.code == 0
    assert "The time stamp holds" in shown.out
    assert (read["tree_size"], read["authority"], read["accuracy_s"]) == (2, "CN=signer", 1.0)
    assert datetime.fromisoformat(read["time"]).tzinfo is not None
    foreign = tmp_path / "foreign.checkpoint"
    foreign.write_bytes(note.read_bytes().replace(b"\n2\n", b"\n3\n"))
    refused = regledger("timestamp", "verify", stamp, "--checkpoint", foreign, "--roots", roots)
    assert refused.code == 3


@pytest.mark.usefixtures("empty")
def test_a_stamp_may_be_kept_unverified_and_is_said_to_be(
    regledger: Command, tsa: str, tmp_path: Path
) -> None:
    stamped = regledger("timestamp", "--tsa", tsa, "--out", tmp_path / "kept")

    assert stamped.code == 0
    assert "not verified" in stamped.err
    assert len(list((tmp_path / "kept").iterdir())) == 2


@pytest.mark.usefixtures("empty")
def test_what_does_not_hold_is_not_kept(regledger: Command, tsa: str, tmp_path: Path) -> None:
    other = TimeAuthority(tmp_path / "other")
    refused = regledger("timestamp", "--tsa", tsa, "--roots", other.folder / "root.pem")

    assert refused.code == 3
    assert not Path("timestamps").exists()


@pytest.mark.usefixtures("empty")
def test_an_authority_that_does_not_answer_is_told(regledger: Command, tsa: str) -> None:
    nobody = regledger("timestamp", "--tsa", "http://127.0.0.1:1/tsr")
    elsewhere = regledger("timestamp", "--tsa", tsa.replace("/tsr", "/other/path"))
    no_url = regledger("timestamp", "--tsa", "127.0.0.1")

    assert [nobody.code, elsewhere.code, no_url.code] == [4, 4, 2]
    assert "HTTP status 404" in elsewhere.err


def test_an_authority_is_named_and_options_stand_in_their_place(
    regledger: Command, roots: Path
) -> None:
    assert "--tsa" in regledger("timestamp").err
    misplaced = regledger("timestamp", "--roots", roots, "verify", roots)
    assert misplaced.code == 2
    assert "--roots goes behind verify." in misplaced.err
