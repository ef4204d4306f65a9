"""Measures how late the event loop wakes a task.

All receivers, senders and the HTTP port share the loop, so code that blocks it delays all of
them. A task sleeps and measures how much longer that took. It also reports progress: when the
loop hangs, the process ends (``supervisor/runtime/progress.py``).
"""

import asyncio

from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import EVENT_LOOP, Progress
from supervisor.telemetry.metrics import Histogram

EVERY = 0.5  #: seconds between two looks


async def measure_loop_lag(clock: Clock, lag: Histogram, progress: Progress) -> None:
    """Measure the running event loop until cancelled."""
    while True:
        progress.beat(EVENT_LOOP)
        due = clock.now() + EVERY
        await asyncio.sleep(EVERY)
        lag.observe(max(0.0, clock.now() - due))
