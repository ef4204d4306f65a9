"""The services of the ACTIVE instance as one ``Service``, made when they are first needed.

An instance that only stores and waits has not imported what answers, sends and calls kie.ai: that
is more than a third of the memory of an ACTIVE one. Making it takes some tenths of a second, in a
thread, while the lock's heartbeats go on. ``expect`` begins it before the lock is won: where
somebody writes to the bot, whichever instance receives it, the next holder has to answer at once.
Where nobody does, ``rehearse`` finds out whether it could be made.
"""

from collections.abc import Callable, Sequence
from threading import Event, Lock

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import SILENCE, Progress
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import BackgroundThread, Service, ServiceGroup


class OnDemand:
    """One object serves all terms. A term that begins before the services are made gets them as
    soon as they are; one that ended meanwhile gets none."""

    def __init__(
        self,
        make: Callable[[], Sequence[Service]],
        *,
        clock: Clock,
        progress: Progress,
        on_failure: Callable[[BaseException], None],
        rehearsal: Callable[[], BaseException | None] = lambda: None,
    ) -> None:
        """``make`` is called once, in a thread of its own; ``on_failure`` when it has failed.
        ``rehearsal`` returns why ``make`` would fail."""
        self._make = make
        self._clock = clock
        self._progress = progress
        self._on_failure = on_failure
        self._rehearsal = rehearsal
        self._rehearsed = False
        self._lock = Lock()
        self._expected = False
        self._made = ServiceGroup((), clock)
        self._is_made = False
        self._failure: BaseException | None = None
        self._term: tuple[Term, Gate] | None = None  #: the one that runs

    @property
    def name(self) -> str:
        """Which service is meant: one that crashed, else those that still run."""
        crashed = [each.name for each in self._made.members if each.failure is not None]
        running = [each.name for each in self._made.members if not each.join(0.0)]
        return ", ".join(crashed or running) or "loader"

    @property
    def failure(self) -> BaseException | None:
        return self._failure or self._made.failure

    def expect(self) -> None:
        """Make the services, if that has not begun. Returns at once; from any thread."""
        if self._expected:
            return
        with self._lock:
            if self._expected:
                return
            self._expected = True
        BackgroundThread("loader", self._load).start()

    def rehearse(self) -> None:
        """Find out once whether the services could be made. Returns at once; from any thread."""
        with self._lock:
            if self._expected or self._rehearsed:
                return
            self._rehearsed = True
        BackgroundThread("rehearsal", self._rehearse).start()

    def start(self, term: Term, gate: Gate) -> None:
        with self._lock:
            self._term = (term, gate)
            if self._is_made:
                self._made.start(term, gate)
        self.expect()

    def stop(self) -> None:
        with self._lock:
            self._term = None
            self._made.stop()

    def join(self, seconds: float) -> bool:
        """What is still being made begins nothing, so nobody waits for it."""
        return self._made.join(seconds)

    def _rehearse(self, _stop: Event) -> None:
        error = self._rehearsal()
        with self._lock:
            # Services that are made meanwhile tell more.
            if error is None or self._expected:
                return
            self._failure = error
        logger.bind(error=str(error)).critical("services_not_made")
        self._on_failure(error)

    def _load(self, _stop: Event) -> None:
        began = self._clock.now()
        try:
            with self._progress.busy("loader", SILENCE):
                made = self._make()
        except BaseException as error:  # noqa: BLE001 the process ends with it
            self._failure = error
            logger.opt(exception=error).critical("services_not_made")
            self._on_failure(error)
            return
        logger.bind(seconds=round(self._clock.now() - began, 3)).debug("services_made")
        with self._lock:
            self._made, self._is_made = ServiceGroup(made, self._clock), True
            if self._term is not None:
                self._made.start(*self._term)
