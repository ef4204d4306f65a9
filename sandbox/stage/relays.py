"""Relays of bytes: the front door of the bot, the way to Telegram, the way to PostgreSQL."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

_CHUNK = 65536
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


class Relay:
    """Passes on what comes, until it is cut. ``seen`` is told of each request that begins."""

    def __init__(self, connect: Connect, seen: Callable[[float], None] | None = None) -> None:
        self._connect = connect
        self._seen = seen
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.is_cut = False

    async def listen(self, port: int = 0) -> int:
        """On TCP; returns the port. ``OSError``: it is taken."""
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def listen_at(self, path: str) -> None:
        """On a local socket."""
        self._server = await asyncio.start_unix_server(self._begin, path)

    def cut(self) -> None:
        """As an unplugged cable: what is open stays open and hears nothing more."""
        self.is_cut = True

    def join(self) -> None:
        """Whole again. What was open while it was cut is ended."""
        self.is_cut = False
        self._abort()

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._abort()

    def _abort(self) -> None:
        for writer in tuple(self._open):
            writer.transport.abort()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._relay(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while self.is_cut:  # a connection through a cut cable is never made
                await asyncio.sleep(0.05)
            there, back = await self._connect()
        except OSError:
            writer.transport.abort()
            self._open.discard(writer)
            return
        self._open.add(back)
        try:
            await asyncio.gather(self._pass(reader, back, asks=True), self._pass(there, writer))
        finally:
            for each in (writer, back):
                self._open.discard(each)
                each.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asks: bool = False
    ) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                while self.is_cut:
                    await asyncio.sleep(0.05)
                # The rest of a request that is under way is no new one.
                if asks and self._seen is not None and chunk.startswith((b"POST ", b"GET ")):
                    self._seen(time.time())
                writer.write(chunk)
                await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()


class FrontDoor:
    """Where Telegram and kie.ai call. New connections go to the copy that is routed to, or, when
    nobody listens there, to the other one, as a platform's balancer does."""

    def __init__(self) -> None:
        self.ports: list[int] = []  #: in the order in which they are tried
        self._relay = Relay(self._connect)

    async def listen(self) -> int:
        return await self._relay.listen()

    async def close(self) -> None:
        await self._relay.close()

    def route_to(self, port: int) -> None:
        """The newest healthy copy gets the traffic."""
        self.ports = [port, *(each for each in self.ports if each != port)]

    async def _connect(self) -> Streams:
        for port in self.ports:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise OSError("no copy listens")


def to_port(port: int) -> Connect:
    return lambda: asyncio.open_connection("127.0.0.1", port)


def to_socket(path: str) -> Connect:
    return lambda: asyncio.open_unix_connection(path)
