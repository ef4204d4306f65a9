"""How late the event loop is: what a handler that blocks it would do to everybody.

A task sleeps for a moment and looks how much longer it took. All receivers, senders and
the HTTP port share the loop, so this one number tells of each of them.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from supervisor.runtime.clock import Clock
from supervisor.telemetry.metrics import Histogram

EVERY = 0.5  #: seconds between two looks


@contextlib.asynccontextmanager
async def measured(clock: Clock, lag: Histogram) -> AsyncIterator[None]:
    """Measure the running loop while the block runs."""
    task = asyncio.create_task(_measure(clock, lag))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _measure(clock: Clock, lag: Histogram) -> None:
    while True:
        due = clock.now() + EVERY
        await asyncio.sleep(EVERY)
        lag.observe(max(0.0, clock.now() - due))
