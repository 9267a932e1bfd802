"""The client of every measurement: a closed loop over gRPC, in a process of its own.

It sends bytes and keeps bytes: nothing is parsed or built while the clock runs, so that ours, the
echo and the peers are asked by exactly the same client.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeAlias

import grpc
import uvloop

Unary: TypeAlias = "grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]"

WARM_UP: Final = 0.1
"""The share of the requests that go ahead, unmeasured."""

_CALL_S: Final = 60.0
OPTIONS: Final = (
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.enable_http_proxy", 0),
)


@dataclass(frozen=True, slots=True)
class Load:
    """What to send.

    Attributes:
        target: ``host:port``.
        method: ``/package.Service/Method``.
        requests: Serialized, each sent once, in order.
        in_flight: How many calls are always under way.
    """

    target: str
    method: str
    requests: Sequence[bytes]
    in_flight: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One round.

    Attributes:
        rate: Calls a second.
        p50_ms: Half of the calls took no longer.
        p99_ms: Nearly all took no longer.
        last: The last reply, for the caller to look into.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    last: bytes


def client_process() -> ProcessPoolExecutor:
    """A process of its own that runs ``drive`` and its like; spawned, since gRPC does not fork."""
    return ProcessPoolExecutor(max_workers=1, mp_context=multiprocessing.get_context("spawn"))


def drive(load: Load) -> Sample:
    """Send all requests in a closed loop; raises what the first failing call raises."""
    return uvloop.run(_drive(load))


async def _drive(load: Load) -> Sample:
    async with grpc.aio.insecure_channel(load.target, options=OPTIONS) as channel:
        call: Unary = channel.unary_unary(load.method)
        warm = max(1, int(len(load.requests) * WARM_UP))
        await _closed_loop(call, load.requests[:warm], load.in_flight)
        started = time.perf_counter()
        taken, last = await _closed_loop(call, load.requests[warm:], load.in_flight)
        seconds = time.perf_counter() - started
    taken.sort()
    return Sample(
        rate=len(taken) / seconds,
        p50_ms=1_000 * taken[len(taken) // 2],
        p99_ms=1_000 * taken[len(taken) * 99 // 100],
        last=last,
    )


async def _closed_loop(
    call: Unary, requests: Sequence[bytes], in_flight: int
) -> tuple[list[float], bytes]:
    """Seconds that each call took, and the last reply."""
    waiting = iter(requests)
    taken: list[float] = []
    last = b""

    async def worker(waiting: Iterator[bytes]) -> None:
        nonlocal last
        for request in waiting:
            started = time.perf_counter()
            last = await call(request, timeout=_CALL_S)
            taken.append(time.perf_counter() - started)

    async with asyncio.TaskGroup() as group:
        for _ in range(in_flight):
            group.create_task(worker(waiting))
    return taken, last
