"""How often a task is queried: less often while callbacks prove to arrive.

Callbacks count as proven after several tasks in a row whose end was reported by a callback. After
one end that was found by polling they are unproven again, because they may have stopped.
"""

from threading import Lock

from supervisor.runtime.clock import Clock

PROVEN = 3  #: ends in a row that a callback reported
#: The next query comes after a sixth of the task's age, within these limits. With more queries
#: tasks at kie.ai's full rate would exceed its query limit. The pause depends on age and not on
#: the number of queries, because early callbacks would otherwise lengthen it.
AGE_SHARE = 6
LEAST_PAUSE, MOST_PAUSE = 2.0, 30.0
#: The same while callbacks are proven: a lost callback delays a result by at most two minutes.
LEAST_PROVEN_PAUSE, MOST_PROVEN_PAUSE = 45.0, 120.0


class PollSchedule:
    """Thread-safe. Kept in memory only: after a restart callbacks have to prove again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._in_a_row = 0

    @property
    def proven(self) -> bool:
        with self._lock:
            return self._in_a_row >= PROVEN

    def ended(self, *, by_callback: bool) -> None:
        """A task has ended. ``by_callback``: a callback reported it before a query did."""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if by_callback else 0

    def first_look(self, expected: float) -> float:
        """Seconds from the creation of a task to its first query."""
        return max(LEAST_PROVEN_PAUSE, 2 * expected) if self.proven else expected

    def pause(self, age: float, *, reported: bool = False) -> float:
        """Seconds until the next query of a task that was created ``age`` seconds ago.

        ``reported``: its callback has arrived, so there is no other one to wait for.
        """
        least, most = LEAST_PAUSE, MOST_PAUSE
        if self.proven and not reported:
            least, most = LEAST_PROVEN_PAUSE, MOST_PROVEN_PAUSE
        return self._clock.jitter(min(most, max(least, age / AGE_SHARE)))
