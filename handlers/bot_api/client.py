"""The client of the Bot API: PTB's ``Bot`` over our own transport.

PTB builds objects and calls. Its updater and its ``Application`` are not used: they would hold
acknowledged updates in memory. The calls that are made most go out without its objects
(``DirectBot``).
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from telegram import Bot
from telegram.error import TelegramError

from handlers.bot_api.calls import keep_result
from handlers.bot_api.endpoint import Endpoint, Endpoints
from handlers.bot_api.ptb_request import READ_WITHIN, PtbRequest
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


class DirectBot(Bot):
    """PTB's ``Bot``, with a way for calls whose fields go out as they are.

    For a message with buttons PTB makes an object of each button, a mapping of each object, a text
    of all, and a form: half of what such a call costs. The fields of a message, an edit, a removal
    or an answer to a press are few and known, so they are written as JSON at once, which the Bot
    API takes for every call without files.
    """

    def __init__(self, token: str, endpoint: Endpoint) -> None:
        request = PtbRequest(endpoint)
        super().__init__(token, request=request, get_updates_request=request)
        self._endpoint = endpoint

    async def direct(self, method: str, fields: Mapping[str, Any]) -> None:
        """Call ``method`` with the fields that are not None. Its result is kept for ``result_of``.
        Raises only children of ``BotError``."""
        given = {name: value for name, value in fields.items() if value is not None}
        data = json.dumps(given, ensure_ascii=False).encode()
        keep_result(await self._endpoint.call(method, within=READ_WITHIN, data=data, headers=_JSON))


@dataclass(frozen=True, slots=True)
class TelegramClient:
    """The calls of the Bot API, and the connections that have to be closed at the end."""

    bot: DirectBot
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
    try:
        bot = DirectBot(token.reveal(), endpoints.main)
    except TelegramError:
        raise Misconfigured(["TELEGRAM_BOT_TOKEN: is empty"]) from None
    return TelegramClient(bot, endpoints.main, endpoints.another)
