"""``audit``: a bundle, a database file, a folder or a server, and a report by its exit code."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from ledger.cli.tampering import copy_and_change
from ledger.client.receiptfiles import read_receipt
from tests.unit.cli.conftest import Command

LETTER = "us-2025-04-09-nvda-h20-letter"


@pytest.fixture(scope="session")
def bundle(founded_casefile: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case file's ledger in one file."""
    from ledger.cli.main import run  # noqa: PLC0415 - the fixtures of one test are not there

    path = tmp_path_factory.mktemp("exported") / "h20.bundle"
    config = str(path.parent / "config")
    assert run(["export", str(path), "--ledger", str(founded_casefile), "--config", config]) == 0
    return path


def test_a_bundle_holds_and_says_what_it_does_not_prove(regledger: Command, bundle: Path) -> None:
    result = regledger("audit", bundle)
    assert result.code == 0
    assert "The log holds: 270 entries." in result.out
    assert re.search(r"pin +came with what was audited", result.out)
    assert "the pin came with the source" in result.out
    assert "nobody was shown another history" in result.out


def test_a_pin_from_elsewhere_vouches_for_a_bundle(
    regledger: Command, bundle: Path, h20: Path
) -> None:
    told = regledger("audit", bundle, "--pin", h20 / "pin.json", "-o", "json").json()
    assert told["ledger"]["pin_given"]
    assert told["holds"]
    lines = regledger("audit", bundle, "-o", "jsonl").out.splitlines()
    assert [json.loads(line)["holds"] for line in lines] == [True]


def test_a_pin_of_another_ledger_condemns_a_bundle(
    regledger: Command, bundle: Path, empty: Path
) -> None:
    result = regledger("audit", bundle, "--pin", empty / "pin.json")
    assert result.code == 3
    assert "The log does not hold" in result.out
    assert result.err.startswith("VERIFICATION FAILED")


def test_a_folder_and_a_database_file_are_audited_without_the_log_key(
    regledger: Command, h20: Path
) -> None:
    (h20 / "log.pem").unlink()
    shutil.rmtree(h20 / "keys")
    checked = regledger("audit", "--ledger", h20, "-o", "json").json()["checked"]
    assert (checked["rows of entries"], checked["released heads"]) == (270, 2)
    alone = regledger("audit", h20 / "ledger.sqlite3", "-o", "json").json()["checked"]
    assert alone["released heads"] == 0
    (h20 / "pin.json").rename(h20 / "elsewhere.json")
    assert regledger("audit", h20 / "ledger.sqlite3").code == 2
    pinned = regledger("audit", h20 / "ledger.sqlite3", "--pin", h20 / "elsewhere.json")
    assert pinned.code == 0


def test_a_server_is_audited_with_its_read_models(
    regledger: Command, served_h20: tuple[str, ...]
) -> None:
    told = regledger("audit", *served_h20, "-o", "json").json()
    assert told["holds"]
    assert told["checked"]["events in read models"] == 268
    assert told["source"]["kind"] == "server"


def test_a_changed_byte_is_a_finding_by_its_index_with_code_3(
    regledger: Command, h20: Path, tmp_path: Path
) -> None:
    regledger("show", LETTER, "--ledger", h20, "--receipts", tmp_path)
    entry = read_receipt(tmp_path / f"{LETTER}.tlog-proof").entry
    copy_and_change(h20, tmp_path / "copy", entry, b"company", b"sompany")
    result = regledger(
        "audit", "--ledger", tmp_path / "copy", "--html", "r.html", "--json", "r.json"
    )
    assert result.code == 3
    assert "entry 222" in result.out
    assert "VERIFICATION FAILED: Entry 222 does not hold" in result.err
    told = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert {222} == {one["index"] for one in told["findings"] if one["index"] is not None}
    assert "The log does not hold" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_given_answers_are_derived_again(
    regledger: Command, h20: Path, bundle: Path, tmp_path: Path
) -> None:
    asked = regledger("status", "H20", "CN", "--as-of", "2025-08-15", "--ledger", h20, "-o", "json")
    answer = tmp_path / "answer.json"
    answer.write_text(asked.out, encoding="utf-8")
    result = regledger("audit", bundle, "--answer", answer)
    assert result.code == 0
    assert "the same  answer.json: H20 to CN" in result.out
    assert "this answer" not in result.out
    changed = asked.json() | {"requirement": "NO_LICENSE_REQUIRED"}
    answer.write_text(json.dumps(changed), encoding="utf-8")
    result = regledger("audit", bundle, "--answer", answer)
    assert result.code == 3
    assert "OTHERWISE" in result.out
    assert "answer-differs" in result.out
    answer.write_text("{}", encoding="utf-8")
    assert regledger("audit", bundle, "--answer", answer).code == 1


def test_an_audit_goes_on_where_the_last_one_was(regledger: Command, bundle: Path) -> None:
    assert regledger("audit", bundle).code == 0
    result = regledger("audit", bundle, "--resume")
    assert "270 entries were examined by an earlier audit of yours" in result.out


def test_an_old_copy_is_told_apart_from_a_rollback(
    regledger: Command, empty: Path, tmp_path: Path
) -> None:
    regledger("export", tmp_path / "old.bundle")
    shutil.copy(empty / "ledger.sqlite3", tmp_path / "old.sqlite3")
    regledger("keygen", tmp_path / "k.pem", "--author", "amd", "--no-passphrase")
    assert regledger("enroll", tmp_path / "k.pem.enroll.json", "--role", "company").code == 2
    enrolled = regledger(
        "enroll", tmp_path / "k.pem.enroll.json", "--role", "company", "--party", "AMD"
    )
    assert enrolled.code == 0
    assert regledger("audit", tmp_path / "old.bundle").code == 0
    result = regledger("audit", tmp_path / "old.sqlite3", "--pin", empty / "pin.json")
    assert (result.code, "rollback" in result.out) == (3, True)


def test_many_findings_are_not_all_shown_on_a_screen(
    regledger: Command, h20: Path, empty: Path
) -> None:
    result = regledger("audit", "--ledger", h20, "--pin", empty / "pin.json")
    assert result.code == 3
    assert "more: -o json or --html has them" in result.out


def test_two_ledgers_or_none_make_no_sense(
    regledger: Command, h20: Path, bundle: Path, tmp_path: Path
) -> None:
    assert regledger("audit", bundle, "--ledger", h20).code == 2
    assert regledger("audit").code == 2
    broken = tmp_path / "broken"
    broken.write_bytes(b"hello")
    result = regledger("audit", broken)
    assert result.code == 3
    assert "not a bundle" in result.err
