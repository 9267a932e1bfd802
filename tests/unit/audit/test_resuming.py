"""An audit goes on where an earlier one of the same user was, and only on the same entries."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ledger.audit import auditing
from ledger.audit.auditing import Options, audit
from ledger.audit.database import DatabaseSource
from ledger.audit.report import Report
from ledger.audit.resuming import Progress, ProgressFile
from ledger.errors import StoreError
from ledger.store.inspection import inspecting
from tests import builders
from tests.unit.audit.ledgers import PIN, SignedLog, audited, found, with_bad_signature
from tests.unit.store.builders import LedgerFolder, enrollment, order, revocation, stated, tamper


@pytest.fixture
def file(tmp_path: Path) -> ProgressFile:
    """Where an audit notes down how far it is."""
    return ProgressFile(tmp_path / "audits" / "log.json")


def resumed(log: SignedLog, file: ProgressFile) -> Report:
    """An audit that goes on."""
    return audited(log, Options(processes=1, file=file, resume=True, clock=lambda: 5))


def test_what_was_examined_is_not_examined_again_and_is_counted_all_the_same(
    file: ProgressFile,
) -> None:
    log = SignedLog.of(order(1), with_bad_signature(order(2)))
    first = audited(log, Options(processes=1, file=file, clock=lambda: 7))
    assert first.resumed_from == 0
    log.add(order(3))
    report = resumed(log, file)
    assert (report.resumed_from, report.resumed_of_ms) == (4, 7)
    assert [(one.index, one.rule) for one in report.findings] == [(3, "signature")]
    whole = audited(log)
    assert report.tally == whole.tally
    assert (report.keys, report.root) == (whole.keys, whole.root)


def test_what_is_in_the_log_twice_is_found_once_by_an_audit_that_goes_on(
    file: ProgressFile,
) -> None:
    """The second may stand before where the first audit was, or after it."""
    nonce = builders.statement(builders.order("order-1")).nonce
    log = SignedLog.of(order(1), stated(builders.order("order-2"), nonce=nonce))
    audited(log, Options(processes=1, file=file))
    log.add(stated(builders.order("order-3"), nonce=nonce))
    report = resumed(log, file)
    assert report.resumed_from == 4
    assert [(one.index, one.rule) for one in report.findings] == [(3, "unique"), (4, "unique")]


def test_only_what_comes_after_is_examined(file: ProgressFile) -> None:
    """A bad signature in front of where it goes on would be a finding of a whole audit."""
    log = SignedLog.of(with_bad_signature(order(1)), order(2))
    log_file = Progress.of(
        PIN, log.tree(), audited(log).tally, type(audited(log).findings)(), saved_ms=1
    )
    file.save(log_file)
    assert resumed(log, file).holds
    assert not audited(log).holds


def test_a_stream_that_goes_on_is_taken_in_from_its_beginning(file: ProgressFile) -> None:
    log = SignedLog.of(order(1), enrollment("nvidia"), revocation("registrar"))
    audited(log, Options(processes=1, file=file))
    canceled = builders.order("order-1-canceled", "orders/order-1", subtype="cancelation")
    log.add(stated(canceled, expected_version=1))
    assert [(one.index, one.rule) for one in resumed(log, file).findings] == [(5, "key-revoked")]
    assert (2, 3) in log.read


def test_what_stands_beside_an_entry_is_compared_again(
    file: ProgressFile, stored: Path, tmp_path: Path
) -> None:
    shutil.copytree(stored, tmp_path / "copy")
    folder = LedgerFolder(tmp_path / "copy")

    def report(*, resume: bool) -> Report:
        with inspecting(folder.path / "ledger.sqlite3") as inspection:
            options = Options(processes=1, file=file, resume=resume)
            return audit(DatabaseSource(inspection), PIN, options)

    assert report(resume=False).holds
    tamper(folder, "UPDATE ledger_entries SET author = 'eve' WHERE entry_index = 4")
    again = report(resume=True)
    assert again.resumed_from == 8
    assert [(one.index, one.rule) for one in again.findings] == [(4, "row-author")]
    assert again.tally.rows == 7
    tamper(folder, "UPDATE ledger_entries SET author = 'registrar' WHERE entry_index = 4")
    assert report(resume=True).holds


def test_what_does_not_read_is_found_once(file: ProgressFile) -> None:
    log = SignedLog.of(order(1), b"no envelope")
    audited(log, Options(processes=1, file=file))
    log.add(order(2))
    assert [(one.index, one.rule) for one in resumed(log, file).findings] == [(3, "protobuf")]


def test_uniqueness_reaches_back_over_what_was_examined(file: ProgressFile) -> None:
    log = SignedLog.of(order(1), order(2))
    audited(log, Options(processes=1, file=file))
    log.add(order(1))
    rules = {one.rule for one in resumed(log, file).findings}
    assert {"unique", "expected-version"} <= rules


def test_other_entries_are_examined_from_the_beginning(file: ProgressFile) -> None:
    audited(SignedLog.of(order(1), order(2)), Options(processes=1, file=file))
    other = SignedLog.of(with_bad_signature(order(1)), order(2), order(3))
    report = resumed(other, file)
    assert report.resumed_from == 0
    assert [(one.index, one.rule) for one in report.findings] == [(2, "signature")]
    shorter = SignedLog.of(order(1))
    audited(SignedLog.of(order(1), order(2)), Options(processes=1, file=file))
    assert resumed(shorter, file).resumed_from == 0


def test_an_audit_notes_down_how_far_it_is_while_it_runs(
    file: ProgressFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "SAVE_EVERY", 2)
    log = SignedLog.of(order(1), order(2), order(3), order(4))

    def interrupt(done: int, _total: int) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audited(log, Options(processes=1, file=file, told=interrupt))
    assert resumed(log, file).resumed_from == 3


@pytest.mark.parametrize("mode", [0o644, 0o620, 0o602])
def test_a_file_that_others_can_read_or_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "log.json"
    file = ProgressFile(path)
    file.save(Progress.nothing(PIN))
    assert file.load(PIN) is not None
    path.chmod(mode)
    assert file.load(PIN) is None


def test_a_file_of_another_ledger_version_or_form_or_a_link_is_not_believed(
    tmp_path: Path,
) -> None:
    path = tmp_path / "log.json"
    file = ProgressFile(path)
    other = type(PIN)(PIN.origin, bytes(32), PIN.log_keys)
    for progress in (
        Progress.nothing(other),
        Progress.nothing(PIN).model_copy(update={"tool": "0.0.0"}),
    ):
        file.save(progress)
        assert file.load(PIN) is None
    path.write_text("{", encoding="utf-8")
    assert file.load(PIN) is None
    file.save(Progress.nothing(PIN))
    link = tmp_path / "link.json"
    link.symlink_to(path)
    assert ProgressFile(link).load(PIN) is None
    assert ProgressFile(tmp_path / "none").load(PIN) is None
    assert ProgressFile(tmp_path).load(PIN) is None


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(StoreError, match="noted down"):
        ProgressFile(tmp_path / "file" / "log.json").save(Progress.nothing(PIN))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "log.json").mkdir()
    with pytest.raises(StoreError, match="noted down"):
        ProgressFile(tmp_path / "folder" / "log.json").save(Progress.nothing(PIN))
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["log.json"]


def test_without_a_wish_to_go_on_everything_is_examined(file: ProgressFile) -> None:
    log = SignedLog.of(with_bad_signature(order(1)))
    audited(log, Options(processes=1, file=file))
    assert found(log, Options(processes=1, file=file)) == [(2, "signature")]
    assert audited(log, Options(processes=1, file=file)).resumed_from == 0
