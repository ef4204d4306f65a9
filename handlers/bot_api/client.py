"""The client of the Bot API: PTB's ``Bot`` over our own transport.

PTB builds objects and calls. Its updater and its ``Application`` are not used: they would hold
acknowledged updates in memory.
"""

from collections.abc import Callable
from dataclasses import dataclass

from loguru import logger
from telegram import Bot
from telegram.error import TelegramError

from handlers.bot_api.endpoint import Endpoint
from handlers.bot_api.ptb_request import PtbRequest
from handlers.bot_api.token_trust import TokenTrust
from handlers.bot_api.transport import Transport
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

_POLLING_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class TelegramClient:
    """The calls of the Bot API, and the connections that have to be closed at the end."""

    bot: Bot
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

    ``outgoing`` says how calls leave this machine; None: directly.
    ``has_worked`` and ``trouble`` are those of ``TokenTrust``.
    """
    trust = TokenTrust(clock or SystemClock(), has_worked=has_worked, trouble=trouble)

    leaving = outgoing or Outgoing()

    def another() -> Endpoint:
        transport = Transport(leaving, connections=_POLLING_CONNECTIONS)
        return Endpoint(transport, api_url, token, trust)

    endpoint = Endpoint(Transport(leaving), api_url, token, trust)
    request = PtbRequest(endpoint)
    try:
        bot = Bot(token.reveal(), request=request, get_updates_request=request)
    except TelegramError:
        raise Misconfigured(["TELEGRAM_BOT_TOKEN: is empty"]) from None
    logger.info("[BUILD] Application created successfully")
    return TelegramClient(bot, endpoint, another)
