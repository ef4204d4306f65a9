"""The simulated Telegram in the test's own loop, and a webhook that it can call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web

from sandbox.telegram import TelegramSandbox
from tests.support.machine.waiting import until_in_loop

TOKEN = "123456:sandbox"
USER = 1002
Api = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


def serve(
    use: Callable[[TelegramSandbox, Api], Awaitable[None]], *, time_scale: float = 0.01
) -> None:
    """Run ``use`` with a simulator and a way to call its methods with JSON."""

    async def run() -> None:
        sandbox = TelegramSandbox(TOKEN, time_scale=time_scale)
        url = await sandbox.start()
        try:
            async with aiohttp.ClientSession() as session:

                async def api(method: str, **parameters: Any) -> dict[str, Any]:
                    async with session.post(f"{url}/bot{TOKEN}/{method}", json=parameters) as got:
                        found: dict[str, Any] = await got.json()
                        return found

                await use(sandbox, api)
        finally:
            await sandbox.stop()

    asyncio.run(run())


@asynccontextmanager
async def receiver(
    receive: Callable[[web.Request], Awaitable[web.StreamResponse]], method: str = "POST"
) -> AsyncIterator[str]:
    """The URL of a webhook, or another server, that answers as ``receive`` does."""
    application = web.Application(client_max_size=64 * 1024 * 1024)
    application.router.add_route(method, "/hook", receive)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    finally:
        await runner.cleanup()


async def until(fact: Callable[[], Any], seconds: float = 10.0) -> None:
    """Wait for a fact of this process; fails after ``seconds``."""
    await until_in_loop(fact, seconds, "a fact of the simulator")
