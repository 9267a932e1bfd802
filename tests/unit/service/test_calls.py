from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, cast

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from ledger.service.calls import ByName, Call, Context, Stage
from ledger.service.interceptors import mapping_errors
from ledger.v1 import services_pb2_grpc
from tests.unit.service.served import call, path, play, refused, reply_stream, serving, unary


async def echo(request: StringValue, _: Context) -> StringValue:
    return request


async def repeat(request: StringValue, _: Context) -> AsyncIterator[StringValue]:
    for _turn in range(3):
        yield request


async def write_twice(request: StringValue, context: Context) -> None:
    await context.write(request)
    await context.write(request)


async def join(requests: AsyncIterator[StringValue], _: Context) -> StringValue:
    return StringValue(value="".join([request.value async for request in requests]))


async def answer_each(
    requests: AsyncIterator[StringValue], _: Context
) -> AsyncIterator[StringValue]:
    async for request in requests:
        yield StringValue(value=request.value.upper())


METHODS = {
    "Echo": unary(echo),
    "Repeat": reply_stream(repeat),
    "WriteTwice": reply_stream(write_twice),
    "Join": grpc.stream_unary_rpc_method_handler(
        join, StringValue.FromString, StringValue.SerializeToString
    ),
    "AnswerEach": grpc.stream_stream_rpc_method_handler(
        answer_each, StringValue.FromString, StringValue.SerializeToString
    ),
    "Bytes": grpc.unary_unary_rpc_method_handler(echo),
}


def noting(name: str, notes: list[str]) -> Stage:
    @asynccontextmanager
    async def stage(call: Call) -> AsyncIterator[None]:
        notes.append(f"{name} in, {call.received_bytes} bytes")
        yield
        notes.append(f"{name} out, {call.received_bytes} bytes")

    return stage


def test_stages_surround_the_method_outermost_first_and_parsing_inside_all() -> None:
    notes: list[str] = []

    async def scene() -> str:
        stages = [noting("outer", notes), noting("inner", notes)]
        async with serving(stages, METHODS) as channel:
            return await call(channel, "Echo", "hello")

    assert play(scene()) == "hello"
    assert notes == [
        "outer in, 0 bytes",
        "inner in, 0 bytes",
        "inner out, 7 bytes",
        "outer out, 7 bytes",
    ]


def values(replies: list[bytes]) -> list[str]:
    return [StringValue.FromString(reply).value for reply in replies]


@pytest.mark.parametrize(("method", "count"), [("Repeat", 3), ("WriteTwice", 2)])
def test_replies_stream_through_the_stages(method: str, count: int) -> None:
    notes: list[str] = []

    async def scene() -> list[bytes]:
        async with serving([noting("stage", notes)], METHODS) as channel:
            request = StringValue(value="x").SerializeToString()
            return [reply async for reply in channel.unary_stream(path(method))(request)]

    assert values(play(scene())) == ["x"] * count
    assert notes[-1].startswith("stage out")


async def requests() -> AsyncIterator[bytes]:
    for text in ("a", "b"):
        yield StringValue(value=text).SerializeToString()


def test_requests_stream_through_the_stages() -> None:
    async def scene() -> list[bytes]:
        async with serving([noting("stage", [])], METHODS) as channel:
            return [await channel.stream_unary(path("Join"))(requests())]

    assert values(play(scene())) == ["ab"]


def test_both_sides_stream_through_the_stages() -> None:
    async def scene() -> list[bytes]:
        async with serving([noting("stage", [])], METHODS) as channel:
            return [reply async for reply in channel.stream_stream(path("AnswerEach"))(requests())]

    assert values(play(scene())) == ["A", "B"]


def test_a_method_over_bytes_is_handed_them_as_they_are() -> None:
    async def scene() -> bytes:
        async with serving([], METHODS) as channel:
            reply: bytes = await channel.unary_unary(path("Bytes"))(b"\xff")
            return reply

    assert play(scene()) == b"\xff"


@pytest.mark.parametrize("request_bytes", [b"\xff", b"\x0a\x02\xc3\x28"])
def test_bytes_that_do_not_parse_are_bad_input(request_bytes: bytes) -> None:
    async def scene() -> grpc.aio.AioRpcError:
        async with serving([mapping_errors], METHODS) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary(path("Echo"))(request_bytes)
            return caught.value

    error = play(scene())

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == f"The request is not a message that {path('Echo')} takes."


def test_a_method_that_does_not_exist_is_unimplemented() -> None:
    async def scene() -> grpc.StatusCode:
        async with serving([noting("stage", [])], METHODS) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call(channel, "Missing")
            return caught.value.code()

    assert play(scene()) is grpc.StatusCode.UNIMPLEMENTED


def test_a_stream_that_its_client_leaves_is_closed_inside_its_stages() -> None:
    notes: list[str] = []
    left = asyncio.Event()

    @asynccontextmanager
    async def noticing(_: Call) -> AsyncIterator[None]:
        try:
            yield
        finally:
            notes.append("stage left")
            left.set()

    async def endless(request: StringValue, _: Context) -> AsyncIterator[StringValue]:
        try:
            while True:
                yield request
                await asyncio.sleep(0)
        finally:
            notes.append("method left")

    async def scene() -> None:
        async with serving([noticing], {"Endless": reply_stream(endless)}) as channel:
            replies = channel.unary_stream(path("Endless"))(b"")
            await replies.read()
            replies.cancel()
            await left.wait()

    play(scene())

    assert notes == ["method left", "stage left"]


def test_an_error_in_a_stream_is_mapped_after_its_replies() -> None:
    async def fails(request: StringValue, _: Context) -> AsyncIterator[StringValue]:
        yield request
        raise KeyError("secret")

    async def scene() -> tuple[int, grpc.aio.AioRpcError]:
        count = 0
        async with serving([mapping_errors], {"Fails": reply_stream(fails)}) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:  # noqa: PT012 - replies come first
                async for _ in channel.unary_stream(path("Fails"))(b""):
                    count += 1
            return count, caught.value

    count, error = play(scene())

    assert count == 1
    assert error.code() is grpc.StatusCode.INTERNAL
    assert "secret" not in str(error)


def test_the_harness_notices_an_answer_where_a_refusal_is_due() -> None:
    async def scene() -> None:
        async with serving([], METHODS) as channel:
            await refused(channel, "Echo")

    with pytest.raises(AssertionError, match="was answered"):
        play(scene())


class Told:
    """A server that only notes what it is told of."""

    def __init__(self) -> None:
        self.generic: list[object] = []
        self.registered: list[str] = []

    def add_generic_rpc_handlers(self, handlers: Iterable[object]) -> None:
        self.generic += handlers

    def add_registered_method_handlers(self, service: str, _: object) -> None:
        self.registered.append(service)


def test_a_service_is_added_by_name_and_its_methods_are_not_registered_besides() -> None:
    told = Told()
    server = cast("grpc.aio.Server", ByName(cast("grpc.aio.Server", told)))
    servicer = cast("Any", services_pb2_grpc.LogServiceServicer)()

    services_pb2_grpc.add_LogServiceServicer_to_server(servicer, server)

    assert len(told.generic) == 1
    assert told.registered == []
