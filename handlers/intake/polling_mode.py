"""Polling mode: the webhook is removed first, then getUpdates runs."""

import asyncio

from handlers.bot_api.errors import until_open
from handlers.bot_api.gate_hook import before_first_byte
from handlers.intake.polling import Polling
from handlers.intake.webhook_setup import WebhookSetup
from supervisor.runtime.errors import BotError, Misconfigured
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped

NEED = 2.5  #: seconds of trust; removing a webhook is idempotent


class PollingMode:
    """The body of a ``LoopService``: remove the webhook, then poll."""

    def __init__(self, setup: WebhookSetup, polling: Polling, *, take_over: bool) -> None:
        self._setup = setup
        self._polling = polling
        self._take_over = take_over

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Raises ``Misconfigured`` for a refused token or somebody else's webhook."""
        try:
            with before_first_byte(lambda: gate.check(NEED)):
                await until_stopped(self._clear_and_poll(term, gate, stop), stop)
        finally:
            # The next ACTIVE instance reports its own trouble.
            self._polling.works()

    async def _clear_and_poll(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        while not stop.is_set():
            wait = until_open(gate, NEED)
            if wait == 0.0:
                try:
                    await self._setup.clear(term, take_over=self._take_over)
                except Misconfigured:
                    raise
                except BotError as error:
                    wait = self._polling.failed(error)
                else:
                    await self._polling.run(term, gate, stop)
                    return
            await pause(stop, wait)
