"""A candidate tries to take the lock until it succeeds. While it waits, the instance is PASSIVE.

Rules:

1. It tries once per wake-up. A wake-up is a notification that the lock was freed, APScheduler's
   ``lock_retry`` job, or this loop's own time limit. The limit uses the monotonic clock, so a
   change of the wall clock cannot delay it. While heartbeats come, a try follows every second one
   (``Timing.next_try``).
2. After an error it closes the session and opens a new one, with growing pauses. When the server
   grants no more sessions, the pool gives one up for it.
3. It logs one line when it starts to wait. Then it logs one debug line every ten seconds, or
   every five minutes while heartbeats come: who holds the lock, for how long that session has been
   idle, and its epoch.
4. ``eviction.py`` decides which holder may be terminated.
"""

import datetime
from collections.abc import Callable, Sequence
from threading import Event
from typing import LiteralString, Protocol

from loguru import logger

from supervisor.database.connection import NoMoreSessions
from supervisor.lock.eviction import LOOK_EVERY, Eviction, Rules
from supervisor.lock.observer import Observer
from supervisor.lock.protocol import Acquisition, Holder, Lock, LockLost, LockTarget
from supervisor.lock.server_clock import Doubt, ServerClock
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, LoginRefused, Misconfigured
from supervisor.runtime.term import Term
from supervisor.runtime.wake_pipe import WakePipe

TELL_EVERY = 10.0  #: seconds between the debug lines about the holder
#: While heartbeats come, the holder is not dead: it is looked at so many times less often, and far
#: less often where the limits are long.
SELDOM, SELDOM_IF_PATIENT = 3, 30
PAUSES = (0.5, 1.0, 2.0, 4.0)  #: seconds after the first, second … failed session


class Timer(Protocol):
    """The part of the scheduler that competing needs."""

    def every(
        self, name: str, seconds: float, fn: Callable[[], None], jitter: float = ...
    ) -> None: ...

    def cancel(self, name: str) -> None: ...


class Candidate:
    """Competes for the lock. One thread uses it; ``compete`` may be called again and again."""

    def __init__(
        self,
        target: LockTarget,
        timing: Timing,
        rules: Rules,
        *,
        clock: Clock,
        timer: Timer,
        wake_pipe: WakePipe,
        observer: Observer,
        release_claims: Sequence[LiteralString],
        on_passive: Callable[[], None],
        make_room: Callable[[], None] = lambda: None,
    ) -> None:
        """``make_room`` is called when the server grants no session for the lock."""
        self._target = target
        self._timing = timing
        self._rules = rules
        self._eviction = Eviction(rules, clock=clock, observer=observer)
        self._clock = clock
        self._timer = timer
        self._wake_pipe = wake_pipe
        self._observer = observer
        self._release_claims = release_claims
        self._on_passive = on_passive
        self._make_room = make_room
        self._server_clock = ServerClock()
        self._born: datetime.datetime | None = None
        self._afterword: tuple[Term, str] | None = None
        self._connected_once = False
        self._reset()

    def _reset(self) -> None:
        self.tries = 0
        self._failures = 0
        self._passive_since: float | None = None
        self._looked_at = self._look_at = 0.0
        self._tell_at = 0.0
        self._eviction.forget()

    def remember(self, term: Term, reason: str) -> None:
        """Add ``reason`` to the row of a lost term as soon as the database answers."""
        self._afterword = (term, reason)

    def compete(self, stop: Event) -> tuple[Lock, Acquisition] | None:
        """Win the lock. Returns None when ``stop`` was set first.

        Raises ``Misconfigured`` when the database can never work for us. Once it has worked,
        the same error counts as temporary and is retried, and so does a refused login: the start
        has found that the login works.
        """
        self._reset()
        try:
            while not stop.is_set():
                self._observer.alive()
                won = self._one_session(stop)
                if won is not None:
                    return won
            return None
        finally:
            self._timer.cancel("lock_retry")

    def _one_session(self, stop: Event) -> tuple[Lock, Acquisition] | None:
        """Compete on one session until it wins, fails, or ``stop`` is set."""
        lock: Lock | None = None
        try:
            lock = Lock.open(self._target, self._timing)
            self._opened(lock)
            while not stop.is_set():
                self._observer.alive()
                self.tries += 1
                if self._take(lock) or self._passive(lock):
                    acquisition = lock.win(self._release_claims, doubt=self._doubt)
                    return lock, acquisition
                lock.wait(self._rest(lock), self._wake_pipe)
        except (BotError, LockLost) as error:
            if lock is not None:
                lock.close()
            self._failed(error, stop)
            return None
        lock.close()
        return None

    def _take(self, lock: Lock) -> bool:
        asked = self._clock.now()
        won = lock.take()
        self._told_time(lock, asked)
        return won

    def _doubt(self) -> Doubt:
        asked = self._clock.now()

        def lead(server_time: float) -> float:
            self._server_clock.saw(server_time, asked=asked, answered=self._clock.now())
            return self._server_clock.lead

        return lead

    def _told_time(self, lock: Lock, asked: float) -> None:
        self._server_clock.saw(lock.server_time, asked=asked, answered=self._clock.now())

    def _opened(self, lock: Lock) -> None:
        for warning in lock.warnings:
            if not self._connected_once:
                logger.warning(f"[LOCK] ⚠️ {warning}")
        self._connected_once = True
        self._observer.trouble(self._eviction.trouble, kind="lock")
        # The start of our first session: wait_then_force evicts only holders older than that.
        self._born = self._born or lock.born
        if self._afterword is not None:
            term, reason = self._afterword
            lock.add_to_end_reason(term, reason)
            self._afterword = None

    def _failed(self, error: Exception, stop: Event) -> None:
        never = isinstance(error, Misconfigured) and not isinstance(error, LoginRefused)
        if never and not self._connected_once:
            raise error
        if isinstance(error, NoMoreSessions):
            self._make_room()
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        self._observer.trouble(str(error))
        if self._failures == 1:
            logger.warning(f"[LOCK] ⚠️ no session for the lock: {error}; retrying")
        else:
            logger.bind(reason=str(error), failures=self._failures).debug("lock_session_failed")
        self._pause(self._clock.jitter(pause), stop)

    def _pause(self, seconds: float, stop: Event) -> None:
        # Not on the wake pipe: pending wake-ups would end the pause at once.
        self._clock.wait(stop, seconds)

    # -------------------------------------------------------- while PASSIVE --

    def _passive(self, lock: Lock) -> bool:
        """Another instance holds the lock: log that once, and look at the holder now and then.

        True: the holder was evicted, and the lock is ours.
        """
        self._failures = 0
        now = self._clock.now()
        if self._passive_since is None:
            self._passive_since = now
            self._look_at = self._tell_at = now
            self._on_passive()
            logger.info("[LOCK] Background retry task started")
        is_well = self._is_well(lock)
        if not is_well:
            self._look_at = min(self._look_at, self._looked_at + self._rules.look_every)
        if now < self._look_at:
            return False
        self._looked_at = now
        self._look_at = now + self._rules.look_every * (self._seldom if is_well else 1)
        holder = lock.holder()
        if holder is None:
            return False
        self._told_time(lock, now)
        if now >= self._tell_at:
            self._tell_at = now + TELL_EVERY
            self._tell(holder)
        evicted = self._eviction.consider(
            lock,
            holder,
            waited=now - self._passive_since,
            born=self._born or lock.born,
            doubt=self._server_clock.lead,
        )
        if evicted:
            self._told_time(lock, now)
        return evicted

    @property
    def _seldom(self) -> int:
        return SELDOM_IF_PATIENT if self._rules.look_every >= LOOK_EVERY else SELDOM

    def _is_well(self, lock: Lock) -> bool:
        """Whether nothing needs to be known of the holder but that its heartbeats come."""
        wait, _ = self._timing.next_try(lock.heartbeat_age)
        may_wait = self._rules.force_after is None and self._eviction.trouble is None
        return may_wait and wait > self._timing.poll

    def _rest(self, lock: Lock) -> float:
        """Let the scheduler wake us for the next try; returns the seconds of our own limit."""
        wait, latest = self._timing.next_try(lock.heartbeat_age)
        poll = self._timing.poll
        until_look = max(poll, self._look_at - self._clock.now())
        if until_look < wait:
            wait, latest = until_look, min(latest, until_look + poll / 2)
        jitter = poll / 5 if wait <= poll else 0.0
        self._timer.every("lock_retry", wait, self._wake_pipe.wake, jitter=jitter)
        return latest

    def _tell(self, holder: Holder) -> None:
        logger.bind(
            holder=holder.application_name,
            pid=holder.pid,
            idle_seconds=None if holder.idle_seconds is None else round(holder.idle_seconds, 1),
            epoch=holder.epoch,
        ).debug("lock_passive")
