"""Stop requests that services get, and what a look at one says about the service.

A service looks at its stop request each time it comes round, so each look is a sign of life
in ``Progress``. Who waits for nothing but the request (``wait`` in a thread, ``pause`` in the
event loop) is idle: it owes no sign of life until it goes on.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from threading import Event, get_ident

from supervisor.runtime.progress import Progress


class ThreadStop(Event):
    """For the body of a ``ServiceThread``. Its helpers may look, too; that says nothing about
    the body. Also sets the events of ``wake_on_stop``."""

    def __init__(self, name: str = "", progress: Progress | None = None) -> None:
        super().__init__()
        self._woken: list[Event] = []
        self._name = name
        self._progress = progress
        self._body = 0  #: the thread of the body

    def begin(self) -> None:
        """From the body's own thread."""
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
        if self.is_set():  # it may have come in between
            event.set()

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
        """The body waits for this request alone."""
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
    """For a body that waits for an event of its own: a stop request sets it, too.

    A hand-over waits for the slowest of all services, so nobody should look for ``stop`` now
    and then. Works for the event that ``ServiceThread`` hands to its body.
    """
    if isinstance(stop, ThreadStop):
        stop.wake(event)
