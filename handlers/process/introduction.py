"""At the start of each term: ask for the bot's name, and set its commands and descriptions.

The name is asked for again while the term lasts: links and mentions name the bot as it is called.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from loguru import logger

from handlers.bot_api.calls import result_of
from handlers.bot_api.errors import TokenRefused, TooManyRequests, until_open
from handlers.bot_api.gate_hook import before_first_byte
from handlers.process.installation_marks import InstallationMarks, Marks
from handlers.shop.current_shop import CurrentShop
from handlers.shop.shop import Shop
from handlers.words.texts import DEFAULT, LANGUAGES, plain
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured, Rejected, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped
from supervisor.values import foreign

NEED = 2.5  #: seconds of trust for a call that changes nothing or is idempotent
PAUSES = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  #: seconds after failures in a row
LONGEST_PAUSE = 3600.0  #: seconds; what Telegram asks for is waited for up to that
NAME_EVERY = 500.0  #: seconds between two questions for the bot's name; at most 600
LONGEST_NAME = 64  #: characters of the bot's name, as Telegram allows


#: Scopes of command lists that go before the default one.
NARROWER = ("all_private_chats", "all_group_chats", "all_chat_administrators")


class Telegram(Protocol):
    """What is used of the bot."""

    async def direct(self, method: str, fields: Mapping[str, Any]) -> None: ...


class Introduction:
    """The body of a ``LoopService``: learn our name and follow it; register the commands once a
    term."""

    def __init__(
        self,
        bot: Telegram,
        current_shop: CurrentShop,
        commands: Callable[[Shop, str], Sequence[tuple[str, str]]],
        clock: Clock,
        marks: InstallationMarks | None = None,
        own: Callable[[str], Sequence[tuple[str, str]]] = lambda _: (),
    ) -> None:
        """``commands``: those to be listed in a language, with their descriptions; ``own``: those
        of operators. Without ``marks`` there are no operators, and lists are always cleared."""
        self._marks = marks
        self._own = own
        self._known = Marks()
        self._languages: Mapping[int, str] = {}
        self._term: Term | None = None
        self._bot = bot
        self._current_shop = current_shop
        self._commands = commands
        self._clock = clock
        self._done: set[str] = set()  #: steps that are not repeated in the next try

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Raises ``Misconfigured`` when the token is refused."""
        self._done.clear()
        self._term = term
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
                    if isinstance(error, Unavailable):
                        wait = max(wait, min(error.retry_after or 0.0, LONGEST_PAUSE))
                    failures += 1
                    logger.bind(error=str(error), pause=wait).warning("introduction_failed")
                else:
                    await self._follow(gate, stop)
                    return
            await pause(stop, wait)

    async def _follow(self, gate: Gate, stop: asyncio.Event) -> None:
        """Ask for the name again and again: whoever changes it at BotFather, or switches inline
        mode there, tells nobody. A question that fails is asked at the next time."""
        while not stop.is_set():
            await pause(stop, until_open(gate, NEED) or self._clock.jitter(NAME_EVERY))
            if stop.is_set() or until_open(gate, NEED) > 0.0:
                continue
            try:
                await self._ask_name()
            except Misconfigured:
                raise
            except BotError as error:
                logger.bind(error=str(error)).debug("name_not_asked")

    async def introduce(self) -> None:
        """Ask Telegram who we are, and tell it which commands there are.

        What Telegram refuses is left out, and what it limits comes later: neither stops the rest,
        and nothing that is done is done again. Raises for what is left.
        """
        later: BotError | None = None
        if self._marks is not None:
            self._known = await asyncio.to_thread(self._marks.read)
            self._languages = await asyncio.to_thread(self._marks.languages)
        for name, step in self._steps():
            if name in self._done:
                continue
            try:
                await step()
            except TokenRefused as error:
                if not self._done:
                    raise
                later = error  # a server that does not know the method answers in the same way
                continue
            except TooManyRequests as error:
                later = error
                continue
            except Rejected as error:
                logger.bind(step=name, error=str(error)).warning("introduction_refused")
            self._done.add(name)
        if later is not None:
            raise later
        if self._marks is not None and self._term is not None:
            await asyncio.to_thread(self._marks.note, self._term)
        self._done.clear()

    def _steps(self) -> Iterator[tuple[str, Callable[[], Awaitable[None]]]]:
        """What is done, in this order: descriptions can wait longest, and are limited most."""
        yield "name", self._ask_name
        for language in LANGUAGES:
            yield f"commands {language}", partial(self._set_commands, language)
        for admin, language in self._languages.items():
            yield f"operator {admin}", partial(self._set_own_commands, admin, language)
        for former in set(self._known.operators) - set(self._languages):
            scope: Mapping[str, Any] = {"type": "chat", "chat_id": former}
            yield f"former operator {former}", partial(self._clear_list, scope, None)
        if not self._known.cleared:
            for kind in NARROWER:
                for code in (None, *LANGUAGES):
                    clear = partial(self._clear_list, {"type": kind}, code)
                    yield f"list {kind} {code}", clear
            yield "menu button", self._clear_menu_button
        for language in LANGUAGES:
            yield f"description {language}", partial(self._describe, language)
            yield f"short description {language}", partial(self._describe_shortly, language)

    async def _ask_name(self) -> None:
        self._learn(await self._call("getMe"))

    async def _set_commands(self, language: str) -> None:
        commands = self._commands(self._current_shop(), language)
        await self._call("setMyCommands", commands=_listed(commands), language_code=_code(language))

    async def _set_own_commands(self, admin: int, language: str) -> None:
        """The list of an operator's chat, in the operator's language."""
        listed = [*self._own(language), *self._commands(self._current_shop(), language)]
        scope = {"type": "chat", "chat_id": admin}
        await self._call("setMyCommands", commands=_listed(listed), scope=scope)

    async def _clear_menu_button(self) -> None:
        """One that opens a page of an earlier bot would hide the commands."""
        await self._call("setChatMenuButton", menu_button={"type": "default"})

    async def _clear_list(self, scope: Mapping[str, Any], code: str | None) -> None:
        """Delete a list of a narrower scope: one that another program has set would hide ours."""
        await self._call("deleteMyCommands", scope=scope, language_code=code)

    async def _describe(self, language: str) -> None:
        """Set what users see before /start, unless the operator has set another text."""
        code = _code(language)
        known = await self._call("getMyDescription", language_code=code)
        if not _text(known, "description"):
            text = plain(language, "bot_description")
            await self._call("setMyDescription", description=text, language_code=code)

    async def _describe_shortly(self, language: str) -> None:
        """As ``_describe``, for the text on the bot's profile."""
        code = _code(language)
        known = await self._call("getMyShortDescription", language_code=code)
        if not _text(known, "short_description"):
            text = plain(language, "bot_short_description")
            await self._call("setMyShortDescription", short_description=text, language_code=code)

    async def _call(self, method: str, **fields: Any) -> Any:
        """Without PTB's objects: each start makes these calls."""
        return await result_of(self._bot.direct(method, fields))

    def _learn(self, me: object) -> None:
        found = me if isinstance(me, Mapping) else {}
        name = foreign.printable(found.get("first_name"), LONGEST_NAME)
        username = foreign.printable(found.get("username"), LONGEST_NAME)
        if name:
            inline = found.get("supports_inline_queries") is True
            self._current_shop.learn(name, username, inline=inline)
        else:
            logger.warning("bot_name_not_readable")


def _listed(commands: Sequence[tuple[str, str]]) -> Sequence[Mapping[str, str]]:
    return [{"command": name, "description": told} for name, told in commands]


def _code(language: str) -> str | None:
    """The default list and text have no language: they are for everybody without one of ours."""
    return None if language == DEFAULT else language


def _text(found: object, name: str) -> str:
    """A text of an answer; empty: there is none, or the answer is odd."""
    value = found.get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""
