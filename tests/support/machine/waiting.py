"""Waiting for facts, with limits that grow with the load of the machine."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

_CORES = os.cpu_count() or 1
#: Each look at a fact costs processor time, here and in whoever answers it: the longer it was
#: waited, the longer until the next look; at the most this many seconds.
_RAREST = 0.15
_PART = 0.1  #: of the time that it was waited


class Patience:
    """A limit in seconds of an idle machine; on a loaded one it is longer in proportion. A wait
    that ends with its fact needs no exact limit."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._began = self._at = time.monotonic()

    def is_over(self) -> bool:
        now = time.monotonic()
        self._left -= (now - self._at) / _crowd()
        self._at = now
        return self._left < 0

    def pause(self, least: float) -> float:
        """Seconds until the next look."""
        return max(least, min(_RAREST, _PART * (self._at - self._began)))


def _crowd() -> float:
    """Processes that want to run, for each core."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            of_late, _, _, now, _ = file.read().split()
    except OSError:  # not Linux
        return max(1.0, os.getloadavg()[0] / _CORES)
    return max(1.0, max(float(of_late), int(now.partition("/")[0])) / _CORES)


def within(wait: Callable[[float], bool], seconds: float) -> bool:
    """Whether what ``wait`` waits for (of an event, a service, a semaphore) comes about within
    ``seconds`` of patience."""
    patience = Patience(seconds)
    while not wait(0.1):
        if patience.is_over():
            return False
    return True


def until(fact: Callable[[], Any], seconds: float, what: str, pause: float = 0.02) -> Any:
    """The first true value of ``fact``; fails after ``seconds`` of patience."""
    patience = Patience(seconds)
    while True:
        value = fact()
        if value:
            return value
        if patience.is_over():
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(patience.pause(pause))


async def until_in_loop(
    fact: Callable[[], Any], seconds: float, what: str, pause: float = 0.01
) -> Any:
    """The same, for a fact of the event loop in which it runs."""
    patience = Patience(seconds)
    while True:
        value = fact()
        if value:
            return value
        if patience.is_over():
            raise AssertionError(f"not within {seconds:g} s: {what}")
        await asyncio.sleep(patience.pause(pause))
