"""Checkpoints are stamped by an authority, and the stamps verified without anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from ledger.cli import audit_screen
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


def enroll(regledger: Command, author: str) -> None:
    """Let the log grow by an entry."""
    made = regledger("keygen", f"{author}.pem", "--author", author, "--no-passphrase")
    assert made.code == 0, made.err
    request = f"{author}.pem.enroll.json"
    enrolled = regledger("enroll", request, "--role", "company", "--party", author.upper())
    assert enrolled.code == 0, enrolled.err


def test_an_audit_holds_stamps_against_the_entries(
    regledger: Command, empty: Path, tsa: str, roots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for author in ("amd", "nvidia"):
        assert regledger("timestamp", "--tsa", tsa).code == 0
        enroll(regledger, author)
    options = ("--timestamps", "timestamps", "--tsa-roots", roots)

    held = regledger("audit", *options, "--html", "report.html")

    assert held.code == 0, held.err
    for told in (r"2 entries  by 20\d\d-.*, within 1 s  CN=signer", "3 entries  by", "vouch for"):
        assert re.search(told, held.out)
    assert "Time stamps" in Path("report.html").read_text(encoding="utf-8")
    read = regledger("audit", *options, "-o", "json").json()
    assert [one["tree_size"] for one in read["time_stamps"]] == [2, 3]
    monkeypatch.setattr(audit_screen, "_SHOWN", 1)
    assert "1 of smaller trees: -o json or --html has them." in regledger("audit", *options).out
    assert "ime stamp" not in regledger("audit").out
    assert regledger("audit", empty / "ledger.sqlite3", *options).code == 0
    earlier = regledger("audit", *options, "--tree-size", "2")
    assert (earlier.code, "beyond the audited entries" in earlier.out) == (0, True)


@pytest.mark.usefixtures("empty")
def test_an_audit_finds_stamps_that_do_not_hold(
    regledger: Command, tsa: str, roots: Path, tmp_path: Path
) -> None:
    stamp = Path(regledger("timestamp", "--tsa", tsa).out.strip())
    other = TimeAuthority(tmp_path / "another").folder / "root.pem"

    refused = regledger("audit", "--timestamps", stamp.parent, "--tsa-roots", other)
    stamp.with_suffix(".checkpoint").rename("elsewhere.checkpoint")
    alone = regledger("audit", "--timestamps", stamp.parent, "--tsa-roots", roots)

    assert [refused.code, alone.code] == [3, 3]
    assert "timestamp-signature" in refused.out
    assert f"time stamp {stamp.stem}  timestamp-pair" in alone.out
    assert "Time stamps" not in alone.out


@pytest.mark.usefixtures("empty")
def test_stamps_and_roots_are_given_to_an_audit_together(
    regledger: Command, roots: Path, tmp_path: Path
) -> None:
    folder = ("--timestamps", tmp_path)
    alone = [regledger("audit", *folder), regledger("audit", "--tsa-roots", roots)]
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("", encoding="utf-8")

    assert [result.code for result in alone] == [2, 2]
    assert "--timestamps and --tsa-roots go together." in alone[0].err
    assert regledger("audit", *folder, "--tsa-roots", nothing).code == 1


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
