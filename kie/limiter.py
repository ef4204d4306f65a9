"""kie.ai's limits, kept ahead of time: 20 creations per 10 s and 10 queries per second.

Both are limits of the account, documented on kie.ai's start page; what exceeds them is
refused, not queued. A refusal all the same slows everything down for a while.
"""

from collections import deque
from collections.abc import Mapping
from threading import Event, Lock

from supervisor.clock import Clock
from supervisor.errors import Unavailable

#: Calls allowed within so many seconds; a little below what kie.ai allows.
RATES: Mapping[str, tuple[int, float]] = {"create": (18, 10.0), "query": (9, 1.0)}
PENALTY = 10.0  #: seconds without calls after a refusal
PATIENCE = 5.0  #: seconds that a caller waits at most


class Limiter:
    """Sliding windows, one per kind of call. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._taken: dict[str, deque[float]] = {kind: deque() for kind in RATES}
        self._not_before = float("-inf")
        self._never = Event()

    def take(self, kind: str) -> None:
        """Wait for a free place. Raises ``Unavailable`` when that takes too long."""
        deadline = self._clock.now() + PATIENCE
        while True:
            pause = self._try(kind)
            if pause <= 0:
                return
            if self._clock.now() + pause > deadline:
                raise Unavailable("kie.ai's rate limit is used up", retry_after=pause)
            self._clock.wait(self._never, pause)

    def slow_down(self) -> None:
        """kie.ai refused a call as too many: nobody calls for a while."""
        with self._lock:
            self._not_before = self._clock.now() + PENALTY

    def _try(self, kind: str) -> float:
        """Take a place, or say how long to wait for one."""
        count, seconds = RATES[kind]
        with self._lock:
            now = self._clock.now()
            if now < self._not_before:
                return self._not_before - now
            taken = self._taken[kind]
            while taken and taken[0] <= now - seconds:
                taken.popleft()
            if len(taken) < count:
                taken.append(now)
                return 0.0
            return taken[0] + seconds - now
