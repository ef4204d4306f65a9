"""One more look at the gate when a request to Telegram is about to be written to its socket.

Between the look before a call and its first byte lie the rest of PTB and httpx, a free
connection, perhaps a handshake. A process that is frozen there would send when it thaws,
whoever is ACTIVE then. httpx tells of its steps to a ``trace`` function, and what that raises
ends the request before anything has left.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

_ABOUT_TO_WRITE = "http11.send_request_headers.started"
_look: ContextVar[Callable[[], None] | None] = ContextVar("last_look", default=None)


@contextmanager
def at_the_last_moment(look: Callable[[], None]) -> Iterator[None]:
    """Requests of the block call ``look`` before their first byte; it may raise ``BotError``."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)


async def on_request(request: Any) -> None:
    """A ``request`` hook of httpx."""
    look = _look.get()
    if look is None:
        return

    async def trace(step: str, details: object) -> None:
        del details
        if step == _ABOUT_TO_WRITE:
            look()

    request.extensions["trace"] = trace
