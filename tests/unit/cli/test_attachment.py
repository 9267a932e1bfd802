"""Documents at the command line: attached, put beside the envelope, got, listed and erased."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ledger.bootstrap import ATTACHMENTS_FOLDER
from ledger.cli.attachment import commitment_from_hex
from ledger.cli.where import KEYS_FOLDER
from ledger.client.opened import open_envelope
from tests.unit.cli.conftest import Command, Result
from tests.unit.client.served import row

CONTENT = b"Dear Secretary\r\n\x00\xff"


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    path = tmp_path / "letter.txt"
    path.write_bytes(CONTENT)
    return path


def sign(regledger: Command, tmp_path: Path, empty: Path, *options: str | Path) -> Result:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(row("co-1")), encoding="utf-8")
    return regledger("sign", rows, "--ledger", empty, *options)


@pytest.fixture
def envelope(regledger: Command, tmp_path: Path, empty: Path, letter: Path) -> Path:
    """A signed order with the letter beside it."""
    assert sign(regledger, tmp_path, empty, "--attach", letter).code == 0
    return tmp_path / "co-1.envelope"


def commitments(envelope: Path) -> list[str]:
    named = open_envelope(envelope.read_bytes()).statement.attachments
    return [attachment.commitment.hex() for attachment in named]


def test_the_statement_commits_and_the_document_lies_beside_it(envelope: Path) -> None:
    (named,) = open_envelope(envelope.read_bytes()).statement.attachments
    beside = envelope.with_name("co-1.envelope.attachments")

    assert (named.length, named.media_type) == (len(CONTENT), "text/plain")
    assert CONTENT not in envelope.read_bytes()
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600


def test_a_media_type_is_given_or_told_from_the_name(
    regledger: Command, tmp_path: Path, empty: Path, letter: Path
) -> None:
    unknown = letter.rename(tmp_path / "a:letter")
    options = ("--attach", f"{unknown}:application/pdf", "--attach", unknown)

    assert sign(regledger, tmp_path, empty, *options).code == 0

    statement = open_envelope((tmp_path / "co-1.envelope").read_bytes()).statement
    types = [named.media_type for named in statement.attachments]
    assert types == ["application/pdf", "application/octet-stream"]


def test_documents_go_with_rows_only(
    regledger: Command, tmp_path: Path, envelope: Path, empty: Path, letter: Path
) -> None:
    added = regledger("sign", "--add-to", envelope, "--ledger", empty, "--attach", letter)
    assert added.code == 2
    assert sign(regledger, tmp_path, empty, "--attach", tmp_path / "none").code == 1


def test_appending_puts_what_lies_beside(
    regledger: Command, envelope: Path, tmp_path: Path
) -> None:
    appended = regledger("append", envelope)
    assert appended.code == 0
    assert f"attachment {commitments(envelope)[0]} is put" in appended.err

    got = regledger("attachment", "get", "co-1", "--out", tmp_path / "got")

    assert got.code == 0
    assert (tmp_path / "got").read_bytes() == CONTENT
    assert "18 bytes of text/plain, as registrar committed to at index 2" in got.err
    (listed,) = regledger("attachment", "list", "-o", "json").json()["attachments"]
    assert (listed["fact_id"], listed["state"], listed["length"]) == ("co-1", "present", 18)


def test_what_does_not_lie_beside_is_missed(
    regledger: Command, envelope: Path, tmp_path: Path
) -> None:
    beside = envelope.with_name("co-1.envelope.attachments")
    kept = beside.rename(tmp_path / "kept")
    appended = regledger("append", envelope)
    assert appended.code == 0
    assert "names 1 attachment, and none lies beside it" in appended.err
    assert regledger("attachment", "get", "co-1").code == 1

    beside.write_text("{}")
    assert regledger("append", envelope).code == 1
    kept.replace(beside)
    assert regledger("append", envelope).code == 0
    assert regledger("attachment", "list", "co-1", "-o", "json").json()["attachments"]


def test_one_of_several_is_named(
    regledger: Command, tmp_path: Path, empty: Path, letter: Path
) -> None:
    other = tmp_path / "other.txt"
    other.write_text("Another document", encoding="utf-8")
    sign(regledger, tmp_path, empty, "--attach", letter, "--attach", other)
    regledger("append", tmp_path / "co-1.envelope")
    names = commitments(tmp_path / "co-1.envelope")

    which = regledger("attachment", "get", "co-1")
    got = regledger("attachment", "get", "co-1", "--commitment", names[1])

    assert (which.code, got.code) == (1, 0)
    assert all(name in which.err for name in names)
    assert got.out == "Another document"
    assert regledger("attachment", "get", "co-1", "--commitment", "abc").code == 1
    assert regledger("attachment", "get", "ledger-founded").code == 1


def test_an_erased_document_is_gone_and_everything_else_holds(
    regledger: Command, envelope: Path, empty: Path
) -> None:
    regledger("append", envelope)
    (name,) = commitments(envelope)

    erased = regledger("erase", "co-1", "--reason", "It names a person.")

    assert erased.code == 0
    assert "is erased: It names a person." in erased.err
    assert "[3]" in erased.out
    got = regledger("attachment", "get", "co-1")
    assert got.code == 1
    assert "was erased by administrator at index 3: It names a person." in got.err
    assert f"co-1: erased at index 3\n  commitment  {name}" in regledger("attachment", "list").out
    verified = regledger("verify")
    assert verified.code == 0
    assert f"co-1  {name[:16]}… erased by administrator at index 3: It names" in verified.out
    (audited,) = regledger("verify", "-o", "json").json()["attachments"]
    assert (audited["state"], audited["erasure"]["index"]) == ("erased", 3)
    assert [path for path in (empty / ATTACHMENTS_FOLDER).rglob("*") if path.is_file()] == [
        empty / ATTACHMENTS_FOLDER / "lock"
    ]
    put_again = regledger("append", envelope)
    assert put_again.code == 1
    assert "attachment-erased" in put_again.err
    again = regledger("erase", name, "--reason", "Twice.")
    assert again.code == 1


def test_documents_go_into_a_bundle_where_asked(
    regledger: Command, envelope: Path, empty: Path, tmp_path: Path
) -> None:
    regledger("append", envelope)
    bundle, without = tmp_path / "bundle", tmp_path / "without"
    assert regledger("export", bundle, "--ledger", empty, "--with-attachments").code == 0
    assert regledger("export", without, "--ledger", empty).code == 0

    states = [
        regledger("audit", path, "-o", "json").json()["attachments"][0]["state"]
        for path in (bundle, without)
    ]

    assert states == ["present", "missing"]
    assert "Attachments" in regledger("audit", bundle).out
    assert "not in this bundle" in regledger("audit", without).out
    rows = ("export", tmp_path / "rows", "--ledger", empty, "--jsonl", "--with-attachments")
    assert regledger(*rows).code == 2


def test_an_erasure_may_be_signed_on_several_machines(
    regledger: Command, envelope: Path, empty: Path, tmp_path: Path
) -> None:
    regledger("append", envelope)
    (name,) = commitments(envelope)
    key = empty / KEYS_FOLDER / "administrator.pem"

    written = regledger(
        "erase", name, "--reason", "Personal.", "--admin-key", key, "--out", tmp_path / "out"
    )

    assert (written.code, written.out) == (0, f"{tmp_path / 'out'}\n")
    assert regledger("attachment", "get", "co-1", "--out", tmp_path / "still").code == 0
    assert regledger("append", tmp_path / "out", "-o", "json").code == 0
    (listed,) = regledger("attachment", "list", "-o", "jsonl").out.splitlines()
    assert json.loads(listed)["erased_at_index"] == 3


def test_what_no_statement_names_is_not_erased(regledger: Command, empty: Path) -> None:
    assert empty.is_dir()
    refused = regledger("erase", "00" * 32, "--reason", "A slip.")

    assert refused.code == 1
    assert "attachment-named" in refused.err


def test_a_commitment_is_64_digits() -> None:
    assert commitment_from_hex("ab" * 32) == b"\xab" * 32
