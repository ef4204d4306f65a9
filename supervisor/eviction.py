"""Whom a waiting instance may throw out, and how that is done without a mistake.

Rules:

1. Only the holder of this very key in this very database: dead (idle beyond the limit),
   or, with ``LOCK_MODE=wait_then_force``, outwaited and older than this instance. Two forcing
   instances would else throw each other out for ever.
2. The statement that ends a session checks all of this again at that moment.
3. "Terminated" is said when the server does not show the session any more.
4. A holder that cannot be seen or ended is a hindrance: it is said once, shown in /health,
   and the same holder is left alone for five minutes. The lock is tried all the same.
"""

import datetime
from dataclasses import dataclass

from loguru import logger

from supervisor.clock import Clock
from supervisor.errors import BotError, Disposition
from supervisor.lock import Holder, Lock
from supervisor.observer import Observer
from supervisor.waker import Waker

LOOK_EVERY = 10.0  #: seconds between looks at the holder
LEAVE_ALONE = 300.0  #: seconds before a hindrance is looked at again
GONE_WITHIN = 1.0  #: seconds in which a terminated session disappears from a healthy server
GONE_STEP = 0.02  #: seconds between two looks for that


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How patient this instance is with a holder. Seconds."""

    stale_after: float
    force_after: float | None  #: None: LOCK_MODE=wait_then_passive

    @property
    def look_every(self) -> float:
        """Between two looks at the holder: a tenth of the shorter patience, 0.2 to 10 s."""
        shorter = min(self.stale_after, self.force_after or self.stale_after)
        return min(LOOK_EVERY, max(0.2, shorter / 10))


class Eviction:
    """Judges the holders that one contender meets."""

    def __init__(self, rules: Rules, *, clock: Clock, waker: Waker, observer: Observer) -> None:
        self._rules = rules
        self._clock = clock
        self._waker = waker
        self._observer = observer
        self._hindrance: tuple[int, datetime.datetime | None] | None = None
        self._hindered_until = float("-inf")

    def consider(
        self, lock: Lock, holder: Holder, *, waited: float, born: datetime.datetime, doubt: float
    ) -> None:
        """End the holder's session if the rules allow it.

        ``born``: server time of our start. ``doubt``: seconds by which the server's clock may
        exaggerate how long the holder is idle.
        """
        if self._is_hindrance(holder):
            return
        if not holder.visible:
            self._hindered(
                holder,
                f"pid={holder.pid} holds the lock under another database role and cannot be"
                " judged; give all instances the same role",
            )
            return
        try:
            self._judge(lock, holder, waited, born, doubt)
        except BotError as error:
            if error.disposition is not Disposition.GIVE_UP or lock.broken:
                raise
            self._hindered(
                holder, f"pid={holder.pid} holds the lock and cannot be ended by us: {error}"
            )

    def _judge(
        self, lock: Lock, holder: Holder, waited: float, born: datetime.datetime, doubt: float
    ) -> None:
        idle, force_after = holder.idle_seconds, self._rules.force_after
        stale_after = self._rules.stale_after + doubt
        if idle is not None and idle > stale_after:
            logger.warning(f"[LOCK] ⚠️ STALE LOCK: pid={holder.pid} idle={idle:.0f}s")
            ended = lock.end_stale(holder, stale_after) is not None
            if ended and self._is_gone(lock, holder):
                logger.warning(f"[LOCK] ✅ Terminated stale holder pid={holder.pid}")
        elif (
            force_after is not None
            and waited >= force_after
            and holder.backend_start is not None
            and holder.backend_start < born
        ):
            logger.bind(pid=holder.pid, waited_seconds=round(waited)).warning(
                "[LOCK] ⚠️ FORCE ACTIVE MODE (risky!)"
            )
            if lock.end_holder(holder):
                self._is_gone(lock, holder)

    def _is_gone(self, lock: Lock, holder: Holder) -> bool:
        """Whether the session that was told to end has ended; wakes the loop if so."""
        deadline = self._clock.now() + GONE_WITHIN
        while lock.lives(holder):
            if self._clock.now() >= deadline:
                self._hindered(
                    holder, f"pid={holder.pid} holds the lock and does not end although told to"
                )
                return False
            lock.wait(GONE_STEP, self._waker)
        self._waker.wake()
        return True

    def _is_hindrance(self, holder: Holder) -> bool:
        """Whether this holder was found to be one lately."""
        if self._hindrance is None:
            return False
        if (holder.pid, holder.backend_start) == self._hindrance:
            return self._clock.now() < self._hindered_until
        self._hindrance = None
        self._observer.trouble(None)
        return False

    def _hindered(self, holder: Holder, text: str) -> None:
        self._hindrance = (holder.pid, holder.backend_start)
        self._hindered_until = self._clock.now() + LEAVE_ALONE
        self._observer.trouble(text)
        logger.warning(f"[LOCK] ⚠️ {text}")
