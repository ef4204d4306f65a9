"""How late the event loop is: what a handler that blocks it would do to everybody.

A task sleeps for a moment and looks how much longer it took. All receivers, senders and
the HTTP port share the loop, so this one number tells of each of them. Each look is a sign
of life, too: a loop that hangs ends the process (``supervisor/runtime/progress.py``).
"""

import asyncio

from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import Progress
from supervisor.telemetry.metrics import Histogram

EVERY = 0.5  #: seconds between two looks


async def measure_loop_lag(clock: Clock, lag: Histogram, progress: Progress) -> None:
    """Measure the running loop until cancelled."""
    while True:
        progress.beat("event loop")
        due = clock.now() + EVERY
        await asyncio.sleep(EVERY)
        lag.observe(max(0.0, clock.now() - due))
