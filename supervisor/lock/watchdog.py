"""What still works when the supervisor's thread does not.

Three things can keep that thread from noticing that trust is over: a call that hangs in
the network, a machine that stood still, an interpreter that stands still. For the first
two a thread of its own shuts the gate at the deadline and frees the hung call. For the
last one faulthandler's timer, which needs no interpreter, ends the process: nobody can
act through a hung interpreter, but nobody else would ever notice it either.
"""

import faulthandler
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.term import Gate
from supervisor.runtime.threads import BackgroundThread

_IDLE = 3600.0  #: seconds; nothing to watch, so any long time will do


@dataclass(frozen=True, slots=True)
class _Watched:
    gate: Gate
    abort: Callable[[], None]


class Watchdog:
    """Shuts the watched gate when its trust runs out, and frees the holder's socket."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._watched: _Watched | None = None
        self._changed = Event()
        self._thread = BackgroundThread("watchdog", self._run)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._thread.stop()
        self._changed.set()
        self._thread.join(1.0)

    def watch(self, gate: Gate, abort: Callable[[], None]) -> None:
        """From now on; replaces what was watched before."""
        with self._lock:
            self._watched = _Watched(gate, abort)
        self._changed.set()

    def release(self) -> None:
        """The term is over; nothing to watch."""
        with self._lock:
            self._watched = None

    def look(self) -> float:
        """Act if trust is over; returns the seconds until the next look is needed."""
        with self._lock:
            watched = self._watched
        if watched is None or watched.gate.is_shut:
            return _IDLE
        left = watched.gate.trust_left()
        if left > 0:
            return left
        watched.gate.shut()
        watched.abort()
        logger.warning("lock_trust_expired")
        return _IDLE

    def _run(self, stop: Event) -> None:
        while not stop.is_set():
            pause = self.look()
            self._clock.wait(self._changed, pause)
            self._changed.clear()


class HangGuard:
    """Ends the process when no heartbeat re-arms it in time. faulthandler's timer is a
    thread in C that runs even while the interpreter's lock is never given back. To that
    thread a process that was stopped for longer looks the same when it goes on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def arm(self) -> None:
        faulthandler.dump_traceback_later(self._seconds, exit=True)

    def disarm(self) -> None:
        faulthandler.cancel_dump_traceback_later()
