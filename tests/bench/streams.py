"""The streaming clients of the measurements, each in a process of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import uvloop

from tests.bench.load import OPTIONS


def read_all(target: str, method: str, request: bytes) -> tuple[float, int]:
    """Read a finite stream; seconds, and bytes received."""
    return uvloop.run(_read_all(target, method, request))


async def _read_all(target: str, method: str, request: bytes) -> tuple[float, int]:
    async with grpc.aio.insecure_channel(target, options=OPTIONS) as channel:
        await channel.channel_ready()
        started, received = time.perf_counter(), 0
        async for message in _receiving(channel, method)(request):
            received += len(message)
        return time.perf_counter() - started, received


def exchange(
    target: str, method: str, requests: Sequence[bytes], window: int
) -> tuple[float, list[bytes]]:
    """Send requests on one bidirectional stream, so many ahead of the replies' count at most.

    Returns:
        Seconds from the first request to the last reply, and the replies.
    """
    return uvloop.run(_exchange(target, method, requests, window))


async def _exchange(
    target: str, method: str, requests: Sequence[bytes], window: int
) -> tuple[float, list[bytes]]:
    room = asyncio.Semaphore(window)

    async def sent() -> AsyncIterator[bytes]:
        for request in requests:
            await room.acquire()
            yield request

    async with grpc.aio.insecure_channel(target, options=OPTIONS) as channel:
        await channel.channel_ready()
        started, replies = time.perf_counter(), []
        async for reply in _exchanging(channel, method)(sent()):
            replies.append(reply)
            room.release()
        return time.perf_counter() - started, replies


def subscribe(target: str, method: str, request: bytes, subscribers: int, stop: Any) -> list[int]:
    """Hold so many subscriptions until told to stop; messages received by each.

    Args:
        target: ``host:port``.
        method: The streaming method.
        request: Its request.
        subscribers: How many.
        stop: An event shared between processes.
    """
    return uvloop.run(_subscribe(target, method, request, subscribers, stop))


async def _subscribe(
    target: str, method: str, request: bytes, subscribers: int, stop: Any
) -> list[int]:
    received = [0] * subscribers

    async def one(place: int, channel: grpc.aio.Channel) -> None:
        async for _ in _receiving(channel, method)(request):
            received[place] += 1

    async with grpc.aio.insecure_channel(target, options=OPTIONS) as channel:
        tasks = [asyncio.create_task(one(place, channel)) for place in range(subscribers)]
        await asyncio.to_thread(stop.wait)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return received


def _receiving(
    channel: grpc.aio.Channel, method: str
) -> grpc.aio.UnaryStreamMultiCallable[bytes, bytes]:
    return channel.unary_stream(method)


def _exchanging(
    channel: grpc.aio.Channel, method: str
) -> grpc.aio.StreamStreamMultiCallable[bytes, bytes]:
    return channel.stream_stream(method)
