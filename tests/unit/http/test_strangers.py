"""Strangers may open as many connections as they like; the port stays for whoever needs it."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Awaitable, Callable

import pytest

from supervisor.http import acceptor as acceptor_module
from supervisor.http import listener as listener_module
from supervisor.http.descriptors import ENOUGH, LEAST, MOST, RESERVED, connections
from supervisor.http.exchange import Bodies
from supervisor.http.listener import Listener
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import Misconfigured
from supervisor.telemetry.metrics import Metrics
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import captured
from tests.support.machine.ports import free_port

SHARE = 5  #: connections of the listener in these tests
GET = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="POSIX limits")


class Slow:
    """Answers when a test says so."""

    method = "GET"
    pattern = "/slow"
    max_body = 100

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.under_way = 0

    def admit(self, head: Head) -> Reply | None:
        del head
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head, body
        self.under_way += 1
        await self.go.wait()
        return Reply(200, b"at last")


class Post(Slow):
    """Takes a body and answers at once."""

    method = "POST"
    pattern = "/post"

    async def answer(self, head: Head, body: bytes) -> Reply:
        return Reply(200, str(len(body)).encode())


class Large(Slow):
    """An answer that no buffer of the system holds."""

    pattern = "/large"

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head, body
        self.under_way += 1
        return Reply(200, b"x" * 2**25)


class Port:
    """A listener with a small share, and its clients."""

    def __init__(self, listener: Listener, port: int, slow: Slow, metrics: Metrics) -> None:
        self.listener, self.port, self.slow, self.metrics = listener, port, slow, metrics
        self.writers: list[asyncio.StreamWriter] = []
        self.large = Large()

    async def open(self, send: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        writer.write(send)
        return reader, writer

    async def close(self) -> None:
        self.slow.go.set()
        await self.listener.stop()
        for writer in self.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def asks(self, send: bytes = GET) -> bytes:
        """The first line of an answer; the connection stays open."""
        reader, _ = await self.open(send)
        return await asyncio.wait_for(reader.readline(), 5)

    async def until(self, fact: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not fact():
                await asyncio.sleep(0.01)

    def turned_away(self, how: str) -> float:
        found = self.metrics.registry.get_sample_value(
            "trt_http_connections_turned_away_total", {"how": how}
        )
        return found or 0.0

    @property
    def held(self) -> float:
        return self.metrics.registry.get_sample_value("trt_http_connections") or 0.0


def serve(use: Callable[[Port], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "connections", lambda: SHARE)

    async def run() -> None:
        port, slow, large, metrics = free_port(), Slow(), Large(), Metrics()
        listener = Listener(port, (slow, large, Post()), host="127.0.0.1", metrics=metrics)
        await listener.start()
        made = Port(listener, port, slow, metrics)
        made.large = large
        try:
            await use(made)
        finally:
            await made.close()

    asyncio.run(run())


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await asyncio.wait_for(reader.read(1), 5) == b""
    except ConnectionError:
        return True


def test_above_its_share_the_listener_closes_who_was_silent_for_longest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def use(port: Port) -> None:
        port.slow.go.set()
        idle = [await port.open() for _ in range(SHARE)]
        await port.until(lambda: port.held == SHARE)
        first = idle[0]
        first[1].write(GET)
        assert b"200" in await asyncio.wait_for(first[0].readline(), 5)

        assert b"200" in await port.asks()

        assert await ended(idle[1][0])
        assert port.turned_away("idle") == 1
        first[1].write(GET)  # it has said something since, and stays
        assert b"at last" in await asyncio.wait_for(first[0].readuntil(b"at last"), 5)

    serve(use, monkeypatch)


@pytest.mark.parametrize(
    "said",
    [b"", b"GET /slow HT", b"POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf"],
)
def test_whoever_waits_for_its_peer_can_be_closed(
    monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    async def use(port: Port) -> None:
        port.slow.go.set()
        silent = [await port.open(said) for _ in range(SHARE)]
        await port.until(lambda: port.held == SHARE)
        for _ in range(3 * SHARE):
            assert b"200" in await port.asks()

        for reader, _ in silent:
            assert await ended(reader)

    serve(use, monkeypatch)


def test_whoever_does_not_read_its_answer_can_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(port: Port) -> None:
        port.slow.go.set()
        deaf = []
        for _ in range(SHARE):
            each = socket.create_connection(("127.0.0.1", port.port))
            each.sendall(GET.replace(b"/slow", b"/large"))
            deaf.append(each)
        await port.until(lambda: port.large.under_way == SHARE)
        for _ in range(3 * SHARE):
            assert b"200" in await port.asks()

        assert port.turned_away("idle") >= SHARE
        for each in deaf:
            each.close()

    serve(use, monkeypatch)


def test_a_request_under_way_is_never_closed_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    async def use(port: Port) -> None:
        with captured() as lines:
            working = [await port.open(GET) for _ in range(SHARE)]
            await port.until(lambda: port.slow.under_way == SHARE)
            for _ in range(30):
                reader, _ = await port.open(GET)
                assert await ended(reader)
            assert port.turned_away("refused") == 30
            assert port.turned_away("idle") == 0
            port.slow.go.set()

            for reader, _ in working:
                assert b"200" in await asyncio.wait_for(reader.readline(), 5)
        # A stranger decides how often it happens, not how much is logged.
        assert len(lines.of("http_connections_full")) == 1

    serve(use, monkeypatch)


class NoDescriptors:
    """A loop whose ``accept`` fails as it does when descriptors have run out."""

    def __init__(self, error: int) -> None:
        self.error, self.tries = error, 0

    async def sock_accept(self, _: socket.socket) -> tuple[socket.socket, object]:
        self.tries += 1
        raise OSError(self.error, "no room")


@pytest.mark.parametrize("error", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ECONNABORTED])
def test_an_accept_that_fails_neither_spins_nor_fills_the_log(
    monkeypatch: pytest.MonkeyPatch, error: int
) -> None:
    asked: list[bool] = []
    pauses: list[float] = []

    async def use() -> None:
        loop = asyncio.get_running_loop()
        broken = NoDescriptors(error)
        monkeypatch.setattr(loop, "sock_accept", broken.sock_accept)
        real = asyncio.sleep

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            await real(0)

        def make_room(must: bool) -> bool:
            asked.append(must)
            return True

        monkeypatch.setattr(asyncio, "sleep", sleep)
        made = acceptor_module.Acceptor(asyncio.Protocol, make_room, lambda: None)
        made.start("127.0.0.1", 0)
        async with asyncio.timeout(5):
            while broken.tries < 20:
                await real(0)
        await made.stop()

    with captured() as lines:
        asyncio.run(use())

    assert set(pauses) == {acceptor_module.PAUSE}
    assert len(lines.of("http_accept_failed")) == 1
    assert lines.of("http_accept_failed")[0]["extra"]["reason"] == errno.errorcode[error]
    assert asked == ([] if error == errno.ECONNABORTED else [True] * len(asked))


@pytest.mark.parametrize(
    ("limit", "share"),
    [(200, 200 - RESERVED), (1024, 1024 - RESERVED), (65536, MOST), (RESERVED + LEAST, LEAST)],
)
def test_the_share_leaves_descriptors_for_everything_else(
    monkeypatch: pytest.MonkeyPatch, limit: int, share: int
) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))

    assert connections() == share


@pytest.mark.parametrize("limit", [64, 128, RESERVED + LEAST - 1])
def test_a_limit_with_which_the_bot_cannot_work_is_a_setting_to_mend(
    monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))

    with pytest.raises(Misconfigured, match=f"is {limit}, and it needs at least"):
        connections()


def test_a_soft_limit_is_raised_as_far_as_the_hard_one_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import resource

    wanted: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 524288))
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: wanted.append(both))

    assert connections() == MOST
    assert wanted == [(ENOUGH, 524288)]


def test_unfinished_bodies_share_a_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener_module, "Bodies", lambda: Bodies(most=170))
    half = b"POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n" + b"." * 60

    async def use(port: Port) -> None:
        held = [await port.open(half) for _ in range(2)]
        await port.until(lambda: port.held == 2)
        assert b"503" in await port.asks(half)
        for reader, writer in held:
            writer.write(b"." * 40)
            assert b"200" in await asyncio.wait_for(reader.readline(), 5)

        assert b"200" in await port.asks(half + b"." * 40)

    serve(use, monkeypatch)


def test_a_clock_of_the_throttle_counts_what_was_left_out() -> None:
    from supervisor.telemetry.log_throttle import EVERY, LogThrottle

    clock = FakeClock()
    throttle = LogThrottle(clock)
    assert [throttle.allows() for _ in range(4)] == [0, None, None, None]
    clock.time += EVERY

    assert throttle.allows() == 3
