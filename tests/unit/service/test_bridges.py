from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar, cast

import pytest

from ledger.errors import NotFoundError, UnavailableError
from ledger.log.receipts import Receipt
from ledger.service import bridges
from ledger.service.bridges import Deliveries, Door, ReaderThread, receipts
from ledger.store.appender import Appender
from ledger.store.committing import Outcome
from ledger.store.intake import Done

T = TypeVar("T")
RECEIPT = Receipt(b"entry", 0, (), b"note")


def play(scene: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(scene, 20))


@contextmanager
def reader() -> Iterator[ReaderThread]:
    door = Door()
    door.open(asyncio.get_running_loop())
    thread = ReaderThread(door, name="tests")
    thread.start()
    yield thread
    thread.close()


class Gate:
    """Holds the reader thread until it is let on."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def hold(self) -> str:
        self.entered.set()
        assert self.open.wait(10)
        return "held"


def test_a_job_gets_its_own_result() -> None:
    async def scene() -> list[int]:
        with reader() as thread:
            jobs = [thread.run(partial(int.__mul__, number, 2)) for number in range(50)]
            return list(await asyncio.gather(*jobs))

    assert play(scene()) == [number * 2 for number in range(50)]


def test_jobs_run_in_another_thread() -> None:
    async def scene() -> str:
        with reader() as thread:
            return await thread.run(lambda: threading.current_thread().name)

    assert play(scene()) == "tests"


def test_a_job_fails_without_the_others() -> None:
    def fail() -> str:
        raise NotFoundError("There is none.")

    async def scene() -> list[str | BaseException]:
        with reader() as thread:
            jobs = [thread.run(lambda: "one"), thread.run(fail), thread.run(lambda: "two")]
            return list(await asyncio.gather(*jobs, return_exceptions=True))

    one, failed, two = play(scene())
    assert (one, two) == ("one", "two")
    assert isinstance(failed, NotFoundError)


def test_what_came_meanwhile_comes_back_by_one_wake_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "_HOLD_S", 60.0)
    woken: list[int] = []
    tell = bridges._tell

    def counting(finished: Sequence[Any]) -> None:
        woken.append(len(finished))
        tell(finished)

    monkeypatch.setattr(bridges, "_tell", counting)
    gate = Gate()

    async def scene() -> None:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await asyncio.to_thread(gate.entered.wait, 10)
            others = [asyncio.ensure_future(thread.run(lambda: "other")) for _ in range(5)]
            await asyncio.sleep(0)
            gate.open.set()
            await asyncio.gather(held, *others)

    play(scene())

    assert woken == [1, 5]


def test_an_answer_is_not_held_for_long_for_those_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bridges, "_HOLD_S", 0.0)
    gate = Gate()

    async def scene() -> str:
        with reader() as thread:
            first = asyncio.ensure_future(thread.run(lambda: "first"))
            second = asyncio.ensure_future(thread.run(gate.hold))
            answer = await first
            gate.open.set()
            await second
            return answer

    assert play(scene()) == "first"


def test_too_many_waiting_jobs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridges, "WAITING_MAX", 1)
    gate = Gate()

    async def scene() -> str:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await asyncio.to_thread(gate.entered.wait, 10)
            waiting = asyncio.ensure_future(thread.run(lambda: "waited"))
            await asyncio.sleep(0)
            with pytest.raises(UnavailableError) as caught:
                await thread.run(lambda: "too much")
            gate.open.set()
            await asyncio.gather(held, waiting)
            return caught.value.rule

    assert play(scene()) == "queue-full"


def test_a_job_given_up_before_its_turn_is_not_run() -> None:
    gate, ran = Gate(), threading.Event()

    async def scene() -> str:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await asyncio.to_thread(gate.entered.wait, 10)
            given_up = asyncio.ensure_future(thread.run(ran.set))
            await asyncio.sleep(0)
            given_up.cancel()
            await asyncio.sleep(0)
            gate.open.set()
            await held
            return await thread.run(lambda: "after")

    assert play(scene()) == "after"
    assert not ran.is_set()


def test_a_job_given_up_during_its_turn_harms_nobody() -> None:
    gate = Gate()

    async def scene() -> str:
        with reader() as thread:
            held = asyncio.ensure_future(thread.run(gate.hold))
            await asyncio.to_thread(gate.entered.wait, 10)
            held.cancel()
            gate.open.set()
            return await thread.run(lambda: "after")

    assert play(scene()) == "after"


def test_closing_finishes_what_waits_and_takes_nothing_more() -> None:
    async def scene() -> tuple[str, str]:
        with reader() as thread:
            waiting = asyncio.ensure_future(thread.run(lambda: "finished"))
            await asyncio.sleep(0)
        with pytest.raises(UnavailableError) as caught:
            await thread.run(lambda: "too late")
        return await waiting, caught.value.rule

    assert play(scene()) == ("finished", "shutting-down")


def test_a_thread_that_never_started_can_be_closed() -> None:
    ReaderThread(Door(), name="tests").close()


def test_a_door_that_is_shut_lets_nothing_through() -> None:
    calls: list[str] = []

    async def scene() -> list[bool]:
        door = Door()
        before = door.call(calls.append, "before")
        door.open(asyncio.get_running_loop())
        meanwhile = door.call(calls.append, "meanwhile")
        door.close()
        after = door.call(calls.append, "after")
        await asyncio.sleep(0)
        return [before, meanwhile, after]

    assert play(scene()) == [False, True, False]
    assert calls == ["meanwhile"]


class Promises:
    """Takes submissions as an appender does, and delivers the outcomes it is told to."""

    def __init__(self, deliver: Callable[[Sequence[tuple[Done, Outcome]]], None]) -> None:
        self._deliver = deliver
        self.taken: list[tuple[Sequence[bytes], Done]] = []

    def submit(self, envelopes: Sequence[bytes], done: Done) -> None:
        self.taken.append((envelopes, done))

    def settle(self, *outcomes: Outcome) -> None:
        """Deliver a round, from a thread that is not the loop's."""
        round_ = [(done, outcome) for (_, done), outcome in zip(self.taken, outcomes, strict=True)]
        thread = threading.Thread(target=self._deliver, args=(round_,))
        thread.start()
        thread.join()

    def as_appender(self) -> Appender:
        return cast("Appender", self)


def test_the_outcomes_of_a_round_reach_those_who_wait() -> None:
    async def scene() -> tuple[tuple[Receipt, ...], str]:
        door = Door()
        door.open(asyncio.get_running_loop())
        promises = Promises(Deliveries(door))
        stored = asyncio.ensure_future(receipts(promises.as_appender(), [b"good"]))
        refused = asyncio.ensure_future(receipts(promises.as_appender(), [b"bad"]))
        await asyncio.sleep(0)
        promises.settle((RECEIPT,), NotFoundError("There is none.", rule="a-rule"))
        with pytest.raises(NotFoundError) as caught:
            await refused
        return await stored, caught.value.rule

    assert play(scene()) == ((RECEIPT,), "a-rule")


def test_an_append_given_up_meanwhile_harms_nobody() -> None:
    async def scene() -> tuple[Receipt, ...]:
        door = Door()
        door.open(asyncio.get_running_loop())
        promises = Promises(Deliveries(door))
        given_up = asyncio.ensure_future(receipts(promises.as_appender(), [b"one"]))
        kept = asyncio.ensure_future(receipts(promises.as_appender(), [b"two"]))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.sleep(0)
        promises.settle((RECEIPT,), (RECEIPT,))
        return await kept

    assert play(scene()) == (RECEIPT,)


def test_without_a_loop_outcomes_are_told_where_they_are_made() -> None:
    told: list[Outcome] = []

    Deliveries(Door())([(told.append, (RECEIPT,))])

    assert told == [(RECEIPT,)]
