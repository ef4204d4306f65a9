"""Taking connections: asyncio's own loop for it spins when descriptors run out.

asyncio (3.11) tries ``backlog`` times in a row, logs each failure, and starts as many timers,
each of which does the same again. Here a failure is one throttled line and a short pause.
"""

import asyncio
import errno
import socket
from collections.abc import Callable

from loguru import logger

from supervisor.telemetry.log_throttle import LogThrottle

BACKLOG = 1024  #: connections that the system holds until they are taken
PAUSE = 0.1  #: seconds after a failure
#: Out of descriptors, of the process or the system, or of memory.
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Acceptor:
    """Takes connections of one listening socket from ``start`` to ``stop``."""

    def __init__(
        self,
        serve: Callable[[], asyncio.Protocol],
        make_room: Callable[[bool], bool],
        turned_away: Callable[[], None],
    ) -> None:
        """``make_room`` is asked for each connection; with True nothing can be taken any more
        and something must go. ``turned_away`` hears of each one for which there was none."""
        self._serve = serve
        self._make_room = make_room
        self._turned_away = turned_away
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._failed = LogThrottle()
        self._full = LogThrottle()

    def start(self, host: str, port: int) -> None:
        """Raises ``OSError`` when the port cannot be bound."""
        self._socket = socket.create_server((host, port), backlog=BACKLOG)
        self._socket.setblocking(False)
        self._task = asyncio.create_task(self._accept(self._socket))

    async def stop(self) -> None:
        """Take no more, and free the port."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                taken, _ = await loop.sock_accept(listening)
            except OSError as error:
                await self._accept_failed(error)
                continue
            try:
                await self._begin(loop, taken)
            except OSError:
                taken.close()  # it has gone again

    async def _begin(self, loop: asyncio.AbstractEventLoop, taken: socket.socket) -> None:
        if self._make_room(False):
            await loop.connect_accepted_socket(self._serve, taken)
            return
        taken.close()
        self._turned_away()
        if (more := self._full.allows()) is not None:
            logger.bind(more=more).warning("http_connections_full")
        # A flood of them must not keep everybody else from the loop.
        await asyncio.sleep(0)

    async def _accept_failed(self, error: OSError) -> None:
        if error.errno in _NO_ROOM:
            self._make_room(True)
        if (more := self._failed.allows()) is not None:
            reason = errno.errorcode.get(error.errno or 0, "unknown")
            logger.bind(reason=reason, more=more).error("http_accept_failed")
        await asyncio.sleep(PAUSE)
