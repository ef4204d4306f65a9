"""An instance that competes for the lock: a candidate in a thread, and what it says."""

import threading
from collections.abc import Callable
from threading import Event

from supervisor.lock.candidate import Candidate, Timer
from supervisor.lock.eviction import Rules
from supervisor.lock.phase import Phase
from supervisor.lock.protocol import Acquisition, Lock, LockTarget
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import work_channel
from supervisor.settings.identity import Identity
from tests.support.machine.waiting import until

PATIENT = Rules(stale_after=300.0, force_after=None)
TIMING = Timing(poll=0.2)


def target(dsn: Secret, identity: Identity, name: str) -> LockTarget:
    return LockTarget(
        dsn,
        identity.lock_key,
        identity.fence_key,
        identity.bot_id,
        name,
        work_channel(identity.bot_id),
    )


class Quiet:
    """Timer and observer of a candidate that needs neither; remembers the troubles."""

    def __init__(self) -> None:
        self.troubles: list[str | None] = []

    def every(self, name: str, seconds: float, fn: Callable[[], None], jitter: float = 0.0) -> None:
        assert name == "lock_retry"

    def cancel(self, name: str) -> None:
        assert name == "lock_retry"

    def phase_changed(self, phase: Phase, *, epoch: int | None, reason: str) -> None: ...

    def alive(self) -> None: ...

    def took_over(self, *, predecessor: bool, clean: bool, gap: float, grace: float) -> None: ...

    def lock_verified(self, *, seconds: float) -> None: ...

    def lock_lost(self, *, cause: str) -> None: ...

    def trouble(self, reason: str | None, *, kind: str = "database") -> None:
        del kind
        self.troubles.append(reason)


class CandidateThread:
    """``close`` it. ``wins`` and ``still_waits`` tell how it stands."""

    def __init__(
        self,
        dsn: Secret,
        identity: Identity,
        rules: Rules = PATIENT,
        name: str = "candidate",
        *,
        timer: Timer | None = None,
    ) -> None:
        self.stop = Event()
        self.passive = Event()
        self.wake_pipe = WakePipe()
        self.quiet = Quiet()
        self.won: tuple[Lock, Acquisition] | None = None
        self.failure: Exception | None = None
        self.candidate = Candidate(
            target(dsn, identity, name),
            TIMING,
            rules,
            clock=SystemClock(),
            timer=timer or self.quiet,
            wake_pipe=self.wake_pipe,
            observer=self.quiet,
            release_claims=(),
            on_passive=self.passive.set,
        )
        self.thread = threading.Thread(target=self._compete)
        self.thread.start()

    def _compete(self) -> None:
        try:
            self.won = self.candidate.compete(self.stop)
        except Exception as error:  # noqa: BLE001 the test looks at it
            self.failure = error

    def wins(self) -> bool:
        """It competes to the end, and has the lock then."""
        until(lambda: not self.thread.is_alive(), 15, "an end of competing")
        return self.won is not None

    def still_waits(self, tries: int = 5) -> bool:
        """It has tried so often from now on, in vain."""
        least = self.candidate.tries + tries
        until(
            lambda: not self.thread.is_alive() or self.candidate.tries >= least,
            15,
            f"{tries} more tries",
        )
        return self.thread.is_alive() and self.won is None

    def close(self) -> None:
        self.stop.set()
        self.wake_pipe.wake()
        self.thread.join(10)
        assert not self.thread.is_alive()
        if self.won is not None:
            self.won[0].close()
        self.wake_pipe.close()
