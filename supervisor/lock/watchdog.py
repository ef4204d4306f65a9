"""Ends a term when the supervisor's thread cannot.

Three things can keep that thread from noticing that trust is over: a call that hangs in the
network, a machine that was suspended, and a hanging interpreter. For the first two, the
watchdog's own thread shuts the gate when trust ends and aborts the hanging call. For the third,
faulthandler's timer ends the process; it needs no interpreter.

The watchdog's thread also ends the process, in any phase, when a loop has been silent for too
long and the supervisor has not ended the process: because the supervisor itself hangs, or because
this instance is not ACTIVE.
"""

import faulthandler
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.term import Gate
from supervisor.runtime.threads import BackgroundThread

LOOK_EVERY = 3.0  #: seconds between two checks for a silent loop
_IDLE = 3600.0  #: seconds; there is nothing to watch, so any long time is right
#: Seconds for the supervisor to end a term in which a loop is silent, and for all loops to report
#: progress after the machine was suspended.
PATIENCE = 20.0
STANDARD_ERROR = 2
DUMP_SECONDS = 2.0  #: for writing the traceback of a hanging interpreter


@dataclass(frozen=True, slots=True)
class _Watched:
    gate: Gate
    abort: Callable[[], None]


class Watchdog:
    """Shuts the watched gate when its trust runs out, and frees the holder's socket."""

    def __init__(
        self,
        clock: Clock,
        *,
        silence: Callable[[], str | None] = lambda: None,
        die: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``silence`` names a loop that makes no progress; ``die`` ends the process at once."""
        self._clock = clock
        self._silence = silence
        self._die = die
        self._silent_since: float | None = None
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
        """Watch this term from now on, instead of the one before."""
        with self._lock:
            self._watched = _Watched(gate, abort)
        self._changed.set()

    def release(self) -> None:
        """The term is over; watch nothing."""
        with self._lock:
            self._watched = None

    def look(self) -> float:
        """Act if trust is over. Returns the seconds until the next check is needed."""
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

    def listen(self) -> None:
        """End the process if a loop is still silent ``PATIENCE`` seconds after it was noticed."""
        silence, now = self._silence(), self._clock.now()
        if silence is None:
            self._silent_since = None
        elif self._silent_since is None:
            self._silent_since = now
        elif now >= self._silent_since + PATIENCE:
            self._die(silence)

    def _run(self, stop: Event) -> None:
        while not stop.is_set():
            pause = min(self.look(), LOOK_EVERY)
            self.listen()
            self._clock.wait(self._changed, pause)
            self._changed.clear()


class HangGuard:
    """Ends the process unless a heartbeat re-arms it in time. faulthandler's timer is a thread in
    C that runs even when no thread releases the interpreter's lock. A process that was stopped
    (SIGSTOP) for longer than that is ended as well when it is resumed."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def arm(self) -> None:
        # By its number: sys.stderr is None when the process was started without one.
        faulthandler.dump_traceback_later(self._seconds, exit=True, file=STANDARD_ERROR)
        _alarm(self._seconds + DUMP_SECONDS)

    def disarm(self) -> None:
        faulthandler.cancel_dump_traceback_later()
        _alarm(0.0)


def _alarm(seconds: float) -> None:
    """Let the kernel end the process after ``seconds``. faulthandler writes the traceback to
    standard error before it ends the process, and hangs when that is a pipe that nobody reads."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, seconds)
