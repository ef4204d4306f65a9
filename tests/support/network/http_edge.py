"""A listener without a port: its connections are in memory, and its route keeps what comes."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any, cast

from supervisor.http.listener import Listener
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import BotError

SECRET = "let-me-in"
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
DATE = re.compile(rb"Date: [^\r]*\r\n")


class Hook:
    """Keeps bodies with the way that they came."""

    method = "POST"
    pattern = "/telegram/{id}"
    max_body = 1024 * 1024

    def __init__(self) -> None:
        self.ordinary: list[bytes] = []
        self.short: list[bytes] = []
        self.waiting: list[Callable[[BotError | None], None]] = []
        self.holds = False  #: answers wait until a test ends them
        #: Called with whether it took the short way, and the body.
        self.came: Callable[[tuple[bool, bytes]], None] = lambda _: None

    def admit(self, head: Head) -> Reply | None:
        if head.captured["id"] != "abc":
            return Reply(404)
        return None if head.headers.get("x-secret") == SECRET else Reply(401)

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head
        self.ordinary.append(body)
        self.came((False, body))
        return Reply(200)

    def take(self, body: bytes, done: Callable[[BotError | None], None]) -> None:
        self.short.append(body)
        self.came((True, body))
        if self.holds:
            self.waiting.append(done)
        else:
            done(None)


class Line(asyncio.Transport):
    """A connection in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = self.paused = False

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def writelines(self, parts: Any) -> None:
        self.write(b"".join(parts))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    abort = close

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False

    @property
    def statuses(self) -> list[int]:
        return [int(found) for found in _STATUS.findall(self.written)]


class Edge:
    """A listener without a port, and its connections."""

    def __init__(self, hook: Any, *, short: bool = True) -> None:
        self.listener = Listener(0, [hook], short=hook if short else None)

    async def open(self) -> tuple[Any, Line]:
        runner = self.listener._runner
        if runner.server is None:
            await runner.setup()
        connection = cast(Any, runner.server)()
        line = Line()
        connection.connection_made(line)
        await settle()
        return connection, line


async def settle() -> None:
    """Nothing here waits for anything outside of the loop."""
    for _ in range(60):
        await asyncio.sleep(0)


def posted(body: bytes = b"{}", *extra: str, secret: str = SECRET, path: str = "abc") -> bytes:
    lines = [f"POST /telegram/{path} HTTP/1.1", "Host: x", f"X-Secret: {secret}", *extra]
    if not any(each.lower().startswith(("content-length", "transfer")) for each in extra):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def use(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(cast(Any, work()))
