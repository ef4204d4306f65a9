"""Restarts services that an unforeseen value has broken.

An answer of Telegram, a row that another version or a person has written, or a mistake in one
feature may raise an error of Python's own. That must not end the process, which would find the same
value after its restart: the service is started again after a pause. Only ``Misconfigured`` still
ends it. This is for services that can start anew within a term, because they repeat or find again
what they had begun. The sender, the dispatchers, the submitter and the poller are not among them:
they guard each row by themselves.

From the second failure in a row on /health tells of it (class ``service``) and operators get an
alarm, until the service has worked for a while. An outage of the database or of Telegram, which
have classes of their own, counts only when it breaks the service again after ``LASTS`` seconds.
"""

import asyncio
from collections.abc import Callable, Coroutine
from threading import Event
from typing import Any

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Misconfigured
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause

PAUSES = (1.0, 5.0, 15.0, 30.0)  #: seconds before a restart, by failures in a row
FORGIVEN_AFTER = 300.0  #: seconds of work after which the count of failures starts anew
LASTS = 120.0  #: seconds after which an outage that breaks a service is told as the service's

#: Called with a service, why operators should know of it, and for how many seconds.
Report = Callable[[str, str, float], None]
Body = Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]
ThreadBody = Callable[[Term, Gate, Event], None]


class _Failures:
    """The failures in a row of one service in one term."""

    def __init__(self, name: str, clock: Clock, term: Term, report: Report) -> None:
        self._name = name
        self._clock = clock
        self._term = term
        self._report = report
        self._count = 0
        self._began = clock.now()
        self._row = 0  #: failures, each of them soon after the one before
        self._row_began = 0.0
        self._worked = 0.0  #: the longest time that it worked before a failure of the row

    def begins(self) -> None:
        self._began = self._clock.now()

    def failed(self, error: Exception) -> float:
        """The seconds before it begins again."""
        if self._clock.now() - self._began > FORGIVEN_AFTER:
            self._count = 0
        wait = self._clock.jitter(PAUSES[min(self._count, len(PAUSES) - 1)])
        self._count += 1
        if not (isinstance(error, BotError) and error.disposition is Disposition.STEP_DOWN):
            told = logger.bind(service=self._name, pause=wait, epoch=self._term.epoch)
            told.opt(exception=error).error("service_begins_again")
            self._tell(error, wait)
        return wait

    def _tell(self, error: Exception, wait: float) -> None:
        """A service that works once an hour fails once an hour: in a row is what fails before it
        has worked for twice as long as before."""
        now = self._clock.now()
        if now - self._began > max(FORGIVEN_AFTER, 2 * self._worked) or not self._row:
            self._row, self._row_began, self._worked = 0, now, 0.0
        self._row += 1
        self._worked = max(self._worked, now - self._began)
        passes = isinstance(error, BotError) and error.disposition is Disposition.RETRY
        if self._row < 2 or (passes and now - self._row_began < LASTS):
            return
        reason = f"{self._name} has broken {self._row} times in a row ({type(error).__name__})"
        self._report(self._name, reason, wait + max(FORGIVEN_AFTER, 2 * self._worked))


def restarting(name: str, body: Body, clock: Clock, report: Report) -> Body:
    """``body``, restarted after any error except ``Misconfigured``."""

    async def run(term: Term, gate: Gate, stop: asyncio.Event) -> None:
        failures = _Failures(name, clock, term, report)
        while not stop.is_set():
            failures.begins()
            try:
                await body(term, gate, stop)
                return
            except Misconfigured:
                raise
            except Exception as error:  # noqa: BLE001 the guard of one service: others must go on
                await pause(stop, failures.failed(error))

    return run


def restarting_in_thread(name: str, body: ThreadBody, clock: Clock, report: Report) -> ThreadBody:
    """The same for a body that runs in a thread of its own."""

    def run(term: Term, gate: Gate, stop: Event) -> None:
        failures = _Failures(name, clock, term, report)
        while not stop.is_set():
            failures.begins()
            try:
                body(term, gate, stop)
                return
            except Misconfigured:
                raise
            except Exception as error:  # noqa: BLE001 the guard of one service: others must go on
                clock.wait(stop, failures.failed(error))

    return run
