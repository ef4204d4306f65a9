"""Carries PTB's calls over our own transport, through PTB's documented ``BaseRequest``.

PTB encodes the parameters of a call and learns only whether it succeeded; the result goes to the
caller (``calls.py``). In place of a message PTB gets ``true``, which the Bot API itself returns for
methods without a message: building objects that nobody reads takes two thirds of PTB's time for a
call.
"""

import io
from collections.abc import Mapping
from typing import Any

from aiohttp import FormData
from telegram import Bot
from telegram.error import TelegramError
from telegram.request import BaseRequest, RequestData

from handlers.bot_api.calls import READ_WITHIN, call_with, keep_result
from handlers.bot_api.endpoint import Endpoint
from supervisor.runtime.errors import BotError
from supervisor.values import foreign

UPLOAD_WITHIN = 30.0  #: seconds more for sending a file
_FORM: Mapping[str, str] = {"Content-Type": "application/x-www-form-urlencoded"}


class CallFailed(TelegramError):
    """Carries our own error through PTB, which lets its own errors pass unchanged."""

    def __init__(self, error: BotError) -> None:
        super().__init__(str(error))
        self.error = error


class DirectBot(Bot):
    """PTB's ``Bot``, with a way for calls whose fields go out as they are.

    For a message with buttons PTB makes an object of each button, a mapping of each object, a text
    of all, and a form: half of what such a call costs.
    """

    def __init__(self, token: str, endpoint: Endpoint) -> None:
        request = PtbRequest(endpoint)
        super().__init__(token, request=request, get_updates_request=request)
        self._endpoint = endpoint

    async def direct(self, method: str, fields: Mapping[str, Any]) -> None:
        """As ``call_with``."""
        await call_with(self._endpoint, method, fields)


class PtbRequest(BaseRequest):
    """What PTB's ``Bot`` gets instead of its own HTTP client."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @property
    def read_timeout(self) -> float | None:
        return READ_WITHIN

    async def initialize(self) -> None:
        """Nothing: the transport connects with the first call."""

    async def shutdown(self) -> None:
        """Nothing: the owner of the transport closes it."""

    async def do_request(
        self,
        url: str,
        method: str,  # noqa: ARG002 POST for every method of the Bot API
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = None,  # noqa: ARG002 the limits below hold for the whole request
        connect_timeout: Any = None,  # noqa: ARG002
        pool_timeout: Any = None,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Make the call. Raises ``CallFailed``."""
        within = read_timeout if isinstance(read_timeout, float) else READ_WITHIN
        data: Any = None
        headers = None
        if request_data is not None and request_data.contains_files:
            data = _multipart(request_data)
            within += UPLOAD_WITHIN
        elif request_data is not None:
            data, headers = request_data.url_encoded_parameters(), _FORM
        name = url.rpartition("/")[2]
        try:
            result = await self._endpoint.call(name, within=within, data=data, headers=headers)
        except BotError as error:
            raise CallFailed(error) from None
        keep_result(result)
        return 200, b'{"result":%s}' % _for_ptb(result).encode()


def _multipart(request: RequestData) -> FormData:
    form = FormData(quote_fields=False)
    for name, text in request.json_parameters.items():
        form.add_field(name, text)
    for name, (file_name, content, mime) in request.multipart_data.items():
        # As a file: aiohttp writes bytes of more than a megabyte in one piece.
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=file_name, content_type=mime)
    return form


def _for_ptb(result: Any) -> str:
    """The result that PTB gets: ``true`` for a message, an empty list for messages."""
    if isinstance(result, list):
        return "[]"
    if isinstance(result, dict) and "message_id" not in result:
        return foreign.storable_json(result)
    return "true"
