"""Switches of groups that wait for Telegram's word on whether their user is an administrator.

The question is a call with an answer, so it cannot stand in the outbox. Each switch is a row that
is removed in the transaction that carries it out: a crash between the two asks once more.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

from loguru import logger

import sql
from handlers.bot_api.calls import Members, result_of
from handlers.bot_api.errors import STOP_PAUSE, until_open
from handlers.bot_api.gate_hook import before_first_byte
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.effects import Screen
from handlers.dispatch.feature import Installation
from handlers.features.groups.words import say
from handlers.words.texts import language_of
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.progress import ROUND
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped
from supervisor.runtime.wakeups import GROUPS, Wakeups

NEED = 2.5  #: seconds of trust for a call that changes nothing
#: Seconds between two looks at the table when nobody wakes us, and after a failure.
LOOK_EVERY, AGAIN = 3600.0, 5.0
_ADMINS = {"creator", "administrator"}

_SQL = sql.load("groups")


class Switching:
    """The body of a ``LoopService``."""

    def __init__(
        self,
        installation: Installation,
        database: Database,
        bot: Members,
        wakeups: Wakeups,
        clock: Clock,
    ) -> None:
        self._installation = installation
        self._database = database
        self._bot = bot
        self._wakeups = wakeups
        self._clock = clock

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Until ``stop``: ask for each switch, and carry out what Telegram says."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        unsubscribe = self._wakeups.subscribe(GROUPS, wake)
        try:
            with before_first_byte(lambda: gate.check(NEED)):
                await until_stopped(self._work(term, gate, woken, stop), stop)
        finally:
            unsubscribe()

    async def _work(
        self, term: Term, gate: Gate, woken: asyncio.Event, stop: asyncio.Event
    ) -> None:
        due = self._clock.now()
        # Also when idle: each look at ``stop`` reports progress.
        while not stop.is_set():
            if woken.is_set() or self._clock.now() >= due:
                woken.clear()
                wait = until_open(gate, NEED) or await self._round(term)
                due = self._clock.now() + self._clock.jitter(wait)
            await pause(woken, min(ROUND, max(0.0, due - self._clock.now())))

    async def _round(self, term: Term) -> float:
        """All that wait, each by itself; the seconds until the next look."""
        again = LOOK_EVERY
        try:
            rows = await asyncio.to_thread(self._open)
        except BotError as error:
            logger.bind(reason=str(error)).warning("group_switch_waits")
            return AGAIN
        for row in rows:
            try:
                allowed = await self._ask(row)
                await asyncio.to_thread(self._end, term, row, allowed)
            except BotError as error:
                if error.disposition is Disposition.STEP_DOWN:
                    return STOP_PAUSE  # the term is over; the stop is on its way
                logger.bind(reason=str(error)).warning("group_switch_waits")
                again = AGAIN
        return again

    async def _ask(self, row: Row) -> bool:
        """Whether the user is an administrator there. Of a single member Telegram surely tells only
        a bot that is an administrator itself; who the administrators are, it tells every bot."""
        chat_id, user_id = row["chat_id"], row["user_id"]
        found = await _told(self._bot.get_chat_member(chat_id, user_id))
        if found is not None:
            return _is_admin(found)
        listed = await _told(self._bot.get_chat_administrators(chat_id))
        several = listed if isinstance(listed, list) else ()
        return any(_is_admin(each) and _id_of(each) == user_id for each in several)

    def _open(self) -> list[Row]:
        with self._database.transaction() as tx:
            return tx.all(_SQL["open_switches"], {"bot_id": self._installation.bot_id})

    def _end(self, term: Term, row: Row, allowed: bool) -> None:
        """The switch, or a refusal, and the line that says so."""
        named = {"bot_id": self._installation.bot_id, **row}
        language = language_of(row["language"], None)
        with self._database.transaction(term, short=True) as tx:
            if tx.one(_SQL["end_switch"], named) is None:
                return
            if allowed:
                tx.run(_SQL["set_silent"], named)
            switched = "group_off" if row["silent"] else "group_on"
            text = say(language, switched if allowed else "group_not_admin", name="")
            key = f"group:{row['chat_id']}:{row['user_id']}:{row['stamp']}"
            told = Delivery(
                row["chat_id"], "answer", saying(Screen(text)), key, thread=row["thread"]
            )
            self._installation.outbox.enqueue(tx, [told])


async def _told(asked: Awaitable[object]) -> Any:
    """What Telegram answers. None: it does not tell, and nobody is believed to be one."""
    try:
        return await result_of(asked)
    except BotError as error:
        if error.disposition is Disposition.GIVE_UP:
            return None
        raise


def _id_of(member: Mapping[str, Any]) -> Any:
    user = member.get("user")
    return user.get("id") if isinstance(user, Mapping) else None


def _is_admin(found: Any) -> bool:
    return isinstance(found, Mapping) and found.get("status") in _ADMINS
