"""Elapsed time within this process, behind an interface that tests can replace.

There are two kinds of time, which are never compared: elapsed seconds (here) and points in time
(PostgreSQL's ``clock_timestamp()``). The wall clock of this machine is used only for log lines
and for APScheduler.
"""

import random
import time
from threading import Event
from typing import Protocol


class Clock(Protocol):
    """Elapsed time. Never compare it with a value from the database."""

    def now(self) -> float:
        """Seconds since an arbitrary start, including time in which the machine was suspended."""
        ...

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until ``event`` is set, for at most ``seconds``. True: it is set."""
        ...

    def jitter(self, seconds: float) -> float:
        """A value in [0.8, 1.2] x ``seconds``, so that instances do not act at the same moments."""
        ...


class SystemClock:
    """The clock of production."""

    def now(self) -> float:
        # On Linux CLOCK_MONOTONIC stops while the machine is suspended, and trust must not last
        # longer because of that. CLOCK_BOOTTIME goes on. macOS counts sleep in CLOCK_MONOTONIC
        # itself; Windows has no better clock.
        if _BOOTTIME is not None:
            return time.clock_gettime(_BOOTTIME)
        return time.monotonic()

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(max(0.0, seconds))

    def jitter(self, seconds: float) -> float:
        # Spreads retries; no secret depends on it.
        return seconds * random.uniform(0.8, 1.2)  # noqa: S311


_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)
