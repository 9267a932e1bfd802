"""Time stamps are held against the entries: whose note, which tree, what time, what order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger.audit.auditing import Options
from ledger.audit.findings import NOWHERE, Findings
from ledger.audit.notekeys import NoteKeys
from ledger.audit.page import page
from ledger.audit.report import PROVES_NO_REVOCATION, PROVES_STAMPS, Report
from ledger.audit.resuming import ProgressFile
from ledger.audit.source import Derived
from ledger.audit.stamped import GivenStamps
from ledger.audit.stamps import ACCURACY_ASSUMED, hold_stamps
from ledger.audit.times import Times
from ledger.codec.skimming import Skimmed
from ledger.log.checkpoint import Checkpoint, sign_checkpoint
from ledger.signing.timestamps import parse_roots, query, verify_timestamp
from tests.authority import TimeAuthority
from tests.unit.audit.ledgers import PIN, SignedLog, audited
from tests.unit.audit.test_notekeys import announcement, retirement
from tests.unit.store.builders import log_signer, order

OTHER_ROOT = bytes(range(32))
HOUR_MS = 3_600_000
Told = list[tuple[int, str, str]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    return TimeAuthority(tmp_path_factory.mktemp("audited") / "authority")


@pytest.fixture(scope="module")
def vague(tmp_path_factory: pytest.TempPathFactory) -> TimeAuthority:
    """An authority that does not say how good its clock is."""
    return TimeAuthority(tmp_path_factory.mktemp("audited") / "vague", accuracy="")


@pytest.fixture
def log() -> SignedLog:
    """A log of five entries."""
    return SignedLog.of(order(1), order(2), order(3))


def stamped(authority: TimeAuthority, notes: Mapping[str, bytes]) -> GivenStamps:
    """Notes that an authority has stamped."""
    tokens = {name: authority.reply(query(note).data) for name, note in notes.items()}
    return GivenStamps(dict(notes), tokens, parse_roots(authority.roots))


def other(size: int, root: bytes = OTHER_ROOT, name: str = "log") -> bytes:
    """A note of the log's origin, by a key of this name, that no entries stand behind."""
    return sign_checkpoint(Checkpoint(PIN.origin, size, root), [log_signer(name=name)])


def report_on(log: SignedLog, given: GivenStamps, *, tree_size: int = 0) -> Report:
    return audited(log, Options(processes=1, stamps=given, tree_size=tree_size))


def found(report: Report) -> Told:
    return [(one.index, one.where, one.rule) for one in report.findings]


def test_stamps_that_hold_are_told_by_tree_size_with_what_they_prove(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint(), "b": log.checkpoint(3)})
    report = report_on(log, given)

    assert found(report) == []
    assert report.stamps is not None
    assert [(one.name, one.tree_size) for one in report.stamps.held] == [("b", 3), ("a", 5)]
    assert ("time stamps", 2) in report.checked
    assert PROVES_STAMPS in report.proves
    assert PROVES_NO_REVOCATION in report.proves_not
    told = json.loads(json.dumps(report.to_json()))["time_stamps"][0]
    said = report.stamps.held[0].token
    assert told == {
        "name": "b",
        "tree_size": 3,
        "time": said.time.isoformat(),
        "accuracy_s": 1.0,
        "authority": "CN=signer",
        "compared": True,
        "signed": True,
    }
    text = page(report)
    assert "<h2>Time stamps</h2>" in text
    assert f"{said.time.isoformat()}, within 1 s" in text
    assert "CN=signer" in text


def test_without_stamps_a_report_says_nothing_of_them(
    authority: TimeAuthority, log: SignedLog
) -> None:
    report = audited(log)
    assert report.stamps is None
    assert "stamp" not in page(report)
    assert "stamp" not in json.dumps(report.to_json())
    none = report_on(log, stamped(authority, {}))
    assert none.to_json()["time_stamps"] == []
    assert "<h2>Time stamps</h2>" not in page(none)
    assert PROVES_STAMPS not in none.proves


def test_what_comes_from_a_folder_or_an_authority_is_escaped(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"<script>": log.checkpoint()})
    assert "<script>" not in page(report_on(log, given))


def test_a_file_without_its_partner_is_a_finding_and_the_others_are_held(
    authority: TimeAuthority, log: SignedLog
) -> None:
    whole = stamped(authority, {name: log.checkpoint() for name in "abc"})
    notes = {name: whole.notes[name] for name in "ab"}
    tokens = {name: whole.tokens[name] for name in "bc"}
    report = report_on(log, replace(whole, notes=notes, tokens=tokens))

    assert found(report) == [
        (NOWHERE, "time stamp a", "timestamp-pair"),
        (NOWHERE, "time stamp c", "timestamp-pair"),
    ]
    lacking = [one.message for one in report.findings]
    assert ["no token" in lacking[0], "no checkpoint" in lacking[1]] == [True, True]
    assert report.stamps is not None
    assert (report.stamps.looked, [one.name for one in report.stamps.held]) == (1, ["b"])


def test_what_does_not_parse_is_a_finding_and_the_others_are_held(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint(3), "b": b"no note", "c": log.checkpoint()})
    report = report_on(log, replace(given, tokens={**given.tokens, "a": b"no token"}))

    assert [(where, rule) for _, where, rule in found(report)] == [
        ("time stamp a", "timestamp-form"),
        ("time stamp b", "note-form"),
    ]
    assert report.stamps is not None
    assert [one.name for one in report.stamps.held] == ["c"]


def test_a_note_that_the_log_did_not_sign_is_a_finding(
    authority: TimeAuthority, log: SignedLog
) -> None:
    """By another key, or of another log; even where what it says is so."""
    root = log.tree(3).root()
    alien = Checkpoint("ledger.example/other", 3, root)
    notes = {
        "key": other(3, root, name="log-2"),
        "log": sign_checkpoint(alien, [log_signer("ledger.example/other")]),
    }
    report = report_on(log, stamped(authority, notes))

    assert found(report) == [
        (NOWHERE, "time stamp key", "no-known-signature"),
        (NOWHERE, "time stamp log", "no-known-signature"),
    ]
    assert report.stamps is not None
    assert report.stamps.held == ()


def test_a_note_must_bear_the_signatures_of_its_size(authority: TimeAuthority) -> None:
    log = SignedLog.of(announcement(), order(1))
    alone = stamped(authority, {"a": log.checkpoint(3)})
    log.keys = ("log", "log-2")
    assert found(report_on(log, alone)) == [(NOWHERE, "time stamp a", "log-keys-of-size")]
    both = stamped(authority, {"a": log.checkpoint(3)})
    assert found(report_on(log, both)) == []


def test_a_stamped_tree_that_the_entries_do_not_make_is_a_finding(
    authority: TimeAuthority, log: SignedLog
) -> None:
    report = report_on(log, stamped(authority, {"a": other(4), "b": other(5)}))

    assert found(report) == [
        (NOWHERE, "time stamp a", "timestamp-root"),
        (NOWHERE, "time stamp b", "timestamp-root"),
    ]
    assert report.stamps is not None
    assert (report.stamps.looked, report.stamps.held) == (2, ())


def test_a_token_over_other_bytes_or_by_another_root_is_a_finding(
    authority: TimeAuthority, vague: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint(3), "b": log.checkpoint()})
    swapped = replace(given, tokens={**given.tokens, "a": given.tokens["b"]})
    report = report_on(log, swapped)
    assert found(report) == [(NOWHERE, "time stamp a", "timestamp-imprint")]
    foreign = replace(given, roots=parse_roots(vague.roots))
    assert {rule for _, _, rule in found(report_on(log, foreign))} == {"timestamp-signature"}


def test_an_entry_under_a_stamp_was_not_recorded_after_it(authority: TimeAuthority) -> None:
    log = SignedLog.of(order(1))
    ahead_ms = int(datetime.now(UTC).timestamp()) * 1_000 + HOUR_MS
    log.add(order(2), recorded_ms=ahead_ms)
    log.add(order(3), recorded_ms=ahead_ms + 1)
    given = stamped(authority, {"a": log.checkpoint(3), "b": log.checkpoint(4)})
    report = report_on(log, given)

    assert found(report) == [(3, "entry", "timestamp-recorded")]
    (finding,) = report.findings
    assert report.stamps is not None
    assert [one.name for one in report.stamps.held] == ["a", "b"]
    recorded = datetime.fromtimestamp(ahead_ms / 1_000, UTC).isoformat()
    assert f"recorded at {recorded}" in finding.message
    assert f"existed by {report.stamps.held[1].time}" in finding.message


def later_by(log: SignedLog, given: GivenStamps, later: timedelta) -> list[str]:
    """What is found if the last entry was recorded so much later than its stamp."""
    (name,) = given.pairs
    token = verify_timestamp(given.tokens[name], given.notes[name], given.roots)
    recorded = token.time + later - datetime(1970, 1, 1, tzinfo=UTC)
    times, findings = Times(), Findings()
    times.add(4, skimmed(recorded // timedelta(milliseconds=1)))
    keys = NoteKeys.of(PIN, ())
    derived = Derived(keys.all, log.tree(), None, keys)
    hold_stamps(given, derived, times, findings, is_latest=True)
    return [one.message for one in findings]


def skimmed(recorded_ms: int) -> Skimmed:
    return Skimmed(
        recorded_ms, "orders/o-1", "o-1", "registrar", bytes(16), None, False, recorded_ms
    )


def test_the_bound_is_the_time_and_the_accuracy_that_is_stated(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint()})
    assert later_by(log, given, timedelta(seconds=1)) == []
    (message,) = later_by(log, given, timedelta(seconds=1, milliseconds=1))
    assert "assumed" not in message


def test_without_a_stated_accuracy_two_seconds_are_assumed(
    vague: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(vague, {"a": log.checkpoint()})
    assert later_by(log, given, ACCURACY_ASSUMED) == []
    (message,) = later_by(log, given, ACCURACY_ASSUMED + timedelta(milliseconds=1))
    assert "(2 s assumed)" in message
    (told,) = report_on(log, given).to_json()["time_stamps"]
    assert told["accuracy_s"] is None


def test_where_no_recorded_time_reads_none_is_held_against_a_stamp(
    authority: TimeAuthority,
) -> None:
    log = SignedLog.of(b"no envelope at all", founded=False)
    report = report_on(log, stamped(authority, {"a": log.checkpoint()}))
    assert "timestamp-recorded" not in {rule for _, _, rule in found(report)}


def beyond(log: SignedLog, given: GivenStamps, *, size: int = 3) -> Report:
    """The report on the log as it stood earlier, and what became of the stamps."""
    report = report_on(log, given, tree_size=size)
    assert report.stamps is not None
    return report


def test_a_stamp_beyond_an_earlier_tree_is_told_and_proves_nothing_here(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint()})
    for report in (beyond(log, given), _of_a_copy(log, given)):
        assert found(report) == []
        (told,) = report.to_json()["time_stamps"]
        assert (told["tree_size"], told["compared"], told["signed"]) == (5, False, True)
        assert PROVES_STAMPS not in report.proves
        assert "beyond the audited entries, which do not show its root<" in page(report)


def _of_a_copy(log: SignedLog, given: GivenStamps) -> Report:
    copy = SignedLog(log.entries[:3])
    copy.is_latest = False
    return report_on(copy, given)


def test_a_stamp_beyond_the_latest_tree_is_a_rollback(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint()})
    report = report_on(SignedLog(log.entries[:3]), given)
    assert found(report) == [(NOWHERE, "time stamp a", "rollback")]


def test_two_stamped_trees_of_one_size_beyond_the_audited_one_are_a_fork(
    authority: TimeAuthority, log: SignedLog
) -> None:
    notes = {"a": log.checkpoint(), "b": log.checkpoint(), "c": other(5), "d": other(4)}
    report = beyond(log, stamped(authority, notes))
    assert found(report) == [(NOWHERE, "time stamp c", "fork")]


def test_a_token_beyond_the_audited_tree_must_hold_all_the_same(
    authority: TimeAuthority, log: SignedLog
) -> None:
    given = stamped(authority, {"a": log.checkpoint(), "b": log.checkpoint(4)})
    swapped = replace(given, tokens={**given.tokens, "a": given.tokens["b"]})
    assert found(beyond(log, swapped)) == [(NOWHERE, "time stamp a", "timestamp-imprint")]


@pytest.mark.parametrize("size", [2, 3])
def test_other_keys_may_have_signed_beyond_an_earlier_tree(
    authority: TimeAuthority, size: int
) -> None:
    """Only the entries behind it announce the new key, or retire the old one."""
    log = SignedLog.of(announcement(), retirement(), order(1))
    log.keys = ("log-2",)
    given = stamped(authority, {"a": log.checkpoint(), "b": other(5, name="log-2")})
    assert found(report_on(log, stamped(authority, {"a": log.checkpoint()}))) == []
    log.keys = ("log", "log-2")[: size - 1]
    report = beyond(log, given, size=size)

    assert found(report) == []
    assert [one["signed"] for one in report.to_json()["time_stamps"]] == [False, False]
    assert "nor whose keys had to sign it" in page(report)


def test_an_unknown_key_is_no_excuse_elsewhere(authority: TimeAuthority, log: SignedLog) -> None:
    """Not for another origin, nor beyond the latest tree, nor inside the audited one."""
    alien = Checkpoint("ledger.example/other", 9, OTHER_ROOT)
    foreign = sign_checkpoint(alien, [log_signer("ledger.example/other")])
    for_another = stamped(authority, {"a": foreign})
    unknown = stamped(authority, {"a": other(9, name="log-2")})
    inside = stamped(authority, {"a": other(3, log.tree(3).root(), name="log-2")})
    refused = [(NOWHERE, "time stamp a", "no-known-signature")]
    assert found(beyond(log, for_another)) == refused
    assert found(report_on(log, unknown)) == refused
    assert found(beyond(log, inside)) == refused


def test_a_known_key_s_signature_that_fails_is_a_finding_beyond_too(
    authority: TimeAuthority, log: SignedLog
) -> None:
    note = log.checkpoint().replace(b"\n5\n", b"\n6\n")
    (told,) = found(beyond(log, stamped(authority, {"a": note})))
    assert told[1:] == ("time stamp a", "note-signature")


def test_recorded_times_are_held_against_no_stamp_beyond_them(authority: TimeAuthority) -> None:
    """That these entries are under it is not shown."""
    log = SignedLog.of()
    ahead_ms = int(datetime.now(UTC).timestamp()) * 1_000 + HOUR_MS
    for number in range(2):
        log.add(order(number), recorded_ms=ahead_ms)
    given = stamped(authority, {"a": log.checkpoint()})
    assert found(report_on(log, given)) == [(3, "entry", "timestamp-recorded")]
    assert found(beyond(log, given)) == []


@pytest.fixture
def file(tmp_path: Path) -> ProgressFile:
    return ProgressFile(tmp_path / "log.json")


def test_an_audit_that_goes_on_holds_stamps_over_what_was_examined_before(
    authority: TimeAuthority, file: ProgressFile
) -> None:
    """And what it found of stamps that were given then is found of them alone."""
    ahead_ms = int(datetime.now(UTC).timestamp()) * 1_000 + HOUR_MS
    log = SignedLog.of(order(1))
    log.add(order(2), recorded_ms=ahead_ms)
    given = stamped(authority, {"a": log.checkpoint()})
    options = Options(processes=1, file=file, resume=True)
    for _ in range(2):
        report = audited(log, replace(options, stamps=given))
        assert found(report) == [(3, "entry", "timestamp-recorded")]
    assert report.resumed_from == 4
    assert audited(log, options).holds
