"""Accepts connections. It replaces asyncio's accept loop, which spins without free descriptors.

When ``accept`` fails, asyncio (3.11) tries it ``backlog`` times in a row, logs each failure, and
starts as many timers, each of which does the same again. Here a failure causes one throttled log
line and a short pause.
"""

import asyncio
import errno
import socket
from collections.abc import Callable

from loguru import logger

from supervisor.telemetry.log_throttle import LogThrottle

BACKLOG = 1024  #: connections that the kernel queues until they are accepted
PAUSE = 0.1  #: seconds after a failure
#: The process or the system has no free descriptors, or no memory.
_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class Acceptor:
    """Accepts the connections of one listening socket, from ``start`` to ``stop``."""

    def __init__(
        self,
        serve: Callable[[], asyncio.Protocol],
        make_room: Callable[[bool], bool],
        turned_away: Callable[[], None],
    ) -> None:
        """``make_room(False)`` is called for each connection and returns whether there is room;
        ``make_room(True)`` must close an idle one. ``turned_away`` is called for each connection
        that was refused."""
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
        """Accept no more connections, and close the port."""
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
                taken.close()  # the peer has closed it already

    async def _begin(self, loop: asyncio.AbstractEventLoop, taken: socket.socket) -> None:
        if self._make_room(False):
            await loop.connect_accepted_socket(self._serve, taken)
            return
        taken.close()
        self._turned_away()
        if (more := self._full.allows()) is not None:
            logger.bind(more=more).warning("http_connections_full")
        # Let other tasks run between refused connections.
        await asyncio.sleep(0)

    async def _accept_failed(self, error: OSError) -> None:
        if error.errno in _NO_ROOM:
            self._make_room(True)
        if (more := self._failed.allows()) is not None:
            reason = errno.errorcode.get(error.errno or 0, "unknown")
            logger.bind(reason=reason, more=more).error("http_accept_failed")
        await asyncio.sleep(PAUSE)
