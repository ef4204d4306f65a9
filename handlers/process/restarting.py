"""Restarts services that an unforeseen answer of Telegram has broken.

An answer that the code does not expect may raise an error of Python's own. That must not end the
process: the service is started again after a pause. Only ``Misconfigured`` still ends it. This is
for services that can start anew within a term, because they repeat or find again what they had
begun. The sender is not one of them: it guards each delivery by itself.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause

PAUSES = (1.0, 5.0, 15.0, 30.0)  #: seconds before a restart, by failures in a row
FORGIVEN_AFTER = 300.0  #: seconds of work after which the count of failures starts anew

Body = Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]


def restarting(name: str, body: Body, clock: Clock) -> Body:
    """``body``, restarted after any error except ``Misconfigured``."""

    async def run(term: Term, gate: Gate, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            began = clock.now()
            try:
                await body(term, gate, stop)
                return
            except Misconfigured:
                raise
            except Exception as error:  # noqa: BLE001 the guard of one service: others must go on
                if clock.now() - began > FORGIVEN_AFTER:
                    failures = 0
                wait = clock.jitter(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
                told = logger.bind(service=name, pause=wait, epoch=term.epoch)
                told.opt(exception=error).error("service_begins_again")
                await pause(stop, wait)

    return run
