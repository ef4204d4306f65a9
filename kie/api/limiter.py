"""Keeps kie.ai's rate limits: 20 creations per 10 s and 10 queries per second.

Both are limits of the account, documented on kie.ai's start page. kie.ai refuses calls that exceed
them. After such a refusal no call is made for a while.
"""

from collections import deque
from collections.abc import Mapping
from threading import Event, Lock

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Unavailable

#: Number of calls, and seconds. A little stricter than kie.ai's limits, because calls may arrive
#: closer together than they were sent. Otherwise a burst at full rate could be refused, and a
#: refusal delays all calls by ten seconds.
RATES: Mapping[str, tuple[int, float]] = {"create": (18, 10.5), "query": (8, 1.25)}
PENALTY = 10.0  #: seconds without calls after a refusal
MOST_PENALTY = 60.0  #: seconds; each further refusal in a row doubles the penalty
PATIENCE = 5.0  #: seconds that a caller waits at most


class Busy(Unavailable):
    """Too many calls, counted by kie.ai or by us. The call had no effect."""


class Limiter:
    """A sliding window per kind of call. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._taken: dict[str, deque[float]] = {kind: deque() for kind in RATES}
        self._not_before = float("-inf")
        self._penalty = PENALTY
        self._never = Event()

    def take(self, kind: str, stop: Event | None = None) -> None:
        """Wait for a free place. Raises ``Busy`` when that takes too long, or when ``stop`` is
        set meanwhile."""
        deadline = self._clock.now() + PATIENCE
        while True:
            with self._lock:
                pause = self._pause(kind)
                if pause <= 0:
                    self._taken[kind].append(self._clock.now())
                    return
            if self._clock.now() + pause > deadline:
                raise Busy("kie.ai's rate limit is used up", retry_after=pause)
            if self._clock.wait(self._never if stop is None else stop, pause):
                raise Busy("stopped while waiting for a free place", retry_after=pause)

    def pause(self, kind: str) -> float:
        """Seconds until there is a free place; 0.0: there is one."""
        with self._lock:
            return self._pause(kind)

    def slow_down(self) -> None:
        """kie.ai refused a call for the rate: no call is made for a while. Logged once."""
        with self._lock:
            now = self._clock.now()
            if now < self._not_before:
                return  # this call was running when the first one was refused
            penalty, self._penalty = self._penalty, min(MOST_PENALTY, 2 * self._penalty)
            self._not_before = now + penalty
        logger.bind(seconds=penalty).warning("kie_limit_reached")

    def speed_up(self) -> None:
        """kie.ai accepted a call: the next refusal counts as the first again."""
        with self._lock:
            self._penalty = PENALTY

    def _pause(self, kind: str) -> float:
        count, seconds = RATES[kind]
        now = self._clock.now()
        if now < self._not_before:
            return self._not_before - now
        taken = self._taken[kind]
        while taken and taken[0] <= now - seconds:
            taken.popleft()
        return 0.0 if len(taken) < count else taken[0] + seconds - now
