"""The Bot API for one token: calls by method name, files by path.

Both kinds of URL contain the token. Each is built here for one request and appears in no error.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from handlers.bot_api import answer
from handlers.bot_api.token_trust import TokenTrust
from handlers.bot_api.transport import CONNECTIONS, Transport
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import BotError, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.settings.outgoing import Outgoing

PUBLIC = "https://api.telegram.org"
ASK_WITHIN = 5.0  #: seconds for getMe after an unknown outcome
PRESS_WITHIN = 5.0  #: seconds for the early answer to a press
_POLLING_CONNECTIONS = 4
FILE_WITHIN = 100.0  #: seconds for one file over a slow line


class Endpoint:
    """Used from one event loop. Raises only children of ``BotError``."""

    def __init__(
        self, transport: Transport, api_url: str, token: Secret, trust: TokenTrust
    ) -> None:
        self._transport = transport
        self._base = api_url.rstrip("/")
        self._token = token
        self._trust = trust

    @property
    def is_public(self) -> bool:
        """Telegram's own server, not one of the operator's."""
        return self._base == PUBLIC

    async def call(
        self,
        method: str,
        *,
        within: float,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """The result of a method as JSON; None when the call happened and has none."""
        await self._trust.admit(self._ask)
        try:
            found = await self._made(method, within, data, headers)
        except BotError as error:
            raise await self._trust.failed(error) from None
        self._trust.answered()
        return found

    async def file(self, path: str, limit: int) -> bytes:
        """The bytes behind a ``file_path`` of getFile; raises ``Unavailable`` or ``Rejected``."""
        url = f"{self._base}/file/bot{self._token.reveal()}/{quote(path)}"
        status, body = await self._transport.exchange("GET", url, within=FILE_WITHIN, limit=limit)
        if status == 200:
            return body
        if status == 413:
            raise Rejected("the file is larger than what a bot may download")
        # A path is valid for an hour. After a 404 or a page of a proxy a new one may work.
        raise Unavailable(f"Telegram: the file was not given (HTTP {status})")

    async def answer_press(self, query_id: str, *, text: str | None, alert: bool) -> None:
        """answerCallbackQuery without PTB, which an instance that is not ACTIVE has not loaded."""
        data = {"callback_query_id": query_id}
        if text is not None:
            data["text"] = text
        if alert:
            data["show_alert"] = "true"
        await self.call("answerCallbackQuery", within=PRESS_WITHIN, data=data)

    async def close(self) -> None:
        await self._transport.close()

    async def _ask(self) -> None:
        await self._made("getMe", ASK_WITHIN, None, None)

    async def _made(
        self, method: str, within: float, data: Any, headers: Mapping[str, str] | None
    ) -> Any:
        url = f"{self._base}/bot{self._token.reveal()}/{method}"
        status, body = await self._transport.exchange(
            "POST", url, within=within, data=data, headers=headers
        )
        return answer.result(status, body)


class Endpoints:
    """The endpoints of one token. They share what is known about the token."""

    def __init__(
        self,
        token: Secret,
        api_url: str,
        *,
        outgoing: Outgoing | None = None,
        clock: Clock | None = None,
        has_worked: Callable[[], bool] = lambda: False,
        trouble: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        """``outgoing`` says how calls leave this machine; None: directly. ``has_worked`` and
        ``trouble`` are those of ``TokenTrust``. No call is made."""
        self._token = token
        self._api_url = api_url
        self._outgoing = outgoing or Outgoing()
        self._trust = TokenTrust(clock or SystemClock(), has_worked=has_worked, trouble=trouble)
        self.main = self._made(CONNECTIONS)  #: for all calls but those of polling

    def another(self) -> Endpoint:
        """One with its own connections, for polling."""
        return self._made(_POLLING_CONNECTIONS)

    def _made(self, connections: int) -> Endpoint:
        transport = Transport(self._outgoing, connections=connections)
        return Endpoint(transport, self._api_url, self._token, self._trust)
