"""A relay in front of the simulated Telegram that writes down when one instance calls it."""

import asyncio
import threading
import time
import urllib.parse
from contextlib import suppress

from tests.support.machine.waiting import within

_CHUNK = 65536


class Witness:
    """Relays bytes, in a thread of its own. ``calls``: when a request's bytes passed by, on the
    wall clock, by which PostgreSQL on this machine dates the epochs."""

    def __init__(self, target: str) -> None:
        parts = urllib.parse.urlsplit(target)
        self._target = (str(parts.hostname), int(parts.port or 80))
        self.calls: list[float] = []
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        #: Held here, because a loop refers to its tasks weakly, and one whose connections are
        #: both half closed is referred to by nobody else.
        self._relays: set[asyncio.Task[None]] = set()
        self._listening = threading.Event()
        self._port = 0
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._run()))
        self._thread.start()
        assert within(self._listening.wait, 10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        self._loop.close()

    async def _run(self) -> None:
        server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = self._loop.create_task(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._target)
        try:
            # A task of asyncio's own that ends as cancelled is reported as an error.
            with suppress(asyncio.CancelledError):
                await asyncio.gather(
                    self._pass_on(reader, back, told=True), self._pass_on(there, writer, told=False)
                )
        finally:
            for each in (back, writer):
                each.close()

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, told: bool
    ) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                # The rest of a request that is under way is no new call.
                if told and chunk.startswith((b"POST ", b"GET ")):
                    self.calls.append(time.time())
                writer.write(chunk)
                await writer.drain()
        with suppress(OSError):
            writer.write_eof()
