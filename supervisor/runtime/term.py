"""The term: one stretch of being ACTIVE, and the gate for what cannot be fenced.

Writes to the database carry the term's token through the fence (``sql``'s
``trt_fence``), so a term that is over changes nothing. Calls to Telegram and
kie.ai cannot be fenced; they pass the ``Gate`` instead: enough trust must be left
to finish the call before anyone else could have become ACTIVE.
"""

from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Fenced, Unavailable

RETRY_AFTER = 0.5  #: seconds; a heartbeat comes about every second


@dataclass(frozen=True, slots=True)
class Term:
    """Who we are while ACTIVE. The token proves it; the epoch is for people."""

    epoch: int
    token: UUID


class Gate:
    """May an outside call begin now? Opened by heartbeats, shut by anyone, once.

    All methods may be called from any thread. Times are those of the clock given.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._trusted_until = float("-inf")
        self._opens_at = float("-inf")
        self._shut = False

    def extend(self, trusted_until: float) -> None:
        """A heartbeat was good: trust lasts until ``trusted_until``.

        Counted from the moment of asking, so that a slow answer shortens trust and
        never stretches it. An answer after the deadline does not revive a gate.
        """
        with self._lock:
            if self._trusted_until != float("-inf") and self._clock.now() >= self._trusted_until:
                self._shut = True
            self._trusted_until = max(self._trusted_until, trusted_until)

    def open_at(self, moment: float) -> None:
        """No outside call before ``moment``: a predecessor may still be at work."""
        with self._lock:
            self._opens_at = moment

    def shut(self) -> None:
        """For good. A new term brings a new gate."""
        with self._lock:
            self._shut = True

    @property
    def is_shut(self) -> bool:
        return self._shut

    def remaining(self) -> float:
        """Seconds of trust left; 0.0 when shut, not yet open, or run out."""
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
        """Seconds until the gate opens for the first time; 0.0 when that is past."""
        with self._lock:
            return max(0.0, self._opens_at - self._clock.now())

    def check(self, need: float) -> None:
        """Return only if trust outlives a call that takes ``need`` seconds.

        Raises ``Fenced`` when the gate is shut for good, ``Unavailable`` when it is not
        open yet or the next heartbeat must come first: the same call may pass later.
        """
        if self._shut:
            raise Fenced("this term is over")
        left = self.remaining()
        if left < need:
            pause = max(self.waits(), RETRY_AFTER)
            raise Unavailable(f"{left:.1f} s of trust, {need:.1f} s needed", retry_after=pause)
