from __future__ import annotations

import asyncio
import threading
from functools import partial
from typing import Any

import pytest

from ledger.domain.steps import Steps, finished
from ledger.errors import NotFoundError, UnavailableError
from ledger.service import bridges, turns
from tests.unit.service.test_bridges import Gate, play, reader


class Walk:
    """A long job that goes on until it is let off, and tells what became of it."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.let_off = threading.Event()
        self.ended = threading.Event()

    def steps(self, *awaited: threading.Event) -> Steps[str]:
        """Go on until these have happened, or else until it is let off."""
        try:
            self.begun.set()
            while not all(event.is_set() for event in awaited or (self.let_off,)):
                yield
            return "arrived"
        finally:
            self.ended.set()


async def happened(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 10)


def counting(order: list[str], name: str, count: int) -> Steps[int]:
    for _ in range(count):
        order.append(name)
        yield
    return count


def test_a_long_job_gives_its_result() -> None:
    async def scene() -> int:
        with reader() as thread:
            return await thread.run_in_steps(counting([], "step", 1_000))

    assert play(scene()) == 1_000


def test_a_short_job_is_run_before_a_long_one_ends_that_began_earlier() -> None:
    walk, asked = Walk(), threading.Event()

    async def scene() -> str:
        with reader() as thread:
            # It arrives when the short job has run, and never otherwise.
            long = asyncio.ensure_future(thread.run_in_steps(walk.steps(asked)))
            await happened(walk.begun)
            await thread.run(asked.set)
            return await long

    assert play(scene()) == "arrived"


def test_long_jobs_go_on_in_turns() -> None:
    walks = [Walk() for _ in range(5)]
    begun = [walk.begun for walk in walks]

    async def scene() -> list[str]:
        with reader() as thread:
            jobs = [thread.run_in_steps(walk.steps(*begun)) for walk in walks]
            return list(await asyncio.gather(*jobs))

    assert play(scene()) == ["arrived"] * 5


def test_a_long_job_goes_on_while_short_ones_never_cease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "SHORT_S", 0.0)
    gate, order = Gate(), list[str]()

    async def scene() -> None:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await happened(gate.entered)
            short = [asyncio.ensure_future(thread.run(partial(order.append, "s"))) for _ in "123"]
            long = asyncio.ensure_future(thread.run_in_steps(counting(order, "long", 1)))
            await asyncio.sleep(0)
            gate.open.set()
            await asyncio.gather(held, long, *short)

    play(scene())

    assert order.index("long") < len(order) - 1


def test_of_many_long_jobs_the_last_have_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "UNDER_WAY_MAX", 1)
    first, second = Walk(), Walk()

    async def scene() -> bool:
        with reader() as thread:
            jobs = [asyncio.ensure_future(thread.run_in_steps(w.steps())) for w in (first, second)]
            await happened(first.begun)
            # Whatever the thread has done by the end of a short job, it has done between steps.
            await thread.run(int)
            has_begun = second.begun.is_set()
            first.let_off.set()
            second.let_off.set()
            await asyncio.gather(*jobs)
            return has_begun

    assert not play(scene())


def test_a_long_job_that_nobody_waits_for_stops_where_it_is() -> None:
    walk = Walk()

    async def scene() -> str:
        with reader() as thread:
            long = asyncio.ensure_future(thread.run_in_steps(walk.steps()))
            await happened(walk.begun)
            long.cancel()
            await happened(walk.ended)
            return await thread.run(lambda: "after")

    assert play(scene()) == "after"
    assert not walk.let_off.is_set()


def test_a_long_job_given_up_before_its_turn_does_not_begin() -> None:
    gate, walk = Gate(), Walk()

    async def scene() -> int:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await happened(gate.entered)
            given_up = asyncio.ensure_future(thread.run_in_steps(walk.steps()))
            await asyncio.sleep(0)
            given_up.cancel()
            await asyncio.sleep(0)
            gate.open.set()
            await held
            return await thread.run_in_steps(counting([], "after", 3))

    assert play(scene()) == 3
    assert not walk.begun.is_set()


def test_what_a_step_raises_reaches_who_waits_and_nobody_else() -> None:
    def failing() -> Steps[str]:
        yield
        raise NotFoundError("There is none.")

    async def scene() -> list[Any]:
        with reader() as thread:
            jobs = [thread.run_in_steps(failing()), thread.run_in_steps(counting([], "step", 9))]
            return list(await asyncio.gather(*jobs, return_exceptions=True))

    failed, count = play(scene())
    assert isinstance(failed, NotFoundError)
    assert count == 9


def test_closing_refuses_long_jobs_and_finishes_short_ones() -> None:
    walk, waiting = Walk(), Walk()

    async def scene() -> tuple[list[Any], str]:
        with reader() as thread:
            jobs = [
                asyncio.ensure_future(thread.run_in_steps(walk.steps())),
                asyncio.ensure_future(thread.run_in_steps(waiting.steps())),
            ]
            await happened(walk.begun)
            short = asyncio.ensure_future(thread.run(lambda: "finished"))
            await asyncio.sleep(0)
        refused = await asyncio.gather(*jobs, return_exceptions=True)
        with pytest.raises(UnavailableError) as caught:
            await thread.run_in_steps(walk.steps())
        assert caught.value.rule == "shutting-down"
        return refused, await short

    refused, short = play(scene())
    assert [getattr(error, "rule", None) for error in refused] == ["shutting-down"] * 2
    assert walk.ended.is_set()
    assert short == "finished"


def test_too_many_long_jobs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "WAITING_MAX", 1)
    gate = Gate()

    async def scene() -> str:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await happened(gate.entered)
            waiting = asyncio.ensure_future(thread.run_in_steps(counting([], "step", 1)))
            await asyncio.sleep(0)
            with pytest.raises(UnavailableError) as caught:
                await thread.run_in_steps(counting([], "too much", 1))
            gate.open.set()
            await asyncio.gather(held, waiting)
            return caught.value.rule

    assert play(scene()) == "queue-full"


def test_steps_can_be_done_at_once() -> None:
    assert finished(counting([], "step", 7)) == 7
