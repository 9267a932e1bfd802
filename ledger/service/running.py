"""A server's life in its process: from its start to the signal that ends it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, TypeVar

from ledger.errors import SettingError

_T = TypeVar("_T")

_COLLECTING: Final = (10_000, 20, 50)
"""The collector's thresholds: objects, then turns of the younger generations."""


def run_until_signal(
    start: Callable[[], Awaitable[_T]],
    stop: Callable[[], Awaitable[None]],
    started: Callable[[_T], None],
    *,
    with_stdin: bool = False,
) -> None:
    """Run a server until SIGTERM or SIGINT, on a loop of its own.

    Args:
        start: Starts it.
        stop: Stops it, also if it did not start.
        started: Told what ``start`` gave.
        with_stdin: End with standard input too, which a parent keeps open for as long as it lives.
    """

    async def life() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()

        def ended() -> None:
            loop.remove_reader(sys.stdin.fileno())
            stopped.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        if with_stdin:
            loop.add_reader(sys.stdin.fileno(), ended)
        try:
            started(await start())
            _spare_what_stays()
            await stopped.wait()
        finally:
            await stop()

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(life())


def keep_to_core(number: int) -> None:
    """Run this process, and every thread that it starts from now on, on one core of those it has.

    The interpreter runs one of its threads at a time. On several cores each turn takes what it
    works on from one core's cache to another's, and wakes a core that sleeps.

    Args:
        number: The core's number; beyond the last one they are counted from the first again, so
            that any number of workers can be told theirs.

    Raises:
        SettingError: This system has no such thing, or forbids it.
    """
    try:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
    except (AttributeError, OSError) as error:
        raise SettingError(
            "This system keeps no process to one core: leave LEDGER_CORE and --core out.",
            field="LEDGER_CORE",
            rule="core",
        ) from error


def _spare_what_stays() -> None:
    """Have the garbage collector leave alone what was loaded, and look less often at the rest.

    What a server has read by now stays for as long as it runs. Looking through all of it, which
    the collector does again and again on account of what comes and goes, stalls every call.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTING)


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the event loop: uvloop where there is one, which is everywhere but on Windows."""
    with suppress(ImportError):
        import uvloop  # noqa: PLC0415 - not installed everywhere

        return uvloop.new_event_loop
    return asyncio.new_event_loop
