"""The webhook's route. Path and secret are checked before a byte of the body is read.

The answer says only whether the update is stored, not whether it can be read: after a non-2xx
Telegram repeats the update and holds back those behind it.
"""

import asyncio
import hmac
from collections.abc import Callable

from handlers.intake.envelope import envelope_of, opened
from handlers.intake.inbox import Inbox
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import BotError
from supervisor.settings.identity import Identity

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105 the header's name

LARGE = 64 * 1024  #: bytes; a larger body is parsed off the event loop

_NOT_FOUND = Reply(404, b"not found\n")
_UNAUTHORIZED = Reply(401, b"unauthorized\n")
_KEPT = Reply(200)


class Webhook:
    """The ``Route`` for ``POST /telegram/{id}``."""

    method = "POST"
    pattern = "/telegram/{id}"
    max_body = 1024 * 1024

    def __init__(self, identity: Identity, inbox: Inbox) -> None:
        self._inbox = inbox
        self._id = identity.webhook_id.encode()
        self._secret = identity.webhook_secret.reveal().encode()

    def admit(self, head: Head) -> Reply | None:
        if not hmac.compare_digest(self._id, _bytes(head.captured.get("id", ""))):
            return _NOT_FOUND
        if not hmac.compare_digest(self._secret, _bytes(head.headers.get(SECRET_HEADER, ""))):
            return _UNAUTHORIZED
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:  # noqa: ARG002 part of the shape
        sealed = (
            await asyncio.to_thread(envelope_of, body) if len(body) > LARGE else envelope_of(body)
        )
        await self._inbox.store((sealed,))
        return _KEPT

    def take(self, body: bytes, done: Callable[[BotError | None], None]) -> None:
        """The same for the short way (``supervisor/http/short_way.py``): no coroutine."""
        self._inbox.put(*opened(body), done)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
