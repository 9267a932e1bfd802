"""How an error leaves: a gRPC code, a sentence, and details that a program can read.

The details travel as ``google.rpc.Status`` in the trailer ``grpc-status-details-bin``: always an
ErrorInfo of domain ``ledger.v1`` whose reason is an ``ErrorReason``, and a BadRequest where input
is at fault. What was not raised on purpose leaves as INTERNAL and says nothing of its cause.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import grpc
from google.protobuf.any_pb2 import Any
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]  # no stubs exist
    BadRequest,
    ErrorInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs exist

from ledger.errors import (
    DuplicateError,
    EnvelopeError,
    ErasedError,
    InputError,
    KeyFileError,
    LedgerError,
    NoteError,
    NotFoundError,
    NotPermittedError,
    QuestionError,
    RefusedError,
    RoleError,
    SettingError,
    SignatureError,
    SignerError,
    UnavailableError,
    VersionConflictError,
)
from ledger.v1 import errors_pb2 as errors

DOMAIN: Final = "ledger.v1"
DETAILS_TRAILER: Final = "grpc-status-details-bin"

# A client drops a reply whose trailers exceed 8 KiB, and the sentence is in them three times, once
# percent-encoded; so long words of a caller that an error repeats are cut.
_MESSAGE_BYTES_MAX: Final = 1_024
_VALUE_BYTES_MAX: Final = 256

_INTERNAL_MESSAGE: Final = "The ledger failed. The fault is not in the request."


class Outcome(NamedTuple):
    """What a kind of error is on the wire."""

    code: grpc.StatusCode
    reason: errors.ErrorReason.ValueType


_INTERNAL: Final = Outcome(grpc.StatusCode.INTERNAL, errors.ERROR_REASON_INTERNAL)
_OUTCOMES: Final[dict[type[LedgerError], Outcome]] = {
    EnvelopeError: Outcome(grpc.StatusCode.INVALID_ARGUMENT, errors.ERROR_REASON_INVALID_ENVELOPE),
    QuestionError: Outcome(grpc.StatusCode.INVALID_ARGUMENT, errors.ERROR_REASON_INVALID_QUESTION),
    InputError: Outcome(grpc.StatusCode.INVALID_ARGUMENT, errors.ERROR_REASON_INVALID_INPUT),
    NotFoundError: Outcome(grpc.StatusCode.NOT_FOUND, errors.ERROR_REASON_NOT_FOUND),
    RoleError: Outcome(grpc.StatusCode.PERMISSION_DENIED, errors.ERROR_REASON_ROLE_REFUSED),
    SignatureError: Outcome(
        grpc.StatusCode.PERMISSION_DENIED, errors.ERROR_REASON_SIGNATURE_REFUSED
    ),
    NotPermittedError: Outcome(grpc.StatusCode.PERMISSION_DENIED, errors.ERROR_REASON_ROLE_REFUSED),
    VersionConflictError: Outcome(grpc.StatusCode.ABORTED, errors.ERROR_REASON_VERSION_CONFLICT),
    DuplicateError: Outcome(grpc.StatusCode.ALREADY_EXISTS, errors.ERROR_REASON_DUPLICATE),
    RefusedError: Outcome(grpc.StatusCode.FAILED_PRECONDITION, errors.ERROR_REASON_RULE_REFUSED),
    UnavailableError: Outcome(grpc.StatusCode.UNAVAILABLE, errors.ERROR_REASON_UNAVAILABLE),
    # Requests carry no notes, key files or settings: a bad one is the server's own.
    NoteError: _INTERNAL,
    KeyFileError: _INTERNAL,
    SignerError: _INTERNAL,
    SettingError: _INTERNAL,
}


def outcome_of(error: BaseException) -> Outcome:
    """The code and reason of an error, that of its nearest ancestor in the table."""
    for ancestor in type(error).__mro__:
        if ancestor in _OUTCOMES:
            return _OUTCOMES[ancestor]
    return _INTERNAL


def status_of(error: BaseException) -> Status:
    """The rich status of an error; INTERNAL, without a word of it, where none is foreseen."""
    outcome = outcome_of(error)
    if outcome is _INTERNAL or not isinstance(error, LedgerError):
        return _status(_INTERNAL, _INTERNAL_MESSAGE, {})
    facts = {"rule": error.rule, "field": error.field}
    if isinstance(error, VersionConflictError):
        facts |= {"expected": str(error.expected), "actual": str(error.actual)}
    if isinstance(error, ErasedError):
        facts["erased_at_index"] = str(error.index)
    return _status(outcome, error.message, facts)


def refusal(outcome: Outcome, message: str, *, rule: str) -> Status:
    """The status of a call that the edge itself turns away, before or instead of its method."""
    return _status(outcome, message, {"rule": rule})


CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
"""gRPC's codes by their numbers."""


def _status(outcome: Outcome, message: str, facts: dict[str, str]) -> Status:
    """Put together code, sentence, ErrorInfo and, for bad input, the field at fault."""
    sentence = _cut(message, _MESSAGE_BYTES_MAX)
    info = ErrorInfo(
        domain=DOMAIN,
        reason=errors.ErrorReason.Name(outcome.reason),
        metadata={name: _cut(value, _VALUE_BYTES_MAX) for name, value in facts.items() if value},
    )
    details = [_packed(info)]
    if outcome.code is grpc.StatusCode.INVALID_ARGUMENT:
        field = _cut(facts.get("field", ""), _VALUE_BYTES_MAX)
        violation = BadRequest.FieldViolation(
            field=field, description=sentence, reason=facts.get("rule", "")
        )
        details.append(_packed(BadRequest(field_violations=[violation])))
    return Status(code=outcome.code.value[0], message=sentence, details=details)


def _packed(message: ErrorInfo | BadRequest) -> Any:
    packed = Any()
    packed.Pack(message)
    return packed


def _cut(text: str, bytes_max: int) -> str:
    """At most so many bytes of UTF-8, ending in an ellipsis where something was cut."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= bytes_max:
        return encoded.decode()
    return encoded[: bytes_max - 3].decode("utf-8", "ignore") + "…"
