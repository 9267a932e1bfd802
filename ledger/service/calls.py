"""What stands around every call: stages, the outermost first.

A stage is an async context manager over a ``Call``. Stages wrap unary and streaming methods alike,
and they see raw bytes: a request is parsed inside all of them, so that nobody reaches a parser
before being let in, and so that bytes that do not parse leave as an error of ours, not grpcio's.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias, TypeVar, cast, final

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs exist

from ledger.errors import InputError
from ledger.service.identity import ANONYMOUS, Caller
from ledger.service.status import CODES, DETAILS_TRAILER

# Any: one pipeline serves every method, whatever messages it takes and gives.
Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

_MessageT = TypeVar("_MessageT", bound=Message)

if TYPE_CHECKING:
    # Generic for type checkers only.
    Handler: TypeAlias = grpc.RpcMethodHandler[Any, Any]


@dataclass(slots=True)
class Call:
    """One call on its way in and out.

    Attributes:
        method: ``/package.Service/Method``.
        context: What grpcio knows of it.
        streaming: Whether either side may send more than one message.
        caller: Who calls, once authenticated.
        received_bytes: Of the requests so far.
    """

    method: str
    context: Context
    streaming: bool
    caller: Caller = ANONYMOUS
    received_bytes: int = 0

    async def abort(self, status: Status) -> NoReturn:
        """End the call with a rich status.

        Raises:
            grpc.aio.AbortError: Always; grpcio sends the status when it arrives at the top.
        """
        trailer = (DETAILS_TRAILER, status.SerializeToString())
        await self.context.abort(CODES[status.code], status.message, (trailer,))


Stage: TypeAlias = Callable[[Call], AbstractAsyncContextManager[None]]

# What answers a call, given what was received. Any: bytes, or a stream of them.
Answering: TypeAlias = Callable[[Call, Any], Awaitable[Any]]


@final
class Pipeline(grpc.aio.ServerInterceptor):
    """The one interceptor: it puts the stages around every method of the server."""

    def __init__(self, stages: Sequence[Stage]) -> None:
        self._stages = tuple(stages)
        self._wrapped: dict[str, Handler] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Handler | None:
        """Give the method's handler with the stages around it; None where there is no method."""
        method = handler_call_details.method
        if method not in self._wrapped:
            handler = await continuation(handler_call_details)
            if handler is None:
                return None
            self._wrapped[method] = self._surround(method, handler)
        return self._wrapped[method]

    def _surround(self, method: str, handler: Handler) -> Handler:
        """A handler of the same arity over bytes, which runs the stages and then the method."""
        streaming = handler.request_streaming or handler.response_streaming
        answer: Answering = partial(_serve, handler)
        for stage in reversed(self._stages):
            answer = _within(stage, answer)

        async def run(received: Any, context: Context) -> Any:
            return await answer(Call(method, context, streaming), received)

        make = _MAKERS[handler.request_streaming, handler.response_streaming]
        return make(run, response_serializer=partial(_written, handler.response_serializer))


@final
class ByName:
    """What generated code adds a service to, so that its methods are found by name alone.

    It would also register each method with grpcio, whose loop since 1.82 looks through all that are
    registered for every call that comes (grpc/grpc, pull requests 41796 and 43461): with fifty of
    them that takes longer than a small call itself.

    Args:
        server: The server that the services are added to.
    """

    def __init__(self, server: grpc.aio.Server) -> None:
        self.add_generic_rpc_handlers = server.add_generic_rpc_handlers

    def add_registered_method_handlers(self, *_: object) -> None:
        """Register nothing; the same handlers come as generic ones."""


def _written(serialize: Callable[[Any], bytes] | None, reply: Any) -> bytes:
    """A reply's bytes, which it may be already."""
    if serialize is None or isinstance(reply, bytes):
        return bytes(reply)
    return serialize(reply)


def ready(kind: type[_MessageT], data: bytes) -> _MessageT:  # noqa: ARG001 - for types alone
    """A reply that a method gives in its bytes, because it has them, as the message they are.

    Args:
        kind: The message's type, for readers and type checkers; nothing is parsed.
        data: The serialized message.
    """
    return cast("_MessageT", data)


_MAKERS: Final = {
    (False, False): grpc.unary_unary_rpc_method_handler,
    (False, True): grpc.unary_stream_rpc_method_handler,
    (True, False): grpc.stream_unary_rpc_method_handler,
    (True, True): grpc.stream_stream_rpc_method_handler,
}


def _within(stage: Stage, answer: Answering) -> Answering:
    """The same answer with a stage around it."""

    async def staged(call: Call, received: Any) -> Any:
        async with stage(call):
            return await answer(call, received)

    return staged


async def _serve(handler: Handler, call: Call, received: Any) -> Any:
    """Parse what came and run the method; replies of a stream are written from here."""
    behavior: Any = (
        handler.unary_unary or handler.unary_stream or handler.stream_unary or handler.stream_stream
    )
    parse = _parse_all if handler.request_streaming else _parse
    replies = behavior(parse(handler, call, received), call.context)
    if not isinstance(replies, AsyncGenerator):
        # A streaming method may also be a coroutine that writes by itself: health's Watch is one.
        return await replies
    async with aclosing(replies):
        async for reply in replies:
            await call.context.write(reply)
    return None


def _parse(handler: Handler, call: Call, received: bytes) -> Any:
    """One request of bytes."""
    call.received_bytes += len(received)
    if handler.request_deserializer is None:
        return received
    try:
        return handler.request_deserializer(received)
    except DecodeError as error:
        raise InputError(
            f"The request is not a message that {call.method} takes.",
            field="request",
            rule="protobuf",
        ) from error


async def _parse_all(
    handler: Handler, call: Call, received: AsyncIterator[bytes]
) -> AsyncIterator[Any]:
    """A stream of requests, parsed one by one as they come."""
    async for request in received:
        yield _parse(handler, call, request)
