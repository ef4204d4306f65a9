"""The supervisor: one synchronous loop in a thread of its own.

Only this thread uses the lock's session and changes the phase. Signals, timers, crashed services
and other threads set flags and wake it.
"""

from collections import deque
from collections.abc import Callable
from threading import Event

from loguru import logger

from supervisor.database.transactions import Database
from supervisor.lock.candidate import Candidate
from supervisor.lock.phase import Event as PhaseEvent
from supervisor.lock.phase import Phase, advance
from supervisor.lock.protocol import Acquisition, Lock, LockLost
from supervisor.lock.term_holder import Ending, TermHolder, Tools
from supervisor.runtime.errors import BotError, Exit, Misconfigured, Stuck

DAMPING_WINDOW = 60.0  #: seconds in which losses are counted
#: Seconds before competing again, by the number of recent losses. The first pause lets another
#: instance take the lock. It costs no time: a term after an unclean end waits longer than that
#: for its predecessor's trust. The longest pause is short, since a pausing instance is no standby.
DAMPING = (0.5, 1.0, 2.0, 4.0, 8.0)


class Supervisor:
    """Runs ``prepare`` once, then competes for the lock and holds it until asked to stop."""

    def __init__(
        self,
        *,
        candidate: Callable[[Callable[[], None]], Candidate],
        tools: Tools,
        database: Database,
        prepare: Callable[[Event], None],
    ) -> None:
        self._tools = tools
        self._database = database
        self._prepare = prepare
        self._candidate = candidate(self._became_passive)
        self._phase = Phase.STARTING
        self._stop = Event()
        self._hasten = Event()
        self._losses: deque[float] = deque(maxlen=len(DAMPING) - 1)
        #: The error behind an exit code other than 0.
        self.failure: BaseException | None = None

    # ------------------------------------------------- from any other thread --

    def request_stop(self) -> None:
        """Drain and end. A second request shortens the time for running work."""
        if self._stop.is_set():
            self._hasten.set()
        self._stop.set()
        self._tools.wake_pipe.wake()

    def fail(self, error: BaseException) -> None:
        """End the process with the exit code for ``error``, in any phase: an instance that waits
        must not take the lock for work that it cannot do. After a request to stop it changes
        nothing."""
        if not self._stop.is_set():
            self.failure = error
            self.request_stop()

    # -------------------------------------------------- the supervisor's own --

    def run(self) -> Exit:
        """Run until asked to stop. Returns the exit code of the process."""
        self._tools.observer.phase_changed(self._phase, epoch=None, reason="started")
        self._tools.watchdog.start()
        try:
            self._prepare(self._stop)
            while not self._stop.is_set():
                won = self._candidate.compete(self._stop)
                if won is None:
                    break
                ending = self._hold(*won)
                if ending is not None and ending.failure is not None:
                    self.failure = ending.failure
                    break
        except Misconfigured as error:
            for problem in error.problems:
                logger.critical(problem)
            self.failure = error
        except Exception as error:  # noqa: BLE001 the owner of the thread: nobody is above it
            logger.opt(exception=error).critical("supervisor_crashed")
            self.failure = error
        finally:
            self._tools.watchdog.stop()
        self._finish()
        return self._exit_code()

    def _hold(self, lock: Lock, acquisition: Acquisition) -> Ending | None:
        """Run one term to its end. None: the lock was lost before the term began."""
        term_holder = TermHolder(lock, acquisition, self._tools)
        try:
            term_holder.begin()
        except (BotError, LockLost) as error:
            lock.close()
            logger.warning(f"[LOCK] ⚠️ the lock was won but not verified: {error}")
            self._damp()
            return None
        self._became_active(acquisition)
        ending = term_holder.hold(
            self._stop, self._hasten, lambda end: self._ends(acquisition, end)
        )
        self._database.is_active = False
        if ending.lost and self._phase is Phase.PASSIVE:
            self._damp()
        return ending

    def _ends(self, acquisition: Acquisition, ending: Ending) -> None:
        if ending.lost:
            self._lost(acquisition, ending)
        else:
            self._enter(PhaseEvent.STOP_REQUESTED, ending.reason)

    def _became_active(self, acquisition: Acquisition) -> None:
        first_try = self._phase is Phase.STARTING
        retries = max(1, self._candidate.tries - 1)
        self._database.is_active = True
        self._tools.observer.took_over(
            predecessor=acquisition.predecessor is not None,
            clean=acquisition.clean,
            gap=acquisition.gap,
            grace=acquisition.grace,
        )
        self._enter(PhaseEvent.LOCK_WON, "lock won", epoch=acquisition.term.epoch)
        line = (
            "[LOCK] ✅ ACTIVE MODE: PostgreSQL advisory lock acquired"
            if first_try
            else f"[LOCK] ✅ PASSIVE → ACTIVE: Lock acquired on retry {retries}!"
        )
        logger.bind(
            epoch=acquisition.term.epoch,
            predecessor=acquisition.predecessor,
            clean=acquisition.clean,
            gap_seconds=round(acquisition.gap, 3),
            grace_seconds=round(acquisition.grace, 3),
            orphans=acquisition.orphans,
        ).info(line)

    def _became_passive(self) -> None:
        if self._phase is Phase.STARTING:
            self._enter(PhaseEvent.LOCK_BUSY, "another instance holds the lock")
            logger.info("[LOCK] ⏸️ PASSIVE MODE: Webhook will return 200 but no processing")

    def _lost(self, acquisition: Acquisition, ending: Ending) -> None:
        """Report the loss before the services stop: nobody may see ACTIVE meanwhile."""
        self._database.is_active = False
        logger.bind(epoch=acquisition.term.epoch, cause=ending.cause.value).warning(
            f"[LOCK] ⚠️ ACTIVE → PASSIVE: {ending.reason}"
        )
        self._tools.observer.lock_lost(cause=ending.cause.value)
        self._candidate.remember(acquisition.term, ending.reason)
        self._enter(PhaseEvent.LOCK_LOST, ending.reason)

    def _damp(self) -> None:
        """Pause before the next try, the longer the more often the lock was lost recently."""
        clock = self._tools.clock
        now = clock.now()
        recent = sum(1 for loss in self._losses if now - loss < DAMPING_WINDOW)
        self._losses.append(now)
        if recent:
            logger.bind(seconds=DAMPING[recent], losses=recent + 1).info("lock_flaps")
        clock.wait(self._stop, DAMPING[recent])

    def _exit_code(self) -> Exit:
        match self.failure:
            case None:
                return Exit.OK
            case Misconfigured():
                return Exit.USAGE
            case Stuck():
                return Exit.STUCK
            case _:
                return Exit.FAILED

    def _finish(self) -> None:
        if self._phase is not Phase.DRAINING:
            # Never while ACTIVE: the term has always ended by now.
            reason = "asked to stop" if self.failure is None else f"failed: {self.failure}"
            self._enter(PhaseEvent.STOP_REQUESTED, reason)
        self._enter(PhaseEvent.DRAINED, "drained")

    def _enter(self, event: PhaseEvent, reason: str, *, epoch: int | None = None) -> None:
        self._phase = advance(self._phase, event)
        self._tools.observer.phase_changed(self._phase, epoch=epoch, reason=reason)
