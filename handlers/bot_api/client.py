"""The client of the Bot API: PTB's ``Bot`` over our own transport, once a call needs it.

PTB builds objects and calls. Its updater and its ``Application`` are not used: they would hold
acknowledged updates in memory. The calls that are made most, and those that each start makes, go
out without its objects: an instance that nobody writes to has not loaded PTB.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Any, cast

from handlers.bot_api.calls import READ_WITHIN, call_with
from handlers.bot_api.endpoint import Endpoint, Endpoints
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import BackgroundThread
from supervisor.settings.outgoing import Outgoing

if TYPE_CHECKING:
    from handlers.bot_api.ptb_request import DirectBot


_expected = Event()


def expect_ptb() -> None:
    """Somebody writes to the bot: import PTB, once. Returns at once; from any thread."""
    if not _expected.is_set():
        _expected.set()
        BackgroundThread("ptb", _import_ptb).start()


def _import_ptb(_stop: Event) -> None:
    _ptb()


async def load_ptb() -> None:
    """Import PTB, in another thread. Await it before its objects are made in the event loop's:
    importing takes some tenths of a second. Raises ``Unavailable`` when that fails: what needs it
    waits, and is not given up."""
    try:
        await asyncio.to_thread(_ptb)
    except Exception as error:
        raise Unavailable(f"python-telegram-bot cannot be imported: {error}") from error


def _ptb() -> "type[DirectBot]":
    from handlers.bot_api.ptb_request import DirectBot

    return DirectBot


class BotOnDemand:
    """PTB's ``Bot``, made at the first call that needs it."""

    def __init__(self, token: Secret, endpoint: Endpoint) -> None:
        self._token = token
        self._endpoint = endpoint
        self._bot: DirectBot | None = None

    async def direct(
        self, method: str, fields: Mapping[str, Any], *, within: float = READ_WITHIN
    ) -> None:
        """As ``call_with``."""
        await call_with(self._endpoint, method, fields, within)

    async def get_webhook_info(self, *, read_timeout: float) -> None:
        await self.direct("getWebhookInfo", {}, within=read_timeout)

    async def set_webhook(
        self,
        url: str,
        *,
        max_connections: int,
        allowed_updates: Sequence[str],
        secret_token: str,
        read_timeout: float,
    ) -> None:
        fields = {
            "url": url,
            "max_connections": max_connections,
            "allowed_updates": list(allowed_updates),
            "secret_token": secret_token,
        }
        await self.direct("setWebhook", fields, within=read_timeout)

    async def get_star_transactions(
        self, offset: int | None = None, limit: int | None = None
    ) -> None:
        await self.direct("getStarTransactions", {"offset": offset, "limit": limit})

    async def get_my_star_balance(self) -> None:
        await self.direct("getMyStarBalance", {})

    def __getattr__(self, name: str) -> Any:
        """A call of PTB."""

        async def call(*arguments: Any, **named: Any) -> object:
            if self._bot is None:
                await load_ptb()
                self._bot = self._bot or _ptb()(self._token.reveal(), self._endpoint)
            return await getattr(self._bot, name)(*arguments, **named)

        return call


@dataclass(frozen=True, slots=True)
class TelegramClient:
    """The calls of the Bot API, and the connections that have to be closed at the end."""

    bot: "DirectBot"
    endpoint: Endpoint
    another: Callable[[], Endpoint]  #: makes one with its own connections, for polling

    async def close(self) -> None:
        await self.endpoint.close()


def build_client(
    token: Secret,
    api_url: str,
    *,
    outgoing: Outgoing | None = None,
    clock: Clock | None = None,
    has_worked: Callable[[], bool] = lambda: False,
    trouble: Callable[[str | None], None] = lambda _: None,
) -> TelegramClient:
    """Build it without a call. Raises ``Misconfigured`` for an empty token.

    The other arguments are those of ``Endpoints``.
    """
    endpoints = Endpoints(
        token, api_url, outgoing=outgoing, clock=clock, has_worked=has_worked, trouble=trouble
    )
    return client_over(endpoints, token)


def client_over(endpoints: Endpoints, token: Secret) -> TelegramClient:
    """The same over endpoints that are there. Raises ``Misconfigured`` for an empty token."""
    if not token.reveal():
        raise Misconfigured(["TELEGRAM_BOT_TOKEN: is empty"])
    # It makes the same calls, but for a program that reads types.
    bot = cast("DirectBot", BotOnDemand(token, endpoints.main))
    return TelegramClient(bot, endpoints.main, endpoints.another)
