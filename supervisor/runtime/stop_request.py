"""Stop requests of services. Checking one reports progress.

A service checks its stop request in each round, so each check is a ``beat`` in ``Progress``. A
service that waits only for the request (``wait`` in a thread, ``pause`` in the event loop) is
idle and need not beat until it goes on.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from math import inf
from threading import Event, get_ident

from supervisor.runtime.clock import Clock
from supervisor.runtime.progress import ROUND, Progress

STEP = 0.2  #: seconds between two checks of a stop request that cannot set an event


class ThreadStop(Event):
    """For the body of a ``ServiceThread``. Other threads may check it too, but only the body's own
    thread beats. A stop also sets the events of ``wake_on_stop``."""

    def __init__(self, name: str = "", progress: Progress | None = None) -> None:
        super().__init__()
        self._woken: list[Event] = []
        self._name = name
        self._progress = progress
        self._body = 0  #: the thread of the body

    def begin(self) -> None:
        """The body begins. Called in its own thread."""
        self._body = get_ident()
        if self._progress is not None:
            self._progress.attach(self._name)
        self._alive()

    def end(self) -> None:
        """The body has returned."""
        self._body = 0
        if self._progress is not None:
            self._progress.forget(self._name)

    def wake(self, event: Event) -> None:
        self._woken.append(event)
        if self.is_set():  # the stop may have come before the append
            event.set()

    def wakes(self, event: Event) -> bool:
        """Whether a stop sets ``event``."""
        return event in self._woken

    def set(self) -> None:
        super().set()
        for event in self._woken:
            event.set()

    def is_set(self) -> bool:
        self._alive()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        if self._progress is None or get_ident() != self._body:
            return super().wait(timeout)
        self._progress.forget(self._name)
        try:
            return super().wait(timeout)
        finally:
            self._alive()

    def _alive(self) -> None:
        if self._progress is not None and get_ident() == self._body:
            self._progress.beat(self._name)


class LoopStop(asyncio.Event):
    """For the body of a ``LoopService``."""

    def __init__(self, name: str = "", progress: Progress | None = None) -> None:
        super().__init__()
        self._name = name
        self._progress = progress

    def end(self) -> None:
        """The body has returned."""
        if self._progress is not None:
            self._progress.forget(self._name)

    def is_set(self) -> bool:
        self._alive()
        return super().is_set()

    @contextlib.contextmanager
    def idle(self) -> Iterator[None]:
        """Within the block the body only waits for this request."""
        if self._progress is not None:
            self._progress.forget(self._name)
        try:
            yield
        finally:
            self._alive()

    def _alive(self) -> None:
        if self._progress is not None:
            self._progress.beat(self._name)


def wake_on_stop(stop: Event, event: Event) -> None:
    """Let a stop request set ``event`` as well, for a body that waits for an event of its own.

    A hand-over waits for the slowest service, so a body should not poll ``stop`` between waits.
    ``stop`` must be the event that ``ServiceThread`` passes to its body.
    """
    if isinstance(stop, ThreadStop):
        stop.wake(event)


def wait_for_wake_up(clock: Clock, stop: Event, wake: Event, seconds: float | None) -> bool:
    """Wait until ``wake`` or ``stop`` is set, for at most ``seconds``; None: for as long as it
    takes. False: a stop was requested.

    The one wait of bodies with an event of their own. ``wake_on_stop(stop, wake)`` comes first.
    """
    step = ROUND if isinstance(stop, ThreadStop) and stop.wakes(wake) else STEP
    deadline = inf if seconds is None else clock.now() + seconds
    while not stop.is_set() and not wake.is_set() and (left := deadline - clock.now()) > 0.0:
        clock.wait(wake, min(step, left))
    return not stop.is_set()
