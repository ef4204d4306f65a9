"""Services that hear answers of Telegram survive what nobody has foreseen in one.

An answer that the code cannot cope with raises an error of Python's own. That must not end the
process for everybody: the service begins again after a pause. Only a setting that no time can
mend (``Misconfigured``) still ends it. This is for services that can begin anew within a term:
what they had begun is repeated or found again. The sender is none of them; it guards each
delivery by itself.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from loguru import logger

from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause

PAUSES = (1.0, 5.0, 15.0, 30.0)  #: seconds before it begins again, by failures in a row
FORGIVEN_AFTER = 300.0  #: seconds of work after which failures are counted from the start

Body = Callable[[Term, Gate, asyncio.Event], Coroutine[Any, Any, None]]


def restarting(name: str, body: Body, clock: Clock) -> Body:
    """``body``, begun again whenever it raises what it should not."""

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
