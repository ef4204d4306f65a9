"""How far PostgreSQL's wall clock ran ahead of elapsed time during the last seconds.

Ages of heartbeats and of idle sessions are differences of the server's wall clock. When that
is set forward, everything looks older than it is: a successor would not wait for its
predecessor's trust, and a healthy holder would look dead. An instance that waits for the lock
asks the server every second anyway, and so knows how much time has really passed.
"""

from collections import deque

WINDOW = (
    15.0  #: seconds; longer than any age that is judged, and too short for clocks to drift apart
)


class ServerClock:
    """Compares the server's clock with ours over the last seconds. One thread uses it."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()
        #: Seconds by which an age may be exaggerated; it is never less than the truth.
        self.lead = 0.0

    def saw(self, server_time: float, *, asked: float, answered: float) -> None:
        """The server told its time, between ``asked`` and ``answered`` of our own clock."""
        while self._seen and self._seen[0][1] < asked - WINDOW:
            self._seen.popleft()
        leads = [server_time - then - (asked - heard) for then, heard in self._seen]
        self.lead = max([0.0, *leads])
        self._seen.append((server_time, answered))
