"""One term, from winning the lock to its end. During a term the instance is ACTIVE.

Rules:

1. Trust starts when a heartbeat is *sent*, never when it is answered.
2. If the predecessor did not sign off, the gate opens only when its trust has surely run out.
   Fenced work in the database begins at once.
3. ``on_active`` is called exactly once per term, after the lock was read back.
4. When the lock is lost, the gate is shut first, then the session is closed, then the services
   are stopped. They may still record what they have just done; database calls that hang are
   aborted after 1.5 s. If a service still runs after ``timing.loss``, the process ends.
5. A clean end joins all services, then signs off, then frees the lock. There is no sign-off when
   a service did not stop in time, nor when this term was still waiting for its own predecessor:
   in both cases the successor has to wait.
6. When a service makes no progress, the process gives up the lock. The other services get
   ``timing.loss`` to record what they have done, then the process ends. There is no sign-off
   while a service still runs.
"""

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Protocol

from loguru import logger

from supervisor.lock.observer import Observer
from supervisor.lock.protocol import Acquisition, Lock, LockLost
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import Watchdog
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Stuck
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import Wakeups

RETRY_PAUSE = 0.2  #: seconds after a heartbeat that failed on a living session
JOIN_STEP = 0.005  #: seconds between two looks at services that are stopping
#: Share of ``Timing.loss`` after which the database calls of a lost term are aborted.
ABORT_SHARE = 0.3
_IN_TIME = "the lock could not be verified in time"


class Cause(enum.StrEnum):
    """Why a term ended; the values are labels of a metric."""

    STOPPED = "stopped"
    CRASHED = "crashed"
    STUCK = "stuck"
    SESSION_ENDED = "session_ended"
    NOT_HOLDER = "not_holder"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Ending:
    """How a term ended. ``failure`` is set when the process has to end as well."""

    cause: Cause
    reason: str
    failure: BaseException | None = None

    @property
    def lost(self) -> bool:
        return self.cause in {Cause.SESSION_ENDED, Cause.NOT_HOLDER, Cause.UNVERIFIED}


class Guard(Protocol):
    """Ends the process when the interpreter hangs."""

    def arm(self) -> None: ...

    def disarm(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What every term of one process uses."""

    timing: Timing
    clock: Clock
    wake_pipe: WakePipe
    watchdog: Watchdog
    hang_guard: Guard
    observer: Observer
    wakeups: Wakeups
    services: Sequence[Service]
    on_active: Callable[[Term, Gate], None]
    end_work: Callable[[Term], None]  #: abort the database calls of a lost term; later ones fail
    die: Callable[[str], None]  #: end the process at once; does not return in production
    #: A sentence about a loop that has made no progress for too long; None: there is none.
    silence: Callable[[], str | None] = lambda: None


class _Lost(Exception):
    """Carries the ending to the code that stops the term."""

    def __init__(self, cause: Cause, reason: str) -> None:
        super().__init__(reason)
        self.ending = Ending(cause, reason)


class TermHolder:
    """One term: ``begin``, then ``hold``."""

    def __init__(self, lock: Lock, acquisition: Acquisition, tools: Tools) -> None:
        self._lock = lock
        self._term = acquisition.term
        self._tools = tools
        self.gate = Gate(tools.clock)
        if acquisition.grace:
            self.gate.open_at(tools.clock.now() + acquisition.grace)
        self._next_heartbeat = tools.clock.now()

    def begin(self) -> None:
        """Read the lock back. Raises ``BotError`` or ``LockLost`` when that fails."""
        asked = self._tools.clock.now()
        self._lock.heartbeat(self._term)
        self._verified(asked)
        self._tools.watchdog.watch(self.gate, self._lock.abort)

    def hold(self, stop: Event, hasten: Event, on_end: Callable[[Ending], None]) -> Ending:
        """Run the services until the lock is lost, ``stop`` is set, or a service crashes or hangs.

        ``on_end`` is called with the ending before anything is stopped, and again when the lock
        is lost while draining. ``hasten`` shortens the time for running work. On return the lock
        is closed.
        """
        ending: Ending
        try:
            self._start()
            ending = self._serve(stop)
            on_end(ending)
            self._drain(ending, hasten)
        except _Lost as lost:
            ending = lost.ending
            self.gate.shut()
            on_end(ending)
            self._abandon(ending)
        finally:
            self._tools.hang_guard.disarm()
            self._tools.watchdog.release()
            self.gate.shut()
            self._lock.close()
        return ending

    # -------------------------------------------------------------- serving --

    def _start(self) -> None:
        logger.bind(epoch=self._term.epoch).info(
            "[LOCK_CONTROLLER] 🔥 Calling on_active_callback..."
        )
        self._tools.on_active(self._term, self.gate)
        for service in self._tools.services:
            service.start(self._term, self.gate)

    def _serve(self, stop: Event) -> Ending:
        while True:
            # First: whoever reports a crash may have requested the stop, too.
            for service in self._tools.services:
                if service.failure is not None:
                    reason = f"service {service.name} crashed: {service.failure}"
                    return Ending(Cause.CRASHED, reason, service.failure)
            if stop.is_set():
                return Ending(Cause.STOPPED, "asked to stop")
            silence = self._tools.silence()
            if silence is not None:
                logger.bind(epoch=self._term.epoch).critical(
                    f"[LOCK] ❌ gives the lock up: {silence}"
                )
                return Ending(Cause.STUCK, silence, Stuck(silence))
            self._tools.observer.alive()
            self._beat_when_due()
            self._listen(self._next_heartbeat - self._tools.clock.now())

    def _listen(self, seconds: float) -> None:
        try:
            topics = self._lock.wait(seconds, self._tools.wake_pipe)
        except BotError as error:
            raise _Lost(Cause.SESSION_ENDED, str(error)) from None
        for topic in topics:
            self._tools.wakeups.signal(topic)

    def _beat_when_due(self) -> None:
        """Send the heartbeat when it is due. A failed one is repeated while trust lasts."""
        clock, trouble = self._tools.clock, ""
        while clock.now() >= self._next_heartbeat:
            if self.gate.trust_left() <= 0:
                # The process stood still for too long. Another heartbeat cannot renew trust and
                # would make the successor wait. Listen: the server may have ended the session.
                self._listen(0.0)
                raise _Lost(Cause.UNVERIFIED, _IN_TIME + trouble)
            asked = clock.now()
            try:
                self._lock.heartbeat(self._term)
            except LockLost as error:
                raise _Lost(Cause.NOT_HOLDER, str(error)) from None
            except BotError as error:
                if self._lock.broken:
                    raise _Lost(Cause.SESSION_ENDED, str(error)) from None
                logger.bind(reason=str(error), epoch=self._term.epoch).warning(
                    "lock_heartbeat_failed"
                )
                trouble = f": {error}"
                # Without a pause a server that refuses at once would be asked in a tight loop.
                self._listen(RETRY_PAUSE)
                continue
            self._verified(asked)
            # Return even if the next one is due: a stop may have been requested.
            return

    def _verified(self, asked: float) -> None:
        timing = self._tools.timing
        self.gate.extend(asked + timing.trust)
        if self.gate.is_shut:
            # The answer came after the deadline; a successor may have begun.
            raise _Lost(Cause.UNVERIFIED, _IN_TIME)
        self._next_heartbeat = asked + timing.heartbeat
        self._tools.hang_guard.arm()
        self._tools.observer.lock_verified(seconds=self._tools.clock.now() - asked)

    # --------------------------------------------------------------- ending --

    def _drain(self, ending: Ending, hasten: Event) -> None:
        """Stop the services, send heartbeats while they finish, then sign off and free the lock."""
        for service in self._tools.services:
            service.stop()
        began, timing = self._tools.clock.now(), self._tools.timing
        longest = timing.loss if ending.cause is Cause.STUCK else timing.drain
        running = self._join(self._tools.clock.now())
        while running:
            patience = timing.haste if hasten.is_set() else longest
            if self._tools.clock.now() >= began + patience:
                break
            self._beat_when_due()
            self._listen(JOIN_STEP)
            running = self._join(self._tools.clock.now())
        self.gate.shut()
        if running:
            logger.bind(services=running).warning("drain_incomplete")
            return
        try:
            # Until our gate has opened, our predecessor may still act. Then we do not sign off,
            # so that our successor waits as well.
            if self.gate.waits() <= 0:
                self._lock.sign_off(self._term, ending.reason)
            freed = self._lock.free()
        except (BotError, LockLost) as error:
            raise _Lost(Cause.SESSION_ENDED, f"while signing off: {error}") from None
        if not freed:
            raise _Lost(Cause.NOT_HOLDER, "the lock was not ours when it was to be freed")

    def _abandon(self, ending: Ending) -> None:
        """End a lost term: without sign-off, and without freeing the lock."""
        self._lock.abort()
        for service in self._tools.services:
            service.stop()
        deadline = self._tools.clock.now() + self._tools.timing.loss
        # Until a successor begins, the fence admits what the services still have to write.
        if self._join(deadline - (1 - ABORT_SHARE) * self._tools.timing.loss):
            self._tools.end_work(self._term)
        for name in self._join(deadline):
            self._tools.die(f"service {name} outlived its term ({ending.reason})")

    def _join(self, deadline: float) -> list[str]:
        """Wait for the services; returns the names of those that still run at ``deadline``."""
        clock, services = self._tools.clock, self._tools.services
        return [each.name for each in services if not each.join(deadline - clock.now())]
