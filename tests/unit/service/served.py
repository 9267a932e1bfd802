"""A real grpc.aio server on a free port, with stages around toy methods over bytes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import grpc
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped]  # no stubs exist
from google.rpc.status_pb2 import Status  # type: ignore[import-untyped]  # no stubs exist

from ledger.service.calls import Pipeline, Stage

T = TypeVar("T")
Behavior = Callable[..., Any]
# Any: the multi-callables of a channel are generic in messages that toys have none of.
Channel = Any

SERVICE = "toys.Toys"


def path(method: str) -> str:
    """A toy method's full name."""
    return f"/{SERVICE}/{method}"


def unary(behavior: Behavior) -> Any:
    """A method that takes one StringValue and gives one."""
    return grpc.unary_unary_rpc_method_handler(
        behavior, StringValue.FromString, StringValue.SerializeToString
    )


def reply_stream(behavior: Behavior) -> Any:
    """A method that takes one StringValue and gives several."""
    return grpc.unary_stream_rpc_method_handler(
        behavior, StringValue.FromString, StringValue.SerializeToString
    )


@asynccontextmanager
async def serving(stages: Sequence[Stage], methods: Mapping[str, Any]) -> AsyncIterator[Channel]:
    """A channel to a server with these methods, and the stages around each."""
    server = grpc.aio.server(interceptors=[Pipeline(stages)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, dict(methods)),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(0)


def play(scene: Coroutine[Any, Any, T]) -> T:
    """Run a scene on a loop of its own; it fails rather than hangs."""
    return asyncio.run(asyncio.wait_for(scene, 20))


async def call(channel: Channel, method: str, text: str = "", **more: Any) -> str:
    """Call a unary toy."""
    request = StringValue(value=text).SerializeToString()
    reply = await channel.unary_unary(path(method))(request, **more)
    return StringValue.FromString(reply).value


async def refused(channel: Channel, method: str, **more: Any) -> tuple[str, str, str]:
    """Call a unary toy that fails: its code, its sentence, and the rule in its details."""
    try:
        await call(channel, method, **more)
    except grpc.aio.AioRpcError as error:
        return error.code().name, error.details() or "", rule_in(error)
    message = "the call was answered"
    raise AssertionError(message)


def rule_in(error: grpc.aio.AioRpcError) -> str:
    """The rule that the rich status of an error names, "" where there is none."""
    trailers = dict(iter(error.trailing_metadata() or ()))
    status, info = Status(), ErrorInfo()
    status.ParseFromString(trailers["grpc-status-details-bin"])
    assert status.details[0].Unpack(info)
    return str(info.metadata.get("rule", ""))
