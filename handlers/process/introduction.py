"""At the start of each term: ask for the bot's name, and set its commands and descriptions."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from loguru import logger
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from handlers.bot_api.calls import result_of
from handlers.bot_api.errors import until_open
from handlers.bot_api.gate_hook import before_first_byte
from handlers.shop.current_shop import CurrentShop
from handlers.shop.shop import Shop
from handlers.words.texts import DEFAULT, LANGUAGES, plain
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped
from supervisor.values import foreign

NEED = 2.5  #: seconds of trust for a call that changes nothing or is idempotent
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  #: seconds after failures in a row
LONGEST_NAME = 64  #: characters of the bot's name, as Telegram allows


#: Scopes of command lists that go before the default one.
NARROWER = (
    BotCommandScopeAllPrivateChats(),
    BotCommandScopeAllGroupChats(),
    BotCommandScopeAllChatAdministrators(),
)


class Introduction:
    """The body of a ``LoopService``: learn our name, register the commands, once a term."""

    def __init__(
        self,
        bot: Bot,
        current_shop: CurrentShop,
        commands: Callable[[Shop, str], Sequence[tuple[str, str]]],
        clock: Clock,
    ) -> None:
        """``commands``: those to be listed in a language, with their descriptions."""
        self._bot = bot
        self._current_shop = current_shop
        self._commands = commands
        self._clock = clock

    async def run(self, _term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Raises ``Misconfigured`` when the token is refused."""
        with before_first_byte(lambda: gate.check(NEED)):
            await until_stopped(self._introduce(gate, stop), stop)

    async def _introduce(self, gate: Gate, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            wait = until_open(gate, NEED)
            if wait == 0.0:
                try:
                    await self.introduce()
                except Misconfigured:
                    raise
                except BotError as error:
                    wait = self._clock.jitter(PAUSES[min(failures, len(PAUSES) - 1)])
                    failures += 1
                    logger.bind(error=str(error), pause=wait).warning("introduction_failed")
                else:
                    await pause(stop, None)
                    return
            await pause(stop, wait)

    async def introduce(self) -> None:
        """Ask Telegram who we are, and tell it which commands there are."""
        self._learn(await result_of(self._bot.get_me()))
        await self._clear_other_lists()
        for language in LANGUAGES:
            # The default list has no language: everybody without one of ours.
            code = None if language == DEFAULT else language
            commands = [
                BotCommand(*each) for each in self._commands(self._current_shop(), language)
            ]
            await result_of(self._bot.set_my_commands(commands, language_code=code))
            await self._describe(language, code)

    async def _describe(self, language: str, code: str | None) -> None:
        """Set the descriptions that users see before /start, unless the operator has set others."""
        known = await result_of(self._bot.get_my_description(language_code=code))
        if not _text(known, "description"):
            text = plain(language, "bot_description")
            await result_of(self._bot.set_my_description(text, language_code=code))
        known = await result_of(self._bot.get_my_short_description(language_code=code))
        if not _text(known, "short_description"):
            text = plain(language, "bot_short_description")
            await result_of(self._bot.set_my_short_description(text, language_code=code))

    async def _clear_other_lists(self) -> None:
        """Delete lists of narrower scopes: one that another program has set would hide ours."""
        for scope in NARROWER:
            for code in (None, *LANGUAGES):
                await result_of(self._bot.delete_my_commands(scope=scope, language_code=code))

    def _learn(self, me: object) -> None:
        found = me if isinstance(me, Mapping) else {}
        name = foreign.printable(found.get("first_name"), LONGEST_NAME)
        username = foreign.printable(found.get("username"), LONGEST_NAME)
        if name:
            inline = found.get("supports_inline_queries") is True
            self._current_shop.learn(name, username, inline=inline)
        else:
            logger.warning("bot_name_not_readable")


def _text(found: object, name: str) -> str:
    """A text of an answer; empty: there is none, or the answer is odd."""
    value = found.get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""
