"""When the alerts ask the database: when it may have something to tell.

That is when /health or the gauges say so, when a transaction has changed what an alarm depends on,
as long as a state lasts that was told, and else every ``IDLE`` seconds. A wake-up of the gauges
comes within fifteen seconds.
"""

from collections.abc import Callable
from threading import Event

from supervisor.health.health import Health
from supervisor.runtime.clock import Clock
from supervisor.runtime.wakeups import ALARMS, AVAILABILITY, Wakeups

IDLE = 300.0  #: seconds
LATE = 120.0  #: seconds that a due update may wait
BACKLOG = 100  #: updates; a smaller backlog is no alert


class AlertOccasions:
    """One thread uses it, but for the wake-ups."""

    def __init__(self, health: Health, clock: Clock, wakeups: Wakeups) -> None:
        self._health = health
        self._clock = clock
        self._wakeups = wakeups
        self._woken = Event()
        self._due = clock.now()

    def follow(self) -> Callable[[], None]:
        """Begin with an occasion; follow the wake-ups until the returned function is called."""
        self._woken.set()
        forget = [self._wakeups.subscribe(each, self._woken.set) for each in (ALARMS, AVAILABILITY)]

        def end() -> None:
            for each in forget:
                each()

        return end

    @property
    def waiting(self) -> int:
        """The updates that wait, as the gauges have counted them."""
        return int(self._health.queue()["unprocessed_updates"])

    def take(self) -> bool:
        """Whether to ask now. What happens from here on is an occasion of its own."""
        if self._clock.now() < self._due and not self._woken.is_set() and not self._is_troubled():
            return False
        self._woken.clear()
        return True

    def looked(self, *, lasts: bool) -> None:
        """The database has answered; ``lasts``: a state is there, or its end was not told yet."""
        self._due = self._clock.now() + (0.0 if lasts else IDLE)

    def failed(self) -> None:
        """It has not answered."""
        self._woken.set()

    def _is_troubled(self) -> bool:
        """Whether what is in memory calls for a look."""
        return bool(
            self.waiting >= BACKLOG
            or self._health.queue()["oldest_update_seconds"] > LATE
            or self._health.progress.overdue()
            or self._health.troubles()
            or self._health.late()
        )
