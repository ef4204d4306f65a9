"""A server on loopback that answers each request with the next bytes of a script."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

#: Bytes to send as they are; None: end the connection without an answer.
Answer = bytes | None | Callable[[asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: bytes, kind: str = "application/json", *more: str) -> bytes:
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more]
    return "\r\n".join([*head, "", ""]).encode() + body


GOOD = http(200, b'{"ok":true,"result":true}')


@dataclass
class ScriptedServer:
    """``script`` is used up request by request; ``otherwise`` answers what comes after it."""

    url: str = ""
    otherwise: Answer = GOOD
    always: dict[str, Answer] = field(default_factory=dict)  #: by the last part of the path
    script: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    open: int = 0  #: connections
    opened: int = 0  #: connections since the start

    def methods(self) -> list[str]:
        return [line.split()[1].rpartition("/")[2] for line, _, _ in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.opened += 1
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in head[1:] if line)
        }
        body = b""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                body += await reader.readexactly(size)
                await reader.readline()
            await reader.readline()
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append((head[0], headers, body))
        method = self.methods()[-1]
        if method in self.always:
            answer = self.always[method]
        else:
            answer = self.script.pop(0) if self.script else self.otherwise
        if answer is None:
            return False
        if callable(answer):
            await answer(writer)
            return False
        writer.write(answer)
        await writer.drain()
        return True


@asynccontextmanager
async def scripted(
    *script: Answer, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ScriptedServer]:
    found = ScriptedServer(script=list(script))
    tasks: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await found.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    scheme = "http" if tls is None else "https"
    found.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield found
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
