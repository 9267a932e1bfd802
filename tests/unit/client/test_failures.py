"""A refusal comes back as the error that the server raised."""

from __future__ import annotations

import asyncio
from pathlib import Path

import grpc
import pytest
from google.protobuf.any_pb2 import Any as Packed
from google.rpc.error_details_pb2 import (  # type: ignore[import-untyped]  # no stubs exist
    BadRequest,
    ErrorInfo,
)
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs exist

from ledger import errors
from ledger.client.calls import Calls
from ledger.client.connection import Connection
from ledger.client.failures import DOMAIN, error_of
from ledger.client.transport import BlockingTransport, LoopTransport, Transport, finished
from ledger.v1 import errors_pb2
from tests.unit.client.served import RefusalError, Served, lying

_TRAILER = "grpc-status-details-bin"


def _details(*, domain: str = DOMAIN, reason: str = "", field: str = "", **facts: str) -> Status:
    status = Status(code=3, message="no")
    info = Packed()
    info.Pack(ErrorInfo(domain=domain, reason=reason, metadata=facts))
    status.details.append(info)
    if field:
        bad = Packed()
        bad.Pack(BadRequest(field_violations=[BadRequest.FieldViolation(field=field)]))
        status.details.append(bad)
    return status


def _failed(
    ledger: Served, code: grpc.StatusCode, message: str = "no", details: bytes | None = None
) -> errors.LedgerError:
    """What a client makes of a call that ends so."""

    def refuse(_: str, __: bytes) -> bytes:
        raise RefusalError(code, message, ((_TRAILER, details),) if details is not None else ())

    with lying(ledger.address, refuse) as address:
        connection = Connection(target=address)
        told = [_told(BlockingTransport(connection)), asyncio.run(_told_on_a_loop(connection))]
    first, second = told
    assert (type(first), vars(first)) == (type(second), vars(second))
    return first


def _told(transport: Transport) -> errors.LedgerError:
    return finished(_refusal(Calls(transport)))


async def _told_on_a_loop(connection: Connection) -> errors.LedgerError:
    return await _refusal(Calls(LoopTransport(connection)))


async def _refusal(calls: Calls) -> errors.LedgerError:
    try:
        await calls.receipt(0)
    except errors.LedgerError as error:
        return error
    finally:
        await calls.close()
    raise AssertionError


REASONS = {
    "INVALID_INPUT": errors.InputError,
    "INVALID_ENVELOPE": errors.EnvelopeError,
    "INVALID_QUESTION": errors.QuestionError,
    "NOT_FOUND": errors.NotFoundError,
    "RULE_REFUSED": errors.RuleError,
    "SIGNATURE_REFUSED": errors.SignatureError,
    "ROLE_REFUSED": errors.RoleError,
    "VERSION_CONFLICT": errors.VersionConflictError,
    "DUPLICATE": errors.DuplicateError,
    "UNAVAILABLE": errors.UnavailableError,
    "INTERNAL": errors.StoreError,
    "LIMIT_EXCEEDED": errors.UnavailableError,
    "ACCESS_DENIED": errors.NotPermittedError,
    "DEADLINE_EXCEEDED": errors.UnavailableError,
}


@pytest.mark.parametrize(("reason", "kind"), REASONS.items())
def test_every_reason_of_the_server_has_its_error(
    ledger: Served, reason: str, kind: type[errors.LedgerError]
) -> None:
    details = _details(reason=f"ERROR_REASON_{reason}", rule="a-rule").SerializeToString()
    error = _failed(ledger, grpc.StatusCode.INVALID_ARGUMENT, "One sentence.", details)
    assert type(error) is kind
    assert error.message == "One sentence."


def test_no_reason_of_the_protos_is_forgotten() -> None:
    known = set(errors_pb2.ErrorReason.keys()) - {"ERROR_REASON_UNSPECIFIED"}
    assert {f"ERROR_REASON_{reason}" for reason in REASONS} == known


def test_field_and_rule_come_along(ledger: Served) -> None:
    details = _details(
        reason="ERROR_REASON_INVALID_INPUT", field="fact.dates", rule="value"
    ).SerializeToString()
    error = _failed(ledger, grpc.StatusCode.INVALID_ARGUMENT, "no", details)
    assert (error.field, error.rule) == ("fact.dates", "value")


def test_the_field_is_found_in_the_metadata_where_no_input_is_at_fault(ledger: Served) -> None:
    facts = {"rule": "once", "field": "envelopes[2].stream"}
    info = Packed()
    info.Pack(ErrorInfo(domain=DOMAIN, reason="ERROR_REASON_RULE_REFUSED", metadata=facts))
    details = Status(code=9, message="no", details=[info])
    error = _failed(ledger, grpc.StatusCode.FAILED_PRECONDITION, "no", details.SerializeToString())
    assert error.field == "envelopes[2].stream"


def test_a_version_conflict_says_both_versions(ledger: Served) -> None:
    details = _details(
        reason="ERROR_REASON_VERSION_CONFLICT", expected="3", actual="5"
    ).SerializeToString()
    error = _failed(ledger, grpc.StatusCode.ABORTED, "no", details)
    assert isinstance(error, errors.VersionConflictError)
    assert (error.expected, error.actual) == (3, 5)


def test_a_version_conflict_that_does_not_count_says_zero(ledger: Served) -> None:
    details = _details(reason="ERROR_REASON_VERSION_CONFLICT", actual="many").SerializeToString()
    error = _failed(ledger, grpc.StatusCode.ABORTED, "no", details)
    assert isinstance(error, errors.VersionConflictError)
    assert (error.expected, error.actual) == (0, 0)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.DEADLINE_EXCEEDED, errors.UnavailableError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, errors.UnavailableError),
        (grpc.StatusCode.UNAUTHENTICATED, errors.NotPermittedError),
        (grpc.StatusCode.NOT_FOUND, errors.NotFoundError),
        (grpc.StatusCode.INTERNAL, errors.StoreError),
        (grpc.StatusCode.UNIMPLEMENTED, errors.StoreError),
    ],
)
def test_a_status_without_details_is_judged_by_its_code(
    ledger: Served, code: grpc.StatusCode, kind: type[errors.LedgerError]
) -> None:
    error = _failed(ledger, code)
    assert type(error) is kind
    assert error.rule == code.name.lower().replace("_", "-")


@pytest.mark.parametrize(
    "details", [b"\xff\xff", _details(domain="elsewhere", reason="NOT_FOUND").SerializeToString()]
)
def test_details_that_are_not_the_ledgers_count_for_nothing(ledger: Served, details: bytes) -> None:
    assert type(_failed(ledger, grpc.StatusCode.NOT_FOUND, "no", details)) is errors.NotFoundError


def test_an_unknown_reason_is_the_servers_fault(ledger: Served) -> None:
    details = _details(reason="ERROR_REASON_OF_TOMORROW").SerializeToString()
    assert type(_failed(ledger, grpc.StatusCode.NOT_FOUND, "no", details)) is errors.StoreError


def test_an_error_that_is_no_call_is_still_ours() -> None:
    assert isinstance(error_of(grpc.RpcError()), errors.StoreError)


def test_nobody_at_the_address_is_unavailable(tmp_path: Path) -> None:
    connection = Connection(target=f"unix:{tmp_path}/nobody")
    failed = _told(BlockingTransport(connection))
    assert isinstance(failed, errors.UnavailableError)
    assert "cannot be reached" in failed.message
