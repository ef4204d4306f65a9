"""A circuit breaker: it stops calls while kie.ai does not answer.

There is one per kind of call, because kie.ai may answer queries and create nothing::

    closed    --several failures in a row--> open
    open      --a probe was answered-------> half-open
    open      --a probe failed-------------> open, for longer
    half-open --one call worked------------> closed
    half-open --one call failed------------> open, for longer

While it is open, no call is sent, and jobs keep their state. The check-up (``kie/jobs/checkup.py``)
sends a free query as a probe, after growing pauses. While it is half-open, one call at a time is
tried. A call that kie.ai has read and refused counts as one that worked.
"""

import enum
from collections.abc import Callable
from threading import Lock

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Unavailable

FAILURES = 5  #: in a row, until the circuit opens
PAUSES = (5.0, 10.0, 20.0, 40.0, 60.0)  #: seconds between two probes while it is open
TRIAL_PAUSE = 1.0  #: seconds until the next look while another caller tries a call


class CircuitOpen(Unavailable):
    """kie.ai does not answer, so nothing was sent."""


class State(enum.Enum):
    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Circuit:
    """Thread-safe. ``on_change`` is called with the reason when it opens, and with None when it
    closes."""

    def __init__(
        self,
        clock: Clock,
        on_change: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._on_change = on_change
        self._lock = Lock()
        self._state = State.CLOSED
        self._failures = 0
        self._openings = 0
        self._ask_at = 0.0
        self._trying = False

    @property
    def state(self) -> State:
        with self._lock:
            return self._state

    def pause(self) -> float:
        """Seconds for which no call is allowed; 0.0: a call is allowed."""
        with self._lock:
            match self._state:
                case State.CLOSED:
                    return 0.0
                case State.OPEN:
                    return max(TRIAL_PAUSE, self._ask_at - self._clock.now())
                case State.HALF_OPEN:
                    return TRIAL_PAUSE if self._trying else 0.0

    def enter(self) -> None:
        """Begin a call. Its outcome must be reported. Raises ``CircuitOpen``."""
        with self._lock:
            if self._state is State.OPEN or (self._state is State.HALF_OPEN and self._trying):
                pause = max(TRIAL_PAUSE, self._ask_at - self._clock.now())
                raise CircuitOpen("kie.ai does not answer", retry_after=pause)
            self._trying = self._state is State.HALF_OPEN

    def worked(self) -> None:
        """kie.ai has read the call, even if it refused it."""
        with self._lock:
            was_closed = self._state is State.CLOSED
            self._state, self._trying = State.CLOSED, False
            self._failures = self._openings = 0
        if not was_closed:
            self._on_change(None)

    def failed(self, reason: str) -> None:
        """The call was not answered, or kie.ai answered that it is unavailable."""
        with self._lock:
            self._trying = False
            self._failures += 1
            if self._state is State.OPEN or (
                self._state is State.CLOSED and self._failures < FAILURES
            ):
                return
            self._open()
        self._on_change(reason)

    def unused(self) -> None:
        """The call was not made, or its outcome says nothing about kie.ai."""
        with self._lock:
            self._trying = False

    def probe_due(self) -> bool:
        """Whether it is time for a probe."""
        with self._lock:
            return self._state is State.OPEN and self._clock.now() >= self._ask_at

    def probed(self, *, good: bool) -> None:
        """The probe was answered (``good``) or failed."""
        with self._lock:
            if self._state is not State.OPEN:
                return
            if good:
                self._state = State.HALF_OPEN
            else:
                self._open()

    def _open(self) -> None:
        self._state = State.OPEN
        pause = PAUSES[min(self._openings, len(PAUSES) - 1)]
        self._openings += 1
        self._ask_at = self._clock.now() + self._clock.jitter(pause)
