"""What only the whole log can tell, and how findings are collected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ledger.audit import auditing
from ledger.audit.auditing import Options, audit
from ledger.audit.findings import NOWHERE, Finding
from ledger.audit.lanes import Lanes
from ledger.audit.resuming import ProgressFile
from ledger.audit.source import Piece
from ledger.audit.work import Tally
from ledger.domain.authorship import OutsideRecord, Policy
from ledger.domain.statement import Anchor
from ledger.domain.vocabulary import Role
from ledger.errors import StoreError, UnavailableError, VerificationError
from tests import builders
from tests.unit.audit.ledgers import PIN, SignedLog, audited, found, with_bad_signature
from tests.unit.store.builders import (
    ADMINISTRATOR,
    REGISTRAR,
    START_MS,
    digest_in,
    enrollment,
    founding,
    log_signer,
    order,
    revocation,
    rotation,
    stated,
)


def test_a_log_that_keeps_its_rules_holds_and_says_what_was_counted() -> None:
    log = SignedLog.of(order(1), order(2), enrollment("nvidia", Role.COMPANY))
    report = audited(log)
    assert report.holds
    assert report.tree_size == 5
    assert report.root == log.tree().root()
    assert report.tally.entries["company-order.v1"] == 2
    assert report.tally.authors == {ADMINISTRATOR: 3, REGISTRAR: 2}
    assert [(key.author, report.tally.signatures[key.keyid]) for key in report.keys] == [
        (ADMINISTRATOR, 3),
        (REGISTRAR, 2),
    ]


def test_two_bad_signatures_are_two_findings_and_the_audit_goes_on() -> None:
    log = SignedLog.of(
        order(1), with_bad_signature(order(2)), order(3), with_bad_signature(order(4)), order(5)
    )
    report = audited(log)
    assert [(one.index, one.rule) for one in report.findings] == [
        (3, "signature"),
        (5, "signature"),
    ]
    assert report.tally.entries["company-order.v1"] == 5


def test_an_entry_that_does_not_read_is_a_finding_and_the_rest_is_examined() -> None:
    log = SignedLog.of(order(1), b"no envelope at all", with_bad_signature(order(2)))
    assert found(log) == [(3, "protobuf"), (4, "signature")]


def test_a_statement_behind_an_unsound_one_is_judged_as_if_it_held() -> None:
    """The stream's second event was written on the first, which was let in against the rules."""
    first = with_bad_signature(order(1))
    second = stated(
        builders.order("order-1-canceled", "orders/order-1", subtype="cancelation"),
        expected_version=1,
    )
    assert found(SignedLog.of(first, second)) == [(2, "signature")]


@pytest.mark.parametrize(
    ("envelopes", "finding"),
    [
        ((stated(builders.order("order-1"), "stranger"),), (2, "key-unknown")),
        ((stated(builders.order("order-1"), ADMINISTRATOR),), (2, "role-opens-collection")),
        ((stated(builders.order("order-1"), expected_version=7),), (2, "expected-version")),
        ((stated(builders.order("order-1"), ledger_id=bytes(32)),), (2, "other-ledger")),
        ((revocation(REGISTRAR), order(1)), (3, "key-revoked")),
        ((rotation(REGISTRAR, "new"), order(1)), (3, "key-revoked")),
    ],
)
def test_what_the_ledger_should_have_refused_is_found(
    envelopes: tuple[bytes, ...], finding: tuple[int, str]
) -> None:
    assert finding in found(SignedLog.of(*envelopes))


def test_a_fact_id_that_is_taken_is_found() -> None:
    again = stated(builders.order("order-1", "orders/another"), nonce=bytes(16))
    assert (4, "unique") in found(SignedLog.of(order(1), order(2), again))


def test_a_nonce_that_its_author_used_is_found() -> None:
    nonce = builders.statement(builders.order("order-1")).nonce
    log = SignedLog.of(order(1), stated(builders.order("order-2"), nonce=nonce))
    assert found(log) == [(3, "unique")]


def test_an_anchor_must_be_a_tree_that_the_log_begins_with() -> None:
    log = SignedLog.of(order(1))
    log.add(order(2, anchor=log.anchor(2)))
    assert audited(log).anchors == 1
    assert found(log) == []
    log.add(order(3, anchor=anchor_of(log, 3, root=bytes(32))))
    log.add(order(4, anchor=anchor_of(log, 5_000)))
    assert found(log) == [(4, "anchor-root"), (5, "anchor-from-the-future")]


def anchor_of(log: SignedLog, size: int, root: bytes | None = None) -> Anchor:
    """An anchor of any size and root."""
    anchor = log.anchor(1)
    return anchor.model_copy(update={"size": size, "root": root or anchor.root})


def test_recorded_time_that_goes_back_is_found() -> None:
    log = SignedLog.of(order(1))
    log.add(order(2), recorded_ms=START_MS - 1)
    log.add(order(3), recorded_ms=START_MS)
    assert found(log) == [(3, "recorded-in-order")]


def test_another_founding_than_the_pinned_one_is_found() -> None:
    other = founding(policy=Policy(outside_record=(OutsideRecord(codes=("RU",), citation="746"),)))
    assert digest_in(other) != PIN.ledger_id
    assert (0, "pinned-ledger") in found(SignedLog.of(other, founded=False))


def test_a_checkpoint_that_nobody_signed_is_a_finding_and_the_entries_are_read_all_the_same() -> (
    None
):
    class Unsigned(SignedLog):
        def checkpoint(self, tree_size: int = 0) -> bytes:
            note = super().checkpoint(tree_size)
            return note.replace(b"ledger.example/tests\n4\n", b"ledger.example/tests\n3\n")

    log = Unsigned(SignedLog.of(order(1), with_bad_signature(order(2))).entries)
    rules = {one.rule for one in audited(log).findings}
    assert "note-signature" in rules
    assert audited(log).tree_size == 3

    class Garbled(SignedLog):
        def checkpoint(self, tree_size: int = 0) -> bytes:  # noqa: ARG002
            return b"hello"

    report = audited(Garbled(log.entries))
    assert [(one.index, one.rule) for one in report.findings] == [
        (3, "signature"),
        (NOWHERE, "note-form"),
    ]


def test_entries_that_do_not_make_the_signed_root_are_found() -> None:
    class Grown(SignedLog):
        def checkpoint(self, tree_size: int = 0) -> bytes:
            return SignedLog([*self.entries[:-1], b"other"]).checkpoint(tree_size)

    log = Grown(SignedLog.of(order(1)).entries)
    assert found(log) == [(NOWHERE, "root-hash")]


def test_an_entry_that_is_missing_is_found_and_its_claimed_hash_keeps_the_others_in_place() -> None:
    class Holed(SignedLog):
        def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
            for page in super().pages(start, end):
                yield [
                    Piece(one.index, None, self.tree().node(0, one.index))
                    if one.index == 2
                    else one
                    for one in page
                ]

    log = Holed(SignedLog.of(order(1), order(2)).entries)
    assert found(log) == [(2, "entry-missing")]


def test_what_a_source_claims_of_a_leaf_is_told_by_whether_it_was_signed() -> None:
    class Claiming(SignedLog):
        claim = b""

        def checkpoint(self, tree_size: int = 0) -> bytes:
            return SignedLog.of(order(1), order(2)).checkpoint(tree_size)

        def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
            for page in super().pages(start, end):
                yield [
                    Piece(one.index, one.data, self.claim) if one.index == 2 else one
                    for one in page
                ]

    log = Claiming(SignedLog.of(order(9), order(2)).entries)
    log.claim = SignedLog.of(order(1)).tree().node(0, 2)
    report = audited(log)
    assert [(one.index, one.rule) for one in report.findings] == [
        (2, "leaf-hash"),
        (NOWHERE, "root-hash"),
    ]
    assert "not the one that the log signed" in next(iter(report.findings)).message
    log.claim = bytes(32)
    assert "kept beside" in next(iter(audited(log).findings)).message
    log.claim = b"short"
    assert (2, "leaf-hash") in found(log)


def test_a_source_that_ends_early_or_fails_is_a_finding_but_not_one_that_does_not_answer() -> None:
    class Failing(SignedLog):
        error: Exception = VerificationError("gone", rule="entry-missing")

        def pages(self, start: int, end: int) -> Iterator[Sequence[Piece]]:
            yield next(iter(super().pages(start, end)))
            raise self.error

    log = Failing(SignedLog.of(order(1), order(2)).entries)
    assert (3, "entry-missing") in found(log)
    for error in (UnavailableError("busy", rule="x"), StoreError("failed")):
        log.error = error
        with pytest.raises(type(error)):
            audited(log)


def test_the_log_must_continue_what_was_verified_here_before() -> None:
    log = SignedLog.of(order(1), order(2))
    seen = log.checkpoint(3)
    report = audited(log, Options(processes=1, remembered=seen))
    assert (report.holds, report.remembered) == (True, 3)
    other = SignedLog.of(order(9)).checkpoint()
    assert found(log, Options(processes=1, remembered=other)) == [(NOWHERE, "fork")]
    larger = SignedLog.of(order(1), order(2), order(3)).checkpoint()
    assert found(log, Options(processes=1, remembered=larger)) == [(NOWHERE, "rollback")]
    log.is_latest = False
    assert found(log, Options(processes=1, remembered=larger)) == []
    assert found(log, Options(processes=1, remembered=b"damaged")) == [(NOWHERE, "note-form")]
    assert audited(log, Options(processes=1, remembered=b"damaged")).remembered == 0


def test_a_log_is_audited_as_it_stood_at_an_earlier_size() -> None:
    log = SignedLog.of(order(1), with_bad_signature(order(2)))
    report = audited(log, Options(processes=1, tree_size=3))
    assert (report.holds, report.tree_size) == (True, 3)


def test_times_of_the_run_are_those_of_the_clock_and_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    times = iter([1_000, 2_000])
    report = audited(
        SignedLog.of(order(1), order(2)),
        Options(processes=1, told=lambda *at: told.append(at), clock=lambda: next(times)),
    )
    assert (report.began_ms, report.ended_ms) == (1_000, 2_000)
    assert told == [(0, 4), (3, 4), (4, 4)]


def test_the_log_key_of_the_pin_is_the_one_that_must_have_signed() -> None:
    stranger = log_signer(name="stranger").key
    pin = type(PIN)(PIN.origin, PIN.ledger_id, (stranger,))
    rules = [one.rule for one in audit(SignedLog.of(), pin, Options(processes=1)).findings]
    assert rules == ["pinned-key"]


@pytest.mark.parametrize("noted_down", [False, True])
def test_all_processes_are_waited_for_once_in_a_while_and_not_after_every_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, noted_down: bool
) -> None:
    """While they are waited for nothing is read, and while one reads they have nothing to do."""
    settled: list[int] = []
    settle = Lanes.settle

    def settling(lanes: Lanes) -> tuple[Tally, list[Finding]]:
        settled.append(1)
        return settle(lanes)

    monkeypatch.setattr(auditing, "SAVE_EVERY", 5)
    monkeypatch.setattr(Lanes, "settle", settling)
    log = SignedLog.of(*(order(number) for number in range(18)))
    log.page = 1
    file = ProgressFile(tmp_path / "progress") if noted_down else None
    assert audited(log, Options(processes=1, file=file)).holds
    assert len(settled) == 20 // 5  # The last time is the end.
