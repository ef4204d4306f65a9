"""How often kie.ai is asked about a task: seldom while its callbacks are proven to come.

Callbacks count as proven after several ends in a row that a callback brought. One end that
had to be found by asking makes them unproven again: they may have stopped, and asking
is the only way to know.
"""

from threading import Lock

from supervisor.runtime.clock import Clock

PROVEN = 3  #: ends in a row that a callback brought
#: The next look comes after a sixth of the task's age, within these seconds: more often would
#: not fit into kie.ai's limit of queries when tasks are made as fast as it lets them. Counting
#: looks instead would let callbacks that come too early stretch the pauses.
AGE_SHARE = 6
LEAST_PAUSE, MOST_PAUSE = 2.0, 30.0
#: The same while callbacks come: a lost one costs its user two minutes at the most.
LEAST_PROVEN_PAUSE, MOST_PROVEN_PAUSE = 45.0, 120.0


class PollSchedule:
    """Thread-safe. Kept in memory: a new process proves the callbacks again."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._in_a_row = 0

    @property
    def proven(self) -> bool:
        with self._lock:
            return self._in_a_row >= PROVEN

    def ended(self, *, by_callback: bool) -> None:
        """A task has ended; did a callback say so before we asked?"""
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if by_callback else 0

    def first_look(self, expected: float) -> float:
        """Seconds from the creation of a task to the first look at it."""
        return max(LEAST_PROVEN_PAUSE, 2 * expected) if self.proven else expected

    def pause(self, age: float, *, reported: bool = False) -> float:
        """Seconds from one look at a task to the next, ``age`` seconds after its creation.

        ``reported``: its callback has come, so there is none to wait for.
        """
        least, most = LEAST_PAUSE, MOST_PAUSE
        if self.proven and not reported:
            least, most = LEAST_PROVEN_PAUSE, MOST_PROVEN_PAUSE
        return self._clock.jitter(min(most, max(least, age / AGE_SHARE)))
