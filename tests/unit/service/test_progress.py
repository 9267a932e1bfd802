from __future__ import annotations

import asyncio
import threading

import pytest

from ledger.service.bridges import Door
from ledger.service.progress import Progress
from tests.unit.service.served import play


def from_another_thread(progress: Progress, size: int) -> None:
    thread = threading.Thread(target=progress.reach, args=(size,))
    thread.start()
    thread.join()


async def opened() -> Progress:
    door = Door()
    door.open(asyncio.get_running_loop())
    return Progress(door)


def test_what_is_reached_already_is_not_waited_for() -> None:
    async def scene() -> None:
        progress = await opened()
        await progress.reached(0)
        from_another_thread(progress, 5)
        await progress.reached(5)

    play(scene())


def test_those_whose_size_is_reached_go_on_and_the_others_wait() -> None:
    async def scene() -> list[bool]:
        progress = await opened()
        waiting = [asyncio.ensure_future(progress.reached(size)) for size in (3, 5, 6)]
        await asyncio.sleep(0)
        from_another_thread(progress, 5)
        await asyncio.gather(*waiting[:2])
        done = [each.done() for each in waiting]
        from_another_thread(progress, 6)
        await waiting[2]
        return done

    assert play(scene()) == [True, True, False]


def test_whoever_gives_up_is_forgotten() -> None:
    async def scene() -> int:
        progress = await opened()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(progress.reached(9), 0.001)
        return len(progress._waiting)

    assert play(scene()) == 0


def test_reaching_a_size_twice_wakes_once() -> None:
    async def scene() -> None:
        progress = await opened()
        waiting = asyncio.ensure_future(progress.reached(1))
        await asyncio.sleep(0)
        from_another_thread(progress, 1)
        from_another_thread(progress, 2)
        await waiting
        await asyncio.sleep(0)

    play(scene())
