"""Elapsed time inside this process, behind a seam that tests can move.

Two kinds of time exist and are never compared: elapsed seconds (here) and points
in time (PostgreSQL's ``clock_timestamp()``). The wall clock of this machine is
used for nothing but log lines.
"""

import random
import time
from threading import Event
from typing import Protocol


class Clock(Protocol):
    """Elapsed time. Never compare it with a value from the database."""

    def now(self) -> float:
        """Seconds since some start; counts the time the machine was suspended."""
        ...

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait until ``event`` is set or the time is over; True means: it is set."""
        ...

    def jitter(self, seconds: float) -> float:
        """A value in [0.8, 1.2] x ``seconds``, so that instances do not act at the same moments."""
        ...


class SystemClock:
    """The clock of production."""

    def now(self) -> float:
        # CLOCK_MONOTONIC stands still while a machine is suspended; trust in the
        # lock must not. Only Linux has CLOCK_BOOTTIME; macOS counts sleep in
        # CLOCK_MONOTONIC itself, Windows has no better clock to offer.
        if _BOOTTIME is not None:
            return time.clock_gettime(_BOOTTIME)
        return time.monotonic()

    def wait(self, event: Event, seconds: float) -> bool:
        return event.wait(max(0.0, seconds))

    def jitter(self, seconds: float) -> float:
        # Spreads retries; no secret depends on it.
        return seconds * random.uniform(0.8, 1.2)  # noqa: S311


_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)
