"""What a client is told when a call fails: code, reason, rule and field, from the rich status."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]  # no stubs exist
    BadRequest,
    ErrorInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs exist

from tests.simulator import CALL_S


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failed call.

    Attributes:
        code: The gRPC code's name.
        reason: The ErrorInfo's reason, without its prefix.
        rule: The rule that refused, or "".
        field: The field at fault, or "".
        message: The sentence.
        metadata: All of the ErrorInfo's metadata.
        violations: The fields that BadRequest names.
    """

    code: str
    reason: str
    rule: str
    field: str
    message: str
    metadata: dict[str, str]
    violations: tuple[str, ...]


def refusal_of(call: Callable[..., Any], request: Any, **more: Any) -> Refusal:
    """Make a call that must fail, and read why."""
    try:
        reply = call(request, timeout=CALL_S, **more)
        if isinstance(reply, Iterator):
            list(reply)
    except grpc.RpcError as error:
        return read(error)
    pytest.fail(f"the call was answered: {reply}")


def read(error: Any) -> Refusal:
    """Read the rich status of a failed call, and see that it agrees with the plain one."""
    trailers = {item[0]: item[1] for item in error.trailing_metadata() or ()}
    status, info = Status(), ErrorInfo()
    status.ParseFromString(trailers["grpc-status-details-bin"])
    assert status.code == error.code().value[0]
    assert status.message == error.details()
    assert status.details[0].Unpack(info)
    assert info.domain == "ledger.v1"
    violations: tuple[str, ...] = ()
    if len(status.details) > 1:
        bad = BadRequest()
        assert status.details[1].Unpack(bad)
        violations = tuple(violation.field for violation in bad.field_violations)
    metadata = dict(info.metadata)
    return Refusal(
        code=error.code().name,
        reason=info.reason.removeprefix("ERROR_REASON_"),
        rule=metadata.get("rule", ""),
        field=metadata.get("field", ""),
        message=status.message,
        metadata=metadata,
        violations=violations,
    )
