"""Acknowledgements per second of two HTTP servers: aiohttp (ours) and tornado (PTB's).

Each runs a handler that checks a secret header before it reads the body, in a process of
its own; the load comes from this one over 40 connections that are kept alive.

    python tests/bench/http_servers.py
"""

import asyncio
import hmac
import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Callable

CONNECTIONS = 40
SECONDS = 4.0
ROUNDS = 3
SECRET = "s" * 64
BODY = b'{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":1,"type":"private"}}}'
REQUEST = (
    b"POST /telegram/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"X-Telegram-Bot-Api-Secret-Token: " + SECRET.encode() + b"\r\n"
    b"Content-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
)


def serve_aiohttp(port: int) -> None:
    from aiohttp import web

    async def handle(request: web.Request) -> web.Response:
        given = request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
        if not hmac.compare_digest(given, SECRET):
            return web.Response(status=401)
        await request.read()
        return web.Response()

    application = web.Application()
    application.router.add_post("/telegram/{id}", handle)
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


def serve_tornado(port: int) -> None:
    import tornado.web

    @tornado.web.stream_request_body
    class Handler(tornado.web.RequestHandler):
        def prepare(self) -> None:
            given = self.request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
            if not hmac.compare_digest(given, SECRET):
                raise tornado.web.HTTPError(401)
            self.chunks: list[bytes] = []

        def data_received(self, chunk: bytes) -> None:
            self.chunks.append(chunk)

        def post(self, _: str) -> None:
            self.set_status(200)

    async def run() -> None:
        application = tornado.web.Application(
            [("/telegram/(.*)", Handler)], log_function=lambda _: None
        )
        application.listen(port, "127.0.0.1")
        await asyncio.Event().wait()

    asyncio.run(run())


async def one_connection(port: int, until: float, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        started = time.monotonic()
        writer.write(REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0] + b" ", head
        length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        if length.strip() not in {b"", b"0"}:
            await reader.readexactly(int(length))
        latencies.append(time.monotonic() - started)
    writer.close()


def load(port: int) -> tuple[float, float]:
    """Acknowledgements per second and the 99th percentile in milliseconds."""
    latencies: list[float] = []

    async def run() -> None:
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(one_connection(port, until, latencies) for _ in range(CONNECTIONS)))

    asyncio.run(run())
    return len(latencies) / SECONDS, statistics.quantiles(latencies, n=100)[98] * 1000


def pinned(core: int, serve: Callable[[int], None], port: int) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    serve(port)


def main() -> None:
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    results: dict[str, list[tuple[float, float]]] = {"aiohttp": [], "tornado": []}
    for _ in range(ROUNDS):
        for name, serve in (("aiohttp", serve_aiohttp), ("tornado", serve_tornado)):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            server = multiprocessing.Process(target=pinned, args=(cores[-1], serve, port))
            server.start()
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.02)
            results[name].append(load(port))
            server.terminate()
            server.join()
    rates = {name: statistics.median(rate for rate, _ in found) for name, found in results.items()}
    print(f"{'server':10}{'acks/s':>10}{'p99 ms':>10}{'ratio':>8}")
    for name, found in results.items():
        p99 = statistics.median(p99 for _, p99 in found)
        print(f"{name:10}{rates[name]:>10.0f}{p99:>10.1f}{rates[name] / rates['tornado']:>8.2f}")


if __name__ == "__main__":
    main()
