"""The term, and the gate for calls that cannot be fenced.

Writes to the database pass the term's token to the fence (``trt_fence``), which refuses them when
the term is over. Calls to Telegram and kie.ai cannot be fenced. They pass the ``Gate``: enough
trust must be left to finish the call before another instance could become ACTIVE.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Fenced, Unavailable

RETRY_AFTER = 0.5  #: seconds; a heartbeat is sent about every second


@dataclass(frozen=True, slots=True)
class Term:
    """One term. The fence compares the token; the epoch is for people."""

    epoch: int
    token: UUID


#: The term that the running code acts for: set in the thread or task of a service.
ACTING_FOR: ContextVar[Term | None] = ContextVar("acting_for", default=None)


class Gate:
    """Decides whether an outside call may begin. Heartbeats extend it; a shut gate stays shut.

    Thread-safe. Times are those of ``clock``.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._trusted_until = float("-inf")
        self._opens_at = float("-inf")
        self._shut = False

    def extend(self, trusted_until: float) -> None:
        """A heartbeat succeeded: trust lasts until ``trusted_until``.

        The caller counts from the sending of the heartbeat, so a slow answer shortens trust. If
        trust has run out before this call, the gate is shut.
        """
        with self._lock:
            if self._trusted_until != float("-inf") and self._clock.now() >= self._trusted_until:
                self._shut = True
            self._trusted_until = max(self._trusted_until, trusted_until)

    def open_at(self, moment: float) -> None:
        """Allow no outside call before ``moment``: the predecessor may still act."""
        with self._lock:
            self._opens_at = moment

    def shut(self) -> None:
        """Shut it for good. A new term has a new gate."""
        with self._lock:
            self._shut = True

    @property
    def is_shut(self) -> bool:
        return self._shut

    def remaining(self) -> float:
        """Seconds of trust left; 0.0: the gate is shut or not open yet, or trust has run out."""
        with self._lock:
            now = self._clock.now()
            if self._shut or now < self._opens_at:
                return 0.0
            return max(0.0, self._trusted_until - now)

    def trust_left(self) -> float:
        """Seconds until trust runs out, whether or not the gate is open yet."""
        with self._lock:
            return 0.0 if self._shut else max(0.0, self._trusted_until - self._clock.now())

    def waits(self) -> float:
        """Seconds until the gate opens; 0.0: it has opened."""
        with self._lock:
            return max(0.0, self._opens_at - self._clock.now())

    def check(self, need: float) -> None:
        """Raise unless trust lasts for a call of ``need`` seconds.

        Raises ``Fenced`` when the gate is shut, and ``Unavailable`` when it is not open yet or
        needs the next heartbeat first: the same call may pass later.
        """
        if self._shut:
            raise Fenced("this term is over")
        left = self.remaining()
        if left < need:
            pause = max(self.waits(), RETRY_AFTER)
            raise Unavailable(f"{left:.1f} s of trust, {need:.1f} s needed", retry_after=pause)
