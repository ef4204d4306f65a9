"""One more look at the gate when a request to Telegram is about to be written to its socket.

Between the look before a call and its first byte lie the rest of PTB and of aiohttp, a free
connection, perhaps a handshake. A process that is frozen there would send when it thaws,
whoever is ACTIVE then. The transport looks with a connection in hand; what the look raises there
ends the request before anything has left.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Look = Callable[[], None]

_look: ContextVar[Look | None] = ContextVar("last_look", default=None)


@contextmanager
def before_first_byte(look: Look) -> Iterator[None]:
    """Requests of the block call ``look`` before their first byte; it may raise ``BotError``."""
    token = _look.set(look)
    try:
        yield
    finally:
        _look.reset(token)


def check_now() -> None:
    """The look that was promised for requests made here, if one was."""
    look = _look.get()
    if look is not None:
        look()
