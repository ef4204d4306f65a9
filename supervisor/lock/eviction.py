"""Eviction: which holder of the lock a waiting instance may terminate, and how.

Rules:

1. We evict only the holder of this key in this database. It must be dead (idle beyond the
   limit). With ``LOCK_MODE=wait_then_force`` it may also be alive: then we must have waited long
   enough, and it must be older than this instance. Without the age rule two instances in this
   mode would evict each other for ever.
2. The statement that terminates the session checks all of this again and waits for the lock. The
   server gives us the lock as soon as the other session is gone, so neither the evicted instance
   nor a third one can take it in between.
3. Age is that of the instance, not of its session: an instance that was once found older counts
   as older, even after it reconnects with a newer session. By session starts two instances
   cannot both be older than each other, but a pooler or a clock that was set back may make it
   seem so. So an instance evicts the same other instance at most three times.
4. A holder that we cannot see or terminate is logged once and shown in /health, and we do not try
   to evict it again for five minutes. We go on trying for the lock.
"""

import datetime
from dataclasses import dataclass

from loguru import logger

from supervisor.lock.observer import Observer
from supervisor.lock.protocol import Holder, Lock
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition

LOOK_EVERY = 10.0  #: seconds between looks at the holder
LEAVE_ALONE = 300.0  #: seconds before we try again to evict a holder that could not be evicted
FORCED_AT_MOST = 3  #: times that one instance evicts the same other one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long this instance waits for a holder. Seconds."""

    stale_after: float
    force_after: float | None  #: None: LOCK_MODE=wait_then_passive

    @property
    def look_every(self) -> float:
        """Seconds between two looks at the holder: a tenth of the shorter limit, 0.2 to 10 s."""
        shorter = min(self.stale_after, self.force_after or self.stale_after)
        return min(LOOK_EVERY, max(0.2, shorter / 10))


class Eviction:
    """Decides whether the holder may be evicted, and evicts it. One per candidate."""

    def __init__(self, rules: Rules, *, clock: Clock, observer: Observer) -> None:
        self._rules = rules
        self._clock = clock
        self._observer = observer
        #: Instances that were found older, and how often each was evicted.
        self._older: dict[str, int] = {}
        #: The holder that could not be evicted: process id and start of its session.
        self._stuck_holder: tuple[int, datetime.datetime | None] | None = None
        self._leave_alone_until = float("-inf")
        #: Why the lock cannot be taken, for people; None: no reason is known.
        self.trouble: str | None = None

    def forget(self) -> None:
        """Start a new competition: forget the holder that could not be evicted."""
        self._stuck_holder = self.trouble = None

    def consider(
        self, lock: Lock, holder: Holder, *, waited: float, born: datetime.datetime, doubt: float
    ) -> bool:
        """Evict the holder if the rules allow it. True: the lock is ours now.

        ``born``: server time of our start. ``doubt``: seconds by which the server's clock may
        overstate the holder's idle time. When this raises, close the lock.
        """
        if self._is_left_alone(holder):
            return False
        if not holder.visible:
            self._could_not_evict(
                holder,
                f"pid={holder.pid} holds the lock under another database role, so it is unknown"
                f" whether it is alive; give all instances the same role; {_end_it(holder)}",
            )
            return False
        try:
            return self._judge(lock, holder, waited, born, doubt)
        except BotError as error:
            if lock.broken:
                raise
            if error.disposition is Disposition.GIVE_UP:
                why = f"pid={holder.pid} holds the lock and cannot be ended by us: {error}"
                self._could_not_evict(holder, f"{why}; {_end_it(holder)}")
                return False
            why = f"pid={holder.pid} was told to end, but the lock was not to be had: {error}"
            self._could_not_evict(holder, why)
            raise

    def _judge(
        self, lock: Lock, holder: Holder, waited: float, born: datetime.datetime, doubt: float
    ) -> bool:
        idle, force_after = holder.idle_seconds, self._rules.force_after
        stale_after, may_force = self._rules.stale_after + doubt, self._may_force(holder, born)
        if idle is not None and idle > stale_after:
            logger.warning(f"[LOCK] ⚠️ STALE LOCK: pid={holder.pid} idle={idle:.0f}s")
            evicted = lock.evict_stale(holder, stale_after)
            if evicted:
                logger.warning(f"[LOCK] ✅ Terminated stale holder pid={holder.pid}")
            return evicted
        if force_after is not None and waited >= force_after and may_force:
            logger.bind(pid=holder.pid, waited_seconds=round(waited)).warning(
                "[LOCK] ⚠️ FORCE ACTIVE MODE (risky!)"
            )
            if holder.is_instance:
                self._older[holder.application_name] += 1
            return lock.evict(holder)
        return False

    def _may_force(self, holder: Holder, born: datetime.datetime) -> bool:
        """Whether the holder's process is older than ours, as far as we have seen."""
        is_older = holder.backend_start is not None and holder.backend_start < born
        if not holder.is_instance:
            return is_older
        name = holder.application_name
        if is_older:
            self._older.setdefault(name, 0)
        return self._older.get(name, FORCED_AT_MOST) < FORCED_AT_MOST

    def _is_left_alone(self, holder: Holder) -> bool:
        """Whether evicting this very holder failed within the last ``LEAVE_ALONE`` seconds."""
        if self._stuck_holder is None:
            return False
        if (holder.pid, holder.backend_start) == self._stuck_holder:
            return self._clock.now() < self._leave_alone_until
        self._stuck_holder = self.trouble = None
        self._observer.trouble(None)
        return False

    def _could_not_evict(self, holder: Holder, text: str) -> None:
        self._stuck_holder = (holder.pid, holder.backend_start)
        self._leave_alone_until = self._clock.now() + LEAVE_ALONE
        self.trouble = text
        self._observer.trouble(text, kind="lock")
        logger.warning(f"[LOCK] ⚠️ {text}")


def _end_it(holder: Holder) -> str:
    return (
        f"if it is dead, end it as its own role or a superuser: SELECT"
        f" pg_terminate_backend({holder.pid}); this instance takes over as soon as it is gone"
    )
