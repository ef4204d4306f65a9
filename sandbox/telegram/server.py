"""The composer of the simulator: it makes the parts and gives each what it needs."""

from collections.abc import Sequence
from typing import Protocol

from aiohttp import web

from sandbox.telegram.api.answers import Answers
from sandbox.telegram.api.bot import Bot
from sandbox.telegram.api.chats import Chats
from sandbox.telegram.api.downloads import Downloads
from sandbox.telegram.api.inline import Inline
from sandbox.telegram.api.stars import Stars
from sandbox.telegram.api.webhooks import Webhooks
from sandbox.telegram.control.options import Options
from sandbox.telegram.control.pages import Pages
from sandbox.telegram.control.steering import Steering
from sandbox.telegram.delivery.polling import Polling
from sandbox.telegram.delivery.webhook import Delivery
from sandbox.telegram.faults import Faults
from sandbox.telegram.messages.copying import Copying
from sandbox.telegram.messages.editing import Editing
from sandbox.telegram.messages.media import Media
from sandbox.telegram.messages.sending import Sending
from sandbox.telegram.messages.writing import Writing
from sandbox.telegram.protocol.endpoint import Endpoint
from sandbox.telegram.protocol.limits import FloodLimits
from sandbox.telegram.protocol.methods import Methods
from sandbox.telegram.state.store import State
from sandbox.telegram.users.asking import Asking
from sandbox.telegram.users.membership import Membership
from sandbox.telegram.users.speaking import Speaking


class Routes(Protocol):
    """A part that answers some paths."""

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add them."""
        ...


_PRESET = (("Анна", "ru"), ("Ben", "en"), ("Chen", "en"))


class TelegramSandbox:
    """One bot on one port. See the package for what is strict and what can be switched."""

    def __init__(
        self,
        token: str,
        *,
        username: str = "trt_demo_bot",
        name: str = "TRT Demo",
        time_scale: float = 1.0,
        health_url: str = "",
        guests: Sequence[Routes] = (),
    ) -> None:
        """``guests`` add routes of their own in front of ``/sandbox/<action>``."""
        bot = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": name,
            "username": username,
        }
        self.state = State(token, bot, time_scale)
        self.limits = FloodLimits()
        self.faults = Faults()
        self.delivery = Delivery(self.state)
        self.actions = Speaking(self.state)
        self.queries = Asking(self.state)
        self.membership = Membership(self.state)
        self.url = ""
        self._guests = guests
        options = Options(self.state, self.limits, self.delivery)
        people = (self.actions, self.queries, self.membership)
        self.steering = Steering(self.state, people, self.faults, options)
        self._pages = Pages(self.state, self.delivery, health_url)
        self._endpoint = Endpoint(self.state, self.faults, self._methods(), Polling(self.state))
        self._runner: web.AppRunner | None = None
        for first_name, language in _PRESET:
            self.state.add_user(first_name, language)

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen; returns the base URL. Raises ``OSError`` when the port is taken."""
        application = web.Application(client_max_size=64 * 1024 * 1024)
        parts: list[Routes] = [self._endpoint, self._pages, *self._guests, self.steering]
        for part in parts:
            part.add_routes(application.router)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await self.delivery.start()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError:
            await self.stop()
            raise
        self.url = f"http://{host}:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        self._pages.stop()
        await self.delivery.stop()
        self.state.files.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def _methods(self) -> Methods:
        state, limits = self.state, self.limits
        writing, media = Writing(state), Media(state.files)
        return Methods(
            Answers(state),
            Bot(state, writing),
            Chats(state),
            Downloads(state),
            Copying(state, limits, writing),
            Editing(state, limits, media, writing),
            Sending(state, limits, media, writing),
            Inline(state),
            Stars(state, limits, writing),
            Webhooks(state),
        )
