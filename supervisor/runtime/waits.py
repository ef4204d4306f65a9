"""Waits of services in the event loop, which end at a stop request.

When the lock is lost, a service has five seconds to end, but a call to an unreachable database
can hang for longer. So the work runs as a task of its own and is cancelled when the time is over.
That is safe, because what it had begun is fenced or idempotent.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from supervisor.runtime.stop_request import LoopStop


async def until_stopped(
    work: Coroutine[Any, Any, None],
    stop: asyncio.Event,
    *,
    grace: Callable[[], float] = lambda: 0.0,
) -> None:
    """Run ``work`` to its end. Cancel it ``grace()`` seconds after ``stop`` is set.

    Raises what ``work`` raises.
    """
    task = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            await asyncio.wait({task}, timeout=grace())
    finally:
        stopping.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
    if not task.cancelled():
        task.result()


async def pause(stop: asyncio.Event, seconds: float | None) -> None:
    """Wait until ``stop`` is set, for at most ``seconds``. Meanwhile the service counts as idle."""
    with stop.idle() if isinstance(stop, LoopStop) else contextlib.nullcontext():
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return


class Alarm:
    """Calls ``call`` once, at the earliest of the times that were named since its last call. Used
    in one event loop."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if self._timer is not None:
            if self._timer.when() <= at:
                return
            self._timer.cancel()
        self._timer = loop.call_at(at, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._call()
