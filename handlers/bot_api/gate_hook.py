"""The last check of the gate, before a request to Telegram is written to its socket.

Between the check before a call and its first byte PTB and aiohttp do more work, and may wait for a
connection or a handshake. A process that is suspended in between could send after another instance
has become ACTIVE. So the transport checks once more when it has a connection, and again when a body
is written, with which the headers go. An error there ends the request before a byte has left.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Check = Callable[[], None]

_check: ContextVar[Check | None] = ContextVar("gate_check", default=None)


@contextmanager
def before_first_byte(check: Check) -> Iterator[None]:
    """Requests of the block call ``check`` before their first byte; it may raise ``BotError``."""
    token = _check.set(check)
    try:
        yield
    finally:
        _check.reset(token)


def check_now() -> None:
    """Run the check of the surrounding ``before_first_byte``, if there is one."""
    check = _check.get()
    if check is not None:
        check()
