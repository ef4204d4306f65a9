"""The HTTP edge: what strangers get, and what never happens to them."""

import asyncio
import gzip
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing

import aiohttp
import pytest
from loguru import logger

from supervisor.http.listener import Listener, NotReady
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import BotError, Misconfigured, OutcomeUnknown, Rejected, Unavailable
from tests.support.machine.ports import free_port

Use = Callable[[aiohttp.ClientSession, str], Awaitable[None]]


class Echo:
    """Admits who knows the word; answers with the body, or raises what it was given."""

    method = "POST"
    pattern = "/echo/{word}"
    max_body = 100

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.bodies: list[bytes] = []

    def admit(self, head: Head) -> Reply | None:
        return None if "open" in head.captured.values() else Reply(401)

    async def answer(self, head: Head, body: bytes) -> Reply:
        self.bodies.append(body)
        if self.error is not None:
            raise self.error
        return Reply(200, body)

    def take(self, body: bytes, done: Callable[[BotError | None], None]) -> None:
        self.bodies.append(body)
        done(None)


@pytest.fixture
def log() -> Iterator[list[str]]:
    lines: list[str] = []
    sink = logger.add(lines.append, level="DEBUG", format="{message}")
    yield lines
    logger.remove(sink)


def serve(use: Use, *routes: object) -> None:
    """Run ``use`` against a listener on a free port."""

    async def run() -> None:
        port = free_port()
        listener = Listener(port, routes, host="127.0.0.1")  # type: ignore[arg-type]  # fakes
        await listener.start()
        try:
            async with aiohttp.ClientSession() as session:
                await use(session, f"http://127.0.0.1:{port}")
        finally:
            await listener.stop()

    asyncio.run(run())


def test_a_refused_request_is_answered_before_its_body_is_read() -> None:
    echo = Echo()

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /echo/shut HTTP/1.1\r\nHost: x\r\nContent-Length: 90000000\r\n\r\n")
        status = await asyncio.wait_for(reader.readline(), 2)
        writer.close()
        assert b"401" in status

    serve(use, echo)
    assert echo.bodies == []


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_is_too_large_however_it_is_sent(chunked: bool) -> None:
    echo = Echo()

    async def parts() -> object:
        for _ in range(20):
            yield b"x" * 10

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        body = parts() if chunked else b"x" * 200
        async with session.post(f"{url}/echo/open", data=body) as answer:
            assert answer.status == 413

    serve(use, echo)
    assert echo.bodies == []


def test_a_body_at_the_limit_is_let_in() -> None:
    async def use(session: aiohttp.ClientSession, url: str) -> None:
        async with session.post(f"{url}/echo/open", data=b"x" * 100) as answer:
            assert (answer.status, len(await answer.read())) == (200, 100)

    serve(use, Echo())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("database: away"), 503),
        (OutcomeUnknown("database: no answer"), 503),
        (Rejected("database: a mistake"), 500),
        (RuntimeError("secret-detail"), 500),
    ],
)
def test_an_error_becomes_a_bare_status(error: Exception, status: int) -> None:
    async def use(session: aiohttp.ClientSession, url: str) -> None:
        async with session.post(f"{url}/echo/open", data=b"x") as answer:
            assert answer.status == status
            assert b"secret-detail" not in await answer.read()
            assert ("Retry-After" in answer.headers) is (status == 503)

    serve(use, Echo(error))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/echo/open"), ("PUT", "/x"), ("POST", "/health/")]
)
def test_everything_else_is_not_found_and_has_no_banner(method: str, path: str) -> None:
    async def use(session: aiohttp.ClientSession, url: str) -> None:
        async with session.request(method, url + path) as answer:
            assert answer.status == 404
            assert "Server" not in answer.headers

    serve(use, Echo())


def test_a_route_whose_owner_is_not_built_yet_says_later() -> None:
    late = NotReady("POST", "/echo/{word}", 100)

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        async with session.post(f"{url}/echo/open", data=b"x") as answer:
            assert answer.status == 503
        late.become(Echo())
        async with session.post(f"{url}/echo/open", data=b"x") as answer:
            assert answer.status == 200

    serve(use, late)


async def raw(url: str, *parts: bytes) -> bytes:
    """Everything that a connection answers until it ends."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for part in parts:
        writer.write(part)
    try:
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_request_gets_a_bare_400_and_no_traceback(
    request_: bytes, log: list[str]
) -> None:
    async def use(session: aiohttp.ClientSession, url: str) -> None:
        answer = await raw(url, request_)

        assert (
            answer == b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )

    serve(use, Echo())
    assert [line for line in log if "malformed" not in line] == []


def test_a_body_whose_framing_is_broken_is_a_400(log: list[str]) -> None:
    head = b"POST /echo/open HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        answer = await raw(url, head, b"3\r\nabc\r\nzz\r\n")

        assert answer.startswith(b"HTTP/1.1 400 ") and b"Server" not in answer

    serve(use, Echo())
    assert [line for line in log if "malformed" not in line] == []


def test_a_compressed_body_is_not_unpacked() -> None:
    echo = Echo()
    packed = gzip.compress(b" " * 10**6)
    assert len(packed) > 100

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        headers = {"Content-Encoding": "gzip"}
        async with session.post(f"{url}/echo/open", data=packed[:90], headers=headers) as answer:
            assert answer.status == 200

    serve(use, echo)
    assert echo.bodies == [packed[:90]]


def test_a_connection_that_never_finishes_its_first_head_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supervisor.http.connection.FIRST_REQUEST_SECONDS", 0.05)

    request = b"POST /echo/open HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(request)
        await reader.readuntil(b"\r\n\r\nx")

        assert await raw(url, b"POST /echo/open HTTP/1.1\r\nHost: x\r\n") == b""
        # Who has sent a request before stays connected.
        writer.write(request)
        assert await reader.readuntil(b"\r\n\r\nx")
        writer.close()

    serve(use, Echo())


def test_a_connection_serves_many_requests() -> None:
    async def use(session: aiohttp.ClientSession, url: str) -> None:
        for _ in range(3):
            async with session.post(f"{url}/echo/open", data=b"x") as answer:
                assert answer.headers.get("Connection", "keep-alive").lower() != "close"

    serve(use, Echo())


@pytest.mark.parametrize("short", [False, True], ids=["ordinary way", "short way"])
def test_an_idle_connection_outlives_the_patience_of_proxies(*, short: bool) -> None:
    """Caddy keeps it for 120 s, as Render's edge does, Google's for 600 s."""
    request = b"POST /echo/open HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"

    async def run() -> None:
        port, loop, passed = free_port(), asyncio.get_running_loop(), [0.0]
        real = loop.time
        loop.time = lambda: real() + passed[0]  # type: ignore[method-assign]
        echo = Echo()
        listener = Listener(port, [echo], host="127.0.0.1", short=echo if short else None)
        await listener.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for seconds in (0.0, 605.0):
            passed[0] += seconds
            await asyncio.sleep(0.05)  # what is due happens
            writer.write(request)
            assert b"200" in await asyncio.wait_for(reader.readline(), 5)
            await reader.readuntil(b"\r\n\r\n")
        passed[0] += 700.0
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        await writer.wait_closed()
        await listener.stop()

    asyncio.run(run())


def test_a_taken_port_is_a_setting() -> None:
    async def run(port: int) -> None:
        await Listener(port, (), host="127.0.0.1").start()

    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Misconfigured, match="PORT"):
            asyncio.run(run(taken.getsockname()[1]))


@pytest.mark.parametrize("path", ["/echo/open", "/nothing"])
def test_requests_that_are_sent_at_once_are_handled_in_turn_with_everything_else(path: str) -> None:
    sent = 200
    turns = 0

    async def turn() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def use(session: aiohttp.ClientSession, url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        counting = asyncio.create_task(turn())
        request = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
        writer.write(request.encode() * sent)
        for _ in range(sent):
            await reader.readuntil(b"\r\n\r\n")
        counting.cancel()
        writer.close()

    serve(use, Echo())
    assert turns >= sent
