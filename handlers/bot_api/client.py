"""python-telegram-bot (PTB) set up the way we use it.

PTB gives objects, calls and an HTTP client. It neither receives nor dispatches here
(``updater(None)``): both would hold acknowledged updates in memory.
"""

from dataclasses import dataclass
from typing import Any

from loguru import logger
from telegram import Bot
from telegram.ext import Application
from telegram.request import HTTPXRequest

from handlers.bot_api.errors import calling
from handlers.bot_api.gate_hook import on_request
from supervisor.runtime.secret import Secret

POOL = 64  #: connections; more than the sender's slots and all else together
READ_WITHIN = 12.0  #: seconds for an answer; longer than a slow upload takes to be accepted
CONNECT_WITHIN = 5.0
UPLOAD_WITHIN = 30.0


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


def polling_client() -> HTTPXRequest:
    """A fresh HTTP client for getUpdates alone: a stuck one is thrown away."""
    return HTTPXRequest(
        connection_pool_size=4,
        connect_timeout=CONNECT_WITHIN,
        pool_timeout=CONNECT_WITHIN,
        read_timeout=READ_WITHIN,
    )
