from __future__ import annotations

import grpc
import pytest
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]  # no stubs exist
    BadRequest,
    ErrorInfo,
)

from ledger.errors import (
    DuplicateError,
    EnvelopeError,
    ForkError,
    InputError,
    KeyFileError,
    LedgerError,
    NotFoundError,
    NotPermittedError,
    QuestionError,
    RecordFormatError,
    RefusedError,
    RoleError,
    RuleError,
    SettingError,
    SignatureError,
    StoreError,
    UnavailableError,
    VersionConflictError,
)
from ledger.service.status import DOMAIN, outcome_of, status_of

CODES = {
    InputError: ("INVALID_ARGUMENT", "INVALID_INPUT"),
    RecordFormatError: ("INVALID_ARGUMENT", "INVALID_INPUT"),
    EnvelopeError: ("INVALID_ARGUMENT", "INVALID_ENVELOPE"),
    QuestionError: ("INVALID_ARGUMENT", "INVALID_QUESTION"),
    NotFoundError: ("NOT_FOUND", "NOT_FOUND"),
    RuleError: ("FAILED_PRECONDITION", "RULE_REFUSED"),
    RefusedError: ("FAILED_PRECONDITION", "RULE_REFUSED"),
    SignatureError: ("PERMISSION_DENIED", "SIGNATURE_REFUSED"),
    RoleError: ("PERMISSION_DENIED", "ROLE_REFUSED"),
    NotPermittedError: ("PERMISSION_DENIED", "ROLE_REFUSED"),
    DuplicateError: ("ALREADY_EXISTS", "DUPLICATE"),
    UnavailableError: ("UNAVAILABLE", "UNAVAILABLE"),
    StoreError: ("INTERNAL", "INTERNAL"),
    ForkError: ("INTERNAL", "INTERNAL"),
    KeyFileError: ("INTERNAL", "INTERNAL"),
    SettingError: ("INTERNAL", "INTERNAL"),
    LedgerError: ("INTERNAL", "INTERNAL"),
}


def info_of(error: BaseException) -> ErrorInfo:
    info = ErrorInfo()
    assert status_of(error).details[0].Unpack(info)
    return info


@pytest.mark.parametrize(("kind", "expected"), CODES.items())
def test_each_kind_of_error_has_a_code_and_a_reason(
    kind: type[LedgerError], expected: tuple[str, str]
) -> None:
    code, reason = expected
    error = kind("A sentence.", field="a.field", rule="a-rule")

    assert outcome_of(error).code.name == code
    assert status_of(error).code == grpc.StatusCode[code].value[0]
    assert info_of(error).domain == DOMAIN
    assert info_of(error).reason == f"ERROR_REASON_{reason}"


def test_a_stale_version_says_what_was_expected_and_what_is() -> None:
    error = VersionConflictError("Stale.", expected=3, actual=5)

    assert outcome_of(error).code is grpc.StatusCode.ABORTED
    assert dict(info_of(error).metadata) == {
        "rule": "expected-version",
        "field": "expected_version",
        "expected": "3",
        "actual": "5",
    }


def test_bad_input_names_the_field_at_fault() -> None:
    error = InputError("Not a month.", field="dates.effective", rule="value")
    violations = BadRequest()

    assert status_of(error).details[1].Unpack(violations)

    (violation,) = violations.field_violations
    assert violation.field == "dates.effective"
    assert violation.description == "Not a month."
    assert violation.reason == "value"


def test_a_refusal_carries_no_bad_request() -> None:
    assert len(status_of(RuleError("No.", rule="a-rule")).details) == 1


@pytest.mark.parametrize(
    "error", [KeyError("secret"), StoreError("secret", field="secret", rule="secret")]
)
def test_what_was_not_foreseen_leaves_without_a_word_of_its_cause(error: Exception) -> None:
    status = status_of(error)

    assert status.code == grpc.StatusCode.INTERNAL.value[0]
    assert b"secret" not in status.SerializeToString()


@pytest.mark.parametrize("text", ["x" * 9_000, "é" * 9_000, "\U0001f512" * 9_000])
def test_a_long_message_is_cut_to_what_trailers_hold(text: str) -> None:
    status = status_of(InputError(text, field=text, rule="value"))

    assert status.message.endswith("…")
    assert len(status.SerializeToString()) < 3_000


def test_text_that_cannot_be_encoded_leaves_all_the_same() -> None:
    assert status_of(InputError("lone \ud800 surrogate")).message == "lone ? surrogate"
