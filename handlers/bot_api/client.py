"""PTB set up the way we use it, and the small services around it.

PTB gives objects, calls and an HTTP client; it neither receives nor dispatches here
(``updater(None)``): both would hold acknowledged updates in memory. ``compose.py`` puts
one process together.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from loguru import logger
from telegram import Bot, BotCommand, User
from telegram.ext import Application
from telegram.request import HTTPXRequest

from handlers.bot_api.errors import calling, until_open
from handlers.bot_api.gate_hook import at_the_last_moment, on_request
from handlers.dialogue.facts import Payment, Shop, Support
from handlers.dialogue.offers import Offer
from handlers.dialogue.texts import DEFAULT, LANGUAGES, plain
from handlers.intake.polling import Client, Polling
from handlers.intake.webhook_setup import PAUSES, WebhookKeeper
from kie.catalogue.availability import Display
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped

POOL = 64  #: connections; more than the sender's slots and all else together
READ_WITHIN = 12.0  #: seconds for an answer; longer than a slow upload takes to be accepted
CONNECT_WITHIN = 5.0
UPLOAD_WITHIN = 30.0
NEED = 2.5  #: seconds of trust for a call that changes nothing or is idempotent

#: In the order of the menu of commands; "support" is left out where there is none.
COMMANDS = ("start", "new", "search", "history", "balance", "cancel", "language", "help", "support")


@dataclass(frozen=True, slots=True)
class App:
    """PTB's application and the HTTP client that has to be closed at the end."""

    application: Any
    bot: Bot
    request: HTTPXRequest

    async def close(self) -> None:
        await self.request.shutdown()


def build(token: Secret, api_url: str) -> App:
    """The application; makes no call. Raises ``Misconfigured`` for what is no token."""
    base = api_url.rstrip("/")
    request = HTTPXRequest(
        connection_pool_size=POOL,
        read_timeout=READ_WITHIN,
        write_timeout=READ_WITHIN,
        connect_timeout=CONNECT_WITHIN,
        pool_timeout=CONNECT_WITHIN,
        media_write_timeout=UPLOAD_WITHIN,
        httpx_kwargs={"event_hooks": {"request": [on_request]}},
    )
    with calling():
        bot = Bot(
            token.reveal(),
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=request,
            get_updates_request=request,
        )
    application = Application.builder().bot(bot).updater(None).job_queue(None).build()
    logger.info("[BUILD] Application created successfully")
    return App(application, bot, request)


def polling_client() -> Client:
    """A fresh HTTP client for getUpdates alone: a stuck one is thrown away."""
    return HTTPXRequest(
        connection_pool_size=4,
        connect_timeout=CONNECT_WITHIN,
        pool_timeout=CONNECT_WITHIN,
        read_timeout=READ_WITHIN,
    )


class ShopWindow:
    """The shop as it is at this moment, for the dispatcher. Any thread."""

    def __init__(
        self,
        offers: Mapping[str, Offer],
        support: Support,
        closed: Callable[[], str | None],
        payment: Payment,
        admins: Iterable[int],
        display: Callable[[], Display] = Display,
    ) -> None:
        self._offers = offers
        self._closed = closed
        self._look = display
        self._display = Display()
        self._shop = Shop(offers, support, payment, frozenset(admins))

    def __call__(self) -> Shop:
        closed = self._closed()
        if closed != self._shop.closed:
            self._shop = replace(self._shop, closed=closed)
        display = self._look()
        if display != self._display:
            self._show(display)
        return self._shop

    def _show(self, display: Display) -> None:
        self._display = display
        on_sale = {
            name: offer for name, offer in self._offers.items() if name not in display.withdrawn
        }
        self._shop = replace(
            self._shop, offers=on_sale, withdrawn=display.withdrawn, uses=display.uses
        )

    def learn(self, me: User) -> None:
        """Telegram told us our name."""
        name, username = me.first_name, me.username or ""
        self._shop = replace(self._shop, bot_name=name, bot_username=username)


class Introduction:
    """The body of a ``LoopService``: learn our name, register the commands, once a term."""

    def __init__(self, bot: Bot, window: ShopWindow, support: Support, clock: Clock) -> None:
        self._bot = bot
        self._window = window
        self._support = support
        self._clock = clock

    async def run(self, _term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Raises ``Misconfigured`` when the token is refused."""
        with at_the_last_moment(lambda: gate.check(NEED)):
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
                    await stop.wait()
                    return
            await pause(stop, wait)

    async def introduce(self) -> None:
        """Ask Telegram who we are, and tell it which commands there are."""
        with calling():
            self._window.learn(await self._bot.get_me())
            for language in LANGUAGES:
                await self._bot.set_my_commands(
                    self._commands(language),
                    # The default list has no language: everybody without one of ours.
                    language_code=None if language == DEFAULT else language,
                )

    def _commands(self, language: str) -> list[BotCommand]:
        return [
            BotCommand(name, plain(language, f"command_{name}"))
            for name in COMMANDS
            if name != "support" or self._support.shown
        ]


class PollingMode:
    """The body of a ``LoopService``: no webhook in the way, then getUpdates."""

    def __init__(self, keeper: WebhookKeeper, polling: Polling, *, take_over: bool) -> None:
        self._keeper = keeper
        self._polling = polling
        self._take_over = take_over

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Raises ``Misconfigured`` for a refused token or somebody else's webhook."""
        try:
            with at_the_last_moment(lambda: gate.check(NEED)):
                await until_stopped(self._clear_and_poll(term, gate, stop), stop)
        finally:
            # Whoever is ACTIVE next finds out for itself.
            self._polling.works()

    async def _clear_and_poll(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        while not stop.is_set():
            wait = until_open(gate, NEED)
            if wait == 0.0:
                try:
                    await self._keeper.clear(term, take_over=self._take_over)
                except Misconfigured:
                    raise
                except BotError as error:
                    wait = self._polling.failed(error)
                else:
                    await self._polling.run(term, gate, stop)
                    return
            await pause(stop, wait)
