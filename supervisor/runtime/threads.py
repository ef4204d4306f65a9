"""Threads and tasks with an owner: started, asked to stop and joined.

A body that raises, or that returns without a stop request, has crashed. The error is kept in
``failure``, and the owner is woken. A body that hangs is noticed as well, because it reports
progress when it checks its stop request (``stop_request.py``).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Thread
from typing import Any, Protocol

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.progress import Progress
from supervisor.runtime.stop_request import LoopStop, ThreadStop
from supervisor.runtime.term import ACTING_FOR, Gate, Term

#: Blocking calls that coroutines may have in threads at the same time: uploads, the sender,
#: presses, checks. asyncio's default depends on the number of processors: on a small machine four
#: downloads and two pings of a dead database would use it up.
BLOCKING = 24


def blocking_calls() -> ThreadPoolExecutor:
    """The threads behind ``asyncio.to_thread``."""
    return ThreadPoolExecutor(BLOCKING, thread_name_prefix="blocking")


class Service(Protocol):
    """Work that is done only while ACTIVE. One object serves all terms, one at a time."""

    @property
    def name(self) -> str: ...

    def start(self, term: Term, gate: Gate) -> None:
        """Begin. Returns at once. When it cannot begin, ``failure`` says why."""
        ...

    def stop(self) -> None:
        """Begin no new work. Returns at once. May be called before ``start``, and repeatedly."""
        ...

    def join(self, seconds: float) -> bool:
        """Wait for the running work. False: it has not ended in time."""
        ...

    @property
    def failure(self) -> BaseException | None:
        """Why the service crashed; None: it runs, or was stopped."""
        ...


class ServiceGroup:
    """Services that begin and end together. ``join`` gives all of them the same time."""

    def __init__(self, members: Sequence[Service], clock: Clock) -> None:
        self.members = members
        self._clock = clock

    @property
    def failure(self) -> BaseException | None:
        return next((each.failure for each in self.members if each.failure is not None), None)

    def start(self, term: Term, gate: Gate) -> None:
        for each in self.members:
            each.start(term, gate)

    def stop(self) -> None:
        for each in self.members:
            each.stop()

    def join(self, seconds: float) -> bool:
        deadline = self._clock.now() + seconds
        return all([each.join(deadline - self._clock.now()) for each in self.members])


class ServiceThread:
    """Runs ``body(term, gate, stop)`` in a thread. ``on_failure`` is called when it crashes."""

    def __init__(
        self,
        name: str,
        body: Callable[[Term, Gate, Event], None],
        *,
        on_failure: Callable[[], None] = lambda: None,
        progress: Progress | None = None,
    ) -> None:
        self.name = name
        self._body = body
        self._on_failure = on_failure
        self._progress = progress
        self._failure: BaseException | None = None
        self._stop = ThreadStop()
        self._thread: Thread | None = None

    @property
    def failure(self) -> BaseException | None:
        return self._failure

    def start(self, term: Term, gate: Gate) -> None:
        if self._thread is not None and self._thread.is_alive():
            raise RuntimeError(f"service {self.name!r} still runs for an earlier term")
        self._failure = None
        # A new event for each term, so that a late stop of the previous one has no effect.
        self._stop = ThreadStop(self.name, self._progress)
        # Daemon: a body that ignores its stop event must not keep the process alive after the
        # lock is lost. The owner still joins it.
        self._thread = Thread(
            target=self._run, args=(term, gate, self._stop), name=self.name, daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> bool:
        if self._thread is None:
            return True
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _run(self, term: Term, gate: Gate, stop: ThreadStop) -> None:
        stop.begin()
        ACTING_FOR.set(term)
        try:
            self._body(term, gate, stop)
            if not stop.is_set():
                raise RuntimeError(f"service {self.name!r} returned without being asked to")
        except BaseException as error:  # noqa: BLE001 the owner of the thread
            self._failure = error
            _report(self.name, error, epoch=term.epoch)
            self._on_failure()
        finally:
            stop.end()


class LoopService:
    """Runs ``body(term, gate, stop)`` as a task in the event loop of another thread."""

    def __init__(
        self,
        name: str,
        body: Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]],
        loop: asyncio.AbstractEventLoop,
        *,
        on_failure: Callable[[], None] = lambda: None,
        progress: Progress | None = None,
    ) -> None:
        self.name = name
        self._body = body
        self._loop = loop
        self._on_failure = on_failure
        self._progress = progress
        self._failure: BaseException | None = None
        self._stop = LoopStop()
        self._future: Future[None] | None = None

    @property
    def failure(self) -> BaseException | None:
        return self._failure

    def start(self, term: Term, gate: Gate) -> None:
        if self._future is not None and not self._future.done():
            raise RuntimeError(f"service {self.name!r} still runs for an earlier term")
        self._failure = None
        self._stop = LoopStop(self.name, self._progress)
        self._future = asyncio.run_coroutine_threadsafe(
            self._run(term, gate, self._stop), self._loop
        )

    def stop(self) -> None:
        stop = self._stop
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(stop.set)

    def join(self, seconds: float) -> bool:
        if self._future is None:
            return True
        try:
            self._future.result(max(0.0, seconds))
        except TimeoutError:
            return False
        return True

    async def _run(self, term: Term, gate: Gate, stop: LoopStop) -> None:
        ACTING_FOR.set(term)
        try:
            await self._body(term, gate, stop)
            if not stop.is_set():
                raise RuntimeError(f"service {self.name!r} returned without being asked to")
        except Exception as error:  # noqa: BLE001 the owner of the task
            self._failure = error
            _report(self.name, error, epoch=term.epoch)
            self._on_failure()
        finally:
            stop.end()


class BackgroundThread:
    """Runs ``body(stop)`` in a thread, independent of any term."""

    def __init__(self, name: str, body: Callable[[Event], None]) -> None:
        self.name = name
        self.failure: BaseException | None = None
        self._body = body
        self._stop = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> bool:
        if self._thread.ident is None:
            return True
        self._thread.join(max(0.0, seconds))
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self._body(self._stop)
        except BaseException as error:  # noqa: BLE001 the owner of the thread
            self.failure = error
            _report(self.name, error)


def _report(name: str, error: BaseException, **fields: int) -> None:
    """Log the sentences of a wrong setting, or the traceback of any other error."""
    told = logger.bind(service=name, **fields)
    if isinstance(error, Misconfigured):
        for problem in error.problems:
            told.critical(problem)
    else:
        told.opt(exception=error).critical("service_crashed")
