"""How far PostgreSQL's wall clock ran ahead of elapsed time during the last seconds.

The ages of heartbeats and idle sessions are differences of the server's wall clock. When that
clock is set forward, they seem older than they are: a successor would not wait for its
predecessor's trust, and a healthy holder would seem dead. A candidate asks the server every
few seconds, so it can compare the server's clock with the time that has really passed. The server
tells its clock with each age: it may be set forward between two statements.
"""

from collections import deque
from collections.abc import Callable

#: Seconds. Longer than any age that is compared with a limit, and too short for clock drift.
WINDOW = 15.0
#: From the server's clock, as told with an age: the seconds by which that age may be overstated.
Doubt = Callable[[float], float]


class ServerClock:
    """Compares the server's clock with ours over the last seconds. One thread uses it."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()
        #: Seconds by which an age may be overstated. It is never too small.
        self.lead = 0.0

    def saw(self, server_time: float, *, asked: float, answered: float) -> None:
        """Add a reading of the server's clock, made between ``asked`` and ``answered`` (ours)."""
        while self._seen and self._seen[0][1] < asked - WINDOW:
            self._seen.popleft()
        leads = [server_time - then - (asked - heard) for then, heard in self._seen]
        self.lead = max([0.0, *leads])
        self._seen.append((server_time, answered))
