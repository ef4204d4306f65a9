"""Eviction: which holder of the lock a waiting instance may terminate, and how.

Rules:

1. Only the holder of this key in this database: when it is dead (idle beyond the limit), or,
   with ``LOCK_MODE=wait_then_force``, when we have waited long enough and it is older than this
   instance. Otherwise two forcing instances would evict each other for ever.
2. The statement that terminates a session checks all of this again at that moment and waits for
   the lock in the same statement. The server gives us the lock when the other session is gone,
   so neither the evicted instance nor another one can take it in between.
3. An instance that was found older stays older: its process may come back with a younger
   session. Two instances cannot both be older than each other by the starts of their sessions.
   A pooler or a clock that was set back may hide that, so one instance evicts the same other
   one three times at most.
4. A holder that we cannot see or terminate is a hindrance: one log line, shown in /health, and
   the same holder is left alone for five minutes. We go on trying for the lock.
"""

import datetime
from dataclasses import dataclass

from loguru import logger

from supervisor.lock.observer import Observer
from supervisor.lock.protocol import Holder, Lock
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition

LOOK_EVERY = 10.0  #: seconds between looks at the holder
LEAVE_ALONE = 300.0  #: seconds before a hindrance is looked at again
FORCED_AT_MOST = 3  #: times that one instance evicts the same other one


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long this instance waits for a holder. Seconds."""

    stale_after: float
    force_after: float | None  #: None: LOCK_MODE=wait_then_passive

    @property
    def look_every(self) -> float:
        """Between two looks at the holder: a tenth of the shorter patience, 0.2 to 10 s."""
        shorter = min(self.stale_after, self.force_after or self.stale_after)
        return min(LOOK_EVERY, max(0.2, shorter / 10))


class Eviction:
    """Judges the holders that one candidate meets."""

    def __init__(self, rules: Rules, *, clock: Clock, observer: Observer) -> None:
        self._rules = rules
        self._clock = clock
        self._observer = observer
        #: Instances that were found older, and how often each was thrown out.
        self._older: dict[str, int] = {}
        self._hindrance: tuple[int, datetime.datetime | None] | None = None
        self._hindered_until = float("-inf")
        #: Why the lock cannot be had, in words; None: no reason is known.
        self.trouble: str | None = None

    def forget(self) -> None:
        """A new competition begins: forget the hindrance of the last one."""
        self._hindrance = self.trouble = None

    def consider(
        self, lock: Lock, holder: Holder, *, waited: float, born: datetime.datetime, doubt: float
    ) -> bool:
        """End the holder's session if the rules allow it; True: the lock is ours in its place.

        ``born``: server time of our start. ``doubt``: seconds by which the server's clock may
        exaggerate how long the holder is idle. When this raises, close the lock.
        """
        if self._is_hindrance(holder):
            return False
        if not holder.visible:
            self._hindered(
                holder,
                f"pid={holder.pid} holds the lock under another database role and cannot be"
                " judged; give all instances the same role",
            )
            return False
        try:
            return self._judge(lock, holder, waited, born, doubt)
        except BotError as error:
            if lock.broken:
                raise
            if error.disposition is Disposition.GIVE_UP:
                why = f"pid={holder.pid} holds the lock and cannot be ended by us: {error}"
                self._hindered(holder, why)
                return False
            why = f"pid={holder.pid} was told to end, but the lock was not to be had: {error}"
            self._hindered(holder, why)
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

    def _is_hindrance(self, holder: Holder) -> bool:
        """Whether this holder was found to be one lately."""
        if self._hindrance is None:
            return False
        if (holder.pid, holder.backend_start) == self._hindrance:
            return self._clock.now() < self._hindered_until
        self._hindrance = self.trouble = None
        self._observer.trouble(None)
        return False

    def _hindered(self, holder: Holder, text: str) -> None:
        self._hindrance = (holder.pid, holder.backend_start)
        self._hindered_until = self._clock.now() + LEAVE_ALONE
        self.trouble = text
        self._observer.trouble(text)
        logger.warning(f"[LOCK] ⚠️ {text}")
