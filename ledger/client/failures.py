"""How a refusal comes back: from a gRPC status to the project's own errors.

The server packs ``google.rpc.ErrorInfo`` and, for bad input, ``BadRequest`` into the status. What
comes without them did not come from the ledger itself: a proxy, a dead connection, a deadline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
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
    LedgerError,
    NotFoundError,
    NotPermittedError,
    QuestionError,
    RoleError,
    RuleError,
    SignatureError,
    StoreError,
    UnavailableError,
    VersionConflictError,
)
from ledger.v1 import errors_pb2

DOMAIN: Final = "ledger.v1"
_DETAILS_TRAILER: Final = "grpc-status-details-bin"

_KINDS: Final[Mapping[str, type[LedgerError]]] = {
    errors_pb2.ErrorReason.Name(reason): kind
    for reason, kind in (
        (errors_pb2.ERROR_REASON_INVALID_INPUT, InputError),
        (errors_pb2.ERROR_REASON_INVALID_ENVELOPE, EnvelopeError),
        (errors_pb2.ERROR_REASON_INVALID_QUESTION, QuestionError),
        (errors_pb2.ERROR_REASON_NOT_FOUND, NotFoundError),
        (errors_pb2.ERROR_REASON_RULE_REFUSED, RuleError),
        (errors_pb2.ERROR_REASON_SIGNATURE_REFUSED, SignatureError),
        (errors_pb2.ERROR_REASON_ROLE_REFUSED, RoleError),
        (errors_pb2.ERROR_REASON_DUPLICATE, DuplicateError),
        (errors_pb2.ERROR_REASON_UNAVAILABLE, UnavailableError),
        (errors_pb2.ERROR_REASON_LIMIT_EXCEEDED, UnavailableError),
        (errors_pb2.ERROR_REASON_DEADLINE_EXCEEDED, UnavailableError),
        (errors_pb2.ERROR_REASON_INTERNAL, StoreError),
        (errors_pb2.ERROR_REASON_ACCESS_DENIED, NotPermittedError),
    )
}
_VERSION_CONFLICT: Final = errors_pb2.ErrorReason.Name(errors_pb2.ERROR_REASON_VERSION_CONFLICT)

_UNKNOWN: Final = grpc.StatusCode.UNKNOWN
_ERASED_RULE: Final = "attachment-erased"

_BARE: Final[Mapping[grpc.StatusCode, type[LedgerError]]] = {
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: UnavailableError,
    grpc.StatusCode.RESOURCE_EXHAUSTED: UnavailableError,
    grpc.StatusCode.CANCELLED: UnavailableError,
    grpc.StatusCode.INVALID_ARGUMENT: InputError,
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.UNAUTHENTICATED: NotPermittedError,
    grpc.StatusCode.PERMISSION_DENIED: NotPermittedError,
}


@dataclass(frozen=True, slots=True)
class _Details:
    """What the ledger says of a refusal: its reason, the field at fault, and further facts."""

    reason: str = ""
    field: str = ""
    facts: Mapping[str, str] | None = None


@contextmanager
def translated() -> Iterator[None]:
    """Let a failed rpc leave as one of the project's errors.

    Raises:
        LedgerError: Of the class that the server's reason names, with its field and rule; where
            the status has no details, UnavailableError for what may pass by itself.
    """
    try:
        yield
    except grpc.RpcError as failure:
        raise error_of(failure) from failure


def error_of(failure: grpc.RpcError) -> LedgerError:
    """The project's error that a failed rpc stands for."""
    call = _as_call(failure)
    code = call.code() if call else _UNKNOWN
    sentence = (call.details() if call else "") or ""
    return _error(code, sentence, _details_of(call))


def error_of_status(packed: bytes) -> LedgerError:
    """The project's error that a serialized ``google.rpc.Status`` stands for."""
    try:
        status = Status.FromString(packed)
    except DecodeError:
        return StoreError("The ledger refused, and its reason does not parse.", rule="refusal")
    code = next((c for c in grpc.StatusCode if c.value[0] == status.code), _UNKNOWN)
    return _error(code, status.message, _unpacked(status))


def _error(code: grpc.StatusCode, sentence: str, details: _Details) -> LedgerError:
    facts = details.facts or {}
    field = details.field or facts.get("field", "")
    rule = facts.get("rule", "")
    if details.reason == _VERSION_CONFLICT:
        error = VersionConflictError(
            sentence, expected=_count(facts, "expected"), actual=_count(facts, "actual")
        )
        error.field = field or error.field
        return error
    if rule == _ERASED_RULE:
        return ErasedError(sentence, index=_count(facts, "erased_at_index"))
    if details.reason:
        return _KINDS.get(details.reason, StoreError)(sentence, field=field, rule=rule)
    kind = _BARE.get(code, StoreError)
    return kind(_without_details(code, sentence), rule=code.name.lower().replace("_", "-"))


def _as_call(failure: object) -> grpc.Call | grpc.aio.AioRpcError | None:
    """What grpcio raises is an RpcError and a Call, two classes that do not know each other.

    On an event loop it raises a class of its own, with the same methods.
    """
    return failure if isinstance(failure, grpc.Call | grpc.aio.AioRpcError) else None


def _details_of(call: grpc.Call | grpc.aio.AioRpcError | None) -> _Details:
    """The rich status in the trailers, or nothing where it is missing or does not parse."""
    trailers = call.trailing_metadata() if call else ()
    packed = next((value for key, value in trailers or () if key == _DETAILS_TRAILER), None)
    if not isinstance(packed, bytes):
        return _Details()
    try:
        return _unpacked(Status.FromString(packed))
    except DecodeError:
        return _Details()


def _unpacked(status: Status) -> _Details:
    reason, field, facts = "", "", {}
    for detail in status.details:
        info, bad = ErrorInfo(), BadRequest()
        if detail.Unpack(info) and info.domain == DOMAIN:
            reason, facts = info.reason, dict(info.metadata)
        elif detail.Unpack(bad) and bad.field_violations:
            field = bad.field_violations[0].field
    return _Details(reason, field, facts)


def _count(facts: Mapping[str, str], name: str) -> int:
    text = facts.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _without_details(code: grpc.StatusCode, sentence: str) -> str:
    if code is grpc.StatusCode.UNAVAILABLE:
        return f"The ledger cannot be reached ({sentence})."
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return "The ledger did not answer in time."
    return f"The call failed: {code.name} {sentence}".rstrip()
