"""The stages around every call, in the order in which ``stages`` gives them.

Errors are mapped outermost, since grpcio would send an exception's text to the client; who may
not call is turned away before anything of the request is parsed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import grpc

from ledger.service.calls import Call, Stage
from ledger.service.identity import ANONYMOUS, LOCAL, Access, Caller, Identities
from ledger.service.limits import Places, RateLimit
from ledger.service.metrics import Metrics
from ledger.service.status import Outcome, outcome_of, refusal, status_of
from ledger.settings import Settings
from ledger.v1 import errors_pb2 as errors

_log: Final = logging.getLogger("ledger.calls")

_UNKNOWN_CALLER: Final = Outcome(grpc.StatusCode.UNAUTHENTICATED, errors.ERROR_REASON_ACCESS_DENIED)
_FORBIDDEN: Final = Outcome(grpc.StatusCode.PERMISSION_DENIED, errors.ERROR_REASON_ACCESS_DENIED)
_TOO_MUCH: Final = Outcome(grpc.StatusCode.RESOURCE_EXHAUSTED, errors.ERROR_REASON_LIMIT_EXCEEDED)
_TOO_LATE: Final = Outcome(grpc.StatusCode.DEADLINE_EXCEEDED, errors.ERROR_REASON_DEADLINE_EXCEEDED)


def stages(
    settings: Settings,
    *,
    identities: Identities | None,
    access: Mapping[str, Access],
    metrics: Metrics,
    clock: Callable[[], float] = time.monotonic,
) -> Sequence[Stage]:
    """Everything that stands around a call, the outermost first.

    Args:
        settings: The limits.
        identities: Who may call; None on loopback, where everybody may read and submit.
        access: What each method asks of its caller; a method that is not in it is for nobody.
        metrics: Where calls are counted.
        clock: Seconds that never go back.
    """
    return (
        mapping_errors,
        logging_and_counting(metrics, clock=clock),
        authenticating(identities),
        authorizing(access),
        capping_deadlines(settings.deadline_ms_max, settings.stream_deadline_ms_max),
        limiting(
            Places(settings.calls_under_way_max),
            RateLimit(settings.calls_per_second_max, clock=clock),
        ),
    )


@asynccontextmanager
async def mapping_errors(call: Call) -> AsyncIterator[None]:
    """Send what was raised on purpose as its status, and anything else as INTERNAL."""
    try:
        yield
    except grpc.aio.AbortError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its text must not leave
        if outcome_of(error).code is grpc.StatusCode.INTERNAL:
            _log.error("%s failed", call.method, exc_info=error)
        await call.abort(status_of(error))


def logging_and_counting(metrics: Metrics, *, clock: Callable[[], float]) -> Stage:
    """Write one line for each call and count it, however it ends."""

    @asynccontextmanager
    async def stage(call: Call) -> AsyncIterator[None]:
        name = call.method.removeprefix("/")
        started = clock()
        metrics.start(name)
        status = grpc.StatusCode.OK
        rule = ""
        try:
            yield
        except asyncio.CancelledError:
            status = grpc.StatusCode.CANCELLED
            raise
        except grpc.aio.AbortError:
            status = call.context.code()
            raise
        except Exception as error:
            status = outcome_of(error).code
            rule = getattr(error, "rule", "")
            raise
        finally:
            seconds = clock() - started
            metrics.end(name, status.name, seconds=seconds, received_bytes=call.received_bytes)
            _log.info(
                "call",
                extra={
                    "method": name,
                    "status": status.name,
                    "rule": rule,
                    "caller": call.caller.name,
                    "peer": call.context.peer(),
                    "received_bytes": call.received_bytes,
                    "duration_ms": round(seconds * 1_000, 3),
                },
            )

    return stage


def authenticating(identities: Identities | None) -> Stage:
    """Find out who calls."""

    @asynccontextmanager
    async def stage(call: Call) -> AsyncIterator[None]:
        caller = LOCAL if identities is None else _identify(identities, call)
        if caller is None:
            message = "The token or certificate shown is not known here."
            await call.abort(refusal(_UNKNOWN_CALLER, message, rule="caller-known"))
        call.caller = caller
        yield

    return stage


def _identify(identities: Identities, call: Call) -> Caller | None:
    shown = dict(call.context.invocation_metadata() or ()).get("authorization")
    authorization = shown.decode("utf-8", "replace") if isinstance(shown, bytes) else shown
    return identities.identify(authorization, call.context.auth_context())


def authorizing(access: Mapping[str, Access]) -> Stage:
    """Let in whoever has the access that the method asks; a method without a row is for nobody."""

    @asynccontextmanager
    async def stage(call: Call) -> AsyncIterator[None]:
        asked = access.get(call.method)
        if asked is None or call.caller.access < asked:
            if call.caller is ANONYMOUS:
                message = "Show a bearer token or a client certificate."
                await call.abort(refusal(_UNKNOWN_CALLER, message, rule="caller-named"))
            message = f"{call.method} is not for {call.caller.name}."
            await call.abort(refusal(_FORBIDDEN, message, rule="access"))
        yield

    return stage


def capping_deadlines(deadline_ms: int, stream_deadline_ms: int) -> Stage:
    """End a call after so long, whatever its client is willing to wait.

    A client's shorter deadline is kept by grpcio itself.
    """

    @asynccontextmanager
    async def stage(call: Call) -> AsyncIterator[None]:
        cap_ms = stream_deadline_ms if call.streaming else deadline_ms
        try:
            async with asyncio.timeout(cap_ms / 1_000) as timeout:
                yield
        except TimeoutError:
            if not timeout.expired():
                raise
            message = f"The server gives this call {cap_ms} ms at most."
            await call.abort(refusal(_TOO_LATE, message, rule="deadline"))

    return stage


def limiting(places: Places, rate: RateLimit) -> Stage:
    """Turn away what is too much: of one caller in a second, or of all at once."""

    @asynccontextmanager
    async def stage(call: Call) -> AsyncIterator[None]:
        if not rate.take(call.caller.name or call.context.peer().rpartition(":")[0]):
            message = "So many calls a second are too many; slow down."
            await call.abort(refusal(_TOO_MUCH, message, rule="rate-limit"))
        if not places.take():
            message = "So many calls at once are too many; try again."
            await call.abort(refusal(_TOO_MUCH, message, rule="calls-under-way"))
        try:
            yield
        finally:
            places.give_back()

    return stage
