"""Waiting that a stop ends."""

import asyncio

import pytest

from supervisor.runtime.waits import Alarm, until_stopped


async def for_ever() -> None:
    await asyncio.Event().wait()


def test_work_that_never_ends_is_left_at_the_stop() -> None:
    async def story() -> None:
        stop = asyncio.Event()
        stop.set()
        await asyncio.wait_for(until_stopped(for_ever(), stop), 5)

    asyncio.run(story())


def test_work_gets_its_grace_after_the_stop() -> None:
    ended = []

    async def work(stop: asyncio.Event) -> None:
        await stop.wait()
        await asyncio.sleep(0)
        ended.append(True)

    async def story() -> None:
        stop = asyncio.Event()
        stop.set()
        await until_stopped(work(stop), stop, grace=lambda: 5.0)

    asyncio.run(story())

    assert ended == [True]


def test_what_the_work_raises_comes_out() -> None:
    async def broken() -> None:
        raise LookupError("broken")

    async def story() -> None:
        await until_stopped(broken(), asyncio.Event())

    with pytest.raises(LookupError):
        asyncio.run(story())


def test_cancelling_the_waiter_cancels_the_work() -> None:
    cancelled = []

    async def work() -> None:
        try:
            await for_ever()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def story() -> None:
        waiter = asyncio.create_task(until_stopped(work(), asyncio.Event()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.wait({waiter})

    asyncio.run(story())

    assert cancelled == [True]


def test_an_alarm_calls_once_at_the_earliest_time_that_was_named() -> None:
    rung: list[float] = []

    async def story() -> None:
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def ring() -> None:
            rung.append(loop.time())
            done.set()

        alarm = Alarm(ring)
        for seconds in (3600.0, 0.01, 7200.0):
            alarm.within(seconds)
        await asyncio.wait_for(done.wait(), 5)
        done.clear()
        alarm.within(0.0)  # it can be set again
        await asyncio.wait_for(done.wait(), 5)

    asyncio.run(story())

    assert len(rung) == 2
