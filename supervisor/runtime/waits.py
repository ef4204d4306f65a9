"""Waiting that a stop ends, for the services that live in the event loop.

A lost term leaves a service five seconds to be gone, and a call to a database that has
vanished can take longer than that to notice. So the work runs as a task beside the stop,
and is left behind when its time is over: what it had begun is fenced or idempotent.
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
    """Run ``work`` to its end, or until ``stop`` is set and ``grace()`` seconds are over.

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
    """Until ``stop`` is set or the time is over. Who waits for its stop request is idle."""
    with stop.idle() if isinstance(stop, LoopStop) else contextlib.nullcontext():
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return
