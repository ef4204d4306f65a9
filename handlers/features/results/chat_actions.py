"""What Telegram shows at the top of a chat while something is being made: "sends a photo …".

Telegram shows it for five seconds, so it is repeated every four for as long as a task of the chat
runs. A late one is useless: so it does not go through the outbox and is never tried again, and
what a round has not sent when the next one is due is dropped. A round has a few chats and makes
two calls at a time, so that answers find free connections. Nothing is sent to a chat that has to
wait because of a 429.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from loguru import logger

import sql
from handlers.bot_api.errors import TooManyRequests
from handlers.delivery.claimed import SendContext
from handlers.delivery.outcome import NotBegun
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError
from supervisor.runtime.progress import ROUND
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped
from supervisor.runtime.wakeups import JOBS, Wakeups

EVERY = 4.0  #: seconds between two rounds
AT_ONCE = 2  #: calls at the same time
MOST_CHATS = 20  #: of a round
#: What Telegram shows for a result of this kind.
ACTIONS: Mapping[str, str] = {
    "image": "upload_photo",
    "video": "record_video",
    "audio": "record_voice",
}

_SQL = sql.load("results")


class Telegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def send_chat_action(
        self, chat_id: int, action: str, *, message_thread_id: int | None
    ) -> object: ...


class ChatActions:
    """The body of a ``LoopService``."""

    def __init__(
        self,
        *,
        telegram: Telegram,
        database: Database,
        clock: Clock,
        wakeups: Wakeups,
        bot_id: int,
        kind_of: Callable[[str], str],
    ) -> None:
        """``kind_of`` says what a model makes."""
        self._telegram = telegram
        self._database = database
        self._clock = clock
        self._wakeups = wakeups
        self._bot_id = bot_id
        self._kind_of = kind_of
        self._silent_until = clock.now()

    async def run(self, _term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Until ``stop``. When no job runs, it waits for the next one without a query."""
        await until_stopped(self._rounds(gate, stop), stop, grace=lambda: 0.0)

    async def _rounds(self, gate: Gate, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        woken.set()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        forget = self._wakeups.subscribe(JOBS, wake)
        try:
            # Also when idle: each look at ``stop`` reports progress.
            while not stop.is_set():
                await pause(woken, ROUND)
                if not woken.is_set():
                    continue
                woken.clear()
                if await self.round(gate):
                    woken.set()
                await pause(stop, EVERY)
        finally:
            forget()

    async def round(self, gate: Gate) -> bool:
        """Each chat that waits is told once. False: none waits."""
        if self._clock.now() < self._silent_until:
            return True
        try:
            rows = await asyncio.to_thread(self._in_work)
        except BotError as error:
            logger.bind(reason=str(error)).debug("chat_actions_not_read")
            return True
        places = asyncio.Semaphore(AT_ONCE)
        try:
            async with asyncio.timeout(EVERY):
                await asyncio.gather(*(self._tell(gate, row, places) for row in rows))
        except TimeoutError:
            logger.debug("chat_actions_dropped")
        return bool(rows)

    # --------------------------------------------------------------- internal --

    def _in_work(self) -> Sequence[Row]:
        with self._database.transaction() as tx:
            return tx.all(_SQL["chats_in_work"], {"bot_id": self._bot_id, "count": MOST_CHATS})

    async def _tell(self, gate: Gate, row: Row, places: asyncio.Semaphore) -> None:
        action = ACTIONS.get(self._kind_of(row["model"]), "typing")
        async with places:
            context = SendContext(gate, row["chat_id"])
            made = self._telegram.send_chat_action(
                row["chat_id"], action, message_thread_id=row["thread"]
            )
            try:
                await context.call(made)
            except TooManyRequests as error:
                self._silent_until = self._clock.now() + (error.retry_after or EVERY)
            except NotBegun:
                return
            except BotError as error:
                logger.bind(reason=str(error)).debug("chat_action_failed")
